//! Drills on the server: scenario files, reports, headless runs.

mod args;
mod injects;
mod read;
mod reader;
mod resolve;

pub use args::{CheckArgs, DrillArgs, DrillPart};
pub use read::{ScenarioError, parse, read};
pub use reader::Problem;
pub use resolve::Gazetteer;

#[cfg(test)]
mod tests;
