//! SUMO floating-car data: `<timestep time=…><vehicle id x y angle speed type …/></timestep>`.

use super::format::{Format, FormatError, FormatOptions, Input, Rows};
use super::row::{Field, Found, Row, Scalar};
use super::tags::{Tag, Tags, What};
use crate::encoding::Decoded;
use quick_xml::events::BytesStart;
use std::borrow::Cow;

/// Floating-car data as SUMO writes it.
pub(super) struct Sumo;

impl Format for Sumo {
    fn suffixes(&self) -> &'static [&'static str] {
        &[".fcd.xml", ".xml"]
    }

    fn how_to_write_degrees(&self) -> Option<&'static str> {
        Some(
            "have SUMO write degrees: sumo -c CONFIG --fcd-output FILE.fcd.xml --fcd-output.geo, on a network that has a \
             projection, as netconvert --osm-files makes them",
        )
    }

    fn rows<'r>(
        &self,
        input: Input<'r>,
        _options: &FormatOptions,
    ) -> Result<Box<dyn Rows + 'r>, FormatError> {
        let elements = Elements::new(input);
        match &elements.first {
            Some(Tag {
                what: What::Open(root),
                ..
            }) if name(root) != ROOT => Err(FormatError::Syntax(format!(
                "its root is <{}>, and not <{ROOT}> as in SUMO's floating-car data; known are {}",
                name(root),
                super::known_suffixes()
            ))),
            _ => Ok(Box::new(elements)),
        }
    }
}

/// The root of floating-car data.
const ROOT: &str = "fcd-export";
/// Elements beside vehicles that SUMO writes, of which nothing is read.
const OTHERS: [&str; 6] = ["param", "person", "container", "timestep", "vehicle", ROOT];

/// Reads floating-car data as it streams by; memory: one element.
struct Elements<'r> {
    tags: Tags<Decoded<Input<'r>>>,
    /// The first of all tags, until it is taken.
    first: Option<Tag>,
    time_us: Option<i64>,
    /// The line of the last row, good or bad.
    row_line: u64,
    closed: bool,
    ended: bool,
}

impl<'r> Elements<'r> {
    fn new(input: Input<'r>) -> Self {
        let mut elements = Self {
            tags: Tags::new(Decoded::new(input, None).0),
            first: None,
            time_us: None,
            row_line: 0,
            closed: false,
            ended: false,
        };
        // What cannot be read is found again at the next tag.
        elements.first = elements.tags.next().ok().flatten();
        elements
    }

    fn tag(&mut self) -> std::io::Result<Option<Tag>> {
        match self.first.take() {
            Some(tag) => Ok(Some(tag)),
            None => self.tags.next(),
        }
    }

    fn cut_off(&mut self, why: String) -> Found<'static> {
        self.ended = true;
        let number = self.tags.line();
        Found::CutOff { number, why }
    }

    /// What a tag's element is; `None` for one of which nothing is read.
    fn element(&mut self, text: &str) -> Result<Option<Row<'static>>, String> {
        let element = BytesStart::from_content(text, name(text).len());
        match name(text) {
            "vehicle" => vehicle(&element, self.time_us).map(Some),
            "timestep" => {
                // Whatever time was before is not this one's.
                self.time_us = None;
                let time = attribute(&element, "time")?.and_then(|t| seconds(&t));
                let time = time.ok_or("timestep without a time")?;
                self.time_us = Some((time * 1e6).round() as i64);
                Ok(None)
            }
            other if OTHERS.contains(&other) => Ok(None),
            other => {
                let shown: String = other.chars().take(40).collect();
                Err(format!("element {shown:?} is not known"))
            }
        }
    }
}

/// The name of an element.
fn name(text: &str) -> &str {
    text.split(|c: char| c.is_ascii_whitespace())
        .next()
        .unwrap_or_default()
}

