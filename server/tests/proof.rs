//! Acceptance of the proof: of a log of three days every changed byte is found, also of its anchors; a directory that was
//! rewritten consistently from some record on is found with anchors, at that record; so is a day of another city.
//!
//! `CHENGTU_FLIPS` sets how many bytes are changed; 10,000 is the long form.

mod store;

use chengtu_engine::chance::Chance;
use chengtu_engine::event::Event;
use chengtu_engine::record::{Body, LivePen, Record};
use chengtu_engine::state::State;
use chengtu_server::log::{
    AnchorBook, Day, EmbeddedStore, Keyframe, LogStore, Published, ServerKey, Verified,
};
use rusqlite::{Connection, params};
use std::path::{Path, PathBuf};
use store::{BEGIN, OFFSET_S, Writer};

/// What was published of a log.
struct Kept {
    anchors: PathBuf,
    key: PathBuf,
}

impl Kept {
    fn in_folder(dir: &Path) -> Self {
        Self {
            anchors: dir.join("anchors"),
            key: dir.join("server-key"),
        }
    }

    fn read(&self) -> Result<Published, String> {
        let key = ServerKey::read(&self.key).map_err(|e| e.to_string())?;
        Published::read(&self.anchors, Some(&key.public())).map_err(|e| e.to_string())
    }
}

/// Three days of a small city, sealed and young, with the anchors that a server writes.
fn written(dir: &Path, kept: &Kept) -> Vec<Record> {
    let key = ServerKey::read_or_make(&kept.key).expect("a key");
    let mut book = AnchorBook::new(&kept.anchors, key);
    let mut w = Writer::new(dir, 6);
    for day in 0..2 {
        // Nothing happens until shortly before midnight.
        w.now = BEGIN.plus_seconds(day * 86_400 + 900);
        for _ in 0..640 {
            let before = (w.log.anchor(), w.now);
            w.live(1);
            let links = w.log.take_links();
            if Day::of(w.now, OFFSET_S) != Day::of(before.1, OFFSET_S)
                && let Some(last) = before.0
            {
                book.day_ended(last, Day::of(before.1, OFFSET_S))
                    .expect("written");
            }
            book.note(w.log.epoch(), &links, w.now, OFFSET_S)
                .expect("written");
        }
        w.settle();
    }
    book.write_last(w.now, OFFSET_S).expect("written");
    drop(w.log);
    w.kept
}

fn days(dir: &Path) -> Vec<PathBuf> {
    let mut all: Vec<PathBuf> = std::fs::read_dir(dir)
        .expect("a directory")
        .map(|e| e.expect("an entry").path())
        .filter(|p| p.extension().is_some_and(|e| e == "sqlite"))
        .collect();
    all.sort();
    all
}

fn held(dir: &Path, published: &Published) -> Verified {
    let store = EmbeddedStore::at(dir);
    store.verify_published(published).expect("it is looked at")
}

fn words(found: &Verified) -> Vec<&str> {
    found.findings.iter().map(|f| f.words.as_str()).collect()
}

fn copied(from: &Path) -> tempfile::TempDir {
    let to = tempfile::tempdir().expect("a directory");
    for path in days(from) {
        std::fs::copy(&path, to.path().join(path.file_name().expect("a name"))).expect("copied");
    }
    to
}

