//! The log as it is kept: sealed while it is written, read by others meanwhile, checked, made small.

mod store;

use chengtu_engine::ids::{CaseId, ThingId};
use chengtu_engine::record::Record;
use chengtu_engine::replay::{History, MomentKind, late_since};
use chengtu_engine::state::State;
use chengtu_engine::time::Timestamp;
use chengtu_server::log::{Day, EmbeddedStore, LogHistory, LogStore, LogWriter, Verified, recover};
use rusqlite::Connection;
use std::path::{Path, PathBuf};
use store::{BEGIN, Writer};

fn history_of(dir: &Path) -> LogHistory {
    EmbeddedStore::at(dir).log_history().expect("it opens")
}

fn opened(dir: &Path) -> Box<dyn LogWriter> {
    EmbeddedStore::at(dir).writer(BEGIN).expect("it opens")
}

fn verified(dir: &Path) -> Verified {
    EmbeddedStore::at(dir).verify().expect("it is looked at")
}

fn files(dir: &Path) -> Vec<PathBuf> {
    let mut all: Vec<PathBuf> = std::fs::read_dir(dir)
        .expect("a directory")
        .map(|e| e.expect("an entry").path())
        .filter(|p| p.extension().is_some_and(|e| e == "sqlite"))
        .collect();
    all.sort();
    all
}

fn count(path: &Path, table: &str) -> i64 {
    Connection::open(path)
        .expect("a file")
        .query_row(&format!("SELECT count(*) FROM {table}"), [], |r| r.get(0))
        .expect("a count")
}

fn all(history: &LogHistory) -> Vec<Record> {
    let mut out = Vec::new();
    loop {
        let after = out.last().map_or(0, |r: &Record| r.seq);
        let some = history
            .records(after, Timestamp(i64::MAX), 300)
            .expect("records");
        if some.is_empty() {
            return out;
        }
        out.extend(some);
    }
}

/// The state at a time as a replay makes it: a keyframe, and the records after it up to the time or to a gap.
fn state_at(history: &LogHistory, time: Timestamp) -> State {
    let mut state = history.state_before(time).expect("a keyframe");
    loop {
        let some = history.records(state.seq(), time, 500).expect("records");
        if some.is_empty() {
            return state;
        }
        for r in &some {
            state.apply(r);
        }
    }
}

#[test]
fn what_is_sealed_while_it_is_written_is_read_by_others_as_it_was() {
    let dir = tempfile::tempdir().expect("a directory");
    let mut w = Writer::new(dir.path(), 400);
    // 400 rows a second: a segment every 164 s, over midnight.
    w.live(700);
    let reading = history_of(dir.path());
    assert!(
        !reading
            .records(0, Timestamp(i64::MAX), 5)
            .expect("some")
            .is_empty()
    );
    w.live(900);
    w.settle();
    let found = files(dir.path());
    assert_eq!(found.len(), 2, "two days");
    let segments: i64 = found.iter().map(|p| count(p, "segments")).sum();
    assert!(segments >= 6, "{segments} segments");
    assert!(
        count(&found[1], "records") > 0,
        "the youngest are not sealed"
    );
    // Whoever opened it before reads it after.
    for history in [&reading, &history_of(dir.path())] {
        assert_eq!(all(history), w.kept);
        assert!(history.gaps().is_empty(), "{:?}", history.gaps());
    }
    for (seq, time, digest) in w.digests.iter().step_by(41) {
        let state = state_at(&reading, *time);
        assert_eq!(
            (state.seq(), state.digest()),
            (*seq, *digest),
            "at {time:?}"
        );
    }
    let from = w.log.read_from(900, 700).expect("records");
    assert_eq!(from, w.kept[899..1_599]);
    let live = w.state.digest();
    drop(w);
    let store = EmbeddedStore::at(dir.path());
    let recovered = recover(&store, &*opened(dir.path())).expect("it folds");
    assert_eq!(recovered.state.digest(), live);
}

