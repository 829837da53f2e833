//! One tick: take, decide, log, apply, make durable, answer, show.

use super::feeds::PendingFixes;
use super::request::{Request, Taken, Unavailable};
use super::{Keyframes, TICK_MS, World};
use crate::audience::{Arrival, Continue, notice};
use crate::codes;
use crate::log::{Keyframe, LogError, recover};
use crate::session::{Outbox, Who};
use chengtu_engine::command::{Command, CommandRequest};
use chengtu_engine::decide::decide;
use chengtu_engine::drill::Seat;
use chengtu_engine::event::Event;
use chengtu_engine::ids::{CaseId, CommandId, FeedId};
use chengtu_engine::model::Actor;
use chengtu_engine::record::{Body, Origin, World as WorldId};
use chengtu_engine::rejection::Rejection;
use chengtu_engine::stream::{
    Accepted, Rejected, Resume, ServerHello, ServerMessage, SnapshotReason, WorldInfo,
};
use chengtu_engine::time::Timestamp;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot};

/// From so many fixes on a record is written, even if the tick brings more: what is in between costs memory.
const RECORD_ROWS: usize = 16_384;

/// An answer that waits for the log to be durable.
pub(super) enum Answer {
    /// To a command.
    Command(Arc<Outbox>, Accepted),
    /// To a command that was done before.
    Repeat(Arc<Outbox>, CommandId, u64),
    /// To a feed's request.
    Feed(oneshot::Sender<Result<Taken, Unavailable>>, Taken),
    /// To fixes over a socket.
    Fixes(Arc<Outbox>, Taken),
    /// Anything else that tells of the state.
    Later(Request),
}

/// What one tick gathers.
pub(super) struct Turn {
    pub now: Timestamp,
    pub answers: Vec<Answer>,
    pub fixes: BTreeMap<FeedId, PendingFixes>,
    pub rows: usize,
    /// Fixes gathered and not yet decided.
    pub gathered: usize,
    stop: Option<oneshot::Sender<()>>,
}

/// Why something was not done.
pub(super) enum Undone {
    /// It may not or cannot be.
    Refused(Rejection),
    /// The log does not take anything.
    Stopped(String),
}

impl Turn {
    /// A tick at `now` in which nothing has happened yet.
    pub(super) fn new(now: Timestamp) -> Self {
        Self {
            now,
            answers: Vec::new(),
            fixes: BTreeMap::new(),
            rows: 0,
            gathered: 0,
            stop: None,
        }
    }
}

impl World {
    /// Runs until asked to stop, or until nobody can ask any more.
    pub(super) fn run(mut self, mut requests: mpsc::Receiver<Request>) {
        let tick = Duration::from_millis(u64::from(TICK_MS));
        let mut next = Instant::now() + tick;
        loop {
            let now = Instant::now();
            if now < next {
                std::thread::sleep(next - now);
            }
            next = (next + tick).max(Instant::now());
            if self.turn(&mut requests) {
                break;
            }
        }
    }

    pub(super) fn now(&self) -> Timestamp {
        let clock = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .map_or(0, |d| d.as_micros() as i64);
        // The log's time never runs back, whatever the clock does.
        Timestamp(clock).max(self.state.known_at())
    }

    /// One tick; true when it was the last.
    fn turn(&mut self, requests: &mut mpsc::Receiver<Request>) -> bool {
        let began = Instant::now();
        self.ticks += 1;
        let mut turn = Turn::new(self.now());
        self.roll_log_over(turn.now);
        self.take_keyframe();
        let mut taken = 0;
        while taken < self.config.limits.requests_max
            && turn.rows < self.config.limits.fixes_per_tick_max
        {
            let Some(request) = requests.try_recv().ok() else {
                break;
            };
            taken += 1;
            self.take(request, &mut turn);
            if turn.gathered >= RECORD_ROWS {
                self.flush_fixes(&mut turn);
            }
        }
        if requests.is_closed() && requests.is_empty() && turn.stop.is_none() && taken == 0 {
            return true;
        }
        self.flush_fixes(&mut turn);
        if self.ticks.is_multiple_of(10) {
            let _ = self.execute(&mut turn, &Command::Tick, &Actor::System, None);
        }
        let commit_began = Instant::now();
        if self.stopped.is_none()
            && let Err(error) = self.log.commit()
        {
            self.stop_writing(&error);
        }
        metrics::histogram!("chengtu_commit_seconds").record(commit_began.elapsed());
        self.settle(turn, began)
    }

