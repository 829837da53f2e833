//! Times from outside may be anything: no time causes a panic, and what is made of them is consistent.

mod city;
mod past;
mod rng;

use chengtu_engine::command::{CaseReport, Command, Observation};
use chengtu_engine::decide::{decide_fixes, decide_observations};
use chengtu_engine::geo::Position;
use chengtu_engine::ids::{AlarmId, CaseId, ClassId, FeedId, MoverId, SensorId, UnitId};
use chengtu_engine::model::{Actor, AssignmentTarget, Fix, NO_BEARING};
use chengtu_engine::record::Body;
use chengtu_engine::replay::{History, Player, TimeBasis, TimeControl};
use chengtu_engine::time::Timestamp;
use city::Live;
use past::recorded;

const HERE: Position = Position::new(1_187_900_000, 320_500_000);
const TIMES: [Timestamp; 6] = [
    Timestamp::MIN,
    Timestamp(i64::MIN + 1),
    Timestamp(-1),
    Timestamp(0),
    Timestamp(i64::MAX - 1),
    Timestamp::MAX,
];

/// The life of a case with a severe class and hostile times of its own, and every other command.
fn commands(occurred_at: Timestamp, filed_at: Timestamp) -> Vec<(Command, Actor)> {
    let officer = || Actor::Operator("周岚".to_owned());
    let (unit, case) = (UnitId(0), CaseId(1));
    let reports = (0..4).map(|class| {
        let report = CaseReport {
            class: ClassId(class),
            severity: None,
            position: HERE,
            address: String::new(),
            note: String::new(),
            occurred_at,
            filed_at: Some(filed_at),
            key: String::new(),
        };
        (Command::ReportCase(report), officer())
    });
    let expected_s = Some(u32::MAX);
    let target = AssignmentTarget::Case(case);
    let life = [
        (Command::Tick, Actor::System),
        (
            Command::DispatchUnit {
                unit: UnitId(1),
                target,
                expected_s,
            },
            officer(),
        ),
        (
            Command::ReassignCase {
                case,
                from: UnitId(1),
                to: unit,
                expected_s,
            },
            officer(),
        ),
        (Command::AcknowledgeAssignment { unit }, Actor::Unit(unit)),
        (Command::ArriveOnScene { unit }, Actor::Unit(unit)),
        (
            Command::ReportHandled {
                unit,
                note: "好".into(),
            },
            Actor::Unit(unit),
        ),
        (
            Command::CheckCase {
                case,
                passed: false,
            },
            officer(),
        ),
        (Command::FileCase { case, class: None }, officer()),
        (
            Command::BundleCase {
                case: CaseId(2),
                into: case,
            },
            officer(),
        ),
        (
            Command::VoidCase {
                case,
                reason: "误报".into(),
            },
            officer(),
        ),
        (
            Command::SetInService {
                unit,
                in_service: false,
            },
            Actor::Unit(unit),
        ),
        (Command::RecallUnit { unit }, officer()),
        (Command::AcknowledgeAlarm { alarm: AlarmId(1) }, officer()),
        (Command::Tick, Actor::System),
    ];
    reports.chain(life).collect()
}

#[test]
fn no_command_panics_at_any_time() {
    let mut accepted = 0;
    for now in TIMES {
        for occurred_at in TIMES {
            for filed_at in TIMES {
                let mut live = Live::new();
                live.now = now;
                for (command, actor) in commands(occurred_at, filed_at) {
                    accepted += usize::from(live.submit(&command, &actor, None).is_ok());
                }
            }
        }
    }
    assert!(accepted > 1_000, "{accepted} were done");
}

#[test]
fn no_fix_or_reading_panics_at_any_time() {
    for now in TIMES {
        let mut live = Live::new();
        live.now = now;
        let fixes = TIMES.map(|fix_time| Fix {
            mover: MoverId(0),
            position: HERE,
            bearing_cdeg: NO_BEARING,
            speed_cmps: 0,
            accuracy_dm: 0,
            fix_time,
        });
        let d = decide_fixes(&live.state, FeedId(0), &fixes, now);
        assert_eq!(d.block.len() + d.problems.len(), TIMES.len());
        live.append(&Actor::Feed(FeedId(0)), None, Body::Fixes(d.block));
        let readings = TIMES.map(|phenomenon_time| Observation {
            sensor: SensorId(0),
            phenomenon_time,
            value: Some(0.9),
        });
        let d = decide_observations(&live.state, FeedId(1), &readings, now);
        assert_eq!(d.taken.len() + d.problems.len(), TIMES.len());
        let body = Body::Observations(d.taken, d.events);
        live.append(&Actor::Feed(FeedId(1)), None, body);
    }
}

#[test]
fn no_time_control_panics_and_the_clock_stays_within_what_there_is() {
    let past = recorded(31, 60);
    for basis in [TimeBasis::Known, TimeBasis::Occurred] {
        let mut player = past.player(past.begin);
        player.control(TimeControl::Basis(basis)).unwrap();
        let (from, to) = player.history().span().unwrap().expect("a past");
        let seeks = TIMES.map(TimeControl::Seek);
        let steps = [i32::MIN, -1, 1, i32::MAX].map(TimeControl::StepSeconds);
        let events = [true, false].map(|forward| TimeControl::StepEvent { forward, of: None });
        let speeds = [-60.0, 3_600.0].map(TimeControl::Speed);
        let controls = seeks.into_iter().chain(steps).chain(events).chain(speeds);
        for control in controls {
            player.control(control).unwrap();
            for elapsed_s in [0.0, 0.1, 1e300, f64::INFINITY, f64::NAN, f64::NEG_INFINITY] {
                player.control(TimeControl::Play).unwrap();
                player.advance(elapsed_s, usize::MAX).unwrap();
                assert!(
                    (from..=to).contains(&player.time()),
                    "{control:?} {elapsed_s}"
                );
            }
        }
        for speed in [f32::NAN, f32::INFINITY, -61.0] {
            assert!(player.control(TimeControl::Speed(speed)).is_err());
        }
    }
}

#[test]
fn a_replay_that_begins_anywhere_begins_within_what_there_is() {
    let past = recorded(32, 20);
    for at in TIMES {
        let history = past.history(10);
        let (player, _) = Player::new(history, at, 1.0, TimeBasis::Known).unwrap();
        let clock = player.clock();
        assert!((clock.from..=clock.to).contains(&clock.time), "{at:?}");
    }
}