#[test]
fn the_index_says_what_the_records_say() {
    let dir = tempfile::tempdir().expect("a directory");
    let mut w = Writer::new(dir.path(), 300);
    w.live(1_500);
    w.settle();
    let history = history_of(dir.path());
    let (from, to) = history.span().expect("a span").expect("records");
    assert_eq!((from, to), (BEGIN, w.now));
    let moments = history
        .moments(None, from, to, usize::MAX, false)
        .expect("moments");
    let of = |kind| moments.iter().filter(|m| m.kind == kind).count();
    assert_eq!(of(MomentKind::Reported), 75);
    assert_eq!(of(MomentKind::AlarmRaised), 75);
    assert!(
        moments
            .iter()
            .all(|m| !m.by.is_empty() || m.kind != MomentKind::Reported)
    );
    let case = ThingId::Case(CaseId(40));
    let about = history
        .moments(Some(case), from, to, 100, true)
        .expect("moments");
    assert!(
        about
            .iter()
            .any(|m| m.kind == MomentKind::Reported && m.thing == case)
    );
    assert!(
        about
            .iter()
            .any(|m| m.kind == MomentKind::AlarmRaised && m.other == Some(case))
    );
    assert!(
        about.windows(2).all(|w| w[0].seq >= w[1].seq),
        "newest first"
    );
    let (bars, marks) = history.bars(from, to, 50).expect("bars");
    assert_eq!(bars.iter().map(|b| b.cases).sum::<u32>(), 75);
    assert_eq!(marks.len(), 150);
    // A record is late by what it holds: cases by 700 s, some fixes by 40.
    for t in [
        to.plus_seconds(-900),
        to.plus_seconds(-300),
        to.plus_seconds(-20),
    ] {
        let expected: Vec<u64> = w
            .kept
            .iter()
            .filter(|r| r.known_at > t && late_since(r).is_some_and(|l| l <= t))
            .map(|r| r.seq)
            .collect();
        let found: Vec<u64> = history
            .late(t, t)
            .expect("late")
            .iter()
            .map(|r| r.seq)
            .collect();
        assert!(expected.len() >= 20, "{}", expected.len());
        assert_eq!(found, expected, "at {t:?}");
    }
}

/// A log of some minutes, closed.
fn written(dir: &Path) -> (Vec<Record>, Vec<(u64, Timestamp, u64)>) {
    let mut w = Writer::new(dir, 250);
    w.live(1_500);
    w.settle();
    (w.kept, w.digests)
}

#[test]
fn a_whole_log_is_found_whole_and_compacting_keeps_all_of_it() {
    let dir = tempfile::tempdir().expect("a directory");
    let (kept, digests) = written(dir.path());
    let before = verified(dir.path());
    assert_eq!(before.findings, []);
    assert_eq!(before.records, kept.len() as u64);
    let mut told = Vec::new();
    let store = EmbeddedStore::at(dir.path());
    store
        .compact(|c| told.push(c.clone()))
        .expect("it is compacted");
    assert_eq!(told.len(), 2);
    let bytes: u64 = told.iter().map(|c| c.after).sum();
    let fixes: u64 = told.iter().map(|c| c.fixes).sum();
    assert_eq!(fixes, before.fixes);
    assert!(bytes < fixes * 6, "{bytes} bytes for {fixes} fixes");
    for path in files(dir.path()) {
        assert_eq!(count(&path, "records"), 0);
    }
    let after = verified(dir.path());
    assert_eq!((after.findings, after.end), (vec![], before.end));
    let history = history_of(dir.path());
    assert_eq!(all(&history), kept);
    let (seq, time, digest) = digests[digests.len() - 7];
    let state = state_at(&history, time);
    assert_eq!((state.seq(), state.digest()), (seq, digest));
    // It goes on from there.
    drop(opened(dir.path()));
    assert_eq!(verified(dir.path()).end, before.end);
}

