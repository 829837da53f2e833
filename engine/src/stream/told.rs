//! Which things all who share a lens have been told, and what is told of them when that changes.

use super::cut::{history_seen, person_seen, seen_of};
use super::tick::Tick;
use super::{EntityChange, Layer, PersonView};
use crate::ids::{AlarmId, CaseId, SensorId, ThingId, UnitId};
use crate::model::{AlarmSource, Case, CaseHistory, HistoryEntry, HistoryKind, Unit};
use crate::sight::Lens;
use crate::state::State;
use std::collections::{BTreeMap, BTreeSet};

/// Changes by the layer that they are sent in.
pub(super) type ByLayer = BTreeMap<Layer, Vec<EntityChange>>;

/// Things that are seen.
#[derive(Clone, Debug, Default)]
pub(super) struct Told {
    cases: BTreeSet<CaseId>,
    units: BTreeSet<UnitId>,
    sensors: BTreeSet<SensorId>,
    alarms: BTreeSet<AlarmId>,
    /// Cases whose history was told.
    histories: BTreeSet<CaseId>,
    /// Cases behind which a person was told.
    persons: BTreeSet<CaseId>,
}

/// Units that have come into sight and gone out of it.
#[derive(Clone, Debug, Default)]
pub(super) struct Turned {
    pub come: Vec<UnitId>,
    pub gone: Vec<UnitId>,
}

impl Turned {
    /// What is told of those that have gone.
    pub fn goings(&self) -> Vec<EntityChange> {
        let gone = self.gone.iter().copied();
        gone.map(EntityChange::UnitGone).collect()
    }
}

fn units_seen(state: &State, lens: &Lens) -> BTreeSet<UnitId> {
    let units = state.units().iter().filter(|u| lens.unit(state, u));
    units.map(|u| u.id).collect()
}

/// Notes whether a thing is seen now; true where something is to be told: what is seen, or that it is gone.
fn turn<T: Ord + Copy>(told: &mut BTreeSet<T>, thing: T, seen: bool) -> bool {
    if seen {
        told.insert(thing);
    }
    seen || told.remove(&thing)
}

impl Told {
    /// Everything that is seen of a state.
    pub fn of(state: &State, lens: &Lens) -> Self {
        let cases = state.cases().values();
        let alarms = state.alarms().values();
        let sensors = state.sensors().iter().filter(|s| !s.has_retired());
        let beside = |told: &dyn Fn(ThingId) -> bool| {
            let all = state.cases().keys().copied();
            all.filter(|c| told(ThingId::Case(*c))).collect()
        };
        let cases = cases.filter(|c| lens.case(state, c).is_some());
        let alarms = alarms.filter(|a| lens.alarm(state, a).is_some());
        Self {
            cases: cases.map(|c| c.id).collect(),
            units: units_seen(state, lens),
            sensors: sensors.filter(|s| lens.sensor(s)).map(|s| s.id).collect(),
            alarms: alarms.map(|a| a.id).collect(),
            histories: beside(&|c| history_seen(state, Some(lens), c).is_some()),
            persons: beside(&|c| person_seen(state, Some(lens), c).is_some()),
        }
    }

    /// The units that are seen.
    pub fn units(&self) -> &BTreeSet<UnitId> {
        &self.units
    }

    /// Cases of which more is to be told or less: those that were touched, and those that name one that has come into sight
    /// or gone out of it.
    pub fn cases_touched(&self, whole: &Tick<'_>, lens: &Lens) -> BTreeSet<CaseId> {
        let (state, touched) = (whole.state, &whole.touched.cases);
        let sees = |c: &CaseId| lens.known_case(state, *c).is_ok();
        let turned = touched.iter().filter(|c| sees(c) != self.cases.contains(c));
        let turned: BTreeSet<CaseId> = turned.copied().collect();
        let mut cases = touched.clone();
        if turned.is_empty() {
            return cases;
        }
        let named = |e: &HistoryEntry| match e.what {
            HistoryKind::BundledInto(c) | HistoryKind::TookIn(c) | HistoryKind::GaveBack(c) => {
                turned.contains(&c)
            }
            _ => false,
        };
        let names = |c: &Case| {
            let same = c.maybe_same_as.is_some_and(|o| turned.contains(&o));
            same || state
                .history(c.id)
                .is_some_and(|h| h.entries.iter().any(named))
        };
        cases.extend(state.cases().values().filter(|c| names(c)).map(|c| c.id));
        cases
    }

