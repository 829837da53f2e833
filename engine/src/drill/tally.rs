//! What a drill's log says, folded into what the judges ask for. Reads records and nothing else.

use super::cover::Cover;
use super::entry::{DrillEntry, DrillEvent};
use super::scenario::Scenario;
use super::{DrillPhase, Seat};
use crate::city::{Rules, Severity};
use crate::event::Event;
use crate::geo::Position;
use crate::ids::{AlarmId, CaseId, ClassId, DepartmentId, MoverId, ThingId, UnitId};
use crate::model::{Actor, AlarmSource, AssignmentTarget, CaseSource, UnitStatus};
use crate::record::{Body, Record};
use crate::state::State;
use crate::time::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// One sending of a unit to a case.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Sent {
    pub unit: UnitId,
    pub at: Timestamp,
    /// Units on the case with this one, when it was sent.
    pub with: u32,
    pub arrived: Option<Timestamp>,
    pub left: Option<Timestamp>,
}

/// A case as the judges see it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct CaseTrack {
    pub class: ClassId,
    pub severity: Severity,
    pub position: Position,
    pub known: Timestamp,
    /// It was there before the drill began.
    pub before: bool,
    /// A person of the team reported it.
    pub own: bool,
    /// When a person of the team first did anything about it.
    pub touched: Option<Timestamp>,
    pub sent: Vec<Sent>,
    pub voided: Option<Timestamp>,
    pub bundled: Option<(Timestamp, CaseId)>,
    pub handled: Option<Timestamp>,
    pub closed: Option<Timestamp>,
    pub overdue: Option<Timestamp>,
}

impl CaseTrack {
    pub fn is_open(&self) -> bool {
        self.voided.is_none() && self.bundled.is_none() && self.closed.is_none()
    }
}

/// A unit as the judges see it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct UnitTrack {
    pub call_sign: String,
    pub call_sign_en: String,
    pub department: DepartmentId,
    pub skills: Vec<String>,
    pub task: Option<CaseId>,
}

/// An alarm as the judges see it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct AlarmTrack {
    pub source: AlarmSource,
    pub raised: Timestamp,
    pub seen: Option<Timestamp>,
}

/// An inject that was fired.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Fired {
    pub at: Timestamp,
    pub things: Vec<ThingId>,
}

/// Everything that the score of an attempt follows from.
#[derive(Clone, Debug)]
pub struct Tally {
    pub(super) from: Timestamp,
    pub(super) now: Timestamp,
    pub(super) ended: bool,
    pub(super) rules: Rules,
    pub(super) units: Vec<UnitTrack>,
    unit_of_mover: BTreeMap<MoverId, UnitId>,
    pub(super) cases: BTreeMap<CaseId, CaseTrack>,
    pub(super) alarms: BTreeMap<AlarmId, AlarmTrack>,
    pub(super) fired: BTreeMap<u32, Fired>,
    /// Units sent to a place without a case: where, when.
    pub(super) places: Vec<(Position, Timestamp)>,
    /// Seconds from sending to arrival, one for each arrival.
    pub(super) arrivals_s: Vec<f64>,
    pub(super) cover: Cover,
    /// Who takes part: only what they do counts as the team's.
    people: BTreeSet<String>,
}

impl Tally {
    /// At the start of a drill.
    pub fn new(scenario: &Scenario, start: &State) -> Self {
        let from = scenario.start.time();
        let mut tally = Self {
            from,
            now: from,
            ended: false,
            rules: start.rules().cloned().unwrap_or_else(no_rules),
            units: Vec::new(),
            unit_of_mover: BTreeMap::new(),
            cases: BTreeMap::new(),
            alarms: BTreeMap::new(),
            fired: BTreeMap::new(),
            places: Vec::new(),
            arrivals_s: Vec::new(),
            cover: Cover::new(&scenario.areas),
            people: BTreeSet::new(),
        };
        for unit in start.units() {
            tally.add_unit(
                unit.id,
                unit.mover,
                UnitTrack {
                    call_sign: unit.call_sign.clone(),
                    call_sign_en: unit.call_sign_en.clone(),
                    department: unit.department,
                    skills: unit.skills.clone(),
                    task: unit.assignment.as_ref().and_then(|a| match a.target {
                        AssignmentTarget::Case(case) => Some(case),
                        AssignmentTarget::Place(_) => None,
                    }),
                },
            );
            let out = unit.status == UnitStatus::OutOfService;
            tally.cover.set_out(unit.id, out, from);
            if let Some(p) = start.mover(unit.mover).and_then(|m| m.position) {
                tally.cover.moved(unit.id, p, from);
            }
        }
        for case in start.cases().values() {
            let track = CaseTrack {
                class: case.class,
                severity: case.severity,
                position: case.position,
                known: case.occurred_at,
                before: true,
                own: false,
                touched: None,
                sent: Vec::new(),
                voided: None,
                bundled: None,
                handled: case.handled_by.map(|_| case.since()),
                closed: (!case.stage.is_open()).then(|| case.since()),
                overdue: case.overdue.then_some(from),
            };
            tally.cases.insert(case.id, track);
        }
        tally.cover.begin(from);
        tally
    }

