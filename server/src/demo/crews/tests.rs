use super::crew::{Crew, Say, Scales};
use crate::demo::Chance;
use chengtu_engine::geo::{LocalFrame, Metres, Position, distance_m};
use chengtu_engine::ids::{AssignmentId, CaseId, DepartmentId, MoverId, UnitId};
use chengtu_engine::model::{Actor, UnitStatus};
use chengtu_engine::roads::{EdgeInput, NO_NAME, RoadClass, RoadGraph};
use chengtu_engine::time::Timestamp;
use chengtu_engine::wire::v1::{AssignmentView, UnitView};
use std::sync::Arc;

/// Five by five crossings, 100 m apart, all roads two-way at 10 m/s.
pub(super) fn grid_city() -> RoadGraph {
    let frame = LocalFrame::new(Position::new(1_187_800_000, 320_400_000));
    let at = |x: u32, y: u32| {
        frame.position(Metres {
            east_m: f64::from(x) * 100.0,
            north_m: f64::from(y) * 100.0,
        })
    };
    let nodes: Vec<Position> = (0..25).map(|i| at(i % 5, i / 5)).collect();
    let mut edges = Vec::new();
    for i in 0..25u32 {
        let right = (i % 5 < 4).then_some(i + 1);
        let up = (i / 5 < 4).then_some(i + 5);
        for to in [right, up].into_iter().flatten() {
            let shape = vec![nodes[i as usize], nodes[to as usize]];
            edges.push(EdgeInput {
                from: i,
                to,
                length_m: distance_m(shape[0], shape[1]) as f32,
                speed_mps: 10.0,
                oneway: false,
                class: RoadClass::Residential,
                name: NO_NAME,
                shape,
            });
        }
    }
    RoadGraph::build(nodes, edges, Vec::new()).expect("a grid is a road graph")
}

fn unit(status: UnitStatus, task: Option<(u64, Position)>) -> UnitView {
    UnitView {
        id: UnitId(0),
        mover: MoverId(0),
        call_sign: "排水 1".into(),
        call_sign_en: "DR 1".into(),
        fleet: "drainage".into(),
        department: DepartmentId(0),
        skills: vec![],
        status,
        since: Timestamp(0),
        assignment: task.map(|(id, p)| AssignmentView {
            id: AssignmentId(id),
            case: Some(CaseId(id)),
            lon: p.lon_lat().lon_deg,
            lat: p.lon_lat().lat_deg,
            by: Actor::System,
            at: Timestamp(0),
            acknowledged_at: None,
            arrived_at: None,
            expected_at: None,
        }),
        handled: 0,
    }
}

fn crew(seed: u64) -> (Arc<RoadGraph>, Crew) {
    let graph = Arc::new(grid_city());
    let home = graph.node(0).unwrap();
    let scales = Scales {
        work: 0.1,
        drive: 1.0,
    };
    let crew = Crew::new(Arc::clone(&graph), home, 0.9, scales, Chance::new(seed));
    (graph, crew)
}

fn position_of(says: &[Say]) -> Position {
    match says.last() {
        Some(Say::Here { position, .. }) => *position,
        other => panic!("a crew always says where it is: {other:?}"),
    }
}

#[test]
fn a_task_is_acknowledged_driven_to_worked_on_and_reported() {
    let (graph, mut crew) = crew(3);
    let case = graph.node(24).unwrap();
    crew.told(&unit(UnitStatus::Assigned, Some((7, case))));
    assert_eq!(crew.case(), Some(CaseId(7)));
    let mut said = Vec::new();
    for second in 0..600 {
        for say in crew.step(1.0, None) {
            match say {
                Say::Acknowledge => crew.told(&unit(UnitStatus::EnRoute, Some((7, case)))),
                Say::Arrive => {
                    let here = position_of(&crew.step(0.001, None));
                    assert!(distance_m(here, case) < 5.0);
                    crew.told(&unit(UnitStatus::OnScene, Some((7, case))));
                }
                Say::Handled => crew.told(&unit(UnitStatus::Available, None)),
                Say::Here { .. } => continue,
            }
            said.push((second, say));
        }
    }
    let words: Vec<&Say> = said.iter().map(|(_, s)| s).collect();
    assert_eq!(words, [&Say::Acknowledge, &Say::Arrive, &Say::Handled]);
    assert!(said[0].0 <= 6 && said[1].0 > said[0].0 + 10, "{said:?}");
    assert!(
        said[2].0 >= said[1].0 + 24 && said[2].0 <= said[1].0 + 62,
        "{said:?}"
    );
    assert_eq!(crew.case(), None);
}

#[test]
fn on_patrol_it_moves_and_stops_and_stays_on_the_road() {
    let (graph, mut crew) = crew(5);
    let mut before = position_of(&crew.step(1.0, None));
    let (mut moved, mut stood) = (0, 0);
    for _ in 0..900 {
        let at = position_of(&crew.step(1.0, None));
        let d = distance_m(before, at);
        assert!(d < 10.0 && graph.snap(at, 2.0).is_some());
        if d > 0.5 {
            moved += 1;
        } else {
            stood += 1;
        }
        before = at;
    }
    assert!(moved > 100 && stood > 100, "{moved} {stood}");
}

#[test]
fn a_recalled_crew_leaves_its_task_and_a_redirected_one_takes_the_new() {
    let (graph, mut crew) = crew(9);
    let (a, b) = (graph.node(24).unwrap(), graph.node(4).unwrap());
    crew.told(&unit(UnitStatus::EnRoute, Some((1, a))));
    for _ in 0..10 {
        crew.step(1.0, None);
    }
    crew.told(&unit(UnitStatus::Available, None));
    assert_eq!(crew.case(), None);
    for _ in 0..60 {
        assert_eq!(
            crew.step(1.0, None).len(),
            1,
            "nothing to say but where it is"
        );
    }
    crew.told(&unit(UnitStatus::EnRoute, Some((2, a))));
    crew.step(1.0, None);
    crew.told(&unit(UnitStatus::Assigned, Some((3, b))));
    let mut arrived = None;
    for _ in 0..300 {
        let says = crew.step(1.0, None);
        if says.contains(&Say::Acknowledge) {
            crew.told(&unit(UnitStatus::EnRoute, Some((3, b))));
        }
        if says.contains(&Say::Arrive) {
            arrived = Some(position_of(&says));
            break;
        }
    }
    assert!(distance_m(arrived.expect("it arrives"), b) < 5.0);
}

#[test]
fn what_is_lost_is_said_again() {
    let (graph, mut crew) = crew(11);
    let case = graph.node(24).unwrap();
    crew.told(&unit(UnitStatus::Assigned, Some((7, case))));
    let acknowledged = (0..40)
        .filter(|_| crew.step(1.0, None).contains(&Say::Acknowledge))
        .count();
    assert!(acknowledged >= 3, "{acknowledged}");
    for _ in 0..400 {
        crew.step(1.0, None);
    }
    let says: Vec<Say> = (0..20).flat_map(|_| crew.step(1.0, None)).collect();
    assert!(says.contains(&Say::Arrive) && says.contains(&Say::Handled));
}
