use super::*;
use crate::log::Published;
use chengtu_engine::command::Command;
use chengtu_engine::decide::decide;
use chengtu_engine::model::Actor;
use chengtu_engine::record::{LivePen, Origin};
use rusqlite::ffi;

const DAY_US: i64 = 86_400_000_000;
/// 2026-11-22T12:00Z.
const NOON: Timestamp = Timestamp::from_seconds(1_795_348_800);

/// A log with one feed more a record.
struct Feeds {
    log: EmbeddedWriter,
    state: State,
    now: Timestamp,
}

impl Feeds {
    fn open(dir: &Path) -> Self {
        let log = EmbeddedWriter::open(dir, EmbeddedOptions::default(), NOON).unwrap();
        let state = State::new();
        let now = NOON;
        Self { log, state, now }
    }

    fn append(&mut self) -> u64 {
        let name = format!("feed {}", self.state.seq());
        let command = Command::RegisterFeed { name };
        let events = decide(&self.state, &command, &Actor::System, self.now).unwrap();
        let origin = Origin {
            actor: Actor::System,
            command: None,
        };
        let pen = LivePen::of_the_live_log();
        let seq = self.state.seq() + 1;
        let record = pen.write(seq, self.now, origin, Body::Events(events));
        self.log.append(&record).unwrap();
        self.state.apply(&record);
        seq
    }

    fn write(&mut self) {
        self.append();
        self.log.commit().unwrap();
    }
}

fn files(dir: &Path) -> usize {
    super::super::files::days_in(dir).unwrap().len()
}

fn verified(dir: &Path) -> (u64, Vec<super::super::Finding>) {
    let done = super::super::verify::verify(dir, &Published::default()).unwrap();
    (done.records, done.findings)
}

#[test]
fn a_lock_that_somebody_else_holds_delays_a_commit_and_ends_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let mut w = Feeds::open(dir.path());
    w.write();
    let shell = Connection::open(w.log.path()).unwrap();
    shell.execute_batch("BEGIN IMMEDIATE").unwrap();
    w.append();
    for _ in 0..3 {
        let error = w.log.commit().unwrap_err();
        assert!(error.is_passing(), "{error}");
        // Nobody else sees what is not durable.
        assert_eq!(w.log.read_from(2, 9).map_or(0, |r| r.len()), 0);
    }
    w.append();
    shell.execute_batch("ROLLBACK").unwrap();
    w.log.commit().unwrap();
    assert_eq!(w.log.read_from(1, 9).unwrap().len(), 3);
    // What cannot wait is taken back, and the log goes on from what is durable.
    shell.execute_batch("BEGIN IMMEDIATE").unwrap();
    w.append();
    assert!(w.log.commit().unwrap_err().is_passing());
    w.log.take_back().unwrap();
    assert_eq!(w.log.last_seq(), 3);
    assert!(w.log.try_again().unwrap_err().is_passing());
    shell.execute_batch("ROLLBACK").unwrap();
    w.log.try_again().unwrap();
    w.state = State::new();
    for record in w.log.read_from(1, 9).unwrap() {
        w.state.apply(&record);
    }
    w.write();
    drop(w);
    assert_eq!(verified(dir.path()), (4, vec![]));
}

#[test]
fn what_was_refused_after_a_failed_sync_is_not_there_at_the_next_start() {
    let dir = tempfile::tempdir().unwrap();
    let mut w = Feeds::open(dir.path());
    w.write();
    w.write();
    // The pages are in the file when the sync fails: all of a commit but its answer.
    w.append();
    w.log.transact(None).unwrap();
    let sync = ffi::Error::new(ffi::SQLITE_IOERR_FSYNC);
    let error = w.log.failed(rusqlite::Error::SqliteFailure(sync, None));
    assert!(!error.is_passing() && !error.is_unsure(), "{error}");
    assert_eq!(w.log.last_seq(), 2);
    assert!(matches!(w.log.commit(), Err(LogError::Stopped(_))));
    drop(w);
    assert_eq!(verified(dir.path()).0, 3, "it is in the file");
    let log = EmbeddedWriter::open(dir.path(), EmbeddedOptions::default(), NOON).unwrap();
    assert_eq!(log.last_seq(), 2);
    drop(log);
    assert_eq!(verified(dir.path()), (2, vec![]));
    // It is said once: what is written from now on stays.
    let mut w = Feeds::open(dir.path());
    for record in w.log.read_from(1, 9).unwrap() {
        w.state.apply(&record);
    }
    w.write();
    drop(w);
    let log = EmbeddedWriter::open(dir.path(), EmbeddedOptions::default(), NOON).unwrap();
    assert_eq!(log.last_seq(), 3);
}

