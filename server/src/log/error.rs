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
