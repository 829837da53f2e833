//! Drills on the server: scenario files, reports, headless runs.

mod args;
mod calm;
mod ground;
mod headless;
mod injects;
mod read;
mod reader;
mod report;
mod resolve;
mod store;
mod team_file;

pub use args::{CheckArgs, DrillArgs, DrillPart};
pub use ground::{BeginError, Ground, SCENARIOS};
pub use headless::{PlayError, Played, play};
pub use read::{ScenarioError, parse, read};
pub use reader::Problem;
pub use report::{compared, report, write_report, write_report_to};
pub use resolve::Gazetteer;
pub use store::{DrillLog, DrillWriter, StoreError};
pub use team_file::{parse_team, practised};

#[cfg(test)]
mod tests;
