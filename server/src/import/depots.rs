//! Where depots are put: by how much street there is, district by district, not by shares of a rectangle.

use chengtu_engine::geo::{GeoBox, LocalFrame, Metres, Position, distance_m};
use chengtu_engine::roads::{RoadClass, RoadGraph};
use std::collections::BTreeMap;

/// Edge of a block, metres.
const BLOCK_M: f64 = 400.0;
/// Rounds in which centres are moved to the middle of what is nearest to them.
const ROUNDS: usize = 16;
/// A quiet street is looked for within these distances of where a depot is wanted, metres, the near first.
const REACHES_M: [f64; 3] = [400.0, 1_500.0, 6_000.0];

/// The streets of a block of a district.
#[derive(Clone, Copy, Debug, Default)]
struct Block {
    /// Their middle, weighted by length, metres from the city's middle.
    at: Metres,
    /// Length that can be reached from anywhere, metres.
    street_m: f64,
}

/// A city's streets, block by block and district by district.
#[derive(Debug)]
pub struct Blocks {
    frame: LocalFrame,
    city: GeoBox,
    /// Blocks of each district that has streets.
    districts: Vec<Vec<Block>>,
}

impl Blocks {
    /// Of the streets within `city`; `district_of` says which district a place lies in.
    pub fn of(
        roads: &RoadGraph,
        city: GeoBox,
        district_of: impl Fn(Position) -> Option<usize>,
    ) -> Self {
        let middle = Position::new(
            i32::midpoint(city.min.lon_e7, city.max.lon_e7),
            i32::midpoint(city.min.lat_e7, city.max.lat_e7),
        );
        let frame = LocalFrame::new(middle);
        let mut found: BTreeMap<usize, BTreeMap<(i64, i64), Block>> = BTreeMap::new();
        for index in 0..roads.edge_count() as u32 {
            let Some(edge) = roads.edge(index).filter(|_| roads.in_main_component(index)) else {
                continue;
            };
            let Some(at) = roads.point_along(index, 0.5).map(|p| p.position) else {
                continue;
            };
            let Some(district) = district_of(at).filter(|_| city.contains(at)) else {
                continue;
            };
            let m = frame.metres(at);
            let cell = |v: f64| (v / BLOCK_M).floor() as i64;
            let place = (cell(m.east_m), cell(m.north_m));
            let block = found.entry(district).or_default().entry(place).or_default();
            let length_m = f64::from(edge.length_m).max(1.0);
            block.street_m += length_m;
            block.at.east_m += m.east_m * length_m;
            block.at.north_m += m.north_m * length_m;
        }
        let middle_of = |b: Block| Block {
            at: Metres {
                east_m: b.at.east_m / b.street_m,
                north_m: b.at.north_m / b.street_m,
            },
            ..b
        };
        let districts = found.into_values();
        Self {
            frame,
            city,
            districts: districts
                .map(|blocks| blocks.into_values().map(middle_of).collect())
                .collect(),
        }
    }

    /// How many districts have streets.
    pub fn districts(&self) -> usize {
        self.districts.len()
    }

    /// Up to `count` places in the middle of streets, more where there are more streets; `everywhere`: at least one in
    /// each district, if there are so many.
    pub fn centres(&self, count: usize, everywhere: bool) -> Vec<Position> {
        let shares = self.shares(count, everywhere);
        let of_districts = self.districts.iter().zip(shares);
        let places = of_districts.flat_map(|(blocks, share)| gathered(blocks, share));
        let places: Vec<Position> = places.map(|m| self.frame.position(m)).collect();
        if places.is_empty() {
            // No street can be reached from the others: the middle has to do.
            return vec![self.frame.position(Metres::default())];
        }
        places
    }

