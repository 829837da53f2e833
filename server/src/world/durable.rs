//! The log under the city: what is appended, made durable, and taken back where it cannot be.

use super::LiveCity;
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
use std::time::Instant;

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
        let changes = self.state.apply(&record);
        self.alarms_changed |= !changes.alarms.is_empty();
        self.keyframes.rows += 1 + changes.movers.len() as u64;
        self.audience.note(&self.state, changes);
        Ok(record.seq)
    }

    /// Makes the tick's records durable, or goes back to what is.
    pub(super) fn commit(&mut self) {
        let began = Instant::now();
        if self.stopped.is_none()
            && let Err(error) = self.log.commit()
        {
            self.stop_writing(&error);
        }
        metrics::histogram!("chengtu_commit_seconds").record(began.elapsed());
        if self.stopped.is_some() && self.state.seq() != self.log.last_seq() {
            self.go_back();
        }
        self.status.set_seq(self.state.seq());
    }

    /// Ends writing for good: what is durable stays visible, nothing new is taken.
    pub(super) fn stop_writing(&mut self, error: &LogError) {
        if self.stopped.is_some() {
            return;
        }
        let why = error.to_string();
        tracing::error!(why, "the log cannot be written; nothing new is taken");
        metrics::gauge!("chengtu_stopped").set(1.0);
        self.status.set_stopped(&why);
        for v in self.audience.viewers() {
            notice(&v.outbox, Code::Stopped, stopped_text(&why));
        }
        self.stopped = Some(why);
    }

    /// Back to what is durable: nothing else may be shown to anybody.
    fn go_back(&mut self) {
        match recover(&*self.store, &*self.log) {
            Ok(r) => {
                self.state = r.state;
                self.alarms_changed = true;
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
        match self.log.roll_over(now, &self.state) {
            Ok(true) => self.keyframes = Keyframes::new(self.state.seq()),
            Ok(false) => {}
            Err(error) => self.stop_writing(&error),
        }
    }

    /// The last things: a keyframe, so that the next start is quick, and a word to everybody.
    pub(super) fn end(&mut self) {
        if self.stopped.is_none() && self.state.seq() > self.keyframes.seq {
            let written = Keyframe::of(&self.state)
                .map_err(LogError::from)
                .and_then(|k| self.log.put_keyframe(&k))
                .and_then(|()| self.log.commit());
            if let Err(error) = written {
                tracing::warn!(%error, "no keyframe at the end; the next start takes longer");
            }
        }
        self.audience
            .close_all(Close::GoingAway, "the server is stopping");
    }
}
