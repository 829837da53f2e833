use super::edge::NO_NAME;
use super::graph::RoadGraph;
use super::point::{RoadPoint, held};
use std::collections::BTreeSet;

/// A place on the road in the words people use: on which road, near which crossing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RoadPlace<'a> {
    /// Name of the road, if it has one.
    pub road: Option<&'a str>,
    /// Name of the nearest crossing road; `None` if no crossing is near.
    pub crossing: Option<&'a str>,
    /// Metres along the road to that crossing; 0 without one.
    pub distance_m: f32,
}

/// How far along the road a crossing is looked for.
const CROSSING_CM_MAX: u32 = 50_000;
/// How many nodes are looked at for it.
const NODES_MAX: usize = 64;

impl RoadGraph {
    /// The name of the road a place lies on, if it has one.
    pub fn name_at(&self, point: RoadPoint) -> Option<&str> {
        self.edge_name(point.edge)
    }

    /// The road a place lies on and the nearest road of another name that meets it, looked for along the road up to
    /// 500 m either way.
    pub fn describe(&self, point: RoadPoint) -> RoadPlace<'_> {
        let road = self.name_at(point);
        let crossing = self.nearest_crossing(point);
        let (crossing, distance_m) = match crossing {
            Some((name, cm)) => (self.name(name), (f64::from(cm) / 100.0) as f32),
            None => (None, 0.0),
        };
        RoadPlace {
            road,
            crossing,
            distance_m,
        }
    }

    /// Follows the road by its name both ways, nearest node first, to the first node where a road of another name
    /// begins, ends or crosses.
    fn nearest_crossing(&self, point: RoadPoint) -> Option<(u32, u32)> {
        let edge = self.edge(point.edge)?;
        let before_cm =
            libm::round(f64::from(edge.length_cm) * f64::from(held(point.along))) as u32;
        let mut open = BTreeSet::from([
            (before_cm, edge.from),
            (edge.length_cm - before_cm, edge.to),
        ]);
        let mut seen: BTreeSet<u32> = BTreeSet::new();
        while let Some((cm, node)) = open.pop_first() {
            if cm > CROSSING_CM_MAX || seen.len() >= NODES_MAX {
                return None;
            }
            if !seen.insert(node) {
                continue;
            }
            let arcs = || self.outgoing.of(node).iter().chain(self.incoming.of(node));
            let other = |name: u32| name != edge.name && name != NO_NAME;
            // Of several the widest road, then the first name.
            let names = arcs()
                .map(|a| &self.edges[a.edge() as usize])
                .filter(|e| other(e.name));
            if let Some(crossing) = names.min_by_key(|e| (e.class, e.name)) {
                return Some((crossing.name, cm));
            }
            for arc in arcs().filter(|a| self.edges[a.edge() as usize].name == edge.name) {
                open.insert((cm.saturating_add(arc.length_cm), arc.node));
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::super::oracle::GridBuilder;

    #[test]
    fn a_place_is_told_by_its_road_and_the_nearest_crossing() {
        let mut grid = GridBuilder::new(4, 2, 100.0);
        let (main, lane, far) = (
            grid.name("洪武北路"),
            grid.name("杨将军巷"),
            grid.name("中山东路"),
        );
        for (a, b) in [(0, 1), (1, 2), (2, 3)] {
            grid.named_edge(a, b, main);
        }
        grid.named_edge(2, 6, lane);
        grid.named_edge(0, 4, far);
        let graph = grid.build();
        let place = graph.describe(graph.point_along(1, 0.2).unwrap());
        assert_eq!(
            (place.road, place.crossing),
            (Some("洪武北路"), Some("杨将军巷"))
        );
        assert!((place.distance_m - 80.0).abs() < 0.5);
        let place = graph.describe(graph.point_along(1, 0.1).unwrap());
        assert_eq!(place.crossing, Some("杨将军巷"));
        let place = graph.describe(graph.point_along(0, 0.1).unwrap());
        assert_eq!(place.crossing, Some("中山东路"));
        assert_eq!(
            graph.name_at(graph.point_along(4, 0.5).unwrap()),
            Some("中山东路")
        );
    }

    #[test]
    fn a_road_alone_has_no_crossing() {
        let mut grid = GridBuilder::new(3, 1, 400.0);
        let name = grid.name("环路");
        grid.named_edge(0, 1, name);
        grid.edge(1, 2, 10.0, false);
        let graph = grid.build();
        let place = graph.describe(graph.point_along(0, 0.5).unwrap());
        assert_eq!(
            (place.road, place.crossing, place.distance_m),
            (Some("环路"), None, 0.0)
        );
        assert_eq!(
            graph.describe(graph.point_along(1, 0.5).unwrap()).road,
            None
        );
    }
}
