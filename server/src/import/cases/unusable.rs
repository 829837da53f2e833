//! The list of rows that could not be used.

use super::rows::BadRow;
use super::{CasesError, CasesOptions};
use crate::out::{OutError, Place, Written};
use crate::plain;
use std::io::Read;
use std::path::{Path, PathBuf};

/// What such a list begins with.
const HEAD: [&str; 4] = ["file", "line", "reason", "row"];

/// Where the list of an import is.
pub fn path(options: &CasesOptions) -> PathBuf {
    options.errors.clone().unwrap_or_else(|| {
        let mut name = options.data.as_os_str().to_owned();
        name.push(".errors.csv");
        PathBuf::from(name)
    })
}

/// Where it is written: nothing that is there is replaced but the list of an earlier import.
///
/// # Errors
/// [`CasesError::Out`].
pub fn place(options: &CasesOptions) -> Result<Place, CasesError> {
    let path = path(options);
    let place = Place::file(&path, is_older_list(&path))?;
    Ok(place.apart_from(options.files.iter().map(PathBuf::as_path))?)
}

/// Writes the rows that were put aside; takes an older list away where there are none.
///
/// # Errors
/// [`CasesError::Out`].
pub fn tell(options: &CasesOptions, bad: &[BadRow]) -> Result<Option<PathBuf>, CasesError> {
    let path = path(options);
    if bad.is_empty() {
        if is_older_list(&path) {
            std::fs::remove_file(&path).map_err(OutError::write(&path))?;
        }
        return Ok(None);
    }
    let failed = |e: csv::Error| OutError::write(&path)(std::io::Error::other(e));
    let mut table = csv::Writer::from_writer(Vec::new());
    let lines = bad.iter().map(|b| {
        let file = b.file.to_string_lossy().into_owned();
        let cells = [file, b.line.to_string(), b.reason.clone(), b.row.clone()];
        cells.map(|c| plain::cell(&c).into_owned())
    });
    for line in std::iter::once(HEAD.map(str::to_owned)).chain(lines) {
        table.write_record(&line).map_err(failed)?;
    }
    let bytes = table
        .into_inner()
        .map_err(|e| failed(e.into_error().into()))?;
    Written::whole(&place(options)?, |out| out.write_all(&bytes))?;
    Ok(Some(path))
}

fn is_older_list(path: &Path) -> bool {
    if !path.is_file() {
        return false;
    }
    let head = format!("{}\n", HEAD.join(","));
    let mut begins = Vec::new();
    let read = std::fs::File::open(path)
        .and_then(|file| file.take(head.len() as u64).read_to_end(&mut begins));
    read.is_ok() && begins == head.as_bytes()
}
