//! A log whose time ran ahead of the true time, copied with its times put right.
//!
//! The log stays as it is: what was written was written. The copy is another log, with an epoch and a chain of its own.

use super::{EmbeddedOptions, EmbeddedStore, Keyframe, LogError, LogWriter};
use chengtu_engine::event::Event;
use chengtu_engine::record::{Body, LivePen, Record};
use chengtu_engine::state::State;
use chengtu_engine::time::Timestamp;

/// The first record after a leap comes so long after the one before it, microseconds: one tick.
const NEXT_US: i64 = 100_000;
/// A keyframe every so many records.
const KEYFRAME_RECORDS: u64 = 20_000;
/// A time may be so much later than the record that holds it, microseconds; what is later was made of a wrong clock.
const AHEAD_US: i64 = 300_000_000;

/// Where the time of a log leapt, and by how much.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leap {
    /// The first record with a false time.
    pub seq: u64,
    /// When the record before it was known.
    pub before: Timestamp,
    /// When it says that it was known.
    pub after: Timestamp,
    /// By how much its time and all times after it are to be put back, microseconds.
    pub by_us: i64,
}

/// What was done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mended {
    /// Records that were copied.
    pub records: u64,
    /// Those whose time was put back.
    pub moved: u64,
    /// Cases that had become overdue, or left the live state, only because of the false time: they have not.
    pub undone: u64,
    /// Deadlines that were reckoned anew.
    pub deadlines: u64,
    /// When the last record of the copy was known.
    pub end: Timestamp,
}

/// Why a log is not mended.
#[derive(Debug, thiserror::Error)]
pub enum MendError {
    /// The log.
    #[error(transparent)]
    Log(#[from] LogError),
    /// Its last record is not known later than now.
    #[error("nothing is to be mended: the last record was known {0} s before now")]
    NotAhead(i64),
    /// No leap is as long as the time ran ahead.
    #[error(
        "the log's time is {0} s ahead and leapt nowhere by as much; name the first false record with --at and how far it is off with --by"
    )]
    NoLeap(i64),
    /// There is no such record.
    #[error("there is no record {0} with one before it")]
    NoRecord(u64),
}

/// Finds where a log's time leapt. Without `at` it is the last leap that is as long as the log's end lies ahead of `now`;
/// `by_us`: by how much it is off, where that is known better than by the leap itself.
///
/// # Errors
/// [`MendError`] where nothing is ahead, or the leap cannot be found.
pub fn find_leap(
    store: &EmbeddedStore,
    now: Timestamp,
    at: Option<u64>,
    by_us: Option<i64>,
) -> Result<Leap, MendError> {
    let history = store.log_history()?;
    let mut all: Vec<(u64, i64)> = Vec::new();
    // Times alone: two numbers a record.
    history.scan(0, true, |r| {
        all.push((r.seq, r.known_at.0));
        true
    })?;
    let ahead = all.last().map_or(0, |l| l.1.saturating_sub(now.0));
    let steps = all.windows(2).rev();
    let found = match at {
        Some(seq) => steps
            .into_iter()
            .find(|w| w[1].0 == seq)
            .ok_or(MendError::NoRecord(seq))?,
        None if ahead <= 0 => return Err(MendError::NotAhead(-ahead / 1_000_000)),
        None => steps
            .into_iter()
            .find(|w| w[1].1.saturating_sub(w[0].1) >= ahead)
            .ok_or(MendError::NoLeap(ahead / 1_000_000))?,
    };
    let (before, after) = (found[0].1, found[1].1);
    let leap = after.saturating_sub(before).saturating_sub(NEXT_US).max(0);
    Ok(Leap {
        seq: found[1].0,
        before: Timestamp(before),
        after: Timestamp(after),
        by_us: by_us.unwrap_or(leap).min(leap),
    })
}

/// Copies the log of `from` to `to`, which must hold none, with all times from the leap on put back.
///
/// # Errors
/// [`MendError::Log`] when either cannot be read or written.
pub fn mend(
    from: &EmbeddedStore,
    to: &std::path::Path,
    options: EmbeddedOptions,
    leap: Leap,
) -> Result<Mended, MendError> {
    let history = from.log_history()?;
    let begin = history.first_state()?;
    let mut copy = Copy {
        log: None,
        state: begin,
        leap,
        done: Mended::default(),
        pen: LivePen::of_the_live_log(),
        since_keyframe: 0,
    };
    let mut failed = None;
    history.scan(copy.state.seq(), true, |record| {
        let done = copy.take(record, to, &options);
        failed = done.err();
        failed.is_none()
    })?;
    match failed {
        Some(error) => Err(error.into()),
        None => Ok(copy.end()?),
    }
}

