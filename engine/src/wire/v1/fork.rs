//! Forks: two branches of one second, side by side.

use super::commands::CommandRequest;
use crate::ids::{CaseId, UnitId};
use crate::record::World;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// One thing done otherwise.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Intervention {
    /// Another unit goes. The recorded sending of `instead_of` to the case is left out.
    Dispatch {
        /// When.
        at: Timestamp,
        /// To which case.
        case: CaseId,
        /// Who goes.
        unit: UnitId,
        /// Who went.
        instead_of: Option<UnitId>,
    },
    /// The road nearest to a place is closed, both ways.
    CloseRoad {
        /// When.
        at: Timestamp,
        /// Longitude.
        lon: f64,
        /// Latitude.
        lat: f64,
        /// Until when; none: it stays closed.
        until: Option<Timestamp>,
    },
    /// One more unit of the same kind as another.
    AddUnit {
        /// When.
        at: Timestamp,
        /// The same fleet, department and skills as this one.
        like: UnitId,
        /// Longitude.
        lon: f64,
        /// Latitude.
        lat: f64,
    },
}

/// Both branches of a fork: two worlds with one clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Forked {
    /// The client's number.
    pub request: u32,
    /// The branch without the intervention.
    pub actual: World,
    /// The branch with it.
    pub other: World,
    /// The second that both come from.
    pub at: Timestamp,
}

/// How the branches compare; sent about once a second while they run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ForkReport {
    /// The second that both come from.
    pub at: Timestamp,
    /// How far they have run.
    pub time: Timestamp,
    /// How far they are to run.
    pub until: Timestamp,
    /// One row a minute, from `at` on.
    pub series: Vec<ForkRow>,
    /// Figures of the whole stretch.
    pub differences: Vec<Difference>,
    /// What the second branch did otherwise, as commands for the running city; each still to be confirmed.
    pub plan: Vec<Proposal>,
    /// The first record in which the branches differ; none while they are the same.
    pub differs_at: Option<Timestamp>,
}

/// Figures at one moment: without, with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ForkRow {
    /// When.
    pub time: Timestamp,
    /// Open cases.
    pub open: (u32, u32),
    /// Of those overdue.
    pub overdue: (u32, u32),
    /// Mean seconds from dispatch to arrival of the last hour; none without arrivals.
    pub arrival_s: (Option<f32>, Option<f32>),
}

/// Which figure a difference is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// Seconds from dispatch to arrival at the case of the intervention.
    CaseArrivalS,
    /// When the case of the intervention was handled, seconds since the fork.
    CaseHandledS,
    /// Mean seconds from dispatch to arrival.
    MeanArrivalS,
    /// Overdue cases at the end.
    Overdue,
    /// Open cases at the end.
    Open,
    /// Cases handled since the fork.
    Handled,
    /// Kilometres driven by units since the fork.
    DrivenKm,
}

/// A figure in both branches: without, with.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Difference {
    /// Which.
    pub measure: Measure,
    /// Without the intervention; none where it has not come to it.
    pub actual: Option<f64>,
    /// With it.
    pub other: Option<f64>,
}

/// A command of a branch, proposed for the running city.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Proposal {
    /// When the branch did it.
    pub time: Timestamp,
    /// What.
    pub command: CommandRequest,
    /// False where the running city would refuse it now.
    pub possible: bool,
    /// Why it would, in words.
    pub why_not: String,
}
