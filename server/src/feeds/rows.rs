//! Rows as feeds write them. One bad row never spoils another.

use crate::codes;
use crate::crs::Crs;
use crate::world::{CaseRow, FixBatch, FixRowIn, NO_TIME, ObservationRow, Problems, SensorInfo};
use chengtu_engine::city::Severity;
use chengtu_engine::command::FixRow;
use chengtu_engine::geo::Position;
use chengtu_engine::ids::MoverId;
use chengtu_engine::model::{Fix, MoverKind, NO_BEARING, Phenomenon, Thresholds};
use chengtu_engine::time::Timestamp;
use serde::Deserialize;
use std::borrow::Cow;

/// A name: text, or a number that stands for itself.
#[derive(Deserialize)]
#[serde(untagged)]
enum Key<'a> {
    #[serde(borrow)]
    Text(Cow<'a, str>),
    Number(i64),
}

/// When: RFC 3339 text in `time`, or a count since 1970.
#[derive(Default)]
struct Times<'a> {
    time: Option<Cow<'a, str>>,
    time_ms: Option<i64>,
    time_us: Option<i64>,
}

/// One row as it stands in NDJSON, or in the properties of a GeoJSON feature.
#[derive(Deserialize)]
pub(super) struct Row<'a> {
    #[serde(default, borrow)]
    key: Option<Key<'a>>,
    #[serde(default, alias = "x")]
    lon: Option<f64>,
    #[serde(default, alias = "y")]
    lat: Option<f64>,
    #[serde(default, borrow)]
    time: Option<Cow<'a, str>>,
    #[serde(default)]
    time_ms: Option<i64>,
    #[serde(default)]
    time_us: Option<i64>,
    // Fixes.
    #[serde(default)]
    bearing_deg: Option<f64>,
    #[serde(default)]
    speed_mps: Option<f64>,
    #[serde(default)]
    accuracy_m: Option<f64>,
    #[serde(default)]
    kind: Option<MoverKind>,
    // Readings.
    #[serde(default)]
    value: Value,
    #[serde(default, borrow)]
    name: Option<Cow<'a, str>>,
    #[serde(default)]
    phenomenon: Option<Phenomenon>,
    #[serde(default, borrow)]
    unit: Option<Cow<'a, str>>,
    #[serde(default)]
    warning: Option<f64>,
    #[serde(default)]
    alarm: Option<f64>,
    // Cases.
    #[serde(default, borrow)]
    class: Option<Cow<'a, str>>,
    #[serde(default)]
    severity: Option<Severity>,
    #[serde(default, borrow)]
    address: Option<Cow<'a, str>>,
    #[serde(default, borrow)]
    note: Option<Cow<'a, str>>,
    #[serde(default, borrow)]
    occurred_at: Option<Cow<'a, str>>,
    #[serde(default, borrow)]
    filed_at: Option<Cow<'a, str>>,
}

/// A value, told apart from a null and from nothing.
#[derive(Clone, Copy, Default)]
enum Value {
    #[default]
    Missing,
    Given(Option<f64>),
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        Option::<f64>::deserialize(d).map(Self::Given)
    }
}

/// A row that was not taken: number and words.
type Bad = (u16, String);

fn time_of(t: &Times<'_>) -> Result<Option<Timestamp>, Bad> {
    let too_far = || (codes::ROW_TIME, "the time is too far away".to_owned());
    if let Some(us) = t.time_us {
        return Ok(Some(Timestamp(us)));
    }
    if let Some(ms) = t.time_ms {
        return ms
            .checked_mul(1_000)
            .map(|us| Some(Timestamp(us)))
            .ok_or_else(too_far);
    }
    let Some(text) = &t.time else {
        return Ok(None);
    };
    match text.parse::<jiff::Timestamp>() {
        Ok(time) => Ok(Some(Timestamp(time.as_microsecond()))),
        Err(_) => Err((
            codes::ROW_TIME,
            format!(
                "time {text:?} cannot be read; write RFC 3339 with a zone, as 2026-11-22T08:00:00+08:00, or time_ms"
            ),
        )),
    }
}

