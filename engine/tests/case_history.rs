//! What a case's history tells, and what is refused because it has changed since it was seen.

mod city;

use chengtu_engine::code::{Change, Changed, Code, RefusalData};
use chengtu_engine::command::{AGE_MAX_MS, Basis, CaseReport, Command, Seen, SeenTask};
use chengtu_engine::decide::decide_upon;
use chengtu_engine::geo::Position;
use chengtu_engine::ids::{AlarmId, CaseId, ClassId, ThingId, UnitId};
use chengtu_engine::model::{Actor, AssignmentTarget, HistoryKind as K, Stage};
use chengtu_engine::rejection::Rejection;
use chengtu_engine::state::State;
use chengtu_engine::workflow::RESTORE_WITHIN_S;
use city::Live;

const HERE: Position = Position::new(1_187_900_000, 320_500_000);
const CASE: CaseId = CaseId(1);
const OTHER: CaseId = CaseId(2);
const A: UnitId = UnitId(0);
const B: UnitId = UnitId(1);

fn officer(name: &str) -> Actor {
    Actor::Operator(name.to_owned())
}

fn zhou() -> Actor {
    officer("周岚")
}

fn chen() -> Actor {
    officer("陈默")
}

fn report(live: &mut Live, class: u16) {
    let report = CaseReport {
        class: ClassId(class),
        severity: None,
        position: HERE,
        address: String::new(),
        note: "井盖缺失".to_owned(),
        occurred_at: live.now,
        filed_at: None,
        key: String::new(),
    };
    live.must(Command::ReportCase(report), &zhou());
}

/// Two open cases of one class, one second old.
fn city(class: u16) -> Live {
    let mut live = Live::new();
    report(&mut live, class);
    report(&mut live, class);
    live.now = live.now.plus_seconds(1);
    live
}

fn send(unit: UnitId, case: CaseId) -> Command {
    Command::DispatchUnit {
        unit,
        target: AssignmentTarget::Case(case),
        expected_s: None,
    }
}

fn void() -> Command {
    Command::VoidCase {
        case: CASE,
        reason: "误报".to_owned(),
    }
}

fn told(live: &Live, case: CaseId) -> Vec<K> {
    let history = live.state.history(case).expect("its history");
    history.entries.iter().map(|e| e.what.clone()).collect()
}

fn revision(live: &Live, case: CaseId) -> u32 {
    live.state.history(case).expect("its history").revision
}

/// A case as it is seen now.
fn seen_case(live: &Live, case: CaseId) -> Seen {
    let revision = revision(live, case);
    Seen::Case { case, revision }
}

/// A unit as it is seen now.
fn seen_unit(live: &Live, unit: UnitId) -> Seen {
    let task = live.state.unit(unit).and_then(|u| u.assignment.as_ref());
    let task = task.map(|a| SeenTask {
        assignment: a.id,
        case: a.case(),
    });
    Seen::Unit { unit, task }
}

fn upon(live: &Live, command: &Command, seen: &[Seen]) -> Result<(), Rejection> {
    let seen = seen.to_vec();
    let basis = Basis { seen, age_ms: 0 };
    decide_upon(&live.state, command, &basis, &chen(), live.now).map(|_| ())
}

