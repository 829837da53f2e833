//! Ranking and snapping in a real city: the pack that `CHENGTU_CITY` names.

use crate::city::Rng;
use crate::report::{Report, contest, count, median, time};
use chengtu_engine::geo::{LocalFrame, Metres, Position, distance_m};
use chengtu_engine::roads::{
    Arrival, ArrivalOptions, Bank, BankKind, RoadGraph, RoadPoint, Search,
};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::path::Path;
use std::time::Instant;

const UNITS: usize = 300;
const CASES: usize = 200;
/// Cases whose answers are compared with a Dijkstra's.
const COMPARED: usize = 5;
const BY_WATER: usize = 10_000;
/// As far as units and cases may lie from roads.
const SNAP_M: f64 = 400.0;

/// Measures the pack, if there is one.
pub fn run(report: &mut Report) {
    report.table(
        "Roads of a city: 300 units to one case",
        "`CHENGTU_CITY=DIR cargo bench -p chengtu-benches -- city_roads`. A ranking: 300 vehicles up to 15 m beside the \
         roads that they drive on and one case are put onto roads, then one search answers for all. Equal: answers that \
         are those of a Dijkstra over pairs of edges that keeps the same turns, of all in five rankings. By water: cases \
         within 60 m of rivers and large lakes; crossed: whose way to the road leads through more than 4 m of water.",
        &[
            "nodes", "edges", "turns", "banks", "one ranking", "99th of 100", "its search", "equal", "snap", "by water", "crossed",
        ],
    );
    let Some(dir) = std::env::var_os("CHENGTU_CITY") else {
        report.row(&["CHENGTU_CITY names no pack".to_owned()]);
        return;
    };
    match std::fs::read(Path::new(&dir).join("roads.bin")).map(|bytes| RoadGraph::decode(&bytes)) {
        Ok(Ok(graph)) => report.row(&measure(&graph)),
        Ok(Err(error)) => report.row(&[error.to_string()]),
        Err(error) => report.row(&[error.to_string()]),
    }
}

/// Somebody near a road: where, and which way a vehicle there drives.
struct Near {
    at: Position,
    bearing_deg: f64,
}

fn near_roads(graph: &RoadGraph, rng: &mut Rng, wanted: usize) -> Vec<Near> {
    let mut found = Vec::with_capacity(wanted);
    while found.len() < wanted {
        let edge = rng.below(graph.edge_count()) as u32;
        let along = rng.unit() as f32;
        let place = |part: f32| graph.point_along(edge, part).map(|p| p.position);
        let (Some(at), Some(a), Some(b)) = (place(along), place(0.0), place(1.0)) else {
            continue;
        };
        if !graph.in_main_component(edge) {
            continue;
        }
        let frame = LocalFrame::new(at);
        let (a, b) = (frame.metres(a), frame.metres(b));
        let mut off = || (rng.unit() - 0.5) * 20.0;
        found.push(Near {
            at: frame.position(Metres {
                east_m: off(),
                north_m: off(),
            }),
            bearing_deg: (b.east_m - a.east_m)
                .atan2(b.north_m - a.north_m)
                .to_degrees(),
        });
    }
    found
}

fn ranked(
    graph: &RoadGraph,
    case: Position,
    units: &[Near],
    search: &mut Search,
) -> Option<(RoadPoint, Vec<RoadPoint>, Vec<Option<Arrival>>)> {
    let target = graph.snap_open(case, SNAP_M, search)?;
    let snap = |u: &Near| graph.snap_vehicle(u.at, Some(u.bearing_deg), SNAP_M, search);
    let points: Vec<RoadPoint> = units.iter().filter_map(snap).collect();
    let found = graph.arrivals_to(target, &points, &ArrivalOptions::default(), search);
    Some((target, points, found))
}

