//! Where cases are, and the words for such places.

use super::Chance;
use crate::geo::{LocalFrame, Metres, Position, distance_m};
use crate::roads::{RoadClass, RoadGraph, RoadPoint};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The named streets of a city, to put cases on.
#[derive(Debug)]
pub struct StreetPlaces {
    graph: Arc<RoadGraph>,
    edges: Vec<u32>,
    weights: Vec<f64>,
    /// Places that draw more cases than others: markets, stations, bars.
    busy: Vec<Position>,
    /// Some street has a name; else all are taken.
    named: bool,
    /// Crossings of two roads, the names in order.
    crossings: BTreeMap<(String, String), Vec<Position>>,
}

/// A place with its words.
#[derive(Clone, Debug, PartialEq)]
pub struct Spot {
    /// A place on a street.
    pub position: Position,
    /// For people, e.g. 洪武北路 杨将军巷口以南 90 m.
    pub address: String,
}

/// Part of all cases that lie near a busy place.
const BUSY_SHARE: f64 = 0.35;
/// How far from a busy place, standard deviation.
const BUSY_SIGMA_M: f64 = 110.0;

impl StreetPlaces {
    /// Streets with a name, or all where none has one; `busy`: how many busy places, drawn by chance.
    pub fn new(graph: Arc<RoadGraph>, busy: usize, chance: &mut Chance) -> Self {
        let named = (0..graph.edge_count() as u32).any(|e| graph.edge_name(e).is_some());
        let mut edges = Vec::new();
        let mut weights = Vec::new();
        let mut at_node: BTreeMap<u32, Vec<&str>> = BTreeMap::new();
        for index in 0..graph.edge_count() as u32 {
            let Some(edge) = graph.edge(index) else {
                continue;
            };
            let name = graph.edge_name(index);
            if name.is_none() && named {
                continue;
            }
            for node in [edge.from, edge.to] {
                let names = at_node.entry(node).or_default();
                if let Some(name) = name.filter(|n| !names.contains(n)) {
                    names.push(name);
                }
            }
            if graph.in_main_component(index) {
                let liveliness = match edge.class {
                    RoadClass::Trunk => 0.3,
                    RoadClass::Primary => 0.8,
                    RoadClass::Secondary | RoadClass::Residential => 1.0,
                    RoadClass::Tertiary => 1.2,
                    RoadClass::Living | RoadClass::Service => 0.7,
                };
                edges.push(index);
                weights.push(f64::from(edge.length_m) * liveliness);
            }
        }
        let mut crossings: BTreeMap<(String, String), Vec<Position>> = BTreeMap::new();
        for (node, names) in &at_node {
            let Some(position) = graph.node(*node) else {
                continue;
            };
            for a in names {
                for b in names.iter().filter(|b| *b > a) {
                    let pair = ((*a).to_owned(), (*b).to_owned());
                    crossings.entry(pair).or_default().push(position);
                }
            }
        }
        let mut places = Self {
            graph,
            edges,
            weights,
            busy: Vec::new(),
            named,
            crossings,
        };
        let busy: Vec<Position> = (0..busy)
            .filter_map(|_| places.on_some_street(chance))
            .map(|p| p.position)
            .collect();
        places.busy = busy;
        places
    }

    /// Only the streets within `radius_m` metres of a place; all where there is none.
    #[must_use]
    pub fn about(&self, centre: Position, radius_m: f64) -> Self {
        let near = |edge: u32| {
            let middle = self.graph.point_along(edge, 0.5);
            middle.is_some_and(|p| distance_m(p.position, centre) <= radius_m)
        };
        let streets = self.edges.iter().copied().zip(self.weights.iter().copied());
        let (mut edges, mut weights): (Vec<u32>, Vec<f64>) =
            streets.filter(|(edge, _)| near(*edge)).unzip();
        if edges.is_empty() {
            edges.clone_from(&self.edges);
            weights.clone_from(&self.weights);
        }
        Self {
            graph: Arc::clone(&self.graph),
            edges,
            weights,
            busy: Vec::new(),
            named: self.named,
            crossings: self.crossings.clone(),
        }
    }

    /// True where no street has a name.
    pub fn is_empty(&self) -> bool {
        !self.named
    }

    fn on_some_street(&self, chance: &mut Chance) -> Option<RoadPoint> {
        let edge = *self.edges.get(chance.weighted(&self.weights))?;
        self.graph.point_along(edge, chance.unit() as f32)
    }

    /// Somewhere in the city, more often near a busy place.
    pub fn somewhere(&self, chance: &mut Chance) -> Option<Spot> {
        if !self.busy.is_empty() && chance.happens(BUSY_SHARE) {
            let centre = self.busy[chance.below(self.busy.len())];
            if let Some(spot) = self.near(centre, BUSY_SIGMA_M, chance) {
                return Some(spot);
            }
        }
        let point = self.on_some_street(chance)?;
        Some(self.spot(point, chance))
    }

    /// Somewhere on a named street near a place.
    pub fn near(&self, centre: Position, sigma_m: f64, chance: &mut Chance) -> Option<Spot> {
        let frame = LocalFrame::new(centre);
        for _ in 0..8 {
            let wished = frame.position(Metres {
                east_m: chance.normal() * sigma_m,
                north_m: chance.normal() * sigma_m,
            });
            let found = self.graph.snap(wished, 80.0);
            if let Some(point) = found.filter(|p| !self.named || self.graph.name_at(*p).is_some()) {
                return Some(self.spot(point, chance));
            }
        }
        None
    }

