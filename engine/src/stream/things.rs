//! What is sent of cases, units, sensors and alarms: whole views, or a sensor's new reading.

use super::{EntityChange, Layer};
use crate::ids::ThingId;
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

/// How a thing is now, or that it is gone; `None` for a unit or sensor that never existed.
pub fn view_of(state: &State, thing: ThingId) -> Option<EntityChange> {
    Some(match thing {
        ThingId::Case(id) => state
            .case(id)
            .map_or(EntityChange::CaseGone(id), |c| EntityChange::Case(c.into())),
        ThingId::Unit(id) => EntityChange::Unit(state.unit(id)?.into()),
        ThingId::Sensor(id) => EntityChange::Sensor(state.sensor(id)?.into()),
        ThingId::Alarm(id) => state
            .alarms()
            .get(&id)
            .map_or(EntityChange::AlarmGone(id), |a| {
                EntityChange::Alarm(a.into())
            }),
    })
}

/// What has happened to a case, while it is in the live state; none for anything else.
pub fn history_of(state: &State, thing: ThingId) -> Option<EntityChange> {
    let ThingId::Case(case) = thing else {
        return None;
    };
    let history = state.history(case)?.clone();
    Some(EntityChange::History { case, history })
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
    let cases = state.cases().keys().copied().map(ThingId::Case);
    let units = state.units().iter().map(|u| ThingId::Unit(u.id));
    let sensors = state.sensors().iter().map(|s| ThingId::Sensor(s.id));
    let alarms = state.alarms().keys().copied().map(ThingId::Alarm);
    cases.chain(units).chain(sensors).chain(alarms)
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