fn measure(graph: &RoadGraph) -> Vec<String> {
    let mut rng = Rng(7);
    let units = near_roads(graph, &mut rng, UNITS);
    let cases = near_roads(graph, &mut rng, CASES);
    let mut search = Search::new();
    let (mut times, mut searches) = (Vec::new(), Vec::new());
    for case in cases.iter().chain(&cases) {
        let start = Instant::now();
        let found = ranked(graph, case.at, &units, &mut search);
        times.push(start.elapsed().as_nanos() as f64);
        let Some((target, points, _)) = found else {
            continue;
        };
        let start = Instant::now();
        let found = graph.arrivals_to(target, &points, &ArrivalOptions::default(), &mut search);
        searches.push(start.elapsed().as_nanos() as f64);
        assert!(found.iter().flatten().count() > 0);
    }
    // The first round warms up.
    let mut times = times.split_off(CASES);
    let middle = median(&mut times);
    let slow = times[CASES * 99 / 100];
    let (mut equal, mut all) = (0, 0);
    for case in cases.iter().take(COMPARED) {
        let Some((target, points, found)) = ranked(graph, case.at, &units, &mut search) else {
            continue;
        };
        for (a, ms) in found.iter().zip(plain(graph, target, &points)) {
            let seconds = ms.map(|ms| (f64::from(ms) / 1000.0) as f32);
            equal += usize::from(a.map(|a| a.seconds) == seconds);
            all += 1;
        }
    }
    let snap = contest(
        9,
        &mut [(
            "snap",
            Box::new(|| {
                cases
                    .iter()
                    .filter(|c| graph.snap(c.at, SNAP_M).is_some())
                    .count()
            }),
        )],
    );
    let shores = by_water(graph, &mut rng);
    let mut shore_times = Vec::new();
    let mut crossed = 0;
    for at in &shores {
        let start = Instant::now();
        let found = graph.snap(*at, SNAP_M);
        shore_times.push(start.elapsed().as_nanos() as f64);
        let over = found.is_some_and(|f| water_m(graph, *at, f.position) > 4.0);
        crossed += usize::from(over);
    }
    let around = graph.surroundings();
    vec![
        count(graph.node_count()),
        count(graph.edge_count()),
        count(around.turns.len()),
        count(around.banks.iter().map(|b| b.line.len()).sum()),
        time(middle),
        time(slow),
        time(median(&mut searches)),
        format!("{} of {}", count(equal), count(all)),
        time(snap[0]),
        time(median(&mut shore_times)),
        format!("{crossed} of {}", count(shores.len())),
    ]
}

fn wide(graph: &RoadGraph) -> impl Iterator<Item = &Bank> {
    let banks = &graph.surroundings().banks;
    banks.iter().filter(|b| b.kind == BankKind::Wide)
}

/// Places on land within 60 m of wide waters, evenly along their banks.
fn by_water(graph: &RoadGraph, rng: &mut Rng) -> Vec<Position> {
    let sides: Vec<(Position, Position)> = wide(graph)
        .flat_map(|b| b.line.windows(2).map(|w| (w[0], w[1])))
        .collect();
    let mut ends = Vec::with_capacity(sides.len());
    let mut sum = 0.0;
    for (a, b) in &sides {
        sum += distance_m(*a, *b);
        ends.push(sum);
    }
    let mut found = Vec::new();
    let mut tries = 0;
    while !sides.is_empty() && found.len() < BY_WATER && tries < 20 * BY_WATER {
        tries += 1;
        let at = rng.unit() * sum;
        let (a, b) = sides[ends.partition_point(|e| *e < at).min(sides.len() - 1)];
        let frame = LocalFrame::new(a);
        let (b, part) = (frame.metres(b), rng.unit());
        let mut off = |m: f64| m * part + (rng.unit() - 0.5) * 120.0;
        let at = frame.position(Metres {
            east_m: off(b.east_m),
            north_m: off(b.north_m),
        });
        if !is_wet(graph, at) {
            found.push(at);
        }
    }
    found
}

/// Whether a place lies in wide water: by counting banks east of it, all of them.
fn is_wet(graph: &RoadGraph, at: Position) -> bool {
    let east = |a: Position, b: Position| {
        let rises = (a.lat_e7 > at.lat_e7) != (b.lat_e7 > at.lat_e7);
        let part = f64::from(at.lat_e7 - a.lat_e7) / f64::from(b.lat_e7 - a.lat_e7);
        let lon = f64::from(a.lon_e7) + part * f64::from(b.lon_e7 - a.lon_e7);
        i32::from(rises && lon > f64::from(at.lon_e7)) * if b.lat_e7 > a.lat_e7 { 1 } else { -1 }
    };
    let turns = wide(graph).flat_map(|b| b.line.windows(2).map(|w| east(w[0], w[1])));
    turns.sum::<i32>() > 0
}

