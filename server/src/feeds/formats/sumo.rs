//! SUMO floating-car data: `<timestep time=…><vehicle id x y angle speed type …/></timestep>`.

use super::format::{Format, FormatError, FormatOptions, Input, Rows};
use super::row::{Field, Found, Row, Scalar};
use crate::lines::LineCounter;
use quick_xml::events::{BytesStart, Event};
use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

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
        Ok(Box::new(Elements::new(input)))
    }
}

/// Reads floating-car data as it streams by; memory: one element.
struct Elements<'r> {
    reader: quick_xml::Reader<LineCounter<Input<'r>>>,
    lines: Arc<AtomicU64>,
    buffer: Vec<u8>,
    time_us: Option<i64>,
    closed: bool,
    ended: bool,
}

impl<'r> Elements<'r> {
    fn new(input: Input<'r>) -> Self {
        let (counter, lines) = LineCounter::new(input);
        let mut reader = quick_xml::Reader::from_reader(counter);
        reader.config_mut().check_end_names = false;
        Self {
            reader,
            lines,
            buffer: Vec::new(),
            time_us: None,
            closed: false,
            ended: false,
        }
    }

    fn line(&self) -> u64 {
        self.lines.load(Ordering::Relaxed)
    }

    fn cut_off(&mut self, why: String) -> Found<'static> {
        self.ended = true;
        let number = self.line();
        Found::CutOff { number, why }
    }
}

impl Rows for Elements<'_> {
    fn next(&mut self) -> Option<Found<'_>> {
        while !self.ended {
            self.buffer.clear();
            let event = match self.reader.read_event_into(&mut self.buffer) {
                Ok(event) => event.into_owned(),
                Err(e) => return Some(self.cut_off(e.to_string())),
            };
            let number = self.line();
            match event {
                Event::Eof if self.closed => self.ended = true,
                Event::Eof => {
                    let why = "the file ends before </fcd-export>".to_owned();
                    return Some(self.cut_off(why));
                }
                Event::End(e) if e.name().as_ref() == b"fcd-export" => self.closed = true,
                Event::Start(e) | Event::Empty(e) if e.name().as_ref() == b"timestep" => {
                    let time = attribute(&e, b"time").and_then(|t| seconds(&t));
                    self.time_us = time.map(|t| (t * 1e6).round() as i64);
                    if self.time_us.is_none() {
                        let why = "timestep without a time".to_owned();
                        return Some(Found::Bad { number, why });
                    }
                }
                Event::Empty(e) | Event::Start(e) if e.name().as_ref() == b"vehicle" => {
                    return Some(match vehicle(&e, self.time_us) {
                        Ok(row) => Found::Row { number, row },
                        Err(why) => Found::Bad { number, why },
                    });
                }
                _ => {}
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

fn attribute(element: &BytesStart<'_>, name: &[u8]) -> Option<String> {
    let found = element
        .attributes()
        .with_checks(false)
        .flatten()
        .find(|a| a.key.as_ref() == name)?;
    Some(found.unescape_value().ok()?.into_owned())
}

fn vehicle(element: &BytesStart<'_>, time_us: Option<i64>) -> Result<Row<'static>, String> {
    let time_us = time_us.ok_or("vehicle outside a timestep with a time")?;
    let key = attribute(element, b"id")
        .filter(|k| !k.is_empty())
        .ok_or("vehicle without an id")?;
    let number = |name: &str| -> Result<Option<f64>, String> {
        let Some(text) = attribute(element, name.as_bytes()) else {
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
    row.set_number(Field::BearingDeg, number("angle")?);
    row.set_number(Field::SpeedMps, number("speed")?);
    row.set(Field::Lon, Scalar::Float(lon));
    row.set(Field::Lat, Scalar::Float(lat));
    row.set(Field::TimeUs, Scalar::Integer(time_us));
    if let Some(kind) = attribute(element, b"type") {
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
        assert_eq!(row.text(Field::Kind), Ok(Some("bus")));
        let all = found(TEXT);
        assert_eq!(all.len(), 3);
        let why = |at: usize| all[at].1.clone().unwrap();
        assert!(all[1].0 == 5 && why(1).contains("x \"oops\""), "{all:?}");
        assert!(all[2].0 == 6 && why(2).contains("id"), "{all:?}");
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
