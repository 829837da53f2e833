//! The log under the city: what is appended, made durable, and taken back where it cannot be.

use super::LiveCity;
use super::answers::Answer;
use super::commands::stopped_text;
use super::keyframes::Keyframes;
use super::tick::Tick;
use crate::audience::notice;
use crate::log::{Keyframe, LogError, recover};
use crate::outbox::Close;
use chengtu_engine::code::Code;
use chengtu_engine::record::{Body, Origin};
use chengtu_engine::stream::SnapshotReason;
use chengtu_engine::time::Timestamp;
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// So long an answer may wait for a commit that cannot be done now; then it is refused.
const PATIENCE: Duration = Duration::from_millis(if cfg!(test) { 300 } else { 10_000 });
/// After an error that passes, writing is tried again after so long, then after twice that, up to the last.
const AGAIN_FIRST: Duration = Duration::from_secs(1);
const AGAIN_LAST: Duration = Duration::from_secs(30);

/// When writing is tried again.
struct Again {
    at: Instant,
    wait: Duration,
}

impl Again {
    fn after(wait: Duration) -> Self {
        let at = Instant::now() + wait;
        Self { at, wait }
    }
}

/// What keeps writing from going on, and what waits for it.
#[derive(Default)]
pub(super) struct Interrupted {
    /// When writing is tried again; `None` while it goes, and where it has ended for good.
    again: Option<Again>,
    /// Nobody knows whether the records that were refused last are kept.
    pub unsure: bool,
    /// What was decided and waits for a commit that could not be done at once.
    held: Option<Held>,
}

/// A tick whose records wait for a commit.
struct Held {
    answers: Vec<Answer>,
    stop: Option<oneshot::Sender<()>>,
    since: Instant,
}

impl LiveCity {
    /// Appends and applies; gives the record's number. On an error nothing is written any more.
    ///
    /// # Errors
    /// Why nothing is written.
    pub(super) fn write(
        &mut self,
        tick: &mut Tick,
        origin: Origin,
        body: Body,
    ) -> Result<u64, String> {
        if let Some(why) = &self.stopped {
            return Err(why.clone());
        }
        let record = self.pen.write(self.state.seq() + 1, tick.now, origin, body);
        if let Err(error) = self.log.append(&record) {
            self.stop_writing(&error);
            return Err(error.to_string());
        }
        tick.events += match &record.body {
            Body::Events(events) | Body::Observations(_, events) => events.len(),
            Body::Fixes(_) => 0,
        };
        let changes = self.state.apply(&record);
        self.pending.alarms_changed |= !changes.alarms.is_empty();
        self.keyframes.rows += 1 + changes.movers.len() as u64;
        self.audience.note(&self.state, changes);
        Ok(record.seq)
    }

    /// Makes the tick's records durable, or goes back to what is. False where neither is done yet: the commit could not
    /// be done now and is tried again, and until then nothing may be answered or shown.
    pub(super) fn commit(&mut self) -> bool {
        let began = Instant::now();
        if self.stopped.is_none() {
            match self.log.commit() {
                Ok(()) => {
                    self.status.set_waiting(self.log.trouble());
                    let (now, links) = (self.now(), self.log.take_links());
                    self.proof.kept(self.log.epoch(), &links, now, &self.state);
                }
                Err(error) if error.passes_soon() && self.may_wait() => {
                    metrics::counter!("chengtu_log_waits_total").increment(1);
                    self.status.set_waiting(Some(error.to_string()));
                    return false;
                }
                Err(error) => self.stop_writing(&error),
            }
        }
        self.pending.interrupted.held = None;
        metrics::histogram!("chengtu_commit_seconds").record(began.elapsed());
        if self.stopped.is_some() && self.state.seq() != self.log.last_seq() {
            self.go_back();
        }
        self.status.set_seq(self.state.seq());
        self.status.set_anchor(self.log.anchor());
        true
    }

    /// Whether what waits for a commit may wait on.
    fn may_wait(&self) -> bool {
        self.pending
            .interrupted
            .held
            .as_ref()
            .is_none_or(|held| held.since.elapsed() < PATIENCE)
    }

    /// Keeps a tick whose commit could not be done.
    pub(super) fn hold(&mut self, tick: &mut Tick) {
        let since = self
            .pending
            .interrupted
            .held
            .take()
            .map_or_else(Instant::now, |h| h.since);
        self.pending.interrupted.held = Some(Held {
            answers: core::mem::take(&mut tick.answers),
            stop: tick.stop.take(),
            since,
        });
    }

    /// Goes on with a tick that was held, if one was.
    pub(super) fn take_held(&mut self, tick: &mut Tick) -> bool {
        let Some(held) = &mut self.pending.interrupted.held else {
            return false;
        };
        tick.answers = core::mem::take(&mut held.answers);
        tick.stop = held.stop.take();
        true
    }

