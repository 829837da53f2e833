//! Timing and tables.

use std::fmt::{self, Write as _};
use std::time::Instant;

/// Tables in Markdown.
#[derive(Default)]
pub struct Report {
    text: String,
}

impl Report {
    /// Begins a table with a heading, a sentence on what is measured, and the names of its columns.
    pub fn table(&mut self, heading: &str, about: &str, columns: &[&str]) {
        let rule = vec!["---"; columns.len()].join("|");
        // Writing to a string cannot fail.
        let _ = write!(
            self.text,
            "\n## {heading}\n\n{about}\n\n|{}|\n|{rule}|\n",
            columns.join("|")
        );
    }

    /// A row of the table begun last.
    pub fn row(&mut self, cells: &[String]) {
        let _ = writeln!(self.text, "|{}|", cells.join("|"));
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// One contestant: does its work once and returns how many operations that were.
pub type Contestant<'a> = (&'static str, Box<dyn FnMut() -> usize + 'a>);

/// Nanoseconds an operation of each contestant, medians of the rounds. They take turns; each round another begins.
pub fn contest(rounds: usize, contestants: &mut [Contestant<'_>]) -> Vec<f64> {
    let count = contestants.len();
    let mut times = vec![Vec::with_capacity(rounds); count];
    for round in 0..rounds {
        for turn in 0..count {
            let i = (turn + round) % count;
            let start = Instant::now();
            let operations = contestants[i].1();
            times[i].push(start.elapsed().as_nanos() as f64 / operations.max(1) as f64);
        }
    }
    times.iter_mut().map(|t| median(t)).collect()
}

/// The middle value; the upper one of two.
pub fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// Nanoseconds in the unit a reader expects.
pub fn time(ns: f64) -> String {
    match ns {
        ns if ns < 1e3 => format!("{ns:.0} ns"),
        ns if ns < 1e5 => format!("{:.1} µs", ns / 1e3),
        ns if ns < 1e6 => format!("{:.0} µs", ns / 1e3),
        ns => format!("{:.2} ms", ns / 1e6),
    }
}

/// A whole number with its thousands apart.
pub fn count(n: usize) -> String {
    let digits = n.to_string();
    let groups: Vec<&str> = digits
        .as_bytes()
        .rchunks(3)
        .rev()
        .map(|g| std::str::from_utf8(g).unwrap_or(""))
        .collect();
    groups.join(",")
}

/// Memory of this process in bytes; `None` if the system does not report it.
pub fn resident_bytes() -> Option<usize> {
    let statm = std::fs::read_to_string("/proc/self/statm").ok()?;
    Some(statm.split_whitespace().nth(1)?.parse::<usize>().ok()? * 4096)
}

/// The processor, its number, and how busy the machine is.
pub fn machine() -> String {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let info = read("/proc/cpuinfo");
    let model = info
        .lines()
        .find_map(|l| l.strip_prefix("model name"))
        .unwrap_or(": unknown");
    let load: Vec<String> = read("/proc/loadavg")
        .split(' ')
        .take(3)
        .map(str::to_owned)
        .collect();
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    format!(
        "{} × {cores}, load before the run {}",
        model.trim_start_matches(['\t', ':', ' ']),
        load.join(" ")
    )
}
