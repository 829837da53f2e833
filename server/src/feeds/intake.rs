//! Rows of any format, taken into the city's own terms. A bad row never affects another.

use super::formats::{
    self, Field, Found, NotListed, Row, Scalar, Told, kind_meant, listed, not_negative,
};
use super::name::known_name;
use crate::crs::Crs;
use crate::request::{
    CaseRow, FeedData, FixBatch, FixRowIn, NO_TIME, ObservationRow, Problems, SensorInfo,
};
use crate::times::{YEARS, year_of};
use chengtu_engine::code::Code;
use chengtu_engine::command::FixRow;
use chengtu_engine::geo::Position;
use chengtu_engine::ids::MoverId;
use chengtu_engine::model::{Fix, MoverKind, NO_BEARING, Phenomenon, Thresholds};
use chengtu_engine::time::Timestamp;
use serde::Deserialize;
use std::borrow::Cow;

/// Why a row was not taken: number and words.
type Bad = (Code, String);

/// What the rows of a batch are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowKind {
    /// Positions of movers.
    Fixes,
    /// Readings, and what is known of their sensors.
    Observations,
    /// What is known of sensors, and perhaps their readings.
    Sensors,
    /// Cases, new or taken over from another system.
    Cases,
}

impl RowKind {
    /// The word in a path.
    pub fn word(self) -> &'static str {
        match self {
            Self::Fixes => "fixes",
            Self::Observations => "observations",
            Self::Sensors => "sensors",
            Self::Cases => "cases",
        }
    }

    /// By the word in a path.
    pub fn named(word: &str) -> Option<Self> {
        match word {
            "fixes" => Some(Self::Fixes),
            "observations" => Some(Self::Observations),
            "sensors" => Some(Self::Sensors),
            "cases" => Some(Self::Cases),
            _ => None,
        }
    }

    /// True for the fields that such rows are made of.
    fn reads(self, field: Field) -> bool {
        use Field::{
            AccuracyM, Address, Alarm, BearingDeg, Class, FiledAt, Key, Kind, Lat, Lon, Name, Note,
            OccurredAt, Phenomenon, Severity, SpeedMps, Time, TimeMs, TimeUs, Unit, Value, Warning,
            X, Y,
        };
        match field {
            Key | Lon | Lat | X | Y | Time | TimeMs | TimeUs => true,
            BearingDeg | SpeedMps | AccuracyM | Kind => self == Self::Fixes,
            Value | Name | Phenomenon | Unit | Warning | Alarm => {
                matches!(self, Self::Observations | Self::Sensors)
            }
            Class | Severity | Address | Note | OccurredAt | FiledAt => self == Self::Cases,
            _ => false,
        }
    }
}

/// Takes rows of one kind in, one after the other.
pub(super) struct Intake<'a> {
    kind: RowKind,
    crs: &'a Crs,
    told: Told,
    data: FeedData,
    problems: Problems,
    count: u64,
}

impl<'a> Intake<'a> {
    /// Of rows in a reference system.
    pub fn new(kind: RowKind, crs: &'a Crs) -> Self {
        let data = match kind {
            RowKind::Fixes => FeedData::Fixes(FixBatch::default()),
            RowKind::Observations | RowKind::Sensors => FeedData::Observations(Vec::new()),
            RowKind::Cases => FeedData::Cases(Vec::new()),
        };
        Self {
            kind,
            crs,
            told: Told::default(),
            data,
            problems: Problems::default(),
            count: 0,
        }
    }

    /// Takes a row, or the reason why there is none.
    pub fn take(&mut self, found: Found<'_>) {
        self.count += 1;
        let (number, row) = match found {
            Found::Row { number, row } => (number, Ok(row)),
            Found::Bad { number, why } | Found::CutOff { number, why } => {
                (number, Err(syntax(why)))
            }
        };
        let number = u32::try_from(number).unwrap_or(u32::MAX);
        if let Err((code, text)) = row.and_then(|row| self.add(number, &row)) {
            self.problems.push(number, code, || text);
        }
    }

    /// What was taken, what was not, of how many rows, and what is told of rows that were taken.
    pub fn finish(self) -> (FeedData, Problems, u64, Told) {
        (self.data, self.problems, self.count, self.told)
    }

