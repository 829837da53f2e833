//! What really happened, each thing once however many reports there are of it, and what the team knew of it.

use super::scenario::{Inject, InjectAct, Scenario, Truth};
use super::tally::{CaseTrack, Sent, Tally};
use crate::geo::{Position, distance_m};
use crate::ids::{AlarmId, CaseId, SensorId, ThingId};
use crate::model::AlarmSource;
use crate::time::Timestamp;

/// A case that the team reports this near to where something happened may be about it, metres.
const NEAR_M: f64 = 200.0;

/// One thing that really happened, or that was falsely reported.
#[derive(Clone, Debug)]
pub(super) struct Occurrence<'a> {
    /// Place of its inject in the scenario's list.
    pub inject: u32,
    pub spec: &'a Inject,
    pub truth: &'a Truth,
    /// When the team could first know.
    pub known: Timestamp,
    /// Its cases, oldest first: those reported about it and those that the team made itself.
    pub cases: Vec<CaseId>,
    pub alarms: Vec<AlarmId>,
    pub place: Option<Position>,
}

impl Occurrence<'_> {
    /// What to point at.
    pub fn thing(&self) -> Option<ThingId> {
        let case = self.cases.first().map(|c| ThingId::Case(*c));
        case.or(self.alarms.first().map(|a| ThingId::Alarm(*a)))
    }

    pub fn is_storm(&self) -> bool {
        matches!(self.spec.act, InjectAct::Storm { .. })
    }

    /// Its cases with their numbers.
    pub fn tracks<'t>(&self, tally: &'t Tally) -> Vec<(CaseId, &'t CaseTrack)> {
        let track = |id: &CaseId| Some((*id, tally.cases.get(id)?));
        self.cases.iter().filter_map(track).collect()
    }

    /// All sendings to it, in the order of their times.
    pub fn sent(&self, tally: &Tally) -> Vec<(CaseId, Sent)> {
        let mut all: Vec<(CaseId, Sent)> = Vec::new();
        for (id, case) in self.tracks(tally) {
            all.extend(case.sent.iter().map(|s| (id, *s)));
        }
        all.sort_by_key(|(_, s)| (s.at, s.unit));
        all
    }

    /// The first sending.
    pub fn first_sent(&self, tally: &Tally) -> Option<(CaseId, Sent)> {
        self.sent(tally).first().copied()
    }

    /// The first arrival.
    pub fn first_arrival(&self, tally: &Tally) -> Option<Timestamp> {
        self.sent(tally).iter().filter_map(|(_, s)| s.arrived).min()
    }

    /// When a person of the team first did anything about it.
    pub fn noticed(&self, tally: &Tally) -> Option<Timestamp> {
        let cases = self
            .tracks(tally)
            .into_iter()
            .filter_map(|(_, c)| c.touched);
        let alarms = self.alarms.iter().filter_map(|a| tally.alarms.get(a)?.seen);
        let near = |p: Position| self.place.is_some_and(|at| distance_m(p, at) <= NEAR_M);
        let places = tally
            .places
            .iter()
            .filter(|(p, at)| *at >= self.known && near(*p));
        cases.chain(alarms).chain(places.map(|(_, at)| *at)).min()
    }
}

/// Everything that has happened so far and that the team could know of, in the order of the scenario.
pub(super) fn occurrences<'a>(scenario: &'a Scenario, tally: &Tally) -> Vec<Occurrence<'a>> {
    let mut all = Vec::new();
    for (inject, spec) in scenario.injects.iter().enumerate() {
        let inject = inject as u32;
        let (Some(truth), Some(fired), None) = (&spec.truth, tally.fired.get(&inject), spec.about)
        else {
            continue;
        };
        let mut things = fired.things.clone();
        for (other, more) in &tally.fired {
            let about = scenario.injects.get(*other as usize).and_then(|i| i.about);
            if about == Some(inject) {
                things.extend(&more.things);
            }
        }
        all.extend(occurrence(scenario, tally, inject, spec, truth, &things));
    }
    all
}

fn occurrence<'a>(
    scenario: &Scenario,
    tally: &Tally,
    inject: u32,
    spec: &'a Inject,
    truth: &'a Truth,
    things: &[ThingId],
) -> Option<Occurrence<'a>> {
    let fired = tally.fired.get(&inject)?;
    let sensors: Vec<SensorId> = things
        .iter()
        .filter_map(|t| match t {
            ThingId::Sensor(s) => Some(*s),
            _ => None,
        })
        .collect();
    let mut cases: Vec<CaseId> = things
        .iter()
        .filter_map(|t| match t {
            ThingId::Case(c) => Some(*c),
            _ => None,
        })
        .collect();
    let place = spec.act.place(scenario);
    let rules = &tally.rules;
    let same_department = |c: &CaseTrack| {
        let department = |id| rules.class(id).map(|c| c.department);
        c.class == truth.class || department(c.class) == department(truth.class)
    };
    let near = |c: &CaseTrack| place.is_some_and(|p| distance_m(c.position, p) <= NEAR_M);
    let own = |c: &CaseTrack| c.own && c.known >= fired.at && near(c) && same_department(c);
    cases.extend(
        tally
            .cases
            .iter()
            .filter(|(_, c)| own(c))
            .map(|(id, _)| *id),
    );
    cases.sort_unstable();
    cases.dedup();
    let ours = |source: AlarmSource| match source {
        AlarmSource::Case(case) => cases.contains(&case),
        AlarmSource::Sensor(sensor) => sensors.contains(&sensor),
    };
    let alarms: Vec<AlarmId> = tally
        .alarms
        .iter()
        .filter(|(_, a)| ours(a.source) && a.raised >= fired.at)
        .map(|(id, _)| *id)
        .collect();
    let first_case = cases.first().and_then(|c| Some(tally.cases.get(c)?.known));
    let first_alarm = alarms
        .first()
        .and_then(|a| Some(tally.alarms.get(a)?.raised));
    let known = [first_case, first_alarm].into_iter().flatten().min()?;
    Some(Occurrence {
        inject,
        spec,
        truth,
        known,
        cases,
        alarms,
        place,
    })
}
