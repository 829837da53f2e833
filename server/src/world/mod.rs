//! The running city: one thread owns its state, log and stream, and everything that happens passes through it.
//!
//! Ten times a second it takes what has arrived, decides it, writes it to the log, applies it, makes the log durable,
//! and only then answers and shows it.

mod feeds;
mod request;
mod start;
mod turn;

pub use request::{
    CaseRow, FeedData, FixBatch, FixRowIn, NO_TIME, ObservationRow, PastQuestion, Problem,
    Problems, Request, SensorInfo, Taken, Unavailable,
};
pub use start::{WorldError, start};

use crate::audience::Audience;
use crate::city::City;
use crate::config::Config;
use crate::log::{Keyframe, LogStore, LogWriter};
use chengtu_engine::record::LivePen;
use chengtu_engine::state::State;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::mpsc;

/// Milliseconds between ticks. The stream's rates are counted in them.
pub const TICK_MS: u32 = 100;

/// What everybody may know of the world without asking it.
#[derive(Debug, Default)]
pub struct Status {
    seq: AtomicU64,
    stopped: Mutex<Option<String>>,
}

impl Status {
    /// The last durable record.
    pub fn seq(&self) -> u64 {
        self.seq.load(Ordering::Acquire)
    }

    /// Why the server has stopped writing, if it has.
    pub fn stopped(&self) -> Option<String> {
        self.stopped
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn set_stopped(&self, why: &str) {
        *self.stopped.lock().unwrap_or_else(PoisonError::into_inner) = Some(why.to_owned());
    }
}

/// The way to the world.
#[derive(Clone, Debug)]
pub struct WorldHandle {
    /// Requests; a full queue makes its senders wait.
    pub requests: mpsc::Sender<Request>,
    /// What is known without asking.
    pub status: Arc<Status>,
}

/// The running city.
struct World {
    config: Arc<Config>,
    city: Arc<City>,
    state: State,
    store: Arc<dyn LogStore>,
    log: Box<dyn LogWriter>,
    pen: LivePen,
    status: Arc<Status>,
    audience: Audience,
    /// Why writing has ended.
    stopped: Option<String>,
    ticks: u64,
    keyframes: Keyframes,
}

/// When the next keyframe is due, and the one that is being packed.
struct Keyframes {
    last: std::time::Instant,
    rows: u64,
    seq: u64,
    packing: Option<std::sync::mpsc::Receiver<Option<Keyframe>>>,
}
