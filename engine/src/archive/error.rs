/// Why bytes are no records, or records do not become bytes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ArchiveError {
    /// Not what was written.
    #[error("checksum {found:08x} instead of {expected:08x}")]
    Checksum {
        /// Of the bytes.
        found: u32,
        /// As written.
        expected: u32,
    },
    /// Written by a newer program.
    #[error("{what} of unknown kind {kind}: written by a newer program")]
    Unknown {
        /// A record's body, or a segment.
        what: &'static str,
        /// Its number.
        kind: u8,
    },
    /// The checksum holds and yet the bytes mean nothing.
    #[error("{0}")]
    Malformed(String),
    /// Records that do not follow one another cannot stand in one segment.
    #[error("record {found} after record {before}")]
    NotConsecutive {
        /// The one before.
        before: u64,
        /// What stood next.
        found: u64,
    },
    /// Memory has run out.
    #[error("cannot encode: {0}")]
    Encode(String),
}

impl From<postcard::Error> for ArchiveError {
    fn from(e: postcard::Error) -> Self {
        Self::Malformed(e.to_string())
    }
}
