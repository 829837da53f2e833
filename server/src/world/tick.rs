//! One tick: take requests, decide, append, apply, commit, answer, show.

use super::LiveCity;
use super::answers::Answer;
use super::batches::{PendingFixes, Sender};
use super::questions::Question;
use super::stages::Stages;
use super::work::Finished;
use crate::clock::{Clock, TICK_MS};
use crate::request::{AnyRequest, DataRequest, LiveRequest, ViewRequest};
use chengtu_engine::command::Command;
use chengtu_engine::ids::FeedId;
use chengtu_engine::model::Actor;
use chengtu_engine::time::Timestamp;
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot};

/// From so many fixes on a record is written, even if the tick brings more: what is in between costs memory.
const RECORD_ROWS: usize = 16_384;
/// The city's own time passes once in so many ticks.
pub(super) const TICKS_PER_SECOND: u64 = 1_000 / TICK_MS as u64;

/// Commands are done in the first part of a tick; the rest waits for the next. They come before everything else.
const COMMANDS_UNTIL: Duration = Duration::from_millis(80);
/// From the beginning of a tick to that of the next.
const PERIOD: Duration = Duration::from_millis(TICK_MS as u64);
/// No further slice of data is begun after this part of a tick, where somebody looks or commands; one slice of each
/// tick there is time for.
const DATA_UNTIL: Duration = Duration::from_millis(75);
/// … nor after so many events that follow from data: each is a row of the log and of its index, and something to show,
/// which takes its time when the data have been taken.
const EVENTS_OF_DATA: usize = 2_000;

/// Where requests come in.
pub(super) struct Doors {
    /// What somebody asks for.
    pub requests: mpsc::Receiver<LiveRequest>,
    /// Data of feeds.
    pub data: mpsc::Receiver<DataRequest>,
}

impl Doors {
    /// True where nothing waits and nobody can ask any more.
    fn are_deserted(&self) -> bool {
        let (requests, data) = (&self.requests, &self.data);
        requests.is_closed() && requests.is_empty() && data.is_closed() && data.is_empty()
    }
}

/// What one tick gathers.
pub(super) struct Tick {
    /// The time of everything that this tick decides.
    pub now: Timestamp,
    began: Instant,
    /// What is answered once the log is durable, in order.
    pub answers: Vec<Answer>,
    /// Fixes by feed, not yet decided.
    pub fixes: BTreeMap<FeedId, PendingFixes>,
    /// Batches of which everything has been taken in this tick, with those who hear of it.
    pub finished: Vec<Finished>,
    /// Rows taken in this tick, in fixes: others count for as many as they take time.
    pub rows: usize,
    /// Events decided in this tick.
    pub events: usize,
    /// Fixes in [`Tick::fixes`].
    pub gathered: usize,
    /// The digest of the state after the commit, once somebody has asked.
    pub digest: Option<u64>,
    pub stop: Option<oneshot::Sender<()>>,
    /// True where those who look are shown at its end what has happened.
    pub shows: bool,
}

impl Tick {
    /// A tick at `now` in which nothing has happened yet.
    pub(super) fn new(now: Timestamp) -> Self {
        Self {
            now,
            began: Instant::now(),
            answers: Vec::new(),
            fixes: BTreeMap::new(),
            finished: Vec::new(),
            rows: 0,
            events: 0,
            gathered: 0,
            digest: None,
            stop: None,
            shows: true,
        }
    }

    /// Whether somebody who has commanded waits for what was decided to be durable.
    fn has_answers_to_commands(&self) -> bool {
        let mut answers = self.answers.iter();
        answers.any(|a| matches!(a, Answer::Command(..)))
    }

    /// What is decided from here on is later than what was, by the least that can be told.
    pub(super) fn later(&mut self) {
        self.now = self.now.plus_us(1);
    }
}

