use super::{Fork, ForkError, ForkPlan};
use super::{Intervention, Measure};
use crate::command::{CommandRequest, Target};
use crate::event::Event;
use crate::ids::{CaseId, UnitId};
use crate::model::{Stage, UnitStatus};
use crate::record::{Body, ForkRecord, Record, World};
use crate::rejection::Rejection;
use crate::sim::tests::town;
use crate::sim::{SimConfig, SimError};
use crate::state::State;
use crate::time::Timestamp;

const WORLDS: (World, World) = (World::Fork(1), World::Fork(2));

/// A town after a quarter of an hour of work.
fn before() -> State {
    let mut sim = town::town_of(40, 3);
    for _ in 0..900 {
        sim.step();
    }
    sim.state().clone()
}

fn fork(state: &State, interventions: Vec<Intervention>, ahead_s: u32) -> Result<Fork, ForkError> {
    let at = state.known_at();
    let plan = ForkPlan {
        at,
        ahead_s,
        worlds: WORLDS,
        seed: 77,
        interventions,
        recorded_until: None,
        by: "值班员".into(),
    };
    let config = SimConfig::continuing(World::Fork(0), state, at);
    Fork::new(state.clone(), &town::roads(), config, plan)
}

/// A record's bytes without the world that it belongs to.
fn bytes(r: &ForkRecord) -> Vec<u8> {
    let mut r: Record = r.record().clone();
    r.world = World::Live;
    postcard::to_stdvec(&r).expect("it encodes")
}

fn free(state: &State, skip: usize) -> UnitId {
    let free = state
        .units()
        .iter()
        .filter(|u| u.status == UnitStatus::Available);
    free.map(|u| u.id).nth(skip).expect("a free unit")
}

fn waiting(state: &State) -> CaseId {
    let waits = |c: &&crate::model::Case| c.stage == Stage::Filed && c.units.is_empty();
    state
        .cases()
        .values()
        .find(waits)
        .expect("a case that waits")
        .id
}

#[test]
fn without_an_intervention_both_branches_stay_identical_for_ten_thousand_steps() {
    let state = before();
    let mut f = fork(&state, vec![], 10_000).unwrap();
    let mut records = 0;
    while !f.is_done() {
        let step = f.step(&[]);
        let (a, b) = (&step.actual.records, &step.other.records);
        assert!(
            a.iter().map(bytes).eq(b.iter().map(bytes)),
            "{:?}",
            f.time()
        );
        assert!(a.iter().all(|r| r.world == WORLDS.0) && b.iter().all(|r| r.world == WORLDS.1));
        records += a.len();
    }
    assert_eq!(f.actual().state().digest(), f.other().state().digest());
    assert_eq!((f.differs_at(), f.report().plan.len()), (None, 0));
    assert!(records > 10_000);
    for row in f.report().series {
        assert_eq!(
            (row.open.0, row.overdue.0, row.arrival_s.0),
            (row.open.1, row.overdue.1, row.arrival_s.1)
        );
    }
}

#[test]
fn with_an_intervention_they_differ_first_at_its_second() {
    let state = before();
    for later_s in [0, 1, 137] {
        let at = state.known_at().plus_seconds(later_s);
        let add = Intervention::AddUnit {
            at,
            like: UnitId(0),
            lon: town::at(600.0, 600.0).lon_lat().lon_deg,
            lat: town::at(600.0, 600.0).lon_lat().lat_deg,
        };
        let mut f = fork(&state, vec![add], 900).unwrap();
        while !f.is_done() {
            let before = f.time();
            let step = f.step(&[]);
            if before < at.plus_seconds(-1) {
                assert!(
                    step.actual
                        .records
                        .iter()
                        .map(bytes)
                        .eq(step.other.records.iter().map(bytes))
                );
            }
            assert!(step.refused.is_empty(), "{:?}", step.refused);
        }
        assert_eq!(f.differs_at(), Some(at));
        let more = (
            f.actual().state().units().len(),
            f.other().state().units().len(),
        );
        assert_eq!(more, (40, 41));
    }
}

