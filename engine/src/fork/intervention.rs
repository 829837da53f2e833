use crate::ids::{CaseId, UnitId};
use crate::time::Timestamp;

/// One thing done otherwise.
#[derive(Clone, Debug, PartialEq)]
pub enum Intervention {
    /// Another unit goes. The recorded sending of `instead_of` to the case is left out.
    Dispatch {
        /// The second of the decision.
        at: Timestamp,
        /// To which case.
        case: CaseId,
        /// The unit that goes.
        unit: UnitId,
        /// The unit that history sent, and that does not go now.
        instead_of: Option<UnitId>,
    },
    /// The road nearest to a place is closed, both ways.
    CloseRoad {
        /// The second from which the road is closed.
        at: Timestamp,
        /// Longitude of a place on the road, degrees.
        lon: f64,
        /// Latitude of a place on the road, degrees.
        lat: f64,
        /// Until when; `None`: it stays closed.
        until: Option<Timestamp>,
    },
    /// One more unit of the same kind as another.
    AddUnit {
        /// The second from which the unit is there.
        at: Timestamp,
        /// The same fleet, department and skills as this one.
        like: UnitId,
        /// Longitude of where it begins, degrees.
        lon: f64,
        /// Latitude of where it begins, degrees.
        lat: f64,
    },
}
