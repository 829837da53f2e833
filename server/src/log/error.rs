use chengtu_engine::archive::ArchiveError;
use std::error::Error;

/// What is wrong with a log. `place` is where a person finds it: a file, a directory, a stream.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// A file or folder cannot be used.
    #[error("{place}: {source}; the data directory must exist or be creatable, and be writable")]
    Io {
        /// The file or folder.
        place: String,
        /// What the system says.
        #[source]
        source: std::io::Error,
    },
    /// Another server writes the log.
    #[error(
        "{place}: another server is using this data directory; stop it first or choose another with --data"
    )]
    InUse {
        /// The data directory that is locked.
        place: String,
    },
    /// A part of the log was written by a newer program.
    #[error(
        "{place} has format {found}, this program knows formats up to {known}: it was written by a newer version; update this program, or use another directory"
    )]
    Newer {
        /// The file that is too new.
        place: String,
        /// The format number that the file has.
        found: i64,
        /// The newest known format.
        known: i64,
    },
    /// A record was written by a newer program.
    #[error("{place}: {what}, or use another directory")]
    NewerRecord {
        /// The file and place of the record.
        place: String,
        /// Which record, what of it, which version.
        what: ArchiveError,
    },
    /// Not a log.
    #[error("{place} is no log of this program; move it out of the data directory")]
    Foreign {
        /// The file that was found in the data directory.
        place: String,
    },
    /// What keeps the log refuses.
    #[error("{place}: {source}")]
    Storage {
        /// Where it is kept.
        place: String,
        /// What the storage says.
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },
    /// A record is not what was written.
    #[error(
        "{place}: record {seq} is damaged ({what}); it and what follows were acknowledged, so nothing is dropped silently: restore the file from a copy, or see docs/operations.md"
    )]
    Damaged {
        /// The file and place of the record.
        place: String,
        /// Number of the damaged record.
        seq: u64,
        /// How the damage shows, in words.
        what: String,
    },
    /// A record is missing.
    #[error(
        "{place}: record {expected} is missing; the next one is {found}: a day's file is missing or was cut; restore it from a copy, or see docs/operations.md"
    )]
    Gap {
        /// The file and place where it is expected.
        place: String,
        /// Number of the record that should follow.
        expected: u64,
        /// Number of the record that does.
        found: u64,
    },
    /// The first records are gone and no keyframe can be read: there is nothing that folding could begin at.
    #[error(
        "{count} keyframes cannot be read, the newest because it is {what}, and the log's first records are gone, so that its state cannot be folded: use the program that wrote it ({missing})"
    )]
    NoBeginning {
        /// How many keyframes were tried.
        count: u64,
        /// What is wrong with the newest.
        what: String,
        /// Which records are gone.
        missing: Box<LogError>,
    },
    /// It cannot be written now: another program holds a lock, no room, no file handle. What was appended is still there,
    /// and the commit may be tried again.
    #[error("{place}: {source}")]
    Passing {
        /// Where it is kept.
        place: String,
        /// Such things pass by themselves within seconds.
        soon: bool,
        /// What the storage says.
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },
    /// Writing has ended, and it could not be noted which records were refused: they may be there at the next start.
    #[error("{place}: {source}; whether the last records were kept is not known")]
    Unsure {
        /// Where it is kept.
        place: String,
        /// What the storage says.
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },
    /// Writing has ended after an earlier error.
    #[error("the log stopped writing after an earlier error: {0}")]
    Stopped(String),
    /// Something cannot be encoded; memory has run out.
    #[error("cannot encode: {0}")]
    Encode(#[from] ArchiveError),
    /// A keyframe cannot be compressed; memory has run out.
    #[error("cannot compress a keyframe: {0}")]
    Compress(#[from] std::io::Error),
}

impl LogError {
    /// True where it may work within seconds, so that who asked may wait.
    pub fn passes_soon(&self) -> bool {
        matches!(self, Self::Passing { soon: true, .. })
    }

    /// An error that may pass, `soon` where it does so by itself.
    pub fn passing(
        place: String,
        soon: bool,
        source: impl Into<Box<dyn Error + Send + Sync>>,
    ) -> Self {
        Self::Passing {
            place,
            soon,
            source: source.into(),
        }
    }

    /// True where the same may work later.
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::Passing { .. })
    }

    /// True where nobody knows whether the last records are kept.
    pub fn is_unsure(&self) -> bool {
        matches!(self, Self::Unsure { .. })
    }
}
