use crate::model::MoverKind;
use crate::time::Timestamp;

/// A position as feeds report it.
#[derive(Clone, Debug, PartialEq)]
pub struct FixRow {
    /// The feed's name for the vehicle; a terminal's own call sign may be left empty.
    pub key: String,
    /// Longitude or easting in the feed's reference system.
    pub lon: f64,
    /// Latitude or northing in the feed's reference system.
    pub lat: f64,
    /// Degrees clockwise from north.
    pub bearing_deg: Option<f32>,
    /// Speed over ground, metres a second.
    pub speed_mps: Option<f32>,
    /// Radius within which the true position lies, metres.
    pub accuracy_m: Option<f32>,
    /// When it was there; left out: now.
    pub time: Option<Timestamp>,
    /// What moves; left out: a car.
    pub kind: Option<MoverKind>,
}
