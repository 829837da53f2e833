//! A drill: a simulated city with a director, participants, and a log of its own.

use super::answer_past;
use super::drill_past::DrillPast;
use super::ghost::Ghosts;
use super::owner::Owner;
use super::run::OtherWorld;
use super::training::{InTraining, Training};
use crate::access::Principal;
use crate::audience::{Audience, Viewer, notice};
use crate::drill::{DrillWriter, Ground, report};
use crate::log::LogStore;
use crate::refusal::Refusal;
use crate::request::{Asker, CommandReply, Decision, Given, PastQuestion};
use chengtu_engine::city::Language;
use chengtu_engine::code::Code;
use chengtu_engine::drill::{DirectorAct, Drill, DrillPhase, GhostOf, Seat, Start};
use chengtu_engine::model::Actor;
use chengtu_engine::permission::Permission;
use chengtu_engine::rejection::Rejection;
use chengtu_engine::replay::{TimeBasis, TimeControl, WorldClock};
use chengtu_engine::roads::Closings;
use chengtu_engine::state::State;
use chengtu_engine::stream::{ServerMessage, SnapshotReason};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long simulating may take of one tick: at 600× a large city may fall behind its clock, its sessions may not.
const TICK_SHARE: Duration = Duration::from_millis(70);
/// Everybody is sent the view of the drill this often.
const TELL_EVERY: Duration = Duration::from_secs(1);

/// How far it is with its end.
struct End {
    /// Until it has ended.
    running: Option<InTraining>,
    /// True once its report is kept.
    reported: bool,
}

/// Who takes part.
#[derive(Default)]
struct People {
    /// Who came by which session.
    seats: BTreeMap<u64, (String, Seat)>,
    /// Commands that were done, with who gave them.
    given: Given,
}

/// A drill with its sessions.
pub(super) struct DrillWorld {
    drill: Drill,
    ground: Arc<Ground>,
    /// Its number among those that are kept.
    id: u32,
    store: Arc<dyn LogStore>,
    end: End,
    writer: DrillWriter,
    /// Everything so far, for questions and the report.
    happened: DrillPast,
    /// The city at the start.
    start: State,
    owner: Owner,
    /// Part of a second of the city that is still owed.
    owed_s: f64,
    jumps: u32,
    told: Instant,
    changed: bool,
    people: People,
    ghosts: Ghosts,
}

impl DrillWorld {
    pub fn new(
        drill: Drill,
        ground: Arc<Ground>,
        id: u32,
        store: Arc<dyn LogStore>,
        (owner, training): (Owner, Training),
    ) -> Result<Self, Refusal> {
        let writer = DrillWriter::create(store.aside().drills(), id)
            .map_err(|e| Refusal::new(Code::WorldEnded, e.to_string()))?;
        let running = training.begin(id, &drill.scenario().key, &owner);
        let mut world = Self {
            end: End {
                running: Some(running),
                reported: false,
            },
            start: drill.state().clone(),
            drill,
            ground,
            id,
            writer,
            happened: DrillPast::default(),
            owner,
            owed_s: 0.0,
            jumps: 0,
            told: Instant::now(),
            changed: true,
            people: People::default(),
            ghosts: Ghosts::new(store.clone()),
            store,
        };
        world
            .keep()
            .map_err(|e| Refusal::new(Code::WorldEnded, e))?;
        Ok(world)
    }

    fn report_path(&self) -> String {
        format!("/v1/drills/{}/report", self.id)
    }

    /// Writes down what has happened since last time.
    fn keep(&mut self) -> Result<(), String> {
        let fresh = self.drill.take_entries();
        if fresh.is_empty() {
            return Ok(());
        }
        let written = self.writer.write(&fresh).map_err(|e| e.to_string());
        self.happened.entries.extend(fresh);
        written
    }