fn position(crs: &Crs, lon: Option<f64>, lat: Option<f64>) -> Result<Position, Bad> {
    let (Some(x), Some(y)) = (lon, lat) else {
        return Err((
            codes::ROW_PLACE,
            "lon and lat (or x and y) are missing".to_owned(),
        ));
    };
    let p = crs
        .lon_lat(x, y)
        .map_err(|e| (codes::ROW_PLACE, e.to_string()))?;
    p.position().map_err(|e| (codes::ROW_PLACE, e.to_string()))
}

fn bearing_cdeg(deg: Option<f64>) -> u16 {
    deg.filter(|d| d.is_finite()).map_or(NO_BEARING, |d| {
        (d.rem_euclid(360.0) * 100.0) as u16 % 36_000
    })
}

/// A non-negative number in units of `1 / scale`, held at the largest that fits.
fn small(value: Option<f64>, scale: f64) -> u16 {
    value
        .filter(|v| v.is_finite())
        .map_or(0, |v| (v * scale).round().clamp(0.0, 65_535.0) as u16)
}

impl Row<'_> {
    fn time(&self) -> Result<Option<Timestamp>, Bad> {
        time_of(&Times {
            time: self.time.as_deref().map(Cow::Borrowed),
            time_ms: self.time_ms,
            time_us: self.time_us,
        })
    }

    /// Takes a feature's point.
    pub(super) fn place(&mut self, lon: f64, lat: f64) {
        self.lon = Some(lon);
        self.lat = Some(lat);
    }

    /// Takes a feature's id where its properties have no key.
    pub(super) fn name(&mut self, id: Option<String>) {
        if let (None, Some(id)) = (&self.key, id) {
            self.key = Some(Key::Text(Cow::Owned(id)));
        }
    }

    fn key(&self) -> Option<Cow<'_, str>> {
        match self.key.as_ref()? {
            Key::Text(t) if t.is_empty() => None,
            Key::Text(t) => Some(Cow::Borrowed(t)),
            Key::Number(n) => Some(Cow::Owned(n.to_string())),
        }
    }

    fn needed_key(&self) -> Result<Cow<'_, str>, Bad> {
        let missing = || (codes::ROW_NO_KEY, "key is missing: who is it?".to_owned());
        let key = self.key().ok_or_else(missing)?;
        if key.len() > KEY_BYTES_MAX {
            let text = format!("key of {} bytes; at most {KEY_BYTES_MAX}", key.len());
            return Err((codes::ROW_NO_KEY, text));
        }
        Ok(key)
    }

    fn fix(&self, crs: &Crs) -> Result<Fix, Bad> {
        Ok(Fix {
            mover: MoverId(0),
            position: position(crs, self.lon, self.lat)?,
            bearing_cdeg: bearing_cdeg(self.bearing_deg),
            speed_cmps: small(self.speed_mps, 100.0),
            accuracy_dm: small(self.accuracy_m, 10.0),
            fix_time: self.time()?.unwrap_or(NO_TIME),
        })
    }

    fn sensor(&self, key: &str, crs: &Crs) -> Result<Option<SensorInfo>, Bad> {
        if self.phenomenon.is_none() && self.name.is_none() {
            return Ok(None);
        }
        let thresholds = match (self.warning, self.alarm) {
            (Some(warning), Some(alarm)) if warning <= alarm => Some(Thresholds { warning, alarm }),
            (None, None) => None,
            _ => {
                let text = "warning and alarm are given together, warning not above alarm";
                return Err((codes::ROW_VALUE, text.to_owned()));
            }
        };
        Ok(Some(SensorInfo {
            name: self.name.as_deref().unwrap_or(key).to_owned(),
            phenomenon: self.phenomenon.unwrap_or(Phenomenon::Other),
            unit_of_measure: self.unit.as_deref().unwrap_or_default().to_owned(),
            position: position(crs, self.lon, self.lat)?,
            thresholds,
        }))
    }

    fn observation(&self, row: u32, crs: &Crs) -> Result<ObservationRow, Bad> {
        let key = self.needed_key()?.into_owned();
        let sensor = self.sensor(&key, crs)?;
        let reading = match self.value {
            Value::Given(value) => Some((self.time()?.unwrap_or(NO_TIME), value)),
            Value::Missing if sensor.is_some() => None,
            Value::Missing => {
                let text = "value is missing; send null for a broken sensor";
                return Err((codes::ROW_VALUE, text.to_owned()));
            }
        };
        Ok(ObservationRow {
            row,
            key,
            sensor,
            reading,
        })
    }

    fn case(&self, row: u32, crs: &Crs) -> Result<CaseRow, Bad> {
        let class = self.class.as_deref().ok_or_else(|| {
            (
                codes::ROW_VALUE,
                "class is missing: a code such as E0101".to_owned(),
            )
        })?;
        let occurred = Times {
            time: self
                .occurred_at
                .as_deref()
                .or(self.time.as_deref())
                .map(Cow::Borrowed),
            time_ms: self.time_ms,
            time_us: self.time_us,
        };
        let text = |t: &Option<Cow<'_, str>>| t.as_deref().unwrap_or_default().to_owned();
        Ok(CaseRow {
            row,
            key: self.key().unwrap_or_default().into_owned(),
            class: class.to_owned(),
            severity: self.severity,
            position: position(crs, self.lon, self.lat)?,
            address: text(&self.address),
            note: text(&self.note),
            occurred_at: time_of(&occurred)?,
            filed_at: time_of(&Times {
                time: self.filed_at.as_deref().map(Cow::Borrowed),
                ..Times::default()
            })?,
        })
    }
}

