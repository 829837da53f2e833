//! What is wrong in what was sent, and was taken for right: one test a kind.

mod city;

use chengtu_engine::code::Code;
use chengtu_engine::command::{CaseReport, Command, Observation};
use chengtu_engine::decide::{decide_fixes, decide_observations};
use chengtu_engine::event::Event;
use chengtu_engine::geo::Position;
use chengtu_engine::ids::{CaseId, ClassId, FeedId, MoverId, SensorId, UnitId};
use chengtu_engine::model::{Actor, AssignmentTarget, Fix, MoverKind, Stage, UnitStatus};
use chengtu_engine::record::Body;
use chengtu_engine::state::State;
use city::Live;

const HERE: Position = Position::new(1_187_900_000, 320_500_000);
const UNITS: FeedId = FeedId(0);
const TRAFFIC: FeedId = FeedId(1);

fn officer() -> Actor {
    Actor::Operator("周岚".to_owned())
}

/// Takes fixes of the first mover: seconds from now, and longitude.
fn drive(live: &mut Live, fixes: &[(i64, i32)]) {
    let fixes: Vec<Fix> = fixes
        .iter()
        .map(|(after_s, lon_e7)| Fix {
            mover: MoverId(0),
            position: Position::new(*lon_e7, HERE.lat_e7),
            bearing_cdeg: 0,
            speed_cmps: 500,
            accuracy_dm: 0,
            fix_time: live.now.plus_seconds(*after_s),
        })
        .collect();
    let decided = decide_fixes(&live.state, UNITS, &fixes, live.now);
    assert!(decided.problems.is_empty(), "{:?}", decided.problems);
    assert_eq!(decided.block.len(), fixes.len(), "history keeps them all");
    live.append(&Actor::Feed(UNITS), None, Body::Fixes(decided.block));
}

fn shown(live: &Live) -> i32 {
    live.state.movers()[0].position.expect("a place").lon_e7
}

#[test]
fn order_under_a_fast_clock_the_newest_of_a_batch_is_shown() {
    // Ten fixes three seconds apart by a clock that is 40 s fast, in both orders, and half of them already past.
    for (newest_s, step_s) in [(40, 3), (13, 3), (0, 3)] {
        let rows: Vec<(i64, i32)> = (0..10)
            .map(|i| (newest_s - step_s * (9 - i), 100 + i as i32))
            .collect();
        let backwards: Vec<(i64, i32)> = rows.iter().rev().copied().collect();
        for rows in [rows, backwards] {
            let mut live = Live::new();
            drive(&mut live, &rows);
            assert_eq!(shown(&live), 109, "{rows:?}");
        }
    }
}

#[test]
fn order_under_a_fast_clock_of_rows_without_a_time_the_last_is_shown() {
    let mut live = Live::new();
    drive(&mut live, &[(0, 100), (0, 101), (0, 102)]);
    assert_eq!(shown(&live), 102);
    // A clock that is put right freezes nobody.
    live.now = live.now.plus_seconds(1);
    drive(&mut live, &[(50, 200)]);
    live.now = live.now.plus_seconds(1);
    drive(&mut live, &[(0, 201)]);
    assert_eq!(shown(&live), 201);
}

/// Takes readings of the first sensor: seconds from now, and value.
fn read(live: &mut Live, readings: &[(i64, f64)]) {
    let readings: Vec<Observation> = readings
        .iter()
        .map(|(after_s, value)| Observation {
            sensor: SensorId(0),
            phenomenon_time: live.now.plus_seconds(*after_s),
            value: Some(*value),
        })
        .collect();
    let d = decide_observations(&live.state, TRAFFIC, &readings, live.now);
    let body = Body::Observations(d.taken, d.events);
    live.append(&Actor::Feed(TRAFFIC), None, body);
}

/// The value on the screen, and whether an alarm runs.
fn seen(live: &Live) -> (f64, bool) {
    let latest = live.state.sensors()[0].latest.expect("a reading");
    let running = live.state.alarms().values().any(|a| a.ended_at.is_none());
    (latest.value.expect("a value"), running)
}

#[test]
fn order_under_a_fast_clock_the_alarm_is_that_of_the_value_on_the_screen() {
    // Bounds 0.4 and 0.8. The last value is the newest, by its own time or by coming last.
    for times in [[10, 20, 30], [0, 0, 0], [-5, 0, 20]] {
        for values in [[0.1, 0.9, 0.2], [0.9, 0.1, 0.9], [0.1, 0.2, 0.9]] {
            let mut rows: Vec<(i64, f64)> = times.into_iter().zip(values).collect();
            let mut live = Live::new();
            read(&mut live, &rows);
            let expected = (values[2], values[2] > 0.8);
            assert_eq!(seen(&live), expected, "{rows:?}");
            if times[0] < times[1] {
                rows.reverse();
                let mut live = Live::new();
                read(&mut live, &rows);
                assert_eq!(seen(&live), expected, "{rows:?}");
            }
        }
    }
}

