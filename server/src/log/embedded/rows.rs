//! Rows of the tables that hold records: how they are written and read.

use super::chain::Link;
use crate::log::Keyframe;
use chengtu_engine::archive::{EncodedRecord, Segment};
use chengtu_engine::time::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};

/// Writes a record.
pub(super) fn insert_record(
    conn: &Connection,
    seq: u64,
    known_at: Timestamp,
    e: &EncodedRecord,
    link: &Link,
) -> rusqlite::Result<usize> {
    conn.prepare_cached(
        "INSERT INTO records(seq,known_at,kind,head,body,crc,link) VALUES(?1,?2,?3,?4,?5,?6,?7)",
    )?
    .execute(params![
        seq as i64, known_at.0, e.kind, e.head, e.body, e.crc, link
    ])
}

/// A record of `seq,known_at,kind,head,body,crc`.
pub(super) fn read_record(
    row: &rusqlite::Row<'_>,
) -> rusqlite::Result<(u64, Timestamp, EncodedRecord)> {
    Ok((
        row.get::<_, i64>(0)? as u64,
        Timestamp(row.get(1)?),
        EncodedRecord {
            kind: row.get(2)?,
            head: row.get(3)?,
            body: row.get(4)?,
            crc: row.get(5)?,
        },
    ))
}

/// Keeps a keyframe, put behind record `after`; `link` is the chain's after it.
pub(super) fn insert_keyframe(
    conn: &Connection,
    k: &Keyframe,
    after: u64,
    link: &Link,
) -> rusqlite::Result<usize> {
    conn.prepare_cached(
        "INSERT OR REPLACE INTO keyframes(seq,known_at,state,crc,after,link) VALUES(?1,?2,?3,?4,?5,?6)",
    )?
    .execute(params![
        k.seq as i64,
        k.known_at.0,
        k.packed,
        k.crc(),
        after as i64,
        link
    ])
}

/// What a file says of a keyframe without its state.
#[derive(Clone, Copy, Debug)]
pub(super) struct KeyframeHead {
    pub seq: u64,
    /// The record that it was put behind, and the chain's link after it; `None` outside the chain, as those of older
    /// formats are.
    pub chained: Option<(u64, Link)>,
}

/// All keyframes of a file in the order in which they were put.
pub(super) fn keyframe_heads(
    conn: &Connection,
    version: i64,
) -> rusqlite::Result<Vec<KeyframeHead>> {
    let columns = if version >= 3 {
        "after,link"
    } else {
        "NULL,NULL"
    };
    let mut statement =
        conn.prepare(&format!("SELECT seq,{columns} FROM keyframes ORDER BY seq"))?;
    let found = statement.query_map([], |r| {
        let after: Option<i64> = r.get(1)?;
        let link: Option<Vec<u8>> = r.get(2)?;
        let link = link.and_then(|l| Link::try_from(l).ok());
        Ok(KeyframeHead {
            seq: r.get::<_, i64>(0)? as u64,
            chained: after.map(|a| a as u64).zip(link),
        })
    })?;
    found.collect()
}

/// The link after the last keyframe that was put behind record `seq`; `None` without any.
pub(super) fn keyframe_link(conn: &Connection, seq: u64) -> rusqlite::Result<Option<Link>> {
    conn.query_row(
        "SELECT link FROM keyframes WHERE after=?1 AND link IS NOT NULL ORDER BY seq DESC LIMIT 1",
        [seq as i64],
        |r| r.get(0),
    )
    .optional()
}

/// A keyframe of `seq,known_at,state,crc`; its number as the error if it is not what was written.
pub(super) fn read_keyframe(row: &rusqlite::Row<'_>) -> rusqlite::Result<Result<Keyframe, u64>> {
    let keyframe = Keyframe {
        seq: row.get::<_, i64>(0)? as u64,
        known_at: Timestamp(row.get(1)?),
        packed: row.get(2)?,
    };
    let crc: u32 = row.get(3)?;
    Ok(if keyframe.crc() == crc {
        Ok(keyframe)
    } else {
        Err(keyframe.seq)
    })
}