/// Longest name of a mover or sensor.
const KEY_BYTES_MAX: usize = 128;

/// Takes rows of one kind in, one after the other.
pub(super) struct Taker<'a> {
    pub crs: &'a Crs,
    pub problems: Problems,
    pub rows: Rows,
}

/// What a batch is made of.
pub(super) enum Rows {
    Fixes(FixBatch),
    Observations(Vec<ObservationRow>),
    Cases(Vec<CaseRow>),
}

impl Taker<'_> {
    /// Takes a row, or the reason why there is none.
    pub fn take(&mut self, number: u32, row: Result<Row<'_>, String>) {
        let taken = row
            .map_err(|e| (codes::ROW_SYNTAX, format!("cannot be read: {e}")))
            .and_then(|row| match &mut self.rows {
                Rows::Fixes(batch) => {
                    let fix = row.fix(self.crs)?;
                    batch.add(number, &row.needed_key()?, row.kind, fix);
                    Ok(())
                }
                Rows::Observations(rows) => {
                    rows.push(row.observation(number, self.crs)?);
                    Ok(())
                }
                Rows::Cases(rows) => {
                    rows.push(row.case(number, self.crs)?);
                    Ok(())
                }
            });
        if let Err((code, text)) = taken {
            self.problems.push(number, code, || text);
        }
    }
}

impl FixBatch {
    fn add(&mut self, row: u32, key: &str, kind: Option<MoverKind>, fix: Fix) {
        let key_start = self.keys.len() as u32;
        self.keys.push_str(key);
        self.rows.push(FixRowIn {
            row,
            key_start,
            key_len: key.len() as u16,
            kind,
            fix,
        });
    }
}

/// Fixes that came over a socket. `own_key`: the call sign that a terminal may leave out.
pub fn fix_batch(rows: &[FixRow], own_key: Option<&str>, crs: &Crs) -> FixBatch {
    let mut batch = FixBatch::default();
    for (i, row) in rows.iter().enumerate() {
        let number = i as u32 + 1;
        let key = match own_key {
            Some(own) if row.key.is_empty() => own,
            _ => &row.key,
        };
        if key.is_empty() || key.len() > KEY_BYTES_MAX {
            batch.problems.push(number, codes::ROW_NO_KEY, || {
                format!("a key of 1 to {KEY_BYTES_MAX} bytes is needed")
            });
            continue;
        }
        match position(crs, Some(row.lon), Some(row.lat)) {
            Ok(position) => {
                let fix = Fix {
                    mover: MoverId(0),
                    position,
                    bearing_cdeg: bearing_cdeg(row.bearing_deg.map(f64::from)),
                    speed_cmps: small(row.speed_mps.map(f64::from), 100.0),
                    accuracy_dm: small(row.accuracy_m.map(f64::from), 10.0),
                    fix_time: row.time.unwrap_or(NO_TIME),
                };
                batch.add(number, key, row.kind, fix);
            }
            Err((code, text)) => batch.problems.push(number, code, || text),
        }
    }
    batch
}

