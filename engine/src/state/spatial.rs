use super::State;
use crate::geo::{GeoBox, Position};
use crate::ids::{CaseId, MoverId, SensorId};
use crate::index::{LazyIndex, Slot};

/// Where everything is: movers, open cases, sensors.
#[derive(Clone, Debug, Default)]
pub struct Spatial {
    movers: LazyIndex<MoverId>,
    /// A mover's place in the index, so that a move looks nothing up.
    slots: Vec<Option<Slot>>,
    cases: LazyIndex<CaseId>,
    sensors: LazyIndex<SensorId>,
}

impl Spatial {
    /// The index of a state, from nothing.
    pub(super) fn of(state: &State) -> Self {
        let mut spatial = Self::default();
        for (id, m) in (0..).map(MoverId).zip(&state.movers) {
            if let Some(p) = m.position {
                spatial.place_mover(id, p);
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
        let at = id.0 as usize;
        if at >= self.slots.len() {
            crate::tight::lengthen(&mut self.slots, at + 1, None);
        }
        match self.slots[at] {
            Some(slot) => self.movers.move_slot(slot, p),
            None => self.slots[at] = Some(self.movers.insert(id, p)),
        }
    }

    pub(super) fn place_sensor(&mut self, id: SensorId, p: Position) {
        self.sensors.insert(id, p);
    }

    pub(super) fn place_case(&mut self, id: CaseId, p: Position) {
        self.cases.insert(id, p);
    }

    pub(super) fn forget_case(&mut self, id: CaseId) {
        self.cases.remove(id);
    }

    /// Open cases within `radius_m` metres of `p`, nearest first, with their distance in metres.
    pub fn cases_within(&self, p: Position, radius_m: f64) -> Vec<(CaseId, f64)> {
        self.cases.within(p, radius_m)
    }

    /// Movers inside a box, by id.
    pub fn movers_in(&self, area: GeoBox) -> Vec<MoverId> {
        self.movers.in_box(&area)
    }

    /// Open cases inside a box, by id.
    pub fn cases_in(&self, area: GeoBox) -> Vec<CaseId> {
        self.cases.in_box(&area)
    }

    /// Sensors inside a box, by id.
    pub fn sensors_in(&self, area: GeoBox) -> Vec<SensorId> {
        self.sensors.in_box(&area)
    }

    /// Holds the index against the state that it is of.
    pub(super) fn check(&self, state: &State) -> Result<(), String> {
        let movers = (0..)
            .map(MoverId)
            .zip(&state.movers)
            .filter_map(|(id, m)| Some((id, m.position?)));
        let cases = state
            .cases
            .values()
            .filter(|c| c.stage.is_open())
            .map(|c| (c.id, c.position));
        let sensors = state.sensors.iter().map(|s| (s.id, s.position));
        if self.movers.iter().eq(movers)
            && self.cases.iter().eq(cases)
            && self.sensors.iter().eq(sensors)
        {
            Ok(())
        } else {
            Err("the index differs from the positions in the state".to_owned())
        }
    }
}
