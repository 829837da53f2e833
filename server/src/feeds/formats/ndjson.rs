//! Rows as JSON objects: `{"key":…,"lon":…,"lat":…,"time":…,"bearing_deg":…,"speed_mps":…,"kind":…}`, one a line, one after
//! the other, in a list, or broken into lines for people; features too.

use super::faults;
use super::format::{Format, FormatError, FormatOptions, Input, Rows};
use super::geojson;
use super::row::{Field, Found, Row, Scalar};
use super::values::{Element, OPEN_LIST, Shape, elements, is_blank};
use crate::encoding::Decoded;
use serde::de::{self, Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use std::borrow::Cow;
use std::collections::VecDeque;
use std::fmt;
use std::io::{self, BufRead, Read};

/// A document that is not one object a line is read whole, and up to so many bytes; then it breaks off.
const DOCUMENT_BYTES_MAX: u64 = 1 << 30;

/// JSON, one object a line or otherwise.
pub(super) struct Ndjson;

impl Format for Ndjson {
    fn suffixes(&self) -> &'static [&'static str] {
        &[
            ".ndjson",
            ".jsonl",
            ".json",
            ".json-seq",
            ".geojson",
            ".geojsonl",
            ".geojsons",
        ]
    }

    fn media_types(&self) -> &'static [&'static str] {
        &[
            "application/x-ndjson",
            "application/ndjson",
            "application/jsonl",
            "application/json-seq",
            "application/geo+json",
            "application/vnd.geo+json",
            "application/geo+json-seq",
        ]
    }

    fn rows<'r>(
        &self,
        input: Input<'r>,
        options: &FormatOptions,
    ) -> Result<Box<dyn Rows + 'r>, FormatError> {
        Ok(Box::new(Json {
            input: Decoded::new(input, options.encoding).0,
            lines: Lines::default(),
            mode: Mode::Begin,
            text: Vec::new(),
            waiting: VecDeque::new(),
            rows_max: options.rows_max,
            ended: false,
        }))
    }
}

/// So many lines tell how a text is broken into lines, where the first does not.
const LOOKED_AT: usize = 8;

/// How a text is broken into lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    /// Nothing has been read.
    Begin,
    /// A value a line, or several in one.
    Lines,
    /// A value a line, between the lines that begin and end a list: how many of its values were found.
    ListOfLines(u64),
    /// A value a line, behind such a list.
    BehindList,
    /// Otherwise: all of it is looked at together.
    Document,
}

/// A line's number, and the line.
type Line = (u64, Vec<u8>);

/// Where lines are numbered.
#[derive(Debug, Default)]
struct Lines {
    number: u64,
    /// Read, and not yet taken.
    ahead: VecDeque<Line>,
    /// Values in lines that had others before them.
    more: u64,
}

struct Json<'r> {
    input: Decoded<Input<'r>>,
    lines: Lines,
    mode: Mode,
    /// What the values that wait are in.
    text: Vec<u8>,
    /// Numbers and values, in their order.
    waiting: VecDeque<(u64, Element)>,
    rows_max: usize,
    ended: bool,
}

