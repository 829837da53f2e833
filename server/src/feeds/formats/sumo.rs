//! SUMO floating-car data: `<timestep time=…><vehicle id x y angle speed type …/></timestep>`.

use super::format::{Format, FormatError, FormatOptions, Input, Rows};
use super::row::{Field, Found, Row, Scalar};
use super::tags::{Tag, Tags, What};
use crate::encoding::Decoded;
use quick_xml::events::BytesStart;
use quick_xml::events::attributes::AttrError;
use std::borrow::Cow;
use std::collections::VecDeque;

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
const VEHICLE: &str = "vehicle";
/// Elements beside vehicles that SUMO writes, of which nothing is read.
const OTHERS: [&str; 4] = ["param", "person", "container", ROOT];
/// What SUMO says of a vehicle beside what is read.
const OTHER_VALUES: [&str; 20] = [
    "z",
    "pos",
    "posLat",
    "lane",
    "edge",
    "slope",
    "signals",
    "acceleration",
    "accelerationLat",
    "speedLat",
    "distance",
    "odometer",
    "leaderID",
    "leaderSpeed",
    "leaderGap",
    "segment",
    "queue",
    "timeLoss",
    "delay",
    "arrivalDelay",
];
/// A line with so many vehicles in it is none of a file that has a line for each.
const PACKED_ROWS: u32 = 3;

/// Reads floating-car data as it streams by; memory: one element, and what is broken in one line.
struct Elements<'r> {
    tags: Tags<Decoded<Input<'r>>>,
    /// The first of all tags, until it is taken.
    first: Option<Tag>,
    time_us: Option<i64>,
    /// Whether what was broken just now may have been the beginning of a step.
    broken_step: bool,
    line: Line,
    /// Lines of which something was told.
    lines_told: u64,
    /// Whether a line holds many vehicles.
    packed: bool,
    /// Found to be bad, and not yet given out.
    waiting: VecDeque<(u64, String)>,
    /// Where and why it breaks off, not yet given out.
    cut_off: Option<(u64, String)>,
    closed: bool,
    ended: bool,
}

/// The line of which something was told last.
#[derive(Default)]
struct Line {
    number: u64,
    rows: u32,
    /// What may be left of an element of the line that was told of already; or, where the line holds many, broken ones.
    remains: Vec<String>,
}

