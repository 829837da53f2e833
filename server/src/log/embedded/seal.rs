//! Sealing: closed stretches of records become segments, encoded beside the tick and swapped in within its transaction.

use super::files::{db_error, file_of, open_reader, open_writer_of_there};
use super::{Day, rows};
use crate::log::LogError;
use chengtu_engine::archive::{Segment, decode_record};
use chengtu_engine::record::{Body, Record};
use rusqlite::Connection;
use std::collections::VecDeque;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

/// Positions and events of one segment, about.
pub(super) const ROWS: u64 = 65_536;
/// Records of one segment, at most.
const RECORDS: usize = 20_000;
/// What is younger stays as it is, microseconds.
const AGE_US: i64 = 60_000_000;
/// What is older is sealed even where it is little, microseconds.
const PATIENCE_US: i64 = 600_000_000;

/// A segment that waits to be swapped in, with the link of its last record.
#[derive(Debug)]
pub(super) struct Sealed {
    pub segment: Segment,
    pub link: Vec<u8>,
}

/// How much a record weighs in a segment.
pub(super) fn weight(record: &Record) -> u64 {
    match &record.body {
        Body::Fixes(block) => block.len() as u64,
        Body::Events(events) => events.len() as u64,
        Body::Observations(o, e) => (o.len() + e.len()) as u64,
    }
}

/// Records that are not in a segment yet.
#[derive(Debug, Default)]
pub(super) struct Unsealed {
    /// Number, time, weight.
    queue: VecDeque<(u64, i64, u64)>,
    weight: u64,
}

impl Unsealed {
    /// Those of a file.
    pub(super) fn of(conn: &Connection) -> rusqlite::Result<Self> {
        let mut all = Self::default();
        let mut statement =
            conn.prepare("SELECT seq,known_at,length(body) FROM records ORDER BY seq")?;
        let mut found = statement.query([])?;
        while let Some(row) = found.next()? {
            // About ten bytes a row, as rows are packed one record at a time.
            all.add(
                row.get::<_, i64>(0)? as u64,
                row.get(1)?,
                row.get::<_, i64>(2)? as u64 / 10,
            );
        }
        Ok(all)
    }

    /// One more, of so many positions and events.
    pub(super) fn add(&mut self, seq: u64, known_at: i64, weight: u64) {
        self.queue.push_back((seq, known_at, weight));
        self.weight += weight;
    }

    /// The next stretch to be sealed, first and last record.
    pub(super) fn due(&self, now_us: i64) -> Option<(u64, u64)> {
        let first = self.queue.front()?;
        let old = now_us.saturating_sub(PATIENCE_US) > first.1;
        if self.weight < ROWS && self.queue.len() < RECORDS && !old {
            return None;
        }
        let (mut weight, mut last) = (0, None);
        for (i, (seq, known_at, w)) in self.queue.iter().enumerate() {
            // A stretch has no holes.
            if *known_at > now_us.saturating_sub(AGE_US) || *seq != first.0 + i as u64 {
                break;
            }
            last = Some(*seq);
            weight += w;
            if weight >= ROWS || i + 1 >= RECORDS {
                return Some((first.0, *seq));
            }
        }
        let hole = self
            .queue
            .iter()
            .zip(first.0..)
            .take(RECORDS)
            .any(|((seq, ..), expected)| *seq != expected);
        last.filter(|_| old || hole).map(|last| (first.0, last))
    }

    /// How many stretches lie ready: more than a few say that writing is faster than sealing.
    pub(super) fn backlog(&self, now_us: i64) -> u64 {
        let young = self
            .queue
            .partition_point(|(_, known_at, _)| *known_at <= now_us.saturating_sub(AGE_US));
        if young == 0 || self.weight < 4 * ROWS {
            0
        } else if young == self.queue.len() {
            self.weight / ROWS
        } else {
            self.weight * young as u64 / self.queue.len() as u64 / ROWS
        }
    }

    /// Forgets what has been sealed, or cannot be.
    pub(super) fn drop_to(&mut self, last: u64) {
        while let Some((seq, _, weight)) = self.queue.front().copied() {
            if seq > last {
                break;
            }
            self.weight -= weight;
            self.queue.pop_front();
        }
    }
}

/// A run of records as they are in a file, and the link of the last.
struct Run {
    records: Vec<Record>,
    link: Vec<u8>,
    /// Where the next run begins; `None` at the end.
    next: Option<u64>,
}

