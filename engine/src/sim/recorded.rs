//! What a simulator knows of the history that happens again in it.

use crate::ids::{CaseId, MoverId, SensorId, UnitId};
use crate::time::Timestamp;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// What of history has been taken over.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Recorded {
    /// Until this moment the log decides what happens.
    pub until: Option<Timestamp>,
    /// Things that got another number here than in history.
    pub movers: BTreeMap<MoverId, MoverId>,
    pub units: BTreeMap<UnitId, UnitId>,
    pub sensors: BTreeMap<SensorId, SensorId>,
    pub cases: BTreeMap<CaseId, CaseId>,
    pub left_out: BTreeSet<(UnitId, CaseId)>,
    pub tally: RecordedTally,
}

/// How far history could be followed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct RecordedTally {
    /// Decisions of officers that were done here as well.
    pub followed: u32,
    /// Decisions that were refused here, because something was otherwise.
    pub refused: u32,
    /// Decisions that were left out by an act.
    pub left_out: u32,
}

impl Recorded {
    pub fn leave_out(&mut self, unit: UnitId, case: CaseId) {
        self.left_out.insert((unit, case));
    }
}
