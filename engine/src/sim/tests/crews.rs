use super::grid_city;
use crate::geo::{GeoBox, Position, distance_m};
use crate::ids::{AssignmentId, CaseId};
use crate::model::UnitStatus;
use crate::roads::{RoadGraph, Search};
use crate::sim::{Chance, Crew, CrewReport, Scales, Task};

/// A crew with its roads.
struct One {
    graph: RoadGraph,
    search: Search,
    crew: Crew,
}

impl One {
    fn new(seed: u64) -> Self {
        let graph = grid_city();
        let home = graph.node(0).unwrap();
        let scales = Scales {
            work: 0.1,
            drive: 1.0,
        };
        let crew = Crew::new(&graph, GeoBox::EARTH, home, 0.9, scales, Chance::new(seed));
        let search = Search::new();
        Self {
            graph,
            search,
            crew,
        }
    }

    fn task_changed(&mut self, status: UnitStatus, task: Option<(u64, Position)>) {
        let task = task.map(|(id, position)| Task {
            id: AssignmentId(id),
            case: Some(CaseId(id)),
            position,
        });
        self.crew
            .task_changed(&self.graph, &mut self.search, status, task);
    }

    fn step(&mut self, seconds: f64) -> CrewReport {
        let (graph, search) = (&self.graph, &mut self.search);
        self.crew
            .step(graph, search, seconds, |c| c.between(240.0, 600.0))
    }

    fn node(&self, node: u32) -> Position {
        self.graph.node(node).unwrap()
    }
}

#[test]
fn a_task_is_acknowledged_driven_to_worked_on_and_reported() {
    let mut one = One::new(3);
    let case = one.node(24);
    one.task_changed(UnitStatus::Assigned, Some((7, case)));
    assert_eq!(one.crew.case(), Some(CaseId(7)));
    let mut said = Vec::new();
    for second in 0..600 {
        let now = one.step(1.0);
        if now.acknowledge {
            one.task_changed(UnitStatus::EnRoute, Some((7, case)));
            said.push((second, "acknowledge"));
        }
        if now.arrive {
            assert!(distance_m(now.position, case) < 5.0);
            one.task_changed(UnitStatus::OnScene, Some((7, case)));
            said.push((second, "arrive"));
        }
        if now.handled {
            one.task_changed(UnitStatus::Available, None);
            said.push((second, "handled"));
        }
    }
    let words: Vec<&str> = said.iter().map(|(_, s)| *s).collect();
    assert_eq!(words, ["acknowledge", "arrive", "handled"]);
    assert!(said[0].0 <= 6 && said[1].0 > said[0].0 + 10, "{said:?}");
    assert!(
        said[2].0 >= said[1].0 + 24 && said[2].0 <= said[1].0 + 62,
        "{said:?}"
    );
    assert_eq!(one.crew.case(), None);
}

#[test]
fn on_patrol_it_moves_and_stops_and_stays_on_the_road() {
    let mut one = One::new(5);
    let mut before = one.step(1.0).position;
    let (mut moved, mut stood) = (0, 0);
    for _ in 0..900 {
        let at = one.step(1.0).position;
        let d = distance_m(before, at);
        assert!(d < 10.0 && one.graph.snap(at, 2.0).is_some());
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
    let mut one = One::new(9);
    let (a, b) = (one.node(24), one.node(4));
    one.task_changed(UnitStatus::EnRoute, Some((1, a)));
    for _ in 0..10 {
        one.step(1.0);
    }
    one.task_changed(UnitStatus::Available, None);
    assert_eq!(one.crew.case(), None);
    for _ in 0..60 {
        assert!(!one.step(1.0).is_report(), "nothing to say but where it is");
    }
    one.task_changed(UnitStatus::EnRoute, Some((2, a)));
    one.step(1.0);
    one.task_changed(UnitStatus::Assigned, Some((3, b)));
    let mut arrived = None;
    for _ in 0..300 {
        let said = one.step(1.0);
        if said.acknowledge {
            one.task_changed(UnitStatus::EnRoute, Some((3, b)));
        }
        if said.arrive {
            arrived = Some(said.position);
            break;
        }
    }
    assert!(distance_m(arrived.expect("it arrives"), b) < 5.0);
}

#[test]
fn what_is_lost_is_said_again() {
    let mut one = One::new(11);
    let case = one.node(24);
    one.task_changed(UnitStatus::Assigned, Some((7, case)));
    let acknowledged = (0..40).filter(|_| one.step(1.0).acknowledge).count();
    assert!(acknowledged >= 3, "{acknowledged}");
    for _ in 0..400 {
        one.step(1.0);
    }
    let says: Vec<CrewReport> = (0..20).map(|_| one.step(1.0)).collect();
    assert!(says.iter().any(|s| s.arrive) && says.iter().any(|s| s.handled));
}

#[test]
fn a_road_closed_ahead_is_driven_around_and_the_closed_edge_is_never_touched() {
    let mut one = One::new(4);
    let goal = one.node(4);
    one.crew.place(one.node(0));
    one.task_changed(UnitStatus::EnRoute, Some((1, goal)));
    for _ in 0..5 {
        one.step(1.0);
    }
    // All of the straight road from the second crossing on.
    let middle = |a: u32, b: u32| {
        let (a, b) = (one.node(a), one.node(b));
        Position::new(i32::midpoint(a.lon_e7, b.lon_e7), a.lat_e7)
    };
    let closed: Vec<u32> = [(1, 2), (2, 3)]
        .into_iter()
        .map(|(a, b)| one.graph.snap(middle(a, b), 5.0).unwrap().edge)
        .collect();
    for edge in &closed {
        one.search.set_closed(*edge, true);
    }
    one.crew.roads_changed(&one.graph, &mut one.search, false);
    let mut arrived = None;
    for second in 0..200 {
        let said = one.step(1.0);
        let on = one.graph.snap(said.position, 5.0).unwrap();
        let inside = (0.05..0.95).contains(&on.along);
        assert!(!(inside && closed.contains(&on.edge)), "second {second}");
        if said.arrive {
            arrived = Some(said.position);
            break;
        }
    }
    assert!(distance_m(arrived.expect("it arrives by another way"), goal) < 5.0);
}
