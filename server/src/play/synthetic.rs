//! Load: any number of vehicles driven over a city's road graph.

use super::{FeedClient, FeedError, KindShares, RowOut, RowWriter, Taken};
use crate::clock::{Clock, SystemClock};
use crate::feeds::RowKind;
use chengtu_engine::geo::{GeoBox, LocalFrame, Metres, Position};
use chengtu_engine::model::MoverKind;
use chengtu_engine::roads::RoadGraph;
use chengtu_engine::sim::Chance;
use futures_util::{StreamExt, stream::FuturesUnordered};
use std::time::{Duration, Instant};

/// The roads as plain lines, ready to be driven along.
#[derive(Debug)]
pub struct Streets {
    /// Where each edge's points begin.
    starts: Vec<u32>,
    /// Points of all edges: place, metres from the edge's beginning.
    points: Vec<(f64, f64, f32)>,
    /// Of each edge: ends, length in metres, speed in metres a second.
    edges: Vec<(u32, u32, f32, f32)>,
    /// Of each node: where its ways out begin.
    out_starts: Vec<u32>,
    /// Ways out: edge, driven against its shape.
    out: Vec<(u32, bool)>,
    /// Edges of the main component with the sum of lengths up to and including each.
    main: Vec<(u32, f64)>,
}

/// A simulated vehicle and how far it is along its edge.
#[derive(Clone, Copy, Debug)]
struct Vehicle {
    edge: u32,
    against: bool,
    along_m: f32,
    factor: f32,
    kind: MoverKind,
}

/// Where a vehicle is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Place {
    /// Longitude, degrees.
    pub lon: f64,
    /// Latitude, degrees.
    pub lat: f64,
    /// Degrees clockwise from north.
    pub bearing_deg: f32,
    /// Metres a second.
    pub speed_mps: f32,
}

impl Streets {
    /// The roads of a city, as far as they lie within its bounds.
    pub fn new(graph: &RoadGraph, city: GeoBox) -> Self {
        let held = |edge: u32| {
            let inside = graph.shape(edge).iter().all(|p| city.contains(*p));
            inside && graph.in_main_component(edge)
        };
        let mut s = Self {
            starts: vec![0],
            points: Vec::new(),
            edges: Vec::new(),
            out_starts: vec![0],
            out: Vec::new(),
            main: Vec::new(),
        };
        let mut sum_m = 0.0;
        for index in 0..graph.edge_count() as u32 {
            let Some(edge) = graph.edge(index) else { break };
            let shape = graph.shape(index);
            let frame = LocalFrame::new(shape.first().copied().unwrap_or_default());
            let mut at = Metres::default();
            let mut along_m = 0.0;
            for p in shape {
                let next = frame.metres(*p);
                along_m += at.distance_m(next);
                at = next;
                let d = p.lon_lat();
                s.points.push((d.lon_deg, d.lat_deg, along_m as f32));
            }
            s.starts.push(s.points.len() as u32);
            s.edges
                .push((edge.from, edge.to, along_m as f32, edge.speed_mps));
            if held(index) && along_m > 1.0 {
                sum_m += along_m;
                s.main.push((index, sum_m));
            }
        }
        for node in 0..graph.node_count() as u32 {
            let ways = graph.outgoing(node).iter().filter(|a| held(a.edge()));
            s.out.extend(ways.map(|a| (a.edge(), a.reversed())));
            s.out_starts.push(s.out.len() as u32);
        }
        s
    }

    /// True where there is no road to drive on.
    pub fn is_empty(&self) -> bool {
        self.main.is_empty()
    }

    fn anywhere(&self, chance: &mut Chance, kinds: &KindShares, key: &str) -> Vehicle {
        let sum_m = self.main.last().map_or(0.0, |m| m.1);
        let wanted = chance.unit() * sum_m;
        let at = self.main.partition_point(|m| m.1 <= wanted);
        let edge = self.main.get(at).map_or(0, |m| m.0);
        Vehicle {
            edge,
            against: false,
            along_m: self.edges[edge as usize].2 * chance.unit() as f32,
            factor: chance.between(0.7, 1.1) as f32,
            kind: kinds.kind_of_key(key),
        }
    }