    fn add(&mut self, number: u32, row: &Row<'_>) -> Result<(), Bad> {
        let (kind, told) = (self.kind, &mut self.told);
        told.add_unread(row, |field| kind.reads(field));
        match &mut self.data {
            FeedData::Fixes(batch) => {
                let fix = fix(row, self.crs, told)?;
                add_fix(batch, number, &needed_key(row)?, kind_of(row, told), fix);
            }
            FeedData::Observations(rows) => rows.push(observation(row, number, self.crs, told)?),
            FeedData::Cases(rows) => rows.push(case(row, number, self.crs)?),
        }
        Ok(())
    }
}

fn syntax(why: impl std::fmt::Display) -> Bad {
    (Code::RowSyntax, format!("cannot be read: {why}"))
}

fn number(row: &Row<'_>, field: Field) -> Result<Option<f64>, Bad> {
    row.number(field).map_err(syntax)
}

fn text<'r>(row: &'r Row<'_>, field: Field) -> Result<Option<Cow<'r, str>>, Bad> {
    row.text(field).map_err(syntax)
}

/// A value out of a closed list of names; `None` if the field is missing or null.
fn word<T: for<'de> Deserialize<'de>>(row: &Row<'_>, field: Field) -> Result<Option<T>, Bad> {
    let Some(said) = text(row, field)? else {
        return Ok(None);
    };
    let none = |known: NotListed| syntax(format!("{} {said:?} is none of {known}", field.word()));
    listed(&said).map(Some).map_err(none)
}

/// What moves; a word that nobody knows is left out and told.
fn kind_of(row: &Row<'_>, told: &mut Told) -> Option<MoverKind> {
    let said = row.spare_text(Field::Kind, told)?;
    let kind = kind_meant(&said);
    if kind.is_none() {
        let shown: String = said.chars().take(40).collect();
        told.add(&format!(
            "kind {shown:?} is none of car, taxi, bus, van: left out"
        ));
    }
    kind
}

/// A time as RFC 3339 has it.
fn time_written(text: &str) -> Result<Timestamp, Bad> {
    match text.trim().parse::<jiff::Timestamp>() {
        Ok(time) => credible(time.as_microsecond()),
        Err(_) => Err((
            Code::RowTime,
            format!(
                "time {text:?} cannot be read; write RFC 3339 with a zone, as 2026-11-22T08:00:00+08:00, or time_ms"
            ),
        )),
    }
}

/// A time, microseconds since 1970, of a year that anything here may be of.
fn credible(us: i64) -> Result<Timestamp, Bad> {
    match year_of(us) {
        Some(year) if YEARS.contains(&year) => Ok(Timestamp(us)),
        Some(year) => Err((Code::RowTime, format!("the time lies in the year {year}"))),
        None => Err((Code::RowTime, "the time is too far away".to_owned())),
    }
}

/// When: a count since 1970, or else what is written in one of these fields, the first that says something.
fn time(row: &Row<'_>, written: &[Field]) -> Result<Option<Timestamp>, Bad> {
    let count = |field: Field| {
        let no_time = |e: formats::WrongType| (Code::RowTime, e.to_string());
        row.integer(field).map_err(no_time)
    };
    if let Some(us) = count(Field::TimeUs)? {
        return credible(us).map(Some);
    }
    if let Some(ms) = count(Field::TimeMs)? {
        return credible(ms.saturating_mul(1_000)).map(Some);
    }
    for field in written {
        if matches!(row.get(*field), Scalar::Integer(_) | Scalar::Float(_)) {
            let text = format!(
                "{} is a number: of what? send a count since 1970 as time_ms or time_us, or RFC 3339 with a zone",
                field.word()
            );
            return Err((Code::RowTime, text));
        }
        if let Some(said) = text(row, *field)? {
            return time_written(&said).map(Some);
        }
    }
    Ok(None)
}

fn position(crs: &Crs, lon: Option<f64>, lat: Option<f64>) -> Result<Position, Bad> {
    let (Some(x), Some(y)) = (lon, lat) else {
        return Err((
            Code::RowPlace,
            "lon and lat (or x and y) are missing".to_owned(),
        ));
    };
    let p = crs
        .lon_lat(x, y)
        .map_err(|e| (Code::RowPlace, e.to_string()))?;
    p.position().map_err(|e| (Code::RowPlace, e.to_string()))
}

fn place(row: &Row<'_>, crs: &Crs) -> Result<Position, Bad> {
    let (lon, lat) = row.place(crs.is_in_degrees()).map_err(syntax)?;
    position(crs, lon, lat)
}