    /// After the commit: what is durable is shown, what is not is refused.
    fn settle(&mut self, mut turn: Turn, began: Instant) -> bool {
        if self.stopped.is_some() && self.state.seq() != self.log.last_seq() {
            self.go_back();
        }
        let seq = self.state.seq();
        self.status.seq.store(seq, Ordering::Release);
        let answers = core::mem::take(&mut turn.answers);
        for answer in answers {
            self.answer(answer, turn.now);
        }
        self.audience.end_tick(&self.state, turn.now);
        metrics::gauge!("chengtu_seq").set(seq as f64);
        metrics::gauge!("chengtu_sessions").set(self.audience.len() as f64);
        metrics::gauge!("chengtu_movers").set(self.state.movers().len() as f64);
        metrics::gauge!("chengtu_cases").set(self.state.cases().len() as f64);
        metrics::histogram!("chengtu_tick_seconds").record(began.elapsed());
        if let Some(done) = turn.stop {
            self.end();
            let _ = done.send(());
            return true;
        }
        self.begin_keyframe(turn.now);
        false
    }

    fn take(&mut self, request: Request, turn: &mut Turn) {
        match request {
            Request::Join {
                outbox,
                who,
                resume,
            } => self.join(outbox, who, resume, turn.now),
            Request::Enter(arrival) => self.enter(arrival),
            Request::Command {
                session,
                id,
                command,
            } => self.command(session, id, command, turn),
            Request::SocketFixes { session, batch } => self.socket_fixes(session, batch, turn),
            Request::Feed { feed, data, reply } => self.feed(&feed, data, reply, turn),
            Request::Stop(done) => turn.stop = Some(done),
            later @ (Request::Rank { .. }
            | Request::Route { .. }
            | Request::TryOut { .. }
            | Request::Digest(_)) => {
                turn.answers.push(Answer::Later(later));
            }
            other => {
                // What is left the audience knows; the running city has no clock to drive and no director.
                let _ = self.audience.take(other, &self.state, turn.now);
            }
        }
    }

    /// Decides a command and, where something follows, logs and applies it. Gives the record that it became.
    pub(super) fn execute(
        &mut self,
        turn: &mut Turn,
        command: &Command,
        actor: &Actor,
        id: Option<CommandId>,
    ) -> Result<(u64, Option<CaseId>), Undone> {
        if let Some(why) = &self.stopped {
            return Err(Undone::Stopped(why.clone()));
        }
        let events = decide(&self.state, command, actor, turn.now).map_err(Undone::Refused)?;
        if events.is_empty() {
            return Ok((self.state.seq(), None));
        }
        let case = case_of(&events);
        let origin = Origin {
            actor: actor.clone(),
            command: id,
        };
        let seq = self
            .write(turn, origin, Body::Events(events))
            .map_err(Undone::Stopped)?;
        Ok((seq, case))
    }

    /// Logs and applies; on an error nothing is written any more.
    pub(super) fn write(
        &mut self,
        turn: &mut Turn,
        origin: Origin,
        body: Body,
    ) -> Result<u64, String> {
        if let Some(why) = &self.stopped {
            return Err(why.clone());
        }
        let record = self.pen.write(self.state.seq() + 1, turn.now, origin, body);
        if let Err(error) = self.log.append(&record) {
            self.stop_writing(&error);
            return Err(error.to_string());
        }
        let changes = self.state.apply(&record);
        self.keyframes.rows += 1 + changes.movers.len() as u64;
        self.audience.note(&self.state, changes);
        Ok(record.seq)
    }

    fn command(&mut self, session: u64, id: CommandId, command: CommandRequest, turn: &mut Turn) {
        let Some(viewer) = self.audience.viewer(session) else {
            return;
        };
        let outbox = viewer.outbox.clone();
        let Some(actor) = viewer.actor.clone() else {
            let text = "this role looks and decides nothing";
            let refused = Undone::Refused(Rejection::NotPermitted(text));
            return reject(&outbox, id, &refused);
        };
        if let Some(seq) = self.state.commands().seq_of(id) {
            turn.answers.push(Answer::Repeat(outbox, id, seq));
            return;
        }
        let mut command = match command.into_command(turn.now) {
            Ok(c) => c,
            Err(e) => {
                let m = ServerMessage::Rejected(Rejected {
                    id,
                    code: codes::NOT_A_PLACE,
                    text: e.to_string(),
                });
                return outbox.answer(&m);
            }
        };
        if let Command::ReportCase(report) = &mut command
            && report.address.is_empty()
        {
            report.address = self.city.address(report.position);
        }
        match self.execute(turn, &command, &actor, Some(id)) {
            Ok((seq, case)) => {
                let accepted = Accepted { id, seq, case };
                turn.answers.push(Answer::Command(outbox, accepted));
            }
            Err(undone) => reject(&outbox, id, &undone),
        }
    }

    /// The case that a record of old made, to answer a repeated command as it was answered before.
    fn case_of_record(&self, seq: u64) -> Option<CaseId> {
        let records = self.log.read_from(seq, 1).ok()?;
        match &records.first()?.body {
            Body::Events(events) => case_of(events),
            _ => None,
        }
    }

