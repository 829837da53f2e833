//! The wall clock. Everything that needs it is handed one; nothing else in the server asks the system for the time.

use chengtu_engine::time::Timestamp;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

/// Milliseconds between two ticks of a world. The stream's rates are counted in them.
pub const TICK_MS: u32 = 100;

/// Tells the time of day.
pub trait Clock: Send + Sync + std::fmt::Debug {
    /// Microseconds since 1970, UTC. May run back when somebody sets the clock.
    fn now(&self) -> Timestamp;
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
