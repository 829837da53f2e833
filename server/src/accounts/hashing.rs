//! Where passwords are hashed: on threads of their own behind the running city, as many at a time as are set, and no
//! more waiting than a few.

use crate::priority::behind_the_running_city;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::oneshot;

/// Log-ins that may wait to be looked at; more are told to come again.
pub(super) const LOG_INS_WAITING_MAX: usize = 32;

/// From so many processors on two passwords are hashed at a time.
const TWO_FROM: usize = 4;

type Job = Box<dyn FnOnce() + Send>;

/// The threads; they end when this is dropped.
#[derive(Debug)]
pub(super) struct Hasher(SyncSender<Job>);

/// Too many wait already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Busy;

impl Hasher {
    /// Starts them.
    ///
    /// # Errors
    /// The system gives no thread.
    pub fn start() -> std::io::Result<Self> {
        let (jobs, to_do) = sync_channel::<Job>(LOG_INS_WAITING_MAX);
        let to_do = Arc::new(Mutex::new(to_do));
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        for _ in 0..if processors >= TWO_FROM { 2 } else { 1 } {
            let to_do = to_do.clone();
            std::thread::Builder::new()
                .name("passwords".to_owned())
                .spawn(move || work(&to_do))?;
        }
        Ok(Self(jobs))
    }

    /// Has something done in its turn.
    ///
    /// # Errors
    /// [`Busy`] where too many wait.
    pub fn submit<T: Send + 'static>(
        &self,
        job: impl FnOnce() -> T + Send + 'static,
    ) -> Result<oneshot::Receiver<T>, Busy> {
        let (send, done) = oneshot::channel();
        let job = Box::new(move || {
            // Whoever asked may have gone.
            let _ = send.send(job());
        });
        match self.0.try_send(job) {
            Ok(()) => Ok(done),
            Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => Err(Busy),
        }
    }
}

fn work(to_do: &Mutex<Receiver<Job>>) {
    behind_the_running_city();
    loop {
        let next = to_do.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = next else { return };
        // One that breaks down must not take the thread with it; whoever asked learns of it by the dropped answer.
        let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(job));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn no_more_wait_than_a_few_and_one_that_breaks_down_takes_nobody_with_it() {
        let hasher = Hasher::start().unwrap();
        let (hold, held) = std::sync::mpsc::channel::<()>();
        let held = Arc::new(Mutex::new(held));
        let mut waiting = Vec::new();
        let refused = loop {
            let held = held.clone();
            let job = move || {
                let _ = held.lock().unwrap().recv();
            };
            match hasher.submit(job) {
                Ok(done) => waiting.push(done),
                Err(busy) => break busy,
            }
        };
        assert_eq!(refused, Busy);
        assert!(waiting.len() >= LOG_INS_WAITING_MAX && waiting.len() <= LOG_INS_WAITING_MAX + 2);
        drop(hold);
        for done in waiting {
            done.await.unwrap();
        }
        let broken = hasher.submit(|| panic!("on purpose")).unwrap();
        assert!(broken.await.is_err());
        assert_eq!(hasher.submit(|| 7).unwrap().await, Ok(7));
    }
}