    /// Speed now: the road's, slower towards crossings at either end.
    fn speed_mps(&self, v: &Vehicle) -> f32 {
        let (_, _, length_m, speed_mps) = self.edges[v.edge as usize];
        let to_crossing_m = v.along_m.min(length_m - v.along_m).max(0.0);
        (speed_mps * v.factor).min(3.0 + to_crossing_m * 0.35)
    }

    /// Drives on for `seconds`; where roads meet, any way but back, and back only where there is no other.
    fn drive(&self, v: &mut Vehicle, seconds: f32, chance: &mut Chance) {
        v.along_m += self.speed_mps(v) * seconds;
        for _ in 0..8 {
            let (from, to, length_m, _) = self.edges[v.edge as usize];
            if v.along_m < length_m {
                return;
            }
            let node = if v.against { from } else { to } as usize;
            let ways =
                &self.out[self.out_starts[node] as usize..self.out_starts[node + 1] as usize];
            let onward = ways.iter().filter(|(edge, _)| *edge != v.edge).count();
            v.along_m -= length_m;
            if onward == 0 {
                // A dead end, or the edge of the extract: turn round.
                v.against = !v.against;
                continue;
            }
            let pick = chance.below(onward);
            let way = ways.iter().filter(|(edge, _)| *edge != v.edge).nth(pick);
            if let Some((edge, against)) = way {
                (v.edge, v.against) = (*edge, *against);
            }
        }
        v.along_m = 0.0;
    }

    fn place(&self, v: &Vehicle) -> Place {
        let range =
            self.starts[v.edge as usize] as usize..self.starts[v.edge as usize + 1] as usize;
        let points = &self.points[range];
        let length_m = self.edges[v.edge as usize].2;
        let along_m = if v.against {
            length_m - v.along_m
        } else {
            v.along_m
        };
        let next = points
            .partition_point(|p| p.2 <= along_m)
            .clamp(1, points.len().max(2) - 1);
        let (a, b) = (points[next - 1], points[next]);
        let part = f64::from(((along_m - a.2) / (b.2 - a.2).max(1e-3)).clamp(0.0, 1.0));
        let (dx, dy) = ((b.0 - a.0) * a.1.to_radians().cos(), b.1 - a.1);
        let bearing = dx.atan2(dy).to_degrees() + if v.against { 180.0 } else { 0.0 };
        Place {
            lon: a.0 + (b.0 - a.0) * part,
            lat: a.1 + (b.1 - a.1) * part,
            bearing_deg: bearing.rem_euclid(360.0) as f32,
            speed_mps: self.speed_mps(v),
        }
    }
}

/// Vehicles on their way, each second a little further.
#[derive(Debug)]
pub struct Fleet<'a> {
    streets: &'a Streets,
    vehicles: Vec<Vehicle>,
    chance: Chance,
    prefix: String,
}

impl<'a> Fleet<'a> {
    /// `count` vehicles spread over the streets; the same for the same seed.
    pub fn new(streets: &'a Streets, count: usize, seed: u64, kinds: &KindShares) -> Self {
        let mut chance = Chance::of(seed, "fleet");
        let vehicles = (0..count)
            .map(|i| streets.anywhere(&mut chance, kinds, &format!("s{i}")))
            .collect();
        Self {
            streets,
            vehicles,
            chance,
            prefix: "s".to_owned(),
        }
    }

    /// Drives vehicles `range` on by `seconds` and writes where they are.
    pub fn step(
        &mut self,
        range: std::ops::Range<usize>,
        seconds: f32,
        time_us: i64,
        out: &mut RowWriter,
    ) {
        use std::fmt::Write;
        let mut key = String::with_capacity(12);
        for index in range {
            let Some(v) = self.vehicles.get_mut(index) else {
                return;
            };
            self.streets.drive(v, seconds, &mut self.chance);
            let at = self.streets.place(v);
            key.clear();
            let _ = write!(key, "{}{index}", self.prefix);
            out.push(&RowOut {
                key: &key,
                lon: at.lon,
                lat: at.lat,
                bearing_deg: Some(at.bearing_deg),
                speed_mps: Some(at.speed_mps),
                accuracy_m: None,
                kind: v.kind,
                time_us,
            });
        }
    }

