use super::State;
use crate::geo::{GeoBox, Position, distance_m};
use crate::ids::{CaseId, MoverId, SensorId};
use std::collections::BTreeMap;

/// A thing and how far it lies from where was asked, metres on the ground.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Nearby<K> {
    /// What.
    pub key: K,
    /// How far.
    pub distance_m: f64,
}

/// Where everything is: movers, open cases, sensors.
#[derive(Clone, Debug, Default)]
pub struct Spatial {
    movers: BTreeMap<MoverId, Position>,
    cases: BTreeMap<CaseId, Position>,
    sensors: BTreeMap<SensorId, Position>,
}

impl Spatial {
    /// The index of a state, from nothing.
    pub(super) fn of(state: &State) -> Self {
        let mut spatial = Self::default();
        for (i, m) in state.movers.iter().enumerate() {
            if let Some(p) = m.position {
                spatial.place_mover(MoverId(i as u32), p);
            }
        }
        for s in &state.sensors {
            spatial.place_sensor(s.id, s.position);
        }
        for c in state.cases.values().filter(|c| c.stage.is_open()) {
            spatial.place_case(c.id, c.position);
        }
        spatial
    }

    pub(super) fn place_mover(&mut self, id: MoverId, p: Position) {
        self.movers.insert(id, p);
    }

    pub(super) fn place_sensor(&mut self, id: SensorId, p: Position) {
        self.sensors.insert(id, p);
    }

    pub(super) fn place_case(&mut self, id: CaseId, p: Position) {
        self.cases.insert(id, p);
    }

    pub(super) fn forget_case(&mut self, id: CaseId) {
        self.cases.remove(&id);
    }

    /// Open cases within `radius_m` metres of `p`, by id.
    pub fn cases_within(&self, p: Position, radius_m: f64) -> Vec<CaseId> {
        self.cases
            .iter()
            .filter(|(_, q)| distance_m(p, **q) <= radius_m)
            .map(|(id, _)| *id)
            .collect()
    }

    /// Movers inside a box, by id.
    pub fn movers_in(&self, area: GeoBox) -> Vec<MoverId> {
        self.movers
            .iter()
            .filter(|(_, q)| area.contains(**q))
            .map(|(id, _)| *id)
            .collect()
    }

    /// Open cases inside a box, by id.
    pub fn cases_in(&self, area: GeoBox) -> Vec<CaseId> {
        self.cases
            .iter()
            .filter(|(_, q)| area.contains(**q))
            .map(|(id, _)| *id)
            .collect()
    }

    /// Sensors inside a box, by id.
    pub fn sensors_in(&self, area: GeoBox) -> Vec<SensorId> {
        self.sensors
            .iter()
            .filter(|(_, q)| area.contains(**q))
            .map(|(id, _)| *id)
            .collect()
    }

    /// Holds the index against the state that it is of.
    pub(super) fn check(&self, state: &State) -> Result<(), String> {
        let fresh = Self::of(state);
        if self.movers == fresh.movers && self.cases == fresh.cases && self.sensors == fresh.sensors
        {
            Ok(())
        } else {
            Err("the index differs from the positions in the state".to_owned())
        }
    }
}
