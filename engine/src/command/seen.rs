use crate::ids::{AssignmentId, CaseId, UnitId};

/// An act that is older than this when it comes in is not done any more, milliseconds.
pub const AGE_MAX_MS: u32 = 30_000;

/// What an act was decided upon. An empty basis expects nothing and is never too old.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Basis {
    /// What the officer saw of the things acted upon. Where one is no longer so, nothing is done.
    pub seen: Vec<Seen>,
    /// How long ago it was decided when it was sent, by the client's own clock; see [`AGE_MAX_MS`].
    pub age_ms: u32,
}

/// What an officer saw of one thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    /// A case.
    Case {
        /// The case.
        case: CaseId,
        /// Its [`revision`](crate::model::CaseHistory::revision).
        revision: u32,
    },
    /// A unit.
    Unit {
        /// The unit.
        unit: UnitId,
        /// What it was sent to; none where it was free.
        task: Option<SeenTask>,
    },
}

/// A unit's task as an officer saw it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeenTask {
    /// The sending: the same case a second time is another one.
    pub assignment: AssignmentId,
    /// The case that it was for; none for a mere place.
    pub case: Option<CaseId>,
}