#[test]
fn another_unit_is_sent_its_arrival_is_compared_and_the_plan_says_so() {
    let state = before();
    let (at, case) = (state.known_at(), waiting(&state));
    let far = |u: &UnitId| {
        let place = state
            .mover(state.unit(*u).unwrap().mover)
            .unwrap()
            .position
            .unwrap();
        crate::geo::distance_m(place, state.case(case).unwrap().position) as u64
    };
    let ids = state
        .units()
        .iter()
        .filter(|u| u.status == UnitStatus::Available);
    let unit = ids.map(|u| u.id).max_by_key(far).unwrap();
    let dispatch = Intervention::Dispatch {
        at,
        case,
        unit,
        instead_of: None,
    };
    let mut f = fork(&state, vec![dispatch], 2_400).unwrap();
    while !f.is_done() {
        f.step(&[]);
    }
    let report = f.report();
    let first = &report.plan[0];
    assert_eq!((first.time, first.possible), (at, true));
    let CommandRequest::DispatchUnit {
        unit: u,
        target,
        expected_s,
    } = &first.command
    else {
        panic!("{first:?}");
    };
    assert_eq!((*u, *target), (unit, Target::Case(case)));
    let expected_s = f64::from(expected_s.expect("a road time"));
    let of = |m: Measure| {
        report
            .differences
            .iter()
            .find(|d| d.measure == m)
            .copied()
            .unwrap()
    };
    let arrival = of(Measure::CaseArrivalS);
    let (here, there) = (arrival.actual.unwrap(), arrival.other.unwrap());
    assert!(there > here, "the farthest comes later: {arrival:?}");
    assert!(
        there >= expected_s * 0.9 && there < expected_s * 2.5 + 60.0,
        "{there} {expected_s}"
    );
    assert!(of(Measure::DrivenKm).actual.unwrap() > 1.0);
    assert_eq!(
        report.series.len(),
        41,
        "one row a minute, the first at the fork"
    );
    assert!(
        report
            .series
            .iter()
            .zip(0..)
            .all(|(r, i)| r.time == at.plus_seconds(60 * i))
    );
    assert_eq!(report.differs_at, Some(at));
}

#[test]
fn a_unit_on_its_way_is_replaced_and_one_in_history_is_left_out() {
    let state = before();
    let on_way = state
        .cases()
        .values()
        .find(|c| c.stage == Stage::Dispatched && c.units.len() == 1);
    let case = on_way.expect("somebody is under way");
    let (at, from, unit) = (state.known_at(), case.units[0], free(&state, 0));
    let replace = Intervention::Dispatch {
        at,
        case: case.id,
        unit,
        instead_of: Some(from),
    };
    let mut f = fork(&state, vec![replace], 60).unwrap();
    let step = f.step(&[]);
    let first = step.other.records.iter().find_map(|r| match &r.body {
        Body::Events(events) => Some(events.clone()),
        _ => None,
    });
    let first = first.unwrap();
    assert!(
        matches!(first[0], Event::UnitRecalled { unit } if unit == from),
        "{first:?}"
    );
    assert!(
        f.other()
            .state()
            .case(case.id)
            .unwrap()
            .units
            .contains(&unit)
    );
    assert!(
        f.actual()
            .state()
            .case(case.id)
            .unwrap()
            .units
            .contains(&from)
    );
}

#[test]
fn a_closed_road_is_driven_around_in_one_branch_only() {
    let state = before();
    let at = state.known_at();
    let p = town::at(450.0, 400.0).lon_lat();
    let close = Intervention::CloseRoad {
        at,
        lon: p.lon_deg,
        lat: p.lat_deg,
        until: None,
    };
    let f = fork(&state, vec![close], 60);
    let mut f = f.unwrap();
    f.step(&[]);
    let closed: Vec<u32> = f.other().closings().keys().copied().collect();
    assert_eq!((closed.len(), f.actual().closings().len()), (1, 0));
    assert_eq!(closed, f.other().road_at(town::at(450.0, 400.0)));
}