impl Json<'_> {
    /// The next line that is not blank, without what is blank around it.
    fn line(&mut self) -> io::Result<Option<Line>> {
        match self.lines.ahead.pop_front() {
            Some(line) => Ok(Some(line)),
            None => self.read_line(),
        }
    }

    fn read_line(&mut self) -> io::Result<Option<Line>> {
        loop {
            let mut text = Vec::new();
            if self.input.read_until(b'\n', &mut text)? == 0 {
                return Ok(None);
            }
            self.lines.number += 1;
            let mut line = &text[..];
            if self.lines.number == 1 {
                line = line.strip_prefix("\u{feff}".as_bytes()).unwrap_or(line);
            }
            let begin = line.iter().position(|b| !is_blank(*b));
            if let Some(begin) = begin {
                let end = line.iter().rposition(|b| !is_blank(*b)).unwrap_or(begin);
                return Ok(Some((self.lines.number, line[begin..=end].to_vec())));
            }
        }
    }

    /// Tells from the first lines how the text is broken into lines.
    fn begin(&mut self) -> io::Result<()> {
        let Some(first) = self.line()? else {
            self.ended = true;
            return Ok(());
        };
        let found = elements(&first.1, self.rows_max);
        let whole = found.iter().all(|e| e.fault.is_none());
        let begins_list = found.first().is_some_and(|e| e.place.is_some());
        if whole {
            self.mode = Mode::Lines;
            self.lines.ahead.push_back(first);
            return Ok(());
        }
        while self.lines.ahead.len() < LOOKED_AT
            && let Some(line) = self.read_line()?
        {
            self.lines.ahead.push_back(line);
        }
        self.mode = self.mode_of(&first.1, begins_list);
        // The line that opens a list is none of its values.
        if !matches!(self.mode, Mode::ListOfLines(_)) {
            self.lines.ahead.push_front(first);
        }
        Ok(())
    }

    /// How a text is broken into lines whose first is this, and is not whole. `begins_list`: whether it is of a list.
    fn mode_of(&self, first: &[u8], begins_list: bool) -> Mode {
        let next = self.lines.ahead.iter().map(|(_, line)| &line[..]);
        let list_in_line = first.starts_with(b"[") && first.ends_with(b"]");
        // What is broken into lines for people goes on with a member: behind a row that was cut short comes the next row.
        let opens_object =
            first == b"{" && next.clone().next().is_some_and(|l| !l.starts_with(b"{"));
        if self.lines.ahead.is_empty() {
            Mode::Document
        } else if opens_list(first) && most_are_rows(next.clone()) {
            Mode::ListOfLines(0)
        } else if opens_list(first) || opens_object || begins_list && !list_in_line {
            Mode::Document
        } else if list_in_line || most_are_rows(next.chain([first])) {
            Mode::Lines
        } else {
            Mode::Document
        }
    }

    /// Finds the values of the next line.
    fn take_line(&mut self) -> io::Result<()> {
        let Some((number, text)) = self.line()? else {
            self.ended = true;
            if let Mode::ListOfLines(count) = self.mode {
                // Nothing stands for it in the text.
                self.text.clear();
                let element = broken(0, OPEN_LIST);
                self.waiting.push_back((count + 1, element));
            }
            return Ok(());
        };
        self.text = text;
        let mut found = elements(&self.text, self.rows_max);
        let list = self.mode == Mode::Lines && self.text.starts_with(b"[");
        let whole_list = list && found.iter().all(|e| e.fault != Some(OPEN_LIST));
        if found.iter().any(|e| e.fault.is_some()) && !whole_list {
            // A line is the smallest thing that is told to be broken, but for a list that it holds.
            let why = found.iter().find_map(|e| e.fault).unwrap_or_default();
            found = vec![broken(self.text.len(), why)];
        }
        // What a collection says behind its list.
        let ends = |b: &u8| matches!(b, b']' | b'}' | b' ');
        if self.mode == Mode::BehindList && self.text.iter().all(ends) {
            return Ok(());
        }
        if let Mode::ListOfLines(count) = &mut self.mode {
            let end = self.text.iter().all(|b| matches!(b, b']' | b'}' | b' '));
            if end || self.text.starts_with(b"],\"") || self.text.starts_with(b"], \"") {
                self.mode = Mode::BehindList;
                return Ok(());
            }
            for element in found {
                *count += 1;
                self.waiting.push_back((*count, element));
            }
            return Ok(());
        }
        for (i, element) in found.into_iter().enumerate() {
            self.lines.more += u64::from(i > 0);
            let number = element.place.unwrap_or(number + self.lines.more);
            self.waiting.push_back((number, element));
        }
        Ok(())
    }

    /// Finds the values of all that is left.
    fn take_document(&mut self) -> io::Result<()> {
        self.ended = true;
        let mut first = 1;
        self.text.clear();
        for (i, (number, line)) in self.lines.ahead.drain(..).enumerate() {
            if i == 0 {
                first = number;
            }
            self.text.extend_from_slice(&line);
            self.text.push(b'\n');
        }
        let read = (&mut self.input)
            .take(DOCUMENT_BYTES_MAX)
            .read_to_end(&mut self.text);
        let too_long = matches!(&read, Ok(n) if *n as u64 == DOCUMENT_BYTES_MAX);
        let (mut line, mut counted, mut last) = (first, 0, 0);
        for element in elements(&self.text, self.rows_max) {
            let begin = element.at.start;
            let new = self.text[counted..begin].iter().filter(|b| **b == b'\n');
            line += new.count() as u64;
            counted = begin;
            self.lines.more += u64::from(line == last);
            last = line;
            let number = element.place.unwrap_or(line + self.lines.more);
            self.waiting.push_back((number, element));
        }
        if too_long {
            let why =
                "breaks off: longer than a JSON document may be that is not one object a line";
            let end = self.text.len();
            self.waiting.push_back((line, broken(end, why)));
        }
        read.map(|_| ())
    }
}

