//! What people see happen, step by step: one test a story.

mod city;

use chengtu_engine::code::Code;
use chengtu_engine::command::{CaseReport, Command, Observation};
use chengtu_engine::decide::{FixProblem, decide_fixes, decide_observations};
use chengtu_engine::event::Event;
use chengtu_engine::geo::Position;
use chengtu_engine::ids::{AlarmId, CaseId, ClassId, FeedId, MoverId, SensorId, UnitId};
use chengtu_engine::model::{
    Actor, AlarmSource, AssignmentTarget, Fix, MoverKind, Stage, UnitStatus,
};
use chengtu_engine::record::Body;
use chengtu_engine::rejection::Rejection;
use city::Live;

const HERE: Position = Position::new(1_187_900_000, 320_500_000);

fn officer(name: &str) -> Actor {
    Actor::Operator(name.to_owned())
}

fn report(live: &mut Live, class: u16, position: Position) -> CaseId {
    let before = live.state.cases().len();
    let report = CaseReport {
        class: ClassId(class),
        severity: None,
        position,
        address: "洪武北路".to_owned(),
        note: "井盖缺失".to_owned(),
        occurred_at: live.now,
        filed_at: None,
        key: String::new(),
    };
    live.must(Command::ReportCase(report), &officer("周岚"));
    assert_eq!(live.state.cases().len(), before + 1);
    *live.state.cases().keys().next_back().expect("the new case")
}

fn send(unit: u32, case: CaseId) -> Command {
    Command::DispatchUnit {
        unit: UnitId(unit),
        target: AssignmentTarget::Case(case),
        expected_s: Some(90),
    }
}

fn stage(live: &Live, case: CaseId) -> Stage {
    live.state.case(case).expect("the case").stage
}

fn status(live: &Live, unit: u32) -> UnitStatus {
    live.state.unit(UnitId(unit)).expect("the unit").status
}

#[test]
fn from_report_to_closing() {
    use Stage::{Closed, Dispatched, Filed, Handled, InProgress, Reported};
    let mut live = Live::new();
    let case = report(&mut live, 1, HERE);
    assert_eq!(stage(&live, case), Stage::Filed);
    live.must(send(0, case), &officer("周岚"));
    assert_eq!(
        (stage(&live, case), status(&live, 0)),
        (Stage::Dispatched, UnitStatus::Assigned)
    );
    let (unit, terminal) = (UnitId(0), Actor::Unit(UnitId(0)));
    live.must(Command::AcknowledgeAssignment { unit }, &terminal);
    assert_eq!(status(&live, 0), UnitStatus::EnRoute);
    live.must(Command::ArriveOnScene { unit }, &terminal);
    assert_eq!(
        (stage(&live, case), status(&live, 0)),
        (Stage::InProgress, UnitStatus::OnScene)
    );
    live.must(
        Command::ReportHandled {
            unit,
            note: "已更换".into(),
        },
        &terminal,
    );
    assert_eq!(
        (stage(&live, case), status(&live, 0)),
        (Stage::Handled, UnitStatus::Available)
    );
    live.must(
        Command::CheckCase { case, passed: true },
        &officer("核查员"),
    );
    let c = live.state.case(case).unwrap();
    assert_eq!(c.handled_by, Some(unit));
    assert_eq!(
        c.note, "井盖缺失 → 已更换",
        "what was reported stays readable"
    );
    let stages: Vec<Stage> = c.history.iter().map(|h| h.stage).collect();
    assert_eq!(
        stages,
        [Reported, Filed, Dispatched, InProgress, Handled, Closed]
    );
}

#[test]
fn of_two_officers_exactly_one_gets_the_unit_and_the_other_is_told_who_has_it() {
    let mut live = Live::new();
    let (a, b) = (report(&mut live, 1, HERE), report(&mut live, 2, HERE));
    live.must(send(0, a), &officer("周岚"));
    let refused = live
        .submit(&send(0, b), &officer("陈默"), None)
        .unwrap_err();
    assert_eq!(refused.code(), Code::UnitNotAvailable);
    assert!(refused.to_string().contains("周岚"), "{refused}");
    assert_eq!(stage(&live, b), Stage::Filed);
}

