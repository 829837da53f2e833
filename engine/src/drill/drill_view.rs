use super::{DrillPhase, ScoreView, Seat};
use crate::time::Timestamp;

/// The drill as it is seen from a seat. What only the director may see is empty for the others.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DrillView {
    /// Title of the scenario.
    pub title: String,
    /// The title in English.
    pub title_en: String,
    /// What the team may know before the start.
    pub brief: String,
    /// The brief in English.
    pub brief_en: String,
    /// The seat that this is seen from.
    pub seat: Seat,
    /// Whether it is being prepared, running, paused or over.
    pub phase: DrillPhase,
    /// The second that it began at.
    pub from: Timestamp,
    /// When it ends by itself.
    pub until: Timestamp,
    /// Counts the attempts; 1 until the director rewinds.
    pub attempt: u32,
    /// Names of the people in it, each with the seat.
    pub people: Vec<(String, Seat)>,
    /// Director only: all injects, in the order of their times, those off the time line last.
    pub injects: Vec<InjectView>,
    /// Director only: goals.
    pub goals: Vec<GoalView>,
    /// Director only until it has ended: points so far.
    pub score: Option<ScoreView>,
    /// Director only: notes.
    pub notes: Vec<(Timestamp, String)>,
    /// Director only: moments to rewind to, one a minute and one before each inject.
    pub checkpoints: Vec<Timestamp>,
    /// Where the report is, once it has ended: a path on this server.
    pub report: String,
}

/// One inject, for the director.
#[derive(Clone, Debug, PartialEq)]
pub struct InjectView {
    /// Place in the scenario's list, from 0.
    pub id: u32,
    /// Title of the inject.
    pub title: String,
    /// The title in English.
    pub title_en: String,
    /// When it is due or was fired; `None` for an inject off the time line.
    pub at: Option<Timestamp>,
    /// True once it was fired.
    pub done: bool,
    /// Longitude, latitude in degrees WGS 84; `None` for an inject without a place.
    pub place: Option<(f64, f64)>,
    /// What is really there, which the team must find out.
    pub truth: String,
}

/// One goal and its state.
#[derive(Clone, Debug, PartialEq)]
pub struct GoalView {
    /// Title of the goal.
    pub title: String,
    /// The title in English.
    pub title_en: String,
    /// What was measured, in the goal's unit; `None`: not yet.
    pub measured: Option<f64>,
    /// The bound to keep, in the goal's unit.
    pub wanted: f64,
    /// `s`, `%`, or empty for a count.
    pub unit: String,
    /// Reached; `None` while it is open.
    pub reached: Option<bool>,
    /// When its measuring began and ended.
    pub span: Option<(Timestamp, Option<Timestamp>)>,
}

/// A scenario that can be drilled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScenarioInfo {
    /// File name without its ending; names it in `start_drill`.
    pub key: String,
    /// Title of the scenario.
    pub title: String,
    /// Title in English.
    pub title_en: String,
    /// What it trains, in a sentence.
    pub summary: String,
    /// The same in English.
    pub summary_en: String,
    /// How long it runs, seconds.
    pub duration_s: u32,
    /// How many injects it has.
    pub injects: u32,
    /// Why it cannot be drilled, with the line; empty where it can.
    pub problem: String,
}
