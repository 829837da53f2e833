//! What this program keeps, told by what lies beside it.

use super::OutError;
use crate::log::{EmbeddedStore, LOG_FILE};
use crate::pack;
use crate::pack::files::ZIPPED;
use std::io::Read;
use std::path::Path;

/// A file of a drill lies so many folders below the directory of the log: `DIR/drills/3/report.html`.
const FOLDERS_UP: usize = 3;
/// What SQLite's files begin with, and drills' logs.
const HEADS: [(&[u8], &str); 2] = [
    (b"SQLite format 3\0", "a log or another database"),
    (b"CTDRILL", "the log of a drill"),
];
const PACK: [&str; 7] = [
    pack::CITY_FILE,
    pack::BASEMAP_FILE,
    pack::ROADS_FILE,
    pack::PLACES_FILE,
    pack::GRID_FILE,
    pack::CLASSES_FILE,
    pack::PROVENANCE_FILE,
];

/// Refuses a file of a log, of a drill or of a city, and whatever lies in the folder of a log: a name that is new today
/// may be tomorrow's day. `path` has no links in it.
pub(super) fn refuse(path: &Path) -> Result<(), OutError> {
    let own = |owner| OutError::Own {
        path: path.to_owned(),
        owner,
    };
    for folder in path.ancestors().skip(1).take(FOLDERS_UP) {
        if holds_log(folder) {
            return Err(own("the data directory of a log"));
        }
        if folder.join(LOG_FILE).is_file() {
            return Err(own("a drill"));
        }
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let name = name.strip_suffix(ZIPPED).unwrap_or(&name);
    let city = path.parent().map(|p| p.join(pack::CITY_FILE));
    if PACK.contains(&name) && city.is_some_and(|c| c.is_file()) {
        return Err(own("a city pack"));
    }
    if path.is_file()
        && let Some(owner) = owner_by_head(path)
    {
        return Err(own(owner));
    }
    Ok(())
}

/// True for the data directory of a server.
pub(super) fn holds_log(folder: &Path) -> bool {
    EmbeddedStore::at(folder).is_there().unwrap_or(false)
}

fn owner_by_head(path: &Path) -> Option<&'static str> {
    let mut head = Vec::new();
    let longest = HEADS.iter().map(|(head, _)| head.len()).max().unwrap_or(0);
    let file = std::fs::File::open(path).ok()?;
    file.take(longest as u64).read_to_end(&mut head).ok()?;
    HEADS
        .iter()
        .find(|(begins, _)| head.starts_with(begins))
        .map(|(_, owner)| *owner)
}