#[test]
#[expect(clippy::too_many_lines, reason = "one list of all that is refused")]
fn what_makes_no_sense_is_refused_in_words() {
    let state = before();
    let at = state.known_at();
    let (case, unit) = (waiting(&state), free(&state, 0));
    let sent = |at: Timestamp, case, unit| Intervention::Dispatch {
        at,
        case,
        unit,
        instead_of: None,
    };
    let busy = state
        .units()
        .iter()
        .find(|u| u.status == UnitStatus::EnRoute)
        .unwrap()
        .id;
    let refused = |i: Intervention| fork(&state, vec![i], 600).unwrap_err();
    assert_eq!(
        refused(sent(at, CaseId(9_999), unit)),
        ForkError::from((1, Rejection::NoSuchCase(CaseId(9_999))))
    );
    assert_eq!(
        refused(sent(at, case, UnitId(99))),
        ForkError::from((1, Rejection::NoSuchUnit(UnitId(99))))
    );
    let why = refused(sent(at, case, busy)).to_string();
    assert!(why.contains("en route"), "{why}");
    let early = refused(sent(at.plus_seconds(-5), case, unit));
    assert_eq!(
        early,
        ForkError::Before {
            number: 1,
            before_s: 5
        }
    );
    let late = refused(sent(at.plus_seconds(700), case, unit));
    assert_eq!(
        late,
        ForkError::After {
            number: 1,
            after_s: 100
        }
    );
    let p = town::at(2_900.0, 2_900.0).lon_lat();
    let nowhere = Intervention::CloseRoad {
        at,
        lon: p.lon_deg,
        lat: p.lat_deg,
        until: None,
    };
    assert!(matches!(
        refused(nowhere),
        ForkError::Intervention {
            why: SimError::NoRoad { .. },
            ..
        }
    ));
    let off = Intervention::CloseRoad {
        at,
        lon: 400.0,
        lat: 1.0,
        until: None,
    };
    assert!(matches!(refused(off), ForkError::Place { .. }));
    let outside = Intervention::AddUnit {
        at,
        like: unit,
        lon: 0.0,
        lat: 0.0,
    };
    assert_eq!(
        refused(outside),
        ForkError::from((1, Rejection::OutsideCity))
    );
    let nothing = Fork::new(
        State::new(),
        &town::roads(),
        SimConfig::new(World::Fork(1)),
        ForkPlan {
            at,
            ahead_s: 10,
            worlds: WORLDS,
            seed: 1,
            interventions: vec![],
            recorded_until: None,
            by: String::new(),
        },
    );
    assert_eq!(nothing.unwrap_err(), ForkError::NoCity);
}

#[test]
fn what_cannot_be_done_when_its_time_comes_is_said_and_leaves_the_branches_alike() {
    let state = before();
    let case = waiting(&state);
    // By then the officer has sent somebody, who works on it: the same unit cannot be sent twice.
    let mut probe = fork(&state, vec![], 400).unwrap();
    while !probe.is_done() {
        probe.step(&[]);
    }
    let unit = *probe
        .actual()
        .state()
        .case(case)
        .unwrap()
        .units
        .first()
        .expect("somebody was sent");
    let at = state.known_at().plus_seconds(400);
    let mut f = fork(
        &state,
        vec![Intervention::Dispatch {
            at,
            case,
            unit,
            instead_of: None,
        }],
        500,
    )
    .unwrap();
    let mut refused = Vec::new();
    while !f.is_done() {
        refused.extend(f.step(&[]).refused);
    }
    assert_eq!((refused.len(), f.differs_at()), (1, None), "{refused:?}");
}

#[test]
fn hostile_times_are_refused_in_words_and_never_panic() {
    let state = town::state(4);
    let unit = UnitId(0);
    let case = waiting(&state);
    for at in [Timestamp::MIN, Timestamp(0), Timestamp::MAX] {
        let place = town::at(300.0, 300.0).lon_lat();
        let (lon, lat) = (place.lon_deg, place.lat_deg);
        for intervention in [
            Intervention::Dispatch {
                at,
                case,
                unit,
                instead_of: None,
            },
            Intervention::CloseRoad {
                at,
                lon,
                lat,
                until: Some(Timestamp::MIN),
            },
            Intervention::AddUnit {
                at,
                like: unit,
                lon,
                lat,
            },
        ] {
            let refused = fork(&state, vec![intervention], u32::MAX);
            assert!(refused.is_err(), "{at:?}");
        }
        let plan = ForkPlan {
            at,
            ahead_s: u32::MAX,
            worlds: WORLDS,
            seed: 1,
            interventions: vec![],
            recorded_until: Some(Timestamp::MAX),
            by: String::new(),
        };
        let config = SimConfig::continuing(World::Fork(0), &state, at);
        let mut f = Fork::new(state.clone(), &town::roads(), config, plan).unwrap();
        f.step(&[]);
        assert!(f.report().time >= state.known_at());
    }
}
