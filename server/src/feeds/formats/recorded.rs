use super::kinds::kind_meant;
use super::row::{Field, Row, WrongType};
use super::told::Told;
use crate::times::{ClockChange, TimeReader};
use chengtu_engine::model::MoverKind;

const TWICE: &str = "a local time that was twice, since clocks were put back: the later where the vehicle's order says so";
const NEVER: &str = "a local time that never was, since clocks were put forward: later by as much";

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

impl RecordedFix {
    /// From a row whose times `times` can read. Kinds that nobody knows, and numbers that stand for none, are left out;
    /// `told` hears of them, and of fields that nobody reads. `before`: the time of this vehicle's last fix, by which of
    /// two hours of the same name is told which is meant.
    ///
    /// # Errors
    /// What is missing or of the wrong type, in words.
    pub fn of(
        row: &Row<'_>,
        times: &TimeReader,
        before: impl FnOnce(&str) -> Option<i64>,
        told: &mut Told,
    ) -> Result<Self, String> {
        let words = |e: WrongType| e.to_string();
        told.add_unread(row, reads);
        let key = row.name(Field::Key).or_else(|| row.name(Field::Id));
        let key = key.ok_or("key is missing")?;
        let time_us = match row.name(Field::Time) {
            Some(time) => {
                let (us, change) = times.read_after(&time, before(&key))?;
                match change {
                    ClockChange::None => {}
                    ClockChange::Twice => told.add(TWICE),
                    ClockChange::Never => told.add(NEVER),
                }
                us
            }
            None => time_counted(row)?.ok_or("time is missing")?,
        };
        let (lon, lat) = row.place(true).map_err(words)?;
        let kind = row.spare_text(Field::Kind, told);
        let bearing = row.bearing_deg(&[Field::BearingDeg, Field::Bearing], told);
        let speed = row.not_negative(&[Field::SpeedMps, Field::Speed], told);
        let accuracy = row.not_negative(&[Field::AccuracyM], told);
        Ok(Self {
            time_us,
            lon: lon.ok_or("lon is missing")?,
            lat: lat.ok_or("lat is missing")?,
            bearing_deg: bearing.map(|n| n as f32),
            speed_mps: speed.map(|n| n as f32),
            accuracy_m: accuracy.map(|n| n as f32),
            kind: kind.and_then(|k| kind_meant(&k)),
            key: key.into_owned(),
        })
    }
}

/// A time that is a count of something since 1970, microseconds.
fn time_counted(row: &Row<'_>) -> Result<Option<i64>, String> {
    if let Some(us) = row.integer(Field::TimeUs).map_err(|e| e.to_string())? {
        return Ok(Some(us));
    }
    let ms = row.integer(Field::TimeMs).map_err(|e| e.to_string())?;
    Ok(ms.map(|ms| ms.saturating_mul(1_000)))
}

/// True for the fields that a recording is made of.
fn reads(field: Field) -> bool {
    use Field::{
        AccuracyM, Bearing, BearingDeg, Id, Key, Kind, Lat, Lon, Speed, SpeedMps, Time, TimeMs,
        TimeUs, X, Y,
    };
    matches!(
        field,
        Key | Id
            | Lon
            | Lat
            | X
            | Y
            | Time
            | TimeMs
            | TimeUs
            | Bearing
            | BearingDeg
            | Speed
            | SpeedMps
            | AccuracyM
            | Kind
    )
}
