//! The seconds as a picture.

use crate::second::Second;
use crate::{MEMORY_BYTES, P99_MS};
use std::fmt::Write;

const WIDTH: f64 = 960.0;
const HEIGHT: f64 = 220.0;
const LEFT: f64 = 70.0;
const TOP: f64 = 40.0;
const BETWEEN: f64 = 70.0;

/// One row of the picture: a value of each second, and a bound.
struct Row<'a> {
    title: &'a str,
    values: Vec<f64>,
    bound: f64,
}

/// An SVG of the longest command and the memory of each second, with the bounds that they are held to.
pub fn svg(seconds: &[Second]) -> String {
    let longest = |s: &Second| s.command_ms.iter().max().map_or(0.0, |ms| f64::from(*ms));
    let rows = [
        Row {
            title: "longest command of each second, ms",
            values: seconds.iter().map(longest).collect(),
            bound: f64::from(P99_MS),
        },
        Row {
            title: "memory of the server, MB",
            values: seconds
                .iter()
                .map(|s| s.memory_bytes as f64 / 1e6)
                .collect(),
            bound: MEMORY_BYTES as f64 / 1e6,
        },
    ];
    let height = TOP + rows.len() as f64 * (HEIGHT + BETWEEN);
    let mut text = format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {} {height}" font-family="sans-serif" font-size="14"><rect width="100%" height="100%" fill="#fff"/>"##,
        WIDTH + LEFT + 30.0
    );
    for (n, row) in rows.iter().enumerate() {
        draw(&mut text, row, TOP + n as f64 * (HEIGHT + BETWEEN));
    }
    text.push_str("</svg>\n");
    text
}

fn draw(text: &mut String, row: &Row<'_>, top: f64) {
    let most = row.values.iter().copied().fold(row.bound, f64::max) * 1.1;
    let x = |n: usize| LEFT + WIDTH * n as f64 / row.values.len().max(2) as f64;
    let y = |value: f64| top + HEIGHT * (1.0 - value / most);
    let mut line = String::new();
    for (n, value) in row.values.iter().enumerate() {
        let _ = write!(line, "{:.1},{:.1} ", x(n), y(*value));
    }
    let (bottom, right) = (top + HEIGHT, LEFT + WIDTH);
    let _ = write!(
        text,
        r##"<text x="{LEFT}" y="{0:.1}">{6}</text><path d="M{LEFT} {top}V{bottom}H{right}" fill="none" stroke="#888"/><path d="M{LEFT} {1}H{right}" stroke="#c33" stroke-dasharray="6 4"/><text x="{2}" y="{1}" text-anchor="end" fill="#c33">{3:.0}</text><polyline points="{line}" fill="none" stroke="#246" stroke-width="1.2"/><text x="{LEFT}" y="{4}">0 s</text><text x="{right}" y="{4}" text-anchor="end">{5} s</text>"##,
        top - 8.0,
        y(row.bound),
        LEFT - 6.0,
        row.bound,
        bottom + 18.0,
        row.values.len(),
        row.title,
    );
}