/// The newest undamaged keyframe that was known at or before `until`, at a record before `before_seq`.
pub(super) fn newest_keyframe(
    conn: &Connection,
    until: Timestamp,
    before_seq: u64,
) -> rusqlite::Result<Option<Keyframe>> {
    let before = i64::try_from(before_seq).unwrap_or(i64::MAX);
    // Numbers first, so that a keyframe that cannot be read does not hide the others.
    let mut statement = conn.prepare_cached(
        "SELECT seq FROM keyframes WHERE known_at<=?1 AND seq<?2 ORDER BY known_at DESC, seq DESC",
    )?;
    let mut rows = statement.query([until.0, before])?;
    while let Some(row) = rows.next()? {
        let seq = row.get::<_, i64>(0)? as u64;
        match keyframe_at(conn, seq) {
            Ok(Some(k)) => return Ok(Some(k)),
            Ok(None) => tracing::warn!(seq, "a keyframe is damaged; an older one is taken"),
            Err(error) => {
                tracing::warn!(seq, %error, "a keyframe cannot be read; an older one is taken");
            }
        }
    }
    Ok(None)
}

/// A segment with its checksum and the link of its last record.
#[derive(Clone, Debug)]
pub(super) struct Kept {
    pub segment: Segment,
    pub crc: u32,
    pub link: Vec<u8>,
}

impl Kept {
    /// True where it is what was written.
    pub(super) fn is_whole(&self) -> bool {
        self.segment.crc() == self.crc
    }
}

const SEGMENT: &str = "SELECT first_seq,last_seq,first_known_at,last_known_at,fixes,crc,link,heads,columns FROM segments";

fn read_segment(row: &rusqlite::Row<'_>) -> rusqlite::Result<Kept> {
    Ok(Kept {
        segment: Segment {
            first_seq: row.get::<_, i64>(0)? as u64,
            last_seq: row.get::<_, i64>(1)? as u64,
            first_known_at: Timestamp(row.get(2)?),
            last_known_at: Timestamp(row.get(3)?),
            rows: row.get::<_, i64>(4)? as u64,
            heads: row.get(7)?,
            fixes: row.get(8)?,
        },
        crc: row.get(5)?,
        link: row.get(6)?,
    })
}

/// Puts a segment in place of its records.
pub(super) fn insert_segment(conn: &Connection, s: &Segment, link: &[u8]) -> rusqlite::Result<()> {
    conn.prepare_cached("INSERT INTO segments(first_seq,last_seq,first_known_at,last_known_at,fixes,crc,link,heads,columns) VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9)")?
        .execute(params![
            s.first_seq as i64,
            s.last_seq as i64,
            s.first_known_at.0,
            s.last_known_at.0,
            s.rows as i64,
            s.crc(),
            link,
            s.heads,
            s.fixes
        ])?;
    conn.prepare_cached("DELETE FROM records WHERE seq BETWEEN ?1 AND ?2")?
        .execute([s.first_seq as i64, s.last_seq as i64])?;
    Ok(())
}

/// The segment that holds a record.
pub(super) fn segment_of(conn: &Connection, seq: u64) -> rusqlite::Result<Option<Kept>> {
    // Whether it does is known without its contents.
    let first: Option<(i64, i64)> = conn
        .prepare_cached("SELECT first_seq,last_seq FROM segments WHERE first_seq<=?1 ORDER BY first_seq DESC LIMIT 1")?
        .query_row([seq as i64], |r| Ok((r.get(0)?, r.get(1)?)))
        .optional()?;
    match first {
        Some((first, last)) if last as u64 >= seq => conn
            .prepare_cached(&format!("{SEGMENT} WHERE first_seq=?1"))?
            .query_row([first], read_segment)
            .optional(),
        _ => Ok(None),
    }
}

/// Extent of a record or segment, without its contents: `(first, last, first known, last known)`.
pub(super) type Stretch = (u64, u64, Timestamp, Timestamp);

