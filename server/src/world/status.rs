use crate::audit::Auditor;
use crate::clock::SharedClock;
use crate::log::Anchor;
use crate::request::{DataRequest, LiveRequest};
use chengtu_engine::stream::ServerMessage;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{mpsc, watch};

/// What everybody may know of the running city without asking it.
#[derive(Debug, Default)]
pub struct Status {
    seq: AtomicU64,
    movers: AtomicUsize,
    stopped: Mutex<Option<String>>,
    waiting: Mutex<Option<String>>,
    clock: Mutex<ClockStatus>,
    anchor: Mutex<Option<Anchor>>,
    alarms: watch::Sender<Option<Arc<ServerMessage>>>,
}

impl Status {
    /// Number of the last durable record.
    pub fn seq(&self) -> u64 {
        self.seq.load(Ordering::Acquire)
    }

    /// How many movers the city knows.
    pub fn movers(&self) -> usize {
        self.movers.load(Ordering::Relaxed)
    }

    /// Why the server has stopped writing, if it has.
    pub fn stopped(&self) -> Option<String> {
        locked(&self.stopped).clone()
    }

    /// What keeps the log from being written as it should be while nothing is refused, in words; `None` where nothing.
    pub fn waiting(&self) -> Option<String> {
        locked(&self.waiting).clone()
    }

    /// What is known of the server's clock.
    pub fn clock(&self) -> ClockStatus {
        locked(&self.clock).clone()
    }

    /// The head of the log; `None` where it has none to give.
    pub fn anchor(&self) -> Option<Anchor> {
        *locked(&self.anchor)
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

    pub(super) fn set_movers(&self, movers: usize) {
        self.movers.store(movers, Ordering::Relaxed);
    }

    pub(super) fn set_stopped(&self, why: Option<&str>) {
        *locked(&self.stopped) = why.map(str::to_owned);
    }

    pub(super) fn set_waiting(&self, why: Option<String>) {
        *locked(&self.waiting) = why;
    }

    pub(super) fn set_clock_trouble(&self, trouble: Option<String>) {
        locked(&self.clock).trouble = trouble;
    }

    pub(super) fn set_clock_event(&self, last: String) {
        let mut clock = locked(&self.clock);
        clock.last = Some(last);
        clock.events += 1;
    }

    pub(super) fn set_anchor(&self, anchor: Option<Anchor>) {
        *locked(&self.anchor) = anchor;
    }
}

fn locked<T>(m: &Mutex<T>) -> MutexGuard<'_, T> {
    m.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What is known of the server's clock.
#[derive(Clone, Debug, Default)]
pub struct ClockStatus {
    /// Why the city's time does not follow it, in words; `None` while it does.
    pub trouble: Option<String>,
    /// What happened to it last, in words; `None` where nothing did since the start.
    pub last: Option<String>,
    /// How much has happened to it since the start.
    pub events: u64,
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
    /// The city's time.
    pub clock: SharedClock,
    /// Where is noted what must be provable.
    pub auditor: Arc<Auditor>,
}