#[test]
fn nobody_is_sent_to_a_closed_case() {
    let mut live = Live::new();
    let case = report(&mut live, 1, HERE);
    live.must(
        Command::VoidCase {
            case,
            reason: "误报".into(),
        },
        &officer("周岚"),
    );
    let refused = live
        .submit(&send(0, case), &officer("周岚"), None)
        .unwrap_err();
    assert_eq!(
        refused,
        Rejection::WrongStage {
            case,
            stage: Stage::Void
        }
    );
}

#[test]
fn a_recalled_unit_is_free_and_its_case_waits_again() {
    let mut live = Live::new();
    let case = report(&mut live, 1, HERE);
    live.must(send(0, case), &officer("周岚"));
    live.must(Command::RecallUnit { unit: UnitId(0) }, &officer("周岚"));
    assert_eq!(
        (stage(&live, case), status(&live, 0)),
        (Stage::Filed, UnitStatus::Available)
    );
}

#[test]
fn reassigning_moves_the_case_in_one_step_or_not_at_all() {
    let mut live = Live::new();
    let (a, b) = (report(&mut live, 1, HERE), report(&mut live, 2, HERE));
    live.must(send(0, a), &officer("周岚"));
    live.must(send(1, b), &officer("周岚"));
    let to_busy = Command::ReassignCase {
        case: a,
        from: UnitId(0),
        to: UnitId(1),
        expected_s: None,
    };
    assert!(live.submit(&to_busy, &officer("周岚"), None).is_err());
    assert_eq!(status(&live, 0), UnitStatus::Assigned);
    let to_free = Command::ReassignCase {
        case: a,
        from: UnitId(0),
        to: UnitId(2),
        expected_s: None,
    };
    live.must(to_free, &officer("周岚"));
    assert_eq!(
        (status(&live, 0), status(&live, 2)),
        (UnitStatus::Available, UnitStatus::Assigned)
    );
    assert_eq!(live.state.case(a).unwrap().units, [UnitId(2)]);
}

#[test]
fn a_failed_check_sends_the_case_back_to_work() {
    let mut live = Live::new();
    let case = report(&mut live, 1, HERE);
    live.must(send(0, case), &officer("周岚"));
    live.must(
        Command::ArriveOnScene { unit: UnitId(0) },
        &Actor::Unit(UnitId(0)),
    );
    live.must(
        Command::ReportHandled {
            unit: UnitId(0),
            note: String::new(),
        },
        &Actor::Unit(UnitId(0)),
    );
    live.must(
        Command::CheckCase {
            case,
            passed: false,
        },
        &officer("核查员"),
    );
    let c = live.state.case(case).unwrap();
    assert_eq!((c.stage, c.rework, c.handled_by), (Stage::Filed, 1, None));
}

#[test]
fn a_limit_that_passes_is_told_once() {
    let mut live = Live::new();
    let case = report(&mut live, 0, HERE);
    live.now = live.now.plus_seconds(2 * 3_600 - 1);
    assert!(live.must(Command::Tick, &Actor::System).is_empty());
    live.now = live.now.plus_seconds(1);
    assert_eq!(live.must(Command::Tick, &Actor::System).len(), 1);
    assert!(live.must(Command::Tick, &Actor::System).is_empty());
    assert!(live.state.case(case).unwrap().overdue);
}

#[test]
fn a_severe_case_raises_an_alarm_that_stays_until_a_person_has_seen_it() {
    let mut live = Live::new();
    let case = report(&mut live, 0, HERE);
    let alarm = AlarmId(1);
    assert_eq!(live.state.alarms()[&alarm].source, AlarmSource::Case(case));
    live.must(
        Command::VoidCase {
            case,
            reason: "误报".into(),
        },
        &officer("周岚"),
    );
    live.must(Command::Tick, &Actor::System);
    assert!(
        live.state.alarms().contains_key(&alarm),
        "ended, but nobody has seen it"
    );
    live.must(Command::AcknowledgeAlarm { alarm }, &officer("周岚"));
    assert!(
        live.submit(&Command::AcknowledgeAlarm { alarm }, &officer("陈默"), None)
            .is_err()
    );
    live.must(Command::Tick, &Actor::System);
    assert!(live.state.alarms().is_empty());
}

