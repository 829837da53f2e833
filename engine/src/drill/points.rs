use crate::ids::ThingId;
use crate::time::Timestamp;

/// The points of an attempt, so far or in the end.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ScoreView {
    /// All together, 0 … 100.
    pub total: f64,
    /// One row for each thing that is judged.
    pub rows: Vec<ScoreRow>,
}

/// Points for one thing.
#[derive(Clone, Debug, PartialEq)]
pub struct ScoreRow {
    /// The criterion that the row is of.
    pub criterion: Criterion,
    /// Points won, 0 … `of`.
    pub points: f64,
    /// The most that could be won; 0 where nothing was judged.
    pub of: f64,
    /// What it rests on: each point's second, thing and reason in words.
    pub evidence: Vec<Evidence>,
}

/// What a team is judged by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)] // Named after the lines of the report.
pub enum Criterion {
    Detection,
    Classification,
    TimeToDispatch,
    RightDepartment,
    Arrival,
    OverCommitment,
    EmptyAreas,
    AlarmsUnacknowledged,
    Goals,
}

/// What a point rests on.
#[derive(Clone, Debug, PartialEq)]
pub struct Evidence {
    /// The second that decided it.
    pub time: Timestamp,
    /// The case or alarm to point at; `None`: the drill as a whole.
    pub thing: Option<ThingId>,
    /// Won or lost.
    pub points: f64,
    /// The reason in Chinese.
    pub text: String,
    /// The reason in English.
    pub text_en: String,
}
