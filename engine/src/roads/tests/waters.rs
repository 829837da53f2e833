//! Nobody walks over water to a road.

use super::super::oracle::{GridBuilder, Rng};
use super::super::{Bank, BankKind, RoadGraph, RoadPoint, Surroundings};
use crate::geo::{LocalFrame, Metres, Position};

const SIDE: usize = 21;
const STEP_M: f64 = 100.0;
const WIDTH_M: f64 = (SIDE - 1) as f64 * STEP_M;

/// The southern and the northern bank of the river at a distance from the west.
fn river(east_m: f64) -> (f64, f64) {
    let bend_m = 9.0 * libm::sin(east_m / 70.0);
    (930.0 + bend_m, 1_080.0 + 1.3 * bend_m)
}

/// Two islands as rectangles: west, south, east, north. A bridge leads over the second.
const ISLANDS: [[f64; 4]; 2] = [
    [820.0, 985.0, 980.0, 1_030.0],
    [1_340.0, 980.0, 1_460.0, 1_035.0],
];

fn is_water([x, y]: [f64; 2]) -> bool {
    let (south, north) = river(x);
    let on = |[w, s, e, n]: &[f64; 4]| *w <= x && x <= *e && *s <= y && y <= *n;
    south < y && y < north && (-500.0..=WIDTH_M + 500.0).contains(&x) && !ISLANDS.iter().any(on)
}

struct Town {
    graph: RoadGraph,
    frame: LocalFrame,
}

impl Town {
    fn place(&self, [east_m, north_m]: [f64; 2]) -> Position {
        self.frame.position(Metres { east_m, north_m })
    }

    fn flat(&self, p: Position) -> [f64; 2] {
        let m = self.frame.metres(p);
        [m.east_m, m.north_m]
    }

    fn snap(&self, at: [f64; 2]) -> Option<RoadPoint> {
        self.graph.snap(self.place(at), 400.0)
    }

    /// How much of the straight way between two places is water, metres.
    fn water_m(&self, a: [f64; 2], b: Position) -> f64 {
        let b = self.flat(b);
        let length_m = libm::hypot(b[0] - a[0], b[1] - a[1]);
        let steps = (length_m / 0.1).max(1.0) as usize;
        let at = |i: usize, k: usize| a[k] + (b[k] - a[k]) * i as f64 / steps as f64;
        let wet = (0..=steps).filter(|i| is_water([at(*i, 0), at(*i, 1)]));
        wet.count() as f64 * length_m / steps as f64
    }
}

fn bank(town: &Town, kind: BankKind, line: impl IntoIterator<Item = [f64; 2]>) -> Bank {
    Bank {
        kind,
        line: line.into_iter().map(|p| town.place(p)).collect(),
    }
}

/// Streets every 100 m, a river where the middle one would be, bridges in the 5th and the 14th street from the west.
fn town() -> Town {
    let mut grid = GridBuilder::new(SIDE, SIDE, STEP_M);
    let node = |col: usize, row: usize| (row * SIDE + col) as u32;
    for row in (0..SIDE).filter(|r| *r != 10) {
        for col in 0..SIDE - 1 {
            grid.edge(node(col, row), node(col + 1, row), 10.0, false);
        }
    }
    for col in 0..SIDE {
        for row in (0..SIDE - 1).filter(|r| *r != 9 && *r != 10) {
            grid.edge(node(col, row), node(col, row + 1), 10.0, false);
        }
        if col == 5 || col == 14 {
            let x = col as f64 * STEP_M;
            let (south, north) = river(x);
            let (a, b) = (grid.node_at(x, south), grid.node_at(x, north));
            grid.edge(node(col, 9), a, 10.0, false);
            grid.edge(a, b, 10.0, false);
            grid.edge(b, node(col, 11), 10.0, false);
        }
    }
    Town {
        frame: LocalFrame::new(grid.offset(0.0, 0.0)),
        graph: grid.build(),
    }
}

