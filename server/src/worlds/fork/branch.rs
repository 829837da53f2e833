//! One branch as a world: shows what has been computed, where the one clock is.

use super::Pair;
use super::clock::{ForkClock, SPEED_MAX, SPEED_MIN};
use super::track::TrackReader;
use crate::access::Principal;
use crate::audience::{Audience, Viewer};
use crate::refusal::Refusal;
use crate::request::{Asker, CommandReply, Decision, PastQuestion};
use crate::worlds::{OtherWorld, Owner, answer_past};
use chengtu_engine::code::Code;
use chengtu_engine::drill::Seat;
use chengtu_engine::ids::ThingId;
use chengtu_engine::permission::Permission;
use chengtu_engine::replay::{
    History, PlayError, Player, Step, TimeBasis, TimeControl, WorldClock,
};
use chengtu_engine::roads::Closings;
use chengtu_engine::state::State;
use chengtu_engine::stream::{ServerMessage, SnapshotReason};
use chengtu_engine::time::Timestamp;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Fixes and events folded in one tick at most.
const ROWS_PER_TICK: usize = 200_000;

/// Edges of the road graph that are closed for a time.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Closed {
    pub from: Timestamp,
    pub until: Option<Timestamp>,
    pub edges: Vec<u32>,
}

pub(super) struct Branch {
    pair: Arc<Pair>,
    player: Player<TrackReader>,
    owner: Owner,
    /// Roads closed in this branch.
    closed: Vec<Closed>,
    /// The clock as it was last followed; what is sent of it must match what is shown.
    seen: ForkClock,
    report: u64,
    notices: usize,
    /// The other branch could not be made.
    over: Arc<AtomicBool>,
}

impl Branch {
    pub fn new(
        reader: TrackReader,
        at: Timestamp,
        owner: Owner,
        closed: Vec<Closed>,
        over: Arc<AtomicBool>,
    ) -> Result<Self, PlayError> {
        let pair = reader.pair.clone();
        let seen = *pair.clock();
        let (player, _) = Player::new(reader, at, 1.0, TimeBasis::Known)?;
        Ok(Self {
            pair,
            player,
            owner,
            closed,
            seen,
            report: 0,
            notices: 0,
            over,
        })
    }

    /// Follows the one clock.
    fn follow(&mut self, audience: &mut Audience) {
        let (target, clock) = {
            let mut clock = self.pair.clock();
            (clock.time(Instant::now()), *clock)
        };
        let there = self.player.time();
        let jumped = clock.jumps != core::mem::replace(&mut self.seen, clock).jumps;
        let step = if jumped || target < there {
            self.player
                .refresh_span()
                .map_err(PlayError::from)
                .and_then(|()| self.player.control(TimeControl::Seek(target)))
        } else {
            self.run_on(target.seconds_since(there))
        };
        match step {
            Ok(step) => self.show(step, audience),
            Err(error) => {
                self.pair.clock().play(false, Instant::now());
                self.show_anew(audience);
                let m = ServerMessage::Notice {
                    code: Code::NoPast,
                    text: error.to_string(),
                };
                audience.tell_all(&m);
            }
        }
    }

    fn run_on(&mut self, seconds: f64) -> Result<Step, PlayError> {
        // The player is at the end of what there was; what it owes is in `seconds`.
        self.player.refresh_span()?;
        self.player.control(TimeControl::Speed(1.0))?;
        self.player.control(TimeControl::Play)?;
        self.player.advance(seconds, ROWS_PER_TICK)
    }

    fn show(&mut self, step: Step, audience: &mut Audience) {
        if step.jumped {
            self.show_anew(audience);
        }
        audience.note(self.player.state(), step.changes);
    }

    fn show_anew(&self, audience: &mut Audience) {
        let (state, time) = (self.player.state(), self.player.time());
        audience.begin_anew(state, time, SnapshotReason::Jumped);
    }

    /// Tells everybody what the thread that computes has to say.
    fn tell(&mut self, audience: &Audience) {
        let told = self.pair.told();
        for text in told.notices.get(self.notices..).unwrap_or_default() {
            let m = ServerMessage::Notice {
                code: Code::NoFork,
                text: text.clone(),
            };
            audience.tell_all(&m);
        }
        self.notices = told.notices.len();
        if told.number != self.report {
            self.report = told.number;
            let report = Box::new((*told.report).clone());
            drop(told);
            audience.tell_all(&ServerMessage::ForkReport(report));
        }
    }

