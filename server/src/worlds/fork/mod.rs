//! Forks: two worlds with one clock, which come from one second and differ in what is done otherwise.
//!
//! A thread computes both as far as they are to run ([`worker`]); each world shows its own as far as the clock is
//! ([`branch`]), and may be scrubbed back. What is before the fork is read from the log, the same for both.

mod branch;
mod clock;
mod open;
mod track;
mod traffic;
mod worker;

pub use open::{Asked, open};

use chengtu_engine::fork::ForkReport;
use clock::ForkClock;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use track::Track;

/// What both worlds and the thread that computes them share.
#[derive(Debug)]
struct Pair {
    clock: Mutex<ForkClock>,
    /// Without, with.
    tracks: [RwLock<Track>; 2],
    told: Mutex<Told>,
}

/// What clients are sent about the branches.
#[derive(Debug, Default)]
struct Told {
    report: Arc<ForkReport>,
    /// Counts the reports.
    number: u64,
    /// What people should know: what could not be done otherwise, why computing ended.
    notices: Vec<String>,
}

impl Pair {
    fn clock(&self) -> MutexGuard<'_, ForkClock> {
        self.clock.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn told(&self) -> MutexGuard<'_, Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
