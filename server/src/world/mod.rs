//! The running city: one thread owns its state, log and stream, and everything that happens passes through it.
//!
//! Ten times a second it takes what has arrived, decides it, writes it to the log, applies it, makes the log durable,
//! and only then answers and shows it: [`tick`] is that, from top to bottom.

mod alarms;
mod answers;
mod batches;
mod clock;
mod commands;
mod durable;
mod fixes;
#[cfg(test)]
mod histories;
mod keyframes;
mod observations;
mod packing;
mod reports;
mod sessions;
mod start;
mod status;
#[cfg(test)]
mod tests;
mod tick;

pub use start::{WorldError, start};
pub use status::{LiveHandle, Status};

use crate::audience::Audience;
use crate::city::City;
use crate::clock::Watched;
use crate::config::Config;
use crate::log::{LogStore, LogWriter};
use chengtu_engine::record::LivePen;
use chengtu_engine::state::State;
use durable::Interrupted;
use keyframes::Keyframes;
use std::sync::Arc;

/// The running city, as its thread owns it.
struct LiveCity {
    config: Arc<Config>,
    city: Arc<City>,
    clock: Arc<Watched>,
    state: State,
    store: Arc<dyn LogStore>,
    log: Box<dyn LogWriter>,
    pen: LivePen,
    status: Arc<Status>,
    audience: Audience,
    /// Alarms have changed since the other worlds were told of them.
    alarms_changed: bool,
    /// Why nothing is written, while nothing is.
    stopped: Option<String>,
    interrupted: Interrupted,
    ticks: u64,
    keyframes: Keyframes,
}