/// Whole records from `first` on, up to a segment's worth or to `last`, up to the first hole or damage.
fn read_run(conn: &Connection, path: &Path, first: u64, last: u64) -> Result<Run, LogError> {
    let e = db_error(path);
    let mut run = Run {
        records: Vec::new(),
        link: Vec::new(),
        next: None,
    };
    let mut statement = conn
        .prepare_cached(
            "SELECT seq,known_at,kind,head,body,crc,link FROM records WHERE seq BETWEEN ?1 AND ?2 ORDER BY seq",
        )
        .map_err(&e)?;
    let mut found = statement
        .query([first as i64, i64::try_from(last).unwrap_or(i64::MAX)])
        .map_err(&e)?;
    let mut heavy = 0;
    while let Some(row) = found.next().map_err(&e)? {
        let (seq, known_at, encoded) = rows::read_record(row).map_err(&e)?;
        let link: Option<Vec<u8>> = row.get(6).map_err(&e)?;
        let full = heavy >= ROWS || run.records.len() >= RECORDS;
        let hole = run.records.last().is_some_and(|r| r.seq + 1 != seq);
        if full || hole {
            run.next = Some(seq);
            break;
        }
        let (Ok(record), Some(link)) = (decode_record(seq, known_at, &encoded), link) else {
            // A damaged record stays as it is, so that it can still be repaired.
            run.next = Some(seq + 1);
            break;
        };
        heavy += weight(&record);
        run.records.push(record);
        run.link = link;
    }
    Ok(run)
}

/// Encodes a stretch of a file that another connection is writing.
pub(super) fn seal(path: &Path, first: u64, last: u64) -> Result<Option<Sealed>, LogError> {
    let conn = open_reader(path)?;
    let run = read_run(&conn, path, first, last)?;
    if run.records.is_empty() {
        return Ok(None);
    }
    Ok(Some(Sealed {
        segment: Segment::of(&run.records)?,
        link: run.link,
    }))
}

/// Seals all that a day's file holds; nobody else may be writing it. Says how many segments it made.
pub(super) fn seal_day(dir: &Path, day: Day, stop: &AtomicBool) -> Result<u64, LogError> {
    let path = file_of(dir, day);
    let e = db_error(&path);
    if !path.exists() {
        // Taken away since the list of days was made.
        return Ok(0);
    }
    let conn = open_writer_of_there(&path)?;
    let mut next = Some(0);
    let mut made = 0;
    while let Some(first) = next {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        let run = read_run(&conn, &path, first, u64::MAX)?;
        next = run.next;
        if run.records.is_empty() {
            continue;
        }
        let segment = Segment::of(&run.records)?;
        conn.execute_batch("BEGIN IMMEDIATE").map_err(&e)?;
        let swapped = rows::insert_segment(&conn, &segment, &run.link)
            .and_then(|()| conn.execute_batch("COMMIT"));
        if let Err(source) = swapped {
            let _ = conn.execute_batch("ROLLBACK");
            return Err(e(source));
        }
        made += 1;
    }
    // One file a day: what is in the second one goes into it, unless somebody reads it just now.
    let _ = conn.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)");
    Ok(made)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn queue(rows: &[(u64, i64, u64)]) -> Unsealed {
        let mut all = Unsealed::default();
        for (seq, s, weight) in rows {
            all.add(*seq, s * 1_000_000, *weight);
        }
        all
    }

    #[test]
    fn what_is_old_and_much_is_sealed_and_what_is_old_in_any_case() {
        let s = |n: i64| n * 1_000_000;
        let much = queue(&[(1, 0, 40_000), (2, 1, 40_000), (3, 2, 40_000), (4, 100, 5)]);
        assert_eq!(much.due(s(30)), None, "too young");
        assert_eq!(much.due(s(90)), Some((1, 2)));
        let little = queue(&[(1, 0, 4), (2, 1, 4)]);
        assert_eq!(little.due(s(300)), None);
        assert_eq!(little.due(s(601)), Some((1, 2)));
        let hole = queue(&[(1, 0, 40_000), (3, 1, 40_000)]);
        assert_eq!(hole.due(s(90)), Some((1, 1)), "never over a hole");
        let mut much = much;
        much.drop_to(2);
        assert_eq!((much.weight, much.queue.len()), (40_005, 2));
    }
}
