//! The index of moving things against eager rstar and a flat grid.

use crate::city::Traffic;
use crate::grid::FlatGrid;
use crate::report::{Contestant, Report, contest, count, resident_bytes, time};
use chengtu_engine::geo::{GeoBox, LocalFrame, Metres, Position};
use chengtu_engine::index::{LazyIndex, Slot};
use rstar::primitives::GeomWithData;
use rstar::{AABB, RTree};
use std::cell::RefCell;

type Eager = RTree<GeomWithData<[f64; 2], u32>>;

const ROUNDS: usize = 9;
/// Moves of each vehicle before the first is timed: territories are then as worn as they ever get.
const WARM_UP: usize = 40;

fn point(p: Position) -> [f64; 2] {
    [f64::from(p.lon_e7), f64::from(p.lat_e7)]
}

fn bulk(positions: &[Position]) -> LazyIndex<u32> {
    LazyIndex::bulk(
        positions.iter().enumerate().map(|(i, p)| (i as u32, *p)),
        LazyIndex::<u32>::PAD_M,
    )
}

/// Memory of an index of a million, key map included; the first thing measured, while the process is still small.
fn bytes_a_vehicle() -> Option<usize> {
    const N: usize = 1_000_000;
    let start = Traffic::new(N).positions();
    let before = resident_bytes()?;
    let index = bulk(&start);
    let after = resident_bytes()?;
    (index.len() == N).then(|| after.saturating_sub(before) / N)
}

fn eager(positions: &[Position]) -> Eager {
    let items = positions
        .iter()
        .enumerate()
        .map(|(i, p)| GeomWithData::new(point(*p), i as u32));
    RTree::bulk_load(items.collect())
}

/// Moves and queries at 10 k, 100 k and 1 M.
pub fn run(report: &mut Report) {
    let bytes =
        bytes_a_vehicle().map_or_else(|| "unknown here".to_owned(), |b| format!("{b} bytes"));
    let about = format!(
        "A vehicle picked at random drives 15 m; 70 % of the vehicles in 200 clusters, the others anywhere in \
         60 × 60 km. Timed after {WARM_UP} moves of each, when the territories are worn; the peers begin fresh. \
         rstar removes and inserts; the grid has squares of 250 m with the positions in them. By slot: the caller \
         keeps the slot; by key: looked up in an ordered map first. Memory a vehicle at 1,000,000, key map \
         included: {bytes}."
    );
    report.table(
        "Index: a move",
        &about,
        &[
            "vehicles",
            "chengtu by slot",
            "chengtu by key",
            "flat grid",
            "rstar eager",
        ],
    );
    let mut queries = Vec::new();
    for n in [10_000, 100_000, 1_000_000] {
        queries.push(one_size(n, report));
    }
    report.table(
        "Index: queries after the moves",
        "A box of 1 × 1 km about a vehicle picked at random; all hits collected, in any order, then sorted by key \
         too. Nearest ten by great circle and key; rstar's ten are by plain degrees.",
        &["vehicles", "hits", "box chengtu", "box grid", "box rstar", "sorted chengtu", "nearest 10 chengtu", "nearest 10 rstar"],
    );
    for row in queries {
        report.row(&row);
    }
}