    fn answer(&mut self, answer: Answer, now: Timestamp) {
        let stopped = self.stopped.clone();
        match answer {
            Answer::Repeat(outbox, id, seq) => {
                let case = self.case_of_record(seq);
                let again = Answer::Command(outbox, Accepted { id, seq, case });
                self.answer(again, now);
            }
            Answer::Command(outbox, accepted) => {
                if accepted.seq > self.state.seq()
                    && let Some(why) = stopped
                {
                    return reject(&outbox, accepted.id, &Undone::Stopped(why));
                }
                let m = ServerMessage::Accepted(accepted);
                outbox.answer(&m);
            }
            Answer::Feed(reply, mut taken) => {
                let lost = taken.seq > self.state.seq();
                taken.seq = taken.seq.min(self.state.seq());
                let _ = reply.send(match stopped {
                    Some(why) if lost => Err(Unavailable(why)),
                    _ => Ok(taken),
                });
            }
            Answer::Fixes(outbox, taken) => {
                let lost = taken.seq > self.state.seq() && stopped.is_some();
                let problems = taken.problems.listed.into_iter();
                let m = ServerMessage::FixesTaken {
                    accepted: if lost { 0 } else { taken.accepted as u32 },
                    problems: problems.map(|p| (p.row, p.text)).collect(),
                };
                outbox.answer(&m);
            }
            Answer::Later(Request::TryOut {
                by,
                commands,
                reply,
            }) => {
                let actor = Actor::Operator(by);
                let would = |command: CommandRequest| match command.into_command(now) {
                    Ok(c) => decide(&self.state, &c, &actor, now)
                        .err()
                        .map(|r| r.to_string()),
                    Err(e) => Some(e.to_string()),
                };
                let _ = reply.send(commands.into_iter().map(would).collect());
            }
            Answer::Later(Request::Digest(reply)) => {
                let _ = reply.send((self.state.seq(), self.state.digest()));
            }
            Answer::Later(question) => {
                let _ = self.audience.take(question, &self.state, now);
            }
        }
    }

    fn join(&mut self, outbox: Arc<Outbox>, who: Who, resume: Option<Resume>, now: Timestamp) {
        let unit = match &who {
            Who::Unit(call_sign) => self.state.unit_called(call_sign),
            _ => None,
        };
        if let (Who::Unit(call_sign), None) = (&who, unit) {
            let text = format!(
                "there is no unit {call_sign:?} in this city; call signs are a fleet's name and a number, as in city.toml"
            );
            notice(&outbox, codes::NO_SUCH_UNIT, text);
            return outbox.close(codes::CLOSE_ACCESS, "no such unit");
        }
        let actor = self.actor(&who);
        let next = match resume {
            None => Continue::Afresh(SnapshotReason::Subscribed),
            Some(r)
                if r.epoch == self.log.epoch()
                    && r.seq <= self.state.seq()
                    && self.audience.can_resume(r.seq) =>
            {
                Continue::From(r.seq)
            }
            Some(_) => Continue::Afresh(SnapshotReason::TooOld),
        };
        let hello = ServerHello {
            epoch: self.log.epoch(),
            seq: self.state.seq(),
            time: now,
            tick_ms: TICK_MS,
            user: who.name().to_owned(),
            role: who.role().to_owned(),
            unit,
            world: WorldId::Live,
            resumed: matches!(next, Continue::From(_)),
            city: self.city.info.clone(),
            records_views: self.config.worlds.record_views,
        };
        let m = ServerMessage::Hello(Box::new(hello));
        outbox.answer(&m);
        if let Some(why) = &self.stopped {
            notice(&outbox, codes::STOPPED, stopped_text(why));
        }
        let arrival = Arrival {
            outbox,
            stay: 0,
            who,
            seat: Seat::Participant,
            subscription: None,
        };
        self.audience.join(arrival, actor, next);
    }

    /// In whose name somebody's commands are done; none for those who only look.
    fn actor(&self, who: &Who) -> Option<Actor> {
        match who {
            Who::Operator(name) => Some(Actor::Operator(name.clone())),
            Who::Unit(call_sign) => self.state.unit_called(call_sign).map(Actor::Unit),
            Who::Feed(f) => self.state.feed(&f.name).map(Actor::Feed),
            Who::Viewer(_) => None,
        }
    }

    /// Somebody comes back from another world.
    fn enter(&mut self, arrival: Arrival) {
        let actor = self.actor(&arrival.who);
        let outbox = arrival.outbox.clone();
        let info = WorldInfo {
            world: WorldId::Live,
            title: self.city.info.name.clone(),
            owner: String::new(),
            shared: true,
            seat: arrival.seat,
            clock: None,
            notice: self.city.info.notice.clone(),
            notice_en: self.city.info.notice_en.clone(),
            record_of: None,
        };
        self.audience.enter(arrival, actor, info);
        if let Some(why) = &self.stopped {
            notice(&outbox, codes::STOPPED, stopped_text(why));
        }
    }