fn report(live: &Live, key: &str, note: &str) -> CaseReport {
    CaseReport {
        class: ClassId(1),
        severity: None,
        position: HERE,
        address: String::new(),
        note: note.to_owned(),
        occurred_at: live.now,
        filed_at: None,
        key: key.to_owned(),
    }
}

fn post(live: &mut Live, r: CaseReport) -> Result<usize, Code> {
    let decided = live.submit(&Command::ReportCase(r), &Actor::Feed(TRAFFIC), None);
    decided.map(|events| events.len()).map_err(|r| r.code())
}

#[test]
fn duplicates_a_list_that_is_sent_again_raises_none_of_the_dead() {
    let mut live = Live::new();
    let r = report(&live, "SR-1001", "积水");
    assert_eq!(post(&mut live, r.clone()), Ok(2));
    let case = CaseId(1);
    let reason = "误报".to_owned();
    live.must(Command::VoidCase { case, reason }, &officer());
    assert_eq!(post(&mut live, r.clone()), Ok(0), "ended, and still there");
    live.now = live.now.plus_seconds(3_601);
    live.must(Command::Tick, &Actor::System);
    assert!(live.state.cases().is_empty());
    assert_eq!(post(&mut live, r.clone()), Err(Code::KeyEnded));
    // Nor after a start from a keyframe.
    let kept = State::decode(&live.state.encode().unwrap()).unwrap();
    assert_eq!(kept.case_of(TRAFFIC, "SR-1001"), Some(case));
    kept.check().unwrap();
    // A case that nobody has named leaves nothing behind.
    let unnamed = report(&live, "", "积水");
    assert_eq!(post(&mut live, unnamed.clone()), Ok(2));
    assert_eq!(post(&mut live, unnamed), Ok(2));
}

#[test]
fn duplicates_a_log_of_before_keys_were_kept_is_folded_as_it_was() {
    let mut live = Live::new();
    let r = report(&live, "SR-1001", "积水");
    post(&mut live, r.clone()).unwrap();
    let reason = "误报".to_owned();
    let case = CaseId(1);
    live.must(Command::VoidCase { case, reason }, &officer());
    let retired = Event::CaseRetired {
        case: CaseId(1),
        keeps_key: false,
    };
    live.append(&Actor::System, None, Body::Events(vec![retired]));
    assert_eq!(live.state.case_of(TRAFFIC, "SR-1001"), None);
}

#[test]
fn duplicates_a_changed_case_of_a_known_key_is_told_and_the_same_is_not() {
    let mut live = Live::new();
    let first = report(&live, "SR-7", "积水");
    let case = CaseId(1);
    post(&mut live, first.clone()).unwrap();
    live.now = live.now.plus_seconds(30);
    let mut again = first.clone();
    again.position.lon_e7 += 3; // A way through another reference system and back.
    assert_eq!(post(&mut live, again), Ok(0));
    let unit = UnitId(0);
    let target = AssignmentTarget::Case(case);
    let send = Command::DispatchUnit {
        unit,
        target,
        expected_s: None,
    };
    live.must(send, &officer());
    live.must(Command::ArriveOnScene { unit }, &Actor::Unit(unit));
    let note = "已抽干".to_owned();
    live.must(Command::ReportHandled { unit, note }, &Actor::Unit(unit));
    assert_eq!(post(&mut live, first.clone()), Ok(0), "its note has grown");
    let severity = Some(chengtu_engine::city::Severity::Severe);
    for (changed, words) in [
        (
            CaseReport {
                severity,
                ..first.clone()
            },
            "severity",
        ),
        (
            CaseReport {
                class: ClassId(2),
                ..first.clone()
            },
            "class",
        ),
        (
            CaseReport {
                note: "有人被困".into(),
                ..first.clone()
            },
            "note",
        ),
        (
            CaseReport {
                position: Position::new(HERE.lon_e7 + 10_000, HERE.lat_e7),
                occurred_at: live.now.plus_seconds(-7_200),
                ..first.clone()
            },
            "place, occurred_at",
        ),
    ] {
        let command = Command::ReportCase(changed);
        let told = live.submit(&command, &Actor::Feed(TRAFFIC), None);
        let told = told.expect_err("told");
        assert_eq!(told.code(), Code::KnownOtherwise);
        let text = told.to_string();
        assert!(text.contains(&format!("another {words};")), "{text}");
    }
    assert_eq!(live.state.cases().len(), 1);
}