fn bearing_cdeg(deg: Option<f64>) -> u16 {
    let deg = deg.and_then(formats::bearing_deg);
    deg.map_or(NO_BEARING, |d| (d * 100.0) as u16 % 36_000)
}

/// A non-negative number in units of `1 / scale`, held at the largest that fits.
fn small(value: Option<f64>, scale: f64) -> u16 {
    value
        .and_then(not_negative)
        .filter(|v| v.is_finite())
        .map_or(0, |v| (v * scale).round().clamp(0.0, 65_535.0) as u16)
}

fn needed_key<'r>(row: &'r Row<'_>) -> Result<Cow<'r, str>, Bad> {
    let missing = || (Code::RowNoKey, "key is missing: who is it?".to_owned());
    key(row)?.ok_or_else(missing)
}

/// The key of a row as it is known by; `None` where there is none.
fn key<'r>(row: &'r Row<'_>) -> Result<Option<Cow<'r, str>>, Bad> {
    let Some(key) = row.name(Field::Key) else {
        return Ok(None);
    };
    let known_by = match key {
        Cow::Borrowed(said) => known_name(said),
        Cow::Owned(said) => known_name(&said).map(|k| Cow::Owned(k.into_owned())),
    };
    let known_by = known_by.map_err(|why| (Code::RowNoKey, format!("key {why}")))?;
    Ok(Some(known_by).filter(|k| !k.is_empty()))
}

fn fix(row: &Row<'_>, crs: &Crs, told: &mut Told) -> Result<Fix, Bad> {
    Ok(Fix {
        mover: MoverId(0),
        position: place(row, crs)?,
        bearing_cdeg: bearing_cdeg(row.bearing_deg(&[Field::BearingDeg], told)),
        speed_cmps: small(row.not_negative(&[Field::SpeedMps], told), 100.0),
        accuracy_dm: small(row.not_negative(&[Field::AccuracyM], told), 10.0),
        fix_time: time(row, &[Field::Time])?.unwrap_or(NO_TIME),
    })
}

fn add_fix(batch: &mut FixBatch, row: u32, key: &str, kind: Option<MoverKind>, fix: Fix) {
    let key_start = batch.keys.len() as u32;
    batch.keys.push_str(key);
    batch.rows.push(FixRowIn {
        row,
        key_start,
        key_len: key.len() as u16,
        kind,
        fix,
    });
}

fn sensor(row: &Row<'_>, key: &str, crs: &Crs, told: &mut Told) -> Result<Option<SensorInfo>, Bad> {
    let phenomenon: Option<Phenomenon> = word(row, Field::Phenomenon)?;
    let name = row.spare_text(Field::Name, told);
    if phenomenon.is_none() && name.is_none() {
        return Ok(None);
    }
    let bounds = (number(row, Field::Warning)?, number(row, Field::Alarm)?);
    let thresholds = match bounds {
        (Some(warning), Some(alarm)) if warning <= alarm => Some(Thresholds { warning, alarm }),
        (None, None) => None,
        _ => {
            let text = "warning and alarm are given together, warning not above alarm";
            return Err((Code::RowValue, text.to_owned()));
        }
    };
    Ok(Some(SensorInfo {
        name: name.unwrap_or(Cow::Borrowed(key)).into_owned(),
        phenomenon: phenomenon.unwrap_or(Phenomenon::Other),
        unit_of_measure: text(row, Field::Unit)?.unwrap_or_default().into_owned(),
        position: place(row, crs)?,
        thresholds,
    }))
}

fn observation(
    row: &Row<'_>,
    number_: u32,
    crs: &Crs,
    told: &mut Told,
) -> Result<ObservationRow, Bad> {
    let key = needed_key(row)?.into_owned();
    let sensor = sensor(row, &key, crs, told)?;
    let reading = match row.get(Field::Value) {
        Scalar::Missing if sensor.is_some() => None,
        Scalar::Missing => {
            let text = "value is missing; send null for a broken sensor";
            return Err((Code::RowValue, text.to_owned()));
        }
        _ => {
            let value = number(row, Field::Value)?;
            Some((time(row, &[Field::Time])?.unwrap_or(NO_TIME), value))
        }
    };
    let unit = match &sensor {
        Some(_) => None,
        None => text(row, Field::Unit)?.map(Cow::into_owned),
    };
    Ok(ObservationRow {
        row: number_,
        key,
        sensor,
        unit,
        reading,
    })
}

