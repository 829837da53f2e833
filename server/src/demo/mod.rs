//! A city that answers: simulated crews, cases and sensors, for demonstrations and drills.

mod chance;

pub use chance::Chance;
