//! Reading a TOML text key by key, so that every complaint has its line and says what to write instead.

use crate::pack::line_of_offset;
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fmt;
use toml::de::{DeTable, DeValue};

/// Most characters of a title or name in a scenario; it stands in one line of a panel. A longer one is complained of.
const TITLE_CHARS_MAX: usize = 200;
/// Most characters of any other text in a scenario, such as a briefing or a note. A longer one is complained of.
const TEXT_CHARS_MAX: usize = 4_000;

/// One thing that is wrong with a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// Line, from 1.
    pub line: usize,
    /// The key, e.g. `injects[2].at`.
    pub key: String,
    /// What is wrong and what to write instead.
    pub detail: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: {}", self.line, self.key, self.detail)
    }
}

/// A text and what has been found wrong with it so far.
pub(super) struct Reader<'t> {
    text: &'t str,
    problems: RefCell<Vec<Problem>>,
}

impl<'t> Reader<'t> {
    pub fn new(text: &'t str) -> Self {
        Self {
            text,
            problems: RefCell::new(Vec::new()),
        }
    }

    /// The text as a table; `None`, with the problem noted, if it is no TOML.
    pub fn parse(&self) -> Option<DeTable<'t>> {
        match DeTable::parse(self.text) {
            Ok(table) => Some(table.into_inner()),
            Err(e) => {
                let offset = e.span().map_or(0, |s| s.start);
                let advice = format!("{}; this is not TOML", e.message().replace('\n', ", "));
                self.complain(offset, "text", advice);
                None
            }
        }
    }

    pub fn complain(&self, offset: usize, key: &str, detail: String) {
        self.problems.borrow_mut().push(Problem {
            line: line_of_offset(self.text, offset),
            key: key.to_owned(),
            detail,
        });
    }

    /// All problems, by line.
    pub fn into_problems(self) -> Vec<Problem> {
        let mut all = self.problems.into_inner();
        all.sort();
        all.dedup();
        all
    }
}

/// A value and its place in the file.
#[derive(Clone, Copy)]
pub(super) struct Value<'a, 't> {
    value: &'a DeValue<'t>,
    offset: usize,
}

impl Value<'_, '_> {
    /// True where it is this text.
    pub fn is(&self, text: &str) -> bool {
        self.value.as_str() == Some(text)
    }
}

/// A table that is read key by key.
pub(super) struct Table<'a, 't> {
    reader: &'a Reader<'t>,
    keys: &'a DeTable<'t>,
    offset: usize,
    path: String,
    read: RefCell<BTreeSet<&'static str>>,
}

impl<'a, 't> Table<'a, 't> {
    pub fn top(reader: &'a Reader<'t>, table: &'a DeTable<'t>) -> Self {
        Self::at(reader, table, 0, String::new())
    }

    fn at(reader: &'a Reader<'t>, table: &'a DeTable<'t>, offset: usize, path: String) -> Self {
        Self {
            reader,
            keys: table,
            offset,
            path,
            read: RefCell::default(),
        }
    }

    fn key(&self, key: &str) -> String {
        if self.path.is_empty() {
            key.to_owned()
        } else {
            format!("{}.{key}", self.path)
        }
    }

    /// Says that something is wrong with a key, at its line where it is there.
    pub fn wrong(&self, key: &str, detail: impl Into<String>) {
        let offset = self.keys.get(key).map_or(self.offset, |v| v.span().start);
        self.reader.complain(offset, &self.key(key), detail.into());
    }

    pub fn has(&self, key: &str) -> bool {
        self.keys.contains_key(key)
    }

    pub fn value(&self, key: &'static str) -> Option<Value<'a, 't>> {
        self.read.borrow_mut().insert(key);
        let value = self.keys.get(key)?;
        Some(Value {
            value: value.get_ref(),
            offset: value.span().start,
        })
    }

    fn needed(&self, key: &'static str) -> Option<Value<'a, 't>> {
        let value = self.value(key);
        if value.is_none() {
            self.wrong(key, "is missing");
        }
        value
    }

