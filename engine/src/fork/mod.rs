//! What if: two branches from one second, equal except for what is done differently in one of them.
//!
//! Both are simulated from the same state with the same seed and the same history; [`Fork`] steps them together, notes
//! where they first differ, and compares them.

mod compare;
mod decisions;
mod error;
mod intervention;
mod measures;
mod pair;
mod plan;
mod report;

#[cfg(test)]
mod tests;

pub use error::ForkError;
pub use intervention::Intervention;
pub use pair::{Fork, ForkPlan, ForkStep};
pub use report::{Difference, ForkReport, ForkRow, Forked, Measure, Proposal};
