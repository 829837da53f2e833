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
use super::store::StoreError;
use crate::log::REPORT_FILE;
use crate::out::{Place, Written};
use crate::plain;
use chengtu_engine::drill::DrillEntry;
use facts::Facts;
use std::path::Path;

/// The report of a drill; `id` is part of its links. `None` for entries that are no drill.
pub fn report(id: u32, entries: &[DrillEntry], ground: &Ground) -> Option<String> {
    let html = page::page(&Facts::of(id, entries)?, ground).into_string();
    Some(plain::page(html))
}

/// Two drills side by side. `None` if one of them is no drill.
pub fn compared(a: (u32, &[DrillEntry]), b: (u32, &[DrillEntry])) -> Option<String> {
    let (a, b) = (Facts::of(a.0, a.1)?, Facts::of(b.0, b.1)?);
    Some(plain::page(compare::compare(&a, &b).into_string()))
}

/// Writes the report into the drill's folder, in place of an older one.
///
/// # Errors
/// [`StoreError`]; an older report is there still then.
pub fn write_report(
    dir: &Path,
    id: u32,
    entries: &[DrillEntry],
    ground: &Ground,
) -> Result<(), StoreError> {
    let place = Place::kept(&dir.join(REPORT_FILE), true)?;
    write_report_to(&place, dir, id, entries, ground)
}

/// Writes the report of the drill in `dir` anywhere.
///
/// # Errors
/// [`StoreError`].
pub fn write_report_to(
    place: &Place,
    dir: &Path,
    id: u32,
    entries: &[DrillEntry],
    ground: &Ground,
) -> Result<(), StoreError> {
    let html = report(id, entries, ground).ok_or_else(|| StoreError::NotADrill {
        place: dir.display().to_string(),
        detail: "its log does not begin with a scenario and a city".to_owned(),
    })?;
    Ok(Written::whole(place, |out| out.write_all(html.as_bytes()))?)
}
