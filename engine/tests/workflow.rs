//! Every act at every stage, as it is decided: possible where the table of the workflow says so, and it leads there.

mod city;

use chengtu_engine::city::Severity;
use chengtu_engine::command::{CaseReport, Command};
use chengtu_engine::event::Event;
use chengtu_engine::geo::Position;
use chengtu_engine::ids::{CaseId, ClassId, UnitId};
use chengtu_engine::model::{Actor, AssignmentTarget, CaseSource, Stage};
use chengtu_engine::record::Body;
use chengtu_engine::rejection::Rejection;
use chengtu_engine::workflow::{self, Act};
use city::Live;

const HERE: Position = Position::new(1_187_900_000, 320_500_000);
const CASE: CaseId = CaseId(1);
const MAIN: CaseId = CaseId(2);
/// On the case at stages that have a unit; on scene while the case is in progress.
const FIRST: UnitId = UnitId(0);
/// On its way to the case.
const SECOND: UnitId = UnitId(1);
const FREE: UnitId = UnitId(2);

fn officer() -> Actor {
    Actor::Operator("周岚".to_owned())
}

fn send(live: &mut Live, unit: UnitId) {
    let command = Command::DispatchUnit {
        unit,
        target: AssignmentTarget::Case(CASE),
        expected_s: None,
    };
    live.must(command, &officer());
}

/// A city with a case at a stage, and another open case of its class.
fn at_stage(stage: Stage) -> Live {
    let mut live = Live::new();
    if stage == Stage::Reported {
        // Of a known class a report is filed at once; only an older log holds one that is not.
        let reported = Event::CaseReported {
            case: CASE,
            class: ClassId(1),
            severity: Severity::Normal,
            position: HERE,
            address: String::new(),
            note: String::new(),
            source: CaseSource::Operator(String::new()),
            occurred_at: live.now,
            maybe_same_as: None,
        };
        live.append(&officer(), None, Body::Events(vec![reported]));
    }
    while live.state.cases().len() < 2 {
        let report = CaseReport {
            class: ClassId(1),
            severity: None,
            position: HERE,
            address: String::new(),
            note: String::new(),
            occurred_at: live.now,
            filed_at: None,
            key: String::new(),
        };
        live.must(Command::ReportCase(report), &officer());
    }
    let terminal = Actor::Unit(FIRST);
    if !matches!(stage, Stage::Reported | Stage::Filed | Stage::Void) {
        send(&mut live, FIRST);
    }
    if matches!(stage, Stage::InProgress | Stage::Handled | Stage::Closed) {
        live.must(Command::ArriveOnScene { unit: FIRST }, &terminal);
    }
    if matches!(stage, Stage::Handled | Stage::Closed) {
        let note = String::new();
        live.must(Command::ReportHandled { unit: FIRST, note }, &terminal);
    }
    if stage == Stage::Closed {
        let passed = true;
        live.must(Command::CheckCase { case: CASE, passed }, &officer());
    }
    if stage == Stage::Void {
        let reason = "误报".to_owned();
        live.must(Command::VoidCase { case: CASE, reason }, &officer());
    }
    assert_eq!(live.state.case(CASE).expect("the case").stage, stage);
    live
}

/// The command for an act, given to a city with the case at a stage. `None` if no unit is there to do it, so that
/// nobody can.
fn command(live: &mut Live, stage: Stage, act: Act) -> Option<(Command, Actor)> {
    let (case, unit) = (CASE, FIRST);
    let is_on_case = stage.has_units();
    Some(match act {
        Act::File => (Command::FileCase { case, class: None }, officer()),
        Act::Dispatch => {
            let target = AssignmentTarget::Case(case);
            let command = Command::DispatchUnit {
                unit: FREE,
                target,
                expected_s: None,
            };
            (command, officer())
        }
        Act::Reassign => {
            // Another stays where the first is, so that the stage does not depend on who is left.
            if stage == Stage::InProgress {
                send(live, SECOND);
                let arrive = Command::ArriveOnScene { unit: SECOND };
                live.must(arrive, &Actor::Unit(SECOND));
            }
            let command = Command::ReassignCase {
                case,
                from: unit,
                to: FREE,
                expected_s: None,
            };
            (command, officer())
        }
        Act::Arrive if is_on_case => {
            send(live, SECOND);
            (Command::ArriveOnScene { unit: SECOND }, Actor::Unit(SECOND))
        }
        Act::LeaveScene if is_on_case => {
            send(live, SECOND);
            (Command::RecallUnit { unit }, officer())
        }
        Act::Withdraw if is_on_case => (Command::RecallUnit { unit }, officer()),
        Act::Handle if is_on_case => {
            let note = String::new();
            (Command::ReportHandled { unit, note }, Actor::Unit(unit))
        }
        Act::Arrive | Act::LeaveScene | Act::Withdraw | Act::Handle => return None,
        Act::Pass => (Command::CheckCase { case, passed: true }, officer()),
        Act::Rework => {
            let passed = false;
            (Command::CheckCase { case, passed }, officer())
        }
        Act::Void => {
            let reason = "误报".to_owned();
            (Command::VoidCase { case, reason }, officer())
        }
        Act::Bundle => (Command::BundleCase { case, into: MAIN }, officer()),
        Act::Restore => (Command::RestoreCase { case }, officer()),
    })
}

#[test]
fn every_act_at_every_stage_is_decided_as_the_table_says() {
    let (mut possible, mut refused) = (0, 0);
    for stage in Stage::ALL {
        for act in Act::ALL {
            let mut live = at_stage(stage);
            let expected = workflow::next(stage, act);
            let Some((command, actor)) = command(&mut live, stage, act) else {
                assert_eq!(expected, None, "{act:?} at {stage:?} takes a unit");
                continue;
            };
            let answer = live.submit(&command, &actor, None);
            let after = live.state.case(CASE).expect("the case").stage;
            let what = format!("{act:?} at {stage:?}: {answer:?}");
            match (expected, &answer) {
                // The table is about the case; whether a unit can do it is another question.
                (Some(_), Err(Rejection::NotOnCase { .. })) => {
                    assert_eq!((stage, act), (Stage::Filed, Act::Reassign), "{what}");
                }
                (Some(expected), Ok(_)) => {
                    assert_eq!(after, expected, "{what}");
                    possible += 1;
                }
                (None, Err(Rejection::WrongStage { .. } | Rejection::WrongStatus { .. })) => {
                    assert_eq!(after, stage, "{what}");
                    refused += 1;
                }
                // To leave the scene without having been there leaves the case as it is.
                (None, Ok(_)) => {
                    assert_eq!((stage, act), (Stage::Dispatched, Act::LeaveScene), "{what}");
                    assert_eq!(after, stage, "{what}");
                }
                _ => panic!("expected {expected:?}: {what}"),
            }
        }
    }
    assert_eq!((possible, refused), (25, 37));
}