    /// Makes durable what was appended, before anybody waits for it.
    ///
    /// # Errors
    /// [`LogError`] that does not pass within seconds.
    pub(super) fn commit_patiently(&mut self) -> Result<(), LogError> {
        let began = Instant::now();
        loop {
            match self.log.commit() {
                Err(error) if error.passes_soon() && began.elapsed() < PATIENCE => {
                    std::thread::sleep(Duration::from_millis(100));
                }
                done => return done,
            }
        }
    }

    /// Ends writing: what is durable stays visible, nothing new is taken. For good where the error does not pass; else
    /// it is tried again.
    pub(super) fn stop_writing(&mut self, error: &LogError) {
        if self.stopped.is_some() {
            return;
        }
        let mut why = error.to_string();
        self.pending.interrupted.unsure = error.is_unsure();
        if error.is_passing() && self.log.take_back().is_ok() {
            why += "; it is tried again by itself";
            self.pending.interrupted.again = Some(Again::after(AGAIN_FIRST));
        }
        tracing::error!(why, "the log cannot be written; nothing new is taken");
        metrics::gauge!("chengtu_stopped").set(1.0);
        self.status.set_waiting(None);
        self.status.set_stopped(Some(&why));
        for v in self.audience.viewers() {
            notice(&v.outbox, Code::Stopped, stopped_text(&why));
        }
        self.stopped = Some(why);
    }

    /// Writes again, where writing has ended with an error that passes, and it has passed.
    pub(super) fn try_writing_again(&mut self) {
        let Some(again) = self
            .pending
            .interrupted
            .again
            .take_if(|a| a.at <= Instant::now())
        else {
            return;
        };
        match self.log.try_again() {
            Ok(()) => {
                tracing::warn!("the log is written again");
                metrics::gauge!("chengtu_stopped").set(0.0);
                self.stopped = None;
                self.status.set_stopped(None);
                for v in self.audience.viewers() {
                    let text = "the server writes again: what is commanded from now on is done";
                    notice(&v.outbox, Code::WritesAgain, text.to_owned());
                }
            }
            Err(error) if error.is_passing() => {
                self.pending.interrupted.again =
                    Some(Again::after((again.wait * 2).min(AGAIN_LAST)));
            }
            Err(error) => {
                let why = error.to_string();
                tracing::error!(
                    why,
                    "the log cannot be written and will not be until the next start"
                );
                self.status.set_stopped(Some(&why));
                self.stopped = Some(why);
            }
        }
    }

    /// Back to what is durable: nothing else may be shown to anybody.
    fn go_back(&mut self) {
        self.proof.not_kept();
        match recover(&*self.store, &*self.log) {
            Ok(r) => {
                self.state = r.state;
                // One that is being packed may hold what is taken back.
                self.keyframes = Keyframes::new(self.state.seq());
                self.pending.alarms_changed = true;
                let now = self.now();
                self.audience
                    .begin_anew(&self.state, now, SnapshotReason::Asked);
            }
            Err(error) => {
                tracing::error!(%error, "the log cannot be read back; all sessions end");
                self.audience
                    .close_all(Close::GoingAway, "the log cannot be read");
            }
        }
    }

    /// Lets the log begin a new part, which then begins with a keyframe.
    pub(super) fn roll_log_over(&mut self, now: Timestamp) {
        if self.stopped.is_some() {
            return;
        }
        let last = self.log.anchor();
        match self.log.roll_over(now, &self.state) {
            Ok(true) => {
                self.keyframes = Keyframes::new(self.state.seq());
                self.proof.day_ended(last, &self.state);
            }
            Ok(false) => {}
            // The day goes on in the file before, and the next tick tries again.
            Err(error) if error.is_passing() => {}
            Err(error) => self.stop_writing(&error),
        }
    }

    /// The last things: a keyframe, so that the next start is quick, and a word to everybody.
    pub(super) fn end(&mut self) {
        if self.stopped.is_none() && self.state.seq() > self.keyframes.seq {
            let written = Keyframe::of(&self.state)
                .map_err(LogError::from)
                .and_then(|k| self.log.put_keyframe(&k))
                .and_then(|()| self.commit_patiently());
            if let Err(error) = written {
                tracing::warn!(%error, "no keyframe at the end; the next start takes longer");
            }
        }
        let (now, links) = (self.now(), self.log.take_links());
        self.proof.kept(self.log.epoch(), &links, now, &self.state);
        self.proof.end(now, &self.state);
        self.audience
            .close_all(Close::GoingAway, "the server is stopping");
    }
}
