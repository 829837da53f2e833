use super::town::{HOTLINE, SENSORS, START, U0, UNITS, WATER, at, officer, quiet, report, town};
use crate::city::Language;
use crate::command::Command;
use crate::ids::{CaseId, FeedId, SensorId, UnitId};
use crate::model::{Actor, AssignmentTarget, SensorState, Stage, UnitStatus};
use crate::rejection::Rejection;
use crate::sim::{CaseTruth, OfficerPolicy, SimAct, SimError, Simulator, Storm, words};

fn send(sim: &mut Simulator, unit: UnitId, case: CaseId) {
    let command = Command::DispatchUnit {
        unit,
        target: AssignmentTarget::Case(case),
        expected_s: None,
    };
    sim.command(&command, &officer(), None).expect("it goes");
}

/// Steps until something holds; how many seconds that took.
fn until(sim: &mut Simulator, most: u32, holds: impl Fn(&Simulator) -> bool) -> u32 {
    for second in 0..most {
        if holds(sim) {
            return second;
        }
        sim.step();
    }
    panic!("not within {most} s");
}

fn is(unit: UnitId, status: UnitStatus) -> impl Fn(&Simulator) -> bool {
    move |s| s.state().unit(unit).is_some_and(|u| u.status == status)
}

#[test]
fn a_closed_road_makes_the_way_longer_and_an_opened_one_shorter_again() {
    let arrive = |acts: &[SimAct]| {
        let mut sim = quiet(1);
        sim.act(SimAct::PlaceUnit {
            unit: U0,
            at: at(0.0, 0.0),
        })
        .unwrap();
        sim.step();
        for act in acts {
            sim.act(act.clone()).unwrap();
        }
        // Case 1 lies on the straight road to the east.
        sim.act(SimAct::ReportCase {
            report: crate::command::CaseReport {
                position: at(900.0, 3.0),
                ..report(0, 20)
            },
            by: Actor::Feed(HOTLINE),
            truth: None,
        })
        .unwrap();
        send(&mut sim, U0, CaseId(5));
        let took = until(&mut sim, 2_000, is(U0, UnitStatus::OnScene));
        (took, sim.driven_m(U0))
    };
    let close = SimAct::CloseRoad {
        at: at(450.0, 0.0),
        until: None,
    };
    let open = SimAct::OpenRoad { at: at(450.0, 0.0) };
    let (free_s, free_m) = arrive(&[]);
    let (closed_s, closed_m) = arrive(core::slice::from_ref(&close));
    assert!(closed_s >= free_s + 15, "{free_s} {closed_s}");
    assert!(closed_m >= free_m + 150.0, "{free_m} {closed_m}");
    assert_eq!(arrive(&[close.clone(), open]).0, free_s);
    let for_a_second = SimAct::CloseRoad {
        at: at(450.0, 0.0),
        until: Some(START.plus_seconds(2)),
    };
    assert!(arrive(&[for_a_second]).0 < closed_s);
}

#[test]
fn rankings_and_searches_know_what_is_closed() {
    let mut sim = quiet(4);
    sim.step();
    let rank = |sim: &mut Simulator| {
        let (state, now, roads) = (sim.state().clone(), sim.now(), sim.roads().clone());
        let rows = crate::rank::rank(&state, &roads, sim.search(), CaseId(3), now, None).unwrap();
        let seconds = rows.iter().filter_map(|r| r.seconds);
        seconds.fold(f64::INFINITY, f64::min)
    };
    let before = rank(&mut sim);
    // Everything about the case but one way in.
    let case = sim.state().case(CaseId(3)).unwrap().position;
    let edges = sim.roads().edges_within(case, 60.0);
    assert!(!edges.is_empty());
    sim.act(SimAct::CloseEdges {
        edges: edges.clone(),
        until: None,
    })
    .unwrap();
    let after = rank(&mut sim);
    assert!(after > before, "{before} {after}");
    assert_eq!(sim.closings().keys().copied().collect::<Vec<_>>(), edges);
}