/// The first stretch, segment or record, that ends at or after `seq`.
pub(super) fn stretch_from(
    conn: &Connection,
    seq: u64,
    sealed: bool,
) -> rusqlite::Result<Option<Stretch>> {
    let read = |r: &rusqlite::Row<'_>| {
        Ok((
            r.get::<_, i64>(0)? as u64,
            r.get::<_, i64>(1)? as u64,
            Timestamp(r.get(2)?),
            Timestamp(r.get(3)?),
        ))
    };
    let mut best: Option<Stretch> = None;
    if sealed {
        for (way, order) in [("<=", "DESC"), (">", "ASC")] {
            let found = conn
                .prepare_cached(&format!(
                    "SELECT first_seq,last_seq,first_known_at,last_known_at FROM segments WHERE first_seq{way}?1 ORDER BY first_seq {order} LIMIT 1"
                ))?
                .query_row([seq as i64], read)
                .optional()?;
            best = best.or(found.filter(|s| s.1 >= seq));
        }
    }
    let row = conn
        .prepare_cached(
            "SELECT seq,seq,known_at,known_at FROM records WHERE seq>=?1 ORDER BY seq LIMIT 1",
        )?
        .query_row([seq as i64], read)
        .optional()?;
    Ok(match (best, row) {
        (Some(a), Some(b)) => Some(if a.0 <= b.0 { a } else { b }),
        (a, b) => a.or(b),
    })
}

/// Time of a file's last record; `None` if it has none.
pub(super) fn last_time(conn: &Connection, sealed: bool) -> rusqlite::Result<Option<Timestamp>> {
    let row: Option<i64> = conn
        .prepare_cached("SELECT known_at FROM records ORDER BY seq DESC LIMIT 1")?
        .query_row([], |r| r.get(0))
        .optional()?;
    if row.is_some() || !sealed {
        return Ok(row.map(Timestamp));
    }
    conn.prepare_cached("SELECT last_known_at FROM segments ORDER BY first_seq DESC LIMIT 1")?
        .query_row([], |r| r.get(0).map(Timestamp))
        .optional()
}

/// The keyframe at a record.
pub(super) fn keyframe_at(conn: &Connection, seq: u64) -> rusqlite::Result<Option<Keyframe>> {
    conn.prepare_cached("SELECT seq,known_at,state,crc FROM keyframes WHERE seq=?1")?
        .query_row([seq as i64], read_keyframe)
        .optional()
        .map(|found| found.and_then(Result::ok))
}

/// The first keyframe at or after a record whose state can be read.
pub(super) fn keyframe_from_seq(conn: &Connection, seq: u64) -> rusqlite::Result<Option<Keyframe>> {
    let mut statement = conn.prepare_cached(
        "SELECT seq,known_at,state,crc FROM keyframes WHERE seq>=?1 ORDER BY seq",
    )?;
    let mut rows = statement.query([seq as i64])?;
    while let Some(row) = rows.next()? {
        if let Ok(k) = read_keyframe(row)?
            && k.state().is_ok()
        {
            return Ok(Some(k));
        }
    }
    Ok(None)
}

/// The first hole at or after record `next`, which is expected to be there: the records on both sides of it, and when
/// the one before was known.
pub(super) fn next_hole(
    conn: &Connection,
    next: u64,
) -> rusqlite::Result<Option<(u64, u64, Option<Timestamp>)>> {
    let sealed = super::days::has_segments(conn)?;
    let mut expected = next;
    let mut before = None;
    let sql = if sealed {
        "SELECT first_seq,last_seq,last_known_at FROM segments WHERE last_seq>=?1
         UNION ALL SELECT seq,seq,known_at FROM records WHERE seq>=?1 ORDER BY 1"
    } else {
        "SELECT seq,seq,known_at FROM records WHERE seq>=?1 ORDER BY 1"
    };
    let mut statement = conn.prepare_cached(sql)?;
    let mut rows = statement.query([next as i64])?;
    while let Some(row) = rows.next()? {
        let (first, last) = (row.get::<_, i64>(0)? as u64, row.get::<_, i64>(1)? as u64);
        if first > expected {
            return Ok(Some((expected.saturating_sub(1), first, before)));
        }
        expected = last.saturating_add(1);
        before = Some(Timestamp(row.get(2)?));
    }
    Ok(None)
}

/// Bytes of a file's segments: contents, numbers, links.
pub(super) fn segment_bytes(conn: &Connection) -> rusqlite::Result<u64> {
    // Seven small columns, a checksum among them, take about 48 bytes.
    conn.query_row(
        "SELECT coalesce(sum(length(heads)+length(columns)+length(link)+48),0) FROM segments",
        [],
        |r| r.get::<_, i64>(0),
    )
    .map(|n| n as u64)
}