fn changed(refused: Result<(), Rejection>) -> Changed {
    let refused = refused.expect_err("it has changed");
    assert_eq!(refused.code(), Code::Changed, "{refused}");
    match refused.data() {
        RefusalData::Changed(changed) => *changed,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_history_tells_every_units_way_and_who_did_what() {
    let mut live = city(1);
    let (terminal, other) = (Actor::Unit(A), Actor::Unit(B));
    live.must(send(A, CASE), &zhou());
    live.must(Command::AcknowledgeAssignment { unit: A }, &terminal);
    live.must(Command::RecallUnit { unit: A }, &chen());
    live.must(send(A, CASE), &zhou());
    let reassign = Command::ReassignCase {
        case: CASE,
        from: A,
        to: B,
        expected_s: None,
    };
    live.must(reassign, &chen());
    live.must(Command::ArriveOnScene { unit: B }, &other);
    let note = "已更换".to_owned();
    live.must(Command::ReportHandled { unit: B, note }, &other);
    let check = |passed| Command::CheckCase { case: CASE, passed };
    live.must(check(false), &zhou());
    let note = "已更换".to_owned();
    let expected = [
        (K::Reported, zhou()),
        (K::Filed, zhou()),
        (K::Dispatched(A), zhou()),
        (K::Acknowledged(A), terminal),
        (K::Recalled(A), chen()),
        (K::Dispatched(A), zhou()),
        (K::Reassigned { from: A, to: B }, chen()),
        (K::Arrived(B), other.clone()),
        (K::Handled { unit: B, note }, other),
        (K::CheckFailed, zhou()),
    ];
    let history = live.state.history(CASE).expect("its history");
    let found = history
        .entries
        .iter()
        .map(|e| (e.what.clone(), e.by.clone()));
    assert!(found.eq(expected), "{:?}", history.entries);
    assert_eq!(told(&live, OTHER), [K::Reported, K::Filed]);
}

#[test]
fn a_history_tells_why_a_case_was_none_and_what_was_bundled_where() {
    let mut live = city(1);
    live.must(send(A, CASE), &zhou());
    live.must(void(), &chen());
    let reason = "误报".to_owned();
    assert_eq!(
        told(&live, CASE)[2..],
        [K::Dispatched(A), K::Recalled(A), K::Voided { reason }]
    );
    let mut live = city(1);
    let bundle = Command::BundleCase {
        case: CASE,
        into: OTHER,
    };
    live.must(bundle, &chen());
    assert_eq!(told(&live, CASE)[2..], [K::BundledInto(OTHER)]);
    assert_eq!(told(&live, OTHER)[2..], [K::TookIn(CASE)]);
}

#[test]
fn histories_come_back_from_the_log_and_from_a_keyframe() {
    let mut live = city(1);
    live.must(send(A, CASE), &zhou());
    live.must(void(), &chen());
    live.must(Command::RestoreCase { case: CASE }, &chen());
    let mut folded = State::new();
    for record in &live.log {
        folded.apply(record);
    }
    assert_eq!(folded.histories(), live.state.histories());
    let kept = State::decode(&live.state.encode().expect("bytes")).expect("a state");
    assert_eq!(kept.histories(), live.state.histories());
}

#[test]
fn a_case_that_is_as_it_was_seen_is_acted_upon_and_one_that_is_not_says_who_changed_it() {
    let acts = [
        void(),
        send(B, CASE),
        Command::BundleCase {
            case: CASE,
            into: OTHER,
        },
        Command::BundleCase {
            case: OTHER,
            into: CASE,
        },
    ];
    for act in &acts {
        let mut live = city(1);
        let seen = seen_case(&live, CASE);
        assert_eq!(upon(&live, act, &[seen]), Ok(()), "{act:?}");
        live.now = live.now.plus_seconds(5);
        live.must(send(A, CASE), &zhou());
        let expected = Changed {
            thing: ThingId::Case(CASE),
            by: zhou(),
            at: live.now,
            what: Change::Case(K::Dispatched(A)),
        };
        assert_eq!(changed(upon(&live, act, &[seen])), expected, "{act:?}");
        assert_eq!(upon(&live, act, &[]), Ok(()), "{act:?}, expecting nothing");
    }
}

#[test]
fn a_check_and_a_reassignment_are_of_the_case_that_was_seen() {
    let mut live = city(1);
    live.must(send(A, CASE), &zhou());
    let seen = seen_case(&live, CASE);
    let reassign = Command::ReassignCase {
        case: CASE,
        from: A,
        to: B,
        expected_s: None,
    };
    assert_eq!(upon(&live, &reassign, &[seen]), Ok(()));
    live.must(Command::ArriveOnScene { unit: A }, &Actor::Unit(A));
    let what = changed(upon(&live, &reassign, &[seen])).what;
    assert_eq!(what, Change::Case(K::Arrived(A)));
    let note = String::new();
    live.must(Command::ReportHandled { unit: A, note }, &Actor::Unit(A));
    let seen = seen_case(&live, CASE);
    let check = |passed| Command::CheckCase { case: CASE, passed };
    assert_eq!(upon(&live, &check(true), &[seen]), Ok(()));
    live.must(check(false), &zhou());
    let found = changed(upon(&live, &check(true), &[seen]));
    assert_eq!(found.what, Change::Case(K::CheckFailed));
}

#[test]
fn a_unit_that_was_sent_elsewhere_since_is_not_recalled_from_there() {
    let mut live = city(1);
    live.must(send(A, CASE), &zhou());
    let seen = seen_unit(&live, A);
    let recall = Command::RecallUnit { unit: A };
    assert_eq!(upon(&live, &recall, &[seen]), Ok(()));
    live.must(Command::AcknowledgeAssignment { unit: A }, &Actor::Unit(A));
    assert_eq!(upon(&live, &recall, &[seen]), Ok(()), "the same task still");

    live.now = live.now.plus_seconds(3);
    live.must(recall.clone(), &zhou());
    let free = changed(upon(&live, &recall, &[seen]));
    assert_eq!(
        (free.by, free.at, free.what),
        (zhou(), live.now, Change::UnitFreed)
    );
    live.now = live.now.plus_seconds(3);
    live.must(send(A, OTHER), &zhou());
    let sent = changed(upon(&live, &recall, &[seen]));
    assert_eq!(
        (sent.thing, sent.by, sent.at, sent.what),
        (
            ThingId::Unit(A),
            zhou(),
            live.now,
            Change::UnitSent(Some(OTHER))
        )
    );
    // Even to the same case: it is another sending.
    live.must(recall.clone(), &zhou());
    live.must(send(A, CASE), &zhou());
    assert_eq!(
        changed(upon(&live, &recall, &[seen])).what,
        Change::UnitSent(Some(CASE))
    );
}

#[test]
fn a_unit_that_is_taken_says_by_whom_for_what_and_since_when() {
    let mut live = city(1);
    let seen = [seen_case(&live, OTHER), seen_unit(&live, A)];
    let sent_at = live.now;
    live.must(send(A, CASE), &zhou());
    live.now = live.now.plus_seconds(9);
    let expected = RefusalData::Taken {
        by: "周岚".to_owned(),
        case: Some(CASE),
        at: sent_at,
    };
    for seen in [&seen[..], &[]] {
        let refused = upon(&live, &send(A, OTHER), seen).expect_err("taken");
        assert_eq!(refused.code(), Code::UnitNotAvailable);
        assert_eq!(refused.data(), expected);
    }
}

#[test]
fn an_alarm_that_somebody_else_acknowledged_says_who_and_when() {
    let mut live = city(0);
    let acknowledge = Command::AcknowledgeAlarm { alarm: AlarmId(1) };
    live.must(acknowledge.clone(), &zhou());
    let found = upon(&live, &acknowledge, &[]).expect_err("acknowledged");
    assert_eq!(found.code(), Code::AlreadyAcknowledged);
    let expected = Changed {
        thing: ThingId::Alarm(AlarmId(1)),
        by: zhou(),
        at: live.now,
        what: Change::AlarmAcknowledged,
    };
    assert_eq!(found.data(), RefusalData::Changed(Box::new(expected)));
}

#[test]
fn an_act_that_was_decided_long_ago_is_not_done() {
    let live = city(1);
    for (age_ms, expected) in [
        (AGE_MAX_MS, None),
        (AGE_MAX_MS + 1, Some(Rejection::Expired(AGE_MAX_MS + 1))),
    ] {
        let seen = Vec::new();
        let basis = Basis { seen, age_ms };
        let found = decide_upon(&live.state, &void(), &basis, &zhou(), live.now);
        assert_eq!(found.err(), expected);
    }
}

#[test]
fn who_may_not_is_told_nothing_of_what_has_changed() {
    let live = city(1);
    let basis = Basis {
        seen: vec![Seen::Case {
            case: CASE,
            revision: 77,
        }],
        age_ms: 0,
    };
    let found = decide_upon(&live.state, &void(), &basis, &Actor::Unit(A), live.now);
    let code = found.map_err(|r| r.code());
    assert_eq!(code.expect_err("refused"), Code::NotPermitted);
}

#[test]
fn voiding_is_taken_back_with_the_clock_that_the_case_had() {
    let mut live = city(0);
    live.must(send(A, CASE), &zhou());
    let before = live.state.case(CASE).expect("the case").clone();
    live.must(void(), &zhou());
    live.must(Command::Tick, &Actor::System);
    live.now = live.now.plus_seconds(RESTORE_WITHIN_S);
    live.must(Command::RestoreCase { case: CASE }, &chen());
    let c = live.state.case(CASE).expect("the case");
    assert_eq!((c.stage, c.due_at), (Stage::Filed, before.due_at));
    assert_eq!(c.units, [], "its unit was recalled with it");
    let kinds = told(&live, CASE);
    assert_eq!(kinds.last(), Some(&K::Restored));
    let alarms = live.state.alarms().values();
    let running = alarms.filter(|a| a.ended_at.is_none()).count();
    assert_eq!(
        running, 2,
        "the severe case is an alarm again, as is the other"
    );
    assert_eq!(
        live.state.spatial().cases_within(HERE, 1.0).len(),
        2,
        "it is found on the ground"
    );
    // Its limit runs on.
    live.now = before.due_at.expect("a limit");
    live.must(Command::Tick, &Actor::System);
    assert!(live.state.case(CASE).expect("the case").overdue);
}

#[test]
fn a_handled_case_is_handled_again_and_a_bundled_one_counts_for_itself() {
    let mut live = city(1);
    live.must(send(A, CASE), &zhou());
    live.must(Command::ArriveOnScene { unit: A }, &Actor::Unit(A));
    let note = String::new();
    live.must(Command::ReportHandled { unit: A, note }, &Actor::Unit(A));
    let bundle = Command::BundleCase {
        case: CASE,
        into: OTHER,
    };
    live.must(bundle, &zhou());
    assert_eq!(live.state.case(OTHER).expect("the main case").reports, 2);
    live.must(Command::RestoreCase { case: CASE }, &zhou());
    let case = |id| live.state.case(id).expect("a case");
    assert_eq!(case(CASE).stage, Stage::Handled);
    assert_eq!((case(CASE).reports, case(OTHER).reports), (1, 1));
    assert_eq!(
        told(&live, OTHER)[2..],
        [K::TookIn(CASE), K::GaveBack(CASE)]
    );
    live.must(
        Command::CheckCase {
            case: CASE,
            passed: true,
        },
        &zhou(),
    );
    let refused = live.submit(&Command::RestoreCase { case: CASE }, &zhou(), None);
    assert_eq!(refused.map_err(|r| r.code()), Err(Code::WrongStage));
}

#[test]
fn what_ended_long_ago_stays_ended() {
    let mut live = city(1);
    live.must(void(), &zhou());
    live.now = live.now.plus_seconds(RESTORE_WITHIN_S + 1);
    let refused = live.submit(&Command::RestoreCase { case: CASE }, &zhou(), None);
    assert_eq!(refused, Err(Rejection::TooLate(CASE)));
}
