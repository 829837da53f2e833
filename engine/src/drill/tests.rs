//! Drills with numbers that nobody means.

use super::{
    Drill, DrillSensor, GhostTrack, Inject, InjectAct, Report, SENSORS_FEED, Scenario, Start,
    Tally, score,
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