#[test]
fn every_changed_byte_of_three_days_and_of_their_anchors_is_found() {
    let flips = std::env::var("CHENGTU_FLIPS").ok();
    let flips: u32 = flips.and_then(|n| n.parse().ok()).unwrap_or(60);
    let (log, out) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let kept = Kept::in_folder(out.path());
    written(log.path(), &kept);
    let published = kept.read().expect("what was published");
    let whole = held(log.path(), &published);
    assert_eq!(whole.findings, [], "as it was written");
    assert_eq!(whole.days, 3);
    assert!(whole.segments > 0 && whole.records > 100, "{whole:?}");
    assert_eq!(whole.anchors as usize, published.anchors.len());
    assert!(published.anchors.len() >= 6, "{}", published.anchors.len());

    let mut files = days(log.path());
    let texts = std::fs::read_dir(&kept.anchors).expect("a folder");
    files.extend(texts.map(|e| e.expect("an entry").path()));
    let bytes: Vec<Vec<u8>> = files.iter().map(|p| std::fs::read(p).unwrap()).collect();
    let mut chance = Chance::new(11);
    let (mut found, mut silent) = (0, 0);
    for _ in 0..flips {
        let n = chance.below(files.len());
        let at = chance.below(bytes[n].len());
        let mut changed = bytes[n].clone();
        changed[at] ^= 1 << chance.below(8);
        std::fs::write(&files[n], &changed).unwrap();
        let is_text = files[n].extension().is_some_and(|e| e == "txt");
        let result = kept
            .read()
            .map(|p| EmbeddedStore::at(log.path()).verify_published(&p));
        match result {
            Ok(Ok(now)) if now.findings.is_empty() => {
                // Nothing that the log says: a page's unused end, a counter, a blank at a line's end. Every record, every
                // keyframe and every anchor was held, and is what it was.
                assert_eq!((now.end, now.records), (whole.end, whole.records), "{at}");
                assert_eq!((now.keyframes, now.folded), (whole.keyframes, whole.folded));
                assert_eq!(
                    now.anchors,
                    whole.anchors,
                    "byte {at} of {}",
                    files[n].display()
                );
                if is_text {
                    let same = kept.read().expect("it was read");
                    assert_eq!(same, published, "byte {at} of {}", files[n].display());
                }
                silent += 1;
            }
            _ => found += 1,
        }
        std::fs::write(&files[n], &bytes[n]).unwrap();
    }
    println!("{flips} bytes changed: {found} found, {silent} in bytes that say nothing");
    assert!(found > 0 && held(log.path(), &published).findings.is_empty());
}

/// The same records from the beginning, with another word in the first case that is reported in or after record `from`:
/// every link, checksum and keyframe made anew, under the same epoch. Gives the record that is another; 0 without `from`.
fn rewritten(kept: &[Record], original: &Path, from: Option<u64>) -> (tempfile::TempDir, u64) {
    let dir = tempfile::tempdir().expect("a directory");
    let epoch: i64 = Connection::open(&days(original)[0])
        .expect("a file")
        .query_row("SELECT value FROM meta WHERE key='epoch'", [], |r| r.get(0))
        .expect("an epoch");
    let store = store::in_directory(dir.path());
    drop(store.writer(BEGIN).expect("it opens"));
    forge_epoch(&days(dir.path())[0], epoch);
    let mut log = store.writer(BEGIN).expect("it opens");
    let pen = LivePen::of_the_live_log();
    let (mut state, mut first) = (State::new(), 0);
    let keyframes = keyframes_of(original);
    for record in kept {
        let mut record = record.clone();
        if let Body::Events(events) = &mut record.body
            && from.is_some_and(|from| record.seq >= from)
            && first == 0
        {
            for event in events {
                if let Event::CaseReported { note, .. } = event {
                    "无".clone_into(note);
                    first = record.seq;
                }
            }
        }
        log.roll_over(record.known_at, &state).expect("a new day");
        let record = pen.write(record.seq, record.known_at, record.origin, record.body);
        log.append(&record).expect("written");
        state.apply(&record);
        if keyframes.contains(&(record.seq as i64)) {
            let keyframe = Keyframe::of(&state).expect("a keyframe");
            log.put_keyframe(&keyframe).expect("kept");
        }
        if record.seq.is_multiple_of(64) {
            log.commit().expect("durable");
        }
    }
    log.commit().expect("durable");
    assert!(first >= from.unwrap_or(0));
    (dir, first)
}

/// Where keyframes were put within the days.
fn keyframes_of(original: &Path) -> std::collections::BTreeSet<i64> {
    let mut all = std::collections::BTreeSet::new();
    for path in days(original) {
        let conn = Connection::open(path).expect("a file");
        let sql =
            "SELECT seq FROM keyframes WHERE seq>(SELECT value FROM meta WHERE key='after_seq')";
        let mut statement = conn.prepare(sql).expect("keyframes");
        let found = statement.query_map([], |r| r.get(0)).expect("numbers");
        all.extend(found.map(|n: rusqlite::Result<i64>| n.expect("a number")));
    }
    all
}

