//! How much faster than its clock a simulated city runs.

use crate::report::Report;
use crate::roads::made_up;
use chengtu_engine::city::{
    Calendar, CaseClass, CaseKind, ClockKind, Department, Limit, Rules, Severity,
};
use chengtu_engine::command::{Command, UnitRegistration};
use chengtu_engine::geo::{GeoBox, Position};
use chengtu_engine::ids::{ClassId, DepartmentId, FeedId, UnitId};
use chengtu_engine::model::{Actor, UnitStatus};
use chengtu_engine::record::World;
use chengtu_engine::roads::RoadGraph;
use chengtu_engine::sim::{CaseRates, OfficerPolicy, SimConfig, Simulator};
use chengtu_engine::state::State;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

const UNITS: u32 = 1_000;
const HOUR_S: u32 = 3_600;
/// Cases an hour: with 1,000 units at about a quarter of an hour each, half of them are at work.
const CASES: f64 = 1_800.0;

/// One simulated hour of 1,000 units, on two cities.
pub fn run(report: &mut Report) {
    report.table(
        "Simulator: one hour of 1,000 units",
        "1,000 units with an officer who dispatches by road arrival, 1,800 cases an hour, every moving unit reporting its \
         position each second; everything decided, recorded and applied. Set-up is outside. Wanted: 300 × real time.",
        &["roads", "edges", "hour takes", "× real time", "records", "fixes", "cases", "handled", "most at work"],
    );
    let nanjing = Path::new(env!("CARGO_MANIFEST_DIR")).join("../data/nanjing/roads.bin");
    if let Ok(Ok(graph)) = std::fs::read(nanjing).map(|bytes| RoadGraph::decode(&bytes)) {
        report.row(&measure("Nanjing centre", graph));
    }
    report.row(&measure("made-up, 12 km square", made_up(100)));
}

/// The rectangle around all crossings.
pub fn bounds(graph: &RoadGraph) -> GeoBox {
    let nodes = (0..graph.node_count() as u32).filter_map(|n| graph.node(n));
    let (mut min, mut max) = (
        Position::new(i32::MAX, i32::MAX),
        Position::new(i32::MIN, i32::MIN),
    );
    for p in nodes {
        min = Position::new(min.lon_e7.min(p.lon_e7), min.lat_e7.min(p.lat_e7));
        max = Position::new(max.lon_e7.max(p.lon_e7), max.lat_e7.max(p.lat_e7));
    }
    GeoBox::new(min, max)
}

/// A city with its units, none of which has reported yet.
fn city(graph: Arc<RoadGraph>) -> Simulator {
    let class = CaseClass {
        code: "E0113".into(),
        kind: CaseKind::Event,
        group: String::new(),
        name: "道路破损".into(),
        name_en: String::new(),
        severity: Severity::Normal,
        limit: Limit {
            amount: 4,
            clock: ClockKind::RunningHours,
        },
        department: DepartmentId(0),
        skill: String::new(),
    };
    let department = Department {
        key: "repair".into(),
        name: "维修".into(),
        name_en: String::new(),
    };
    let rules = Rules {
        city: "城".into(),
        city_en: String::new(),
        bounds: bounds(&graph),
        classes: vec![class],
        departments: vec![department],
        calendar: Calendar::with_offset(8 * 3_600),
        duplicate_radius_m: 50,
        duplicate_age_s: 86_400,
        future_tolerance_s: 60,
        keep_closed_s: 86_400,
    };
    let config = SimConfig::new(World::Fork(1));
    let mut sim = Simulator::new(State::new(), &graph, config, 1);
    let mut submit = |command: Command| {
        sim.command(&command, &Actor::System, None)
            .expect("the city itself may do that");
    };
    submit(Command::Configure(Box::new(rules)));
    submit(Command::RegisterFeed {
        name: "units".into(),
    });
    for n in 0..UNITS {
        submit(Command::RegisterUnit(UnitRegistration {
            call_sign: format!("车 {n}"),
            call_sign_en: String::new(),
            fleet: "repair".into(),
            department: DepartmentId(0),
            skills: vec![],
            feed: FeedId(0),
        }));
    }
    let config = SimConfig {
        officer: Some(OfficerPolicy::default()),
        arrivals: Some(CaseRates::new(vec![ClassId(0)], vec![vec![CASES]])),
        ..SimConfig::new(World::Fork(1))
    };
    Simulator::new(sim.state().clone(), &graph, config, 1)
}

fn measure(name: &str, graph: RoadGraph) -> Vec<String> {
    let edges = graph.edge_count();
    let mut sim = city(Arc::new(graph));
    let (mut records, mut fixes, mut most) = (0, 0, 0);
    let began = Instant::now();
    for second in 0..HOUR_S {
        let step = sim.step();
        records += step.records.len();
        fixes += step.changes.movers.len();
        if second % 60 == 0 {
            let units = sim.state().units().iter();
            let busy = units.filter(|u| u.status != UnitStatus::Available);
            most = most.max(busy.count());
        }
    }
    let seconds = began.elapsed().as_secs_f64();
    let handled: u32 = (0..UNITS)
        .filter_map(|u| sim.state().unit(UnitId(u)))
        .map(|u| u.handled)
        .sum();
    vec![
        name.to_owned(),
        edges.to_string(),
        format!("{seconds:.2} s"),
        format!("{:.0}", f64::from(HOUR_S) / seconds),
        records.to_string(),
        fixes.to_string(),
        sim.state().cases().len().to_string(),
        handled.to_string(),
        most.to_string(),
    ]
}