    /// Tells of cases as they are seen, or that they are gone.
    pub fn cases(
        &mut self,
        state: &State,
        lens: &Lens,
        cases: &BTreeSet<CaseId>,
        changes: &mut ByLayer,
    ) {
        for id in cases {
            let seen = seen_of(state, Some(lens), ThingId::Case(*id));
            if turn(&mut self.cases, *id, seen.is_some()) {
                let change = seen.unwrap_or(EntityChange::CaseGone(*id));
                changes.entry(Layer::Cases).or_default().push(change);
            }
        }
    }

    /// Units come into sight and go out of it by moving, by their tasks and by what becomes of a case.
    pub fn units_now(
        &mut self,
        whole: &Tick<'_>,
        lens: &Lens,
        cases: &BTreeSet<CaseId>,
        changes: &mut ByLayer,
    ) -> Turned {
        let (state, touched) = (whole.state, &whole.touched);
        let now = units_seen(state, lens);
        let changed = |u: &UnitId| {
            // Where it is sent is shown as its case is.
            let case = state.unit(*u).and_then(Unit::case);
            touched.units.contains(u) || case.is_some_and(|c| cases.contains(&c))
        };
        let new = |u: &UnitId| !self.units.contains(u);
        for id in now.iter().filter(|u| changed(u) || new(u)) {
            let view = seen_of(state, Some(lens), ThingId::Unit(*id));
            changes.entry(Layer::Units).or_default().extend(view);
        }
        let turned = Turned {
            come: now.difference(&self.units).copied().collect(),
            gone: self.units.difference(&now).copied().collect(),
        };
        self.units = now;
        turned
    }

    /// Tells of sensors on the ground that is seen. True where one has left it, having been set up elsewhere: no frame says
    /// that one is gone.
    pub fn sensors(&mut self, whole: &Tick<'_>, lens: &Lens, changes: &mut ByLayer) -> bool {
        let sees = |s: SensorId| whole.state.sensor(s).is_some_and(|s| lens.sensor(s));
        for change in whole.changes(Layer::Sensors) {
            let sensor = match change {
                EntityChange::Sensor(s) => s.id,
                EntityChange::Reading { sensor, .. } => *sensor,
                _ => continue,
            };
            if sees(sensor) {
                self.sensors.insert(sensor);
                let here = changes.entry(Layer::Sensors).or_default();
                here.push(change.clone());
            }
        }
        let had = self.sensors.len();
        if !whole.touched.sensors_described.is_empty() {
            self.sensors.retain(|s| sees(*s));
        }
        self.sensors.len() < had
    }

    /// Tells of alarms: those that were touched, and those of cases that were.
    pub fn alarms(
        &mut self,
        whole: &Tick<'_>,
        lens: &Lens,
        cases: &BTreeSet<CaseId>,
        changes: &mut ByLayer,
    ) {
        let state = whole.state;
        let mut alarms = whole.touched.alarms.clone();
        if !cases.is_empty() {
            let of_case = state.alarms().values().filter(|a| match a.source {
                AlarmSource::Case(case) => cases.contains(&case),
                AlarmSource::Sensor(_) => false,
            });
            alarms.extend(of_case.map(|a| a.id));
        }
        for id in alarms {
            let seen = seen_of(state, Some(lens), ThingId::Alarm(id));
            if turn(&mut self.alarms, id, seen.is_some()) {
                let change = seen.unwrap_or(EntityChange::AlarmGone(id));
                changes.entry(Layer::Cases).or_default().push(change);
            }
        }
    }

    /// What has happened to cases; an empty history for whoever held one and does not any more.
    pub fn histories(
        &mut self,
        state: &State,
        lens: &Lens,
        cases: &BTreeSet<CaseId>,
    ) -> Vec<EntityChange> {
        let mut told = Vec::new();
        for case in cases {
            let history = history_seen(state, Some(lens), ThingId::Case(*case));
            let none = || EntityChange::History {
                case: *case,
                history: CaseHistory::default(),
            };
            let tell = turn(&mut self.histories, *case, history.is_some());
            // Of a case that is gone it is not told that its history is.
            if tell && self.cases.contains(case) {
                told.push(history.unwrap_or_else(none));
            }
        }
        told
    }

    /// The persons behind cases; an empty one where nothing is masked any more.
    pub fn persons(
        &mut self,
        state: &State,
        lens: &Lens,
        cases: &BTreeSet<CaseId>,
    ) -> Vec<EntityChange> {
        let mut told = Vec::new();
        for case in cases {
            let person = person_seen(state, Some(lens), ThingId::Case(*case));
            let none = || EntityChange::Person {
                case: *case,
                person: PersonView::default(),
            };
            let tell = turn(&mut self.persons, *case, person.is_some());
            if tell && self.cases.contains(case) {
                told.push(person.unwrap_or_else(none));
            }
        }
        told
    }
}
