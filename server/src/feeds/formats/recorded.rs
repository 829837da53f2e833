use super::kinds::kind_named;
use super::row::WrongType;
use super::row::{Field, Row};
use crate::times::TimeReader;
use chengtu_engine::model::MoverKind;
use serde::Deserialize;
use serde::de::IntoDeserializer;
use serde::de::value::{Error, StrDeserializer};

/// One position of a recording, in the recording's own time and the feed's own reference system.
#[derive(Clone, Debug, PartialEq)]
pub struct RecordedFix {
    /// Microseconds on the recording's clock: since 1970 or since its own beginning.
    pub time_us: i64,
    /// The recording's name for the vehicle.
    pub key: String,
    /// Longitude or easting.
    pub lon: f64,
    /// Latitude or northing.
    pub lat: f64,
    /// Degrees clockwise from north.
    pub bearing_deg: Option<f32>,
    /// Metres a second.
    pub speed_mps: Option<f32>,
    /// Radius within which it lies, metres.
    pub accuracy_m: Option<f32>,
    /// What moves, where the recording says.
    pub kind: Option<MoverKind>,
}

/// The kind of exactly this name in our own data.
pub(in crate::feeds) fn kind_exactly(name: &str) -> Result<MoverKind, Error> {
    let name: StrDeserializer<'_, Error> = name.into_deserializer();
    MoverKind::deserialize(name)
}

impl RecordedFix {
    /// From a row whose times `times` can read. Kinds that nobody knows are left out.
    ///
    /// # Errors
    /// What is missing or of the wrong type, in words.
    pub fn of(row: &Row<'_>, times: &TimeReader) -> Result<Self, String> {
        let words = |e: WrongType| e.to_string();
        let number = |field: Field| row.number(field).map_err(words);
        let needed = |field: Field| -> Result<f64, String> {
            number(field)?.ok_or_else(|| format!("{} is missing", field.word()))
        };
        let either = |first: Field, second: Field| -> Result<Option<f32>, String> {
            let found = match number(first)? {
                Some(n) => Some(n),
                None => number(second)?,
            };
            Ok(found.map(|n| n as f32))
        };
        let key = row.name(Field::Key).or_else(|| row.name(Field::Id));
        let time_us = match row.name(Field::Time) {
            Some(time) => times.read(&time)?,
            None => row
                .integer(Field::TimeUs)
                .map_err(words)?
                .ok_or("time is missing")?,
        };
        let kind = row.text(Field::Kind).map_err(words)?;
        Ok(Self {
            time_us,
            key: key.ok_or("key is missing")?.into_owned(),
            lon: needed(Field::Lon)?,
            lat: needed(Field::Lat)?,
            bearing_deg: either(Field::BearingDeg, Field::Bearing)?,
            speed_mps: either(Field::SpeedMps, Field::Speed)?,
            accuracy_m: number(Field::AccuracyM)?.map(|a| a as f32),
            kind: kind.and_then(|k| kind_exactly(k).ok().or_else(|| kind_named(k))),
        })
    }
}
