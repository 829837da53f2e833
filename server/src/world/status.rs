use crate::request::{DataRequest, LiveRequest};
use chengtu_engine::stream::ServerMessage;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{mpsc, watch};

/// What everybody may know of the running city without asking it.
#[derive(Debug, Default)]
pub struct Status {
    seq: AtomicU64,
    stopped: Mutex<Option<String>>,
    alarms: watch::Sender<Option<Arc<ServerMessage>>>,
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

    /// The severe alarms, as they are told to whoever is in another world ([`ServerMessage::CityAlarms`]); none before
    /// the city has begun.
    pub fn alarms(&self) -> watch::Receiver<Option<Arc<ServerMessage>>> {
        self.alarms.subscribe()
    }

    pub(super) fn set_alarms(&self, alarms: ServerMessage) {
        self.alarms.send_replace(Some(Arc::new(alarms)));
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
    /// Data of feeds; a full queue makes feeds wait.
    pub data: mpsc::Sender<DataRequest>,
    /// What is known without asking.
    pub status: Arc<Status>,
}
