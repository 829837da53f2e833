//! What the server may expect of any log store, held against the one that ships and one that is written outside it.

mod store;

use chengtu_engine::drill::{Beginning, DrillEntry, DrillEvent, Scenario};
use chengtu_engine::geo::Viewport;
use chengtu_engine::replay::OfficerView;
use chengtu_engine::state::State;
use chengtu_engine::time::Timestamp;
use chengtu_server::city::City;
use chengtu_server::clock::SystemClock;
use chengtu_server::config::Config;
use chengtu_server::drill::{DrillLog, DrillWriter};
use chengtu_server::log::{LogStore, recover};
use chengtu_server::pack::Pack;
use chengtu_server::world;
use std::path::Path;
use std::sync::Arc;
use store::memory::MemoryStore;
use store::{BEGIN, Writer, in_directory};

/// Holds a test against every store.
fn each(check: impl Fn(&str, Arc<dyn LogStore>)) {
    check("memory", Arc::new(MemoryStore::default()));
    let dir = tempfile::tempdir().expect("a directory");
    check("directory", Arc::new(in_directory(dir.path())));
}

#[test]
fn a_log_is_read_as_it_was_written() {
    each(|name, store| {
        let mut w = Writer::on(&*store, 12);
        w.live(1_300);
        let (state, last) = (w.state.digest(), w.state.seq());
        let epoch = w.log.epoch();
        // What is not committed is gone.
        w.uncommitted();
        drop(w.log);
        let log = store.writer(w.now).expect("it opens again");
        assert_eq!((log.epoch(), log.last_seq()), (epoch, last), "{name}");
        let kept = &w.kept[..last as usize];
        let read = log.read_from(1, usize::MAX).expect("all records");
        assert_eq!(read, kept, "{name}");
        assert_eq!(log.read_from(7, 3).expect("some"), kept[6..9], "{name}");
        assert_eq!(log.read_from(last + 1, 9).expect("none"), [], "{name}");
        let recovered = recover(&*store, &*log).expect("it folds");
        assert_eq!(recovered.state.digest(), state, "{name}");
        assert!(recovered.keyframe_seq > 0, "{name}");

        let history = store.history().expect("its past");
        let span = history.span().expect("a span");
        let last_known = kept.last().map_or(BEGIN, |r| r.known_at);
        assert_eq!(span, Some((BEGIN, last_known)), "{name}");
        for (seq, time, digest) in w.digests.iter().step_by(211) {
            let mut state = history.state_before(*time).expect("a state");
            for record in history
                .records(state.seq(), *time, usize::MAX)
                .expect("records")
            {
                state.apply(&record);
            }
            assert_eq!((state.seq(), state.digest()), (*seq, *digest), "{name}");
        }
    });
}

#[test]
fn keyframes_are_found_by_time_and_by_record() {
    each(|name, store| {
        let mut w = Writer::on(&*store, 3);
        w.live(350);
        let keyframes = store.keyframes().expect("keyframes");
        let newest = |until, before| keyframes.newest(until, before).expect("it is looked for");
        let end = Timestamp(i64::MAX);
        let third = newest(end, u64::MAX).expect("one");
        let second = newest(end, third.seq).expect("one before");
        assert!(
            second.seq < third.seq && second.known_at < third.known_at,
            "{name}"
        );
        assert_eq!(
            newest(second.known_at, u64::MAX).as_ref(),
            Some(&second),
            "{name}"
        );
        assert_eq!(
            newest(third.known_at, third.seq + 1).as_ref(),
            Some(&third),
            "{name}"
        );
        assert_eq!(newest(Timestamp(i64::MIN), u64::MAX), None, "{name}");
        assert_eq!(newest(end, 0), None, "{name}");
        let state = second.state().expect("a state");
        let digest = w.digests.iter().find(|d| d.0 == state.seq());
        assert_eq!(digest.map(|d| d.2), Some(state.digest()), "{name}");
    });
}