#[test]
fn a_second_report_nearby_is_proposed_as_the_same_and_can_be_bundled() {
    let mut live = Live::new();
    let first = report(&mut live, 1, HERE);
    let near = Position::new(HERE.lon_e7 + 3_000, HERE.lat_e7);
    let far = Position::new(HERE.lon_e7 + 9_000, HERE.lat_e7);
    let (second, other_class, third) = (
        report(&mut live, 1, near),
        report(&mut live, 2, near),
        report(&mut live, 1, far),
    );
    let same = |live: &Live, case| live.state.case(case).unwrap().maybe_same_as;
    assert_eq!(
        (same(&live, second), same(&live, other_class)),
        (Some(first), None)
    );
    assert_eq!(same(&live, third), None, "more than 50 m from the second");
    live.must(
        Command::BundleCase {
            case: second,
            into: first,
        },
        &officer("周岚"),
    );
    assert_eq!(
        (
            stage(&live, second),
            live.state.case(first).unwrap().reports
        ),
        (Stage::Void, 2)
    );
}

#[test]
fn a_feeds_second_report_of_the_same_name_is_the_same_case() {
    let mut live = Live::new();
    let mut r = CaseReport {
        class: ClassId(1),
        severity: None,
        position: HERE,
        address: String::new(),
        note: String::new(),
        occurred_at: live.now,
        filed_at: None,
        key: "1999-17".to_owned(),
    };
    assert!(
        !live
            .must(Command::ReportCase(r.clone()), &Actor::Feed(FeedId(1)))
            .is_empty()
    );
    assert!(
        live.must(Command::ReportCase(r.clone()), &Actor::Feed(FeedId(1)))
            .is_empty()
    );
    r.position = Position::new(0, 0);
    r.key.clear();
    let refused = live
        .submit(&Command::ReportCase(r), &Actor::Feed(FeedId(1)), None)
        .unwrap_err();
    assert_eq!(refused, Rejection::OutsideCity);
}

#[test]
fn terminals_speak_only_for_themselves() {
    let mut live = Live::new();
    let case = report(&mut live, 1, HERE);
    live.must(send(0, case), &officer("周岚"));
    let other = Actor::Unit(UnitId(1));
    for command in [
        Command::ArriveOnScene { unit: UnitId(0) },
        send(1, case),
        Command::Tick,
    ] {
        assert_eq!(
            live.submit(&command, &other, None).unwrap_err().code(),
            Code::NotPermitted
        );
    }
}

fn fix(live: &Live, after_s: i64, lon_e7: i32) -> Fix {
    Fix {
        mover: MoverId(0),
        position: Position::new(lon_e7, HERE.lat_e7),
        bearing_cdeg: 0,
        speed_cmps: 500,
        accuracy_dm: 0,
        fix_time: live.now.plus_seconds(after_s),
    }
}

fn take(live: &mut Live, fixes: &[Fix]) -> Vec<FixProblem> {
    let d = decide_fixes(&live.state, FeedId(0), fixes, live.now);
    live.append(&Actor::Feed(FeedId(0)), None, Body::Fixes(d.block));
    d.problems.into_iter().map(|(_, p)| p).collect()
}

#[test]
fn a_future_fix_is_kept_out_and_freezes_nothing() {
    let mut live = Live::new();
    let wrong = fix(&live, 3_600, 1);
    let problems = take(&mut live, &[wrong]);
    assert_eq!(problems, [FixProblem::InFuture { ahead_s: 3_600 }]);
    // A clock that runs ahead a little is tolerated, and the next honest fix still moves the vehicle.
    let ahead = fix(&live, 50, 100);
    assert!(take(&mut live, &[ahead]).is_empty());
    live.now = live.now.plus_seconds(1);
    let honest = fix(&live, 0, 200);
    take(&mut live, &[honest]);
    assert_eq!(live.state.movers()[0].position.unwrap().lon_e7, 200);
}

