//! The deterministic city: what it is, what may happen to it, and what follows.
//!
//! Nothing here reads a clock, opens a file, spawns a thread or depends on hash order: the same records fold to
//! the same state on every machine.

pub mod archive;
pub mod audit;
pub mod chance;
pub mod city;
pub mod code;
pub mod command;
pub mod decide;
pub mod detect;
pub mod drill;
pub mod event;
pub mod fork;
pub mod geo;
mod growth;
pub mod hotspot;
pub mod ids;
pub mod incident;
pub mod index;
pub mod model;
pub mod permission;
pub mod rank;
pub mod record;
pub mod rejection;
pub mod replay;
pub mod roads;
pub mod sight;
pub mod sim;
pub mod state;
pub mod stream;
pub mod time;
pub mod workflow;
