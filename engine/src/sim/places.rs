//! Where cases are, and the words for such places.

use super::{Chance, CitySize, Land, words};
use crate::city::Language;
use crate::geo::{LocalFrame, Metres, Position, distance_m};
use crate::roads::{RoadClass, RoadGraph, RoadPoint};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The named streets of a city, to put cases on.
#[derive(Debug)]
pub struct StreetPlaces {
    graph: Arc<RoadGraph>,
    land: Arc<dyn Land>,
    language: Language,
    edges: Vec<u32>,
    weights: Vec<f64>,
    /// Places that draw more cases than others: markets, stations, bars.
    busy: Vec<Position>,
    /// Some street has a name; else all are taken.
    named: bool,
    /// Crossings of two roads, the names in order.
    crossings: Arc<Crossings>,
}

type Crossings = BTreeMap<(String, String), Vec<Position>>;

/// A place with its words.
#[derive(Clone, Debug, PartialEq)]
pub struct Spot {
    /// A place on a street.
    pub position: Position,
    /// For people, in the city's language, e.g. 洪武北路 杨将军巷口以南 90 m.
    pub address: String,
}

/// Part of all cases that lie near a busy place.
const BUSY_SHARE: f64 = 0.35;
/// How far from a busy place, standard deviation.
const BUSY_SIGMA_M: f64 = 110.0;
/// So often a place is looked for that lies in the city and not in its water.
const TRIES: usize = 64;

impl StreetPlaces {
    /// Streets of the `land` that have a name, or all where none has one. As many of their places are busy, drawn by
    /// chance, as a city of this size has.
    pub fn new(
        graph: Arc<RoadGraph>,
        land: Arc<dyn Land>,
        language: Language,
        size: CitySize,
        chance: &mut Chance,
    ) -> Self {
        let named = (0..graph.edge_count() as u32).any(|e| graph.edge_name(e).is_some());
        let (edges, weights) = streets(&graph, &*land, named);
        let crossings = Arc::new(crossings(&graph));
        let mut places = Self {
            graph,
            land,
            language,
            edges,
            weights,
            busy: Vec::new(),
            named,
            crossings,
        };
        let busy: Vec<Position> = (0..size.busy_places())
            .filter_map(|_| places.on_some_street(chance))
            .map(|p| p.position)
            .collect();
        places.busy = busy;
        places
    }

    /// Only the streets within `radius_m` metres of a place; all where there is none.
    #[must_use]
    pub fn about(&self, centre: Position, radius_m: f64) -> Self {
        let near = |p| distance_m(p, centre) <= radius_m;
        self.only(near)
            .unwrap_or_else(|| self.of(self.edges.clone(), self.weights.clone()))
    }

    /// Only the streets whose middle is wanted; `None` where there is none.
    pub fn only(&self, wanted: impl Fn(Position) -> bool) -> Option<Self> {
        let here = |edge: u32| {
            let middle = self.graph.point_along(edge, 0.5);
            middle.is_some_and(|p| wanted(p.position))
        };
        let streets = self.edges.iter().copied().zip(self.weights.iter().copied());
        let (edges, weights): (Vec<u32>, Vec<f64>) =
            streets.filter(|(edge, _)| here(*edge)).unzip();
        (!edges.is_empty()).then(|| self.of(edges, weights))
    }

    fn of(&self, edges: Vec<u32>, weights: Vec<f64>) -> Self {
        Self {
            graph: Arc::clone(&self.graph),
            land: Arc::clone(&self.land),
            language: self.language,
            edges,
            weights,
            busy: Vec::new(),
            named: self.named,
            crossings: Arc::clone(&self.crossings),
        }
    }

    /// The language of its addresses.
    pub fn language(&self) -> Language {
        self.language
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
        (0..TRIES).find_map(|_| {
            let point = self.on_some_street(chance)?;
            self.spot(point, chance)
        })
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
            let found = found.filter(|p| !self.named || self.graph.name_at(*p).is_some());
            if let Some(spot) = found.and_then(|p| self.spot(p, chance)) {
                return Some(spot);
            }
        }
        None
    }

    /// Beside the road, where people and things are, not on its centre line; `None` where that is not in the city.
    fn spot(&self, point: RoadPoint, chance: &mut Chance) -> Option<Spot> {
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
        let position = frame.position(aside);
        self.land.holds(position).then(|| Spot {
            position,
            address: self.address(point),
        })
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
                let direction = direction(*node, point.position);
                let tens_m = libm::round(f64::from(place.distance_m) / 10.0) * 10.0;
                words::off_crossing(road, crossing, direction, tens_m, self.language)
            }
            _ => words::at_crossing(road, crossing, self.language),
        }
    }
}

