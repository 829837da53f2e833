//! Where the units of an attempt were, second by second, so that another team can be held against it.

use super::GhostRow;
use super::entry::{DrillEntry, DrillEvent};
use crate::event::Event;
use crate::geo::Position;
use crate::ids::{MoverId, UnitId};
use crate::model::UnitStatus;
use crate::record::{Body, Record};
use crate::state::State;
use crate::time::Timestamp;
use std::collections::BTreeMap;

/// One unit's way.
#[derive(Clone, Debug, Default)]
struct Way {
    call_sign: String,
    call_sign_en: String,
    fleet: String,
    /// Microseconds after the start.
    places: Vec<(i64, Position)>,
    states: Vec<(i64, UnitStatus)>,
}

/// The ways of all units of an attempt.
#[derive(Clone, Debug, Default)]
pub struct GhostTrack {
    ways: Vec<Way>,
    of_mover: BTreeMap<MoverId, usize>,
    from: Timestamp,
}

impl GhostTrack {
    /// Of an attempt, its beginning included.
    pub fn of<'a>(entries: impl IntoIterator<Item = &'a DrillEntry>) -> Self {
        let mut track = Self::default();
        for entry in entries {
            match &entry.what {
                DrillEvent::Begun(b) => {
                    track.from = b.scenario.start.time();
                    // A damaged state shows only units that came later.
                    if let Ok(state) = State::decode(&b.state) {
                        track.begin(&state);
                    }
                }
                DrillEvent::Record(record) => track.record(record),
                _ => {}
            }
        }
        track
    }

    fn begin(&mut self, state: &State) {
        for unit in state.units() {
            let place = state.mover(unit.mover).and_then(|m| m.position);
            self.of_mover.insert(unit.mover, self.ways.len());
            self.ways.push(Way {
                call_sign: unit.call_sign.clone(),
                call_sign_en: unit.call_sign_en.clone(),
                fleet: unit.fleet.clone(),
                places: place.map(|p| (0, p)).into_iter().collect(),
                states: vec![(0, unit.status)],
            });
        }
    }

    fn record(&mut self, record: &Record) {
        let at = record.known_at.us_since(self.from);
        match &record.body {
            Body::Fixes(block) => {
                for fix in block.iter() {
                    if let Some(way) = self.of_mover.get(&fix.mover) {
                        self.ways[*way].places.push((at, fix.position));
                    }
                }
            }
            Body::Events(events) | Body::Observations(_, events) => {
                for event in events {
                    if let Some((unit, status)) = status_of(event)
                        && let Some(way) = self.ways.get_mut(unit.0 as usize)
                    {
                        way.states.push((at, status));
                    }
                }
            }
        }
    }

    /// Where they all were, so many microseconds after the start; between two reports on the straight way.
    pub fn at(&self, passed_us: i64) -> Vec<GhostRow> {
        let row = |way: &Way| {
            let place = between(&way.places, passed_us)?.lon_lat();
            let known = way.states.partition_point(|(t, _)| *t <= passed_us);
            Some(GhostRow {
                call_sign: way.call_sign.clone(),
                call_sign_en: way.call_sign_en.clone(),
                fleet: way.fleet.clone(),
                lon: place.lon_deg,
                lat: place.lat_deg,
                status: way.states.get(known.checked_sub(1)?)?.1,
            })
        };
        self.ways.iter().filter_map(row).collect()
    }

    /// The way of one unit, by its number: microseconds after the start, and places.
    pub fn way(&self, unit: UnitId) -> &[(i64, Position)] {
        self.ways.get(unit.0 as usize).map_or(&[], |w| &w.places)
    }

    /// How many units there are.
    pub fn len(&self) -> usize {
        self.ways.len()
    }

    /// True without units.
    pub fn is_empty(&self) -> bool {
        self.ways.is_empty()
    }
}

/// The status that an event puts a unit in.
fn status_of(event: &Event) -> Option<(UnitId, UnitStatus)> {
    Some(match event {
        Event::UnitDispatched { unit, .. } => (*unit, UnitStatus::Assigned),
        Event::AssignmentAcknowledged { unit } => (*unit, UnitStatus::EnRoute),
        Event::UnitArrived { unit } => (*unit, UnitStatus::OnScene),
        Event::UnitRecalled { unit } | Event::UnitReleased { unit } => {
            (*unit, UnitStatus::Available)
        }
        Event::UnitServiceChanged { unit, in_service } => {
            let free = if *in_service {
                UnitStatus::Available
            } else {
                UnitStatus::OutOfService
            };
            (*unit, free)
        }
        _ => return None,
    })
}

fn between(places: &[(i64, Position)], at: i64) -> Option<Position> {
    let next = places.partition_point(|(t, _)| *t <= at);
    let (t0, a) = *places.get(next.checked_sub(1)?)?;
    let Some((t1, b)) = places.get(next).copied() else {
        return Some(a);
    };
    let (passed, whole) = (at.saturating_sub(t0), t1.saturating_sub(t0));
    // A long silence is no drive.
    if whole > 60_000_000 {
        return Some(a);
    }
    let part = passed as f64 / whole.max(1) as f64;
    let mix = |a: i32, b: i32| (f64::from(a) + (f64::from(b) - f64::from(a)) * part) as i32;
    Some(Position::new(
        mix(a.lon_e7, b.lon_e7),
        mix(a.lat_e7, b.lat_e7),
    ))
}
