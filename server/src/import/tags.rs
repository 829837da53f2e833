//! The tags an import keeps, in little memory: a key is one byte, a value an index of a shared string.

use super::source::RawTags;
use std::borrow::Cow;
use std::collections::HashMap;

/// Keys that are kept, sorted; [`Tags`] stores their places in this list.
const KEYS: [&str; 75] = [
    "access",
    "addr:city",
    "addr:country",
    "addr:district",
    "addr:province",
    "admin_level",
    "aerialway",
    "aeroway",
    "alt_name",
    "amenity",
    "area",
    "barrier",
    "boundary",
    "bridge",
    "building",
    "building:height",
    "building:levels",
    "building:min_level",
    "building:part",
    "bus",
    "capital",
    "china_class",
    "division_code",
    "emergency",
    "ferry",
    "foot",
    "footway",
    "gb2260",
    "gb_code",
    "healthcare",
    "height",
    "highway",
    "historic",
    "indoor",
    "junction",
    "landuse",
    "layer",
    "leisure",
    "location",
    "man_made",
    "maxspeed",
    "military",
    "min_height",
    "motor_vehicle",
    "motorcar",
    "motorroad",
    "name",
    "name:en",
    "name:zh",
    "natural",
    "office",
    "official_name",
    "old_name",
    "oneway",
    "place",
    "population",
    "public_transport",
    "railway",
    "ref",
    "ref:GB",
    "ref:GB2260",
    "service",
    "shop",
    "short_name",
    "station",
    "subway",
    "tourism",
    "train",
    "tunnel",
    "type",
    "vehicle",
    "water",
    "water_taxi",
    "waterway",
    "wetland",
];

/// Distinct strings, each stored once, numbered in the order of first appearance.
#[derive(Debug, Default)]
pub struct Strings {
    by_text: HashMap<Box<str>, u32>,
    texts: Vec<Box<str>>,
}

impl Strings {
    fn intern(&mut self, text: &str) -> u32 {
        if let Some(id) = self.by_text.get(text) {
            return *id;
        }
        let id = self.texts.len() as u32;
        self.by_text.insert(text.into(), id);
        self.texts.push(text.into());
        id
    }
}

/// A name with the apostrophes of alphabets written plainly: U+2019 is a closing quote in Chinese, as wide as a character,
/// and people who search type the plain one.
fn with_plain_apostrophes(name: &str) -> Cow<'_, str> {
    if !name.contains('\u{2019}') {
        return name.into();
    }
    let mut out = String::with_capacity(name.len());
    for c in name.chars() {
        let after_letter = out.chars().next_back().is_some_and(|b| {
            b.is_alphabetic() && !matches!(b, '\u{2e80}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}')
        });
        out.push(if c == '\u{2019}' && after_letter {
            '\''
        } else {
            c
        });
    }
    out.into()
}

/// The kept tags of one element.
#[derive(Clone, Debug, Default)]
pub struct Tags(Box<[(u8, u32)]>);

impl Tags {
    /// Keeps what is worth keeping of an element's tags.
    pub fn keep(raw: &RawTags<'_>, strings: &mut Strings) -> Self {
        let kept = raw.iter().filter(|(_, v)| !v.trim().is_empty());
        let kept = kept.filter_map(|(k, v)| {
            let key = KEYS.binary_search(k).ok()?;
            let text = if k.contains("name") {
                with_plain_apostrophes(v.trim())
            } else {
                v.trim().into()
            };
            Some((key as u8, strings.intern(&text)))
        });
        Self(kept.collect())
    }

    /// The tags with the strings they point into.
    pub fn view<'a>(&'a self, strings: &'a Strings) -> TagView<'a> {
        TagView {
            tags: &self.0,
            strings,
        }
    }
}

/// The tags of one element, readable.
#[derive(Clone, Copy, Debug)]
pub struct TagView<'a> {
    tags: &'a [(u8, u32)],
    strings: &'a Strings,
}

impl<'a> TagView<'a> {
    /// The value of a key; `None` where it is absent, or not among the keys kept.
    pub fn get(self, key: &str) -> Option<&'a str> {
        let key = KEYS.binary_search(&key).ok()? as u8;
        let (_, value) = self.tags.iter().find(|(k, _)| *k == key)?;
        self.strings.texts.get(*value as usize).map(|t| &**t)
    }

    /// True where the key is there and its value is not a `no`.
    pub fn has(self, key: &str) -> bool {
        self.get(key).is_some_and(|v| v != "no")
    }

    /// True where the key has this value.
    pub fn is(self, key: &str, value: &str) -> bool {
        self.get(key) == Some(value)
    }

    /// A length in metres, e.g. `12`, `12.5 m`, `40 ft`, `12,5`.
    pub fn metres(self, key: &str) -> Option<f64> {
        let text = self.get(key)?.trim();
        let end = text
            .find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | ',' | '-' | '+')))
            .unwrap_or(text.len());
        let number: f64 = text[..end].replace(',', ".").parse().ok()?;
        let metres = match text[end..].trim() {
            "" | "m" | "metres" | "meters" | "米" => number,
            "ft" | "'" | "feet" => number * 0.3048,
            _ => return None,
        };
        metres.is_finite().then_some(metres)
    }

    /// A plain number; the first of several (`3;4`, `3-4`).
    pub fn number(self, key: &str) -> Option<f64> {
        let text = self.get(key)?;
        let first = |separator| {
            text.split(separator)
                .find_map(|t: &str| t.trim().parse::<f64>().ok())
        };
        text.parse()
            .ok()
            .or_else(|| first(';'))
            .or_else(|| first('-'))
            .filter(|n: &f64| n.is_finite())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kept_keys_are_sorted_so_that_they_are_found() {
        assert!(KEYS.is_sorted());
    }

    #[test]
    fn apostrophes_are_plain_after_letters_and_quotes_stay_after_characters() {
        assert_eq!(with_plain_apostrophes("L\u{2019}Escala"), "L'Escala");
        assert_eq!(with_plain_apostrophes("‘老城\u{2019}"), "‘老城\u{2019}");
    }

    fn check(value: &str, expected: Option<f64>) {
        let mut strings = Strings::default();
        let tags = Tags::keep(&[("height", value)], &mut strings);
        assert_eq!(tags.view(&strings).metres("height"), expected, "{value}");
    }

    #[test]
    fn heights_are_read_as_mappers_write_them() {
        check("12", Some(12.0));
        check("12.5 m", Some(12.5));
        check("12,5", Some(12.5));
        check("100ft", Some(30.48));
        check("tall", None);
        check("3 storeys", None);
    }

    #[test]
    fn numbers_are_read_with_their_sign() {
        let number = |value| {
            let mut strings = Strings::default();
            Tags::keep(&[("layer", value)], &mut strings)
                .view(&strings)
                .number("layer")
        };
        let read = ["-1", "2", "3;4", "5-7", "x"].map(number);
        assert_eq!(read, [Some(-1.0), Some(2.0), Some(3.0), Some(5.0), None]);
    }

    #[test]
    fn unknown_keys_and_empty_values_are_dropped() {
        let mut strings = Strings::default();
        let tags = Tags::keep(
            &[("note", "x"), ("name", " "), ("highway", "primary")],
            &mut strings,
        );
        let view = tags.view(&strings);
        assert_eq!(
            (view.get("note"), view.get("name"), view.get("highway")),
            (None, None, Some("primary"))
        );
    }
}
