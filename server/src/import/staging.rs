//! A pack is written beside its place and moved there whole, so that a failed import leaves the old one as it was.

use super::error::ImportError;
use crate::out::{Folder, OutError, exchange};
use crate::pack::CITY_FILE;
use crate::pack::files::ZIPPED;
use flate2::Compression;
use flate2::write::GzEncoder;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Text longer than this, bytes, is stored zipped: the grid of a city is ten megabytes that zip to less than one.
const PLAIN_TEXT_MAX: usize = 500_000;

/// A folder being filled. Dropped without [`Staging::publish`], it vanishes.
#[derive(Debug)]
pub struct Staging {
    target: PathBuf,
    dir: tempfile::TempDir,
}

fn write_error(path: &Path) -> impl FnOnce(io::Error) -> ImportError + '_ {
    move |source| ImportError::Write {
        path: path.to_owned(),
        source,
    }
}

impl Staging {
    /// Makes a folder beside `target`, on the same file system.
    ///
    /// # Errors
    /// [`ImportError::Write`]; [`ImportError::NotAPack`] where `target` holds something else; [`ImportError::Out`] where
    /// it is a pack that is not to be replaced, or belongs to what the program keeps.
    pub fn beside(target: &Path, replace: bool) -> Result<Self, ImportError> {
        let folder = Folder::made(target)?;
        let target = folder.path();
        if fs::metadata(target).is_ok() {
            let mut entries = fs::read_dir(target).map_err(write_error(target))?;
            let empty = entries.next().is_none();
            if !empty && !target.join(CITY_FILE).is_file() {
                return Err(ImportError::NotAPack {
                    path: target.to_owned(),
                });
            }
            if !empty && !replace {
                return Err(ImportError::Out(OutError::NotEmpty {
                    path: target.to_owned(),
                }));
            }
        }
        let parent = target.parent().unwrap_or(target);
        let dir = tempfile::Builder::new()
            .prefix(".import-")
            .suffix(".tmp")
            .tempdir_in(parent)
            .map_err(write_error(parent))?;
        Ok(Self {
            target: target.to_owned(),
            dir,
        })
    }

    /// The folder being filled.
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// Writes one file.
    ///
    /// # Errors
    /// [`ImportError::Write`].
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<(), ImportError> {
        let path = self.dir().join(name);
        fs::write(&path, bytes).map_err(write_error(&path))
    }

    /// Writes one file of text, zipped where it is long: its name ends in [`ZIPPED`] then.
    ///
    /// # Errors
    /// [`ImportError::Write`].
    pub fn write_text(&self, name: &str, bytes: &[u8]) -> Result<(), ImportError> {
        if bytes.len() <= PLAIN_TEXT_MAX {
            return self.write(name, bytes);
        }
        let name = format!("{name}{ZIPPED}");
        let mut packer = GzEncoder::new(Vec::new(), Compression::best());
        let packed = packer.write_all(bytes).and_then(|()| packer.finish());
        let path = self.dir().join(&name);
        self.write(&name, &packed.map_err(write_error(&path))?)
    }

    /// Puts the new files in the target's place. Files of the old pack that an import does not make (recordings,
    /// tables, notes) are carried over.
    ///
    /// # Errors
    /// [`ImportError::Write`]; the old pack is then back where it was.
    pub fn publish(self) -> Result<(), ImportError> {
        let Self { target, dir } = self;
        let new = dir.path().to_owned();
        set_permissions(&new)?;
        if !target.exists() {
            fs::rename(&new, &target).map_err(write_error(&target))?;
            let _ = dir.keep();
            return Ok(());
        }
        carry_over(&target, &new)?;
        exchange(&new, &target).map_err(write_error(&target))?;
        // What lies aside now is the old pack, unless the folder was empty.
        let _ = dir.close();
        Ok(())
    }
}

/// Temporary folders are private; a pack is for everybody.
#[cfg(unix)]
fn set_permissions(dir: &Path) -> Result<(), ImportError> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(dir, fs::Permissions::from_mode(0o755)).map_err(write_error(dir))
}