/// Gives a log that has nothing but its first keyframe another epoch, with the links that follow from it.
fn forge_epoch(path: &Path, epoch: i64) {
    let conn = Connection::open(path).expect("a file");
    let mut hasher = blake3::Hasher::new();
    hasher.update(b"chengtu log\n");
    hasher.update(&(epoch as u64).to_le_bytes());
    let start = hasher.finalize();
    let (seq, known_at, state): (i64, i64, Vec<u8>) = conn
        .query_row("SELECT seq,known_at,state FROM keyframes", [], |r| {
            Ok((r.get(0)?, r.get(1)?, r.get(2)?))
        })
        .expect("its keyframe");
    let mut hasher = blake3::Hasher::new_derive_key("chengtu log 2026-11 keyframe");
    hasher.update(start.as_bytes());
    for number in [seq, seq, known_at] {
        hasher.update(&number.to_le_bytes());
    }
    hasher.update(&state);
    let after = hasher.finalize();
    conn.execute("UPDATE meta SET value=?1 WHERE key='epoch'", [epoch])
        .expect("forged");
    conn.execute("UPDATE links SET link=?1", [start.as_bytes()])
        .expect("forged");
    conn.execute("UPDATE keyframes SET link=?1", [after.as_bytes()])
        .expect("forged");
}

#[test]
fn a_directory_that_is_rewritten_from_a_record_on_is_found_at_that_record() {
    let (log, out) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let kept = Kept::in_folder(out.path());
    let records = written(log.path(), &kept);
    let published = kept.read().expect("what was published");
    // Without a change it is the same log, link for link: the forger's tools are good.
    let (same, _) = rewritten(&records, log.path(), None);
    let found = held(same.path(), &published);
    assert_eq!(words(&found), Vec::<&str>::new());
    assert_eq!(found.anchors as usize, published.anchors.len());

    let end = records.last().expect("a record").seq;
    for from in [20, end / 3, end / 2, end * 9 / 10] {
        let (forged, first) = rewritten(&records, log.path(), Some(from));
        let alone = EmbeddedStore::at(forged.path())
            .verify()
            .expect("looked at");
        assert_eq!(alone.findings, [], "nothing of it shows by itself");
        // With the trail: at that record.
        let found = held(forged.path(), &published);
        let told = &found.findings[0];
        assert_eq!(told.records, Some((first, first)), "{:?}", words(&found));
        assert!(
            told.words
                .contains(&format!("the first record that is another one is {first}"))
        );
        // With the anchors alone: between the last one that is held and the first that is not.
        let anchors = Published::from(&published.anchors[..]);
        let found = held(forged.path(), &anchors);
        let (after, before) = found.findings[0].records.expect("between which");
        assert!(
            (after..=before).contains(&first),
            "{after} {first} {before}"
        );
        let seqs = || published.anchors.iter().map(|a| a.seq);
        assert_eq!(seqs().filter(|s| *s < first).max().unwrap_or(0) + 1, after);
        assert_eq!(seqs().filter(|s| *s >= first).min(), Some(before));
    }
}

#[test]
fn a_day_of_another_city_is_found_in_the_place_of_its_own() {
    let (log, out) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let kept = Kept::in_folder(out.path());
    written(log.path(), &kept);
    let published = kept.read().expect("what was published");
    let (other, beside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    written(other.path(), &Kept::in_folder(beside.path()));
    let (own, theirs) = (days(log.path()), days(other.path()));
    let epoch = |path: &Path| -> i64 {
        let conn = Connection::open(path).expect("a file");
        conn.query_row("SELECT value FROM meta WHERE key='epoch'", [], |r| r.get(0))
            .expect("an epoch")
    };
    for (day, name) in own.iter().zip(&theirs) {
        let swapped = copied(log.path());
        let place = swapped.path().join(day.file_name().unwrap());
        std::fs::copy(name, &place).expect("swapped");
        let found = held(swapped.path(), &published);
        assert!(!found.findings.is_empty(), "{}", place.display());
        // Its epoch is forged as well.
        let conn = Connection::open(&place).expect("a file");
        conn.execute(
            "UPDATE meta SET value=?1 WHERE key='epoch'",
            params![epoch(day)],
        )
        .expect("forged");
        drop(conn);
        let found = held(swapped.path(), &published);
        assert!(!found.findings.is_empty(), "{}", place.display());
    }
    // The whole directory is another city's: each anchor says so.
    let found = held(other.path(), &published);
    let others = words(&found)
        .iter()
        .filter(|w| w.contains("another log"))
        .count();
    assert!(others >= published.anchors.len(), "{:?}", words(&found));
}