    fn text_of(&self, key: &str, value: Value<'a, 't>) -> Option<&'a str> {
        let text = value.value.as_str();
        match text {
            None => {
                let found = value.value.type_str();
                self.wrong(key, format!("is {found}; write a text in quotes"));
            }
            Some(text) => self.hold(key, value.offset, text),
        }
        text
    }

    /// Complains of a text that is longer than there is room for it.
    fn hold(&self, key: &str, offset: usize, text: &str) {
        let max = if key.starts_with("title") || key.starts_with("name") {
            TITLE_CHARS_MAX
        } else {
            TEXT_CHARS_MAX
        };
        let chars = text.chars().count();
        if chars > max {
            let detail = format!("has {chars} characters; write at most {max}");
            self.reader.complain(offset, &self.key(key), detail);
        }
    }

    pub fn text(&self, key: &'static str) -> String {
        let text = self.needed(key).and_then(|v| self.text_of(key, v));
        if text.is_some_and(|t| t.trim().is_empty()) {
            self.wrong(key, "is empty; write something");
        }
        text.unwrap_or_default().trim().to_owned()
    }

    pub fn text_or(&self, key: &'static str, otherwise: &str) -> String {
        let text = self.value(key).and_then(|v| self.text_of(key, v));
        text.unwrap_or(otherwise).trim().to_owned()
    }

    /// An optional text.
    pub fn text_maybe(&self, key: &'static str) -> Option<String> {
        let text = self.value(key).and_then(|v| self.text_of(key, v))?;
        Some(text.trim().to_owned())
    }

    pub fn yes(&self, key: &'static str, otherwise: bool) -> bool {
        let Some(v) = self.value(key) else {
            return otherwise;
        };
        v.value.as_bool().unwrap_or_else(|| {
            self.wrong(key, "write true or false");
            otherwise
        })
    }

    /// A number within bounds.
    pub fn number(&self, key: &'static str, low: f64, high: f64) -> Option<f64> {
        let v = self.value(key)?;
        let number = number_of(v.value);
        let held = number.filter(|n| (low..=high).contains(n));
        if held.is_none() {
            let found = number.map_or_else(|| v.value.type_str().to_owned(), |n| n.to_string());
            self.wrong(key, format!("is {found}; write a number {low} … {high}"));
        }
        held
    }

    pub fn number_or(&self, key: &'static str, low: f64, high: f64, otherwise: f64) -> f64 {
        if self.has(key) {
            self.number(key, low, high).unwrap_or(otherwise)
        } else {
            self.read.borrow_mut().insert(key);
            otherwise
        }
    }

    pub fn number_needed(&self, key: &'static str, low: f64, high: f64) -> Option<f64> {
        self.needed(key)?;
        self.number(key, low, high)
    }

    /// A span of time: `"h:mm:ss"`, `"mm:ss"`, or a number of seconds.
    pub fn span_s(&self, key: &'static str) -> Option<u32> {
        let v = self.value(key)?;
        let seconds = v.value.as_str().map_or_else(
            || number_of(v.value).filter(|n| n.fract() == 0.0 && (0.0..1e6).contains(n)),
            |t| seconds_of(t).map(f64::from),
        );
        if seconds.is_none() {
            let shown = v.value.as_str().unwrap_or(v.value.type_str());
            self.wrong(
                key,
                format!("{shown:?} is no span of time; write \"h:mm:ss\", e.g. \"0:12:30\""),
            );
        }
        seconds.map(|s| s as u32)
    }

    pub fn span_needed(&self, key: &'static str) -> Option<u32> {
        self.needed(key)?;
        self.span_s(key)
    }

    /// Texts, one or several.
    pub fn texts(&self, key: &'static str) -> Vec<(String, usize)> {
        let Some(v) = self.value(key) else {
            return Vec::new();
        };
        if let Some(one) = v.value.as_str() {
            self.hold(key, v.offset, one);
            return vec![(one.trim().to_owned(), v.offset)];
        }
        let Some(list) = v.value.as_array() else {
            self.wrong(key, "write a list of texts: [\"…\", \"…\"]");
            return Vec::new();
        };
        let mut texts = Vec::new();
        for item in list {
            match item.get_ref().as_str() {
                Some(t) => {
                    self.hold(key, item.span().start, t);
                    texts.push((t.trim().to_owned(), item.span().start));
                }
                None => self.reader.complain(
                    item.span().start,
                    &self.key(key),
                    "write texts in quotes".into(),
                ),
            }
        }
        texts
    }

    /// Says that one item of a list is wrong.
    pub fn wrong_at(&self, offset: usize, key: &str, detail: impl Into<String>) {
        self.reader.complain(offset, &self.key(key), detail.into());
    }

    /// A table within; an absent one is empty.
    pub fn table(&self, key: &'static str) -> Option<Table<'a, 't>> {
        let v = self.value(key)?;
        let Some(table) = v.value.as_table() else {
            let found = v.value.type_str();
            self.wrong(
                key,
                format!("is {found}; write a table: [{}]", self.key(key)),
            );
            return None;
        };
        Some(Table::at(self.reader, table, v.offset, self.key(key)))
    }

    /// All tables of a list.
    pub fn tables(&self, key: &'static str) -> Vec<Table<'a, 't>> {
        let Some(v) = self.value(key) else {
            return Vec::new();
        };
        let Some(list) = v.value.as_array() else {
            self.wrong(key, format!("write one [[{}]] for each", self.key(key)));
            return Vec::new();
        };
        let mut tables = Vec::new();
        for (at, item) in list.iter().enumerate() {
            let path = format!("{}[{at}]", self.key(key));
            match item.get_ref().as_table() {
                Some(table) => {
                    tables.push(Table::at(self.reader, table, item.span().start, path));
                }
                None => self.reader.complain(
                    item.span().start,
                    &path,
                    format!("write a table: [[{}]]", self.key(key)),
                ),
            }
        }
        tables
    }

    /// Names with numbers, e.g. classes with their weights.
    pub fn weights(&self, key: &'static str) -> Vec<(String, f64, usize)> {
        let Some(table) = self.table(key) else {
            return Vec::new();
        };
        let mut all = Vec::new();
        for (name, value) in table.keys {
            match number_of(value.get_ref()).filter(|n| *n > 0.0 && n.is_finite()) {
                Some(n) => {
                    let name: &str = name.get_ref();
                    all.push((name.to_owned(), n, value.span().start));
                }
                None => self.reader.complain(
                    value.span().start,
                    &table.key(name.get_ref()),
                    "write a weight above 0".into(),
                ),
            }
        }
        all
    }

    /// Complains of keys that nobody has read.
    pub fn end(self) {
        let read = self.read.borrow();
        for key in self.keys.keys() {
            let name: &str = key.get_ref();
            if !read.contains(name) {
                let known: Vec<&str> = read.iter().copied().collect();
                let detail = format!("is no key here; {}", suggest(name, &known));
                self.reader
                    .complain(key.span().start, &self.key(name), detail);
            }
        }
    }
}

