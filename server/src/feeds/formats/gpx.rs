//! GPX 1.1 tracks: `<trk><name>…</name><trkseg><trkpt lat lon><time>…</time></trkpt></trkseg></trk>`.

use super::format::{Format, FormatError, FormatOptions, Input, Rows};
use super::row::{Field, Found, Row, Scalar};
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use std::borrow::Cow;

/// Tracks as receivers and phones write them; the track's name is the key.
pub(super) struct Gpx;

impl Format for Gpx {
    fn suffixes(&self) -> &'static [&'static str] {
        &[".gpx"]
    }

    fn media_types(&self) -> &'static [&'static str] {
        &["application/gpx+xml"]
    }

    fn rows<'r>(
        &self,
        input: Input<'r>,
        _options: &FormatOptions,
    ) -> Result<Box<dyn Rows + 'r>, FormatError> {
        Ok(Box::new(Tracks {
            reader: Reader::from_reader(input),
            buffer: Vec::new(),
            number: 0,
            track: String::new(),
        }))
    }
}

struct Tracks<'r> {
    reader: Reader<Input<'r>>,
    buffer: Vec<u8>,
    /// Points so far.
    number: u64,
    /// Name of the track that is being read.
    track: String,
}

impl Tracks<'_> {
    /// Reads to the end of a point and takes its time.
    fn point(&mut self, start: &BytesStart<'_>) -> Result<Row<'static>, String> {
        let mut row = Row::default();
        row.set(Field::Key, Scalar::Text(Cow::Owned(self.track.clone())));
        for (name, field) in [("lat", Field::Lat), ("lon", Field::Lon)] {
            let found = start.try_get_attribute(name).map_err(|e| e.to_string())?;
            let text = found.ok_or_else(|| format!("trkpt without {name}"))?;
            let text = text.unescape_value().map_err(|e| e.to_string())?;
            let number = text.parse::<f64>();
            let number = number.map_err(|_| format!("{name} {text:?} is no number"))?;
            row.set(field, Scalar::Float(number));
        }
        let mut in_time = false;
        loop {
            self.buffer.clear();
            let event = self.reader.read_event_into(&mut self.buffer);
            match event.map_err(|e| e.to_string())? {
                Event::Start(e) => in_time = e.name().as_ref() == b"time",
                Event::Text(t) if in_time => {
                    let text = t.decode().map_err(|e| e.to_string())?.into_owned();
                    row.set(Field::Time, Scalar::Text(Cow::Owned(text)));
                    in_time = false;
                }
                Event::End(e) if e.name().as_ref() == b"trkpt" => return Ok(row),
                Event::Eof => return Err("the file ends within a point".to_owned()),
                _ => {}
            }
        }
    }
}

impl Rows for Tracks<'_> {
    fn next(&mut self) -> Option<Found<'_>> {
        let mut in_name = false;
        loop {
            self.buffer.clear();
            let event = match self.reader.read_event_into(&mut self.buffer) {
                Ok(event) => event.into_owned(),
                Err(e) => {
                    let (number, why) = (self.number + 1, e.to_string());
                    return Some(Found::CutOff { number, why });
                }
            };
            match event {
                Event::Start(e) if e.name().as_ref() == b"trkpt" => {
                    self.number += 1;
                    let number = self.number;
                    return Some(match self.point(&e) {
                        Ok(row) => Found::Row { number, row },
                        Err(why) => Found::Bad { number, why },
                    });
                }
                Event::Start(e) => in_name = e.name().as_ref() == b"name",
                Event::Text(t) if in_name => {
                    self.track = t.decode().map_or_else(|_| String::new(), Cow::into_owned);
                    in_name = false;
                }
                Event::Eof => return None,
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_of_a_track_are_rows_with_its_name() {
        let text = "<gpx><trk><name>7</name><trkseg><trkpt lat=\"32.05\" lon=\"118.79\"><ele>9</ele>\
                    <time>2026-11-22T08:00:00Z</time></trkpt><trkpt lat=\"x\" lon=\"1\"></trkpt></trkseg></trk></gpx>";
        let mut rows = Gpx
            .rows(Box::new(text.as_bytes()), &FormatOptions::default())
            .unwrap();
        let Some(Found::Row { number: 1, row }) = rows.next() else {
            panic!("a row")
        };
        assert_eq!(row.name(Field::Key).as_deref(), Some("7"));
        assert_eq!(row.number(Field::Lon), Ok(Some(118.79)));
        assert_eq!(row.text(Field::Time), Ok(Some("2026-11-22T08:00:00Z")));
        assert!(matches!(rows.next(), Some(Found::Bad { number: 2, .. })));
    }
}
