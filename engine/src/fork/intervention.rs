use crate::ids::{CaseId, UnitId};
use crate::time::Timestamp;

/// One thing done otherwise.
#[derive(Clone, Debug, PartialEq)]
pub enum Intervention {
    /// Another unit goes. The recorded sending of `instead_of` to the case is left out.
    Dispatch {
        /// When.
        at: Timestamp,
        /// To which case.
        case: CaseId,
        /// Who goes.
        unit: UnitId,
        /// Who went.
        instead_of: Option<UnitId>,
    },
    /// The road nearest to a place is closed, both ways.
    CloseRoad {
        /// When.
        at: Timestamp,
        /// Longitude.
        lon: f64,
        /// Latitude.
        lat: f64,
        /// Until when; none: it stays closed.
        until: Option<Timestamp>,
    },
    /// One more unit of the same kind as another.
    AddUnit {
        /// When.
        at: Timestamp,
        /// The same fleet, department and skills as this one.
        like: UnitId,
        /// Longitude.
        lon: f64,
        /// Latitude.
        lat: f64,
    },
}
