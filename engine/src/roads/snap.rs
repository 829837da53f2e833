use super::flat::{between, flat_distance_m, flat_point};
use super::graph::RoadGraph;
use super::nearby::Nearby;
use super::point::{RoadPoint, held};
use super::search::Search;
use super::segments::Bounds;
use crate::geo::Position;

/// Within this most positions of a city have a road, metres.
const CLOSE_M: f64 = 15.0;
/// Where nothing is found, so many times farther is looked.
const FARTHER: f64 = 3.0;

impl RoadGraph {
    /// The nearest place on the road within `max_m` metres that one gets to without crossing water.
    ///
    /// A road of the largest strongly connected component is preferred to any other within reach, however near: a
    /// unit put on an island of road could not be sent anywhere. So is one on this side of a pond, or of a river that is
    /// mapped as a line, to one on the other; across a wide water nothing is in reach, and who is afloat belongs to the
    /// nearest bank or bridge. A bridge or tunnel must be nearer than the ground by 8 m. `None` when no road is in
    /// reach, or `max_m` is negative or not a number.
    ///
    /// Cost: log(segments), the segments that are nearer and come to nothing, and the banks between.
    pub fn snap(&self, position: Position, max_m: f64) -> Option<RoadPoint> {
        self.snap_where(position, max_m, None, |_| true)
    }

    /// As [`RoadGraph::snap`], to a road that the search has not closed.
    pub fn snap_open(&self, position: Position, max_m: f64, search: &Search) -> Option<RoadPoint> {
        self.snap_where(position, max_m, None, |edge| !search.is_closed(edge))
    }

    /// As [`RoadGraph::snap_open`], for a vehicle: a road that it drives along is preferred to one that it would cross or
    /// drive against. `bearing_deg`: clockwise from north; `None` where it stands or does not say.
    pub fn snap_vehicle(
        &self,
        position: Position,
        bearing_deg: Option<f64>,
        max_m: f64,
        search: &Search,
    ) -> Option<RoadPoint> {
        self.snap_where(position, max_m, bearing_deg, |edge| !search.is_closed(edge))
    }

    /// Edges with any part of their course within `radius_m` metres, ascending.
    pub fn edges_within(&self, position: Position, radius_m: f64) -> Vec<u32> {
        let at = flat_point(self.frame.metres(position));
        let radius_2 = (radius_m * radius_m) as f32;
        let mut edges = Vec::new();
        self.segments
            .for_each_in(&Bounds::around(at, radius_m.abs()), |s| {
                if s.segment.nearest(at).1 as f32 <= radius_2 {
                    edges.push(s.line);
                }
            });
        edges.sort_unstable();
        edges.dedup();
        edges
    }

    fn snap_where(
        &self,
        position: Position,
        max_m: f64,
        bearing_deg: Option<f64>,
        may: impl Fn(u32) -> bool,
    ) -> Option<RoadPoint> {
        if max_m.is_nan() {
            return None;
        }
        let at = flat_point(self.frame.metres(position));
        let mut nearby = Nearby::new(self, at, bearing_deg);
        let mut found = Vec::with_capacity(16);
        let (mut within_m, mut seen_m) = (CLOSE_M.min(max_m), f64::NEG_INFINITY);
        loop {
            let window = Bounds::around(at, within_m);
            self.segments.for_each_in(&window, |placed| {
                let (part, distance_2) = placed.segment.nearest(at);
                let distance_m = libm::sqrt(distance_2);
                if seen_m < distance_m && distance_m <= within_m && may(placed.line) {
                    found.push((distance_m, part, *placed));
                }
            });
            // Of several as near, always the same one.
            found.sort_unstable_by(|(a, _, x), (b, _, y)| {
                let place = (x.line, x.number);
                a.total_cmp(b).then_with(|| place.cmp(&(y.line, y.number)))
            });
            for (distance_m, part, placed) in found.drain(..) {
                if nearby.is_settled(distance_m) {
                    break;
                }
                nearby.offer(placed, part, distance_m);
            }
            if within_m >= max_m || nearby.is_settled(within_m) || self.segments.lie_within(&window)
            {
                break;
            }
            (seen_m, within_m) = (within_m, (within_m * FARTHER).min(max_m));
        }
        let (edge, number, part, distance_m) = nearby.best()?;
        Some(self.point_on_segment(edge, number as usize, part, distance_m))
    }

    /// The place a part 0 … 1 along an edge (held within those bounds), if there is such an edge.
    pub fn point_along(&self, edge: u32, along: f32) -> Option<RoadPoint> {
        self.edge(edge)?;
        let along = held(along);
        let position = self.position_along(edge, along);
        Some(RoadPoint {
            edge,
            along,
            distance_m: 0.0,
            position,
        })
    }

    fn point_on_segment(&self, edge: u32, number: usize, part: f64, distance_m: f64) -> RoadPoint {
        let shape = self.shape(edge);
        let flat = |p: &Position| flat_point(self.frame.metres(*p));
        let (mut whole, mut along) = (0.0, 0.0);
        let mut last = shape.first().map(flat);
        for (i, next) in shape.iter().map(flat).skip(1).enumerate() {
            let length_m = flat_distance_m(last.unwrap_or(next), next);
            if i == number {
                along = whole + length_m * part;
            }
            whole += length_m;
            last = Some(next);
        }
        let along = if whole > 0.0 { along / whole } else { 0.0 };
        RoadPoint {
            edge,
            along: held(along as f32),
            distance_m: distance_m as f32,
            position: between(shape[number], shape[number + 1], part),
        }
    }