    /// Where every vehicle is, for tests and pictures.
    pub fn positions(&self) -> Vec<Position> {
        let at = |v: &Vehicle| {
            let p = self.streets.place(v);
            chengtu_engine::geo::LonLat::new(p.lon, p.lat)
                .position()
                .unwrap_or_default()
        };
        self.vehicles.iter().map(at).collect()
    }
}

/// Parts of a second in which an equal part of the vehicles reports.
const SLOTS: usize = 10;
/// Rows of one request.
const BATCH_ROWS_MAX: usize = 5_000;
/// Requests on their way at once: an answer takes a tick of the server, and nobody's next report waits for it.
const REQUESTS_MAX: usize = 32;

fn count_in(totals: &mut (u64, u64), taken: Taken) {
    totals.0 += taken.accepted;
    totals.1 += taken.rejected;
}

/// Drives `count` vehicles at one report a second each, for `seconds` (0: for ever).
///
/// # Errors
/// [`FeedError::Refused`]. An absent server is waited for.
pub async fn drive(
    streets: &Streets,
    feed: &FeedClient,
    count: usize,
    seed: u64,
    kinds: &KindShares,
    seconds: f64,
) -> Result<(u64, u64), FeedError> {
    let mut fleet = Fleet::new(streets, count, seed, kinds);
    let begin = Instant::now();
    let mut totals = (0, 0);
    let mut slot = 0u32;
    let mut writer = RowWriter::default();
    let mut asked = FuturesUnordered::new();
    loop {
        let due = begin + Duration::from_millis(1_000 / SLOTS as u64) * slot;
        if seconds > 0.0 && (due - begin).as_secs_f64() >= seconds {
            while let Some(taken) = asked.next().await {
                count_in(&mut totals, taken?);
            }
            return Ok(totals);
        }
        let mut slept = core::pin::pin!(tokio::time::sleep_until(due.into()));
        loop {
            tokio::select! {
                () = &mut slept => break,
                Some(taken) = asked.next() => count_in(&mut totals, taken?),
            }
        }
        let part = slot as usize % SLOTS;
        let range = count * part / SLOTS..count * (part + 1) / SLOTS;
        let mut at = range.start;
        while at < range.end {
            let to = (at + BATCH_ROWS_MAX).min(range.end);
            fleet.step(at..to, 1.0, SystemClock.now().0, &mut writer);
            if asked.len() >= REQUESTS_MAX
                && let Some(taken) = asked.next().await
            {
                count_in(&mut totals, taken?);
            }
            asked.push(feed.post_patiently(RowKind::Fixes, writer.take()));
            at = to;
        }
        slot += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chengtu_engine::roads::{EdgeInput, RoadClass};

    #[test]
    fn nobody_drives_beyond_the_bounds_of_the_city() {
        let frame = LocalFrame::new(Position::new(1_187_800_000, 320_400_000));
        let at = |east_m: f64, north_m: f64| frame.position(Metres { east_m, north_m });
        // A square in the city, and a road out of it to another.
        let corners = [
            (0.0, 0.0),
            (200.0, 0.0),
            (200.0, 200.0),
            (0.0, 200.0),
            (900.0, 0.0),
        ];
        let nodes: Vec<Position> = corners.iter().map(|(e, n)| at(*e, *n)).collect();
        let edge = |from: usize, to: usize| EdgeInput {
            from: from as u32,
            to: to as u32,
            length_m: 200.0,
            speed_mps: 14.0,
            oneway: false,
            class: RoadClass::Residential,
            name: u32::MAX,
            shape: vec![nodes[from], nodes[to]],
        };
        let edges = vec![edge(0, 1), edge(1, 2), edge(2, 3), edge(3, 0), edge(1, 4)];
        let graph = RoadGraph::build(nodes.clone(), edges, vec![]).unwrap();
        let city = GeoBox::new(at(-10.0, -10.0), at(300.0, 300.0));
        let streets = Streets::new(&graph, city);
        let mut fleet = Fleet::new(&streets, 50, 1, &KindShares::default());
        let mut rows = RowWriter::default();
        for second in 0..300 {
            fleet.step(0..50, 1.0, second, &mut rows);
            assert!(fleet.positions().iter().all(|p| city.contains(*p)));
        }
        assert!(Streets::new(&graph, GeoBox::new(at(5.0, 5.0), at(9.0, 9.0))).is_empty());
    }
}
