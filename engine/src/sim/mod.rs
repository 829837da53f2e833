//! A city that behaves: units drive, cases come and are handled, water rises.
//!
//! [`Simulator`] goes on from any state in steps of a second. What it does follows from the state, a configuration, a
//! seed and what is done to it; `docs/adr` says why it is made so. The demo's crews, cases and sensors behave by the same
//! parts.

mod act;
mod acts;
mod arrivals;
mod behave;
mod checker;
mod closures;
mod config;
mod crew;
mod digest;
mod drive;
mod instruments;
mod land;
mod live;
mod officer;
mod places;
mod rates;
mod recorded;
mod simulator;
mod size;
mod step;
pub mod words;

#[cfg(test)]
pub(crate) mod tests;

pub use crate::chance::Chance;
pub use act::{Acted, CaseTruth, SimAct, SimError, Storm};
pub use arrivals::Arrivals;
pub use behave::{Behaviour, LocalMoment, Measured, usual};
pub use closures::ROAD_M;
pub(crate) use closures::road_at;
pub use config::{CheckPolicy, OfficerPolicy, SimConfig, WorkTimes};
pub use crew::{Beat, Crew, CrewReport, Scales, Task};
pub use drive::Drive;
pub use land::Land;
pub use places::{Spot, StreetPlaces};
pub use rates::{CaseRates, HOURS, hour_of_week};
pub use recorded::RecordedTally;
pub use simulator::{Simulator, Step};
pub use size::{CitySize, Load};