#[test]
fn identity_a_mover_that_becomes_another_kind_is_that_kind() {
    let mut live = Live::new();
    let mut say = |kind| {
        let movers = vec![("kk".to_owned(), kind)];
        let feed = TRAFFIC;
        live.must(Command::RegisterMovers { feed, movers }, &Actor::Feed(feed));
        let mover = live.state.mover_of(feed, "kk").unwrap();
        live.state.mover(mover).unwrap().kind
    };
    assert_eq!(say(MoverKind::Taxi), MoverKind::Taxi);
    assert_eq!(say(MoverKind::Bus), MoverKind::Bus);
    // A unit stays a unit, whatever its feed calls it.
    let movers = vec![("排水 00".to_owned(), MoverKind::Taxi)];
    let command = Command::RegisterMovers {
        feed: UNITS,
        movers,
    };
    assert!(live.must(command, &Actor::Feed(UNITS)).is_empty());
}

fn file(live: &mut Live) -> CaseId {
    let r = report(live, "", "积水");
    live.must(Command::ReportCase(r), &officer());
    *live.state.cases().keys().next_back().unwrap()
}

fn send(live: &mut Live, unit: u32, case: CaseId, as_far_as: UnitStatus) {
    let unit = UnitId(unit);
    let target = AssignmentTarget::Case(case);
    let send = Command::DispatchUnit {
        unit,
        target,
        expected_s: Some(90),
    };
    live.must(send, &officer());
    if as_far_as >= UnitStatus::EnRoute {
        live.must(Command::AcknowledgeAssignment { unit }, &Actor::Unit(unit));
    }
    if as_far_as >= UnitStatus::OnScene {
        live.must(Command::ArriveOnScene { unit }, &Actor::Unit(unit));
    }
}

#[test]
fn ends_the_units_of_a_bundled_case_go_on_for_the_case_that_takes_it_in() {
    use UnitStatus::{Assigned, EnRoute, OnScene};
    for (as_far_as, stage) in [
        (Assigned, Stage::Dispatched),
        (EnRoute, Stage::Dispatched),
        (OnScene, Stage::InProgress),
    ] {
        let mut live = Live::new();
        let (main, other) = (file(&mut live), file(&mut live));
        send(&mut live, 3, other, as_far_as);
        let bundle = Command::BundleCase {
            case: other,
            into: main,
        };
        live.must(bundle, &officer());
        let unit = live.state.unit(UnitId(3)).unwrap();
        let (case, status) = (unit.case(), unit.status);
        assert_eq!((case, status), (Some(main), as_far_as));
        let main_now = live.state.case(main).unwrap();
        assert_eq!(main_now.stage, stage, "{as_far_as:?}");
        assert_eq!(live.state.case(other).unwrap().stage, Stage::Void);
        live.state.check().unwrap();
    }
}

#[test]
fn ends_several_units_go_on_together_and_none_to_a_case_whose_work_is_done() {
    let mut live = Live::new();
    let (main, other) = (file(&mut live), file(&mut live));
    send(&mut live, 1, other, UnitStatus::OnScene);
    send(&mut live, 2, other, UnitStatus::EnRoute);
    send(&mut live, 3, main, UnitStatus::Assigned);
    let bundle = |case, into| Command::BundleCase { case, into };
    live.must(bundle(other, main), &officer());
    let now = live.state.case(main).unwrap();
    assert_eq!(now.units, [UnitId(3), UnitId(1), UnitId(2)]);
    assert_eq!(now.stage, Stage::InProgress);
    let ids: Vec<_> = live
        .state
        .units()
        .iter()
        .filter_map(|u| u.assignment.as_ref())
        .map(|a| a.id)
        .collect();
    assert!(ids.windows(2).all(|w| w[0] != w[1]), "{ids:?}");
    let (unit, note) = (UnitId(1), String::new());
    live.must(Command::ReportHandled { unit, note }, &Actor::Unit(unit));
    let third = file(&mut live);
    send(&mut live, 4, third, UnitStatus::OnScene);
    live.must(bundle(third, main), &officer());
    let unit = live.state.unit(UnitId(4)).unwrap();
    assert_eq!(unit.status, UnitStatus::Available);
    live.state.check().unwrap();
}

#[test]
fn viewports_with_west_beyond_east_are_refused_in_words_and_no_other_ground_is_shown() {
    use chengtu_engine::geo::Viewport;
    let view = |west, south, east, north| {
        let zoom = 9.0;
        Viewport {
            west,
            south,
            east,
            north,
            zoom,
        }
        .area()
    };
    for (west, south, east, north) in [(179.8, -17.2, -179.8, -16.8), (118.7, 32.1, 118.9, 32.0)] {
        let text = view(west, south, east, north).unwrap_err().to_string();
        assert!(text.contains("180th meridian"), "{text}");
    }
    assert!(view(118.78, 32.04, 118.78, 32.04).is_ok(), "a point is one");
    assert!(view(-180.0, -90.0, 180.0, 90.0).is_ok());
}
