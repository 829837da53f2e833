//! The running city: one thread owns its state, log and stream, and everything that happens passes through it.
//!
//! Ten times a second it takes what has arrived, decides it, writes it to the log, applies it, makes the log durable,
//! and only then answers and shows it: [`tick`] is that, from top to bottom.

mod alarms;
mod answers;
mod audit;
mod batches;
mod clock;
mod commands;
mod durable;
mod fixes;
mod heard;
#[cfg(test)]
mod histories;
mod keyframes;
mod observations;
mod packing;
mod questions;
mod reports;
mod seen_rows;
mod sessions;
mod silent;
mod stages;
mod start;
mod status;
#[cfg(test)]
mod tests;
mod tick;
mod turns;
mod withdrawn;
mod work;

pub use start::{Recovered, WorldError, open, start};
pub use status::{LiveHandle, Status};

use crate::audience::Audience;
use crate::city::City;
use crate::clock::Watched;
use crate::config::Config;
use crate::log::{LogStore, LogWriter};
use crate::request::Given;
use audit::Proof;
use chengtu_engine::ids::UnitId;
use chengtu_engine::record::LivePen;
use chengtu_engine::state::State;
use commands::Act;
use durable::Interrupted;
use heard::Heard;
use keyframes::Keyframes;
use questions::Question;
use seen_rows::SeenRows;
use silent::Silent;
use std::sync::Arc;
use turns::Turns;
use work::Waiting;

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
    /// Why nothing is written, while nothing is.
    stopped: Option<String>,
    ticks: u64,
    keyframes: Keyframes,
    pending: Pending,
    retiring: Retiring,
    proof: Proof,
}

/// What waits for a later tick, and what is remembered of earlier ones.
#[derive(Default)]
struct Pending {
    /// Batches of feeds that are not taken yet.
    data: Waiting,
    /// Commands that are not done yet, and sessions that leave once theirs are.
    commands: Turns<Act>,
    /// Questions about the state that are not answered yet.
    questions: Turns<Question>,
    /// Commands that were done, with who gave them.
    given: Given,
    /// Fixes and readings that were taken lately.
    seen_rows: SeenRows,
    interrupted: Interrupted,
    /// Alarms have changed since the other worlds were told of them.
    alarms_changed: bool,
}

/// What goes out of use.
struct Retiring {
    heard: Heard,
    silent: Silent,
    /// Units that the file no longer names and that are still in service.
    withdrawn: Vec<UnitId>,
}
