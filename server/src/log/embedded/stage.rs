//! What has been appended and is not durable yet. It is kept here until a commit has worked, so that one that could not
//! be done now can be done later.

use super::chain::{self, Link};
use super::index::{self, IndexRows};
use super::{rows, seal};
use crate::log::{Keyframe, LogError};
use chengtu_engine::archive::{EncodedRecord, encode_record};
use chengtu_engine::record::Record;
use chengtu_engine::replay::Moment;
use chengtu_engine::time::Timestamp;
use rusqlite::Connection;
use std::collections::VecDeque;

/// Links of durable records that are kept for whoever asks.
const LINKS_KEPT_MAX: usize = 65_536;

/// Where a log ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Head {
    /// Number of the last record.
    pub seq: u64,
    /// The chain's link after it; `None` where it lies in a file of an earlier day.
    pub record_link: Option<Link>,
    /// The chain's end: after the last record and the keyframes behind it.
    pub link: Link,
    /// Number of the newest keyframe.
    pub keyframe: u64,
}

/// A record, ready to be written.
#[derive(Debug)]
struct StagedRecord {
    seq: u64,
    known_at: Timestamp,
    encoded: EncodedRecord,
    link: Link,
    index: IndexRows,
    weight: u64,
}

/// One thing to be written.
#[derive(Debug)]
enum Staged {
    Record(Box<StagedRecord>),
    Keyframe {
        keyframe: Keyframe,
        after: u64,
        link: Link,
    },
}

/// What has been appended, from what is durable to the end.
#[derive(Debug)]
pub(super) struct Pending {
    /// The end of what was appended.
    pub head: Head,
    /// The end of what is durable.
    pub durable: Head,
    pub stage: Stage,
    /// Records that have become durable, with their links, until somebody asks for them.
    pub kept: VecDeque<(u64, Link)>,
}

impl Pending {
    /// Nothing waits behind what is durable.
    pub(super) fn behind(durable: Head) -> Self {
        Self {
            head: durable,
            durable,
            stage: Stage::default(),
            kept: VecDeque::new(),
        }
    }

    /// All that waited is durable. `each` gets number, time and weight of each record.
    pub(super) fn done(&mut self, mut each: impl FnMut(u64, Timestamp, u64)) {
        let kept = &mut self.kept;
        self.stage.done(|seq, link, known_at, weight| {
            if kept.len() >= LINKS_KEPT_MAX {
                kept.pop_front();
            }
            kept.push_back((seq, link));
            each(seq, known_at, weight);
        });
    }

    /// Appends a record.
    pub(super) fn record(&mut self, record: &Record, moments: &[Moment]) -> Result<(), LogError> {
        self.stage.record(&mut self.head, record, moments)
    }

    /// Appends a keyframe; nothing where one as new is there.
    pub(super) fn keyframe(&mut self, keyframe: &Keyframe) {
        self.stage.keyframe(&mut self.head, keyframe);
    }
}

/// What waits for a commit, in order.
#[derive(Debug, Default)]
pub(super) struct Stage {
    waiting: Vec<Staged>,
}

impl Stage {
    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    pub(super) fn len(&self) -> usize {
        self.waiting.len()
    }

    /// Whether a keyframe is among what waits.
    pub(super) fn has_keyframe(&self) -> bool {
        let is = |s: &Staged| matches!(s, Staged::Keyframe { .. });
        self.waiting.iter().any(is)
    }

    /// Adds a record behind `head`, which moves on.
    fn record(
        &mut self,
        head: &mut Head,
        record: &Record,
        moments: &[Moment],
    ) -> Result<(), LogError> {
        let encoded = encode_record(record)?;
        let link = chain::next(&head.link, record)?;
        self.waiting.push(Staged::Record(Box::new(StagedRecord {
            seq: record.seq,
            known_at: record.known_at,
            encoded,
            link,
            index: IndexRows::of(record, moments),
            weight: seal::weight(record),
        })));
        head.seq = record.seq;
        head.record_link = Some(link);
        head.link = link;
        Ok(())
    }

    /// Adds a keyframe behind `head`; nothing where one as new is there.
    fn keyframe(&mut self, head: &mut Head, keyframe: &Keyframe) {
        if keyframe.seq <= head.keyframe {
            return;
        }
        head.link = chain::next_keyframe(&head.link, keyframe, head.seq);
        head.keyframe = keyframe.seq;
        self.waiting.push(Staged::Keyframe {
            keyframe: keyframe.clone(),
            after: head.seq,
            link: head.link,
        });
    }

    /// Writes all that waits into the running transaction; it goes on waiting until [`Self::done`].
    pub(super) fn write(&self, conn: &Connection) -> rusqlite::Result<()> {
        for staged in &self.waiting {
            match staged {
                Staged::Record(r) => {
                    rows::insert_record(conn, r.seq, r.known_at, &r.encoded, &r.link)?;
                    index::insert(conn, &r.index)?;
                }
                Staged::Keyframe {
                    keyframe,
                    after,
                    link,
                } => {
                    rows::insert_keyframe(conn, keyframe, *after, link)?;
                }
            }
        }
        Ok(())
    }

    /// It is durable: nothing waits any more. `each` gets number, link, time and weight of each record.
    pub(super) fn done(&mut self, mut each: impl FnMut(u64, Link, Timestamp, u64)) {
        for staged in self.waiting.drain(..) {
            if let Staged::Record(r) = staged {
                each(r.seq, r.link, r.known_at, r.weight);
            }
        }
    }
}
