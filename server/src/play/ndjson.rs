//! One JSON object a line: `{"key":…,"lon":…,"lat":…,"time":…,"bearing_deg":…,"speed_mps":…,"kind":…}`.

use super::kinds::kind_named;
use super::lines::LineCounter;
use super::row::{Item, RecordedFix};
use super::times::TimeReader;
use serde::Deserialize;
use std::io::BufRead;

#[derive(Deserialize)]
struct Row {
    #[serde(alias = "id")]
    key: serde_json::Value,
    lon: f64,
    lat: f64,
    time: serde_json::Value,
    #[serde(default, alias = "bearing")]
    bearing_deg: Option<f32>,
    #[serde(default, alias = "speed")]
    speed_mps: Option<f32>,
    #[serde(default)]
    accuracy_m: Option<f32>,
    #[serde(default)]
    kind: Option<String>,
}

/// Lines of JSON as positions.
pub struct NdjsonItems<R> {
    input: LineCounter<R>,
    times: TimeReader,
    line: u64,
    text: Vec<u8>,
    ended: bool,
}

impl<R: BufRead> NdjsonItems<R> {
    /// From the first line on.
    pub fn new(input: R, times: TimeReader) -> Self {
        Self {
            input: LineCounter::new(input).0,
            times,
            line: 0,
            text: Vec::new(),
            ended: false,
        }
    }

    fn fix(&self) -> Result<RecordedFix, String> {
        let row: Row = serde_json::from_slice(&self.text).map_err(|e| e.to_string())?;
        let words = |v: &serde_json::Value| match v {
            serde_json::Value::String(s) => Some(s.clone()),
            serde_json::Value::Number(n) => Some(n.to_string()),
            _ => None,
        };
        let key = words(&row.key).ok_or("key is neither text nor number")?;
        let time = words(&row.time).ok_or("time is neither text nor number")?;
        Ok(RecordedFix {
            time_us: self.times.read(&time)?,
            key,
            lon: row.lon,
            lat: row.lat,
            bearing_deg: row.bearing_deg,
            speed_mps: row.speed_mps,
            accuracy_m: row.accuracy_m,
            kind: row.kind.as_deref().and_then(kind_named),
        })
    }
}

impl<R: BufRead> Iterator for NdjsonItems<R> {
    type Item = Item;

    fn next(&mut self) -> Option<Item> {
        while !self.ended {
            self.text.clear();
            self.line += 1;
            let line = self.line;
            match self.input.read_until(b'\n', &mut self.text) {
                Ok(0) => self.ended = true,
                Ok(_) if self.text.trim_ascii().is_empty() => {}
                Ok(_) => {
                    let whole = self.text.ends_with(b"\n");
                    return Some(match self.fix() {
                        Ok(fix) => Item::Fix(fix),
                        Err(why) if whole => Item::Bad { line, why },
                        Err(why) => Item::CutOff { line, why },
                    });
                }
                Err(e) => {
                    self.ended = true;
                    let why = e.to_string();
                    return Some(Item::CutOff { line, why });
                }
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::super::times::TimeFormat;
    use super::*;

    #[test]
    fn lines_are_read_bad_ones_named_and_a_cut_one_told() {
        let text = "{\"key\":\"a\",\"lon\":118.1,\"lat\":32.1,\"time\":12}\n\n{\"id\":7,\"lon\":118.1,\"lat\":32.1,\
                    \"time\":\"2021-01-01T00:03:00+08:00\",\"kind\":\"taxi\"}\n{\"key\":1}\n{\"key\":\"b\",\"lon\":11";
        let times = TimeReader::new(TimeFormat::Auto, "UTC").unwrap();
        let items: Vec<Item> = NdjsonItems::new(text.as_bytes(), times).collect();
        assert!(matches!(&items[0], Item::Fix(f) if f.time_us == 12_000_000));
        assert!(matches!(&items[1], Item::Fix(f) if f.key == "7" && f.kind.is_some()));
        assert!(matches!(&items[2], Item::Bad { line: 4, why } if why.contains("lon")));
        assert!(matches!(&items[3], Item::CutOff { line: 5, .. }));
        assert_eq!(items.len(), 4);
    }
}