    /// Ends writing for good: what is durable stays visible, nothing new is taken.
    fn stop_writing(&mut self, error: &LogError) {
        if self.stopped.is_some() {
            return;
        }
        let why = error.to_string();
        tracing::error!(why, "the log cannot be written; nothing new is taken");
        metrics::gauge!("chengtu_stopped").set(1.0);
        self.status.set_stopped(&why);
        for v in self.audience.viewers() {
            notice(&v.outbox, codes::STOPPED, stopped_text(&why));
        }
        self.stopped = Some(why);
    }

    /// Back to what is durable: nothing else may be shown to anybody.
    fn go_back(&mut self) {
        match recover(&*self.store, &*self.log) {
            Ok(r) => {
                self.state = r.state;
                let now = self.now();
                self.audience
                    .begin_anew(&self.state, now, SnapshotReason::Asked);
            }
            Err(error) => {
                tracing::error!(%error, "the log cannot be read back; all sessions end");
                self.audience
                    .close_all(codes::CLOSE_GOING_AWAY, "the log cannot be read");
            }
        }
    }

    /// The last things: a keyframe, so that the next start is quick, and a word to everybody.
    fn end(&mut self) {
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
            .close_all(codes::CLOSE_GOING_AWAY, "the server is stopping");
    }

    /// Lets the log begin a new part, which then begins with a keyframe.
    fn roll_log_over(&mut self, now: Timestamp) {
        if self.stopped.is_some() {
            return;
        }
        match self.log.roll_over(now, &self.state) {
            Ok(true) => self.keyframes = Keyframes::new(self.state.seq()),
            Ok(false) => {}
            Err(error) => self.stop_writing(&error),
        }
    }

    /// Hands the state to another thread to be packed: the tick only pays for encoding it.
    fn begin_keyframe(&mut self, _now: Timestamp) {
        let k = &mut self.keyframes;
        let limits = &self.config.log;
        let due = k.last.elapsed().as_secs() >= limits.keyframe_every_s
            || k.rows
                >= limits
                    .keyframe_every_rows
                    .max(16 * self.state.movers().len() as u64);
        if !due || k.rows == 0 || k.packing.is_some() || self.stopped.is_some() {
            return;
        }
        let (seq, known_at) = (self.state.seq(), self.state.known_at());
        *k = Keyframes::new(seq);
        let (hand_on, pieces) = std::sync::mpsc::channel::<Vec<u8>>();
        let (send, receive) = std::sync::mpsc::channel();
        let packer = std::thread::Builder::new().name("keyframe".to_owned());
        let spawned = packer.spawn(move || {
            let _ = send.send(Keyframe::pack(seq, known_at, pieces).ok());
        });
        if spawned.is_ok() {
            // The packer works on the first pieces while the last are made: the state is never there twice.
            self.state.encode_pieces(|piece| drop(hand_on.send(piece)));
            self.keyframes.packing = Some(receive);
        }
    }

    /// Writes a keyframe that has been packed.
    fn take_keyframe(&mut self) {
        let Some(packing) = &self.keyframes.packing else {
            return;
        };
        match packing.try_recv() {
            Ok(Some(keyframe)) => {
                self.keyframes.packing = None;
                if self.stopped.is_none()
                    && let Err(error) = self.log.put_keyframe(&keyframe)
                {
                    self.stop_writing(&error);
                }
            }
            Err(std::sync::mpsc::TryRecvError::Empty) => {}
            Ok(None) | Err(_) => self.keyframes.packing = None,
        }
    }
}

impl Keyframes {
    /// None since record `seq`.
    pub(super) fn new(seq: u64) -> Self {
        Self {
            last: Instant::now(),
            rows: 0,
            seq,
            packing: None,
        }
    }
}

fn case_of(events: &[Event]) -> Option<CaseId> {
    events.iter().find_map(|e| match e {
        Event::CaseReported { case, .. } => Some(*case),
        _ => None,
    })
}

fn stopped_text(why: &str) -> String {
    format!(
        "the server has stopped writing and takes nothing new; you see the last safe state. {why}"
    )
}

/// Refuses a command.
fn reject(outbox: &Outbox, id: CommandId, undone: &Undone) {
    let (code, text) = match undone {
        Undone::Refused(r) => (r.code(), r.to_string()),
        Undone::Stopped(why) => (codes::STOPPED, stopped_text(why)),
    };
    let m = ServerMessage::Rejected(Rejected { id, code, text });
    outbox.answer(&m);
}