#[test]
fn a_backlog_out_of_order_is_history_and_not_the_present() {
    let mut live = Live::new();
    live.now = live.now.plus_seconds(100);
    let rows = [
        fix(&live, -1, 900),
        fix(&live, -50, 400),
        fix(&live, -30, 600),
    ];
    assert!(take(&mut live, &rows).is_empty());
    assert_eq!(live.state.movers()[0].position.unwrap().lon_e7, 900);
    let Body::Fixes(block) = &live.log.last().unwrap().body else {
        panic!("fixes")
    };
    assert_eq!(block.len(), 3, "history keeps them all");
}

#[test]
fn repeats_are_known_even_when_not_of_the_last_fix() {
    let mut live = Live::new();
    let (a, b) = (fix(&live, -10, 100), fix(&live, -9, 200));
    assert_eq!(take(&mut live, &[a, b, a]), [FixProblem::Duplicate]);
    assert_eq!(
        take(&mut live, &[a, b]),
        [FixProblem::Duplicate, FixProblem::Duplicate]
    );
    let same_instant_elsewhere = fix(&live, -9, 300);
    assert!(
        take(&mut live, &[same_instant_elsewhere]).is_empty(),
        "two places of one instant are both kept"
    );
}

#[test]
fn a_sensor_that_trembles_about_its_bound_raises_one_alarm() {
    let mut live = Live::new();
    for (i, value) in [0.7, 0.81, 0.79, 0.82, 0.3, 0.9].into_iter().enumerate() {
        live.now = live.now.plus_seconds(60);
        let reading = Observation {
            sensor: SensorId(0),
            phenomenon_time: live.now,
            value: Some(value),
        };
        let d = decide_observations(&live.state, FeedId(1), &[reading], live.now);
        live.append(
            &Actor::Feed(FeedId(1)),
            None,
            Body::Observations(d.taken, d.events),
        );
        let alarms = live.state.alarms().len();
        assert_eq!(alarms, [0, 1, 1, 1, 1, 1][i], "after reading {i}");
    }
    // The second stands in the place of the first, which had ended and waited.
    let alarms: Vec<_> = live.state.alarms().keys().copied().collect();
    assert_eq!(alarms, [AlarmId(2)]);
}

/// Takes a batch of readings of one sensor: seconds from now and value.
fn read(live: &mut Live, sensor: u32, batch: &[(i64, Option<f64>)]) -> Vec<Event> {
    let readings: Vec<Observation> = batch
        .iter()
        .map(|(after_s, value)| Observation {
            sensor: SensorId(sensor),
            phenomenon_time: live.now.plus_seconds(*after_s),
            value: *value,
        })
        .collect();
    let d = decide_observations(&live.state, FeedId(1), &readings, live.now);
    let feed = Actor::Feed(FeedId(1));
    let body = Body::Observations(d.taken, d.events.clone());
    live.append(&feed, None, body);
    d.events
}

#[test]
fn a_peak_within_a_batch_raises_an_alarm_that_stays_until_a_person_has_seen_it() {
    let mut live = Live::new();
    live.now = live.now.plus_seconds(600);
    let events = read(
        &mut live,
        0,
        &[(-120, Some(0.2)), (-60, Some(0.9)), (0, Some(0.1))],
    );
    let (alarm, source) = (AlarmId(1), AlarmSource::Sensor(SensorId(0)));
    assert!(
        matches!(events[..], [
            Event::AlarmRaised { alarm: a, source: s, .. },
            Event::AlarmEnded { alarm: e },
        ] if (a, s, e) == (alarm, source, alarm)),
        "{events:?}"
    );
    live.must(Command::Tick, &Actor::System);
    assert!(live.state.alarms()[&alarm].ended_at.is_some());
    live.must(Command::AcknowledgeAlarm { alarm }, &officer("周岚"));
    live.must(Command::Tick, &Actor::System);
    assert!(live.state.alarms().is_empty());
}

