//! Where cases gather: the density of open cases, cells that are significantly hot, and a ranked list of hotspots.
//!
//! All sums are kept in integers, so that adding a case and taking it away leaves nothing behind and the order in
//! which cases came does not matter.

mod area;
mod areas;
mod config;
mod density;
mod error;
mod false_discovery;
mod field;
mod getis_ord;
mod groups;
mod heat;
mod lattice;
mod outline;
mod past;
mod reference;
mod saddlepoint;
mod significance;

pub use area::{HotspotArea, HotspotChance};
pub use config::{HotspotConfig, Kernel, LatticeKind};
pub use density::DensityGrid;
pub use error::HotspotError;
pub use false_discovery::benjamini_hochberg;
pub use field::HotspotField;
pub use getis_ord::{BANDS, GetisOrd};
pub use groups::{Hotspot, Hotspots};
pub use lattice::Lattice;
pub use past::{CaseSpan, LOOKS_BACK_MAX};
pub use reference::{Permutations, binomial_tail};