#[expect(
    clippy::too_many_lines,
    reason = "the contestants side by side in one table"
)]
fn one_size(n: usize, report: &mut Report) -> Vec<String> {
    let mut traffic = Traffic::new(n);
    let start = traffic.positions();
    let mut index = bulk(&start);
    let slots: Vec<Slot> = (0..n as u32).filter_map(|k| index.slot(k)).collect();
    for _ in 0..WARM_UP {
        for (id, p) in traffic.moves(n) {
            index.move_slot(slots[id as usize], p);
        }
    }
    // The peers begin fresh from where the vehicles now are.
    let start = traffic.positions();
    for (id, p) in start.iter().enumerate() {
        index.move_slot(slots[id], *p);
    }
    let by_key = index.clone();
    let (grid, eager) = (FlatGrid::new(&start), eager(&start));
    let rounds: Vec<Vec<(u32, Position)>> =
        (0..ROUNDS).map(|_| traffic.moves(n.min(300_000))).collect();
    let known = RefCell::new(start);
    let (index, by_key) = (RefCell::new(index), RefCell::new(by_key));
    let (grid, eager) = (RefCell::new(grid), RefCell::new(eager));
    let mut turns = [0usize; 4];
    let [a, b, c, d] = &mut turns;
    let mut next = |turn: &mut usize| {
        *turn += 1;
        &rounds[*turn - 1]
    };
    let next = RefCell::new(&mut next);
    let mut contestants: Vec<Contestant<'_>> = vec![
        (
            "slot",
            Box::new(|| {
                let moves = (next.borrow_mut())(a);
                let mut index = index.borrow_mut();
                for (id, p) in moves {
                    index.move_slot(slots[*id as usize], *p);
                }
                moves.len()
            }),
        ),
        (
            "key",
            Box::new(|| {
                let moves = (next.borrow_mut())(b);
                let mut index = by_key.borrow_mut();
                for (id, p) in moves {
                    index.move_to(*id, *p);
                }
                moves.len()
            }),
        ),
        (
            "grid",
            Box::new(|| {
                let moves = (next.borrow_mut())(c);
                let mut grid = grid.borrow_mut();
                for (id, p) in moves {
                    grid.move_to(*id, *p);
                }
                moves.len()
            }),
        ),
        (
            "rstar",
            Box::new(|| {
                let moves = (next.borrow_mut())(d);
                let (mut tree, mut known) = (eager.borrow_mut(), known.borrow_mut());
                for (id, p) in moves {
                    let before = std::mem::replace(&mut known[*id as usize], *p);
                    tree.remove(&GeomWithData::new(point(before), *id));
                    tree.insert(GeomWithData::new(point(*p), *id));
                }
                moves.len()
            }),
        ),
    ];
    let times = contest(ROUNDS, &mut contestants);
    drop(contestants);
    let mut row: Vec<String> = vec![count(n)];
    row.extend(times.iter().map(|t| time(*t)));
    report.row(&row);
    let (index, grid, eager) = (index.into_inner(), grid.into_inner(), eager.into_inner());
    query_row(n, &mut traffic, &index, &grid, &eager)
}

#[expect(
    clippy::too_many_lines,
    reason = "the contestants side by side in one table"
)]
fn query_row(
    n: usize,
    traffic: &mut Traffic,
    index: &LazyIndex<u32>,
    grid: &FlatGrid,
    eager: &Eager,
) -> Vec<String> {
    let centres: Vec<Position> = traffic
        .moves(2000)
        .into_iter()
        .map(|(id, _)| index.position(id).unwrap_or_default())
        .collect();
    let boxes: Vec<GeoBox> = centres.iter().map(|p| square_km(*p)).collect();
    let envelope = |b: &GeoBox| AABB::from_corners(point(b.min), point(b.max));
    let mut hits = [0usize; 3];
    let [a, b, c] = &mut hits;
    let mut found: [Vec<u32>; 3] = Default::default();
    let [fa, fb, fc] = &mut found;
    let times = contest(
        ROUNDS,
        &mut [
            (
                "chengtu",
                Box::new(|| {
                    *a = boxes
                        .iter()
                        .map(|b| {
                            fa.clear();
                            index.visit_box(b, |k, _| fa.push(k));
                            fa.len()
                        })
                        .sum();
                    boxes.len()
                }),
            ),
            (
                "grid",
                Box::new(|| {
                    *b = boxes
                        .iter()
                        .map(|b| {
                            fb.clear();
                            grid.visit_box(b, |k| fb.push(k));
                            fb.len()
                        })
                        .sum();
                    boxes.len()
                }),
            ),
            (
                "rstar",
                Box::new(|| {
                    *c = boxes
                        .iter()
                        .map(|b| {
                            fc.clear();
                            fc.extend(eager.locate_in_envelope(envelope(b)).map(|v| v.data));
                            fc.len()
                        })
                        .sum();
                    boxes.len()
                }),
            ),
            (
                "sorted",
                Box::new(|| boxes.iter().filter(|b| !index.in_box(b).is_empty()).count()),
            ),
            (
                "nearest",
                Box::new(|| {
                    centres
                        .iter()
                        .filter(|p| index.nearest(**p, 10).len() == 10)
                        .count()
                }),
            ),
            (
                "rstar nearest",
                Box::new(|| {
                    let ten = |p: &&Position| {
                        eager.nearest_neighbor_iter(point(**p)).take(10).count() == 10
                    };
                    centres.iter().filter(ten).count()
                }),
            ),
        ],
    );
    assert!(
        hits[0] == hits[1] && hits[0] == hits[2],
        "the peers disagree: {hits:?}"
    );
    let mut row = vec![count(n), (hits[0] / boxes.len()).to_string()];
    row.extend(times.iter().map(|t| time(*t)));
    row
}

fn square_km(p: Position) -> GeoBox {
    let frame = LocalFrame::new(p);
    let at = |m| {
        frame.position(Metres {
            east_m: m,
            north_m: m,
        })
    };
    GeoBox::new(at(-500.0), at(500.0))
}
