//! History as it is given to both branches: read piece by piece, traffic thinned.

use chengtu_engine::record::{Body, FixBlock, Record};
use chengtu_engine::replay::{History, HistoryError};
use chengtu_engine::time::Timestamp;
use std::collections::VecDeque;

/// Records read at once.
const CHUNK: usize = 512;
/// A vehicle of the traffic is shown this often in a fork at most, microseconds: between its positions the map glides
/// anyway, and two branches of an hour must fit into memory.
const EVERY_US: i64 = 4_000_000;

/// What the log has after a second, in order.
pub(super) struct After {
    log: Box<dyn History>,
    read_to: u64,
    until: Timestamp,
    waiting: VecDeque<Record>,
    /// Time of the last fix given, by mover.
    shown: Vec<i64>,
    ended: bool,
}

impl After {
    /// What follows record `read_to`, until a moment.
    pub fn new(log: Box<dyn History>, read_to: u64, until: Timestamp) -> Self {
        Self {
            log,
            read_to,
            until,
            waiting: VecDeque::new(),
            shown: Vec::new(),
            ended: false,
        }
    }

    /// What was known by a moment and has not been given yet.
    ///
    /// # Errors
    /// [`HistoryError`] when the log cannot be read on.
    pub fn take_until(&mut self, time: Timestamp) -> Result<Vec<Record>, HistoryError> {
        let mut taken = Vec::new();
        loop {
            while let Some(record) = self.waiting.pop_front_if(|r| r.known_at <= time) {
                taken.extend(self.thinned(record));
            }
            if self.ended || !self.waiting.is_empty() {
                return Ok(taken);
            }
            let more = self.log.records(self.read_to, self.until, CHUNK)?;
            self.ended = more.len() < CHUNK;
            if let Some(last) = more.last() {
                self.read_to = last.seq;
            }
            self.waiting.extend(more);
        }
    }

    fn thinned(&mut self, record: Record) -> Option<Record> {
        let Body::Fixes(block) = &record.body else {
            return Some(record);
        };
        let mut kept = FixBlock::with_capacity(block.feed, block.len());
        for fix in block.iter() {
            let at = fix.mover.0 as usize;
            if at >= self.shown.len() {
                self.shown.resize(at + 1, i64::MIN);
            }
            if fix.fix_time.0.saturating_sub(self.shown[at]) >= EVERY_US {
                self.shown[at] = fix.fix_time.0;
                kept.push(fix);
            }
        }
        (!kept.is_empty()).then_some(Record {
            body: Body::Fixes(kept),
            ..record
        })
    }
}
