use super::{Body, Origin, Record, World};
use crate::time::Timestamp;
use core::ops::Deref;

/// The right to write the log of the running city.
///
/// The one thread that decides in the running city holds a pen, and so does code that makes a log that is to become a
/// running city's (an import, a test). Replays, forks and drills are given none, and nothing turns one of their records
/// into a [`LiveRecord`].
#[derive(Debug)]
pub struct LivePen {
    _held: (),
}

impl LivePen {
    /// For the writer of a live log. Who calls this is listed in `tests/tests/live_pen.rs`.
    pub fn of_the_live_log() -> Self {
        Self { _held: () }
    }

    /// A record of the running city.
    pub fn write(&self, seq: u64, known_at: Timestamp, origin: Origin, body: Body) -> LiveRecord {
        LiveRecord(Record {
            seq,
            known_at,
            world: World::Live,
            origin,
            body,
        })
    }
}

/// A record of the running city, the only kind that its log takes.
///
/// Nothing but a [`LivePen`] makes one:
///
/// ```compile_fail,E0423
/// use chengtu_engine::record::{LiveRecord, Record};
/// fn smuggle(replayed: Record) -> LiveRecord {
///     LiveRecord(replayed)
/// }
/// ```
///
/// A record of a fork or a drill is none and becomes none:
///
/// ```compile_fail,E0277
/// use chengtu_engine::record::{ForkRecord, LiveRecord};
/// fn smuggle(drilled: ForkRecord) -> LiveRecord {
///     drilled.into()
/// }
/// ```
///
/// And a log that takes live records takes nothing else:
///
/// ```compile_fail,E0308
/// use chengtu_engine::record::{ForkRecord, LiveRecord};
/// fn append(_: &LiveRecord) {}
/// fn smuggle(drilled: &ForkRecord) {
///     append(drilled);
/// }
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct LiveRecord(Record);

impl LiveRecord {
    /// The record, to read.
    pub fn record(&self) -> &Record {
        &self.0
    }
}

impl Deref for LiveRecord {
    type Target = Record;

    fn deref(&self) -> &Record {
        &self.0
    }
}

/// A record of a fork or a drill: folded and kept like any other, never in the live log.
///
/// Only the simulator makes one:
///
/// ```compile_fail,E0624
/// use chengtu_engine::record::{ForkRecord, Record};
/// fn pretend(live: Record) -> ForkRecord {
///     ForkRecord::new(live)
/// }
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct ForkRecord(Record);

impl ForkRecord {
    /// Of a fork's or a drill's world.
    ///
    /// # Panics
    /// When the record says that it is the running city's.
    #[allow(dead_code)] // The simulator's.
    pub(crate) fn new(record: Record) -> Self {
        assert!(
            matches!(record.world, World::Fork(_) | World::Drill(_)),
            "a record of {:?} in a fork",
            record.world
        );
        Self(record)
    }

    /// The record, to read.
    pub fn record(&self) -> &Record {
        &self.0
    }

    /// The record, to keep where no live log is: an after-action report, an incident file.
    pub fn into_record(self) -> Record {
        self.0
    }
}

impl Deref for ForkRecord {
    type Target = Record;

    fn deref(&self) -> &Record {
        &self.0
    }
}
