//! A river with one bridge: two banks, units on both.

use super::{ArrivalRow, Reason};
use super::{best_free, rank};
use crate::city::{Calendar, CaseClass, CaseKind, ClockKind, Department, Limit, Rules, Severity};
use crate::command::{CaseReport, Command, UnitRegistration};
use crate::decide::{decide, decide_fixes};
use crate::geo::{GeoBox, LocalFrame, Metres, Position};
use crate::ids::{CaseId, ClassId, DepartmentId, FeedId, MoverId, UnitId};
use crate::model::{Actor, AssignmentTarget, Fix, NO_BEARING};
use crate::record::{Body, Origin, Record, World};
use crate::rejection::Rejection;
use crate::roads::{EdgeInput, RoadClass, RoadGraph, Search};
use crate::state::State;
use crate::time::Timestamp;

const NOW: Timestamp = Timestamp::from_seconds(1_795_000_000);
const ORIGIN: Position = Position::new(1_187_900_000, 320_500_000);

fn at(east_m: f64, north_m: f64) -> Position {
    LocalFrame::new(ORIGIN).position(Metres { east_m, north_m })
}

/// South bank along north = 0, north bank along north = 100, joined by a bridge at east = 1000.
fn banks() -> RoadGraph {
    let nodes = vec![
        at(0.0, 0.0),
        at(1_000.0, 0.0),
        at(0.0, 100.0),
        at(1_000.0, 100.0),
    ];
    let edge = |from: u32, to: u32, length_m: f32| EdgeInput {
        from,
        to,
        length_m,
        speed_mps: 10.0,
        oneway: false,
        class: RoadClass::Primary,
        name: u32::MAX,
        shape: vec![nodes[from as usize], nodes[to as usize]],
    };
    let edges = vec![edge(0, 1, 1_000.0), edge(2, 3, 1_000.0), edge(1, 3, 100.0)];
    RoadGraph::build(nodes.clone(), edges, vec![]).expect("a graph")
}

struct City {
    state: State,
}

impl City {
    fn record(&mut self, body: Body) {
        let origin = Origin {
            actor: Actor::System,
            command: None,
        };
        let seq = self.state.seq() + 1;
        self.state.apply(&Record {
            seq,
            known_at: NOW,
            world: World::Live,
            origin,
            body,
        });
    }

    fn submit(&mut self, command: Command, actor: &Actor) {
        let events = decide(&self.state, &command, actor, NOW).expect("accepted");
        self.record(Body::Events(events));
    }

    /// Units as (place, skills).
    fn new(units: &[(Position, &[&str])]) -> Self {
        let mut city = Self {
            state: State::new(),
        };
        let department = Department {
            key: "d".into(),
            name: "排水".into(),
            name_en: String::new(),
        };
        let class = CaseClass {
            code: "C0101".into(),
            kind: CaseKind::Component,
            group: String::new(),
            name: "污水井盖".into(),
            name_en: String::new(),
            severity: Severity::Urgent,
            limit: Limit {
                amount: 2,
                clock: ClockKind::RunningHours,
            },
            department: DepartmentId(0),
            skill: "manhole".into(),
        };
        let rules = Rules {
            city: "河城".into(),
            city_en: String::new(),
            bounds: GeoBox::new(at(-9_000.0, -9_000.0), at(9_000.0, 9_000.0)),
            classes: vec![class],
            departments: vec![department],
            calendar: Calendar::with_offset(0),
            duplicate_radius_m: 50,
            duplicate_age_s: 60,
            future_tolerance_s: 60,
            keep_closed_s: 60,
        };
        city.submit(Command::Configure(Box::new(rules)), &Actor::System);
        city.submit(
            Command::RegisterFeed {
                name: "units".into(),
            },
            &Actor::System,
        );
        let mut fixes = Vec::new();
        for (i, (position, skills)) in units.iter().enumerate() {
            let registration = UnitRegistration {
                call_sign: format!("排水 {i}"),
                call_sign_en: String::new(),
                fleet: "drainage".into(),
                department: DepartmentId(0),
                skills: skills.iter().map(|s| (*s).to_owned()).collect(),
                feed: FeedId(0),
            };
            city.submit(Command::RegisterUnit(registration), &Actor::System);
            fixes.push(Fix {
                mover: MoverId(i as u32),
                position: *position,
                bearing_cdeg: NO_BEARING,
                speed_cmps: 0,
                accuracy_dm: 0,
                fix_time: NOW,
            });
        }
        let block = decide_fixes(&city.state, FeedId(0), &fixes, NOW).block;
        city.record(Body::Fixes(block));
        let report = CaseReport {
            class: ClassId(0),
            severity: None,
            position: at(100.0, 100.0),
            address: String::new(),
            note: String::new(),
            occurred_at: NOW,
            filed_at: None,
            key: String::new(),
        };
        city.submit(Command::ReportCase(report), &Actor::Operator("周岚".into()));
        city
    }

