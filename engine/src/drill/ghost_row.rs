use crate::model::UnitStatus;

/// Whose units drive along as ghosts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GhostOf {
    /// An earlier attempt of this drill, from 1.
    Attempt(u32),
    /// The last attempt of an earlier drill, by the number of its report.
    Drill(u32),
    /// What really happened; for a drill that began at a second of the city's log.
    Real,
}

/// One unit of a ghost.
#[derive(Clone, Debug, PartialEq)]
pub struct GhostRow {
    /// Its call sign.
    pub call_sign: String,
    /// The same in English.
    pub call_sign_en: String,
    /// Its fleet, which chooses the icon.
    pub fleet: String,
    /// Longitude, degrees, WGS 84.
    pub lon: f64,
    /// Latitude, degrees, WGS 84.
    pub lat: f64,
    /// Its status at that second of the other attempt.
    pub status: UnitStatus,
}
