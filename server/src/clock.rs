//! The wall clock. Everything that needs it is handed one; nothing else in the server asks the system for the time.
//!
//! The running city does not believe it: [`Watched`] holds it against time that nobody can set.

mod watch;

pub use watch::{ClockEvent, ClockTrouble, Watched};

use chengtu_engine::time::Timestamp;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Milliseconds between two ticks of a world. The stream's rates are counted in them.
pub const TICK_MS: u32 = 100;
/// The machine has slept where its time since the start has gone on by so much more than ours, milliseconds.
const SLEPT_MS: u64 = 2_000;

/// Tells the time of day.
pub trait Clock: Send + Sync + std::fmt::Debug {
    /// Microseconds since 1970, UTC. May run back or leap when somebody sets the clock.
    fn now(&self) -> Timestamp;

    /// Time since some moment before: it never runs back or leaps, whoever sets the clock, and goes on while the machine
    /// sleeps.
    fn elapsed(&self) -> Duration {
        monotonic()
    }
}

/// A clock that many threads share.
pub type SharedClock = Arc<dyn Clock>;

/// The clock of this machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        Timestamp(since.map_or(0, |d| i64::try_from(d.as_micros()).unwrap_or(i64::MAX)))
    }
}

impl SystemClock {
    /// A shared handle of this machine's clock.
    pub fn shared() -> SharedClock {
        Arc::new(Self)
    }
}

/// Time since this was first asked for, sleep of the machine included as far as the system tells of it.
fn monotonic() -> Duration {
    static BEGAN: OnceLock<(Instant, Option<u64>)> = OnceLock::new();
    static SLEPT: AtomicU64 = AtomicU64::new(0);
    let (began, up_ms) = *BEGAN.get_or_init(|| (Instant::now(), uptime_ms()));
    let run = began.elapsed();
    let slept = up_ms.zip(uptime_ms()).map_or(0, |(before, now)| {
        let behind = now.saturating_sub(before);
        behind.saturating_sub(run.as_millis() as u64)
    });
    if slept > SLEPT.load(Ordering::Relaxed) + SLEPT_MS {
        SLEPT.fetch_max(slept, Ordering::Relaxed);
    }
    run + Duration::from_millis(SLEPT.load(Ordering::Relaxed))
}

/// Milliseconds since the machine's start, its sleep included; `None` where the system does not tell. [`Instant`] leaves
/// sleep out.
fn uptime_ms() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/uptime").ok()?;
    let seconds: f64 = text.split_ascii_whitespace().next()?.parse().ok()?;
    Some((seconds * 1e3) as u64)
}