#[test]
fn what_is_kept_aside_is_found_again() {
    each(|name, store| {
        let _log = store.writer(BEGIN).expect("a log");
        let aside = store.aside();
        for number in 1..=12 {
            assert_eq!(aside.next_world().expect("kept"), number, "{name}");
        }
        let mut bookmarks = aside.bookmarks().expect("bookmarks");
        bookmarks
            .add(Timestamp(20), "积水", "王莉", "user:1")
            .expect("set");
        bookmarks
            .add(Timestamp(10), "", "王莉", "user:2")
            .expect("set");
        let list = aside.bookmarks().expect("again").list().expect("a list");
        assert_eq!(list[1].note, "积水", "{name}");
        assert!(
            !bookmarks.remove(list[1].id, "user:2").expect("asked"),
            "{name}"
        );
        assert!(
            bookmarks.remove(list[1].id, "user:1").expect("asked"),
            "{name}"
        );
        assert_eq!(bookmarks.count().expect("a count"), 1, "{name}");

        assert!(aside.recorded_views().is_none(), "{name}");
        let view = |time, by: &str| OfficerView {
            by: by.to_owned(),
            time: Timestamp(time),
            viewport: Viewport {
                west: 118.0,
                south: 32.0,
                east: 119.0,
                north: 33.0,
                zoom: 12.0,
            },
        };
        let mut views = aside.views().expect("views");
        for v in [view(5, "王莉"), view(8, "王莉"), view(9, "李")] {
            let owner = format!("user:{}", v.by);
            views.add(&v, &owner).expect("kept");
        }
        let read = aside.recorded_views().expect("recorded by now");
        let newest = read.newest(Timestamp(5), Timestamp(8)).expect("views");
        assert_eq!(newest, [view(8, "王莉")], "{name}");

        let drills = aside.drills();
        let entry = DrillEntry {
            time: BEGIN,
            what: DrillEvent::Begun(Box::new(Beginning {
                scenario: Scenario::default(),
                director: "总导演".to_owned(),
                state: State::new().encode().expect("bytes"),
            })),
        };
        let mut writer = DrillWriter::create(drills, 4).expect("a log");
        writer.write(std::slice::from_ref(&entry)).expect("written");
        writer.sync().expect("durable");
        assert!(
            DrillWriter::create(drills, 4).is_err(),
            "{name}: never written over"
        );
        assert_eq!(drills.ids(), [4], "{name}");
        assert_eq!(
            DrillLog::of(drills, 4).expect("read").entries,
            [entry],
            "{name}"
        );
        assert!(DrillLog::of(drills, 5).is_err(), "{name}");
        assert_eq!(drills.report(4).expect("asked"), None, "{name}");
        drills.put_report(4, b"<html>").expect("kept");
        let report = drills.report(4).expect("asked");
        assert_eq!(report.as_deref(), Some(&b"<html>"[..]), "{name}");
    });
}

#[test]
fn a_keyframe_that_cannot_be_read_costs_only_time() {
    let store = MemoryStore::default();
    let mut w = Writer::on(&store, 3);
    w.live(350);
    let log = store.writer(w.now).expect("it opens");
    let from = || {
        let recovered = recover(&store, &*log).expect("it folds");
        assert_eq!(recovered.state.digest(), w.state.digest());
        recovered.keyframe_seq
    };
    let newest = from();
    assert_eq!(store.spoil_keyframe(2), newest);
    let older = from();
    assert!(0 < older && older < newest, "{older} {newest}");
    store.spoil_keyframe(1);
    store.spoil_keyframe(0);
    assert_eq!(from(), 0, "from the first record");
}

#[test]
fn a_city_runs_on_a_store_that_the_server_does_not_know() {
    let pack = Path::new(env!("CARGO_MANIFEST_DIR")).join("../data/nanjing");
    let city = City::new(Pack::open(&pack).expect("the pack that ships"), "", "");
    let (city, config) = (Arc::new(city), Arc::new(Config::default()));
    let store = MemoryStore::default();
    let mut seqs = Vec::new();
    for _ in 0..2 {
        let feeds = ["taxis".to_owned()];
        let started = world::start(
            city.clone(),
            config.clone(),
            &feeds,
            Arc::new(store.clone()),
            SystemClock::shared(),
        );
        let (handle, thread) = started.expect("it starts");
        drop(handle);
        thread.join().expect("it ends");
        let log = store.writer(BEGIN).expect("it opens");
        let state = recover(&store, &*log).expect("it folds").state;
        assert_eq!(state.units().len(), city.units.len());
        seqs.push(state.seq());
    }
    assert!(seqs[0] > 0);
    assert_eq!(seqs[0], seqs[1], "nothing is new the second time");
}
