//! The city's edge as a closed line that one can walk along.

use crate::import::rings::{self, Ring};
use crate::import::tiles::{UnitBox, clip_line};
use chengtu_engine::geo::{GeoBox, Position};

/// A stretch of outline that runs from edge to edge.
pub type Piece = Vec<[i64; 2]>;

/// The city's edge.
#[derive(Clone, Copy, Debug)]
pub struct Frame {
    west: i64,
    south: i64,
    east: i64,
    north: i64,
}

impl Frame {
    /// The edge of `bounds`.
    pub fn new(bounds: GeoBox) -> Self {
        let [west, south] = [bounds.min.lon_e7, bounds.min.lat_e7].map(i64::from);
        let [east, north] = [bounds.max.lon_e7, bounds.max.lat_e7].map(i64::from);
        Self {
            west,
            south,
            east,
            north,
        }
    }

    /// Its corners, counter-clockwise from the south-west.
    pub fn corners(self) -> [[i64; 2]; 4] {
        [
            [self.west, self.south],
            [self.east, self.south],
            [self.east, self.north],
            [self.west, self.north],
        ]
    }

    /// Its length in 1e-7 degrees.
    pub fn length(self) -> i64 {
        2 * (self.east - self.west + self.north - self.south)
    }

    /// How far along the edge a point lies, counter-clockwise from the south-west; `None` off the edge.
    pub fn along(self, [x, y]: [i64; 2]) -> Option<i64> {
        let (width, height) = (self.east - self.west, self.north - self.south);
        if !(self.west..=self.east).contains(&x) || !(self.south..=self.north).contains(&y) {
            None
        } else if y == self.south {
            Some(x - self.west)
        } else if x == self.east {
            Some(width + y - self.south)
        } else if y == self.north {
            Some(width + height + self.east - x)
        } else if x == self.west {
            Some(2 * width + height + self.north - y)
        } else {
            None
        }
    }

    /// The corners passed when walking counter-clockwise along the edge from one point to another.
    pub fn corners_between(self, from: i64, to: i64) -> Vec<[i64; 2]> {
        let step = (to - from).rem_euclid(self.length());
        let mut passed: Vec<(i64, [i64; 2])> = self
            .corners()
            .into_iter()
            .filter_map(|c| Some(((self.along(c)? - from).rem_euclid(self.length()), c)))
            .filter(|(at, _)| (1..step).contains(at))
            .collect();
        passed.sort_unstable();
        passed.into_iter().map(|(_, c)| c).collect()
    }

    /// True for what lies inside and not on the edge.
    pub fn holds(self, p: Position) -> bool {
        let (x, y) = (i64::from(p.lon_e7), i64::from(p.lat_e7));
        self.west < x && x < self.east && self.south < y && y < self.north
    }

    /// The places on its four sides straight ahead of a point inside, nearest first, each with how far it is, 1e-7 degree
    /// of latitude.
    pub fn ahead(self, p: Position) -> [(i64, Position); 4] {
        let (x, y) = (i64::from(p.lon_e7), i64::from(p.lat_e7));
        let squeeze = libm::cos(p.lon_lat().lat_deg.to_radians()).max(0.01);
        let flat = |d: i64| (d as f64 * squeeze) as i64;
        let at = |x: i64, y: i64| Position::new(x as i32, y as i32);
        let mut ways = [
            (flat(x - self.west), at(self.west, y)),
            (flat(self.east - x), at(self.east, y)),
            (y - self.south, at(x, self.south)),
            (self.north - y, at(x, self.north)),
        ];
        ways.sort_unstable();
        ways
    }

    /// The place on the edge nearest to a point inside, and how far it is, 1e-7 degree of latitude.
    pub fn nearest(self, p: Position) -> (Position, i64) {
        let (far, at) = self.ahead(p)[0];
        (at, far)
    }

    /// Its shorter side, 1e-7 degree.
    pub fn breadth(self) -> i64 {
        (self.east - self.west).min(self.north - self.south)
    }

    /// The stretches of lines inside, from edge to edge. What begins or ends inside is left out.
    pub fn pieces(self, lines: &[Vec<Position>]) -> Vec<Piece> {
        let frame = UnitBox {
            min: [self.west, self.south],
            max: [self.east, self.north],
        };
        let units = |l: &Vec<Position>| {
            l.iter()
                .map(|p| [i64::from(p.lon_e7), i64::from(p.lat_e7)])
                .collect::<Vec<_>>()
        };
        let pieces = lines.iter().flat_map(|l| clip_line(&units(l), &frame));
        let ends = |p: &Piece| Some((self.along(*p.first()?)?, self.along(*p.last()?)?));
        pieces
            .filter(|p| ends(p).is_some_and(|(a, b)| a != b))
            .collect()
    }
}

/// Points as a ring; `None` where fewer than three different corners are left.
pub fn ring(points: Vec<[i64; 2]>) -> Option<Ring> {
    let mut ring: Ring = points
        .into_iter()
        .map(|[x, y]| Position::new(x as i32, y as i32))
        .collect();
    ring.dedup();
    while ring.len() > 1 && ring.first() == ring.last() {
        ring.pop();
    }
    (ring.len() >= 3 && rings::doubled_area(&ring) != 0).then_some(ring)
}
