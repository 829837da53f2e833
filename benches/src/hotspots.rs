//! Hotspots kept up to date case by case, against computing them from scratch.

use crate::city::{Rng, frame};
use crate::report::{Report, contest, count, time};
use chengtu_engine::geo::{GeoBox, Metres, Position};
use chengtu_engine::hotspot::{CaseSpan, HotspotConfig, HotspotField, Kernel};

const ROUNDS: usize = 9;

/// Two sizes of city, both kernels.
pub fn run(report: &mut Report) {
    report.table(
        "Hotspots",
        "Density in cells of 25 m (bandwidth 300 m) and counts in squares of 100 m and around them (150, 400 and 800 m); \
         in an extent above 2,500 km² both are larger. One case: it closes and another opens. Evaluation: probabilities of \
         all windows, false-discovery control, areas, outlines. Looking back: since when it has been hot, from cases that \
         came within twelve hours, as after a jump in a replay. Anew: everything from the list of cases.",
        &["extent", "kernel", "open cases", "density cells", "counted cells", "one case", "evaluation", "looking back", "anew"],
    );
    for (half_m, cases) in [
        (2500.0, 500),
        (2500.0, 3000),
        (10_000.0, 3000),
        (15_000.0, 3000),
        (50_000.0, 3000),
    ] {
        for kernel in [Kernel::Quartic, Kernel::Gaussian] {
            report.row(&measure(half_m, cases, kernel));
        }
    }
}

fn positions(half_m: f64, cases: usize) -> Vec<Position> {
    let mut rng = Rng(99);
    let frame = frame();
    let mut anywhere = |half_m: f64| Metres {
        east_m: (rng.unit() * 2.0 - 1.0) * half_m,
        north_m: (rng.unit() * 2.0 - 1.0) * half_m,
    };
    let centres: Vec<Metres> = (0..20).map(|_| anywhere(half_m * 0.9)).collect();
    let place = |i: usize| {
        let near = anywhere(300.0);
        let c = centres[i % 20];
        let clustered = Metres {
            east_m: c.east_m + near.east_m,
            north_m: c.north_m + near.north_m,
        };
        frame.position(if i.is_multiple_of(2) {
            clustered
        } else {
            anywhere(half_m)
        })
    };
    (0..cases + 1000).map(place).collect()
}

/// Cases of twelve hours, one after the other; every second is of a cluster.
fn spans(cases: &[Position]) -> Vec<CaseSpan> {
    let each_us = 12 * 3_600_000_000 / cases.len() as i64;
    let span = |(i, position): (i64, &Position)| CaseSpan {
        position: *position,
        from: -i * each_us,
        until: None,
    };
    (0..).zip(cases).map(span).collect()
}

fn measure(half_m: f64, cases: usize, kernel: Kernel) -> Vec<String> {
    let corner = |m: f64| {
        frame().position(Metres {
            east_m: m,
            north_m: m,
        })
    };
    let extent = GeoBox::new(corner(-half_m), corner(half_m));
    let config = HotspotConfig {
        kernel,
        ..HotspotConfig::for_extent(half_m * 2.0, half_m * 2.0)
    };
    let new = || HotspotField::new(extent, config, &[]).expect("the default settings are possible");
    let all = positions(half_m, cases);
    let mut field = new();
    for (case, p) in all[..cases].iter().enumerate() {
        field.add(case as u64, *p);
    }
    let [rows, cols] = field.density().shape();
    let gi_cells = field.lattice().len();
    let mut still = field.clone();
    let mut back = field.clone();
    let spans = spans(&all[..cases]);
    let mut next = cases;
    let mut listed = 0;
    let times = contest(
        ROUNDS,
        &mut [
            (
                "one case",
                Box::new(|| {
                    for _ in 0..100 {
                        field.remove((next - cases) as u64);
                        field.add(next as u64, all[next % all.len()]);
                        next += 1;
                    }
                    100
                }),
            ),
            (
                "evaluation",
                Box::new(|| {
                    listed = still.evaluate(0).ranked.len();
                    1
                }),
            ),
            (
                "looking back",
                Box::new(|| {
                    back.look_back(&spans, 0);
                    1
                }),
            ),
            (
                "anew",
                Box::new(|| {
                    let mut anew = new();
                    for (case, p) in all[..cases].iter().enumerate() {
                        anew.add(case as u64, *p);
                    }
                    anew.evaluate(0);
                    1
                }),
            ),
        ],
    );
    assert!(listed > 0, "clusters this dense are hotspots");
    let mut row = vec![
        format!("{0} × {0} km", half_m / 500.0),
        format!("{kernel:?}").to_lowercase(),
        count(cases),
        count(rows * cols),
        count(gi_cells),
    ];
    row.extend(times.iter().map(|t| time(*t)));
    row
}