/// One of eight directions from one place to another, clockwise from north.
fn direction(from: Position, to: Position) -> usize {
    let m = LocalFrame::new(from).metres(to);
    let eighth = libm::round(libm::atan2(m.east_m, m.north_m).to_degrees() / 45.0);
    eighth.rem_euclid(8.0) as usize % 8
}

/// Streets with any part on the land, and how much happens on each.
fn streets(graph: &RoadGraph, land: &dyn Land, named: bool) -> (Vec<u32>, Vec<f64>) {
    let mut edges = Vec::new();
    let mut weights = Vec::new();
    for index in 0..graph.edge_count() as u32 {
        let wanted = !named || graph.edge_name(index).is_some();
        let Some(edge) = graph.edge(index).filter(|_| wanted) else {
            continue;
        };
        let held = |along: f32| {
            let at = graph.point_along(index, along);
            at.is_some_and(|p| land.holds(p.position))
        };
        if graph.in_main_component(index) && [0.5, 0.1, 0.9].into_iter().any(held) {
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
    (edges, weights)
}

/// Where two named roads meet, by their names.
fn crossings(graph: &RoadGraph) -> Crossings {
    let mut at_node: BTreeMap<u32, Vec<&str>> = BTreeMap::new();
    for index in 0..graph.edge_count() as u32 {
        let (Some(edge), Some(name)) = (graph.edge(index), graph.edge_name(index)) else {
            continue;
        };
        for node in [edge.from, edge.to] {
            let names = at_node.entry(node).or_default();
            if !names.contains(&name) {
                names.push(name);
            }
        }
    }
    let mut crossings = Crossings::new();
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
    crossings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geo::GeoBox;
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

    fn places(land: Arc<dyn Land>, language: Language, chance: &mut Chance) -> StreetPlaces {
        let size = CitySize { street_km: 1.0 };
        StreetPlaces::new(city(), land, language, size, chance)
    }

    #[test]
    fn a_place_is_said_by_road_crossing_direction_and_distance_in_the_citys_language() {
        let graph = city();
        let words = |edge: u32, along: f32, language| {
            let places = places(Arc::new(GeoBox::EARTH), language, &mut Chance::new(1));
            places.address(graph.point_along(edge, along).unwrap())
        };
        for (edge, along, zh, en) in [
            (
                0,
                0.55,
                "洪武北路 杨将军巷口以南 90 m",
                "洪武北路, 90 m south of 杨将军巷",
            ),
            (
                1,
                0.5,
                "洪武北路 杨将军巷口以北 100 m",
                "洪武北路, 100 m north of 杨将军巷",
            ),
            (
                2,
                0.2,
                "杨将军巷 洪武北路口以东 60 m",
                "杨将军巷, 60 m east of 洪武北路",
            ),
            (0, 0.98, "洪武北路 杨将军巷口", "洪武北路 at 杨将军巷"),
        ] {
            assert_eq!(words(edge, along, Language::Zh), zh);
            assert_eq!(words(edge, along, Language::En), en);
        }
    }

    #[test]
    fn spots_lie_beside_named_streets_and_the_same_seed_gives_the_same() {
        let graph = city();
        let draw = |seed: u64| -> Vec<Spot> {
            let mut chance = Chance::new(seed);
            let places = places(Arc::new(GeoBox::EARTH), Language::Zh, &mut chance);
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

    #[test]
    fn nothing_is_put_outside_the_land_however_far_the_streets_lead() {
        let middle = Position::new(1_187_800_000, 320_400_000);
        let frame = LocalFrame::new(middle);
        let corner = |east_m, north_m| frame.position(Metres { east_m, north_m });
        // Half of the north-south street and none of the other lie in it.
        let land = GeoBox::new(corner(-20.0, -20.0), corner(20.0, 150.0));
        let mut chance = Chance::new(3);
        let places = places(Arc::new(land), Language::Zh, &mut chance);
        let spots: Vec<Spot> = (0..200)
            .filter_map(|_| places.somewhere(&mut chance))
            .collect();
        assert_eq!(spots.len(), 200);
        assert!(spots.iter().all(|s| land.contains(s.position)));
        assert!(places.only(|p| p.lon_e7 > middle.lon_e7 + 10_000).is_none());
        assert!(places.only(|p| land.contains(p)).is_some());
    }
}