/// The river's banks as the importer writes them: water on the left, in pieces.
fn banks(town: &Town) -> Vec<Bank> {
    let xs: Vec<f64> = (-100..=500).map(|i| f64::from(i) * 5.0).collect();
    let (west, east) = (xs[0], xs[xs.len() - 1]);
    let south = xs.iter().map(|x| [*x, river(*x).0]);
    let north = xs.iter().rev().map(|x| [*x, river(*x).1]);
    let mut banks = vec![
        bank(town, BankKind::Wide, south),
        bank(
            town,
            BankKind::Wide,
            [[east, river(east).0], [east, river(east).1]],
        ),
        bank(town, BankKind::Wide, north),
        bank(
            town,
            BankKind::Wide,
            [[west, river(west).1], [west, river(west).0]],
        ),
    ];
    for [w, s, e, n] in ISLANDS {
        banks.push(bank(
            town,
            BankKind::Wide,
            [[w, s], [w, n], [e, n], [e, s], [w, s]],
        ));
    }
    banks
}

fn with_banks(mut town: Town, banks: Vec<Bank>) -> Town {
    town.graph = town
        .graph
        .with(Surroundings {
            banks,
            ..Surroundings::default()
        })
        .unwrap();
    town
}

/// A place within 60 m of the water's edge, on land or in the water.
fn by_the_water(rng: &mut Rng) -> [f64; 2] {
    let x = rng.unit() * WIDTH_M;
    let (south, north) = river(x);
    let off_m = (rng.unit() - 0.5) * 120.0;
    match rng.below(5) {
        0 => {
            let [w, s, e, n] = ISLANDS[rng.below(2) as usize];
            [w + rng.unit() * (e - w), s + rng.unit() * (n - s)]
        }
        1 | 2 => [x, south + off_m],
        _ => [x, north + off_m],
    }
}

#[test]
fn no_case_of_10000_on_the_banks_snaps_across_the_river() {
    let dry = town();
    let banks = banks(&dry);
    let wet = with_banks(town(), banks);
    let mut rng = Rng(2_026);
    let (mut without, mut nowhere, mut tried) = (0, 0, 0);
    while tried < 10_000 {
        let at = by_the_water(&mut rng);
        if is_water(at) {
            continue;
        }
        tried += 1;
        let plain = dry.snap(at).unwrap();
        without += usize::from(dry.water_m(at, plain.position) > 5.0);
        let Some(found) = wet.snap(at) else {
            // Nothing leads to the first island.
            let [w, s, e, n] = ISLANDS[0];
            assert!(
                w <= at[0] && at[0] <= e && s <= at[1] && at[1] <= n,
                "{at:?}"
            );
            nowhere += 1;
            continue;
        };
        let water_m = wet.water_m(at, found.position);
        assert!(
            water_m <= 4.0,
            "{at:?} to {:?}: {water_m} m of water",
            wet.flat(found.position)
        );
    }
    assert!(
        without > 500 && nowhere > 500,
        "{without} would cross, {nowhere} on an island"
    );
}

#[test]
fn who_is_in_the_water_belongs_to_the_nearest_bank_or_a_bridge() {
    let dry = town();
    let banks = banks(&dry);
    let wet = with_banks(town(), banks);
    let mut rng = Rng(7);
    for _ in 0..2_000 {
        let x = rng.unit() * WIDTH_M;
        let (south, north) = river(x);
        // The position of somebody on the promenade, a little off.
        let south_side = rng.below(2) == 0;
        let off_m = 1.0 + rng.unit() * 7.0;
        let at = [
            x,
            if south_side {
                south + off_m
            } else {
                north - off_m
            },
        ];
        let found = wet.flat(wet.snap(at).unwrap().position);
        assert!(
            if south_side {
                found[1] < south + 30.0
            } else {
                found[1] > north - 30.0
            },
            "{at:?} {found:?}"
        );
    }
    // On the bridge, and a little beside it.
    for at in [[500.0, 1_000.0], [506.0, 1_020.0], [1_400.0, 960.0]] {
        let found = wet.snap(at).unwrap();
        assert!(f64::from(found.distance_m) < 7.0, "{at:?} {found:?}");
    }
    assert_eq!(wet.snap([900.0, 1_005.0]), None, "an island without a road");
}