/// A value that cannot be read, up to this place in its text.
fn broken(end: usize, why: &'static str) -> Element {
    Element {
        at: 0..end,
        shape: Shape::default(),
        place: None,
        fault: Some(why),
    }
}

/// True where more than half of the lines begin like whole values, whatever becomes of them then; lines that end a list aside.
fn most_are_rows<'l>(lines: impl Iterator<Item = &'l [u8]>) -> bool {
    let inner = lines.filter(|line| !line.starts_with(b"]"));
    let (mut all, mut rows) = (0, 0);
    for line in inner {
        all += 1;
        rows += u32::from(line.len() > 1 && line.starts_with(b"{"));
    }
    rows * 2 > all
}

/// True for a line that begins a list, or a collection's list of features, and nothing else.
fn opens_list(line: &[u8]) -> bool {
    let features = b"\"features\"";
    line == b"["
        || line.ends_with(b"[")
            && line.starts_with(b"{")
            && line.windows(features.len()).any(|w| w == features)
}

impl Rows for Json<'_> {
    fn next(&mut self) -> Option<Found<'_>> {
        let (number, element) = loop {
            if let Some(next) = self.waiting.pop_front() {
                break next;
            }
            if self.ended {
                return None;
            }
            let read = match self.mode {
                Mode::Begin => self.begin(),
                Mode::Lines | Mode::ListOfLines(_) | Mode::BehindList => self.take_line(),
                Mode::Document => self.take_document(),
            };
            if let Err(e) = read {
                self.ended = true;
                let (number, why) = (self.lines.number + 1, e.to_string());
                return Some(Found::CutOff { number, why });
            }
        };
        if let Some(why) = element.fault {
            // What breaks off where all ends was cut.
            let cut = why.starts_with("breaks off") && self.is_at_end();
            let why = why.to_owned();
            return Some(if cut {
                Found::CutOff { number, why }
            } else {
                Found::Bad { number, why }
            });
        }
        let text = &self.text[element.at.clone()];
        Some(match row_of(text, &element) {
            Ok(row) => Found::Row { number, row },
            Err(why) => Found::Bad { number, why },
        })
    }
}

impl Json<'_> {
    /// True where nothing follows.
    fn is_at_end(&mut self) -> bool {
        let read = self.waiting.is_empty() && self.lines.ahead.is_empty();
        read && (self.ended || self.input.fill_buf().is_ok_and(<[u8]>::is_empty))
    }
}

fn row_of<'a>(text: &'a [u8], element: &Element) -> Result<Row<'a>, String> {
    let shape = element.shape;
    if shape.collection {
        return Err("a FeatureCollection without a list of features".to_owned());
    }
    if shape.feature && (shape.typed || !shape.keyed) || shape.typed && !shape.keyed {
        return geojson::feature(text, shape.feature);
    }
    serde_json::from_slice(text).map_err(|e| faults::of_json(&e, text))
}

