//! What tests across the parts and the measuring programs share.

pub mod measure;
pub mod program;
pub mod support;
