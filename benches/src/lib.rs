//! What the engine's parts cost, beside other ways to do the same.
//!
//! Data are made from fixed seeds, set-up is outside the loop, and peers take turns within each round, so that a
//! machine that slows down or speeds up affects all of them alike. What is printed is the median of the rounds.

mod city;
mod city_roads;
mod dispatch;
mod grid;
mod hotspots;
mod index;
mod report;
mod roads;
mod simulator;
mod stream;

use report::Report;

/// A group of measurements and the word that asks for it.
type Bench = (&'static str, fn(&mut Report));

/// All groups, in the order of printing.
const BENCHES: [Bench; 6] = [
    ("index", index::run),
    ("stream", stream::run),
    ("roads", roads::run),
    ("city_roads", city_roads::run),
    ("hotspots", hotspots::run),
    ("simulator", simulator::run),
];

/// Runs the named groups, or all of them without a name, and prints each as it is done.
pub fn run(wanted: &[String]) {
    println!("{}", report::machine());
    for (name, bench) in BENCHES {
        if wanted.is_empty() || wanted.iter().any(|w| w == name) {
            let mut report = Report::default();
            bench(&mut report);
            print!("{report}");
        }
    }
}
