//! The seconds as a picture.

use crate::second::Second;
use crate::{MEMORY_BYTES, P99_MS};
use std::fmt::Write;

const WIDTH: f64 = 960.0;
const HEIGHT: f64 = 200.0;
const LEFT: f64 = 70.0;
const TOP: f64 = 40.0;
const BETWEEN: f64 = 62.0;

/// One row of the picture: a value of each second, and a bound.
struct Row {
    title: &'static str,
    values: Vec<f64>,
    bound: Option<f64>,
}

/// An SVG of the longest command, the oldest picture on a wall and the memory of each second, with the bounds that they
/// are held to. Seconds in which the log was held are grey.
pub fn svg(seconds: &[Second]) -> String {
    let longest = |s: &Second| s.command_ms.iter().max().map_or(0.0, |ms| f64::from(*ms));
    let memory = |s: &Second| s.memory_bytes as f64 / 1e6;
    let rows = [
        Row {
            title: "longest command of a dispatcher in each second, ms (grey: a shell holds the log)",
            values: seconds.iter().map(longest).collect(),
            bound: Some(f64::from(P99_MS)),
        },
        Row {
            title: "oldest picture on a wall in each second, ms",
            values: seconds.iter().map(|s| f64::from(s.late_ms)).collect(),
            bound: None,
        },
        Row {
            title: "memory of the server, MB",
            values: seconds.iter().map(memory).collect(),
            bound: Some(MEMORY_BYTES as f64 / 1e6),
        },
    ];
    let height = TOP + rows.len() as f64 * (HEIGHT + BETWEEN);
    let mut text = format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" width="{0}" height="{height}" viewBox="0 0 {0} {height}" font-family="sans-serif" font-size="14"><rect width="100%" height="100%" fill="#fff"/>"##,
        WIDTH + LEFT + 30.0
    );
    for (n, row) in rows.iter().enumerate() {
        let top = TOP + n as f64 * (HEIGHT + BETWEEN);
        shade(&mut text, seconds, top);
        draw(&mut text, row, top);
    }
    text.push_str("</svg>\n");
    text
}

fn x(n: usize, of: usize) -> f64 {
    LEFT + WIDTH * n as f64 / of.max(2) as f64
}

fn shade(text: &mut String, seconds: &[Second], top: f64) {
    let of = seconds.len();
    for (n, _) in seconds.iter().enumerate().filter(|(_, s)| s.held) {
        let (left, wide) = (x(n, of), WIDTH / of.max(2) as f64);
        // A string takes what is written to it.
        let _ = write!(
            text,
            r##"<rect x="{left:.1}" y="{top}" width="{wide:.2}" height="{HEIGHT}" fill="#ddd"/>"##
        );
    }
}

fn draw(text: &mut String, row: &Row, top: f64) {
    let least = row.bound.unwrap_or(1.0);
    let most = row.values.iter().copied().fold(least, f64::max) * 1.1;
    let y = |value: f64| top + HEIGHT * (1.0 - value / most);
    let mut line = String::new();
    for (n, value) in row.values.iter().enumerate() {
        let _ = write!(line, "{:.1},{:.1} ", x(n, row.values.len()), y(*value));
    }
    let (bottom, right) = (top + HEIGHT, LEFT + WIDTH);
    let (above, below, title) = (top - 8.0, bottom + 18.0, row.title);
    let count = row.values.len();
    let _ = write!(
        text,
        r##"<text x="{LEFT}" y="{above}">{title}</text><path d="M{LEFT} {top}V{bottom}H{right}" fill="none" stroke="#888"/><polyline points="{line}" fill="none" stroke="#246" stroke-width="1.2"/><text x="{LEFT}" y="{below}">0 s</text><text x="{right}" y="{below}" text-anchor="end">{count} s</text>"##
    );
    let marks = row.bound.into_iter().map(|bound| (bound, "#c33"));
    let highest = row.values.iter().copied().fold(0.0, f64::max);
    for (value, colour) in marks.chain([(highest, "#246")]) {
        let _ = write!(
            text,
            r#"<path d="M{LEFT} {0:.1}H{right}" stroke="{colour}" stroke-dasharray="6 4" stroke-width="0.7"/><text x="{1}" y="{0:.1}" text-anchor="end" fill="{colour}">{value:.0}</text>"#,
            y(value),
            LEFT - 6.0,
        );
    }
}