    fn rank(&self) -> Vec<ArrivalRow> {
        rank(
            &self.state,
            &banks(),
            &mut Search::new(),
            CaseId(1),
            NOW,
            None,
        )
        .expect("a ranking")
    }
}

fn order(rows: &[ArrivalRow]) -> Vec<u32> {
    rows.iter().map(|r| r.unit.0).collect()
}

#[test]
fn nearest_by_air_across_the_river_is_not_first_and_says_why() {
    let across = (at(100.0, 0.0), &["manhole"][..]);
    let same_bank = (at(600.0, 100.0), &["manhole"][..]);
    let rows = City::new(&[across, same_bank]).rank();
    assert_eq!(order(&rows), [1, 0]);
    assert!(rows[0].reasons.contains(&Reason::Best));
    assert!(
        (rows[0].seconds.unwrap() - 50.0).abs() < 1.0,
        "{:?}",
        rows[0]
    );
    let [Reason::NearestByAir { detour }, ..] = rows[1].reasons[..] else {
        panic!("{:?}", rows[1])
    };
    assert!(
        (detour - 19.0).abs() < 0.5,
        "1,900 m by road for 100 m by air: {detour}"
    );
    assert!(
        rows[1]
            .reasons
            .iter()
            .any(|r| matches!(r, Reason::LaterThanBest { .. }))
    );
}

#[test]
fn who_has_the_skill_goes_before_who_is_sooner() {
    let near = (at(150.0, 100.0), &[][..]);
    let able = (at(900.0, 100.0), &["manhole"][..]);
    let rows = City::new(&[near, able]).rank();
    assert_eq!(order(&rows), [1, 0]);
    assert!(rows[1].reasons.contains(&Reason::NoSkill));
}

#[test]
fn a_busy_unit_stands_behind_every_free_one_and_its_own_case_does_not_list_it() {
    let mut city = City::new(&[
        (at(150.0, 100.0), &["manhole"][..]),
        (at(900.0, 100.0), &["manhole"][..]),
        (at(950.0, 100.0), &[][..]),
    ]);
    let target = AssignmentTarget::Place(at(0.0, 0.0));
    let send = Command::DispatchUnit {
        unit: UnitId(0),
        target,
        expected_s: None,
    };
    city.submit(send, &Actor::Operator("周岚".into()));
    let rows = city.rank();
    assert_eq!(order(&rows), [1, 2, 0]);
    assert!(rows[2].reasons.contains(&Reason::Busy));
    let target = AssignmentTarget::Case(CaseId(1));
    let send = Command::DispatchUnit {
        unit: UnitId(1),
        target,
        expected_s: None,
    };
    city.submit(send, &Actor::Operator("周岚".into()));
    assert_eq!(order(&city.rank()), [2, 0]);
}

#[test]
fn a_unit_beyond_any_road_is_listed_last_with_the_reason() {
    let rows = City::new(&[
        (at(5_000.0, 5_000.0), &["manhole"][..]),
        (at(0.0, 0.0), &["manhole"][..]),
    ])
    .rank();
    assert_eq!(order(&rows), [1, 0]);
    assert!(rows[1].reasons.contains(&Reason::NoRoad) && rows[1].seconds.is_none());
}

#[test]
fn an_unknown_case_is_refused() {
    let city = City::new(&[]);
    let refused = rank(
        &city.state,
        &banks(),
        &mut Search::new(),
        CaseId(9),
        NOW,
        None,
    );
    assert_eq!(refused.unwrap_err(), Rejection::NoSuchCase(CaseId(9)));
}

#[test]
fn the_best_that_is_free_is_the_first_of_the_ranking_and_nobody_where_nobody_able_is_free() {
    let mut city = City::new(&[
        (at(150.0, 100.0), &[][..]),
        (at(600.0, 100.0), &["manhole"][..]),
        (at(300.0, 100.0), &["manhole"][..]),
    ]);
    let best = |city: &City| {
        let mut search = Search::new();
        best_free(&city.state, &banks(), &mut search, CaseId(1), NOW)
    };
    for able in [2, 1] {
        let first = city
            .rank()
            .into_iter()
            .find(|r| r.skilled)
            .expect("an able one");
        assert_eq!(first.unit, UnitId(able));
        assert_eq!(
            best(&city),
            Some((first.unit, first.seconds.expect("a road")))
        );
        let send = Command::DispatchUnit {
            unit: UnitId(able),
            target: AssignmentTarget::Place(at(0.0, 0.0)),
            expected_s: None,
        };
        city.submit(send, &Actor::Operator("周岚".into()));
    }
    assert_eq!(best(&city), None, "who is free cannot do it");
}