#[test]
fn readings_of_a_batch_are_judged_by_their_times_and_late_ones_say_nothing_of_the_present() {
    let mut live = Live::new();
    live.now = live.now.plus_seconds(600);
    // Two peaks with a normal value between them, in no order; a broken sensor ends nothing.
    let events = read(
        &mut live,
        0,
        &[
            (0, Some(0.9)),
            (-60, Some(0.1)),
            (-30, None),
            (-90, Some(0.85)),
            (-90, Some(0.1)),
        ],
    );
    let told: Vec<(&str, u64)> = events
        .iter()
        .map(|e| match e {
            Event::AlarmRaised { alarm, .. } => ("raised", alarm.0),
            Event::AlarmEnded { alarm } => ("ended", alarm.0),
            Event::AlarmRetired { alarm } => ("retired", alarm.0),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(
        told,
        [("raised", 1), ("ended", 1), ("raised", 2), ("retired", 1)]
    );
    assert!(
        read(&mut live, 0, &[(-200, Some(0.1)), (-100, Some(0.9))]).is_empty(),
        "older than what is known"
    );
    live.now = live.now.plus_seconds(60);
    let events = read(&mut live, 0, &[(-30, Some(0.1)), (-20, Some(0.2))]);
    let ended = [Event::AlarmEnded { alarm: AlarmId(2) }];
    assert_eq!(events, ended, "the second alone still ran");
}

#[test]
fn what_was_reported_stays_readable_when_a_case_is_voided() {
    let mut live = Live::new();
    let case = report(&mut live, 1, HERE);
    let void = |reason: &str| Command::VoidCase {
        case,
        reason: reason.into(),
    };
    live.must(void("误报"), &officer("周岚"));
    assert_eq!(live.state.case(case).unwrap().note, "井盖缺失 → 误报");
}

#[test]
fn a_note_that_ends_another_is_kept_and_one_that_repeats_the_last_is_not() {
    let mut live = Live::new();
    let case = report(&mut live, 1, HERE);
    let (unit, terminal) = (UnitId(0), Actor::Unit(UnitId(0)));
    for (note, expected) in [
        ("缺失", "井盖缺失 → 缺失"),
        ("缺失", "井盖缺失 → 缺失"),
        ("", "井盖缺失 → 缺失"),
        ("已更换", "井盖缺失 → 缺失 → 已更换"),
        ("更换", "井盖缺失 → 缺失 → 已更换 → 更换"),
    ] {
        live.must(send(0, case), &officer("周岚"));
        live.must(Command::ArriveOnScene { unit }, &terminal);
        let note = note.to_owned();
        live.must(Command::ReportHandled { unit, note }, &terminal);
        assert_eq!(live.state.case(case).unwrap().note, expected);
        let passed = false;
        live.must(Command::CheckCase { case, passed }, &officer("核查员"));
    }
}

#[test]
fn a_known_vehicle_keeps_its_number() {
    let mut live = Live::new();
    let movers = vec![
        ("a".to_owned(), MoverKind::Bus),
        ("a".to_owned(), MoverKind::Van),
    ];
    let register = Command::RegisterMovers {
        feed: FeedId(1),
        movers,
    };
    assert_eq!(live.must(register, &Actor::Feed(FeedId(1))).len(), 1);
    let mover = live.state.mover_of(FeedId(1), "a");
    let again = Command::RegisterMovers {
        feed: FeedId(1),
        movers: vec![("a".to_owned(), MoverKind::Bus)],
    };
    assert!(live.must(again, &Actor::Feed(FeedId(1))).is_empty());
    assert_eq!(live.state.mover_of(FeedId(1), "a"), mover);
}

#[test]
fn a_case_filed_elsewhere_keeps_its_clock() {
    let mut live = Live::new();
    let filed_at = live.now.plus_seconds(-40 * 3_600);
    let report = CaseReport {
        class: ClassId(1),
        severity: None,
        position: HERE,
        address: String::new(),
        note: String::new(),
        occurred_at: filed_at,
        filed_at: Some(filed_at),
        key: "1999-18".to_owned(),
    };
    live.must(Command::ReportCase(report), &Actor::Feed(FeedId(1)));
    let case = live.state.cases().values().next_back().expect("the case");
    let rules = live.state.rules().expect("rules");
    let limit = rules.class(ClassId(1)).expect("class").limit;
    assert_eq!(case.filed_at, Some(filed_at));
    assert_eq!(case.due_at, Some(rules.due(filed_at, limit)));
}
