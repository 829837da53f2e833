use super::town::{START, quiet, state, town};
use crate::ids::CaseId;
use crate::model::{Stage, UnitStatus};
use crate::record::{ForkRecord, World};
use crate::sim::Simulator;
use crate::state::State;
use std::collections::BTreeSet;

/// Runs on and gives the records as bytes.
fn run(sim: &mut Simulator, steps: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    for _ in 0..steps {
        for record in sim.step().records {
            bytes.extend(postcard::to_stdvec(record.record()).expect("it encodes"));
        }
    }
    bytes
}

#[test]
fn the_same_seed_gives_the_same_digests_over_ten_thousand_steps_and_another_does_not() {
    let (mut a, mut b, mut other) = (town(7), town(7), town(8));
    for block in 0..100 {
        assert_eq!(run(&mut a, 100), run(&mut b, 100), "block {block}");
        assert_eq!(a.digest(), b.digest(), "block {block}");
        if block < 10 {
            run(&mut other, 100);
            assert_ne!(a.state().digest(), other.state().digest());
        }
    }
    assert_eq!(a.now(), START.plus_seconds(10_000));
    a.state().check().expect("the state holds together");
}

#[test]
fn a_clone_goes_on_exactly_as_the_original_would() {
    let mut a = town(3);
    run(&mut a, 1_000);
    let mut b = a.clone();
    assert_eq!(a.digest(), b.digest());
    assert_eq!(run(&mut a, 2_000), run(&mut b, 2_000));
    assert_eq!(a.digest(), b.digest());
}

#[test]
fn folding_its_records_gives_its_state() {
    let mut sim = town(11);
    let mut folded: State = sim.state().clone();
    let mut records: Vec<ForkRecord> = Vec::new();
    for _ in 0..4_000 {
        records.extend(sim.step().records);
    }
    for (record, seq) in records.iter().zip(folded.seq() + 1..) {
        assert_eq!((record.seq, record.world), (seq, World::Fork(1)));
        folded.apply(record);
    }
    assert_eq!(folded.digest(), sim.state().digest());
}

#[test]
fn cases_come_are_handled_checked_and_closed_and_units_go_back_on_their_round() {
    let mut sim = town(5);
    run(&mut sim, 3 * 3_600);
    let state = sim.state();
    let cases = state.cases().len();
    assert!(
        (250..480).contains(&cases),
        "{cases} cases in three hours at 120 an hour"
    );
    let at = |stage: Stage| state.cases().values().filter(|c| c.stage == stage).count();
    assert!(at(Stage::Closed) > 60, "{} closed", at(Stage::Closed));
    let reworked = state.cases().values().filter(|c| c.rework > 0).count();
    assert!(reworked > 0, "some checks fail");
    for case in state.cases().values().filter(|c| c.stage == Stage::Closed) {
        let stages: Vec<Stage> = case.history.iter().map(|h| h.stage).collect();
        let order = [Stage::Reported, Stage::Filed, Stage::Dispatched];
        assert_eq!(stages[..3], order, "{stages:?}");
        assert!(stages.ends_with(&[Stage::InProgress, Stage::Handled, Stage::Closed]));
    }
    let used: BTreeSet<_> = state
        .cases()
        .values()
        .filter_map(|c| c.handled_by)
        .collect();
    assert!(used.len() > 10, "{} units have worked", used.len());
    let free = state
        .units()
        .iter()
        .filter(|u| u.status == UnitStatus::Available);
    for unit in free.clone() {
        let speed = state.mover(unit.mover).unwrap().speed_cmps;
        assert!(speed <= 1_000, "no faster than the road");
    }
    let moving = free.filter(|u| state.mover(u.mover).unwrap().speed_cmps > 0);
    assert!(moving.count() > 0, "some are on their round");
}

#[test]
fn working_times_are_those_of_the_configuration_and_are_learnt_from_history() {
    let mut sim = town(6);
    sim.config.work.by_severity = [(600.0, 700.0); 4];
    run(&mut sim, 2 * 3_600);
    let times = crate::sim::WorkTimes::learnt(sim.state());
    for (low, high) in times.by_severity {
        assert!(low >= 599.0 && high <= 703.0, "{low} … {high}");
    }
    let rates = crate::sim::CaseRates::of_the_last(sim.state(), sim.now(), 3_600).unwrap();
    assert!((85.0..170.0).contains(&rates.rate(0)), "{}", rates.rate(0));
    let none = crate::sim::WorkTimes::learnt(&state(2));
    assert_eq!(none, crate::sim::WorkTimes::default());
}

#[test]
fn without_an_officer_nobody_is_sent_and_without_rates_nothing_comes() {
    let mut sim = quiet(6);
    run(&mut sim, 3_600);
    assert_eq!(sim.state().cases().len(), 4);
    assert!(
        sim.state()
            .cases()
            .values()
            .all(|c| c.stage == Stage::Filed)
    );
    assert!(sim.state().case(CaseId(1)).unwrap().units.is_empty());
}
