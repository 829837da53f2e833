//! A small city for tests.

use crate::geo::{LocalFrame, Metres, Position, distance_m};
use crate::roads::{EdgeInput, NO_NAME, RoadClass, RoadGraph};

/// Where the grid's first crossing lies.
pub fn origin() -> Position {
    Position::new(1_187_800_000, 320_400_000)
}

/// Five by five crossings, 100 m apart, all roads two-way at 10 m/s.
pub fn grid_city() -> RoadGraph {
    grid(5, NO_NAME)
}

/// `n` by `n` crossings, 100 m apart, all roads two-way at 10 m/s and of one name.
pub fn grid(n: u32, name: u32) -> RoadGraph {
    let frame = LocalFrame::new(origin());
    let at = |x: u32, y: u32| {
        frame.position(Metres {
            east_m: f64::from(x) * 100.0,
            north_m: f64::from(y) * 100.0,
        })
    };
    let nodes: Vec<Position> = (0..n * n).map(|i| at(i % n, i / n)).collect();
    let mut edges = Vec::new();
    for i in 0..n * n {
        let right = (i % n < n - 1).then_some(i + 1);
        let up = (i / n < n - 1).then_some(i + n);
        for to in [right, up].into_iter().flatten() {
            let shape = vec![nodes[i as usize], nodes[to as usize]];
            edges.push(EdgeInput {
                from: i,
                to,
                length_m: distance_m(shape[0], shape[1]) as f32,
                speed_mps: 10.0,
                oneway: false,
                class: RoadClass::Residential,
                name,
                shape,
            });
        }
    }
    let names = vec!["中山路".to_owned()];
    RoadGraph::build(nodes, edges, names).expect("a grid is a road graph")
}
