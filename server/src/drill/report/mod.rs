//! After-action reports: one HTML file each, from a drill's log and the city's pack.

mod compare;
mod facts;
mod map;
mod page;
mod samples;
mod say;
mod style;
mod tables;
mod timeline;

use super::ground::Ground;
use super::store::{StoreError, io_error};
use crate::log::REPORT_FILE;
use chengtu_engine::drill::DrillEntry;
use facts::Facts;
use std::path::Path;

/// The report of a drill; `id` is part of its links. `None` for entries that are no drill.
pub fn report(id: u32, entries: &[DrillEntry], ground: &Ground) -> Option<String> {
    Some(page::page(&Facts::of(id, entries)?, ground).into_string())
}

/// Two drills side by side. `None` if one of them is no drill.
pub fn compared(a: (u32, &[DrillEntry]), b: (u32, &[DrillEntry])) -> Option<String> {
    let (a, b) = (Facts::of(a.0, a.1)?, Facts::of(b.0, b.1)?);
    Some(compare::compare(&a, &b).into_string())
}

/// Writes the report into the drill's folder.
///
/// # Errors
/// [`StoreError`].
pub fn write_report(
    dir: &Path,
    id: u32,
    entries: &[DrillEntry],
    ground: &Ground,
) -> Result<(), StoreError> {
    let path = dir.join(REPORT_FILE);
    let html = report(id, entries, ground).ok_or_else(|| StoreError::NotADrill {
        place: dir.display().to_string(),
        detail: "its log does not begin with a scenario and a city".to_owned(),
    })?;
    std::fs::write(&path, html).map_err(io_error(&path))
}