    /// The tally of a whole attempt.
    pub fn of<'a>(
        scenario: &Scenario,
        start: &State,
        entries: impl IntoIterator<Item = &'a DrillEntry>,
    ) -> Self {
        let mut tally = Self::new(scenario, start);
        for entry in entries {
            tally.take(entry);
        }
        tally
    }

    /// Takes the next entry.
    pub fn take(&mut self, entry: &DrillEntry) {
        self.now = self.now.max(entry.time);
        match &entry.what {
            DrillEvent::Record(record) => self.record(record),
            DrillEvent::Injected { inject, .. } => {
                let fired = Fired {
                    at: entry.time,
                    things: Vec::new(),
                };
                self.fired.entry(*inject).or_insert(fired);
            }
            DrillEvent::Thing { inject, thing } => {
                if let Some(f) = self.fired.get_mut(inject)
                    && !f.things.contains(thing)
                {
                    f.things.push(*thing);
                }
            }
            DrillEvent::Joined { name, seat } if *seat == Seat::Participant => {
                self.people.insert(name.clone());
            }
            DrillEvent::Phase(phase) => self.ended = *phase == DrillPhase::Ended,
            _ => {}
        }
    }

    /// Time goes on without an entry.
    pub fn reach(&mut self, now: Timestamp) {
        self.now = self.now.max(now);
    }

    /// Areas (places in the scenario's list) that have no unit in them now, and since when.
    pub fn empty_areas(&self) -> Vec<(u32, Timestamp)> {
        self.cover.empty_now()
    }

    /// Things that an inject has made so far.
    pub fn things(&self, inject: u32) -> Vec<ThingId> {
        self.fired
            .get(&inject)
            .map_or_else(Vec::new, |f| f.things.clone())
    }

    /// Alarms of an inject that nobody has acknowledged.
    pub fn open_alarms(&self, inject: u32) -> Vec<AlarmId> {
        let things = self.things(inject);
        let ours = |a: &AlarmTrack| match a.source {
            AlarmSource::Case(c) => things.contains(&ThingId::Case(c)),
            AlarmSource::Sensor(s) => things.contains(&ThingId::Sensor(s)),
        };
        let open = self
            .alarms
            .iter()
            .filter(|(_, a)| a.seen.is_none() && ours(a));
        open.map(|(id, _)| *id).collect()
    }

    /// The case that a case was bundled into.
    pub fn bundled_into(&self, case: CaseId) -> Option<CaseId> {
        self.cases.get(&case)?.bundled.map(|(_, into)| into)
    }

    fn add_unit(&mut self, id: UnitId, mover: MoverId, track: UnitTrack) {
        self.unit_of_mover.insert(mover, id);
        if id.0 as usize == self.units.len() {
            self.units.push(track);
        }
    }

    fn record(&mut self, record: &Record) {
        let at = record.known_at;
        self.now = self.now.max(at);
        let person =
            matches!(&record.origin.actor, Actor::Operator(name) if self.people.contains(name));
        match &record.body {
            Body::Events(events) | Body::Observations(_, events) => {
                for event in events {
                    self.event(event, at, person);
                }
            }
            Body::Fixes(block) => {
                for fix in block.iter() {
                    if let Some(unit) = self.unit_of_mover.get(&fix.mover) {
                        self.cover.moved(*unit, fix.position, at);
                    }
                }
            }
        }
    }

    fn event(&mut self, event: &Event, at: Timestamp, person: bool) {
        match event {
            Event::UnitRegistered {
                unit,
                mover,
                registration: r,
            } => {
                let track = UnitTrack {
                    call_sign: r.call_sign.clone(),
                    call_sign_en: r.call_sign_en.clone(),
                    department: r.department,
                    skills: r.skills.clone(),
                    task: None,
                };
                self.add_unit(*unit, *mover, track);
            }
            Event::CaseReported { .. } => self.reported(event, at, person),
            Event::CaseFiled { case, class, .. } => self.with(*case, |c| c.class = *class),
            Event::CaseBundled { case, into } => {
                let into = *into;
                self.with(*case, |c| c.bundled = Some((at, into)));
                self.touch(*case, at, person);
                self.touch(into, at, person);
            }
            Event::CaseVoided { case, .. } => {
                self.with(*case, |c| c.voided = Some(at));
                self.touch(*case, at, person);
            }
            Event::CaseRestored { case, .. } => {
                self.with(*case, |c| (c.voided, c.bundled) = (None, None));
                self.touch(*case, at, person);
            }
            Event::UnitDispatched {
                unit,
                target,
                position,
                ..
            } => self.dispatched(*unit, *target, *position, at, person),
            Event::UnitArrived { unit } => self.arrived(*unit, at),
            Event::UnitRecalled { unit } | Event::UnitReleased { unit } => self.freed(*unit, at),
            Event::UnitServiceChanged { unit, in_service } => {
                self.cover.set_out(*unit, !in_service, at);
            }
            Event::CaseHandled { case, .. } => self.with(*case, |c| c.handled = Some(at)),
            Event::CaseReworked { case } => self.with(*case, |c| c.handled = None),
            Event::CaseClosed { case } => {
                self.with(*case, |c| c.closed = Some(at));
                self.touch(*case, at, person);
            }
            Event::CaseBecameOverdue { case } => self.with(*case, |c| c.overdue = Some(at)),
            Event::AlarmRaised { alarm, source, .. } => {
                let track = AlarmTrack {
                    source: *source,
                    raised: at,
                    seen: None,
                };
                self.alarms.insert(*alarm, track);
            }
            Event::AlarmAcknowledged { alarm } => self.acknowledged(*alarm, at, person),
            _ => {}
        }
    }

    fn reported(&mut self, event: &Event, at: Timestamp, person: bool) {
        let Event::CaseReported {
            case,
            class,
            severity,
            position,
            source,
            ..
        } = event
        else {
            return;
        };
        let own = person && matches!(source, CaseSource::Operator(_));
        let track = CaseTrack {
            class: *class,
            severity: *severity,
            position: *position,
            known: at,
            before: false,
            own,
            touched: own.then_some(at),
            sent: Vec::new(),
            voided: None,
            bundled: None,
            handled: None,
            closed: None,
            overdue: None,
        };
        self.cases.insert(*case, track);
    }

    fn acknowledged(&mut self, alarm: AlarmId, at: Timestamp, person: bool) {
        let source = self.alarms.get_mut(&alarm).map(|a| {
            a.seen = Some(at);
            a.source
        });
        if let Some(AlarmSource::Case(case)) = source {
            self.touch(case, at, person);
        }
    }

    fn dispatched(
        &mut self,
        unit: UnitId,
        target: AssignmentTarget,
        position: Position,
        at: Timestamp,
        person: bool,
    ) {
        let AssignmentTarget::Case(case) = target else {
            if person {
                self.places.push((position, at));
            }
            return;
        };
        if let Some(u) = self.units.get_mut(unit.0 as usize) {
            u.task = Some(case);
        }
        self.with(case, |c| {
            let with = 1 + c.sent.iter().filter(|s| s.left.is_none()).count() as u32;
            c.sent.push(Sent {
                unit,
                at,
                with,
                arrived: None,
                left: None,
            });
        });
        self.touch(case, at, person);
    }

    fn arrived(&mut self, unit: UnitId, at: Timestamp) {
        let Some(case) = self.units.get(unit.0 as usize).and_then(|u| u.task) else {
            return;
        };
        let mut took_s = None;
        self.with(case, |c| {
            let running = |s: &&mut Sent| s.unit == unit && s.left.is_none();
            if let Some(sent) = c.sent.iter_mut().rev().find(running)
                && sent.arrived.is_none()
            {
                sent.arrived = Some(at);
                took_s = Some(at.seconds_since(sent.at));
            }
        });
        self.arrivals_s.extend(took_s);
    }

    fn freed(&mut self, unit: UnitId, at: Timestamp) {
        let task = self
            .units
            .get_mut(unit.0 as usize)
            .and_then(|u| u.task.take());
        let Some(case) = task else { return };
        self.with(case, |c| {
            for s in c.sent.iter_mut().filter(|s| s.unit == unit) {
                s.left.get_or_insert(at);
            }
        });
    }

    fn with(&mut self, case: CaseId, change: impl FnOnce(&mut CaseTrack)) {
        if let Some(c) = self.cases.get_mut(&case) {
            change(c);
        }
    }

    fn touch(&mut self, case: CaseId, at: Timestamp, person: bool) {
        if person {
            self.with(case, |c| {
                c.touched.get_or_insert(at);
            });
        }
    }

    /// Cases overdue that nobody has handled.
    pub(super) fn overdue(&self) -> BTreeSet<CaseId> {
        let late = |c: &CaseTrack| c.is_open() && c.overdue.is_some() && c.handled.is_none();
        let all = self.cases.iter().filter(|(_, c)| late(c));
        all.map(|(id, _)| *id).collect()
    }

    /// How many cases are open.
    pub(super) fn open(&self) -> usize {
        self.cases.values().filter(|c| c.is_open()).count()
    }
}

/// A city that has not been configured judges nothing.
fn no_rules() -> Rules {
    Rules {
        city: String::new(),
        city_en: String::new(),
        bounds: crate::geo::GeoBox::new(Position::default(), Position::default()),
        classes: Vec::new(),
        departments: Vec::new(),
        calendar: crate::city::Calendar::default(),
        duplicate_radius_m: 0,
        duplicate_age_s: 0,
        future_tolerance_s: 0,
        keep_closed_s: 0,
    }
}