fn case(row: &Row<'_>, number: u32, crs: &Crs) -> Result<CaseRow, Bad> {
    let no_class = || {
        let text = "class is missing: a code such as E0101";
        (Code::RowValue, text.to_owned())
    };
    let owned = |field: Field| text(row, field).map(|t| t.unwrap_or_default().into_owned());
    let filed_at = text(row, Field::FiledAt)?
        .map(|t| time_written(&t))
        .transpose()?;
    Ok(CaseRow {
        row: number,
        key: key(row)?.unwrap_or_default().into_owned(),
        class: text(row, Field::Class)?.ok_or_else(no_class)?.into_owned(),
        severity: word(row, Field::Severity)?,
        position: place(row, crs)?,
        address: owned(Field::Address)?,
        note: owned(Field::Note)?,
        occurred_at: time(row, &[Field::OccurredAt, Field::Time])?,
        filed_at,
    })
}

/// Fixes that came over a socket. `own_key`: the call sign that a terminal may leave out.
pub(super) fn socket_batch(rows: &[FixRow], own_key: Option<&str>, crs: &Crs) -> FixBatch {
    let mut batch = FixBatch::default();
    for (i, row) in rows.iter().enumerate() {
        let number = i as u32 + 1;
        let key = match own_key {
            Some(own) if row.key.is_empty() => Ok(Cow::Borrowed(own)),
            _ => known_name(&row.key),
        };
        let key = match key {
            Ok(key) if !key.is_empty() => key,
            Ok(_) => {
                let text = || "key is missing: who is it?".to_owned();
                batch.problems.push(number, Code::RowNoKey, text);
                continue;
            }
            Err(why) => {
                let text = || format!("key {why}");
                batch.problems.push(number, Code::RowNoKey, text);
                continue;
            }
        };
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
                add_fix(&mut batch, number, &key, row.kind, fix);
            }
            Err((code, text)) => batch.problems.push(number, code, || text),
        }
    }
    batch
}

#[cfg(test)]
mod tests {
    use super::super::formats::{FormatOptions, Input, by_content};
    use super::*;

    fn take(kind: RowKind, lines: &[&str]) -> (FeedData, Vec<(u32, Code)>) {
        let body = lines.join("\n");
        let format = by_content(Some("application/x-ndjson"), body.as_bytes()).unwrap();
        let input: Input<'_> = Box::new(body.as_bytes());
        let mut rows = format.rows(input, &FormatOptions::default()).unwrap();
        let mut intake = Intake::new(kind, &Crs::Wgs84);
        while let Some(found) = rows.next() {
            intake.take(found);
        }
        let (data, problems, count, _) = intake.finish();
        assert_eq!(count as usize, lines.len());
        let problems = problems.listed.iter().map(|p| (p.row, p.code));
        (data, problems.collect())
    }

