//! A city that answers: simulated crews, cases and sensors, for demonstrations and drills.

mod args;
mod casebook;
pub mod cases;
pub mod console;
pub mod crews;
pub mod link;
mod rhythm_args;
pub mod sensors;

pub use args::{DemoArgs, DemoOptions, DemoPart};
pub use casebook::CaseBook;
pub use chengtu_engine::sim::Chance;
pub use rhythm_args::RhythmArgs;
