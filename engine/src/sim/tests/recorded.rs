//! A recorded stretch that happens again.

use super::town::{START, U0, officer, quiet, roads, town_of};
use crate::command::Command;
use crate::ids::{CaseId, UnitId};
use crate::model::AssignmentTarget;
use crate::record::{Record, World};
use crate::sim::{SimAct, SimConfig, Simulator};
use crate::state::State;
use crate::time::Timestamp;

/// A stretch of an hour of a town, as history.
fn history() -> (State, Vec<Record>) {
    let mut sim = town_of(80, 21);
    for _ in 0..2_400 {
        sim.step();
    }
    let begin = sim.state().clone();
    let records = (0..3_600).flat_map(|_| sim.step().records);
    (
        begin,
        records
            .map(crate::record::ForkRecord::into_record)
            .collect(),
    )
}

/// Runs along the history, second by second, and on for a while.
fn along(sim: &mut Simulator, history: &[Record], seconds: i64) {
    let last = history.last().map_or(START, |r| r.known_at);
    sim.set_recorded_until(Some(last));
    let mut at = 0;
    let end = sim.now().plus_seconds(seconds);
    while sim.now() < end {
        let next = sim.now().plus_seconds(1);
        let count = history[at..]
            .iter()
            .take_while(|r| r.known_at <= next)
            .count();
        sim.step_recorded(&history[at..at + count]);
        at += count;
    }
}

fn branch(begin: &State) -> Simulator {
    let config = SimConfig::continuing(World::Fork(2), begin, begin.known_at());
    Simulator::new(begin.clone(), &roads(), config, 9)
}

#[test]
fn what_nobody_could_change_happens_again_and_officers_decide_as_they_did() {
    let (begin, records) = history();
    let mut sim = branch(&begin);
    along(&mut sim, &records, 3_600);
    let mut real = begin.clone();
    for r in &records {
        real.apply(r);
    }
    let ids = |s: &State| s.cases().keys().copied().collect::<Vec<CaseId>>();
    assert_eq!(ids(sim.state()), ids(&real), "the same cases came");
    for (mine, theirs) in sim.state().cases().values().zip(real.cases().values()) {
        assert_eq!(
            (mine.class, mine.position, mine.severity),
            (theirs.class, theirs.position, theirs.severity)
        );
    }
    for (mine, theirs) in sim.state().sensors().iter().zip(real.sensors()) {
        let value = |s: &crate::model::Sensor| s.latest.and_then(|r| r.value);
        assert_eq!(value(mine), value(theirs), "the same readings");
    }
    let tally = sim.recorded_tally();
    let all = tally.followed + tally.refused;
    assert!(all > 100 && tally.refused * 8 < all, "{tally:?}");
}

#[test]
fn two_branches_without_an_intervention_are_identical_along_history_and_after() {
    let (begin, records) = history();
    let (mut a, mut b) = (branch(&begin), branch(&begin));
    along(&mut a, &records, 5_000);
    along(&mut b, &records, 5_000);
    assert_eq!(a.digest(), b.digest());
    let last = records.last().unwrap().known_at;
    let later = |c: &&crate::model::Case| c.history[0].at > last;
    let after = a.state().cases().values().filter(later).count();
    assert!(
        (15..90).contains(&after),
        "life goes on after history: {after}, {:?}",
        a.config().arrivals.as_ref().map(|r| r.rate(0))
    );
}

#[test]
fn a_sending_that_is_left_out_is_not_done_and_another_goes_instead() {
    let (begin, records) = history();
    let sent = records.iter().find_map(|r| match &r.body {
        crate::record::Body::Events(events) => events.iter().find_map(|e| match e {
            crate::event::Event::UnitDispatched {
                unit,
                target: AssignmentTarget::Case(case),
                ..
            } => Some((r.known_at, *unit, *case)),
            _ => None,
        }),
        _ => None,
    });
    let (when, unit, case) = sent.expect("somebody is sent within the hour");
    let mut sim = branch(&begin);
    sim.act(SimAct::LeaveOut { unit, case }).unwrap();
    let seconds = when.seconds_since(sim.now()) as i64 + 1;
    along(&mut sim, &records, seconds);
    assert_eq!(sim.recorded_tally().left_out, 1);
    let on_case = |s: &Simulator, u: UnitId| s.state().case(case).unwrap().units.contains(&u);
    assert!(!on_case(&sim, unit));
    let other = sim
        .state()
        .units()
        .iter()
        .find(|u| u.assignment.is_none() && u.id != unit);
    let other = other.unwrap().id;
    let command = Command::DispatchUnit {
        unit: other,
        target: AssignmentTarget::Case(case),
        expected_s: None,
    };
    sim.command(&command, &officer(), None).unwrap();
    assert!(on_case(&sim, other));
}

#[test]
fn things_that_get_another_number_here_are_still_the_same_things() {
    let (begin, mut records) = history();
    let mut add = quiet(0);
    add.step();
    // History registers a mover and places it; the branch has one mover more by then.
    let feed = crate::ids::FeedId(2);
    let mover = crate::ids::MoverId(begin.movers().len() as u32);
    let at = records[0].known_at;
    let mut block = crate::record::FixBlock::with_capacity(feed, 1);
    block.push(crate::model::Fix {
        mover,
        position: super::town::at(300.0, 0.0),
        bearing_cdeg: 0,
        speed_cmps: 100,
        accuracy_dm: 0,
        fix_time: at,
    });
    let origin = crate::record::Origin {
        actor: crate::model::Actor::Feed(feed),
        command: None,
    };
    let record = |body| Record {
        seq: 0,
        known_at: at,
        world: World::Live,
        origin: origin.clone(),
        body,
    };
    let registered = crate::event::Event::MoverRegistered {
        mover,
        feed,
        key: "苏A1".into(),
        kind: crate::model::MoverKind::Taxi,
    };
    records.truncate(0);
    records.push(record(crate::record::Body::Events(vec![registered])));
    records.push(record(crate::record::Body::Fixes(block)));
    let mut sim = branch(&begin);
    sim.act(SimAct::AddUnit {
        like: U0,
        call_sign: "新车".into(),
        at: super::town::at(0.0, 0.0),
    })
    .unwrap();
    along(&mut sim, &records, 5);
    let own = sim.state().mover_of(feed, "苏A1").unwrap();
    assert_ne!(own, mover);
    assert_eq!(
        sim.state().mover(own).unwrap().position,
        Some(super::town::at(300.0, 0.0))
    );
    assert_eq!(
        sim.state().mover(own).unwrap().fix_time.max(Timestamp(0)),
        at
    );
}
