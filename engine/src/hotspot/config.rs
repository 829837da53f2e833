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
    /// Cells whose centres are no farther apart than this are neighbours, metres.
    pub band_m: f64,
    /// False-discovery rate at which a cell counts as significant, 0 … 1.
    pub significance: f64,
    /// A group of significant cells with fewer open cases is not listed.
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
            band_m: 200.0,
            significance: 0.05,
            cases_min: 3,
            grace_s: 300,
        }
    }
}
