//! SUMO floating-car data: `<timestep time=…><vehicle id x y angle speed type …/></timestep>`.

use super::kinds::kind_named;
use super::lines::LineCounter;
use super::row::{Item, RecordedFix};
use quick_xml::events::{BytesStart, Event};
use std::io::BufRead;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Reads floating-car data as it streams by; memory: one element.
pub struct SumoItems<R> {
    reader: quick_xml::Reader<LineCounter<R>>,
    lines: Arc<AtomicU64>,
    buffer: Vec<u8>,
    time_us: Option<i64>,
    closed: bool,
    ended: bool,
}

impl<R: BufRead> SumoItems<R> {
    /// From the beginning of an XML text.
    pub fn new(input: R) -> Self {
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

    fn cut_off(&mut self, why: String) -> Item {
        self.ended = true;
        let line = self.line();
        Item::CutOff { line, why }
    }
}

impl<R: BufRead> Iterator for SumoItems<R> {
    type Item = Item;

    fn next(&mut self) -> Option<Item> {
        while !self.ended {
            self.buffer.clear();
            let event = match self.reader.read_event_into(&mut self.buffer) {
                Ok(event) => event.into_owned(),
                Err(e) => return Some(self.cut_off(e.to_string())),
            };
            let line = self.line();
            match event {
                Event::Eof if self.closed => self.ended = true,
                Event::Eof => {
                    let why = "the file ends before </fcd-export>".to_owned();
                    return Some(self.cut_off(why));
                }
                Event::End(e) if e.name().as_ref() == b"fcd-export" => self.closed = true,
                Event::Start(e) | Event::Empty(e) if e.name().as_ref() == b"timestep" => {
                    let time = attribute(&e, b"time").and_then(|t| t.parse::<f64>().ok());
                    self.time_us = time
                        .filter(|t| t.is_finite())
                        .map(|t| (t * 1e6).round() as i64);
                    if self.time_us.is_none() {
                        let why = "timestep without a time".to_owned();
                        return Some(Item::Bad { line, why });
                    }
                }
                Event::Empty(e) | Event::Start(e) if e.name().as_ref() == b"vehicle" => {
                    return Some(match vehicle(&e, self.time_us) {
                        Ok(fix) => Item::Fix(fix),
                        Err(why) => Item::Bad { line, why },
                    });
                }
                _ => {}
            }
        }
        None
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

fn vehicle(element: &BytesStart<'_>, time_us: Option<i64>) -> Result<RecordedFix, String> {
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
    let bearing_deg = number("angle")?.map(|a| a as f32);
    let speed_mps = number("speed")?.map(|s| s as f32);
    let kind = attribute(element, b"type").and_then(|t| kind_named(&t));
    Ok(RecordedFix {
        time_us,
        lon,
        lat,
        bearing_deg,
        speed_mps,
        accuracy_m: None,
        kind,
        key,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "<?xml version=\"1.0\"?>\n<fcd-export>\n<timestep time=\"1.50\">\n\
        <vehicle id=\"a\" x=\"118.1\" y=\"32.1\" angle=\"189.98\" type=\"bus\" speed=\"2.14\"/>\n\
        <vehicle id=\"b\" x=\"oops\" y=\"32.1\"/>\n<vehicle x=\"1\" y=\"2\"/>\n</timestep>\n\
        <timestep time=\"2\"/>\n</fcd-export>\n";

    fn items(text: &str) -> Vec<Item> {
        SumoItems::new(text.as_bytes()).collect()
    }

    #[test]
    fn positions_are_read_and_bad_rows_named_by_line() {
        let items = items(TEXT);
        let Item::Fix(a) = &items[0] else {
            panic!("{items:?}")
        };
        assert_eq!((a.time_us, a.lon, a.lat), (1_500_000, 118.1, 32.1));
        assert_eq!(a.kind, Some(chengtu_engine::model::MoverKind::Bus));
        assert!(
            matches!(&items[1], Item::Bad { line: 5, why } if why.contains("x \"oops\"")),
            "{items:?}"
        );
        assert!(matches!(&items[2], Item::Bad { line: 6, why } if why.contains("id")));
        assert_eq!(items.len(), 3);
    }

    #[test]
    fn whatever_is_cut_off_plays_up_to_there_and_says_so() {
        for end in (60..TEXT.len() - 14).step_by(7) {
            let items = items(&TEXT[..end]);
            assert!(
                matches!(items.last(), Some(Item::CutOff { .. })),
                "{end} {items:?}"
            );
        }
        let half = items(&TEXT[..TEXT.find("<vehicle id=\"b\"").unwrap()]);
        assert!(matches!(half[0], Item::Fix(_)) && half.len() == 2);
    }
}