#[test]
fn a_unit_that_fails_leaves_its_task_and_comes_back() {
    let mut sim = quiet(2);
    send(&mut sim, U0, CaseId(1));
    until(&mut sim, 60, is(U0, UnitStatus::EnRoute));
    let until_at = sim.now().plus_seconds(100);
    sim.act(SimAct::UnitFails {
        unit: U0,
        until: Some(until_at),
    })
    .unwrap();
    assert!(is(U0, UnitStatus::OutOfService)(&sim));
    assert_eq!(sim.state().case(CaseId(1)).unwrap().stage, Stage::Filed);
    let before = sim.driven_m(U0);
    let took = until(&mut sim, 200, is(U0, UnitStatus::Available));
    assert_eq!(took, 100);
    assert!(sim.driven_m(U0) - before < 3.0, "what has failed stands");
}

#[test]
fn a_dead_feed_says_nothing_until_it_is_back() {
    let mut sim = town(4);
    for _ in 0..120 {
        sim.step();
    }
    for feed in [UNITS, SENSORS] {
        sim.act(SimAct::FeedDies { feed, until: None }).unwrap();
    }
    let moved =
        |s: &crate::sim::Step| !s.changes.movers.is_empty() || !s.changes.sensors.is_empty();
    assert!((0..200).all(|_| !moved(&sim.step())));
    for feed in [UNITS, SENSORS] {
        sim.act(SimAct::FeedReturns { feed }).unwrap();
    }
    assert!((0..70).filter(|_| moved(&sim.step())).count() > 50);
    let unknown = SimAct::FeedDies {
        feed: FeedId(9),
        until: None,
    };
    assert_eq!(
        sim.act(unknown),
        Err(SimError::Refused(Rejection::NoSuchFeed(FeedId(9))))
    );
}

#[test]
fn a_sensor_follows_its_curve_and_raises_one_alarm() {
    let mut sim = quiet(1);
    let points = vec![(60, 0.1), (120, 0.5), (600, 0.5), (660, 0.0)];
    sim.act(SimAct::SensorCurve {
        sensor: WATER,
        points,
    })
    .unwrap();
    let alarm = |s: &Simulator| s.state().sensor(WATER).unwrap().state == SensorState::Alarm;
    let took = until(&mut sim, 300, alarm);
    assert!((90..=140).contains(&took), "{took}");
    assert_eq!(sim.state().alarms().len(), 1);
    let value = |s: &Simulator| {
        s.state()
            .sensor(WATER)
            .unwrap()
            .latest
            .unwrap()
            .value
            .unwrap()
    };
    assert!((0.3..=0.5).contains(&value(&sim)));
    until(&mut sim, 700, |s| value(s) < 0.05);
    assert!(sim.state().alarms().values().all(|a| a.ended_at.is_some()));
    for bad in [vec![], vec![(5, 1.0), (5, 2.0)], vec![(0, f64::NAN)]] {
        let act = SimAct::SensorCurve {
            sensor: WATER,
            points: bad,
        };
        assert_eq!(sim.act(act), Err(SimError::Curve));
    }
}

#[test]
fn rain_raises_the_water_within_reach_and_brings_cases() {
    let mut sim = quiet(1);
    let storm = Storm {
        centre: at(100.0, 150.0),
        radius_m: 400.0,
        peak_m: 0.8,
        rise_s: 600,
        hold_s: 600,
        fall_s: 600,
        class: Some(crate::ids::ClassId(2)),
        cases_per_hour: 120.0,
    };
    sim.act(SimAct::Storm(storm)).unwrap();
    for _ in 0..900 {
        sim.step();
    }
    let state = |id: u32| sim.state().sensor(SensorId(id)).unwrap().state;
    assert_eq!(
        (state(0), state(1)),
        (SensorState::Alarm, SensorState::Unknown)
    );
    let came = sim.state().cases().len() - 4;
    assert!(
        (12..60).contains(&came),
        "{came} in a quarter of an hour at 120 an hour"
    );
    let far = |p| crate::geo::distance_m(p, storm.centre);
    let rained = sim.state().cases().values().filter(|c| c.id > CaseId(4));
    assert!(
        rained
            .clone()
            .all(|c| far(c.position) < 480.0 && c.class.0 == 2)
    );
    let before = sim.state().cases().len();
    for _ in 0..3_600 {
        sim.step();
    }
    assert!(
        sim.state().cases().len() - before < 25,
        "it stops with the rain"
    );
}