    /// How many of `count` each district gets: one after the other to the district with most street for each of its own.
    fn shares(&self, count: usize, everywhere: bool) -> Vec<usize> {
        let street_m = |blocks: &Vec<Block>| blocks.iter().map(|b| b.street_m).sum::<f64>();
        let lengths: Vec<f64> = self.districts.iter().map(street_m).collect();
        let first = usize::from(everywhere && count >= lengths.len());
        let mut shares = vec![first; lengths.len()];
        for _ in shares.iter().sum::<usize>()..count {
            let each = |i: usize| lengths[i] / (shares[i] + 1) as f64;
            // Of two alike the first.
            let best = (0..shares.len())
                .rev()
                .max_by(|a, b| each(*a).total_cmp(&each(*b)));
            let Some(best) = best else { break };
            shares[best] += 1;
        }
        shares
    }

    /// The corner nearest to a place of a quiet street that leads everywhere, in the city, with the street's name; the
    /// place itself where there is none. A corner and not a street's middle, which may be that of a bridge.
    pub fn quiet_street<'r>(
        &self,
        roads: &'r RoadGraph,
        wanted: Position,
    ) -> (Position, Option<&'r str>) {
        let of = |edges: Vec<u32>| {
            let candidates = edges.into_iter().filter_map(|e| {
                let edge = roads.edge(e).filter(|_| roads.in_main_component(e))?;
                let off = |p: &Position| distance_m(*p, wanted);
                let corners = [edge.from, edge.to].into_iter();
                let at = corners
                    .filter_map(|n| roads.node(n))
                    .filter(|p| self.city.contains(*p))
                    .min_by(|a, b| off(a).total_cmp(&off(b)))?;
                // A street with a name goes before a yard without.
                let quiet = (RoadClass::Tertiary..=RoadClass::Living).contains(&edge.class);
                let order = (!quiet, roads.edge_name(e).is_none());
                Some((order, off(&at), e, at))
            });
            candidates.min_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)).then(a.2.cmp(&b.2)))
        };
        let near = REACHES_M.iter().find_map(|reach_m| {
            of(roads.edges_within(wanted, *reach_m)).filter(|(order, ..)| *order == (false, false))
        });
        let best = near.or_else(|| of((0..roads.edge_count() as u32).collect()));
        best.map_or((wanted, None), |(_, _, e, at)| (at, roads.edge_name(e)))
    }
}

/// Up to `count` middles of blocks: each the middle of those that are nearest to it (Lloyd, "Least squares quantization in
/// PCM", 1982), begun with blocks that lie far apart and have many streets.
fn gathered(blocks: &[Block], count: usize) -> Vec<Metres> {
    let count = count.min(blocks.len());
    let Some(largest) = blocks
        .iter()
        .max_by(|a, b| a.street_m.total_cmp(&b.street_m))
    else {
        return Vec::new();
    };
    if count == 0 {
        return Vec::new();
    }
    let mut centres = vec![largest.at];
    let mut off: Vec<f64> = blocks.iter().map(|b| b.at.distance_m(largest.at)).collect();
    while centres.len() < count {
        let worth = |i: usize| blocks[i].street_m * off[i] * off[i];
        let next = (0..blocks.len())
            .rev()
            .max_by(|a, b| worth(*a).total_cmp(&worth(*b)));
        let Some(next) = next.filter(|i| off[*i] > 0.0) else {
            break;
        };
        centres.push(blocks[next].at);
        for (off, block) in off.iter_mut().zip(blocks) {
            *off = off.min(block.at.distance_m(blocks[next].at));
        }
    }
    for _ in 0..ROUNDS {
        let mut sums = vec![Block::default(); centres.len()];
        for b in blocks {
            let far = |i: usize| centres[i].distance_m(b.at);
            let nearest = (0..centres.len()).min_by(|x, y| far(*x).total_cmp(&far(*y)));
            let sum = &mut sums[nearest.unwrap_or(0)];
            sum.street_m += b.street_m;
            sum.at.east_m += b.at.east_m * b.street_m;
            sum.at.north_m += b.at.north_m * b.street_m;
        }
        for (centre, sum) in centres.iter_mut().zip(sums) {
            if sum.street_m > 0.0 {
                centre.east_m = sum.at.east_m / sum.street_m;
                centre.north_m = sum.at.north_m / sum.street_m;
            }
        }
    }
    centres
}
