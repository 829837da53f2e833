//! Ranking and snapping in a real city: the pack that `CHENGTU_CITY` names.

use crate::city::Rng;
use crate::dispatch::{Dispatch, NOW};
use crate::report::{Report, contest, count, median, time};
use crate::roads::Plain;
use crate::simulator::bounds;
use chengtu_engine::geo::{LocalFrame, Metres, Position, distance_m};
use chengtu_engine::rank::{ROWS_MAX, rank};
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
/// Roads closed for a part of it.
const CLOSED: usize = 40;
const BY_WATER: usize = 10_000;
/// As far as units and cases may lie from roads.
const SNAP_M: f64 = 400.0;

/// Measures the pack, if there is one.
pub fn run(report: &mut Report) {
    let graph = match std::env::var_os("CHENGTU_CITY") {
        None => Err("CHENGTU_CITY names no pack".to_owned()),
        Some(dir) => std::fs::read(Path::new(&dir).join("roads.bin"))
            .map_err(|error| error.to_string())
            .and_then(|bytes| RoadGraph::decode(&bytes).map_err(|error| error.to_string())),
    };
    report.table(
        "Roads of a city: 300 units to one case",
        "`CHENGTU_CITY=DIR cargo bench -p chengtu-benches -- city_roads`. Arrivals: 300 vehicles up to 14 m beside the \
         roads that they drive on and one case are put onto roads, then one search answers for all. Ranking: the same \
         as the server does it, from its state, put in order and with reasons. Closed: a search with 40 roads closed; \
         after a change: the first one after another road is closed. Dijkstra: one to all nodes with a binary heap, \
         without turns. Equal: answers that are those of a Dijkstra over ways of edges that keeps the same turns, in \
         five rankings with all roads open and five with 40 closed.",
        &[
            "nodes", "edges", "turns", "arrivals", "99th of 100", "the search", "Dijkstra", "ranking", "99th of 100", "closed",
            "after a change", "equal",
        ],
    );
    match &graph {
        Ok(graph) => report.row(&arrivals(graph)),
        Err(error) => report.row(std::slice::from_ref(error)),
    }
    report.table(
        "Roads of a city: onto the road",
        "As above. Snap: cases up to 14 m beside roads. By water: cases within 60 m of rivers and large lakes; crossed: \
         whose way to the road leads through more than 4 m of water.",
        &["points of banks", "snap", "by water", "crossed"],
    );
    match &graph {
        Ok(graph) => report.row(&snapping(graph)),
        Err(error) => report.row(std::slice::from_ref(error)),
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

/// How long a piece of work takes for each case, nanoseconds: ascending. The first round warms up.
fn times(cases: &[Near], mut work: impl FnMut(usize, &Near) -> Option<Instant>) -> Vec<f64> {
    let mut times = Vec::with_capacity(cases.len());
    for round in 0..2 {
        for (i, case) in cases.iter().enumerate() {
            let ended = work(i, case).map(|start| start.elapsed().as_nanos() as f64);
            times.extend(ended.filter(|_| round > 0));
        }
    }
    times.sort_by(f64::total_cmp);
    times
}

/// The middle one and the 99th of 100.
fn middle_and_slow(times: &[f64]) -> [String; 2] {
    [times.len() / 2, times.len() * 99 / 100]
        .map(|at| time(times.get(at).copied().unwrap_or(f64::NAN)))
}

fn arrivals(graph: &RoadGraph) -> Vec<String> {
    let mut rng = Rng(7);
    let units = near_roads(graph, &mut rng, UNITS);
    let cases = near_roads(graph, &mut rng, CASES);
    let mut search = Search::new();
    let whole = times(&cases, |_, case| {
        let start = Instant::now();
        ranked(graph, case.at, &units, &mut search).map(|_| start)
    });
    let on_roads: Vec<_> = cases
        .iter()
        .map(|case| ranked(graph, case.at, &units, &mut search))
        .collect();
    let arrive = |i: usize, search: &mut Search| {
        let (target, points, _) = on_roads[i].as_ref()?;
        let start = Instant::now();
        let found = graph.arrivals_to(*target, points, &ArrivalOptions::default(), search);
        assert!(found.iter().flatten().count() > 0);
        Some(start)
    };
    let searched = times(&cases, |i, _| arrive(i, &mut search));
    let dijkstra = Plain::new(graph);
    let plain = times(&cases, |i, _| {
        let (target, _, _) = on_roads[i].as_ref()?;
        let start = Instant::now();
        assert!(!dijkstra.one_to_all(*target).is_empty());
        Some(start)
    });
    let ranking = rankings(graph, &units, &cases);
    let mut equal = compared(graph, &cases, &units, &mut search);
    let mut closing: Vec<u32> = Vec::new();
    for _ in 0..CLOSED {
        closing.push(rng.below(graph.edge_count()) as u32);
        search.set_closed(closing[closing.len() - 1], true);
    }
    let with_closed = compared(graph, &cases, &units, &mut search);
    equal = (equal.0 + with_closed.0, equal.1 + with_closed.1);
    // A target on a closed road is none.
    let closed = times(&cases, |i, _| {
        let (target, _, _) = on_roads[i].as_ref()?;
        let open = !search.is_closed(target.edge);
        open.then(|| arrive(i, &mut search)).flatten()
    });
    let changed = times(&cases, |i, _| {
        let (target, _, _) = on_roads[i].as_ref()?;
        let edge = closing[i % CLOSED];
        search.set_closed(edge, !search.is_closed(edge));
        let open = !search.is_closed(target.edge);
        open.then(|| arrive(i, &mut search)).flatten()
    });
    let [middle, slow] = middle_and_slow(&whole);
    let [rank_middle, rank_slow] = middle_and_slow(&ranking);
    let only = |times: &[f64]| middle_and_slow(times)[0].clone();
    vec![
        count(graph.node_count()),
        count(graph.edge_count()),
        count(graph.surroundings().turns.len()),
        middle,
        slow,
        only(&searched),
        only(&plain),
        rank_middle,
        rank_slow,
        only(&closed),
        only(&changed),
        format!("{} of {}", count(equal.0), count(equal.1)),
    ]
}

/// Rankings from a state, as the server makes them.
fn rankings(graph: &RoadGraph, units: &[Near], cases: &[Near]) -> Vec<f64> {
    let units: Vec<(Position, f64)> = units.iter().map(|u| (u.at, u.bearing_deg)).collect();
    let places: Vec<Position> = cases.iter().map(|c| c.at).collect();
    let city = Dispatch::new(bounds(graph), &units, &places);
    let mut search = Search::new();
    times(cases, |i, _| {
        let case = *city.cases.get(i)?;
        let start = Instant::now();
        let rows = rank(&city.state, graph, &mut search, case, NOW, None);
        assert_eq!(rows.map(|rows| rows.len()), Ok(ROWS_MAX));
        Some(start)
    })
}

/// How many answers of a few rankings equal a Dijkstra's, and how many there are.
fn compared(
    graph: &RoadGraph,
    cases: &[Near],
    units: &[Near],
    search: &mut Search,
) -> (usize, usize) {
    let (mut equal, mut all) = (0, 0);
    for case in cases.iter().take(COMPARED) {
        let Some((target, points, found)) = ranked(graph, case.at, units, search) else {
            continue;
        };
        for (a, ms) in found.iter().zip(plain(graph, search, target, &points)) {
            let seconds = ms.map(|ms| (f64::from(ms) / 1000.0) as f32);
            equal += usize::from(a.map(|a| a.seconds) == seconds);
            all += 1;
        }
    }
    (equal, all)
}

fn snapping(graph: &RoadGraph) -> Vec<String> {
    let mut rng = Rng(8);
    let cases = near_roads(graph, &mut rng, CASES);
    let found = |c: &&Near| graph.snap(c.at, SNAP_M).is_some();
    let snap = contest(
        9,
        &mut [("snap", Box::new(|| cases.iter().filter(found).count()))],
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
    let banks = &graph.surroundings().banks;
    vec![
        count(banks.iter().map(|b| b.line.len()).sum()),
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
fn plain(
    graph: &RoadGraph,
    search: &Search,
    target: RoadPoint,
    units: &[RoadPoint],
) -> Vec<Option<u32>> {
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
            let closed = search.is_closed(arc >> 1);
            if closed || forbidden.iter().any(|f| longer.starts_with(f)) {
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
