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
    pub(super) fn place_mover(&mut self, id: MoverId, p: Position) {
        let at = id.0 as usize;
        if at >= self.slots.len() {
            crate::growth::lengthen(&mut self.slots, at + 1, None);
        }
        match self.slots[at] {
            Some(slot) => self.movers.move_slot(slot, p),
            None => self.slots[at] = Some(self.movers.insert(id, p)),
        }
    }

    pub(super) fn forget_mover(&mut self, id: MoverId) {
        if let Some(slot) = self.slots.get_mut(id.0 as usize) {
            *slot = None;
            self.movers.remove(id);
        }
    }

    pub(super) fn place_sensor(&mut self, id: SensorId, p: Position) {
        self.sensors.insert(id, p);
    }

    pub(super) fn forget_sensor(&mut self, id: SensorId) {
        self.sensors.remove(id);
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

    /// The nearest open case within `radius_m` metres of `p` that `wanted` accepts, of equals the oldest.
    pub fn nearest_case(
        &self,
        p: Position,
        radius_m: f64,
        wanted: impl Fn(CaseId) -> bool,
    ) -> Option<CaseId> {
        let found = self.cases.nearest_within(p, radius_m, wanted);
        found.map(|(case, _)| case)
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

    /// Whether exactly these are indexed; each in the order of ids.
    pub(super) fn holds(
        &self,
        movers: impl Iterator<Item = (MoverId, Position)>,
        cases: impl Iterator<Item = (CaseId, Position)>,
        sensors: impl Iterator<Item = (SensorId, Position)>,
    ) -> bool {
        self.movers.iter().eq(movers)
            && self.cases.iter().eq(cases)
            && self.sensors.iter().eq(sensors)
    }
}