/// A copy that is being written.
struct Copy {
    log: Option<super::EmbeddedWriter>,
    state: State,
    leap: Leap,
    done: Mended,
    pen: LivePen,
    since_keyframe: u64,
}

impl Copy {
    fn take(
        &mut self,
        mut record: Record,
        to: &std::path::Path,
        options: &EmbeddedOptions,
    ) -> Result<(), LogError> {
        if record.seq >= self.leap.seq {
            self.put_right(&mut record);
        }
        let log = match &mut self.log {
            Some(log) => log,
            none => none.insert(begun(to, options, record.known_at, &self.state)?),
        };
        log.roll_over(record.known_at, &self.state)?;
        let record = self
            .pen
            .write(record.seq, record.known_at, record.origin, record.body);
        log.append(&record)?;
        self.state.apply(&record);
        self.done.records += 1;
        self.since_keyframe += 1;
        if self.since_keyframe >= KEYFRAME_RECORDS {
            self.since_keyframe = 0;
            log.put_keyframe(&Keyframe::of(&self.state)?)?;
            log.commit()?;
        }
        Ok(())
    }

    fn end(self) -> Result<Mended, LogError> {
        let mut done = self.done;
        done.end = self.state.known_at();
        if let Some(mut log) = self.log {
            log.put_keyframe(&Keyframe::of(&self.state)?)?;
            log.finish_bulk()?;
        }
        Ok(done)
    }

    /// Puts back the times of a record that was known by the false time.
    fn put_right(&mut self, record: &mut Record) {
        self.done.moved += 1;
        let by_us = self.leap.by_us;
        let back = |t: Timestamp| t.plus_us(-by_us);
        record.known_at = back(record.known_at).max(self.state.known_at());
        let latest = record.known_at.plus_us(AHEAD_US);
        // What came with a time of its own has a true one; what was given the server's has a false one.
        let own = |t: Timestamp| if t > latest { back(t) } else { t };
        match &mut record.body {
            Body::Fixes(block) => {
                for t in &mut block.fix_time {
                    *t = own(*t);
                }
            }
            Body::Observations(readings, events) => {
                for reading in readings {
                    reading.phenomenon_time = own(reading.phenomenon_time);
                }
                self.put_events_right(events, record.known_at, own);
            }
            Body::Events(events) => self.put_events_right(events, record.known_at, own),
        }
    }

    fn put_events_right(
        &mut self,
        events: &mut Vec<Event>,
        known_at: Timestamp,
        own: impl Fn(Timestamp) -> Timestamp,
    ) {
        let by_us = self.leap.by_us;
        let rules = self.state.rules();
        let keep_s = rules.map_or(86_400, |r| i64::from(r.keep_closed_s));
        let before = events.len();
        events.retain(|event| match event {
            Event::CaseBecameOverdue { case } => {
                let due_at = self.state.case(*case).and_then(|c| c.due_at);
                due_at.is_none_or(|due| due <= known_at)
            }
            Event::CaseRetired { case, .. } => {
                let ended = self.state.case(*case).and_then(|c| c.history.last());
                ended.is_none_or(|e| e.at < known_at.plus_seconds(-keep_s))
            }
            _ => true,
        });
        self.done.undone += (before - events.len()) as u64;
        for event in events {
            match event {
                Event::CaseReported { occurred_at, .. } => *occurred_at = own(*occurred_at),
                Event::CaseFiled {
                    class,
                    filed_at,
                    due_at,
                    ..
                } => {
                    *filed_at = own(*filed_at);
                    let reckoned = rules
                        .and_then(|r| Some(r.due(*filed_at, r.class(*class)?.limit)))
                        .unwrap_or_else(|| due_at.plus_us(-by_us));
                    self.done.deadlines += u64::from(reckoned != *due_at);
                    *due_at = reckoned;
                }
                Event::UnitDispatched {
                    expected_at: Some(at),
                    ..
                } => *at = at.plus_us(-by_us),
                Event::Audited(audit) => audit.at = own(audit.at),
                _ => {}
            }
        }
    }
}

/// A new log that begins with a state on the day of a moment.
fn begun(
    to: &std::path::Path,
    options: &EmbeddedOptions,
    first: Timestamp,
    state: &State,
) -> Result<super::EmbeddedWriter, LogError> {
    EmbeddedStore::new(to, options.clone()).bulk_writer_after(first, state)
}