/// Whether the next tick shows something after one that did or did not and took so long. Whoever commands waits for no more
/// than one picture: where making it takes longer than a tick, every second one is left out, and the next shows what has
/// happened in both.
fn shows_after(showed: bool, took: Duration) -> bool {
    !showed || took <= PERIOD
}

impl LiveCity {
    /// Runs until asked to stop, or until nobody can ask any more.
    pub(super) fn run(mut self, mut doors: Doors) {
        let mut next = Instant::now() + PERIOD;
        let mut shows = true;
        loop {
            let now = Instant::now();
            if now < next {
                std::thread::sleep(next - now);
            }
            next = (next + PERIOD).max(Instant::now());
            let mut tick = Tick::new(self.now());
            tick.shows = shows;
            let began = tick.began;
            if self.do_tick(&mut doors, tick).is_break() {
                break;
            }
            shows = shows_after(shows, began.elapsed());
        }
    }

    /// The log's time: it never runs back, whatever the clock does.
    pub(super) fn now(&self) -> Timestamp {
        self.clock.now().max(self.state.known_at())
    }

    /// One tick in which everybody is shown what follows; breaks when it was the last.
    #[cfg(test)]
    pub(super) fn tick(&mut self, doors: &mut Doors) -> ControlFlow<()> {
        let tick = Tick::new(self.now());
        self.do_tick(doors, tick)
    }

    /// One tick; breaks when it was the last.
    pub(super) fn do_tick(&mut self, doors: &mut Doors, mut tick: Tick) -> ControlFlow<()> {
        self.ticks += 1;
        let mut stages = Stages::begin();
        self.look_at_clock();
        // What was decided before is made durable before anything else is decided.
        if !self.take_held(&mut tick) {
            self.try_writing_again();
            self.roll_log_over(tick.now);
            self.store_packed_keyframe();
            stages.ended("log");
            self.let_in(doors, &mut tick);
            self.act(tick.began + COMMANDS_UNTIL, &mut tick);
            stages.ended("commands");
            // Nobody who commands waits behind data.
            if tick.has_answers_to_commands() {
                if !self.commit() {
                    self.hold(&mut tick);
                    return ControlFlow::Continue(());
                }
                self.answer_all(&mut tick);
                stages.ended("commit");
            }
            self.work(doors, &mut tick);
            stages.ended("work");
            if self.is_idle() && doors.are_deserted() && tick.stop.is_none() {
                return ControlFlow::Break(());
            }
            self.record_fixes(&mut tick);
            self.let_time_pass(&mut tick);
            self.audit(&mut tick);
            self.answer_finished(&mut tick);
            stages.ended("record");
        }
        if !self.commit() {
            self.hold(&mut tick);
            return ControlFlow::Continue(());
        }
        stages.ended("commit");
        self.answer_all(&mut tick);
        self.tell_alarms();
        stages.ended("answers");
        self.answer_questions(&tick);
        stages.ended("questions");
        if tick.shows {
            self.audience.end_tick(&self.state, tick.now);
        }
        stages.ended("show");
        self.measure(&tick);
        if let Some(done) = tick.stop {
            self.end();
            let _ = done.send(());
            return ControlFlow::Break(());
        }
        self.begin_keyframe();
        stages.ended("keyframe");
        ControlFlow::Continue(())
    }

    /// Takes data that waits, a slice at a time, within the limits of one tick.
    fn work(&mut self, doors: &mut Doors, tick: &mut Tick) {
        let until = tick.began + COMMANDS_UNTIL;
        let mut slices = 0;
        while !self.pending.data.is_empty() && (slices == 0 || self.has_time(tick)) {
            self.take_slice(tick);
            slices += 1;
            if tick.gathered >= RECORD_ROWS {
                self.record_fixes(tick);
            }
            // Who asks for something meanwhile does not wait behind the data.
            self.let_in(doors, tick);
            self.act(until, tick);
        }
    }

