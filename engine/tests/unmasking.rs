//! Who is shown what is masked is kept, told, and forgotten by the live state with its case; what is audited changes
//! nothing else.

mod city;

use chengtu_engine::audit::{Audit, AuditAct, LOOKS_MAX, Look, Masked, PURPOSE_CHARS_MAX};
use chengtu_engine::command::{CaseReport, Command};
use chengtu_engine::decide::{became, decide};
use chengtu_engine::event::Event;
use chengtu_engine::geo::Position;
use chengtu_engine::ids::{CaseId, ClassId, UnitId};
use chengtu_engine::incident::{Inside, cut_record};
use chengtu_engine::model::Actor;
use chengtu_engine::record::Body;
use chengtu_engine::rejection::Rejection;
use chengtu_engine::state::State;
use chengtu_engine::time::Timestamp;
use city::Live;

const CASE: CaseId = CaseId(1);

fn officer() -> Actor {
    Actor::Operator("周岚".to_owned())
}

fn reported() -> Live {
    let mut live = Live::new();
    let report = CaseReport {
        class: ClassId(3),
        severity: None,
        position: Position::new(1_187_900_000, 320_500_000),
        address: String::new(),
        note: String::new(),
        occurred_at: live.now,
        filed_at: None,
        key: String::new(),
    };
    live.must(Command::ReportCase(report), &officer());
    live
}

fn unmask(case: CaseId, purpose: &str) -> Command {
    let purpose = purpose.to_owned();
    Command::Unmask { case, purpose }
}

fn configured(digest: &str) -> Body {
    let audit = Audit {
        who: String::new(),
        from: String::new(),
        at: Timestamp(0),
        act: AuditAct::ConfigurationChanged {
            digests: vec![("limits".to_owned(), digest.to_owned())],
            changed: vec!["limits".to_owned()],
        },
    };
    Body::Events(vec![Event::Audited(Box::new(audit))])
}

#[test]
fn each_unmasking_is_found_by_who_saw_this() {
    let mut live = reported();
    assert_eq!(live.state.looks(CASE), None);
    let events = live.must(unmask(CASE, "回访"), &officer());
    assert!(became(&unmask(CASE, "回访"), &events));
    assert!(!became(&unmask(CASE, "别的"), &events));
    let first = live.now;
    live.now = live.now.plus_seconds(60);
    live.must(
        unmask(CASE, "核实地址"),
        &Actor::Operator("王莉".to_owned()),
    );
    let look = |at, by: &str, purpose: &str| Look {
        at,
        by: Actor::Operator(by.to_owned()),
        who: String::new(),
        what: Masked::Personal,
        purpose: purpose.to_owned(),
    };
    let seen = live.state.looks(CASE).expect("it was seen");
    let expected = [
        look(first, "周岚", "回访"),
        look(live.now, "王莉", "核实地址"),
    ];
    assert_eq!((&seen.list[..], seen.left_out), (&expected[..], 0));
    // More than is held: the newest are, and the rest is counted.
    for _ in 0..LOOKS_MAX {
        live.must(unmask(CASE, "再看"), &officer());
    }
    let seen = live.state.looks(CASE).expect("it was seen");
    assert_eq!((seen.list.len(), seen.left_out), (LOOKS_MAX, 2));
}

#[test]
fn without_a_purpose_a_case_or_the_right_nothing_is_shown() {
    let live = reported();
    let answer = |command: &Command, actor: &Actor| decide(&live.state, command, actor, live.now);
    let long = "井".repeat(PURPOSE_CHARS_MAX + 1);
    for empty in ["", "  ", "\n"] {
        assert_eq!(
            answer(&unmask(CASE, empty), &officer()),
            Err(Rejection::NoReason)
        );
    }
    let refused = answer(&unmask(CASE, &long), &officer()).unwrap_err();
    assert!(refused.to_string().contains("purpose has 301"), "{refused}");
    let most = "井".repeat(PURPOSE_CHARS_MAX);
    assert!(answer(&unmask(CASE, &most), &officer()).is_ok());
    let nowhere = CaseId(9);
    let refused = answer(&unmask(nowhere, "看"), &officer());
    assert_eq!(refused, Err(Rejection::NoSuchCase(nowhere)));
    for other in [Actor::Unit(UnitId(0)), Actor::System] {
        let refused = answer(&unmask(CASE, "看"), &other);
        assert!(
            matches!(refused, Err(Rejection::NotPermitted(_))),
            "{refused:?}"
        );
    }
}

#[test]
fn who_saw_and_the_configuration_survive_as_a_state_and_change_nothing_else() {
    let mut live = reported();
    let (before, digest) = (live.state.encode().unwrap(), live.state.digest());
    assert_eq!(
        before[8], 3,
        "what no newer program wrote stays readable by older ones"
    );
    live.append(&Actor::System, None, configured("a1"));
    live.must(unmask(CASE, "回访"), &officer());
    assert!(live.changes.cases.contains(&CASE), "of its report");
    let bytes = live.state.encode().unwrap();
    assert_eq!(bytes[8], 4);
    let back = State::decode(&bytes).expect("a state");
    assert_eq!(back.looks(CASE), live.state.looks(CASE));
    assert_eq!(back.configuration()["limits"], "a1");
    let mut pieces = Vec::new();
    live.state.encode_pieces(|piece| pieces.extend(piece));
    assert_eq!(pieces, bytes);
    // Folded again, the same; and but for place and time the city is what it was.
    let mut again = State::new();
    live.log.iter().for_each(|r| drop(again.apply(r)));
    assert_eq!(again.encode().unwrap(), bytes);
    let mut plain = State::decode(&before).expect("a state");
    assert_eq!(plain.digest(), digest);
    let mut last = live.log.last().expect("a record").clone();
    last.body = Body::Events(Vec::new());
    plain.apply(&last);
    assert_eq!(plain.digest(), live.state.digest());
    // Another configuration takes the place of the first.
    live.append(&Actor::System, None, configured("b2"));
    assert_eq!(live.state.configuration()["limits"], "b2");
}

#[test]
fn a_case_that_leaves_the_live_state_takes_along_who_saw_it() {
    let mut live = reported();
    live.must(unmask(CASE, "回访"), &officer());
    let reason = "无".to_owned();
    live.must(Command::VoidCase { case: CASE, reason }, &officer());
    live.now = live.now.plus_seconds(2 * 3_600);
    live.must(Command::Tick, &Actor::System);
    assert!(live.state.case(CASE).is_none());
    assert_eq!(live.state.looks(CASE), None);
    assert_eq!(live.state.encode().unwrap()[8], 3);
}

#[test]
fn what_is_handed_to_others_does_not_say_who_looked() {
    let mut live = reported();
    live.must(unmask(CASE, "回访"), &officer());
    let mut part = live.state.clone();
    part.cut(&|_| true);
    assert!(part.case(CASE).is_some());
    assert_eq!(part.looks(CASE), None);
    let record = live.log.last().expect("a record");
    let mut inside = Inside::of(&part);
    let cut = cut_record(record, &live.state, &mut inside, &|_| true);
    assert_eq!(cut.body, Body::Events(Vec::new()));
}
