//! A city that answers: simulated crews, cases and sensors, for demonstrations and drills.

mod args;
mod casebook;
pub mod cases;
pub mod console;
pub mod crews;
mod land;
pub mod link;
mod rhythm_args;
pub mod sensors;
#[cfg(test)]
mod tests;
mod water;

pub use args::{DemoArgs, DemoOptions, DemoPart};
pub use casebook::CaseBook;
pub use chengtu_engine::sim::Chance;
pub use land::CityLand;
pub use rhythm_args::RhythmArgs;
