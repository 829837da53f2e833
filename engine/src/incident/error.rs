use crate::archive::ArchiveError;
use crate::replay::HistoryError;

/// Why a file is no incident that can be opened.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IncidentError {
    /// Another kind of file.
    #[error("this is no incident file; one is made with `chengtu-server export --format incident`")]
    Foreign,
    /// Written by a newer program.
    #[error(
        "the incident file is of version {found}, this program knows versions up to {known}: it was written by a newer version; update this program"
    )]
    Newer {
        /// The version that the file says it is of.
        found: u32,
        /// The newest known.
        known: u32,
    },
    /// Not all of it is there.
    #[error(
        "the incident file ends after {length} bytes within {within}: it was cut, perhaps while it was copied; copy it again"
    )]
    Cut {
        /// Length of the file, bytes.
        length: usize,
        /// The part within which it ends, in words.
        within: String,
    },
    /// Something in it is not what was written.
    #[error(
        "the incident file is damaged: {what} at byte {at} is not what was written; take another copy"
    )]
    Damaged {
        /// The damaged part, in words.
        what: String,
        /// Where that part begins, bytes from the start of the file.
        at: usize,
    },
    /// Its parts do not make sense together.
    #[error("the incident file cannot be used: {0}")]
    Malformed(String),
}

impl From<ArchiveError> for IncidentError {
    fn from(e: ArchiveError) -> Self {
        Self::Malformed(e.to_string())
    }
}

impl From<postcard::Error> for IncidentError {
    fn from(e: postcard::Error) -> Self {
        Self::Malformed(e.to_string())
    }
}

impl From<HistoryError> for IncidentError {
    fn from(e: HistoryError) -> Self {
        Self::Malformed(e.to_string())
    }
}