/// A member's name: a field's, or one that means nothing.
enum Name<'a> {
    Known(Field),
    Unknown(Cow<'a, str>),
}

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct Named;
        impl<'de> Visitor<'de> for Named {
            type Value = Name<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a member's name")
            }
            fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Name<'de>, E> {
                let unknown = || Name::Unknown(Cow::Borrowed(name));
                Ok(Field::named(name).map_or_else(unknown, Name::Known))
            }
            fn visit_str<E>(self, name: &str) -> Result<Name<'de>, E> {
                let unknown = || Name::Unknown(Cow::Owned(name.to_owned()));
                Ok(Field::named(name).map_or_else(unknown, Name::Known))
            }
        }
        d.deserialize_identifier(Named)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Row<'a> {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct Object;
        impl<'de> Visitor<'de> for Object {
            type Value = Row<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Row<'de>, A::Error> {
                let mut row = Row::default();
                while let Some(name) = map.next_key()? {
                    match name {
                        Name::Known(field) if row.lacks(field) => {
                            row.set(field, map.next_value()?);
                        }
                        Name::Known(field) => {
                            let text = format!("field {:?} stands twice", field.word());
                            return Err(de::Error::custom(text));
                        }
                        Name::Unknown(name) => {
                            map.next_value::<IgnoredAny>()?;
                            row.push_unknown(name);
                        }
                    }
                }
                Ok(row)
            }
        }
        d.deserialize_map(Object)
    }
}
impl<'de: 'a, 'a> Deserialize<'de> for Scalar<'a> {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = Scalar<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value")
            }
            fn visit_unit<E>(self) -> Result<Scalar<'de>, E> {
                Ok(Scalar::Null)
            }
            fn visit_bool<E>(self, _: bool) -> Result<Scalar<'de>, E> {
                Ok(Scalar::Other)
            }
            fn visit_i64<E>(self, n: i64) -> Result<Scalar<'de>, E> {
                Ok(Scalar::Integer(n))
            }
            fn visit_u64<E>(self, n: u64) -> Result<Scalar<'de>, E> {
                Ok(i64::try_from(n).map_or(Scalar::Float(n as f64), Scalar::Integer))
            }
            fn visit_f64<E>(self, n: f64) -> Result<Scalar<'de>, E> {
                Ok(Scalar::Float(n))
            }
            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Scalar<'de>, E> {
                Ok(Scalar::Text(Cow::Borrowed(text)))
            }
            fn visit_str<E>(self, text: &str) -> Result<Scalar<'de>, E> {
                Ok(Scalar::Text(Cow::Owned(text.to_owned())))
            }
            fn visit_seq<A: de::SeqAccess<'de>>(self, seq: A) -> Result<Scalar<'de>, A::Error> {
                IgnoredAny.visit_seq(seq)?;
                Ok(Scalar::Other)
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Scalar<'de>, A::Error> {
                IgnoredAny.visit_map(map)?;
                Ok(Scalar::Other)
            }
        }
        d.deserialize_any(Any)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reader(text: &[u8]) -> Box<dyn Rows + '_> {
        let input: Input<'_> = Box::new(text);
        Ndjson.rows(input, &FormatOptions::default()).unwrap()
    }

    /// Numbers and keys of the rows of a body; of what is broken the number, and that it is, or that it was cut off.
    fn found(text: &[u8]) -> Vec<(u64, String)> {
        let mut rows = reader(text);
        let mut all = Vec::new();
        while let Some(found) = rows.next() {
            all.push(match found {
                Found::Row { number, row } => {
                    let key = row.name(Field::Key).map(Cow::into_owned);
                    (number, key.unwrap_or_default())
                }
                Found::Bad { number, .. } => (number, "bad".to_owned()),
                Found::CutOff { number, .. } => (number, "cut".to_owned()),
            });
        }
        all
    }

    fn check(text: &str, expected: &[(u64, &str)]) {
        let found = found(text.as_bytes());
        let found: Vec<(u64, &str)> = found.iter().map(|(n, k)| (*n, k.as_str())).collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn lines_are_read_bad_ones_named_and_a_cut_one_told() {
        let text = "{\"key\":\"a\",\"lon\":118.1,\"time\":12,\"more\":{\"lon\":[1]}}\n\n{\"id\":7,\"y\":32.1,\
                    \"time\":null,\"kind\":\"ta\\u0078i\",\"value\":true}\n{\"lon\":1,\"lon\":2}\n[1]\n{\"key\":\"b\",\"lon\":11";
        let mut rows = reader(text.as_bytes());
        let Some(Found::Row { number: 1, row }) = rows.next() else {
            panic!("a row")
        };
        assert_eq!(row.number(Field::Lon), Ok(Some(118.1)));
        assert_eq!(row.name(Field::Time).as_deref(), Some("12"));
        assert!(row.lacks(Field::Lat) && row.integer(Field::Lon).is_err());
        assert_eq!(row.unknown(), ["more"]);
        let Some(Found::Row { number: 3, row }) = rows.next() else {
            panic!("a row")
        };
        assert_eq!(row.name(Field::Id).as_deref(), Some("7"));
        assert_eq!(
            (row.get(Field::Time), row.number(Field::Y)),
            (&Scalar::Null, Ok(Some(32.1)))
        );
        assert_eq!(row.text(Field::Kind).unwrap().as_deref(), Some("taxi"));
        let wrong = row.number(Field::Value).unwrap_err();
        assert_eq!(wrong.to_string(), "value is no number");
        assert!(matches!(rows.next(), Some(Found::Bad { number: 4, why }) if why.contains("lon")));
        assert!(matches!(rows.next(), Some(Found::Bad { why, .. }) if why.contains("object")));
        assert!(matches!(rows.next(), Some(Found::CutOff { number: 6, .. })));
        assert!(rows.next().is_none());
    }

    #[test]
    fn rows_are_read_however_a_program_puts_them_together() {
        let (a, b) = ("{\"key\":\"a\"}", "{\"key\":\"b\"}");
        let lines = [(1, "a"), (2, "b")];
        check(&format!("{a}\n{b}"), &lines);
        check(&format!("\u{feff}{a}\r\n{b}\r\n"), &lines);
        // As `curl -d @file` sends a file of lines.
        check(&format!("{a}{b}"), &lines);
        check(&format!("\u{1e}{a}\n\u{1e}{b}\n"), &lines);
        check(&format!("[{a}, {b}]"), &lines);
        check(&format!("[\n{a},\n{b}\n]\n"), &lines);
        check(
            "[\n  {\n    \"key\": \"a\"\n  },\n  {\n    \"key\": \"b\"\n  }\n]",
            &lines,
        );
        check(
            "{\n  \"key\": \"a\"\n}\n{\n  \"key\": \"b\"\n}\n",
            &[(1, "a"), (4, "b")],
        );
        check(&format!("{a}{b}\n{a}\n"), &[(1, "a"), (2, "b"), (3, "a")]);
    }

    #[test]
    fn one_bad_row_does_not_take_the_others_with_it() {
        let (a, b, bad) = ("{\"key\":\"a\"}", "{\"key\":\"b\"}", "{\"key\":\"x}");
        check(
            &format!("{bad}\n{a}\n{b}"),
            &[(1, "bad"), (2, "a"), (3, "b")],
        );
        check(
            &format!("{a}\n{bad}\n{b}"),
            &[(1, "a"), (2, "bad"), (3, "b")],
        );
        check(
            &format!("[{a},{bad},{b}]"),
            &[(1, "a"), (2, "bad"), (3, "b")],
        );
        check(
            &format!("[\n{bad},\n{a},\n{b}\n]"),
            &[(1, "bad"), (2, "a"), (3, "b")],
        );
        check(
            &format!("{{\"key\":\"x\",\n{a}\n{b}"),
            &[(1, "bad"), (2, "a"), (3, "b")],
        );
        check(
            &format!("[\n{a},\n{b}\n"),
            &[(1, "a"), (2, "b"), (3, "cut")],
        );
        // As `curl -d @file` sends a file of lines.
        check(&format!("{a}{bad}{b}"), &[(1, "a"), (2, "bad"), (3, "b")]);
        check(&format!("{a}[,\n{b}\n"), &[(1, "bad"), (2, "b")]);
        check(
            &format!("{{\n{a}\n{b}\n"),
            &[(1, "bad"), (2, "a"), (3, "b")],
        );
        check(
            &format!("{a}\n{{\"key\":7}}[8,9]}},\n{b}\n"),
            &[(1, "a"), (2, "bad"), (3, "b")],
        );
        check(
            &format!("[{a},{bad},{b}]\n{a}\n"),
            &[(1, "a"), (2, "bad"), (3, "b"), (4, "a")],
        );
        // Whatever the first row breaks off with, it is a row of its own.
        for end in [",", "{", "[", ":", "\"", "7, 8"] {
            let x = format!("{{\"key\":\"x\"{end}");
            let (rows, list) = (
                [(1, "bad"), (2, "a"), (3, "b")],
                format!("{x},\n{a},\n{b}\n]\n"),
            );
            check(&format!("{x}\n{a}\n{b}\n"), &rows);
            check(&format!("[\n{list}"), &rows);
            check(&format!("{{\"features\": [\n{list}}}"), &rows);
        }
        // As programs for maps write collections.
        check(
            &format!(
                "{{\n\"type\": \"FeatureCollection\",\n\"features\": [\n{a},\n{b},\n{a},\n{b},\n{a}\n]\n}}\n"
            ),
            &[(1, "a"), (2, "b"), (3, "a"), (4, "b"), (5, "a")],
        );
        check("", &[]);
        check("\n \n", &[]);
    }

    #[test]
    fn rows_are_read_in_the_encoding_that_they_come_in() {
        let text = "{\"key\":\"苏A1\"}\n{\"key\":\"苏A2\"}\n";
        let expected = [(1, "苏A1".to_owned()), (2, "苏A2".to_owned())];
        let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(found(&utf16), expected);
        let long = text.repeat(40);
        let gbk = found(&encoding_rs::GBK.encode(&long).0);
        assert_eq!((gbk.len(), gbk[0].1.as_str()), (80, "苏A1"));
        let traditional = "{\"key\":\"臺北市道路積水請速處理\"}\n".repeat(4);
        let big5 = found(&encoding_rs::BIG5.encode(&traditional).0);
        assert_eq!(big5[3].1, "臺北市道路積水請速處理");
        // Bytes of no encoding are a bad row, told in words of our own.
        let mut rows = reader(b"{\"key\":\"a\xff\"}\n{\"key\":\"b\"}\n");
        assert!(matches!(rows.next(), Some(Found::Bad { why, .. }) if why.contains("UTF-8")));
        assert!(matches!(rows.next(), Some(Found::Row { .. })));
    }
}
