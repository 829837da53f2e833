//! Drills: what a scenario defines, what a drill's log records, and the score that follows from it.
//!
//! A drill is a fork of the city with records of its own. Its log is the only source of its score: the same actions
//! give the same score.

mod checkpoints;
mod cover;
mod drill_view;
mod entry;
mod fire;
mod ghost;
mod ghost_row;
mod occurrence;
mod points;
mod recorded_closings;
mod run;
mod scenario;
mod scoring;
mod seat;
mod summary;
mod tally;
mod team;
mod view;
mod words;

#[cfg(test)]
mod tests;

pub use drill_view::{DrillView, GoalView, InjectView, ScenarioInfo};
pub use entry::{Beginning, DrillEntry, DrillEvent, attempts};
pub use fire::{REPORTS_FEED, SENSORS_FEED};
pub use ghost::GhostTrack;
pub use ghost_row::{GhostOf, GhostRow};
pub use points::{Criterion, Evidence, ScoreRow, ScoreView};
pub use recorded_closings::RecordedClosings;
pub use run::{DRILL_SPEED, DirectError, Drill};
pub use scenario::{
    Area, DrillSensor, Goal, GoalKind, Inject, InjectAct, Report, Role, Scenario, Start, Truth,
    Weights, usual_limits_s,
};
pub use scoring::{goals, score};
pub use seat::{DirectorAct, DrillPhase, Seat};
pub use summary::{Answered, CaseSummary, Summary, summary};
pub use tally::Tally;
pub use team::{Choose, Habits, ScriptLine, Team, TeamAct};
pub use words::span;