/// Turns one bit of one blob.
fn flip(path: &Path, table: &str, column: &str, key: &str, row: i64, at: usize) {
    let conn = Connection::open(path).expect("a file");
    let mut blob: Vec<u8> = conn
        .query_row(
            &format!("SELECT {column} FROM {table} WHERE {key}=?1"),
            [row],
            |r| r.get(0),
        )
        .expect("a blob");
    let at = at % blob.len();
    blob[at] ^= 1 << (at % 8);
    conn.execute(
        &format!("UPDATE {table} SET {column}=?2 WHERE {key}=?1"),
        rusqlite::params![row, blob],
    )
    .expect("written");
}

#[test]
fn verify_finds_one_flipped_bit_anywhere() {
    let dir = tempfile::tempdir().expect("a directory");
    written(dir.path());
    let mut seed = 7u64;
    let mut draw = move |n: usize| {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(99);
        (seed >> 33) as usize % n.max(1)
    };
    let places = [
        ("records", "head", "seq"),
        ("records", "body", "seq"),
        ("records", "link", "seq"),
        ("segments", "heads", "first_seq"),
        ("segments", "columns", "first_seq"),
        ("segments", "link", "first_seq"),
        ("keyframes", "state", "seq"),
        ("links", "link", "seq"),
    ];
    let days = files(dir.path());
    for round in 0..40 {
        let (table, column, key) = places[round % places.len()];
        let path = &days[draw(days.len())];
        let rows: Vec<i64> = {
            let conn = Connection::open(path).expect("a file");
            let mut s = conn
                .prepare(&format!("SELECT {key} FROM {table}"))
                .expect("a table");
            let rows = s.query_map([], |r| r.get(0)).expect("rows");
            rows.map(|r| r.expect("a row")).collect()
        };
        if rows.is_empty() {
            continue;
        }
        let (row, at) = (rows[draw(rows.len())], draw(1 << 20));
        flip(path, table, column, key, row, at);
        let found = verified(dir.path()).findings;
        assert!(!found.is_empty(), "{table}.{column} of {row}, byte {at}");
        assert!(found.iter().any(|f| &f.path == path), "{found:?}");
        flip(path, table, column, key, row, at);
        assert_eq!(verified(dir.path()).findings, []);
    }
    // What is changed and given a new checksum breaks the chain: here, a record in another's place.
    let conn = Connection::open(&days[1]).expect("a file");
    let changed = conn
        .execute(
            "UPDATE moments SET by='somebody' WHERE seq=(SELECT max(seq) FROM moments)",
            [],
        )
        .expect("written");
    assert!(changed > 0);
    let found = verified(dir.path()).findings;
    assert!(found[0].words.contains("index of moments"), "{found:?}");
}

#[test]
fn a_gap_is_told_with_its_times_and_the_rest_is_shown() {
    let dir = tempfile::tempdir().expect("a directory");
    let (kept, digests) = written(dir.path());
    let path = &files(dir.path())[1];
    let conn = Connection::open(path).expect("a file");
    let (first, last): (i64, i64) = conn
        .query_row("SELECT min(seq)+30, min(seq)+39 FROM records", [], |r| {
            Ok((r.get(0)?, r.get(1)?))
        })
        .expect("rows");
    conn.execute(
        "DELETE FROM records WHERE seq BETWEEN ?1 AND ?2",
        [first, last],
    )
    .expect("a gap");
    drop(conn);
    let history = history_of(dir.path());
    let gaps = history.gaps();
    assert_eq!(gaps.len(), 1, "{gaps:?}");
    let gap = &gaps[0];
    assert!(
        gap.words
            .contains(&format!("records {first} to {last}: missing")),
        "{gap:?}"
    );
    assert_eq!(gap.from, kept[first as usize - 2].known_at);
    assert!(gap.to > gap.from);
    // Up to the gap and from the next keyframe on, everything is as it was.
    for (seq, time, digest) in &digests {
        if *time <= gap.from || *time > gap.to {
            let state = state_at(&history, *time);
            assert_eq!(
                (state.seq(), state.digest()),
                (*seq, *digest),
                "{time:?} {gap:?}"
            );
        }
    }
    let words = &verified(dir.path()).findings[0].words;
    assert!(words.contains("are missing"), "{words}");
}