#[cfg(test)]
mod tests {
    use super::*;

    fn take(kind: Rows, lines: &[&str]) -> (Rows, Vec<(u32, u16)>) {
        let mut taker = Taker {
            crs: &Crs::Wgs84,
            problems: Problems::default(),
            rows: kind,
        };
        for (i, line) in lines.iter().enumerate() {
            let row = serde_json::from_str(line).map_err(|e| e.to_string());
            taker.take(i as u32 + 1, row);
        }
        let problems = taker.problems.listed.iter().map(|p| (p.row, p.code));
        let problems = problems.collect();
        (taker.rows, problems)
    }

    #[test]
    fn good_rows_are_taken_and_bad_ones_told_by_number() {
        let (rows, problems) = take(
            Rows::Fixes(FixBatch::default()),
            &[
                r#"{"key":"a","lon":118.79,"lat":32.05,"bearing_deg":-90,"speed_mps":8.21,"time":"2026-11-22T08:00:00+08:00","kind":"taxi"}"#,
                r#"{"key":"b","lon":190,"lat":32.05}"#,
                r#"{"key":"c","lon":NaN,"lat":32.05}"#,
                r#"{"lon":118.79,"lat":32.05}"#,
                r#"{"key":"e","lon":118.79,"lat":32.05,"time":"yesterday"}"#,
                r#"{"key":"f","lon":118.79}"#,
                r#"{"key":17,"x":118.79,"y":32.05,"time_ms":1795000000000}"#,
                "garbage",
            ],
        );
        let Rows::Fixes(batch) = rows else {
            panic!("fixes")
        };
        let keys: Vec<_> = batch.rows.iter().map(|r| batch.key(r)).collect();
        assert_eq!(keys, ["a", "17"]);
        let fix = batch.rows[0].fix;
        assert_eq!((fix.bearing_cdeg, fix.speed_cmps), (27_000, 821));
        assert_eq!(fix.fix_time, Timestamp(1_795_305_600_000_000));
        assert_eq!(batch.rows[1].fix.fix_time, Timestamp(1_795_000_000_000_000));
        let codes_of = [
            (2, codes::ROW_PLACE),
            (3, codes::ROW_SYNTAX),
            (4, codes::ROW_NO_KEY),
            (5, codes::ROW_TIME),
            (6, codes::ROW_PLACE),
            (8, codes::ROW_SYNTAX),
        ];
        assert_eq!(problems, codes_of);
    }

    #[test]
    fn a_null_is_a_broken_sensor_and_nothing_is_a_mistake() {
        let (rows, problems) = take(
            Rows::Observations(vec![]),
            &[
                r#"{"key":"w","name":"水位 3","phenomenon":"water_level","unit":"m","lon":118.79,"lat":32.05,"warning":0.2,"alarm":0.4}"#,
                r#"{"key":"w","value":0.31,"time_us":5}"#,
                r#"{"key":"w","value":null}"#,
                r#"{"key":"w"}"#,
                r#"{"key":"x","name":"n","lon":118.79,"lat":32.05,"warning":0.5,"alarm":0.4}"#,
            ],
        );
        let Rows::Observations(rows) = rows else {
            panic!("readings")
        };
        let readings: Vec<_> = rows.iter().map(|r| r.reading).collect();
        assert_eq!(
            readings,
            [
                None,
                Some((Timestamp(5), Some(0.31))),
                Some((NO_TIME, None))
            ]
        );
        assert!(
            rows[0]
                .sensor
                .as_ref()
                .is_some_and(|s| s.thresholds.is_some())
        );
        assert_eq!(problems, [(4, codes::ROW_VALUE), (5, codes::ROW_VALUE)]);
    }
}