#[test]
fn a_false_report_is_found_out_on_the_spot_and_its_truth_is_not_in_the_state() {
    let mut sim = quiet(2);
    let truth = CaseTruth {
        real: false,
        class: None,
        work_s: None,
        note: "nothing there".into(),
    };
    let act = SimAct::ReportCase {
        report: report(0, 12),
        by: Actor::Feed(HOTLINE),
        truth: Some(truth.clone()),
    };
    let case = sim.act(act).unwrap().case.unwrap();
    assert_eq!(sim.truth(case), Some(&truth));
    let bytes = sim.state().encode().unwrap();
    assert!(!bytes.windows(7).any(|w| w == b"nothing"));
    send(&mut sim, U0, case);
    until(&mut sim, 900, is(U0, UnitStatus::OnScene));
    let took = until(&mut sim, 900, is(U0, UnitStatus::Available));
    assert!((80..=250).contains(&took), "{took}");
    assert!(
        sim.state()
            .case(case)
            .unwrap()
            .note
            .ends_with(words::nothing_there(Language::Zh))
    );
}

#[test]
fn a_unit_more_is_of_the_same_kind_and_can_be_sent() {
    let mut sim = quiet(2);
    let add = |at| SimAct::AddUnit {
        like: U0,
        call_sign: String::new(),
        at,
    };
    let unit = sim.act(add(at(500.0, 500.0))).unwrap().unit.unwrap();
    sim.step();
    let (new, like) = (
        sim.state().unit(unit).unwrap(),
        sim.state().unit(U0).unwrap(),
    );
    assert_eq!(
        (&new.fleet, new.department, &new.skills),
        (&like.fleet, like.department, &like.skills)
    );
    assert_eq!(new.call_sign, "车 2");
    let place = sim.state().mover(new.mover).unwrap().position.unwrap();
    assert!(crate::geo::distance_m(place, at(500.0, 500.0)) < 20.0);
    send(&mut sim, unit, CaseId(1));
    until(&mut sim, 900, is(unit, UnitStatus::OnScene));
    let outside = sim.act(add(at(90_000.0, 0.0)));
    assert_eq!(outside, Err(SimError::Refused(Rejection::OutsideCity)));
}

#[test]
fn what_makes_no_sense_is_refused_in_words_and_changes_nothing() {
    let mut sim = quiet(2);
    let before = sim.digest();
    let far = at(2_900.0, 2_900.0);
    for (act, words) in [
        (
            SimAct::CloseRoad {
                at: far,
                until: None,
            },
            "no road within 150 m",
        ),
        (
            SimAct::CloseEdges {
                edges: vec![1, 99_999],
                until: None,
            },
            "road edge 99999",
        ),
        (SimAct::Traffic { factor: f64::NAN }, "0.05 … 5"),
        (
            SimAct::UnitFails {
                unit: UnitId(77),
                until: None,
            },
            "unit 77",
        ),
        (
            SimAct::PlaceUnit {
                unit: U0,
                at: at(0.0, 90_000.0),
            },
            "outside the city",
        ),
    ] {
        let error = sim.act(act).unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
    }
    assert_eq!(sim.digest(), before);
}

#[test]
fn the_officer_sends_after_its_delay_the_gravest_first_and_keeps_some_free() {
    let mut sim = quiet(10);
    sim.step();
    let policy = OfficerPolicy {
        busy_percent_max: 20.0,
        ..OfficerPolicy::default()
    };
    sim.act(SimAct::SetOfficer(Some(policy))).unwrap();
    let sent = |s: &Simulator| {
        s.state()
            .units()
            .iter()
            .filter(|u| u.assignment.is_some())
            .count()
    };
    let took = until(&mut sim, 400, |s| sent(s) > 0);
    assert!(
        (38..=82).contains(&took),
        "the urgent one after about 60 s: {took}"
    );
    assert_eq!(
        sim.state().case(CaseId(4)).unwrap().stage,
        Stage::Dispatched
    );
    for _ in 0..600 {
        sim.step();
        assert!(sent(&sim) <= 2);
    }
}