    fn flat_shape(&self, edge: u32) -> Vec<[f32; 2]> {
        self.shape(edge)
            .iter()
            .map(|p| flat_point(self.frame.metres(*p)))
            .collect()
    }

    fn position_along(&self, edge: u32, along: f32) -> Position {
        self.shape_between(edge, 0.0, along)
            .last()
            .copied()
            .unwrap_or_default()
    }

    /// The course of an edge between two parts of its length, in the direction from the first to the second; both
    /// ends included.
    pub(super) fn shape_between(&self, edge: u32, start: f32, end: f32) -> Vec<Position> {
        if start > end {
            let mut shape = self.shape_between(edge, end, start);
            shape.reverse();
            return shape;
        }
        let (shape, flat) = (self.shape(edge), self.flat_shape(edge));
        let whole: f64 = flat.windows(2).map(|w| flat_distance_m(w[0], w[1])).sum();
        let (from_m, to_m) = (f64::from(start) * whole, f64::from(end) * whole);
        let mut course: Vec<Position> = Vec::with_capacity(shape.len());
        let mut before_m = 0.0;
        for (ends, flat_ends) in shape.windows(2).zip(flat.windows(2)) {
            let length_m = flat_distance_m(flat_ends[0], flat_ends[1]);
            let after_m = before_m + length_m;
            let at = |m: f64| {
                let part = if length_m > 0.0 {
                    (m - before_m) / length_m
                } else {
                    0.0
                };
                between(ends[0], ends[1], part.clamp(0.0, 1.0))
            };
            if course.is_empty() && from_m <= after_m {
                course.push(at(from_m));
            }
            if !course.is_empty() {
                if to_m <= after_m {
                    course.push(at(to_m));
                    return course;
                }
                course.push(ends[1]);
            }
            before_m = after_m;
        }
        // Rounding may leave the end a hair beyond the last segment.
        course.extend(shape.last().filter(|_| course.len() < 2));
        course
    }
}

#[cfg(test)]
mod tests {
    use super::super::oracle::{GridBuilder, Rng, random_grid};
    use super::super::segments::Segment;
    use super::*;
    use crate::geo::{Metres, distance_m};

    #[test]
    fn snapping_finds_the_nearest_segment_of_all() {
        let mut rng = Rng(11);
        let graph = random_grid(&mut rng, 9, 9);
        for _ in 0..500 {
            let p = graph.frame.position(Metres {
                east_m: rng.unit() * 2000.0 - 1000.0,
                north_m: rng.unit() * 2000.0 - 1000.0,
            });
            let at = flat_point(graph.frame.metres(p));
            let mut best = f64::INFINITY;
            for edge in (0..graph.edge_count() as u32).filter(|e| graph.in_main_component(*e)) {
                for w in graph.flat_shape(edge).windows(2) {
                    best = best.min(Segment { a: w[0], b: w[1] }.nearest(at).1);
                }
            }
            let found = graph.snap(p, 5000.0).unwrap();
            assert!((f64::from(found.distance_m) - libm::sqrt(best)).abs() < 1e-3);
            let same = graph.point_along(found.edge, found.along).unwrap();
            assert!(distance_m(same.position, found.position) < 0.05);
            assert!(distance_m(found.position, p) < f64::from(found.distance_m) * 1.01 + 0.1);
        }
    }

    #[test]
    fn the_main_component_is_preferred_and_distance_is_bounded() {
        let mut grid = GridBuilder::new(3, 3, 100.0);
        grid.connect_all();
        let (a, b) = (grid.node_at(50.0, 30.0), grid.node_at(50.0, 45.0));
        grid.edge(a, b, 10.0, false);
        let graph = grid.build();
        let island = graph
            .frame
            .position(graph.frame.metres(graph.nodes[a as usize]));
        let found = graph.snap(island, 60.0).unwrap();
        assert!(graph.in_main_component(found.edge));
        let found = graph.snap(island, 20.0).unwrap();
        assert!(!graph.in_main_component(found.edge));
        let far = Position::new(graph.nodes[0].lon_e7 - 10_000_000, graph.nodes[0].lat_e7);
        assert_eq!(graph.snap(far, 500.0), None);
        assert_eq!(graph.snap(island, f64::NAN), None);
    }

    #[test]
    fn parts_of_a_course_run_both_ways() {
        let mut grid = GridBuilder::new(2, 1, 100.0);
        let (a, b) = (0, 1);
        let middle = grid.offset(50.0, 50.0);
        grid.edge_by(a, b, &[middle], 10.0, false);
        let graph = grid.build();
        let whole = graph.shape_between(0, 0.0, 1.0);
        assert_eq!(whole, graph.shape(0));
        let mut back = graph.shape_between(0, 0.75, 0.25);
        assert_eq!(back.len(), 3);
        back.reverse();
        assert_eq!(back, graph.shape_between(0, 0.25, 0.75));
        assert_eq!(graph.shape_between(0, 0.5, 0.5).first(), Some(&middle));
        assert_eq!(graph.point_along(9, 0.5), None);
    }
}
