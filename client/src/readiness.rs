//! What pictures wait for.

use bevy::prelude::Resource;
use std::collections::BTreeMap;

/// What a picture waits for. A plugin opens a gate under its own name at start-up (`wait_for`) and says every
/// frame, or once, whether it is ready; a picture is taken when all are.
#[derive(Resource, Debug, Default)]
pub struct Readiness {
    gates: BTreeMap<&'static str, bool>,
}

impl Readiness {
    /// Pictures wait for this gate from now on.
    pub fn wait_for(&mut self, gate: &'static str) {
        self.gates.entry(gate).or_insert(false);
    }

    /// The gate is (no longer) ready.
    pub fn set(&mut self, gate: &'static str, ready: bool) {
        self.gates.insert(gate, ready);
    }

    /// The gates still waited for.
    pub fn missing(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.gates
            .iter()
            .filter(|(_, ready)| !**ready)
            .map(|(gate, _)| *gate)
    }

    /// True when nothing is waited for.
    pub fn is_ready(&self) -> bool {
        self.missing().next().is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_waits_for_every_gate() {
        let mut readiness = Readiness::default();
        assert!(readiness.is_ready());
        readiness.wait_for("tiles");
        readiness.wait_for("snapshot");
        readiness.set("tiles", true);
        assert_eq!(readiness.missing().collect::<Vec<_>>(), ["snapshot"]);
        readiness.set("snapshot", true);
        assert!(readiness.is_ready());
        readiness.set("tiles", false);
        assert!(!readiness.is_ready());
    }
}