#[test]
fn a_flipped_bit_costs_a_segment_and_no_more() {
    let dir = tempfile::tempdir().expect("a directory");
    let (_, digests) = written(dir.path());
    EmbeddedStore::at(dir.path())
        .compact(|_| {})
        .expect("it is compacted");
    let path = &files(dir.path())[1];
    let conn = Connection::open(path).expect("a file");
    let (first, from, to): (i64, i64, i64) = conn
        .query_row(
            "SELECT first_seq, first_known_at, last_known_at FROM segments ORDER BY first_seq LIMIT 1 OFFSET 1",
            [],
            |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?)),
        )
        .expect("a segment");
    drop(conn);
    flip(path, "segments", "columns", "first_seq", first, 5_000);
    let history = history_of(dir.path());
    let inside = Timestamp(i64::midpoint(from, to));
    // Reaching the gap is no error: what is there is shown, and the gap is reported.
    let state = state_at(&history, inside);
    assert!(state.known_at() < inside);
    let gaps = history.gaps();
    assert_eq!(gaps.len(), 1, "{gaps:?}");
    assert!(gaps[0].words.contains("checksum"), "{gaps:?}");
    assert!(gaps[0].to > inside && gaps[0].from < inside, "{gaps:?}");
    let mut compared = 0;
    for (seq, time, digest) in digests.iter().step_by(7) {
        if time.0 < from || *time > gaps[0].to {
            let state = state_at(&history, *time);
            assert_eq!((state.seq(), state.digest()), (*seq, *digest), "{time:?}");
            compared += 1;
        }
    }
    assert!(compared > 50, "{compared}");
    let found = verified(dir.path()).findings;
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(
        found[0]
            .times
            .is_some_and(|(a, b)| (a.0, b.0) == (from, to)),
        "{found:?}"
    );
}

#[test]
fn a_file_whose_tail_is_cut_shows_what_is_left() {
    let dir = tempfile::tempdir().expect("a directory");
    let (kept, digests) = written(dir.path());
    EmbeddedStore::at(dir.path())
        .compact(|_| {})
        .expect("it is compacted");
    let path = &files(dir.path())[1];
    let bytes = std::fs::read(path).expect("bytes");
    std::fs::write(path, &bytes[..bytes.len() / 5]).expect("a cut file");
    let history = history_of(dir.path());
    let (first, _) = history.span().expect("a span").expect("records");
    assert_eq!(first, kept[0].known_at);
    // The day before is whole.
    let midnight = digests
        .iter()
        .find(|(_, t, _)| Day::of(*t, store::OFFSET_S) > Day::of(BEGIN, store::OFFSET_S));
    let midnight = midnight.expect("two days").1;
    for (seq, time, digest) in digests.iter().step_by(97).filter(|d| d.1 < midnight) {
        let state = state_at(&history, *time);
        assert_eq!((state.seq(), state.digest()), (*seq, *digest), "{time:?}");
    }
    // What a keyframe still holds is shown; lost records are reported.
    for (_, time, _) in digests.iter().filter(|d| d.1 >= midnight).step_by(29) {
        state_at(&history, *time);
    }
    let found = verified(dir.path()).findings;
    let gaps = history.gaps();
    assert!(!gaps.is_empty(), "the cut is told: {found:?}");
    assert!(!found.is_empty());
}

#[test]
fn a_newer_log_and_another_file_are_named_and_the_others_read() {
    let dir = tempfile::tempdir().expect("a directory");
    let (_, digests) = written(dir.path());
    let path = &files(dir.path())[1];
    Connection::open(path)
        .expect("a file")
        .execute_batch("PRAGMA user_version=99")
        .expect("written");
    let history = history_of(dir.path());
    let (seq, time, digest) = digests[300];
    let state = state_at(&history, time);
    assert_eq!((state.seq(), state.digest()), (seq, digest));
    let found = verified(dir.path()).findings;
    assert!(found[0].words.contains("newer version"), "{found:?}");
    let opened = EmbeddedStore::at(dir.path()).writer(BEGIN);
    let error = opened.err().expect("it is refused").to_string();
    assert!(error.contains("format 99"), "{error}");
}
