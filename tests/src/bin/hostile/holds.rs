//! When an administrator's shell held the log: nothing can be made durable then, whoever asks.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// When it began, and when it ended if it has.
type Hold = (Instant, Option<Instant>);

/// All times at which the log was held.
#[derive(Debug, Default)]
pub struct Holds(Mutex<Vec<Hold>>);

/// How long something took that ends now, and whether the log was held meanwhile.
#[derive(Clone, Copy, Debug)]
pub struct Took {
    pub time: Duration,
    pub held: bool,
}

impl Holds {
    fn lock(&self) -> MutexGuard<'_, Vec<Hold>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn begin(&self) {
        self.lock().push((Instant::now(), None));
    }

    pub fn end(&self) {
        if let Some(last) = self.lock().last_mut() {
            last.1 = Some(Instant::now());
        }
    }

    /// True while it is held.
    pub fn now(&self) -> bool {
        self.lock().last().is_some_and(|(_, end)| end.is_none())
    }

    /// Of something that began at a moment and ends now.
    pub fn of(&self, began: Instant) -> Took {
        let during = |hold: &Hold| hold.1.is_none_or(|end| end > began);
        Took {
            time: began.elapsed(),
            held: self.lock().iter().any(during),
        }
    }

    /// How long it was held in all.
    pub fn all(&self) -> Duration {
        let holds = self.lock();
        let long = |(begin, end): &Hold| end.unwrap_or_else(Instant::now) - *begin;
        holds.iter().map(long).sum()
    }
}
