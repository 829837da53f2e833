//! What the panels show, calculated from the mirror: plain values, no drawing.

pub mod case;
pub mod figures;
pub mod histogram;
pub mod places;
pub mod queue;
pub mod ranking;
#[cfg(test)]
pub mod sample;
pub mod search;
