/// Why bytes are no records, or records do not become bytes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ArchiveError {
    /// Not what was written.
    #[error("checksum {found:08x} instead of {expected:08x}")]
    Checksum {
        /// Of the bytes that are there.
        found: u32,
        /// As it was written.
        expected: u32,
    },
    /// Written by a newer program.
    #[error(
        "record {seq} holds {form}: it was written by a newer version; update this program to read it"
    )]
    Newer {
        /// Number of the first such record.
        seq: u64,
        /// The form that is not known, in words: its kind, its version, the newest version that is known.
        form: String,
    },
    /// Positions packed in a way of a newer program.
    #[error(
        "{what} of unknown kind {kind}: it was written by a newer version; update this program to read it"
    )]
    UnknownPacking {
        /// A column, or a guess.
        what: &'static str,
        /// The number that is not known.
        kind: u8,
    },
    /// The checksum holds and yet the bytes mean nothing.
    #[error("{0}")]
    Malformed(String),
    /// Records with gaps in their numbers cannot be in one segment.
    #[error("record {found} after record {before}")]
    NotConsecutive {
        /// Number of the record before.
        before: u64,
        /// Number of the record that came next.
        found: u64,
    },
    /// Memory has run out.
    #[error("cannot encode: {0}")]
    Encode(String),
}

impl ArchiveError {
    /// True where nothing is wrong with the bytes and a newer program reads them.
    pub fn is_newer(&self) -> bool {
        matches!(self, Self::Newer { .. } | Self::UnknownPacking { .. })
    }
}

impl From<postcard::Error> for ArchiveError {
    fn from(e: postcard::Error) -> Self {
        Self::Malformed(e.to_string())
    }
}