impl Rows for Elements<'_> {
    fn next(&mut self) -> Option<Found<'_>> {
        while !self.ended {
            let tag = match self.tag() {
                Ok(Some(tag)) => tag,
                Ok(None) if self.closed => {
                    self.ended = true;
                    break;
                }
                Ok(None) => {
                    let why = format!("the file ends before </{ROOT}>");
                    return Some(self.cut_off(why));
                }
                Err(e) => return Some(self.cut_off(e.to_string())),
            };
            let number = tag.line;
            let found = match tag.what {
                What::Open(text) => self.element(&text),
                What::Close(name) if name == ROOT => {
                    self.closed = true;
                    Ok(None)
                }
                What::Close(name) if OTHERS.contains(&&*name) => Ok(None),
                What::Close(_) => Err("the end of an element that is not known".to_owned()),
                // What is left of a line of which there was a row already.
                What::Broken(_) if number == self.row_line => Ok(None),
                What::Broken(why) => {
                    // It may have been the beginning of a step: whose time is it now?
                    self.time_us = None;
                    Err(why.to_owned())
                }
            };
            if !matches!(found, Ok(None)) {
                self.row_line = number;
            }
            match found {
                Ok(None) => {}
                Ok(Some(row)) => return Some(Found::Row { number, row }),
                Err(why) => return Some(Found::Bad { number, why }),
            }
        }
        None
    }
}

/// Seconds, also as `--human-readable-time` writes them: `08:00:00.5`, `1:08:00:00`.
fn seconds(text: &str) -> Option<f64> {
    let parts: Vec<f64> = text
        .split(':')
        .map(|p| p.trim().parse::<f64>().ok().filter(|n| n.is_finite()))
        .collect::<Option<_>>()?;
    match parts[..] {
        [s] => Some(s),
        [h, m, s] => Some((h * 60.0 + m) * 60.0 + s),
        [d, h, m, s] => Some(((d * 24.0 + h) * 60.0 + m) * 60.0 + s),
        _ => None,
    }
}

/// A value of an element; `None` where it has none of the name.
fn attribute(element: &BytesStart<'_>, name: &str) -> Result<Option<String>, String> {
    let broken = "a value of the element cannot be read; is it in quotes?";
    for found in element.attributes().with_checks(false) {
        let found = found.map_err(|_| broken)?;
        if found.key.as_ref() == name.as_bytes() {
            let value = found.unescape_value().map_err(|_| broken)?;
            return Ok(Some(value.into_owned()));
        }
    }
    Ok(None)
}

