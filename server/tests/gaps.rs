//! A day of the log is missing: what is told of it, and what is exported around it.

mod store;

use chengtu_engine::incident::Incident;
use chengtu_engine::record::Record;
use chengtu_engine::replay::History;
use chengtu_engine::time::Timestamp;
use chengtu_server::export::{
    Area, ExportOptions, Format, IncidentOptions, Stretch, Table, export, export_incident,
};
use chengtu_server::log::{EmbeddedStore, LogHistory};
use std::path::{Path, PathBuf};
use store::Writer;

const VEHICLES: u32 = 3;
/// Seconds that are written of each day.
const SECONDS: i32 = 150;
/// Days that are written.
const DAYS: usize = 4;

/// Four days, each with its own first and last record, the second taken away.
struct Log {
    dir: tempfile::TempDir,
    /// The records of each day.
    days: Vec<Vec<Record>>,
}

impl Log {
    fn new() -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let mut w = Writer::new(&dir.path().join("data"), VEHICLES);
        let mut days = Vec::new();
        let mut seen = 0;
        for day in 0..DAYS {
            if day > 0 {
                w.now = w.now.plus_seconds(86_400);
            }
            w.live(SECONDS);
            days.push(w.kept[seen..].to_vec());
            seen = w.kept.len();
        }
        drop(w);
        let log = Self { dir, days };
        let mut files: Vec<PathBuf> = std::fs::read_dir(log.path("data"))
            .expect("a directory")
            .map(|e| e.expect("an entry").path())
            .filter(|p| p.extension().is_some_and(|e| e == "sqlite"))
            .collect();
        files.sort();
        // Beside them, the file of the day after the last may have been made ahead.
        assert!(files.len() >= DAYS, "{files:?}");
        std::fs::remove_file(&files[1]).expect("a day goes");
        log
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn history(&self) -> LogHistory {
        let store = EmbeddedStore::at(&self.path("data"));
        store.log_history().expect("it opens")
    }

    fn first(&self, day: usize) -> Timestamp {
        self.days[day].first().expect("records").known_at
    }

    fn last(&self, day: usize) -> Timestamp {
        self.days[day].last().expect("records").known_at
    }

    fn fixes(&self, days: &[usize], from: Timestamp, to: Timestamp) -> u64 {
        let within = |r: &&Record| r.known_at >= from && r.known_at <= to;
        let all = days.iter().flat_map(|d| &self.days[*d]).filter(within);
        all.map(|r| match &r.body {
            chengtu_engine::record::Body::Fixes(block) => block.len() as u64,
            _ => 0,
        })
        .sum()
    }

    fn options(&self, from: Timestamp, to: Timestamp, name: &str) -> ExportOptions {
        ExportOptions {
            data: self.path("data"),
            stretch: Stretch { from, to },
            area: Area::All,
            format: Format::Parquet,
            table: Some(Table::Fixes),
            names: false,
            out: self.path(name),
            replace: false,
            inputs: Vec::new(),
        }
    }
}

#[test]
fn a_missing_day_is_told_from_the_end_of_the_day_before() {
    let log = Log::new();
    let gaps = log.history().gaps();
    assert_eq!(gaps.len(), 1, "{gaps:?}");
    assert_eq!(gaps[0].from, log.last(0));
    assert!(gaps[0].to <= log.first(2), "{gaps:?}");
    let numbers = (&log.days[1][0], log.days[1].last().expect("records"));
    let words = format!("records {} to {}: missing", numbers.0.seq, numbers.1.seq);
    assert!(gaps[0].words.contains(&words), "{gaps:?}");
}

#[test]
fn a_stretch_that_is_whole_has_lost_nothing() {
    let log = Log::new();
    for (n, day) in [0, 2, 3].into_iter().enumerate() {
        let (from, to) = (log.first(day), log.last(day));
        let report = export(&log.options(from, to, &format!("{n}.parquet"))).expect("a file");
        assert!(report.gaps.is_empty(), "day {day}: {:?}", report.gaps);
        assert_eq!(report.fixes, log.fixes(&[day], from, to), "day {day}");
    }
}

#[test]
fn tables_go_on_behind_a_gap() {
    let log = Log::new();
    let (from, to) = (log.first(0), log.last(3));
    let report = export(&log.options(from, to, "all.parquet")).expect("a file");
    assert_eq!(report.gaps.len(), 1);
    assert_eq!(report.fixes, log.fixes(&[0, 2, 3], from, to));
}

#[test]
fn an_incident_goes_on_behind_a_gap() {
    let log = Log::new();
    let (from, to) = (log.first(0), log.last(3));
    let report = export_incident(&IncidentOptions {
        data: log.path("data"),
        city: Path::new(env!("CARGO_MANIFEST_DIR")).join("../data/nanjing"),
        stretch: Stretch { from, to },
        area: Area::All,
        title: "a day is missing".into(),
        out: log.path("x.incident"),
        replace: false,
        inputs: Vec::new(),
    })
    .expect("a file");
    assert_eq!(report.gaps.len(), 1);
    assert_eq!(report.fixes, log.fixes(&[0, 2, 3], from, to));
    let bytes = std::fs::read(log.path("x.incident")).expect("bytes");
    let history = Incident::decode(&bytes).expect("an incident").history();
    let history = history.expect("a past");
    // Each day is as it was, and nobody reads over what is missing.
    let first = history.records(0, to, usize::MAX).expect("records");
    assert_eq!(first, log.days[0]);
    let last = first.last().expect("records").seq;
    assert!(
        history
            .records(last, to, usize::MAX)
            .expect("none")
            .is_empty()
    );
    let gap = &history.gaps()[0];
    let begin = history.state_before(gap.to).expect("a state");
    let rest = history
        .records(begin.seq(), to, usize::MAX)
        .expect("records");
    let expected: Vec<&Record> = log.days[2].iter().chain(&log.days[3]).collect();
    assert_eq!(rest.iter().collect::<Vec<_>>(), expected);
    let before = history.state_before(gap.from).expect("a state");
    assert!(before.seq() <= log.days[0].last().expect("records").seq);
    assert_eq!(history.span().expect("a span").expect("records").1, to);
}

#[test]
fn damage_that_is_met_on_the_way_is_a_gap_like_any_other() {
    let log = Log::new();
    EmbeddedStore::at(&log.path("data"))
        .compact(|_| {})
        .expect("segments");
    let mut files: Vec<PathBuf> = std::fs::read_dir(log.path("data"))
        .expect("a directory")
        .map(|e| e.expect("an entry").path())
        .filter(|p| p.extension().is_some_and(|e| e == "sqlite"))
        .collect();
    files.sort();
    // The last day that was written; the second is gone.
    let day = &files[DAYS - 2];
    let conn = rusqlite::Connection::open(day).expect("a file");
    let damaged = conn
        .execute(
            "UPDATE segments SET columns = zeroblob(length(columns))",
            [],
        )
        .expect("damage");
    drop(conn);
    assert!(damaged > 0, "{}", day.display());
    let (from, to) = (log.first(0), log.last(3));
    let report = export(&log.options(from, to, "all.parquet")).expect("a file");
    assert_eq!(report.gaps.len(), 2, "{:?}", report.gaps);
    assert!(report.fixes >= log.fixes(&[0, 2], from, to));
}