/// How much of a straight way is water, metres: step by step.
fn water_m(graph: &RoadGraph, from: Position, to: Position) -> f64 {
    let length_m = distance_m(from, to);
    let steps = (length_m / 0.5).ceil().max(1.0) as i32;
    let frame = LocalFrame::new(from);
    let to = frame.metres(to);
    let banks_near = wide(graph).any(|b| {
        b.line.windows(2).any(|w| {
            let (a, b) = (frame.metres(w[0]), frame.metres(w[1]));
            let side = |p: Metres| to.east_m * p.north_m - to.north_m * p.east_m > 0.0;
            let of = |p: Metres| {
                (b.east_m - a.east_m) * (p.north_m - a.north_m)
                    - (b.north_m - a.north_m) * (p.east_m - a.east_m)
                    > 0.0
            };
            side(a) != side(b)
                && of(Metres {
                    east_m: 0.0,
                    north_m: 0.0,
                }) != of(to)
        })
    });
    if !banks_near {
        return 0.0;
    }
    let place = |i: i32| {
        let part = f64::from(i) / f64::from(steps);
        frame.position(Metres {
            east_m: to.east_m * part,
            north_m: to.north_m * part,
        })
    };
    let wet = (0..steps).filter(|i| is_wet(graph, place(*i))).count();
    wet as f64 * length_m / f64::from(steps)
}

/// Milliseconds from every unit to the target by a Dijkstra that goes backwards over ways of as many edges as the longest
/// forbidden one has, less one.
fn plain(graph: &RoadGraph, target: RoadPoint, units: &[RoadPoint]) -> Vec<Option<u32>> {
    let forbidden = &graph.surroundings().turns;
    let kept = forbidden.iter().map(Vec::len).max().unwrap_or(2) - 1;
    let edge = |arc: u32| *graph.edge(arc >> 1).expect("an edge of the graph");
    let sides = |p: RoadPoint| {
        let e = edge(p.edge << 1);
        let before = (f64::from(e.travel_ms) * f64::from(p.along)).round() as u32;
        let ahead = (p.edge << 1, before, e.travel_ms - before);
        let back = (p.edge << 1 | 1, e.travel_ms - before, before);
        std::iter::once(ahead).chain((!e.oneway).then_some(back))
    };
    let mut incoming: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for node in 0..graph.node_count() as u32 {
        for arc in graph.outgoing(node) {
            let side = arc.edge() << 1 | u32::from(arc.reversed());
            incoming.entry(arc.node).or_default().push(side);
        }
    }
    let mut on: BTreeMap<u32, Vec<(usize, u32)>> = BTreeMap::new();
    let mut best: Vec<Option<u32>> = Vec::new();
    for (i, unit) in units.iter().enumerate() {
        let to = sides(target).find(|t| t.0 >> 1 == unit.edge);
        let direct = to.and_then(|(_, there, _)| {
            let (_, here, _) = sides(*unit).next()?;
            let two_way = !edge(unit.edge << 1).oneway;
            (there >= here || two_way).then(|| there.abs_diff(here))
        });
        best.push(direct);
        for (arc, _, after) in sides(*unit) {
            on.entry(arc).or_default().push((i, after));
        }
    }
    let mut known: BTreeMap<Vec<u32>, u32> = BTreeMap::new();
    let mut open: BinaryHeap<Reverse<(u32, Vec<u32>)>> = sides(target)
        .map(|(arc, before, _)| Reverse((before, vec![arc])))
        .collect();
    while let Some(Reverse((ms, way))) = open.pop() {
        if known.get(&way).is_some_and(|m| *m <= ms) {
            continue;
        }
        let first = edge(way[0]);
        let at = if way[0] & 1 == 0 {
            first.from
        } else {
            first.to
        };
        for arc in incoming.get(&at).into_iter().flatten() {
            let mut longer = vec![*arc];
            longer.extend_from_slice(&way);
            if forbidden.iter().any(|f| longer.starts_with(f)) {
                continue;
            }
            for (unit, after) in on.get(arc).into_iter().flatten() {
                let whole = ms + after;
                best[*unit] = Some(best[*unit].map_or(whole, |known| known.min(whole)));
            }
            longer.truncate(kept);
            open.push(Reverse((ms + edge(*arc).travel_ms, longer)));
        }
        known.insert(way, ms);
    }
    best
}
