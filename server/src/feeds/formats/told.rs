//! What is told of rows that were taken: a field that nobody reads, a value that was left out.

use super::row::{Field, Row};
use std::collections::BTreeMap;

/// Different things that are told of one batch or recording; of more only their number is.
pub const TOLD_MAX: usize = 16;
/// Of a name that somebody has written so much is shown, characters.
const NAME_CHARS_MAX: usize = 40;

/// What is told of rows that were taken all the same, by its words, each with the number of its rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    counts: BTreeMap<String, u64>,
    more: u64,
}

impl Told {
    /// Tells something of a row.
    pub fn add(&mut self, words: &str) {
        if let Some(count) = self.counts.get_mut(words) {
            *count += 1;
        } else if self.counts.len() < TOLD_MAX {
            self.counts.insert(words.to_owned(), 1);
        } else {
            self.more += 1;
        }
    }

    /// Tells which of a row's fields are not read, `reads` being those that are.
    pub fn add_unread(&mut self, row: &Row<'_>, reads: impl Fn(Field) -> bool) {
        for name in row.unknown() {
            let shown: String = name.chars().take(NAME_CHARS_MAX).collect();
            self.add(&unread(&shown, "is not known and not read"));
        }
        for field in Field::ALL {
            if !row.lacks(*field) && !reads(*field) {
                self.add(&unread(field.word(), "is not read here"));
            }
        }
    }

    /// True where there is nothing to tell.
    pub fn is_empty(&self) -> bool {
        self.counts.is_empty()
    }

    /// What is told, with the number of its rows each; of what is beyond [`TOLD_MAX`] only that there is more.
    pub fn lines(&self) -> impl Iterator<Item = (&str, u64)> {
        let more = (self.more > 0).then_some(("more of the kind", self.more));
        let counts = self.counts.iter().map(|(words, n)| (words.as_str(), *n));
        counts.chain(more)
    }
}

fn unread(name: &str, what: &str) -> String {
    match meant(name) {
        Some(known) => format!("field {name:?} {what}; is it {known}?"),
        None => format!("field {name:?} {what}"),
    }
}

/// What somebody who writes this name may mean.
fn meant(name: &str) -> Option<&'static str> {
    const TIMES: &str = "time, time_ms or time_us";
    const OTHERS: [(&str, &str); 26] = [
        ("timestamp", TIMES),
        ("ts", TIMES),
        ("datetime", TIMES),
        ("date", TIMES),
        ("gpstime", TIMES),
        ("fixtime", TIMES),
        ("devicetime", TIMES),
        ("lng", "lon"),
        ("long", "lon"),
        ("longitude", "lon"),
        ("latitude", "lat"),
        ("heading", "bearing_deg"),
        ("course", "bearing_deg"),
        ("angle", "bearing_deg"),
        ("direction", "bearing_deg"),
        ("bearing", "bearing_deg"),
        ("velocity", "speed_mps"),
        ("speed", "speed_mps, metres a second"),
        ("accuracy", "accuracy_m"),
        ("type", "kind"),
        ("id", "key"),
        ("vehicle", "key"),
        ("plate", "key"),
        ("description", "note"),
        ("category", "class"),
        ("reading", "value"),
    ];
    let letters = |name: &str| -> String {
        let letters = name.chars().filter(char::is_ascii_alphanumeric);
        letters.map(|c| c.to_ascii_lowercase()).collect()
    };
    let plain = letters(name);
    if let Some((_, known)) = OTHERS.iter().find(|(n, _)| *n == plain) {
        return Some(known);
    }
    let others = Field::ALL.iter().filter(|f| f.word() != name);
    let distances = others.map(|f| {
        let word = letters(f.word());
        let longer = word.len().abs_diff(plain.len());
        (distance(&plain, &word), longer, *f)
    });
    let (steps, _, field) = distances.min_by_key(|(steps, longer, _)| (*steps, *longer))?;
    let allowed = if plain.len() >= 6 { 2 } else { 1 };
    (plain.len() >= 3 && steps <= allowed).then(|| field.word())
}

/// How many letters must be put in, taken out or changed to make one word of the other.
fn distance(a: &str, b: &str) -> usize {
    let b = b.as_bytes();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.bytes().enumerate() {
        let mut corner = std::mem::replace(&mut row[0], i + 1);
        for (j, y) in b.iter().enumerate() {
            let changed = corner + usize::from(x != *y);
            corner = row[j + 1];
            row[j + 1] = changed.min(corner + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::super::row::Scalar;
    use super::*;
    use std::borrow::Cow;

    #[test]
    fn misspelt_fields_are_told_with_what_may_be_meant() {
        for (name, expected) in [
            ("timestamp", Some("time, time_ms or time_us")),
            ("time_sm", Some("time_ms")),
            ("TimeMs", Some("time_ms")),
            ("bearing", Some("bearing_deg")),
            ("speed_mph", Some("speed_mps")),
            ("adress", Some("address")),
            ("colour", None),
            ("q", None),
        ] {
            assert_eq!(meant(name), expected, "{name}");
        }
        assert_eq!((distance("", "abc"), distance("kitten", "sitting")), (3, 3));
    }

    #[test]
    fn what_is_told_is_counted_and_bounded() {
        let mut told = Told::default();
        for n in 0..100 {
            let mut row = Row::default();
            row.push_unknown(Cow::Owned(format!("{}{n}", "x".repeat(50))));
            row.push_unknown(Cow::Borrowed("timestamp"));
            row.set(Field::Speed, Scalar::Integer(3));
            told.add_unread(&row, |f| f == Field::Key);
        }
        let lines: Vec<(String, u64)> = told.lines().map(|(w, n)| (w.to_owned(), n)).collect();
        assert_eq!(lines.len(), 3, "{lines:?}");
        let short = |(w, n): &(String, u64)| *n == 100 && w.len() < 120;
        assert!(lines.iter().all(short), "{lines:?}");
        for n in 0..100 {
            told.add(&n.to_string());
        }
        assert_eq!(told.lines().count(), TOLD_MAX + 1);
    }
}
