//! What happened when, and what came late: kept beside the records of a day, so that nobody need read them all.

use chengtu_engine::city::Severity;
use chengtu_engine::event::Event;
use chengtu_engine::ids::{AlarmId, CaseId, SensorId, ThingId, UnitId};
use chengtu_engine::record::{Body, Record};
use chengtu_engine::replay::{Moment, MomentKind, TimelineMark, late_since};
use chengtu_engine::time::Timestamp;
use rusqlite::{Connection, params};

/// Kinds by their numbers. Numbers are never given twice: new kinds go to the end.
const KINDS: [MomentKind; 18] = [
    MomentKind::Reported,
    MomentKind::Filed,
    MomentKind::Bundled,
    MomentKind::Voided,
    MomentKind::Dispatched,
    MomentKind::Acknowledged,
    MomentKind::Arrived,
    MomentKind::Recalled,
    MomentKind::Released,
    MomentKind::ServiceChanged,
    MomentKind::Handled,
    MomentKind::Reworked,
    MomentKind::Closed,
    MomentKind::Overdue,
    MomentKind::AlarmRaised,
    MomentKind::AlarmAcknowledged,
    MomentKind::AlarmEnded,
    MomentKind::Restored,
];

const SEVERITIES: [Severity; 4] = [
    Severity::Severe,
    Severity::Urgent,
    Severity::Normal,
    Severity::Slight,
];

fn number<T: PartialEq>(all: &[T], one: &T) -> i64 {
    all.iter().position(|k| k == one).unwrap_or(usize::MAX) as i64
}

/// A thing as one number: its kind above, its id below.
fn thing_number(thing: ThingId) -> i64 {
    let (kind, id) = match thing {
        ThingId::Case(id) => (0, id.0),
        ThingId::Unit(id) => (1, u64::from(id.0)),
        ThingId::Sensor(id) => (2, u64::from(id.0)),
        ThingId::Alarm(id) => (3, id.0),
    };
    (kind << 56) | (id & ((1 << 56) - 1)) as i64
}

fn thing_of(number: i64) -> Option<ThingId> {
    let id = number as u64 & ((1 << 56) - 1);
    Some(match number >> 56 {
        0 => ThingId::Case(CaseId(id)),
        1 => ThingId::Unit(UnitId(id as u32)),
        2 => ThingId::Sensor(SensorId(id as u32)),
        3 => ThingId::Alarm(AlarmId(id)),
        _ => return None,
    })
}

/// The severity of what a moment puts on a time line; `None` for other moments.
fn severity_of(record: &Record, moment: &Moment) -> Option<i64> {
    let (Body::Events(events) | Body::Observations(_, events)) = &record.body else {
        return None;
    };
    let found = events
        .iter()
        .find_map(|e| match (e, moment.kind, moment.thing) {
            (
                Event::CaseReported { case, severity, .. },
                MomentKind::Reported,
                ThingId::Case(c),
            ) if *case == c => Some(severity),
            (
                Event::AlarmRaised {
                    alarm, severity, ..
                },
                MomentKind::AlarmRaised,
                ThingId::Alarm(a),
            ) if *alarm == a => Some(severity),
            _ => None,
        });
    found.map(|s| number(&SEVERITIES, s))
}

/// By how much something came late, as a power of two of seconds.
fn late_class(known_at: Timestamp, occurred_at: Timestamp) -> i64 {
    let s = known_at.0.saturating_sub(occurred_at.0) / 1_000_000;
    i64::from((s.max(1) as u64).ilog2())
}

/// A row of the index of moments, to be written or compared.
pub(super) type MomentRow = (
    i64,
    i64,
    i64,
    i64,
    i64,
    i64,
    Option<i64>,
    Option<i64>,
    String,
);

/// The rows of a record's moments.
pub(super) fn moment_rows(record: &Record, moments: &[Moment]) -> Vec<MomentRow> {
    (0..)
        .zip(moments)
        .map(|(n, m)| {
            (
                m.seq as i64,
                n,
                m.time.0,
                m.occurred_at.0,
                number(&KINDS, &m.kind),
                thing_number(m.thing),
                m.other.map(thing_number),
                severity_of(record, m),
                m.by.clone(),
            )
        })
        .collect()
}

/// The row of what came late in a record: number, when known, when it occurred, how late.
pub(super) fn late_row(record: &Record) -> Option<(i64, i64, i64, i64)> {
    let occurred_at = late_since(record)?;
    Some((
        record.seq as i64,
        record.known_at.0,
        occurred_at.0,
        late_class(record.known_at, occurred_at),
    ))
}

/// What the index says of a record, ready to be written.
#[derive(Clone, Debug, Default)]
pub(super) struct IndexRows {
    moments: Vec<MomentRow>,
    late: Option<(i64, i64, i64, i64)>,
}

impl IndexRows {
    /// The rows of a record.
    pub(super) fn of(record: &Record, moments: &[Moment]) -> Self {
        Self {
            moments: moment_rows(record, moments),
            late: late_row(record),
        }
    }
}

/// Writes what the index says of a record.
pub(super) fn insert(conn: &Connection, rows: &IndexRows) -> rusqlite::Result<()> {
    for (seq, n, time, occurred_at, kind, thing, other, severity, by) in &rows.moments {
        conn.prepare_cached("INSERT OR REPLACE INTO moments VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9)")?
            .execute(params![
                seq,
                n,
                time,
                occurred_at,
                kind,
                thing,
                other,
                severity,
                by
            ])?;
    }
    if let Some((seq, known_at, occurred_at, class)) = rows.late {
        conn.prepare_cached("INSERT OR REPLACE INTO late VALUES(?1,?2,?3,?4)")?
            .execute(params![seq, known_at, occurred_at, class])?;
    }
    Ok(())
}

