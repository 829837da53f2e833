//! Times at the ends of what can be represented, as a broken clock or a hostile feed gives them: nothing breaks down.

mod store;

use chengtu_engine::city::Severity;
use chengtu_engine::command::Observation;
use chengtu_engine::event::Event;
use chengtu_engine::geo::Position;
use chengtu_engine::ids::{AlarmId, CaseId, ClassId, FeedId, MoverId, SensorId, ThingId};
use chengtu_engine::model::{Actor, AlarmSource, CaseSource, Fix};
use chengtu_engine::record::{Body, FixBlock, LivePen, Origin};
use chengtu_engine::replay::{History, Player, TimeBasis, TimeControl};
use chengtu_engine::time::Timestamp;
use chengtu_server::export::{Area, ExportOptions, Format, Stretch, export};
use chengtu_server::log::{EmbeddedOptions, EmbeddedStore, LogStore, recover};
use std::path::Path;
use store::{BEGIN, Writer, in_directory};

const FIRST: Timestamp = Timestamp(i64::MIN);
const LAST: Timestamp = Timestamp(i64::MAX);
/// The ends, what lies beside them, and one moment among them.
const TIMES: [Timestamp; 6] = [
    FIRST,
    Timestamp(i64::MIN + 1),
    Timestamp(0),
    BEGIN,
    Timestamp(i64::MAX - 1),
    LAST,
];

/// Cases, fixes and readings that happened at every hostile time, known at every hostile time.
fn written(dir: &Path) {
    let store = in_directory(dir);
    let mut w = Writer::on(&store, 3);
    w.live(3);
    let mut log = w.log;
    let pen = LivePen::of_the_live_log();
    let mut state = w.state;
    let mut case = 1_000;
    for known_at in TIMES.into_iter().filter(|t| *t >= BEGIN).chain([FIRST]) {
        log.roll_over(known_at, &state).expect("a day");
        for at in TIMES {
            case += 1;
            let id = CaseId(case);
            let reported = Event::CaseReported {
                case: id,
                class: ClassId(0),
                severity: Severity::Severe,
                position: Position::new(1_187_900_000, 320_500_000),
                address: String::new(),
                note: String::new(),
                source: CaseSource::Operator("王莉".to_owned()),
                occurred_at: at,
                maybe_same_as: None,
            };
            let filed = Event::CaseFiled {
                case: id,
                class: ClassId(0),
                filed_at: at,
                due_at: Timestamp(at.0.wrapping_neg()),
            };
            let alarm = Event::AlarmRaised {
                alarm: AlarmId(case),
                source: AlarmSource::Case(id),
                severity: Severity::Severe,
                position: Position::new(1_187_900_000, 320_500_000),
            };
            let mut block = FixBlock::with_capacity(FeedId(1), 1);
            block.push(Fix {
                mover: MoverId(1),
                position: Position::new(i32::MIN, i32::MAX),
                bearing_cdeg: u16::MAX,
                speed_cmps: u16::MAX,
                accuracy_dm: u16::MAX,
                fix_time: at,
            });
            let reading = Observation {
                sensor: SensorId(0),
                phenomenon_time: at,
                value: Some(f64::MAX),
            };
            for body in [
                Body::Events(vec![reported, filed, alarm]),
                Body::Fixes(block),
                Body::Observations(vec![reading], vec![]),
            ] {
                let origin = Origin {
                    actor: Actor::System,
                    command: None,
                };
                let record = pen.write(state.seq() + 1, known_at, origin, body);
                log.append(&record).expect("it is written");
                state.apply(&record);
            }
            log.commit().expect("it is durable");
        }
    }
    let kept = recover(&store, &*log).expect("it folds").state;
    assert_eq!(kept.digest(), state.digest());
}

#[test]
fn a_log_of_hostile_times_is_asked_everything() {
    let dir = tempfile::tempdir().expect("a directory");
    written(dir.path());
    let store = EmbeddedStore::at(dir.path());
    for sealed in [false, true] {
        let history = store.log_history().expect("its past");
        history.span().expect("a span");
        for a in TIMES {
            history.state_before(a).expect("a state");
            history.records(0, a, 1_000).expect("records");
            for b in TIMES {
                history.late(a, b).expect("late records");
                for of in [None, Some(ThingId::Case(CaseId(1_001)))] {
                    for newest_first in [false, true] {
                        let moments = history.moments(of, a, b, 100, newest_first);
                        moments.expect("moments");
                    }
                }
                for bars in [1, 7, 2_000] {
                    history.bars(a, b, bars).expect("bars");
                }
            }
        }
        assert!(history.gaps().is_empty(), "{:?}", history.gaps());
        store.verify().expect("it is looked through");
        if !sealed {
            store.compact(|_| {}).expect("it is made small");
        }
    }
    for at in TIMES {
        for basis in [TimeBasis::Known, TimeBasis::Occurred] {
            let history = store.history().expect("its past");
            if let Ok((mut player, _)) = Player::new(history, at, 1.0, basis) {
                for to in TIMES {
                    let _ = player.control(TimeControl::Seek(to));
                    let _ = player.control(TimeControl::StepSeconds(i32::MAX));
                    let _ = player.control(TimeControl::StepSeconds(i32::MIN));
                    let _ = player.advance(1e18, 1_000);
                }
            }
        }
    }
}

#[test]
fn a_stretch_of_hostile_times_is_exported_or_refused() {
    let dir = tempfile::tempdir().expect("a directory");
    written(&dir.path().join("data"));
    let mut done = 0;
    for (i, format) in [
        Format::Geojson,
        Format::Csv,
        Format::Gpx,
        Format::Czml,
        Format::Parquet,
    ]
    .into_iter()
    .enumerate()
    {
        for from in TIMES {
            for to in TIMES {
                let options = ExportOptions {
                    data: dir.path().join("data"),
                    stretch: Stretch { from, to },
                    area: Area::All,
                    format,
                    table: None,
                    names: false,
                    out: dir.path().join(format!("out-{i}-{}-{}", from.0, to.0)),
                    replace: false,
                    inputs: Vec::new(),
                };
                done += usize::from(export(&options).is_ok());
            }
        }
    }
    assert!(done > 0, "some are written");
}

#[test]
fn days_are_taken_away_however_far_the_clock_has_gone() {
    let dir = tempfile::tempdir().expect("a directory");
    written(dir.path());
    for now in TIMES {
        let options = EmbeddedOptions {
            keep_days: 1,
            ..EmbeddedOptions::default()
        };
        let store = EmbeddedStore::new(dir.path(), options);
        let log = store.writer(now).expect("it opens");
        assert!(log.last_seq() > 0);
    }
}
