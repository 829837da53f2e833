//! One tick: take requests, decide, append, apply, commit, answer, show.

use super::LiveCity;
use super::answers::Answer;
use super::batches::PendingFixes;
use crate::clock::{Clock, TICK_MS};
use crate::request::{AnyRequest, LiveRequest, ViewRequest};
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

/// What one tick gathers.
pub(super) struct Tick {
    /// The time of everything that this tick decides.
    pub now: Timestamp,
    began: Instant,
    /// What is answered once the log is durable, in order.
    pub answers: Vec<Answer>,
    /// Fixes by feed, not yet decided.
    pub fixes: BTreeMap<FeedId, PendingFixes>,
    /// Rows of fixes taken in this tick.
    pub rows: usize,
    /// Fixes in [`Tick::fixes`].
    pub gathered: usize,
    pub stop: Option<oneshot::Sender<()>>,
}

impl Tick {
    /// A tick at `now` in which nothing has happened yet.
    pub(super) fn new(now: Timestamp) -> Self {
        Self {
            now,
            began: Instant::now(),
            answers: Vec::new(),
            fixes: BTreeMap::new(),
            rows: 0,
            gathered: 0,
            stop: None,
        }
    }
}

impl LiveCity {
    /// Runs until asked to stop, or until nobody can ask any more.
    pub(super) fn run(mut self, mut requests: mpsc::Receiver<LiveRequest>) {
        let tick = Duration::from_millis(u64::from(TICK_MS));
        let mut next = Instant::now() + tick;
        loop {
            let now = Instant::now();
            if now < next {
                std::thread::sleep(next - now);
            }
            next = (next + tick).max(Instant::now());
            if self.tick(&mut requests).is_break() {
                break;
            }
        }
    }

    /// The log's time: it never runs back, whatever the clock does.
    pub(super) fn now(&self) -> Timestamp {
        self.clock.now().max(self.state.known_at())
    }

    /// One tick; breaks when it was the last.
    pub(super) fn tick(&mut self, requests: &mut mpsc::Receiver<LiveRequest>) -> ControlFlow<()> {
        self.ticks += 1;
        let mut tick = Tick::new(self.now());
        self.look_at_clock();
        // What was decided before is made durable before anything else is decided.
        if !self.take_held(&mut tick) {
            self.try_writing_again();
            self.roll_log_over(tick.now);
            self.store_packed_keyframe();
            let taken = self.take_requests(requests, &mut tick);
            if taken == 0 && requests.is_closed() && requests.is_empty() {
                return ControlFlow::Break(());
            }
            self.record_fixes(&mut tick);
            self.let_time_pass(&mut tick);
        }
        if !self.commit() {
            self.hold(&mut tick);
            return ControlFlow::Continue(());
        }
        self.tell_alarms();
        self.answer_all(&mut tick);
        self.audience.end_tick(&self.state, tick.now);
        self.measure(&tick);
        if let Some(done) = tick.stop {
            self.end();
            let _ = done.send(());
            return ControlFlow::Break(());
        }
        self.begin_keyframe();
        ControlFlow::Continue(())
    }

    /// Takes what waits, within the limits of one tick; gives how many.
    fn take_requests(
        &mut self,
        requests: &mut mpsc::Receiver<LiveRequest>,
        tick: &mut Tick,
    ) -> usize {
        let (requests_max, rows_max) = {
            let limits = &self.config.limits;
            (limits.requests_max, limits.fixes_per_tick_max)
        };
        let mut taken = 0;
        while taken < requests_max && tick.rows < rows_max {
            let Ok(request) = requests.try_recv() else {
                break;
            };
            taken += 1;
            self.take(request, tick);
            if tick.gathered >= RECORD_ROWS {
                self.record_fixes(tick);
            }
        }
        taken
    }

    fn take(&mut self, request: LiveRequest, tick: &mut Tick) {
        match request {
            LiveRequest::Any(request) => self.take_any(request, tick),
            LiveRequest::Join {
                outbox,
                principal,
                resume,
            } => self.join(outbox, principal, resume, tick.now),
            LiveRequest::SocketFixes { session, batch } => self.socket_fixes(session, batch, tick),
            LiveRequest::Feed { feed, data, reply } => self.feed(&feed, data, reply, tick),
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
            AnyRequest::View(view @ (ViewRequest::Rank { .. } | ViewRequest::Route { .. })) => {
                tick.answers.push(Answer::View(view));
            }
            AnyRequest::View(view) => self.audience.take(view, &self.state, tick.now),
            AnyRequest::Enter(arrival) => self.enter(arrival),
            AnyRequest::Command {
                session,
                decision,
                reply,
            } => self.command(session, decision, reply, tick),
            AnyRequest::Digest(reply) => tick.answers.push(Answer::Digest(reply)),
            AnyRequest::Stop(done) => tick.stop = Some(done),
        }
    }

    /// Time passing is a command too; an expiry that follows is a record.
    fn let_time_pass(&mut self, tick: &mut Tick) {
        if self.ticks.is_multiple_of(TICKS_PER_SECOND) {
            let _ = self.execute(tick, &Command::Tick, &Actor::System, None);
        }
    }

    fn measure(&self, tick: &Tick) {
        metrics::gauge!("chengtu_seq").set(self.state.seq() as f64);
        metrics::gauge!("chengtu_sessions").set(self.audience.len() as f64);
        metrics::gauge!("chengtu_movers").set(self.state.movers().len() as f64);
        metrics::gauge!("chengtu_cases").set(self.state.cases().len() as f64);
        metrics::histogram!("chengtu_tick_seconds").record(tick.began.elapsed());
    }
}