fn vehicle(element: &BytesStart<'_>, time_us: Option<i64>) -> Result<Row<'static>, String> {
    let time_us = time_us.ok_or("vehicle outside a timestep with a time")?;
    let key = attribute(element, "id")?
        .filter(|k| !k.is_empty())
        .ok_or("vehicle without an id")?;
    let number = |name: &str| -> Result<Option<f64>, String> {
        let Some(text) = attribute(element, name)? else {
            return Ok(None);
        };
        match text.parse::<f64>() {
            Ok(n) if n.is_finite() => Ok(Some(n)),
            _ => Err(format!("vehicle {key}: {name} {text:?} is no number")),
        }
    };
    let lon = number("x")?.ok_or_else(|| format!("vehicle {key} has no x"))?;
    let lat = number("y")?.ok_or_else(|| format!("vehicle {key} has no y"))?;
    let mut row = Row::default();
    // What a position can do without is judged where it is read.
    for (name, field) in [("angle", Field::BearingDeg), ("speed", Field::SpeedMps)] {
        if let Some(text) = attribute(element, name)? {
            row.set(field, Scalar::Text(Cow::Owned(text)));
        }
    }
    row.set(Field::Lon, Scalar::Float(lon));
    row.set(Field::Lat, Scalar::Float(lat));
    row.set(Field::TimeUs, Scalar::Integer(time_us));
    if let Some(kind) = attribute(element, "type")? {
        row.set(Field::Kind, Scalar::Text(Cow::Owned(kind)));
    }
    row.set(Field::Key, Scalar::Text(Cow::Owned(key)));
    Ok(row)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "<?xml version=\"1.0\"?>\n<fcd-export>\n<timestep time=\"1.50\">\n\
        <vehicle id=\"a\" x=\"118.1\" y=\"32.1\" angle=\"189.98\" type=\"bus\" speed=\"2.14\"/>\n\
        <vehicle id=\"b\" x=\"oops\" y=\"32.1\"/>\n<vehicle x=\"1\" y=\"2\"/>\n</timestep>\n\
        <timestep time=\"2\"/>\n</fcd-export>\n";

    /// Of each thing that is found: its line, and its key or what is wrong; `None` where it breaks off.
    fn found(text: &str) -> Vec<(u64, Option<String>)> {
        let mut rows = Elements::new(Box::new(text.as_bytes()));
        let mut all = Vec::new();
        while let Some(found) = rows.next() {
            all.push(match found {
                Found::Row { number, row } => (number, row.name(Field::Key).map(Cow::into_owned)),
                Found::Bad { number, why } => (number, Some(why)),
                Found::CutOff { number, .. } => (number, None),
            });
        }
        all
    }

    #[test]
    fn positions_are_read_and_bad_rows_named_by_line() {
        let mut rows = Elements::new(Box::new(TEXT.as_bytes()));
        let Some(Found::Row { row, .. }) = rows.next() else {
            panic!("a row")
        };
        assert_eq!(row.integer(Field::TimeUs), Ok(Some(1_500_000)));
        assert_eq!(
            (row.number(Field::Lon), row.number(Field::Lat)),
            (Ok(Some(118.1)), Ok(Some(32.1)))
        );
        assert_eq!(row.name(Field::Kind).as_deref(), Some("bus"));
        assert_eq!(row.number(Field::SpeedMps), Ok(Some(2.14)));
        let all = found(TEXT);
        assert_eq!(all.len(), 3);
        let why = |at: usize| all[at].1.clone().unwrap();
        assert!(all[1].0 == 5 && why(1).contains("x \"oops\""), "{all:?}");
        assert!(all[2].0 == 6 && why(2).contains("id"), "{all:?}");
    }

    #[test]
    fn one_broken_element_spoils_no_other_and_no_time_is_another_steps() {
        let good = "<vehicle id=\"g\" x=\"1\" y=\"2\"/>";
        let step = |inner: &str| {
            format!(
                "<fcd-export>\n<timestep time=\"1\">\n{good}\n{inner}\n{good}\n</timestep>\n<timestep time=\"2\">\n{good}\n</timestep>\n</fcd-export>"
            )
        };
        for broken in [
            "<vehicle id=\"a x=\"1\" y=\"2\"/>",
            "<vehicle id=\"a\" x=\"1\" y=\"2\"",
            "<vehicle id=a x=\"1\" y=\"2\"/>",
            "<vehicle id=\"a & b\" x=\"1\" y=\"2\"/>",
            "<vehicxe id=\"a\" x=\"1\" y=\"2\"/>",
            "xvehicle id=\"a\" x=\"1\" y=\"2\"/>",
        ] {
            let all = found(&step(broken));
            let rows = all
                .iter()
                .filter(|(_, key)| key.as_deref() == Some("g"))
                .count();
            assert!(
                (2..=3).contains(&rows) && all.len() == 4,
                "{broken}: {all:?}"
            );
            assert_eq!((all[1].0, all[3].0), (4, 8), "{broken}: {all:?}");
        }
        let nameless = found(&step("<timestep>"));
        let why = nameless[2].1.as_deref().unwrap();
        assert!(why.contains("outside a timestep"), "{nameless:?}");
    }

    #[test]
    fn another_programs_xml_is_named() {
        let gpx: Input<'_> =
            Box::new(&b"<?xml version=\"1.0\"?>\n<gpx version=\"1.1\"><trk/></gpx>"[..]);
        let error = Sumo
            .rows(gpx, &FormatOptions::default())
            .err()
            .unwrap()
            .to_string();
        assert!(
            error.contains("<gpx>") && error.contains("fcd-export"),
            "{error}"
        );
    }

    #[test]
    fn times_of_day_are_seconds_too() {
        for (text, expected) in [
            ("28800.50", Some(28_800.5)),
            ("08:00:00.50", Some(28_800.5)),
            ("1:08:00:00", Some(115_200.0)),
            ("08:00", None),
            ("NaN", None),
            ("", None),
        ] {
            assert_eq!(seconds(text), expected, "{text}");
        }
        let text = TEXT.replace("\"1.50\"", "\"08:00:00\"");
        assert_eq!(found(&text)[0].1.as_deref(), Some("a"));
    }

    #[test]
    fn whatever_is_cut_off_plays_up_to_there_and_says_so() {
        for end in (60..TEXT.len() - 14).step_by(7) {
            let all = found(&TEXT[..end]);
            assert!(matches!(all.last(), Some((_, None))), "{end} {all:?}");
        }
        let half = found(&TEXT[..TEXT.find("<vehicle id=\"b\"").unwrap()]);
        assert_eq!(half.len(), 2);
        assert_eq!(half[0].1.as_deref(), Some("a"));
    }
}