fn number_of(value: &DeValue<'_>) -> Option<f64> {
    let plain = |s: &str| s.replace('_', "").parse::<f64>().ok();
    let integer = value.as_integer().and_then(|i| {
        if i.radix() == 10 {
            plain(i.as_str())
        } else {
            let n = i64::from_str_radix(i.as_str(), i.radix());
            n.ok().map(|n| n as f64)
        }
    });
    integer.or_else(|| value.as_float().and_then(|f| plain(f.as_str())))
}

/// `h:mm:ss` or `mm:ss` in seconds.
fn seconds_of(text: &str) -> Option<u32> {
    let parts: Vec<u32> = text
        .trim()
        .split(':')
        .map(|p| p.parse().ok().filter(|_| p.len() <= 3))
        .collect::<Option<_>>()?;
    match parts[..] {
        [m, s] if s < 60 => Some(m * 60 + s),
        [h, m, s] if m < 60 && s < 60 => Some(h * 3_600 + m * 60 + s),
        _ => None,
    }
}

/// `did you mean "x"?`, or what there is.
pub(super) fn suggest(found: &str, known: &[&str]) -> String {
    let near = known
        .iter()
        .map(|k| (distance(found, k), *k))
        .filter(|(d, k)| *d <= 1 + k.chars().count() / 3)
        .min();
    if let Some((_, k)) = near {
        return format!("did you mean {k:?}?");
    }
    let mut list: Vec<String> = known.iter().take(12).map(|k| format!("{k:?}")).collect();
    if known.len() > list.len() {
        list.push(format!("and {} more", known.len() - list.len()));
    }
    format!("there are {}", list.join(", "))
}

/// Levenshtein's distance, in characters.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().enumerate() {
        let mut corner = row[0];
        row[0] = i + 1;
        for (j, cb) in b.iter().enumerate() {
            let change = corner + usize::from(ca != *cb);
            corner = row[j + 1];
            row[j + 1] = change.min(row[j] + 1).min(corner + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_read_as_people_write_them() {
        let read: Vec<Option<u32>> = [
            "0:12:30", "12:30", "1:00:00", "90", "0:61:00", "a:b", "-1:00",
        ]
        .map(seconds_of)
        .into();
        assert_eq!(
            read,
            [Some(750), Some(750), Some(3_600), None, None, None, None]
        );
    }

    #[test]
    fn the_nearest_word_is_suggested() {
        let kinds = ["report", "storm", "flood"];
        assert_eq!(suggest("strom", &kinds), "did you mean \"storm\"?");
        assert_eq!(suggest("reprot", &kinds), "did you mean \"report\"?");
        assert!(suggest("earthquake", &kinds).starts_with("there are \"report\""));
        assert_eq!(distance("kitten", "sitting"), 3);
    }
}