#[cfg(not(unix))]
fn set_permissions(_dir: &Path) -> Result<(), ImportError> {
    Ok(())
}

fn carry_over(from: &Path, to: &Path) -> Result<(), ImportError> {
    for entry in fs::read_dir(from).map_err(write_error(from))? {
        let entry = entry.map_err(write_error(from))?;
        let (source, place) = (entry.path(), to.join(entry.file_name()));
        // Of a file that is there in another form, the old one would be read instead of the new.
        let name = entry.file_name().to_string_lossy().into_owned();
        let other_form = name
            .strip_suffix(ZIPPED)
            .map_or_else(|| format!("{name}{ZIPPED}"), str::to_owned);
        if place.exists() || to.join(other_form).exists() {
            continue;
        }
        if entry.file_type().map_err(write_error(&source))?.is_dir() {
            fs::create_dir_all(&place).map_err(write_error(&place))?;
            carry_over(&source, &place)?;
        } else {
            fs::copy(&source, &place).map_err(write_error(&place))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dropped_staging_leaves_the_old_pack_and_nothing_else() {
        let root = tempfile::tempdir().unwrap();
        let pack = root.path().join("city");
        fs::create_dir(&pack).unwrap();
        fs::write(pack.join(CITY_FILE), "old").unwrap();
        let staging = Staging::beside(&pack, true).unwrap();
        staging.write(CITY_FILE, b"new").unwrap();
        drop(staging);
        assert_eq!(fs::read_to_string(pack.join(CITY_FILE)).unwrap(), "old");
        assert_eq!(fs::read_dir(root.path()).unwrap().count(), 1);
    }

    #[test]
    fn publishing_replaces_the_pack_and_keeps_what_others_put_there() {
        let root = tempfile::tempdir().unwrap();
        let pack = root.path().join("deep/city");
        let first = Staging::beside(&pack, true).unwrap();
        first.write(CITY_FILE, b"1").unwrap();
        first.publish().unwrap();
        fs::create_dir(pack.join("recordings")).unwrap();
        fs::write(pack.join("recordings/a"), "kept").unwrap();
        // Only where somebody has said so.
        let refused = Staging::beside(&pack, false).unwrap_err().to_string();
        assert!(refused.contains("--replace"), "{refused}");
        let second = Staging::beside(&pack, true).unwrap();
        second.write(CITY_FILE, b"2").unwrap();
        second.publish().unwrap();
        assert_eq!(fs::read_to_string(pack.join(CITY_FILE)).unwrap(), "2");
        assert_eq!(
            fs::read_to_string(pack.join("recordings/a")).unwrap(),
            "kept"
        );
        assert_eq!(fs::read_dir(root.path().join("deep")).unwrap().count(), 1);
    }

    #[test]
    fn an_old_file_in_another_form_does_not_outlive_the_new_one() {
        let root = tempfile::tempdir().unwrap();
        let pack = root.path().join("city");
        for names in [["grid", "grid.gz"], ["grid.gz", "grid"]] {
            let old = Staging::beside(&pack, true).unwrap();
            old.write(CITY_FILE, b"1").unwrap();
            old.write(names[0], b"old").unwrap();
            old.publish().unwrap();
            let new = Staging::beside(&pack, true).unwrap();
            new.write(CITY_FILE, b"2").unwrap();
            new.write(names[1], b"new").unwrap();
            new.publish().unwrap();
            assert!(!pack.join(names[0]).exists());
            assert_eq!(fs::read_to_string(pack.join(names[1])).unwrap(), "new");
        }
    }

    #[test]
    fn a_folder_of_something_else_is_refused() {
        let root = tempfile::tempdir().unwrap();
        fs::write(root.path().join("thesis.doc"), "x").unwrap();
        assert!(matches!(
            Staging::beside(root.path(), true),
            Err(ImportError::NotAPack { .. })
        ));
    }
}
