use crate::request::LiveRequest;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::mpsc;

/// What everybody may know of the running city without asking it.
#[derive(Debug, Default)]
pub struct Status {
    seq: AtomicU64,
    stopped: Mutex<Option<String>>,
}

impl Status {
    /// Number of the last durable record.
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

    pub(super) fn set_seq(&self, seq: u64) {
        self.seq.store(seq, Ordering::Release);
    }

    pub(super) fn set_stopped(&self, why: &str) {
        *self.stopped.lock().unwrap_or_else(PoisonError::into_inner) = Some(why.to_owned());
    }
}

/// The way to the running city.
#[derive(Clone, Debug)]
pub struct LiveHandle {
    /// Requests; a full queue makes its senders wait.
    pub requests: mpsc::Sender<LiveRequest>,
    /// What is known without asking.
    pub status: Arc<Status>,
}
