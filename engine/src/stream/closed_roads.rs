//! What is told of the roads that are closed in a world.

use crate::roads::{Closings, RoadGraph};
use crate::time::Timestamp;

/// A road that is closed in a world, both ways.
#[derive(Clone, Debug, PartialEq)]
pub struct ClosedRoad {
    /// Its name; empty if it has none.
    pub name: String,
    /// Until when; `None`: it stays closed.
    pub until: Option<Timestamp>,
    /// What is closed of it: longitude, latitude of every bend, degrees WGS 84. Both carriageways where it has two.
    pub lines: Vec<Vec<(f64, f64)>>,
}

/// The roads whose edges are closed: edges of one name that are opened at the same time are one road, an edge without a
/// name is a road by itself. Numbers that are no edge of the graph are left out. In the order of their first edges.
pub fn closed_roads(roads: &RoadGraph, closed: &Closings) -> Vec<ClosedRoad> {
    let mut list: Vec<ClosedRoad> = Vec::new();
    for (edge, until) in closed {
        let shape = roads.shape(*edge);
        if shape.is_empty() {
            continue;
        }
        let degrees = shape.iter().map(|p| p.lon_lat());
        let line = degrees.map(|p| (p.lon_deg, p.lat_deg)).collect();
        let name = roads.edge_name(*edge).unwrap_or_default();
        let same = |r: &&mut ClosedRoad| !name.is_empty() && r.name == name && r.until == *until;
        match list.iter_mut().find(same) {
            Some(road) => road.lines.push(line),
            None => list.push(ClosedRoad {
                name: name.to_owned(),
                until: *until,
                lines: vec![line],
            }),
        }
    }
    list
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geo::Position;
    use crate::roads::{EdgeInput, NO_NAME, RoadClass};

    #[test]
    fn a_closed_road_has_its_name_and_its_course() {
        let at = |i: i32| Position::new(1_187_900_000 + i * 10_000, 320_500_000);
        let edge = |from: u32, name| EdgeInput {
            from,
            to: from + 1,
            length_m: 94.0,
            speed_mps: 10.0,
            oneway: false,
            class: RoadClass::Primary,
            name,
            shape: vec![at(from as i32), at(from as i32 + 1)],
        };
        let inputs = vec![edge(0, 0), edge(1, 0), edge(2, NO_NAME), edge(3, NO_NAME)];
        let names = vec!["中山路".to_owned()];
        let roads = RoadGraph::build((0..5).map(at).collect(), inputs, names).unwrap();
        let until = Some(Timestamp(9));
        let closings = |all: &[(u32, Option<Timestamp>)]| all.iter().copied().collect();
        let told = closed_roads(
            &roads,
            &closings(&[(0, None), (1, None), (2, until), (3, until), (99, None)]),
        );
        let said: Vec<_> = told
            .iter()
            .map(|r| (r.name.as_str(), r.until, r.lines.len()))
            .collect();
        assert_eq!(said, [("中山路", None, 2), ("", until, 1), ("", until, 1)]);
        assert!((told[0].lines[0][1].0 - 118.791).abs() < 1e-9);
        // One that is opened earlier is another.
        assert_eq!(
            closed_roads(&roads, &closings(&[(0, None), (1, until)])).len(),
            2
        );
    }
}
