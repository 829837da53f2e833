use super::getis_ord::BANDS;
use serde::{Deserialize, Serialize};

/// The shape of the bump each case puts on the density surface.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kernel {
    /// (1 − d²/h²)² within the bandwidth h, nothing beyond it. Silverman 1986, eq. 4.5.
    Quartic,
    /// exp(−d²/2h²), cut off at 7 h to the side, where it is below 3e-11 of its peak.
    Gaussian,
}

/// The shape of the cells in which cases are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LatticeKind {
    /// Squares; with 100 m those of a unit grid.
    Square,
    /// Hexagons with a corner at the top.
    Hexagon,
}

/// How hotspots are found.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct HotspotConfig {
    /// Kernel of the density surface.
    pub kernel: Kernel,
    /// Bandwidth of the density surface, metres.
    pub bandwidth_m: f64,
    /// Side of a cell of the density surface, metres.
    pub density_cell_m: f64,
    /// Shape of the counting cells.
    pub lattice: LatticeKind,
    /// Side of a square, or width of a hexagon across its flat sides, metres.
    pub lattice_size_m: f64,
    /// Reaches within which cases are counted around a cell, metres: for clusters of a crossing, of some blocks, of a
    /// quarter.
    pub bands_m: [f64; BANDS],
    /// False-discovery rate: in a city whose cases are anywhere by chance the probability that any area is listed, 0 … 1.
    pub significance: f64,
    /// An area with fewer open cases is not listed.
    pub cases_min: u32,
    /// A cell that is not significant for less than this, and then is again, counts as hot all along, seconds.
    pub grace_s: u32,
}

impl Default for HotspotConfig {
    fn default() -> Self {
        Self {
            kernel: Kernel::Quartic,
            bandwidth_m: 300.0,
            density_cell_m: 25.0,
            lattice: LatticeKind::Square,
            lattice_size_m: 100.0,
            bands_m: [150.0, 400.0, 800.0],
            significance: 0.05,
            cases_min: 5,
            grace_s: 300,
        }
    }
}

/// Cells of the density surface that a city may have at most; larger cities have larger cells.
const DENSITY_CELLS: f64 = 1_000_000.0;
/// The same for the cells in which cases are counted.
const LATTICE_CELLS: f64 = 250_000.0;

impl HotspotConfig {
    /// The settings for a city of an extent in metres: the default ones, in a large city all lengths longer by whole factors,
    /// so that its cells do not become too many.
    #[must_use]
    pub fn for_extent(width_m: f64, height_m: f64) -> Self {
        let default = Self::default();
        let area_m2 = (width_m * height_m).max(0.0);
        let factor =
            |cell_m: f64, most: f64| libm::ceil(libm::sqrt(area_m2 / most) / cell_m).max(1.0);
        let density = factor(default.density_cell_m, DENSITY_CELLS);
        let lattice = factor(default.lattice_size_m, LATTICE_CELLS);
        Self {
            bandwidth_m: default.bandwidth_m * lattice.max(1.0),
            density_cell_m: default.density_cell_m * density,
            lattice_size_m: default.lattice_size_m * lattice,
            bands_m: default.bands_m.map(|m| m * lattice),
            ..default
        }
    }
}