    /// Writes down what has happened so that it outlives the machine: what is said to be accepted is.
    fn keep_for_good(&mut self) -> Result<(), String> {
        self.keep()?;
        self.writer.sync().map_err(|e| e.to_string())
    }

    /// Writes down, or stops the clock and says why. `for_good`: somebody is answered, not only time has passed.
    fn keep_or_stop(&mut self, for_good: bool, audience: &Audience) {
        let kept = if for_good {
            self.keep_for_good()
        } else {
            self.keep()
        };
        if let Err(why) = kept {
            self.stop_clock(&why, audience);
        }
    }

    /// What is not kept cannot be judged: the clock stands, and everybody is told why.
    fn stop_clock(&mut self, why: &str, audience: &Audience) {
        let _ = self.drill.direct(DirectorAct::Pause);
        let _ = self.drill.take_entries();
        let text = format!("the drill's log cannot be written, the clock stands: {why}");
        tracing::error!(why, "a drill's log cannot be written");
        for v in audience.viewers() {
            notice(&v.outbox, Code::Stopped, text.clone());
        }
    }

    /// Everybody sees the drill from their seat.
    fn tell(&mut self, audience: &Audience) {
        self.told = Instant::now();
        self.changed = false;
        let path = self.report_path();
        let view = |seat| ServerMessage::Drill(Box::new(self.drill.view(seat, &path)));
        let mut views: BTreeMap<Seat, ServerMessage> = BTreeMap::new();
        for viewer in audience.viewers() {
            let m = views
                .entry(viewer.seat)
                .or_insert_with(|| view(viewer.seat));
            viewer.tell(m);
        }
        let passed = self.drill.now().0 - self.drill.scenario().start.time().0;
        self.ghosts.tell(audience, passed);
    }

    /// Sessions that have gone leave their seats.
    fn clear_seats(&mut self, audience: &Audience) {
        let gone: Vec<u64> = self
            .people
            .seats
            .keys()
            .copied()
            .filter(|id| audience.viewer(*id).is_none())
            .collect();
        for id in gone {
            if let Some((name, seat)) = self.people.seats.remove(&id) {
                self.drill.leave(&name, seat);
                self.changed = true;
            }
            self.ghosts.forget(id);
        }
    }

    /// An area has lost its last unit: everybody is sent a notice.
    fn warn_of_empty_areas(&mut self, audience: &Audience) {
        for area in self.drill.take_emptied() {
            let Some(area) = self.drill.scenario().areas.get(area as usize) else {
                continue;
            };
            let en = format!("no unit is left in {}", area.name_en);
            let text = match self.drill.language() {
                Language::Zh => format!("{}内已没有任何单元 · {en}", area.name),
                Language::En => en,
            };
            for v in audience.viewers() {
                notice(&v.outbox, Code::AreaEmpty, text.clone());
            }
        }
    }

    /// Keeps the log for good and writes the report, once.
    fn end_if_over(&mut self, audience: &Audience) {
        if self.drill.phase() != DrillPhase::Ended || self.end.reported {
            return;
        }
        self.end.running = None;
        let written = self.report();
        self.end.reported = written.is_ok();
        if let Err(why) = written {
            tracing::error!(why, "a drill's report cannot be written");
            for v in audience.viewers() {
                notice(
                    &v.outbox,
                    Code::Stopped,
                    format!("the report cannot be written: {why}"),
                );
            }
        }
    }

    fn report(&mut self) -> Result<(), String> {
        self.writer.sync().map_err(|e| e.to_string())?;
        let page = report(self.id, &self.happened.entries, &self.ground)
            .ok_or("its log does not begin with a scenario and a city")?;
        let drills = self.store.aside().drills();
        let kept = drills.put_report(self.id, page.as_bytes());
        kept.map_err(|e| e.to_string())
    }
}

impl OtherWorld for DrillWorld {
    fn state(&self) -> &State {
        self.drill.state()
    }

