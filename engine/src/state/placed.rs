use super::{Spatial, State};
use crate::geo::Position;
use crate::ids::{CaseId, MoverId, SensorId};

impl State {
    /// The index of this state, built from scratch.
    pub(super) fn indexed(&self) -> Spatial {
        let mut spatial = Spatial::default();
        for (id, p) in self.placed_movers() {
            spatial.place_mover(id, p);
        }
        for (id, p) in self.placed_sensors() {
            spatial.place_sensor(id, p);
        }
        for (id, p) in self.placed_cases() {
            spatial.place_case(id, p);
        }
        spatial
    }

    /// Holds the index against the state that it is of.
    ///
    /// # Errors
    /// In words, when they differ.
    pub(super) fn check_index(&self) -> Result<(), String> {
        let (movers, cases) = (self.placed_movers(), self.placed_cases());
        if self.spatial.holds(movers, cases, self.placed_sensors()) {
            Ok(())
        } else {
            Err("the index differs from the positions in the state".to_owned())
        }
    }

    fn placed_movers(&self) -> impl Iterator<Item = (MoverId, Position)> + '_ {
        let all = (0..).map(MoverId).zip(&self.registry.movers);
        all.filter_map(|(id, m)| Some((id, m.position?)))
    }

    fn placed_cases(&self) -> impl Iterator<Item = (CaseId, Position)> + '_ {
        let open = self.cases.values().filter(|c| c.stage.is_open());
        open.map(|c| (c.id, c.position))
    }

    fn placed_sensors(&self) -> impl Iterator<Item = (SensorId, Position)> + '_ {
        let known = self.registry.sensors.iter().filter(|s| !s.has_retired());
        known.map(|s| (s.id, s.position))
    }
}
