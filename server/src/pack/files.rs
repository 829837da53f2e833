//! Files of a pack on disk; large ones may be stored zipped.

use flate2::read::MultiGzDecoder;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// What a zipped file's name ends in.
pub const ZIPPED: &str = ".gz";

/// Where a file of a pack lies, and whether it is zipped there: its plain form first.
pub fn find(dir: &Path, name: &str) -> (PathBuf, bool) {
    let plain = dir.join(name);
    let zipped = dir.join(format!("{name}{ZIPPED}"));
    if !plain.is_file() && zipped.is_file() {
        (zipped, true)
    } else {
        (plain, false)
    }
}

/// The content of a file of a pack, unzipped.
///
/// # Errors
/// Whatever the system says, with the path.
pub fn read(dir: &Path, name: &str) -> Result<(PathBuf, Vec<u8>), (PathBuf, io::Error)> {
    let (path, zipped) = find(dir, name);
    let result = std::fs::read(&path).and_then(|bytes| {
        if !zipped {
            return Ok(bytes);
        }
        let mut plain = Vec::new();
        MultiGzDecoder::new(&bytes[..]).read_to_end(&mut plain)?;
        Ok(plain)
    });
    match result {
        Ok(bytes) => Ok((path, bytes)),
        Err(error) => Err((path, error)),
    }
}
