//! What is sent of cases, units, sensors and alarms: whole views, or a sensor's new reading.

use super::{EntityChange, Layer, seen_of};
use crate::ids::{AlarmId, CaseId, ThingId};
use crate::model::{CaseHistory, HistoryEntry, HistoryKind};
use crate::state::{Changes, State};

/// The layers that entities are sent in, in the order of a frame.
pub const ENTITY_LAYERS: [Layer; 3] = [Layer::Cases, Layer::Units, Layer::Sensors];

/// The layer that a thing is sent in; alarms go with the cases.
pub fn layer_of(thing: ThingId) -> Layer {
    match thing {
        ThingId::Case(_) | ThingId::Alarm(_) => Layer::Cases,
        ThingId::Unit(_) => Layer::Units,
        ThingId::Sensor(_) => Layer::Sensors,
    }
}

/// How a thing is now, or that it is gone; `None` for a unit or sensor that never existed or has retired.
pub fn view_of(state: &State, thing: ThingId) -> Option<EntityChange> {
    seen_of(state, None, thing).or(match thing {
        ThingId::Case(id) => Some(EntityChange::CaseGone(id)),
        ThingId::Alarm(id) => Some(EntityChange::AlarmGone(id)),
        ThingId::Unit(_) | ThingId::Sensor(_) => None,
    })
}

/// Everything that changes touched but positions.
pub fn changed_things(changes: &Changes) -> impl Iterator<Item = ThingId> + '_ {
    let cases = changes.cases.iter().copied().map(ThingId::Case);
    let units = changes.units.iter().copied().map(ThingId::Unit);
    let sensors = changes.sensors.iter().copied().map(ThingId::Sensor);
    let alarms = changes.alarms.iter().copied().map(ThingId::Alarm);
    cases.chain(units).chain(sensors).chain(alarms)
}

/// Everything that a state holds but positions.
pub fn all_things(state: &State) -> impl Iterator<Item = ThingId> + '_ {
    things_after(state, None)
}

/// Of everything that a state holds but positions what comes behind a thing, in the order of [`all_things`].
pub fn things_after(state: &State, after: Option<ThingId>) -> impl Iterator<Item = ThingId> + '_ {
    use core::ops::Bound::{Excluded, Included, Unbounded};
    let (first_case, first_alarm) = (CaseId(0), AlarmId(0));
    // From where on each kind is told; `None`: not at all.
    let (case, unit, sensor, alarm) = match after {
        None => (
            Some(Included(first_case)),
            Some(0),
            Some(0),
            Included(first_alarm),
        ),
        Some(ThingId::Case(c)) => (Some(Excluded(c)), Some(0), Some(0), Included(first_alarm)),
        Some(ThingId::Unit(u)) => (None, Some(u.0 as usize + 1), Some(0), Included(first_alarm)),
        Some(ThingId::Sensor(s)) => (None, None, Some(s.0 as usize + 1), Included(first_alarm)),
        Some(ThingId::Alarm(a)) => (None, None, None, Excluded(a)),
    };
    let cases = case
        .into_iter()
        .flat_map(|from| state.cases().range((from, Unbounded)));
    let cases = cases.map(|(id, _)| ThingId::Case(*id));
    let units = unit
        .into_iter()
        .flat_map(|from| state.units().iter().skip(from));
    let units = units.map(|u| ThingId::Unit(u.id));
    let sensors = sensor
        .into_iter()
        .flat_map(|from| state.sensors().iter().skip(from));
    let sensors = sensors
        .filter(|s| !s.has_retired())
        .map(|s| ThingId::Sensor(s.id));
    let alarms = state.alarms().range((alarm, Unbounded));
    let alarms = alarms.map(|(id, _)| ThingId::Alarm(*id));
    cases.chain(units).chain(sensors).chain(alarms)
}

/// Changes in runs of about so many bytes each, as they are written in JSON, which takes more than the binary form. A
/// change that is larger is a run of its own.
pub fn runs(changes: &[EntityChange], bytes_max: usize) -> impl Iterator<Item = &[EntityChange]> {
    let mut rest = changes;
    core::iter::from_fn(move || {
        let mut bytes = 0;
        let fits = |c: &&EntityChange| {
            bytes += about_bytes(c);
            bytes <= bytes_max
        };
        let fitting = rest.iter().take_while(fits).count();
        let (run, after) = rest.split_at(fitting.max(1).min(rest.len()));
        rest = after;
        (!run.is_empty()).then_some(run)
    })
}

/// About how many bytes a change takes in JSON.
fn about_bytes(change: &EntityChange) -> usize {
    let entries = |h: &CaseHistory| h.entries.iter().map(entry_bytes).sum::<usize>();
    match change {
        EntityChange::Case(c) => {
            let texts = c.address.len() + c.note.len();
            600 + texts + 80 * c.history.len() + 8 * c.units.len()
        }
        EntityChange::Unit(u) => {
            let skills: usize = u.skills.iter().map(|s| s.len() + 4).sum();
            600 + u.call_sign.len() + u.call_sign_en.len() + skills
        }
        EntityChange::Sensor(s) => 500 + s.name.len() + s.key.len() + 80 * s.hour.len(),
        EntityChange::History { history, .. } => 80 + entries(history),
        EntityChange::Alarm(_) => 300,
        EntityChange::Reading { .. } => 200,
        EntityChange::Person { person, .. } => 120 + person.name.len() + person.telephone.len(),
        EntityChange::CaseGone(_) | EntityChange::AlarmGone(_) | EntityChange::UnitGone(_) => 40,
    }
}

fn entry_bytes(entry: &HistoryEntry) -> usize {
    let words = match &entry.what {
        HistoryKind::Handled { note, .. } => note.len(),
        HistoryKind::Voided { reason } => reason.len(),
        _ => 0,
    };
    120 + words
}

/// What is sent of a tick's changes, by layer: of a sensor that was only read, its reading.
pub fn changed_views(state: &State, changes: &Changes) -> Vec<(Layer, EntityChange)> {
    let view = |thing| match thing {
        ThingId::Sensor(id) if !changes.sensors_described.contains(&id) => {
            let s = state.sensor(id)?;
            Some(EntityChange::Reading {
                sensor: id,
                state: s.state,
                reading: s.latest?,
                result_time: s.result_time,
            })
        }
        other => view_of(state, other),
    };
    changed_things(changes)
        .filter_map(|thing| Some((layer_of(thing), view(thing)?)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_hold_every_change_once_and_are_no_longer_than_is_said() {
        let history = |n: u64| EntityChange::History {
            case: CaseId(n),
            history: CaseHistory::default(),
        };
        let mut changes: Vec<EntityChange> = (0..1_000).map(history).collect();
        changes.push(EntityChange::AlarmGone(AlarmId(1)));
        let runs: Vec<_> = runs(&changes, 8_000).collect();
        assert_eq!(runs.concat(), changes);
        assert_eq!((runs.len(), runs[0].len()), (11, 100));
        assert_eq!(
            super::runs(&changes[..3], 10).count(),
            3,
            "none is left out"
        );
        assert_eq!(super::runs(&[], 10).count(), 0);
    }
}
