/// Why a hotspot field cannot be set up as asked.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum HotspotError {
    /// A bandwidth that is not a length.
    #[error("hotspot bandwidth {0} m: must be more than 0 and at most 100,000 m")]
    Bandwidth(f64),
    /// A cell size that is not a length.
    #[error("hotspot cell size {0} m: must be more than 0 and at most 100,000 m")]
    CellSize(f64),
    /// A neighbourhood that is not a length or reaches over too many cells.
    #[error(
        "hotspot neighbourhood {band_m} m with cells of {size_m} m: must be between 0 and 50 cells"
    )]
    Neighbourhood {
        /// Reach as given.
        band_m: f64,
        /// Size of a cell.
        size_m: f64,
    },
    /// A significance level that is no probability.
    #[error("hotspot significance level {0}: must be between 0 and 1, for example 0.05")]
    Significance(f64),
    /// An extent that would take too many cells.
    #[error(
        "hotspot extent of {width_m:.0} × {height_m:.0} m in cells of {size_m} m: more than {limit} cells; use larger cells"
    )]
    TooManyCells {
        /// Width of the extent.
        width_m: f64,
        /// Height of the extent.
        height_m: f64,
        /// Size of a cell.
        size_m: f64,
        /// How many cells there may be.
        limit: usize,
    },
}

/// More cells than this make no map any clearer.
pub(super) const CELLS_MAX: usize = 4_000_000;

pub(super) fn check_length(
    value_m: f64,
    error: fn(f64) -> HotspotError,
) -> Result<(), HotspotError> {
    if value_m > 0.0 && value_m <= 100_000.0 {
        Ok(())
    } else {
        Err(error(value_m))
    }
}

/// Columns and rows of cells that cover an extent.
pub(super) fn check_cells(
    width_m: f64,
    height_m: f64,
    size_m: f64,
    counts: (f64, f64),
) -> Result<(usize, usize), HotspotError> {
    let (cols, rows) = counts;
    let fits = cols >= 1.0 && rows >= 1.0 && cols * rows <= CELLS_MAX as f64;
    if fits {
        Ok((cols as usize, rows as usize))
    } else {
        Err(HotspotError::TooManyCells {
            width_m,
            height_m,
            size_m,
            limit: CELLS_MAX,
        })
    }
}