    /// Drives the clock; words for who drives it where it does not obey.
    fn drive(&mut self, control: TimeControl) -> Result<(), Refusal> {
        let now = Instant::now();
        let held = match control {
            TimeControl::Play => {
                self.pair.clock().play(true, now);
                false
            }
            TimeControl::Pause => {
                self.pair.clock().play(false, now);
                false
            }
            TimeControl::Speed(speed) => {
                if !self.pair.clock().set_speed(speed, now) {
                    let text = format!("a speed of {speed} is outside {SPEED_MIN} … {SPEED_MAX}");
                    return Err(Refusal::new(Code::BadMessage, text));
                }
                false
            }
            TimeControl::Seek(to) => self.pair.clock().seek(to, now),
            TimeControl::StepSeconds(s) => {
                let mut clock = self.pair.clock();
                clock.play(false, now);
                let to = clock.time(now).plus_seconds(i64::from(s));
                clock.seek(to, now)
            }
            TimeControl::StepEvent { forward, of } => {
                self.pair.clock().play(false, now);
                let to = self.event(forward, of)?;
                self.pair.clock().seek(to, now)
            }
            TimeControl::Basis(TimeBasis::Known) => false,
            TimeControl::Basis(TimeBasis::Occurred) => {
                let text = "what is simulated is known as it happens; a fork has one basis only";
                return Err(Refusal::new(Code::NoFork, text));
            }
        };
        if held {
            let text =
                "this is as far as both branches have been computed, or the log's first record";
            return Err(Refusal::new(Code::ClockAtEdge, text));
        }
        Ok(())
    }

    /// When the next or previous event of this branch is.
    fn event(&self, forward: bool, of: Option<ThingId>) -> Result<Timestamp, Refusal> {
        let here = self.player.time();
        let history = self.player.history();
        let found = if forward {
            let end = Timestamp(i64::MAX);
            history.moments(of, Timestamp(here.0.saturating_add(1)), end, 1, false)
        } else {
            let start = Timestamp(i64::MIN);
            history.moments(of, start, Timestamp(here.0.saturating_sub(1)), 1, true)
        };
        let found = found.map_err(|e| Refusal::new(Code::NoPast, e.to_string()))?;
        let none = || {
            let text = if forward {
                "there is no later event in what has been computed"
            } else {
                "there is no earlier event"
            };
            Refusal::new(Code::NoEvent, text)
        };
        found.first().map(|m| m.time).ok_or_else(none)
    }
}

impl OtherWorld for Branch {
    fn state(&self) -> &State {
        self.player.state()
    }

    fn clock(&self) -> WorldClock {
        let clock = &self.seen;
        WorldClock {
            time: self.player.time(),
            speed: clock.speed,
            playing: clock.playing,
            basis: TimeBasis::Known,
            from: clock.from,
            to: clock.to,
            jumps: clock.jumps,
        }
    }

    fn advance(&mut self, _elapsed: Duration, audience: &mut Audience) {
        self.follow(audience);
        self.tell(audience);
    }

    fn control_time(&mut self, asker: &Asker, control: TimeControl, audience: &mut Audience) {
        let Some(viewer) = audience.viewer(asker.session()) else {
            return;
        };
        if !viewer.seat.drives_clock() {
            let text = format!(
                "this fork is driven by {}; make one of your own",
                self.owner
            );
            return asker.refuse(Refusal::new(Code::NotYourClock, text));
        }
        if let Err(refusal) = self.drive(control) {
            asker.refuse(refusal);
        }
        self.follow(audience);
    }

    fn command(&mut self, _: u64, _: Decision, reply: CommandReply, _: &mut Audience) {
        let text =
            "a fork runs by itself; make another one to try something else, or take its plan over";
        reply.reject(Code::Past, text);
    }

    fn past(&mut self, asker: &Asker, question: PastQuestion) {
        answer_past(self.player.history(), &[], asker, question);
    }

    fn admit(&mut self, principal: &Principal, _seat: Seat) -> Result<Seat, Refusal> {
        principal.require(Permission::Replay)?;
        if self.owner.is(principal) {
            Ok(Seat::Director)
        } else {
            let text = format!("this fork is private to {}", self.owner);
            Err(Refusal::new(Code::NotForRole, text))
        }
    }

    fn arrived(&mut self, viewer: &Viewer) {
        let told = self.pair.told();
        if told.number > 0 {
            let report = Box::new((*told.report).clone());
            drop(told);
            viewer.tell(&ServerMessage::ForkReport(report));
        }
    }

    fn notice(&self) -> (String, String) {
        let zh = "推演：分叉之后的一切都是模拟，不会写入运行中的城市。车流每 4 秒一个位置。";
        let en = "A fork: everything after its second is simulated and never enters the running city. Traffic is shown \
                  every 4 s.";
        (zh.to_owned(), en.to_owned())
    }

    fn closings(&self) -> Closings {
        let time = self.player.time();
        let is_closed = |c: &&Closed| c.from <= time && c.until.is_none_or(|u| time < u);
        let closed = self.closed.iter().filter(is_closed);
        closed
            .flat_map(|c| c.edges.iter().map(|edge| (*edge, c.until)))
            .collect()
    }

    fn is_over(&self) -> bool {
        self.over.load(Ordering::Acquire)
    }
}
