//! What the panels show, calculated from the mirror: plain values, no drawing.

pub mod coordinates;
pub mod drill;
pub mod figures;
pub mod fork;
pub mod histogram;
pub mod places;
pub mod queue;
pub mod ranking;
#[cfg(test)]
pub mod sample;
#[cfg(test)]
pub mod sample_drill;
#[cfg(test)]
pub mod sample_fork;
pub mod search;