    /// True where more data may be taken in this tick. Where nobody looks, more at once costs less.
    fn has_time(&self, tick: &Tick) -> bool {
        let watched = !self.audience.is_empty();
        tick.rows < self.config.limits.fixes_per_tick_max
            && (!watched || (tick.events < EVENTS_OF_DATA && tick.began.elapsed() < DATA_UNTIL))
    }

    /// True where nothing waits that was let in.
    fn is_idle(&self) -> bool {
        self.pending.commands.is_empty()
            && self.pending.questions.is_empty()
            && self.pending.data.is_empty()
    }

    /// Lets in what has come, to wait for its turn.
    fn let_in(&mut self, doors: &mut Doors, tick: &mut Tick) {
        for _ in 0..self.config.limits.requests_max {
            let Ok(request) = doors.requests.try_recv() else {
                break;
            };
            self.take(request, tick);
        }
        while !self.pending.data.is_full()
            && let Ok(request) = doors.data.try_recv()
        {
            match request {
                DataRequest::SocketFixes {
                    outbox,
                    principal,
                    batch,
                } => self.socket_fixes(outbox, &principal, batch),
                DataRequest::Feed {
                    feed,
                    posted,
                    reply,
                } => {
                    let sender = Sender::Feed(reply);
                    self.pending.data.push(&feed.name, posted, sender);
                }
            }
        }
    }

    fn take(&mut self, request: LiveRequest, tick: &mut Tick) {
        match request {
            LiveRequest::Any(request) => self.take_any(request, tick),
            LiveRequest::Join {
                outbox,
                principal,
                resume,
            } => self.join(outbox, principal, resume, tick.now),
            LiveRequest::TryOut {
                by,
                commands,
                reply,
            } => tick.answers.push(Answer::TryOut(by, commands, reply)),
        }
    }

    fn take_any(&mut self, request: AnyRequest, tick: &mut Tick) {
        match request {
            // Answers about the state use only what is durable.
            AnyRequest::View(
                view @ (ViewRequest::Rank {
                    session, request, ..
                }
                | ViewRequest::Route {
                    session, request, ..
                }
                | ViewRequest::WhoSaw {
                    session, request, ..
                }),
            ) => self.ask(session, Some(request), Question::View(view)),
            AnyRequest::View(ViewRequest::Leave { session }) => self.let_leave(session, tick),
            AnyRequest::View(view) => self.audience.take(view, &self.state, tick.now),
            AnyRequest::Enter(arrival) => self.enter(arrival, tick.now),
            AnyRequest::Command {
                session,
                decision,
                reply,
            } => self.let_wait(session, decision, reply),
            AnyRequest::Digest(reply) => tick.answers.push(Answer::Digest(reply)),
            AnyRequest::Stop(done) => tick.stop = Some(done),
        }
    }

    /// Time passing is a command too; an expiry that follows is a record.
    fn let_time_pass(&mut self, tick: &mut Tick) {
        if self.ticks.is_multiple_of(TICKS_PER_SECOND) {
            let _ = self.execute(tick, &Command::Tick, &Actor::System, None);
            self.take_out_withdrawn(tick);
            self.retire_silent(tick);
            self.retire_unheard(tick);
        }
    }

    fn measure(&self, tick: &Tick) {
        metrics::gauge!("chengtu_seq").set(self.state.seq() as f64);
        metrics::gauge!("chengtu_sessions").set(self.audience.len() as f64);
        metrics::gauge!("chengtu_movers").set(self.state.movers_known() as f64);
        self.status.set_movers(self.state.movers_known());
        metrics::gauge!("chengtu_cases").set(self.state.cases().len() as f64);
        metrics::histogram!("chengtu_tick_seconds").record(tick.began.elapsed());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_tick_is_followed_by_one_without_a_picture_and_never_by_two() {
        let long = PERIOD * 3;
        assert!(shows_after(true, PERIOD) && !shows_after(true, long));
        assert!(shows_after(false, PERIOD) && shows_after(false, long));
    }
}