    #[test]
    fn good_rows_are_taken_and_bad_ones_told_by_number() {
        let (rows, problems) = take(
            RowKind::Fixes,
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
        let FeedData::Fixes(batch) = rows else {
            panic!("fixes")
        };
        let keys: Vec<_> = batch.rows.iter().map(|r| batch.key(r)).collect();
        assert_eq!(keys, ["a", "17"]);
        let fix = batch.rows[0].fix;
        assert_eq!((fix.bearing_cdeg, fix.speed_cmps), (27_000, 821));
        assert_eq!(fix.fix_time, Timestamp(1_795_305_600_000_000));
        assert_eq!(batch.rows[1].fix.fix_time, Timestamp(1_795_000_000_000_000));
        let codes_of = [
            (2, Code::RowPlace),
            (3, Code::RowSyntax),
            (4, Code::RowNoKey),
            (5, Code::RowTime),
            (6, Code::RowPlace),
            (8, Code::RowSyntax),
        ];
        assert_eq!(problems, codes_of);
    }

    /// What is told of rows that are taken.
    fn told(kind: RowKind, body: &str) -> Vec<(String, u64)> {
        let format = by_content(None, body.as_bytes()).unwrap();
        let input: Input<'_> = Box::new(body.as_bytes());
        let mut rows = format.rows(input, &FormatOptions::default()).unwrap();
        let mut intake = Intake::new(kind, &Crs::Wgs84);
        while let Some(found) = rows.next() {
            intake.take(found);
        }
        let (_, problems, _, told) = intake.finish();
        assert_eq!(problems.count, 0, "{problems:?}");
        told.lines().map(|(w, n)| (w.to_owned(), n)).collect()
    }

    #[test]
    fn what_stands_for_none_or_is_not_read_spoils_no_position_and_is_told() {
        let row = |more: &str| format!("{{\"key\":\"a\",\"lon\":118.79,\"lat\":\"32.05\",{more}}}");
        for (more, expected) in [
            ("\"bearing_deg\":-1,\"speed_mps\":-1,\"accuracy_m\":-1", 3),
            ("\"bearing_deg\":\"N\",\"speed_mps\":\"NULL\"", 1),
            ("\"kind\":\"truck\"", 0),
            ("\"kind\":\"ship\",\"name\":5", 2),
            ("\"timestamp\":\"2026-03-01T08:00:00Z\"", 1),
            ("\"x\":385700.0,\"y\":3548000.0", 0),
            ("\"time_ms\":1772323200000.0", 0),
        ] {
            let told = told(RowKind::Fixes, &row(more));
            assert_eq!(told.len(), expected, "{more}: {told:?}");
        }
        let told = told(RowKind::Fixes, &row("\"timestamp\":1"));
        assert!(
            told[0].0.contains("\"timestamp\"") && told[0].0.contains("time_ms"),
            "{told:?}"
        );
        let (data, _) = take(
            RowKind::Fixes,
            &[&row("\"bearing_deg\":-1,\"speed_mps\":-5")],
        );
        let FeedData::Fixes(batch) = data else {
            panic!("fixes")
        };
        let fix = batch.rows[0].fix;
        assert_eq!((fix.bearing_cdeg, fix.speed_cmps), (NO_BEARING, 0));
    }

    #[test]
    fn refusals_are_in_words_of_our_own() {
        let place = "\"lon\":118.79,\"lat\":32.05";
        for (kind, row, words) in [
            (
                RowKind::Fixes,
                format!("{{\"key\":\"a\",\"time\":1772323200,{place}}}"),
                "time_ms",
            ),
            (
                RowKind::Fixes,
                format!("{{\"key\":\"a\",\"time\":\"0115-03-01T08:00:00Z\",{place}}}"),
                "year 115",
            ),
            (
                RowKind::Fixes,
                format!("{{\"key\":\"a\",\"time_ms\":1.5,{place}}}"),
                "whole number",
            ),
            (
                RowKind::Fixes,
                format!("{{\"key\":\"NULL\",{place}}}"),
                "key is missing",
            ),
            (
                RowKind::Fixes,
                format!("{{\"key\":true,{place}}}"),
                "key is missing",
            ),
            (
                RowKind::Fixes,
                "{\"key\":\"a\",\"lon\":{},\"lat\":1}".to_owned(),
                "lon is no number",
            ),
            (
                RowKind::Cases,
                format!("{{\"class\":\"E0101\",\"severity\":\"bad\",{place}}}"),
                "severity \"bad\" is none of",
            ),
            (
                RowKind::Observations,
                format!("{{\"key\":\"a\",\"name\":\"n\",\"phenomenon\":\"rain\",{place}}}"),
                "water_level",
            ),
        ] {
            let format = by_content(None, row.as_bytes()).unwrap();
            let input: Input<'_> = Box::new(row.as_bytes());
            let mut rows = format.rows(input, &FormatOptions::default()).unwrap();
            let mut intake = Intake::new(kind, &Crs::Wgs84);
            while let Some(found) = rows.next() {
                intake.take(found);
            }
            let problems = intake.finish().1;
            let text = &problems.listed[0].text;
            assert!(text.contains(words), "{row}: {text}");
            for library in ["variant", "expected", "at line", "column", "serde"] {
                assert!(!text.contains(library), "{text}");
            }
        }
    }

    #[test]
    fn a_null_is_a_broken_sensor_and_nothing_is_a_mistake() {
        let (rows, problems) = take(
            RowKind::Observations,
            &[
                r#"{"key":"w","name":"水位 3","phenomenon":"water_level","unit":"m","lon":118.79,"lat":32.05,"warning":0.2,"alarm":0.4}"#,
                r#"{"key":"w","value":0.31,"time_us":5}"#,
                r#"{"key":"w","value":null}"#,
                r#"{"key":"w"}"#,
                r#"{"key":"x","name":"n","lon":118.79,"lat":32.05,"warning":0.5,"alarm":0.4}"#,
            ],
        );
        let FeedData::Observations(rows) = rows else {
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
        assert_eq!(problems, [(4, Code::RowValue), (5, Code::RowValue)]);
    }
}