fn read_moment(row: &rusqlite::Row<'_>) -> rusqlite::Result<Option<Moment>> {
    let kind = KINDS.get(row.get::<_, i64>(3)? as usize).copied();
    let (Some(kind), Some(thing)) = (kind, thing_of(row.get(4)?)) else {
        return Ok(None);
    };
    Ok(Some(Moment {
        seq: row.get::<_, i64>(0)? as u64,
        time: Timestamp(row.get(1)?),
        occurred_at: Timestamp(row.get(2)?),
        kind,
        thing,
        other: row.get::<_, Option<i64>>(5)?.and_then(thing_of),
        by: row.get(6)?,
    }))
}

/// Up to `limit` moments of a day from `from` to `to`, of anything or of one thing.
pub(super) fn moments(
    conn: &Connection,
    of: Option<ThingId>,
    from: Timestamp,
    to: Timestamp,
    limit: usize,
    newest_first: bool,
) -> rusqlite::Result<Vec<Moment>> {
    const COLUMNS: &str = "SELECT seq,time,occurred_at,kind,thing,other,by,n FROM moments";
    let way = if newest_first { "DESC" } else { "ASC" };
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let read = |row: &rusqlite::Row<'_>| read_moment(row);
    let found: Vec<Option<Moment>> = match of {
        None => conn
            .prepare_cached(&format!(
                "{COLUMNS} WHERE time BETWEEN ?1 AND ?2 ORDER BY time {way}, seq {way}, n {way} LIMIT ?3"
            ))?
            .query_map(params![from.0, to.0, limit], read)?
            .collect::<Result<_, _>>()?,
        Some(thing) => conn
            .prepare_cached(&format!(
                "{COLUMNS} WHERE thing=?4 AND time BETWEEN ?1 AND ?2
                 UNION {COLUMNS} WHERE other=?4 AND time BETWEEN ?1 AND ?2
                 ORDER BY time {way}, seq {way}, n {way} LIMIT ?3"
            ))?
            .query_map(params![from.0, to.0, limit, thing_number(thing)], read)?
            .collect::<Result<_, _>>()?,
    };
    Ok(found.into_iter().flatten().collect())
}

/// Cases and alarms of a day from `from` to `to`, for the time line.
pub(super) fn marks(
    conn: &Connection,
    from: Timestamp,
    to: Timestamp,
) -> rusqlite::Result<Vec<TimelineMark>> {
    let mut statement = conn.prepare_cached(
        "SELECT time,severity,thing FROM moments WHERE severity IS NOT NULL AND time BETWEEN ?1 AND ?2",
    )?;
    let mut rows = statement.query([from.0, to.0])?;
    let mut marks = Vec::new();
    while let Some(row) = rows.next()? {
        let severity = SEVERITIES.get(row.get::<_, i64>(1)? as usize).copied();
        if let (Some(severity), Some(thing)) = (severity, thing_of(row.get(2)?)) {
            let time = Timestamp(row.get(0)?);
            marks.push(TimelineMark {
                time,
                severity,
                thing,
            });
        }
    }
    Ok(marks)
}

/// Records of a day known after `known_after` with something late that occurred by `occurred_until`.
///
/// What came late by up to 2ᵏ⁺¹ s is known at most so long after `occurred_until`: each class is a short stretch.
pub(super) fn late(
    conn: &Connection,
    occurred_until: Timestamp,
    known_after: Timestamp,
) -> rusqlite::Result<Vec<u64>> {
    let mut statement = conn.prepare_cached(
        "SELECT seq FROM late WHERE class=?1 AND known_at>?2 AND known_at<=?3 AND occurred_at<=?4",
    )?;
    let mut found = Vec::new();
    for class in 0..45i64 {
        let until = occurred_until.plus_seconds((2i64 << class) + 1);
        if until <= known_after {
            continue;
        }
        let seqs = statement.query_map([class, known_after.0, until.0, occurred_until.0], |r| {
            r.get::<_, i64>(0)
        })?;
        for seq in seqs {
            found.push(seq? as u64);
        }
    }
    found.sort_unstable();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn things_and_kinds_have_numbers_of_their_own() {
        for thing in [
            ThingId::Case(CaseId(7)),
            ThingId::Unit(UnitId(u32::MAX)),
            ThingId::Sensor(SensorId(0)),
            ThingId::Alarm(AlarmId((1 << 56) - 1)),
        ] {
            assert_eq!(thing_of(thing_number(thing)), Some(thing));
        }
        assert_eq!(thing_of(-1), None);
        for (i, kind) in KINDS.iter().enumerate() {
            assert_eq!(number(&KINDS, kind), i as i64);
            // The order here must be the engine's: a kind that is added there is missing here.
            assert_eq!(*kind as usize, i);
        }
    }

    #[test]
    fn lateness_has_classes() {
        let t = Timestamp::from_seconds(1_000_000);
        for (s, class) in [(2, 1), (3, 1), (4, 2), (600, 9), (0, 0)] {
            assert_eq!(late_class(t, t.plus_seconds(-s)), class, "{s}");
        }
        assert!(late_class(t, Timestamp(i64::MIN)) < 45);
    }
}