#[test]
fn the_next_day_is_open_an_hour_before_it_begins_and_midnight_needs_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let mut w = Feeds::open(dir.path());
    w.write();
    assert!(!w.log.roll_over(NOON, &w.state).unwrap());
    assert_eq!(files(dir.path()), 1);
    w.now = Timestamp(NOON.0 + DAY_US / 2 - 1_800_000_000);
    assert!(!w.log.roll_over(w.now, &w.state).unwrap());
    assert_eq!(files(dir.path()), 2, "tomorrow's file is there");
    // To others it is no day yet.
    assert_eq!(w.log.reading.list().unwrap().len(), 1);
    w.write();
    assert_eq!(w.log.read_from(1, 9).unwrap().len(), 2);
    assert_eq!(verified(dir.path()), (2, vec![]));
    // No file can be made any more: what is open is enough.
    w.log.dir = dir.path().join("gone");
    w.now = Timestamp(NOON.0 + DAY_US / 2);
    assert!(w.log.roll_over(w.now, &w.state).unwrap());
    w.log.dir = dir.path().to_owned();
    w.write();
    drop(w);
    assert_eq!(verified(dir.path()), (3, vec![]));
}

#[test]
fn a_day_whose_file_cannot_be_opened_goes_on_in_the_file_before_until_it_can() {
    let dir = tempfile::tempdir().unwrap();
    let mut w = Feeds::open(dir.path());
    w.write();
    let tomorrow = file_of(dir.path(), Day(w.log.day().0 + 1));
    std::fs::create_dir(&tomorrow).unwrap();
    w.now = Timestamp(NOON.0 + DAY_US);
    assert!(!w.log.roll_over(w.now, &w.state).unwrap());
    let told = w.log.trouble().unwrap();
    assert!(
        told.contains("2026-11-23") && told.contains("file before"),
        "{told}"
    );
    w.write();
    std::fs::remove_dir(&tomorrow).unwrap();
    std::thread::sleep(Duration::from_millis(1_100));
    assert!(w.log.roll_over(w.now, &w.state).unwrap());
    assert_eq!(w.log.trouble(), None);
    w.write();
    drop(w);
    assert_eq!(verified(dir.path()), (3, vec![]));
    assert_eq!(files(dir.path()), 2);
}

#[test]
fn a_file_made_ahead_is_no_day_for_the_next_start() {
    let dir = tempfile::tempdir().unwrap();
    let mut w = Feeds::open(dir.path());
    w.write();
    w.now = Timestamp(NOON.0 + DAY_US / 2 - 1_000_000);
    assert!(!w.log.roll_over(w.now, &w.state).unwrap());
    drop(w);
    assert_eq!(files(dir.path()), 2);
    let log = EmbeddedWriter::open(dir.path(), EmbeddedOptions::default(), NOON).unwrap();
    assert_eq!((log.last_seq(), files(dir.path())), (1, 1));
    let left: Vec<_> = std::fs::read_dir(dir.path()).unwrap().collect();
    assert!(
        left.iter()
            .flatten()
            .all(|e| !e.path().to_string_lossy().contains("unfinished")),
        "{left:?}"
    );
}

#[test]
fn a_keyframe_with_a_number_of_its_own_makes_no_record() {
    let dir = tempfile::tempdir().unwrap();
    let mut w = Feeds::open(dir.path());
    w.write();
    let keyframe = Keyframe::of(&w.state).unwrap();
    w.log.put_keyframe(&keyframe).unwrap();
    w.log.commit().unwrap();
    let path = w.log.path();
    drop(w);
    let conn = Connection::open(&path).unwrap();
    conn.execute("UPDATE keyframes SET seq=900 WHERE seq=1", [])
        .unwrap();
    drop(conn);
    let log = EmbeddedWriter::open(dir.path(), EmbeddedOptions::default(), NOON).unwrap();
    assert_eq!(log.last_seq(), 1);
    drop(log);
    assert!(!verified(dir.path()).1.is_empty());
}
