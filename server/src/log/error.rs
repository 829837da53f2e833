use std::path::PathBuf;

/// What is wrong with a log.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// A file or folder cannot be used.
    #[error("{path}: {source}; the data directory must exist or be creatable, and be writable", path = path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: std::io::Error,
    },
    /// Another server has the directory.
    #[error(
        "{path}: another server is using this data directory; stop it first or choose another with --data",
        path = path.display()
    )]
    InUse {
        /// The directory.
        path: PathBuf,
    },
    /// Written by a newer program.
    #[error(
        "{path} has format {found}, this program knows formats up to {known}: it was written by a newer version; update this program, or use another directory",
        path = path.display()
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its format.
        found: i64,
        /// The newest known format.
        known: i64,
    },
    /// Not a log.
    #[error("{path} is no log of this program; move it out of the data directory", path = path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// The database refuses.
    #[error("{path}: {source}", path = path.display())]
    Database {
        /// The file.
        path: PathBuf,
        /// What it says.
        #[source]
        source: rusqlite::Error,
    },
    /// A record is not what was written.
    #[error(
        "{path}: record {seq} is damaged ({what}); it and what follows were acknowledged, so nothing is dropped silently: restore the file from a copy, or see docs/operations.md",
        path = path.display()
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The record.
        seq: u64,
        /// How it shows.
        what: String,
    },
    /// A record is missing.
    #[error(
        "{path}: record {expected} is missing; the next one is {found}: a day's file is missing or was cut; restore it from a copy, or see docs/operations.md",
        path = path.display()
    )]
    Gap {
        /// The directory.
        path: PathBuf,
        /// The record that should follow.
        expected: u64,
        /// The one that does.
        found: u64,
    },
    /// Writing has ended after an earlier error.
    #[error("the log stopped writing after an earlier error: {0}")]
    Stopped(String),
    /// Something cannot be encoded; memory has run out.
    #[error("cannot encode: {0}")]
    Encode(#[from] chengtu_engine::archive::ArchiveError),
    /// A keyframe cannot be compressed; memory has run out.
    #[error("cannot compress a keyframe: {0}")]
    Compress(#[from] std::io::Error),
}
