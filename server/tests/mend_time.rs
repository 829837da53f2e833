//! A log whose time ran ahead is copied with its times put right.

mod store;

use chengtu_engine::record::{Body, Record};
use chengtu_engine::replay::History;
use chengtu_engine::time::Timestamp;
use chengtu_server::log::cli::MendTimeArgs;
use chengtu_server::log::{EmbeddedStore, LogStore, recover};
use std::path::Path;
use store::{BEGIN, Writer};

const LEAP_S: i64 = 3 * 86_400;

fn args(data: &Path, out: &Path) -> MendTimeArgs {
    MendTimeArgs {
        data: data.to_owned(),
        out: out.to_owned(),
        at: None,
        by: None,
        dry_run: false,
    }
}

fn records(dir: &Path) -> Vec<Record> {
    let history = EmbeddedStore::at(dir).log_history().expect("it opens");
    history
        .records(0, Timestamp::MAX, 100_000)
        .expect("records")
}

#[test]
fn three_days_that_were_not_are_taken_out_of_a_copy() {
    let dir = tempfile::tempdir().expect("a directory");
    let data = dir.path().join("log");
    let mut w = Writer::new(&data, 4);
    w.live(200);
    let leapt_after = w.kept.last().expect("records").seq;
    w.now = w.now.plus_seconds(LEAP_S);
    w.live(50);
    assert!(
        w.state
            .cases()
            .values()
            .all(|c| c.overdue || c.filed_at > Some(BEGIN.plus_seconds(LEAP_S / 2)))
    );
    drop(w);
    let now = BEGIN.plus_seconds(300);
    let out = dir.path().join("mended");
    let told = args(&data, &out).run_at(now).expect("it is mended");
    assert!(
        told.contains(&format!("leapt at record {}", leapt_after + 1)),
        "{told}"
    );
    assert!(out.join("mended.txt").exists());

    let (old, new) = (records(&data), records(&out));
    assert_eq!(old.len(), new.len());
    for (a, b) in old.iter().zip(&new) {
        assert_eq!((a.seq, &a.origin), (b.seq, &b.origin));
        if a.seq <= leapt_after {
            assert_eq!(a, b);
            continue;
        }
        let by = a.known_at.us_since(b.known_at);
        assert!((by - LEAP_S * 1_000_000).abs() <= 1_000_000, "{by}");
        assert!(b.known_at <= now);
        if let Body::Fixes(block) = &b.body {
            assert!(block.fix_time.iter().all(|t| *t <= b.known_at));
        }
    }
    assert!(new.windows(2).all(|w| w[0].known_at <= w[1].known_at));
    let store = EmbeddedStore::at(&out);
    assert_eq!(store.verify().expect("looked at").findings, []);
    let log = store.writer(now).expect("it opens");
    let state = recover(&store, &*log).expect("it folds").state;
    assert!(state.known_at() <= now);
    for case in state.cases().values() {
        // The limit is one hour.
        let filed = case.filed_at.expect("filed");
        assert_eq!(case.due_at, Some(filed.plus_seconds(3_600)));
        assert!(!case.overdue && case.occurred_at <= now, "{case:?}");
    }
    assert!(state.cases().len() > 10);
    // The log that it was made of is as it was.
    assert_eq!(records(&data), old);
}

#[test]
fn what_needs_no_mending_or_cannot_be_is_refused_in_words() {
    let dir = tempfile::tempdir().expect("a directory");
    let data = dir.path().join("log");
    let mut w = Writer::new(&data, 2);
    w.live(60);
    let out = dir.path().join("mended");
    let refused =
        |args: &MendTimeArgs, now| format!("{:#}", args.run_at(now).expect_err("refused"));
    let told = refused(&args(&data, &out), BEGIN.plus_seconds(90));
    assert!(told.contains("another server"), "{told}");
    drop(w);
    let told = refused(&args(&data, &out), BEGIN.plus_seconds(90));
    assert!(told.contains("nothing is to be mended"), "{told}");
    let told = refused(&args(&data, &out), BEGIN.plus_seconds(-900));
    assert!(told.contains("leapt nowhere by as much"), "{told}");
    let at = MendTimeArgs {
        at: Some(900_000),
        ..args(&data, &out)
    };
    assert!(refused(&at, BEGIN).contains("no record 900000"));
    let told = refused(&args(&data, &data), BEGIN.plus_seconds(-900));
    assert!(told.contains("is there already"), "{told}");
    assert!(!out.exists());
}
