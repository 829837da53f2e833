//! Drills: what the director sees and does, and what the others see.

use super::time::Seat;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// A scenario that can be drilled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScenarioInfo {
    /// File name without its ending; names it in `start_drill`.
    pub key: String,
    /// Title.
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

/// How far a drill is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DrillPhase {
    /// People come to their seats; the clock stands.
    #[default]
    Preparing,
    /// It runs.
    Running,
    /// The director has stopped the clock.
    Paused,
    /// It is over; the report is there.
    Ended,
}

/// What the director may do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DirectorAct {
    /// Begins, or goes on.
    Start,
    /// Stops the clock.
    Pause,
    /// Seconds of the city a second, 0.1 … 600.
    Speed(f32),
    /// Everything still to come comes so many seconds later (or, negative, sooner).
    Postpone {
        /// Only this inject; none for all that is still to come.
        inject: Option<u32>,
        /// By how much.
        seconds: i32,
    },
    /// Fires an inject now.
    Fire {
        /// Which.
        inject: u32,
    },
    /// Back to a moment; what came after is kept as an earlier attempt, and the team tries again.
    Rewind {
        /// When to.
        to: Timestamp,
    },
    /// Writes something down at this second.
    Note {
        /// What.
        text: String,
    },
    /// Ends the drill and writes the report.
    End,
}

/// The drill as one sees it from one's seat. What only the director may see is empty for the others.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DrillView {
    /// Title of the scenario.
    pub title: String,
    /// In English.
    pub title_en: String,
    /// What the team is told beforehand.
    pub brief: String,
    /// In English.
    pub brief_en: String,
    /// One's seat.
    pub seat: Seat,
    /// How far it is.
    pub phase: DrillPhase,
    /// The second that it began at.
    pub from: Timestamp,
    /// When it ends by itself.
    pub until: Timestamp,
    /// Counts the attempts; 1 until the director rewinds.
    pub attempt: u32,
    /// Who is in it.
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
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct InjectView {
    /// Its number.
    pub id: u32,
    /// Its title.
    pub title: String,
    /// In English.
    pub title_en: String,
    /// When it is due or was fired; none for one off the time line.
    pub at: Option<Timestamp>,
    /// Fired.
    pub done: bool,
    /// Where; none for one without a place.
    pub place: Option<(f64, f64)>,
    /// What is really there, which the team must find out.
    pub truth: String,
}

/// One goal and how it stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GoalView {
    /// Title.
    pub title: String,
    /// In English.
    pub title_en: String,
    /// What was measured, in the goal's unit; none: not yet.
    pub measured: Option<f64>,
    /// What is asked for.
    pub wanted: f64,
    /// `s`, `%`, or empty for a count.
    pub unit: String,
    /// Reached; none while it is open.
    pub reached: Option<bool>,
    /// When its measuring began and ended.
    pub span: Option<(Timestamp, Option<Timestamp>)>,
}

/// Points.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ScoreView {
    /// All together, 0 … 100.
    pub total: f64,
    /// One row for each thing that is judged.
    pub rows: Vec<ScoreRow>,
}

/// What is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
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

/// Points for one thing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScoreRow {
    /// What.
    pub criterion: Criterion,
    /// Points.
    pub points: f64,
    /// Of so many.
    pub of: f64,
    /// What it rests on: each point's second, thing and reason in words.
    pub evidence: Vec<Evidence>,
}

/// What a point rests on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// When.
    pub time: Timestamp,
    /// What it is about.
    pub thing: Option<super::time::ThingId>,
    /// Won or lost.
    pub points: f64,
    /// In words.
    pub text: String,
    /// In English.
    pub text_en: String,
}

/// Whose units drive along as ghosts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GhostOf {
    /// An earlier attempt of this drill, from 1.
    Attempt(u32),
    /// The last attempt of an earlier drill, by the number of its report.
    Drill(u32),
    /// What really happened; for a drill that began at a second of the city's log.
    Real,
}

/// One unit of a ghost.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GhostRow {
    /// Its call sign.
    pub call_sign: String,
    /// The same in English.
    pub call_sign_en: String,
    /// Its fleet, which chooses the icon.
    pub fleet: String,
    /// Longitude.
    pub lon: f64,
    /// Latitude.
    pub lat: f64,
    /// What it was doing.
    pub status: crate::model::UnitStatus,
}