    /// A barrier on a road is seen by everybody who drives there: all seats know of it.
    fn closings(&self) -> Closings {
        self.drill.closings().clone()
    }

    fn clock(&self) -> WorldClock {
        WorldClock {
            time: self.drill.now(),
            speed: self.drill.speed(),
            playing: self.drill.phase() == DrillPhase::Running,
            basis: TimeBasis::Known,
            from: self.drill.scenario().start.time(),
            to: self.drill.until(),
            jumps: self.jumps,
        }
    }

    fn advance(&mut self, elapsed: Duration, audience: &mut Audience) {
        self.clear_seats(audience);
        let began = Instant::now();
        let phase = self.drill.phase();
        if phase == DrillPhase::Running {
            self.owed_s += elapsed.as_secs_f64() * f64::from(self.drill.speed());
            while self.owed_s >= 1.0 && self.drill.phase() == DrillPhase::Running {
                self.owed_s -= 1.0;
                let changes = self.drill.step();
                audience.note(self.drill.state(), changes);
                if began.elapsed() > TICK_SHARE {
                    // What cannot be kept up with is not caught up with in a rush later.
                    self.owed_s = self.owed_s.min(1.0);
                    break;
                }
            }
            self.keep_or_stop(false, audience);
            self.warn_of_empty_areas(audience);
            self.end_if_over(audience);
        }
        let due = self.told.elapsed() >= TELL_EVERY && phase == DrillPhase::Running;
        if due || self.changed || phase != self.drill.phase() {
            self.tell(audience);
        }
    }

    fn command(
        &mut self,
        session: u64,
        decision: Decision,
        reply: CommandReply,
        audience: &mut Audience,
    ) {
        // Dropping the reply answers a session that has gone meanwhile.
        let Some(viewer) = audience.viewer(session) else {
            return;
        };
        if viewer.seat == Seat::Viewer {
            let text = "whoever looks on commands nothing; join as a participant";
            return reply.reject(Code::NotPermitted, text);
        }
        let name = viewer.principal.name.clone();
        let given = decision.given_by(&viewer.principal.id);
        let id = reply.id();
        let known = self.people.given.under(id);
        if self.drill.state().commands().seq_of(id).is_some()
            && known.is_some_and(|known| !known.is_same(&given))
        {
            return reply.refuse(&Rejection::IdTaken);
        }
        let Decision { command, basis } = decision;
        let command = match command.into_command(self.drill.now()) {
            Ok(command) => command,
            Err(e) => return reply.reject(Code::NotAPlace, e.to_string()),
        };
        if let Some(lens) = audience.lens(session)
            && let Err(unseen) = lens.may_touch(self.drill.state(), &command)
        {
            return reply.refuse(&unseen);
        }
        match self
            .drill
            .command_upon(&name, &command, &basis, Some(reply.id()))
        {
            Ok(acted) => {
                if let Err(why) = self.keep_for_good() {
                    // It has happened in the drill, and nobody can say whether it will be in its record.
                    audience.note(self.drill.state(), acted.changes);
                    self.stop_clock(&why, audience);
                    return reply.reject(Code::NotKnown, why);
                }
                audience.note(self.drill.state(), acted.changes);
                self.changed = true;
                // A repeat makes nothing: it is answered with the case that was made.
                let case = acted
                    .case
                    .or(self.people.given.under(id).and_then(|known| known.case));
                self.people.given.remember(id, given.made(case));
                reply.accept(acted.seq, case);
            }
            Err(refused) => reply.refuse(&refused),
        }
    }