#[test]
fn rivers_in_pieces_and_pieces_that_overlap_are_one_water() {
    let dry = town();
    let ring = |[w, s, e, n]: [f64; 4]| {
        bank(
            &dry,
            BankKind::Wide,
            [[w, s], [e, s], [e, n], [w, n], [w, s]],
        )
    };
    // Two pieces that meet under the first bridge, and a third over both.
    let pieces = vec![
        ring([-100.0, 940.0, 500.0, 1_060.0]),
        ring([500.0, 940.0, 2_100.0, 1_060.0]),
        ring([400.0, 950.0, 600.0, 1_050.0]),
    ];
    let wet = with_banks(town(), pieces);
    for y in [960.0, 1_000.0, 1_040.0] {
        for x in [490.0, 499.0, 501.0, 508.0] {
            let found = wet.snap([x, y]).unwrap();
            assert!(f64::from(found.distance_m) < 11.0, "{x} {y} {found:?}");
        }
    }
    for x in [450.0, 550.0, 800.0] {
        assert!(wet.flat(wet.snap([x, 935.0]).unwrap().position)[1] < 941.0);
        assert!(wet.flat(wet.snap([x, 1_065.0]).unwrap().position)[1] > 1_059.0);
    }
}

#[test]
fn around_a_pond_one_walks_where_there_is_nothing_else() {
    let dry = town();
    let pond = [
        [210.0, 210.0],
        [290.0, 210.0],
        [290.0, 260.0],
        [210.0, 260.0],
        [210.0, 210.0],
    ];
    let pond = bank(&dry, BankKind::Pond, pond);
    let course = bank(&dry, BankKind::Course, [[-500.0, 640.0], [2_500.0, 640.0]]);
    let wet = with_banks(town(), vec![pond.clone(), course]);
    // Between the pond and the northern street, near the pond: the street.
    let found = wet.snap([250.0, 262.0]).unwrap();
    assert!((wet.flat(found.position)[1] - 300.0).abs() < 0.1);
    // South of a stream that the nearest street lies north of.
    let found = wet.snap([650.0, 630.0]).unwrap();
    assert!(wet.flat(found.position)[1] < 640.0);
    let far = wet.graph.snap(wet.place([-300.0, 635.0]), 302.0).unwrap();
    assert!(far.distance_m < 302.0);
    // Where all streets but those beyond the pond are closed.
    let mut search = super::super::Search::new();
    for edge in 0..wet.graph.edge_count() as u32 {
        let middle = wet.flat(wet.graph.point_along(edge, 0.5).unwrap().position);
        search.set_closed(edge, (middle[0] - 250.0).abs() > 5.0 || middle[1] > 220.0);
    }
    let found = wet
        .graph
        .snap_open(wet.place([250.0, 262.0]), 100.0, &search)
        .unwrap();
    assert!((wet.flat(found.position)[1] - 200.0).abs() < 0.1);
}

#[test]
fn who_is_in_a_pond_does_not_cross_the_river_either() {
    let dry = town();
    let mut banks = banks(&dry);
    let pond = [
        [210.0, 830.0],
        [290.0, 830.0],
        [290.0, 895.0],
        [210.0, 895.0],
        [210.0, 830.0],
    ];
    banks.push(bank(&dry, BankKind::Pond, pond));
    let wet = with_banks(town(), banks);
    let mut search = super::super::Search::new();
    for edge in 0..wet.graph.edge_count() as u32 {
        let middle = wet.flat(wet.graph.point_along(edge, 0.5).unwrap().position);
        search.set_closed(edge, middle[1] < 1_070.0);
    }
    let at = wet.place([250.0, 850.0]);
    assert_eq!(wet.graph.snap_open(at, 400.0, &search), None);
}
