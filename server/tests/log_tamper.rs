//! Whoever changes a log is found: a bit anywhere, another keyframe, a consistent rewrite, an end that is cut.
//!
//! `CHENGTU_FLIPS` sets how many bits are flipped; `make campaign` runs 10,000.

mod store;

use chengtu_engine::chance::Chance;
use chengtu_engine::state::State;
use chengtu_server::log::{Anchor, EmbeddedStore, Keyframe, LogStore, Verified, recover};
use rusqlite::{Connection, params};
use std::path::{Path, PathBuf};
use store::{BEGIN, Writer};

fn verified(dir: &Path) -> Verified {
    EmbeddedStore::at(dir).verify().expect("it is looked at")
}

fn held(dir: &Path, anchors: &[Anchor]) -> Verified {
    let store = EmbeddedStore::at(dir);
    store.verify_against(anchors).expect("it is looked at")
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

/// A small log over midnight, sealed and young; its anchors, one now and then.
fn written(dir: &Path) -> Vec<Anchor> {
    let mut w = Writer::new(dir, 12);
    let mut anchors = Vec::new();
    for _ in 0..16 {
        w.live(90);
        anchors.extend(w.log.anchor());
    }
    w.settle();
    anchors
}

/// Every column that holds something, each with the key of its table.
const COLUMNS: [(&str, &str, &str); 21] = [
    ("records", "known_at", "seq"),
    ("records", "kind", "seq"),
    ("records", "head", "seq"),
    ("records", "body", "seq"),
    ("records", "crc", "seq"),
    ("records", "link", "seq"),
    ("segments", "last_seq", "first_seq"),
    ("segments", "first_known_at", "first_seq"),
    ("segments", "last_known_at", "first_seq"),
    ("segments", "fixes", "first_seq"),
    ("segments", "crc", "first_seq"),
    ("segments", "heads", "first_seq"),
    ("segments", "columns", "first_seq"),
    ("segments", "link", "first_seq"),
    ("keyframes", "seq", "seq"),
    ("keyframes", "known_at", "seq"),
    ("keyframes", "state", "seq"),
    ("keyframes", "crc", "seq"),
    ("keyframes", "after", "seq"),
    ("keyframes", "link", "seq"),
    ("links", "link", "seq"),
];

/// Turns one bit of one value, and gives what turns it back.
fn flip(path: &Path, chance: &mut Chance) -> Option<(String, rusqlite::types::Value, i64)> {
    let conn = Connection::open(path).expect("a file");
    let (table, column, key) = COLUMNS[chance.below(COLUMNS.len())];
    let rows: Vec<i64> = conn
        .prepare(&format!("SELECT {key} FROM {table}"))
        .expect("a table")
        .query_map([], |r| r.get(0))
        .expect("rows")
        .map(|r| r.expect("a row"))
        .collect();
    let row = *rows.get(chance.below(rows.len().max(1)))?;
    let was: rusqlite::types::Value = conn
        .query_row(
            &format!("SELECT {column} FROM {table} WHERE {key}=?1"),
            [row],
            |r| r.get(0),
        )
        .expect("a value");
    let turned = match &was {
        rusqlite::types::Value::Integer(n) => {
            rusqlite::types::Value::Integer(n ^ (1 << chance.below(32)))
        }
        rusqlite::types::Value::Blob(bytes) => {
            let mut bytes = bytes.clone();
            let at = chance.below(bytes.len().max(1));
            *bytes.get_mut(at)? ^= 1 << chance.below(8);
            rusqlite::types::Value::Blob(bytes)
        }
        _ => return None,
    };
    // A key moves with its row.
    let now = match &turned {
        rusqlite::types::Value::Integer(n) if column == key => *n,
        _ => row,
    };
    let sql = format!("UPDATE {table} SET {column}=?2 WHERE {key}=?1");
    conn.execute(&sql, params![row, turned]).ok()?;
    Some((sql, was, now))
}

#[test]
fn a_flipped_bit_is_found_wherever_it_is() {
    let flips = std::env::var("CHENGTU_FLIPS").ok();
    let flips: u32 = flips.and_then(|n| n.parse().ok()).unwrap_or(120);
    let dir = tempfile::tempdir().expect("a directory");
    let anchors = written(dir.path());
    let whole = held(dir.path(), &anchors);
    assert_eq!(whole.findings, []);
    assert_eq!(whole.anchors, anchors.len() as u64);
    assert!(
        whole.keyframes > 10 && whole.folded == whole.keyframes,
        "{whole:?}"
    );
    let days = files(dir.path());
    let mut chance = Chance::new(6);
    let mut done = 0;
    while done < flips {
        let path = &days[chance.below(days.len())];
        let Some((sql, was, row)) = flip(path, &mut chance) else {
            continue;
        };
        done += 1;
        let found = verified(dir.path());
        assert!(!found.findings.is_empty(), "{sql} of {row} was {was:?}");
        let conn = Connection::open(path).expect("a file");
        conn.execute(&sql, params![row, was]).expect("turned back");
    }
    assert_eq!(verified(dir.path()).findings, []);
}

/// Bits of the files themselves, where SQLite keeps its pages.
#[test]
fn a_flipped_bit_of_the_file_is_found_or_changes_nothing_that_is_said() {
    let flips = std::env::var("CHENGTU_FLIPS").ok();
    let flips: u32 = flips.and_then(|n| n.parse().ok()).unwrap_or(120) / 2;
    let dir = tempfile::tempdir().expect("a directory");
    written(dir.path());
    let whole = verified(dir.path());
    let days = files(dir.path());
    let bytes: Vec<Vec<u8>> = days
        .iter()
        .map(|p| std::fs::read(p).expect("bytes"))
        .collect();
    let mut chance = Chance::new(7);
    let mut found = 0;
    for _ in 0..flips {
        let day = chance.below(days.len());
        let at = chance.below(bytes[day].len());
        let bit = 1u8 << chance.below(8);
        let mut turned = bytes[day].clone();
        turned[at] ^= bit;
        std::fs::write(&days[day], &turned).expect("written");
        match EmbeddedStore::at(dir.path()).verify() {
            Ok(now) if now.findings.is_empty() => {
                // Free space, a page's unused end, a counter: nothing that the log says.
                assert_eq!((now.end, now.records), (whole.end, whole.records), "{at}");
                assert_eq!(now.keyframes, whole.keyframes, "byte {at} of day {day}");
            }
            _ => found += 1,
        }
        std::fs::write(&days[day], &bytes[day]).expect("put back");
    }
    assert!(found * 10 > flips, "{found} of {flips}");
}

/// A file without a beginning is taken for one that was made ahead, and its day was passed over without a word.
#[test]
fn a_day_whose_beginning_cannot_be_read_is_found() {
    let schema =
        "PRAGMA writable_schema=ON; UPDATE sqlite_schema SET name='mdta' WHERE name='meta'";
    for damage in [
        "DELETE FROM meta WHERE key='epoch'",
        "DELETE FROM meta",
        "UPDATE meta SET key='epoci' WHERE key='epoch'",
        schema,
    ] {
        let dir = tempfile::tempdir().expect("a directory");
        written(dir.path());
        let whole = verified(dir.path());
        let days = files(dir.path());
        let last = days.last().expect("a day");
        let conn = Connection::open(last).expect("a file");
        conn.execute_batch(damage).expect("damaged");
        drop(conn);
        let found = match EmbeddedStore::at(dir.path()).verify() {
            // Another name beside the same table is no matter: all of it is read.
            Ok(now) if damage == schema && now.findings.is_empty() => {
                (now.end, now.records) == (whole.end, whole.records)
            }
            Ok(now) => now.findings.iter().any(|f| f.path == *last),
            Err(error) => error.to_string().contains(&last.display().to_string()),
        };
        assert!(found, "{damage}");
    }
}

/// The newest keyframe with another city in it, its checksum made anew.
fn forge(path: &Path, state: &State) {
    let forged = Keyframe::of(state).expect("a keyframe");
    let crc = crc32c::crc32c_append(crc32c::crc32c(&forged.seq.to_le_bytes()), &forged.packed);
    let changed = Connection::open(path)
        .expect("a file")
        .execute(
            "UPDATE keyframes SET state=?2, crc=?3 WHERE seq=?1",
            params![forged.seq as i64, forged.packed, crc],
        )
        .expect("written");
    assert_eq!(changed, 1);
}

#[test]
fn another_city_in_the_newest_keyframe_is_found_by_folding() {
    let dir = tempfile::tempdir().expect("a directory");
    let mut w = Writer::new(dir.path(), 5);
    w.live(150);
    let begin = w.state.clone();
    let keyframe = Keyframe::of(&w.state).expect("a keyframe");
    w.log.put_keyframe(&keyframe).expect("kept");
    w.log.commit().expect("durable");
    drop(w);
    assert_eq!(verified(dir.path()).findings, []);
    // The same city but for what one case says: here, a case that was never overdue, by leaving out the last records.
    let store = EmbeddedStore::at(dir.path());
    let log = store.writer(BEGIN).expect("it opens");
    let mut other = State::new();
    for record in log.read_from(1, 100_000).expect("records") {
        let mut record = record;
        if let chengtu_engine::record::Body::Events(events) = &mut record.body {
            for event in events {
                if let chengtu_engine::event::Event::CaseReported { note, .. } = event {
                    *note = "无".to_owned();
                }
            }
        }
        other.apply(&record);
    }
    drop(log);
    assert_eq!(other.seq(), begin.seq());
    forge(&files(dir.path())[0], &other);
    let found = verified(dir.path()).findings;
    let words: Vec<&str> = found.iter().map(|f| f.words.as_str()).collect();
    assert!(
        words
            .iter()
            .any(|w| w.contains("not the city that its records make")),
        "{words:?}"
    );
}

#[test]
fn an_end_that_is_cut_and_a_log_that_is_rewritten_are_found_against_an_anchor() {
    let dir = tempfile::tempdir().expect("a directory");
    let mut w = Writer::new(dir.path(), 5);
    w.live(200);
    let early = w.log.anchor().expect("an anchor");
    w.live(100);
    let late = w.log.anchor().expect("an anchor");
    let kept = w.kept.clone();
    drop(w);
    let text = format!("{early}\n# noon\n{late}\n");
    let anchors = Anchor::read_all(&text).expect("anchors");
    let whole = held(dir.path(), &anchors);
    assert_eq!((whole.findings, whole.anchors), (vec![], 2));
    assert_eq!(verified(dir.path()).anchor(), Some(late));

    // Cut: everything behind some record.
    let path = &files(dir.path())[0];
    let conn = Connection::open(path).expect("a file");
    let cut = early.seq as i64 + 20;
    for table in ["records", "moments", "late"] {
        conn.execute(&format!("DELETE FROM {table} WHERE seq>?1"), [cut])
            .expect("cut");
    }
    conn.execute("DELETE FROM keyframes WHERE seq>?1 OR after>?1", [cut])
        .expect("cut");
    drop(conn);
    assert_eq!(
        verified(dir.path()).findings,
        [],
        "nothing of it shows by itself"
    );
    let found = held(dir.path(), &anchors);
    assert_eq!((found.findings.len(), found.anchors), (1, 1), "{found:?}");
    assert!(
        found.findings[0].words.contains("its end was cut"),
        "{found:?}"
    );

    // Rewritten by the program itself, every link right: the same log but for one word.
    let other = tempfile::tempdir().expect("a directory");
    let store = store::in_directory(other.path());
    let mut log = store.writer(BEGIN).expect("it opens");
    let pen = chengtu_engine::record::LivePen::of_the_live_log();
    for mut record in kept {
        if let chengtu_engine::record::Body::Events(events) = &mut record.body {
            for event in events {
                if let chengtu_engine::event::Event::CaseReported { note, .. } = event {
                    *note = "无".to_owned();
                }
            }
        }
        let record = pen.write(record.seq, record.known_at, record.origin, record.body);
        log.append(&record).expect("written");
    }
    log.commit().expect("durable");
    let its_own = log.anchor().expect("an anchor");
    drop(log);
    assert_eq!(verified(other.path()).findings, []);
    // Its epoch is forged as well.
    let same_epoch = |a: &Anchor| Anchor {
        epoch: its_own.epoch,
        ..*a
    };
    let forged: Vec<Anchor> = anchors.iter().map(same_epoch).collect();
    let found = held(other.path(), &forged).findings;
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(
        found.iter().all(|f| f.words.contains("was rewritten")),
        "{found:?}"
    );
    let found = held(other.path(), &anchors).findings;
    assert!(
        found.iter().all(|f| f.words.contains("another log")),
        "{found:?}"
    );
}

#[test]
fn keyframes_that_cannot_be_read_cost_only_time() {
    let dir = tempfile::tempdir().expect("a directory");
    let mut w = Writer::new(dir.path(), 5);
    w.live(1_450);
    let digest = w.state.digest();
    drop(w);
    let recovered = || {
        let store = EmbeddedStore::at(dir.path());
        let log = store.writer(BEGIN).expect("it opens");
        let found = recover(&store, &*log).expect("it folds");
        (found.state.digest(), found.keyframe_seq)
    };
    let (whole, mut newest) = recovered();
    assert_eq!(whole, digest);
    let days = files(dir.path());
    // One after the other from the newest: its bytes, its number, its time.
    for (n, spoil) in [
        "UPDATE keyframes SET state=zeroblob(40) WHERE seq=?1",
        "UPDATE keyframes SET seq=seq+1000000 WHERE seq=?1",
        "UPDATE keyframes SET known_at=known_at+9000000000 WHERE seq=?1",
        "UPDATE keyframes SET crc=0 WHERE seq=?1",
    ]
    .iter()
    .enumerate()
    {
        for path in &days {
            Connection::open(path)
                .expect("a file")
                .execute(spoil, [newest as i64])
                .expect("spoilt");
        }
        let (found, from) = recovered();
        assert_eq!(found, digest, "{n}");
        assert!(from < newest, "{n}: {from}");
        newest = from;
        // And it can be written on.
        let store = EmbeddedStore::at(dir.path());
        let log = store.writer(BEGIN).expect("it opens");
        assert_eq!(
            recover(&store, &*log).expect("it folds").state.digest(),
            digest
        );
    }
    assert!(verified(dir.path()).findings.len() >= 4);
}