/// What a tag is.
enum Seen {
    Nothing,
    Row(Box<Row<'static>>),
    Bad(String),
    /// Broken, or left of something that is.
    Remains(String),
}

impl<'r> Elements<'r> {
    fn new(input: Input<'r>) -> Self {
        let mut elements = Self {
            tags: Tags::new(Decoded::new(input, None).0),
            first: None,
            time_us: None,
            broken_step: false,
            line: Line::default(),
            lines_told: 0,
            packed: false,
            waiting: VecDeque::new(),
            cut_off: None,
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

    fn see(&mut self, what: What) -> Seen {
        match what {
            What::Open(text) => self.open(&text),
            What::Close(name) if name == ROOT => {
                self.closed = true;
                Seen::Nothing
            }
            What::Close(name) if is_known(&name) => Seen::Nothing,
            What::Close(_) => Seen::Remains("the end of an element that is not known".to_owned()),
            What::Broken { why, name } if name == VEHICLE => Seen::Bad(why.to_owned()),
            What::Broken { why, .. } => {
                // It may have been the beginning of a step: whose time is it now?
                self.broken_step = true;
                Seen::Remains(why.to_owned())
            }
        }
    }

    fn open(&mut self, text: &str) -> Seen {
        let element = BytesStart::from_content(text, name(text).len());
        match name(text) {
            VEHICLE => vehicle(&element, self.time_us)
                .map_or_else(Seen::Bad, |row| Seen::Row(Box::new(row))),
            "timestep" => {
                // Whatever time was before is not this one's.
                let time = attribute(&element, "time").map(|t| t.and_then(|t| seconds(&t)));
                self.time_us = match &time {
                    Ok(Some(time)) => Some((time * 1e6).round() as i64),
                    Ok(None) | Err(_) => None,
                };
                match time {
                    Ok(Some(_)) => Seen::Nothing,
                    Ok(None) => Seen::Bad("timestep without a time".to_owned()),
                    Err(why) => Seen::Bad(why),
                }
            }
            other if is_known(other) => Seen::Nothing,
            other => {
                self.broken_step = text.contains("time");
                let shown: String = other.chars().take(40).collect();
                Seen::Remains(format!("element {shown:?} is not known"))
            }
        }
    }

    /// Takes note of something that is told of a line.
    fn tell_of(&mut self, number: u64, is_row: bool) {
        if number != self.line.number || self.lines_told == 0 {
            self.lines_told += 1;
            self.line = Line {
                number,
                ..Line::default()
            };
        }
        self.line.rows += u32::from(is_row);
        if self.line.rows >= PACKED_ROWS {
            self.packed = true;
            self.give_remains();
        }
    }

    fn give_remains(&mut self) {
        let number = self.line.number;
        let remains = std::mem::take(&mut self.line.remains);
        self.waiting
            .extend(remains.into_iter().map(|why| (number, why)));
    }

    /// True where what is broken was told with the rest of its line.
    fn is_told(&mut self, number: u64, why: &str) -> bool {
        let same = self.lines_told > 0 && number == self.line.number;
        let told = same && !self.packed;
        if told && self.line.remains.len() < REMAINS_MAX {
            self.line.remains.push(why.to_owned());
        }
        told
    }

    /// Nothing follows.
    fn end(&mut self) -> Option<(u64, String)> {
        self.ended = true;
        // All of it is one line.
        if self.lines_told == 1 {
            self.give_remains();
        }
        (!self.closed).then(|| {
            let why = format!("the file ends before </{ROOT}>");
            (self.tags.line(), why)
        })
    }
}

/// What is broken in a line is kept up to so many times.
const REMAINS_MAX: usize = 1_000;

fn is_known(name: &str) -> bool {
    [VEHICLE, "timestep"].contains(&name) || OTHERS.contains(&name)
}

/// The name of an element.
fn name(text: &str) -> &str {
    text.split(|c: char| c.is_ascii_whitespace())
        .next()
        .unwrap_or_default()
}

impl Rows for Elements<'_> {
    fn next(&mut self) -> Option<Found<'_>> {
        loop {
            if let Some((number, why)) = self.waiting.pop_front() {
                return Some(Found::Bad { number, why });
            }
            if let Some((number, why)) = self.cut_off.take() {
                return Some(Found::CutOff { number, why });
            }
            if self.ended {
                return None;
            }
            let tag = match self.tag() {
                Ok(Some(tag)) => tag,
                Ok(None) => {
                    self.cut_off = self.end();
                    continue;
                }
                Err(e) => {
                    self.ended = true;
                    self.cut_off = Some((self.tags.line(), e.to_string()));
                    continue;
                }
            };
            let number = tag.line;
            let why = match self.see(tag.what) {
                Seen::Nothing => continue,
                Seen::Remains(why) if self.is_told(number, &why) => {
                    self.broken_step = false;
                    continue;
                }
                Seen::Row(row) => {
                    self.tell_of(number, true);
                    return Some(Found::Row { number, row: *row });
                }
                Seen::Bad(why) | Seen::Remains(why) => why,
            };
            if std::mem::take(&mut self.broken_step) {
                self.time_us = None;
            }
            self.tell_of(number, false);
            return Some(Found::Bad { number, why });
        }
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

const BROKEN: &str = "a value of the element cannot be read; is it in quotes?";

/// A value of an element; `None` where it has none of the name.
fn attribute(element: &BytesStart<'_>, name: &str) -> Result<Option<String>, String> {
    for found in element.attributes().with_checks(false) {
        let found = found.map_err(|_| BROKEN)?;
        if found.key.as_ref() == name.as_bytes() {
            let value = found.unescape_value().map_err(|_| BROKEN)?;
            return Ok(Some(value.into_owned()));
        }
    }
    Ok(None)
}

/// What the element of a vehicle says, as it is written.
#[derive(Default)]
struct Said {
    id: Option<String>,
    x: Option<String>,
    y: Option<String>,
    row: Row<'static>,
}

fn said(element: &BytesStart<'_>) -> Result<Said, String> {
    let mut said = Said::default();
    for found in element.attributes() {
        let found = found.map_err(|e| match e {
            AttrError::Duplicated(..) => "a value of the element stands twice",
            _ => BROKEN,
        })?;
        let name = std::str::from_utf8(found.key.as_ref()).map_err(|_| BROKEN)?;
        if OTHER_VALUES.contains(&name) {
            continue;
        }
        let value = || Ok::<_, String>(found.unescape_value().map_err(|_| BROKEN)?.into_owned());
        let field = match name {
            "id" => {
                said.id = Some(value()?);
                continue;
            }
            "x" => {
                said.x = Some(value()?);
                continue;
            }
            "y" => {
                said.y = Some(value()?);
                continue;
            }
            "angle" => Field::BearingDeg,
            "speed" => Field::SpeedMps,
            "type" => Field::Kind,
            _ => {
                said.row.push_unknown(Cow::Owned(name.to_owned()));
                continue;
            }
        };
        // What a position can do without is judged where it is read.
        said.row.set(field, Scalar::Text(Cow::Owned(value()?)));
    }
    Ok(said)
}

fn vehicle(element: &BytesStart<'_>, time_us: Option<i64>) -> Result<Row<'static>, String> {
    let time_us = time_us.ok_or("vehicle outside a timestep with a time")?;
    let Said { id, x, y, mut row } = said(element)?;
    let key = id
        .filter(|k| !k.is_empty())
        .ok_or("vehicle without an id")?;
    let number = |name: &str, text: Option<String>| -> Result<f64, String> {
        let text = text.ok_or_else(|| format!("vehicle {key:?} has no {name}"))?;
        match text.parse::<f64>() {
            Ok(n) if n.is_finite() => Ok(n),
            _ => Err(format!("vehicle {key:?}: {name} {text:?} is no number")),
        }
    };
    row.set(Field::Lon, Scalar::Float(number("x", x)?));
    row.set(Field::Lat, Scalar::Float(number("y", y)?));
    row.set(Field::TimeUs, Scalar::Integer(time_us));
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
                rows == if broken.starts_with("<vehicle") {
                    3
                } else {
                    rows.max(2)
                } && all.len() == 4,
                "{broken}: {all:?}"
            );
            assert_eq!((all[1].0, all[3].0), (4, 8), "{broken}: {all:?}");
        }
        // Of a file that is one line each of them is told, also the first.
        let packed = format!(
            "<vehicle id=\"a x=\"1\" y=\"2\"/>{}xvehicle/>",
            good.repeat(4)
        );
        let all = found(&step(&packed).replace('\n', ""));
        let rows = all
            .iter()
            .filter(|(_, key)| key.as_deref() == Some("g"))
            .count();
        // Behind what may have been a step nobody knows the time.
        assert_eq!((rows, all.len()), (6, 9), "{all:?}");
        let short = format!(
            "<fcd-export><timestep time=\"1\">{good}<vehicle id=\"a x=\"1\"/></timestep></fcd-export>"
        );
        assert_eq!(found(&short).len(), 2);
        assert_eq!(
            found(&short.replace("<vehicle id=\"a x", "vehicle x")).len(),
            2
        );
        let other = found(&step("</timestep><timestxp time=\"9\">"));
        assert!(
            other[2].1.as_deref().is_some_and(|w| w.contains("outside")),
            "{other:?}"
        );
        let twice = found(&step("<vehicle id=\"a\" id=\"b\" x=\"1\" y=\"2\"/>"));
        assert!(
            twice[1].1.as_deref().is_some_and(|w| w.contains("twice")),
            "{twice:?}"
        );
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
