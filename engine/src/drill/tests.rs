//! Drills with numbers that nobody means.

use super::{
    Drill, DrillEntry, DrillSensor, GhostTrack, Inject, InjectAct, RecordedClosings, Report,
    SENSORS_FEED, Scenario, Start, Tally, attempts, score,
};
use crate::drill::DirectorAct;
use crate::ids::ClassId;
use crate::model::Phenomenon;
use crate::record::World;
use crate::sim::SimConfig;
use crate::sim::tests::town;
use crate::time::Timestamp;

fn inject(act: InjectAct) -> Inject {
    Inject {
        key: String::new(),
        title: "t".into(),
        title_en: "t".into(),
        at_s: Some(0),
        act,
        truth: None,
        about: None,
    }
}

/// A scenario whose every number is as large as it can be.
fn endless(start: Timestamp) -> Scenario {
    let for_s = u32::MAX;
    let report = Report {
        class: ClassId(0),
        severity: None,
        position: town::at(300.0, 300.0),
        address: String::new(),
        note: String::new(),
    };
    let acts = [
        InjectAct::Report(report.clone()),
        InjectAct::Storm {
            report,
            notes: vec![],
            count: 3,
            within_s: u32::MAX,
            scatter_m: u32::MAX,
        },
        InjectAct::Flood {
            sensors: vec![0],
            to: 1.0,
            over_s: u32::MAX,
            stays_s: Some(u32::MAX),
            closes: vec![town::at(300.0, 300.0)],
        },
        InjectAct::Flood {
            sensors: vec![0],
            to: 1.0,
            over_s: u32::MAX,
            stays_s: None,
            closes: vec![],
        },
        InjectAct::Closure {
            places: vec![town::at(300.0, 300.0)],
            for_s: Some(for_s),
        },
        InjectAct::UnitFails {
            call_sign: "车 0".into(),
            for_s: Some(for_s),
        },
        InjectAct::FeedDies {
            feed: "units".into(),
            for_s: Some(for_s),
        },
        InjectAct::Rain {
            mm_per_hour: 10.0,
            for_s,
            factor: 2.0,
            mix: vec![],
            rise: 0.1,
            sensors: vec![0],
        },
    ];
    Scenario {
        start: Start::Calm(start),
        duration_s: u32::MAX,
        cases_per_hour: 60.0,
        sensors: vec![DrillSensor {
            key: "S0".into(),
            name: "S0".into(),
            phenomenon: Phenomenon::WaterLevel,
            unit_of_measure: "m".into(),
            position: town::at(100.0, 150.0),
            warning: 0.2,
            alarm: 0.4,
            rest: 0.0,
        }],
        injects: acts.map(inject).to_vec(),
        ..Scenario::default()
    }
}

#[test]
fn no_time_and_no_number_of_a_scenario_or_a_director_panics() {
    let state = town::state(4);
    assert!(state.feed(SENSORS_FEED).is_some());
    for start in [Timestamp::MIN, town::START, Timestamp::MAX] {
        let scenario = endless(start);
        let config = SimConfig::new(World::Drill(1));
        let mut drill = Drill::new(scenario, "d", state.clone(), &town::roads(), config);
        for act in [
            DirectorAct::Postpone {
                inject: None,
                seconds: i32::MAX,
            },
            DirectorAct::Postpone {
                inject: Some(1),
                seconds: i32::MIN,
            },
            DirectorAct::Postpone {
                inject: None,
                seconds: i32::MIN,
            },
            DirectorAct::Start,
        ] {
            drill.direct(act).unwrap();
        }
        for _ in 0..5 {
            drill.step();
        }
        for to in [Timestamp::MAX, Timestamp::MIN] {
            // Whether there is a checkpoint depends on the start; refused or done, in words.
            let _ = drill.direct(DirectorAct::Rewind { to });
        }
        let entries = drill.take_entries();
        assert!(entries.len() > 8, "the injects were fired");
        let track = GhostTrack::of(&entries);
        for passed_us in [i64::MIN, 0, i64::MAX] {
            assert!(track.at(passed_us).len() <= 4);
        }
        let tally = Tally::of(drill.scenario(), &state, &entries);
        assert!((0.0..=100.0).contains(&score(drill.scenario(), &tally).total));
    }
}

#[test]
fn a_drills_log_tells_which_roads_were_closed_at_every_second() {
    let place = |east, north| vec![town::at(east, north)];
    let closure = |at_s, places, for_s| Inject {
        at_s: Some(at_s),
        ..inject(InjectAct::Closure { places, for_s })
    };
    let flood = Inject {
        at_s: Some(20),
        ..inject(InjectAct::Flood {
            sensors: vec![0],
            to: 1.0,
            over_s: 60,
            stays_s: None,
            closes: place(700.0, 300.0),
        })
    };
    let scenario = Scenario {
        duration_s: 400,
        injects: vec![
            closure(10, place(300.0, 300.0), Some(100)),
            flood,
            closure(40, place(100.0, 150.0), None),
            // Closed for good, and then until a moment after all.
            closure(150, place(100.0, 150.0), Some(60)),
        ],
        ..endless(town::START)
    };
    let (roads, config) = (town::roads(), SimConfig::new(World::Drill(1)));
    let mut drill = Drill::new(scenario.clone(), "d", town::state(4), &roads, config);
    let mut entries: Vec<DrillEntry> = drill.take_entries();
    drill.direct(DirectorAct::Start).unwrap();
    let mut seen = Vec::new();
    for _ in 0..300 {
        drill.step();
        seen.push((drill.now(), drill.closings().clone()));
        entries.extend(drill.take_entries());
    }
    let attempt = attempts(&entries).pop().unwrap();
    let recorded = RecordedClosings::new(&scenario, &attempt, &roads);
    for (time, closings) in &seen {
        assert_eq!(recorded.at(*time), *closings, "{time:?}");
    }
    let most = seen.iter().map(|(_, c)| c.len()).max().unwrap();
    let counts: std::collections::BTreeSet<usize> = seen.iter().map(|(_, c)| c.len()).collect();
    assert!(most > 2 && counts.len() > 3, "{counts:?}");
}