    /// Beside the road, where people and things are, not on its centre line.
    fn spot(&self, point: RoadPoint, chance: &mut Chance) -> Spot {
        let shift_m = chance.between(4.0, 11.0) * if chance.happens(0.5) { 1.0 } else { -1.0 };
        let near = |part: f32| self.graph.point_along(point.edge, part.clamp(0.0, 1.0));
        let frame = LocalFrame::new(point.position);
        let along = match (near(point.along - 0.02), near(point.along + 0.02)) {
            (Some(a), Some(b)) => {
                let (a, b) = (frame.metres(a.position), frame.metres(b.position));
                Metres {
                    east_m: b.east_m - a.east_m,
                    north_m: b.north_m - a.north_m,
                }
            }
            _ => Metres::default(),
        };
        let length_m = along.distance_m(Metres::default());
        let aside = if length_m > 0.01 {
            Metres {
                east_m: along.north_m / length_m * shift_m,
                north_m: -along.east_m / length_m * shift_m,
            }
        } else {
            Metres::default()
        };
        Spot {
            position: frame.position(aside),
            address: self.address(point),
        }
    }

    /// A place on the road in words.
    pub fn address(&self, point: RoadPoint) -> String {
        let place = self.graph.describe(point);
        let Some(road) = place.road else {
            return place.crossing.unwrap_or("").to_owned();
        };
        let Some(crossing) = place.crossing else {
            return road.to_owned();
        };
        let pair = if road < crossing {
            (road.to_owned(), crossing.to_owned())
        } else {
            (crossing.to_owned(), road.to_owned())
        };
        let nearest = self.crossings.get(&pair).and_then(|nodes| {
            let far = |p: &&Position| distance_m(**p, point.position);
            nodes.iter().min_by(|a, b| far(a).total_cmp(&far(b)))
        });
        match nearest {
            Some(node) if place.distance_m >= 15.0 => {
                let direction = direction_word(*node, point.position);
                let tens_m = (place.distance_m / 10.0).round() * 10.0;
                format!("{road} {crossing}口以{direction} {tens_m:.0} m")
            }
            _ => format!("{road} {crossing}口"),
        }
    }
}

/// One of eight directions, from one place to another.
fn direction_word(from: Position, to: Position) -> &'static str {
    const WORDS: [&str; 8] = ["北", "东北", "东", "东南", "南", "西南", "西", "西北"];
    let m = LocalFrame::new(from).metres(to);
    let eighth = libm::round(libm::atan2(m.east_m, m.north_m).to_degrees() / 45.0);
    WORDS[eighth.rem_euclid(8.0) as usize % 8]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::roads::EdgeInput;

    fn city() -> Arc<RoadGraph> {
        let frame = LocalFrame::new(Position::new(1_187_800_000, 320_400_000));
        let at = |east_m: f64, north_m: f64| frame.position(Metres { east_m, north_m });
        let nodes = vec![
            at(0.0, 0.0),
            at(0.0, 200.0),
            at(0.0, 400.0),
            at(300.0, 200.0),
            at(-300.0, 200.0),
        ];
        let edge = |from: u32, to: u32, name: u32| {
            let shape = vec![nodes[from as usize], nodes[to as usize]];
            EdgeInput {
                from,
                to,
                length_m: distance_m(shape[0], shape[1]) as f32,
                speed_mps: 10.0,
                oneway: false,
                class: RoadClass::Residential,
                name,
                shape,
            }
        };
        let edges = vec![edge(0, 1, 0), edge(1, 2, 0), edge(1, 3, 1), edge(4, 1, 1)];
        let names = vec!["洪武北路".to_owned(), "杨将军巷".to_owned()];
        Arc::new(RoadGraph::build(nodes.clone(), edges, names).unwrap())
    }

    #[test]
    fn a_place_is_said_by_road_crossing_direction_and_distance() {
        let graph = city();
        let places = StreetPlaces::new(Arc::clone(&graph), 2, &mut Chance::new(1));
        let words = |edge: u32, along: f32| places.address(graph.point_along(edge, along).unwrap());
        assert_eq!(words(0, 0.55), "洪武北路 杨将军巷口以南 90 m");
        assert_eq!(words(1, 0.5), "洪武北路 杨将军巷口以北 100 m");
        assert_eq!(words(2, 0.2), "杨将军巷 洪武北路口以东 60 m");
        assert_eq!(words(0, 0.98), "洪武北路 杨将军巷口");
    }

    #[test]
    fn spots_lie_beside_named_streets_and_the_same_seed_gives_the_same() {
        let graph = city();
        let draw = |seed: u64| -> Vec<Spot> {
            let mut chance = Chance::new(seed);
            let places = StreetPlaces::new(Arc::clone(&graph), 3, &mut chance);
            (0..50)
                .filter_map(|_| places.somewhere(&mut chance))
                .collect()
        };
        let spots = draw(4);
        assert_eq!((spots.len(), &spots), (50, &draw(4)));
        assert_ne!(spots, draw(5));
        for s in &spots {
            let road = graph.snap(s.position, 20.0).expect("near a road");
            assert!(
                (1.0..12.0).contains(&road.distance_m),
                "{}",
                road.distance_m
            );
            assert!(s.address.contains("路") || s.address.contains("巷"));
        }
    }
}
