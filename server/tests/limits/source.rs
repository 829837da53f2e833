//! Constants, fields of the configuration and metrics, as the source has them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// A constant, or a field of the configuration.
#[derive(Clone, Debug)]
pub struct Constant {
    /// What it is, for somebody who does not read the code.
    pub value: String,
    /// Its documentation.
    pub doc: String,
}

/// Words in the name of a constant that bounds something.
const BOUNDS: [&str; 10] = [
    "MAX",
    "REMEMBERED",
    "KEPT",
    "PATIENCE",
    "WAITING",
    "SHARE",
    "UNTIL",
    "TIMEOUT",
    "IDLE",
    "RANGE",
];

/// True for the place of a constant (`file NAME`) whose name says that it bounds something.
pub fn bounds(at: &str) -> bool {
    let name = at.rsplit(' ').next().unwrap_or_default();
    name.split('_').any(|word| BOUNDS.contains(&word))
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Files of the programs without their tests, by their path from the root.
fn files() -> Vec<(String, String)> {
    let root = root();
    let crates = ["engine", "server", "protocol", "tiles"];
    let mut folders: Vec<PathBuf> = crates.iter().map(|c| root.join(c).join("src")).collect();
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            let name = path.file_name().and_then(|n| n.to_str());
            let name = name.unwrap_or_default().to_owned();
            let is_test = name.ends_with("tests.rs") || name == "histories.rs";
            if path.is_dir() && name != "tests" {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") && !is_test {
                let text = std::fs::read_to_string(&path).expect("a file");
                let plain = text.split("#[cfg(test)]\nmod tests {").next();
                let at = path.strip_prefix(&root).expect("below the root");
                let at = at.display().to_string();
                found.push((at, plain.unwrap_or_default().to_owned()));
            }
        }
    }
    found.sort();
    found
}

/// Every constant of the programs, by `file NAME`.
pub fn constants() -> BTreeMap<String, Constant> {
    let mut all = BTreeMap::new();
    for (file, text) in files() {
        let mut doc = String::new();
        let mut lines = text.lines().map(str::trim);
        while let Some(line) = lines.next() {
            if let Some(words) = line.strip_prefix("///") {
                add_words(&mut doc, words);
                continue;
            }
            if let Some((name, mut rest)) = begun(line) {
                while !rest.ends_with(';') {
                    let Some(more) = lines.next() else { break };
                    rest = format!("{rest} {more}");
                }
                let value = rest.trim_end_matches(';').trim();
                let constant = Constant {
                    value: shown(value),
                    doc: core::mem::take(&mut doc),
                };
                all.insert(format!("{file} {name}"), constant);
            }
            if !line.starts_with("#[") {
                doc.clear();
            }
        }
    }
    all
}

fn add_words(doc: &mut String, words: &str) {
    if !doc.is_empty() {
        doc.push(' ');
    }
    doc.push_str(words.trim());
}

/// Name and beginning of the value, where a line begins a constant.
fn begun(line: &str) -> Option<(String, String)> {
    let line = match line.strip_prefix("pub") {
        Some(after) => after.split_once("const ").map(|(scope, rest)| {
            let open = scope.trim();
            (open.is_empty() || open.starts_with('(')).then_some(rest)
        })??,
        None => line.strip_prefix("const ")?,
    };
    let (name, rest) = line.split_once(':')?;
    let is_name = name
        .chars()
        .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
    let (_, value) = rest.split_once('=')?;
    is_name.then(|| (name.to_owned(), value.trim().to_owned()))
}

/// A value as a person writes it; as it stands in the code where this does not know better.
fn shown(value: &str) -> String {
    if let Some(inner) = value.strip_prefix('(').and_then(|v| v.strip_suffix(')')) {
        let parts: Option<Vec<String>> = inner
            .split(',')
            .map(|p| number(p.trim()).map(grouped))
            .collect();
        if let Some(parts) = parts {
            return parts.join(" … ");
        }
    }
    let of_time = [
        ("Duration::from_millis(", "ms"),
        ("Duration::from_secs(", "s"),
        ("Duration::from_mins(", "min"),
        ("Duration::from_hours(", "h"),
    ];
    for (begin, unit) in of_time {
        let inner = value.strip_prefix(begin).and_then(|v| v.strip_suffix(')'));
        if let Some(n) = inner.map(not_in_tests).and_then(number) {
            return format!("{} {unit}", grouped(n));
        }
    }
    number(value).map_or_else(|| format!("`{value}`"), grouped)
}

/// What is meant outside of tests.
fn not_in_tests(value: &str) -> &str {
    let other = value
        .strip_prefix("if cfg!(test)")
        .and_then(|v| v.split_once("else {"));
    other.map_or(value, |(_, v)| v.trim_end_matches('}').trim())
}

/// A product, a sum, or a shift of numbers.
fn number(text: &str) -> Option<f64> {
    let text = text.trim();
    if let Some((a, b)) = text.split_once("<<") {
        return Some(number(a)? * 2_f64.powf(number(b)?));
    }
    if let Some((a, b)) = text.split_once('+') {
        return Some(number(a)? + number(b)?);
    }
    if let Some((a, b)) = text.split_once('*') {
        return Some(number(a)? * number(b)?);
    }
    text.replace('_', "").parse().ok()
}

/// A number with commas.
pub fn grouped(n: f64) -> String {
    if n.fract() != 0.0 {
        return n.to_string();
    }
    let digits = format!("{:.0}", n.abs());
    let mut out = String::new();
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    if n < 0.0 { format!("-{out}") } else { out }
}

/// Documentation of every field of the configuration, by `section.key`.
pub fn fields() -> BTreeMap<String, String> {
    let sections = [
        ("Limits", "limits"),
        ("LogConfig", "log"),
        ("ClockConfig", "clock"),
        ("HotspotConfig", "hotspots"),
        ("WorldsConfig", "worlds"),
        ("AccountsConfig", "accounts"),
    ];
    let mut all = BTreeMap::new();
    for (file, text) in files() {
        if !file.starts_with("server/src/config/") {
            continue;
        }
        let mut section = None;
        let mut doc = String::new();
        for line in text.lines().map(str::trim) {
            if let Some(name) = line.strip_prefix("pub struct ") {
                let name = name.trim_end_matches(" {");
                section = sections.iter().find(|(s, _)| *s == name).map(|(_, s)| *s);
            }
            if let Some(words) = line.strip_prefix("///") {
                add_words(&mut doc, words);
                continue;
            }
            let field = line.strip_prefix("pub ").and_then(|l| l.split_once(": "));
            if let (Some(section), Some((key, _))) = (section, field) {
                all.insert(format!("{section}.{key}"), doc.clone());
            }
            doc.clear();
            if line == "}" {
                section = None;
            }
        }
    }
    all
}

/// Names of all that the server counts.
pub fn metrics() -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for (_, text) in files() {
        for kind in ["counter!(", "gauge!(", "histogram!("] {
            for call in text.split(kind).skip(1) {
                let name = call.trim_start().strip_prefix('"');
                let name = name.and_then(|n| n.split('"').next());
                all.extend(name.map(str::to_owned));
            }
        }
    }
    all
}