    fn direct(&mut self, asker: &Asker, act: DirectorAct, audience: &mut Audience) {
        let Some(viewer) = audience.viewer(asker.session()) else {
            return;
        };
        if !viewer.seat.drives_clock() {
            let text = format!("this drill is directed by {}", self.owner);
            return asker.refuse(Refusal::new(Code::NotYourClock, text));
        }
        match self.drill.direct(act) {
            Ok(Some(changes)) => audience.note(self.drill.state(), changes),
            Ok(None) => {
                self.jumps += 1;
                self.owed_s = 0.0;
                let now = self.drill.now();
                audience.begin_anew(self.drill.state(), now, SnapshotReason::Jumped);
            }
            Err(why) => return asker.refuse(Refusal::new(Code::NotForRole, why.to_string())),
        }
        self.keep_or_stop(true, audience);
        self.end_if_over(audience);
        self.tell(audience);
    }

    /// The clock driven from the time bar is the director's clock.
    fn control_time(&mut self, asker: &Asker, control: TimeControl, audience: &mut Audience) {
        let act = match control {
            TimeControl::Play => DirectorAct::Start,
            TimeControl::Pause => DirectorAct::Pause,
            TimeControl::Speed(speed) => DirectorAct::Speed(speed),
            TimeControl::Seek(to) => DirectorAct::Rewind { to },
            TimeControl::StepSeconds(_) | TimeControl::StepEvent { .. } | TimeControl::Basis(_) => {
                let text = "a drill goes forward; its director may rewind it to a checkpoint";
                return asker.refuse(Refusal::new(Code::NotYourClock, text));
            }
        };
        self.direct(asker, act, audience);
    }

    fn show_ghost(&mut self, asker: &Asker, of: Option<GhostOf>, audience: &mut Audience) {
        let viewer = audience.viewer(asker.session());
        if let (Some(GhostOf::Real), Some(viewer)) = (&of, viewer)
            && let Err(refusal) = viewer.principal.require(Permission::Replay)
        {
            return asker.refuse(refusal);
        }
        let scenario = self.drill.scenario();
        let chosen = self
            .ghosts
            .choose(asker.session(), of, scenario, &self.happened.entries);
        if let Err(why) = chosen {
            asker.refuse(Refusal::new(Code::NoPast, why));
        }
        self.changed = true;
    }

    /// The drill's own past: this attempt's records.
    fn past(&mut self, asker: &Asker, question: PastQuestion) {
        match self.happened.history(&self.start) {
            Ok(history) => answer_past(history, &[], asker, question),
            Err(e) => asker.refuse(Refusal::new(Code::NoPast, e.to_string())),
        }
    }

    fn admit(&mut self, principal: &Principal, seat: Seat) -> Result<Seat, Refusal> {
        principal.require(Permission::EnterWorlds)?;
        if let Start::Log(_) = self.drill.scenario().start {
            // It begins in the city's past.
            principal.require(Permission::Replay)?;
        }
        match seat {
            Seat::Viewer => {}
            Seat::Participant => principal.require(Permission::JoinDrills)?,
            Seat::Director => {
                principal.require(Permission::JoinDrills)?;
                principal.require(Permission::DirectDrills)?;
                if !self.owner.is(principal) {
                    let text = format!("this drill is directed by {}", self.owner);
                    return Err(Refusal::new(Code::NotForRole, text));
                }
            }
        }
        Ok(seat)
    }

    fn actor(&self, principal: &Principal, seat: Seat) -> Option<Actor> {
        (seat != Seat::Viewer).then(|| Actor::Operator(principal.name.clone()))
    }

    fn arrived(&mut self, viewer: &Viewer) {
        let (name, seat) = (viewer.principal.name.clone(), viewer.seat);
        self.drill.join(&name, seat);
        self.people.seats.insert(viewer.outbox.id, (name, seat));
        let path = self.report_path();
        viewer.tell(&ServerMessage::Drill(Box::new(
            self.drill.view(seat, &path),
        )));
        self.changed = true;
    }

    fn notice(&self) -> (String, String) {
        (
            "演练，非真实处置".to_owned(),
            "A drill: nothing here is real".to_owned(),
        )
    }
}

#[cfg(test)]
#[path = "drill_tests.rs"]
mod tests;
