//! Where something may be written.

use super::{OutError, own};
use crate::say;
use std::fs;
use std::io::{Error, ErrorKind};
use std::path::{Component, Path, PathBuf};

const A_FILE: &str = "name a new file, or - for standard output";

/// Where one file goes: looked at before anything is read, and again when the file takes its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// Standard output.
    Standard,
    /// A file; there is none of that name yet, or it is replaced.
    File {
        /// Its path, without links.
        path: PathBuf,
        /// True where what is there is replaced.
        replace: bool,
    },
}

impl Place {
    /// The place that a command line names.
    ///
    /// # Errors
    /// [`OutError`]: what is kept, what is there already, what is no plain file.
    pub fn file(path: &Path, replace: bool) -> Result<Self, OutError> {
        if path == Path::new("-") {
            return Ok(Self::Standard);
        }
        let real = resolved(path)?;
        own::refuse(&real)?;
        Self::plain(path, real, replace)
    }

    /// The place of a file that the program keeps itself, such as a drill's report.
    ///
    /// # Errors
    /// [`OutError`]: what is there already, what is no plain file.
    pub fn kept(path: &Path, replace: bool) -> Result<Self, OutError> {
        Self::plain(path, resolved(path)?, replace)
    }

    /// A place where nothing is, or a plain file that is replaced. `real`: the path without links.
    fn plain(path: &Path, real: PathBuf, replace: bool) -> Result<Self, OutError> {
        let not_plain = |what| OutError::NotPlain {
            path: path.to_owned(),
            what,
            wanted: A_FILE,
        };
        match fs::metadata(path) {
            Ok(found) if found.is_dir() => return Err(not_plain("a folder")),
            Ok(found) if !found.is_file() => return Err(not_plain("a device or a pipe")),
            Ok(_) if !replace => return Err(OutError::Exists { path: real }),
            Ok(found) if found.permissions().readonly() => {
                return Err(OutError::ReadOnly { path: real });
            }
            Err(e) if e.kind() != ErrorKind::NotFound => return Err(OutError::write(path)(e)),
            Err(_) if fs::symlink_metadata(path).is_ok() => {
                return Err(not_plain("a link to a file that is not there"));
            }
            Ok(_) | Err(_) => {}
        }
        Ok(Self::File {
            path: real,
            replace,
        })
    }

    /// Refuses a place where something lies that is read.
    ///
    /// # Errors
    /// [`OutError::Input`].
    pub fn apart_from<'a>(
        self,
        inputs: impl IntoIterator<Item = &'a Path>,
    ) -> Result<Self, OutError> {
        if let Self::File { path, .. } = &self {
            for input in inputs {
                if fs::canonicalize(input).is_ok_and(|i| i == *path) {
                    return Err(OutError::Input { path: path.clone() });
                }
            }
        }
        Ok(self)
    }

    /// Says something about what is written; beside it where that goes to standard output.
    pub fn say(&self, words: &dyn std::fmt::Display) {
        match self {
            Self::Standard => eprintln!("{}", say::words(words)),
            Self::File { .. } => println!("{}", say::words(words)),
        }
    }

    /// Its name for people.
    pub fn name(&self) -> PathBuf {
        match self {
            Self::Standard => PathBuf::from("-"),
            Self::File { path, .. } => path.clone(),
        }
    }
}

/// Where a set of files goes: a folder of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folder {
    /// Its path, without links.
    pub(super) path: PathBuf,
}

impl Folder {
    /// The folder that a command line names for the files `names`.
    ///
    /// # Errors
    /// [`OutError`]: what is kept, what holds anything already; with `replace`, what holds anything but these files.
    pub fn of(path: &Path, names: &[String], replace: bool) -> Result<Self, OutError> {
        if path == Path::new("-") {
            return Err(OutError::SetToStandard { files: names.len() });
        }
        let place = Self::made(path)?;
        let not_empty = || OutError::NotEmpty { path: path.into() };
        let Ok(entries) = fs::read_dir(&place.path) else {
            return Ok(place);
        };
        for entry in entries {
            let entry = entry.map_err(OutError::write(path))?;
            if !replace {
                return Err(not_empty());
            }
            let name = entry.file_name().to_string_lossy().into_owned();
            let found = entry.metadata().map_err(OutError::write(path))?;
            if !names.contains(&name) || !found.is_file() {
                return Err(OutError::Others {
                    path: path.to_owned(),
                    other: name,
                });
            }
            if found.permissions().readonly() {
                return Err(OutError::ReadOnly { path: entry.path() });
            }
        }
        Ok(place)
    }

    /// Its path, without links.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A folder that may be made or filled; those above it are made.
    ///
    /// # Errors
    /// [`OutError`]: what is kept, what is no folder.
    pub fn made(path: &Path) -> Result<Self, OutError> {
        let real = under_what_is_there(path)?;
        own::refuse(&real)?;
        if own::holds_log(&real) {
            return Err(OutError::Own {
                path: real,
                owner: "the data directory of a log",
            });
        }
        match fs::metadata(path) {
            Ok(found) if !found.is_dir() => {
                let no_folder = Error::new(ErrorKind::NotADirectory, "it is no folder");
                return Err(OutError::write(path)(no_folder));
            }
            Ok(_) => {}
            Err(_) if fs::symlink_metadata(path).is_ok() => {
                return Err(OutError::NotPlain {
                    path: path.to_owned(),
                    what: "a link to a folder that is not there",
                    wanted: "name a new folder",
                });
            }
            Err(_) => fs::create_dir_all(parent(&real)).map_err(OutError::write(path))?,
        }
        Ok(Self { path: real })
    }
}

/// A path without links, of which the last folders need not be there yet.
fn under_what_is_there(path: &Path) -> Result<PathBuf, OutError> {
    let path = std::path::absolute(path).map_err(OutError::write(path))?;
    for there in path.ancestors() {
        if let Ok(real) = fs::canonicalize(there) {
            let rest = path.strip_prefix(there).unwrap_or(Path::new(""));
            // Out of a folder that is not there nothing leads.
            if rest.components().any(|c| c == Component::ParentDir) {
                return Err(OutError::write(path.clone())(ErrorKind::NotFound.into()));
            }
            return Ok(real.join(rest).components().collect());
        }
    }
    Ok(path)
}

/// The folder that a path lies in.
pub(super) fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(p) if !p.as_os_str().is_empty() => p,
        _ => Path::new("."),
    }
}

/// A path without links: of what is there, or of where it would be.
fn resolved(path: &Path) -> Result<PathBuf, OutError> {
    if let Ok(real) = fs::canonicalize(path) {
        return Ok(real);
    }
    let folder = fs::canonicalize(parent(path)).map_err(OutError::write(path))?;
    Ok(match path.file_name() {
        Some(name) => folder.join(name),
        None => folder,
    })
}
