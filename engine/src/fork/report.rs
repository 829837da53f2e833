use crate::command::CommandRequest;
use crate::record::World;
use crate::time::Timestamp;

/// Both branches of a fork: two worlds with one clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
#[derive(Clone, Debug, Default, PartialEq)]
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
    /// The first record in which the branches differ; `None` while they are the same.
    pub differs_at: Option<Timestamp>,
}

/// Figures at one moment: without, with.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ForkRow {
    /// The second that the figures are of.
    pub time: Timestamp,
    /// Open cases: in the branch without the interventions, in the branch with them.
    pub open: (u32, u32),
    /// How many of the open cases are overdue, in the same order.
    pub overdue: (u32, u32),
    /// Mean seconds from dispatch to arrival of the last hour; `None` without arrivals.
    pub arrival_s: (Option<f32>, Option<f32>),
}

/// Which figure a difference is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
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
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Difference {
    /// The figure that is compared.
    pub measure: Measure,
    /// Without the intervention; `None` where it has not come to it.
    pub actual: Option<f64>,
    /// In the branch with the interventions.
    pub other: Option<f64>,
}

/// A command of a branch, proposed for the running city.
#[derive(Clone, Debug, PartialEq)]
pub struct Proposal {
    /// When the branch did it.
    pub time: Timestamp,
    /// The command that was decided in the branch.
    pub command: CommandRequest,
    /// False where the running city would refuse it now.
    pub possible: bool,
    /// Why it would, in words.
    pub why_not: String,
}
