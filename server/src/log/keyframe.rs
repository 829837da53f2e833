use chengtu_engine::state::{State, StateError};
use chengtu_engine::time::Timestamp;
use std::io::Write;

/// No state is larger than this when it is unpacked.
const UNPACKED_MAX: usize = 1 << 32;

/// A whole state at one record, so that folding need not start from the beginning.
///
/// Packed: the state's length, 8 bytes, and the encoded state, which begins with its version
/// ([`State::encode`]), compressed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keyframe {
    /// The last record that it includes.
    pub seq: u64,
    /// When that record was known.
    pub known_at: Timestamp,
    /// The state, compressed.
    pub packed: Vec<u8>,
}

/// Why a keyframe's state cannot be read. That costs time: folding begins at an older one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyframeError {
    /// Of a newer program, or no state.
    #[error(transparent)]
    State(#[from] StateError),
    /// Its packing is not what was written.
    #[error("no packed state: {0}")]
    Packing(String),
    /// The state of another record.
    #[error("the state of record {0}")]
    OtherRecord(u64),
    /// The state of another moment.
    #[error("the state of {} µs", .0.0)]
    OtherTime(Timestamp),
}

impl KeyframeError {
    /// True where nothing is wrong with it and a newer program reads it.
    pub fn is_newer(&self) -> bool {
        matches!(self, Self::State(StateError::Newer { .. }))
    }
}

impl Keyframe {
    /// The keyframe of a state.
    ///
    /// # Errors
    /// When memory runs out.
    pub fn of(state: &State) -> std::io::Result<Self> {
        let mut pieces = Vec::new();
        state.encode_pieces(|piece| pieces.push(piece));
        Self::pack(state.seq(), state.known_at(), pieces)
    }

    /// Compresses an encoded state, piece by piece as it comes; the slow half, for another thread.
    ///
    /// # Errors
    /// When memory runs out.
    pub fn pack(
        seq: u64,
        known_at: Timestamp,
        pieces: impl IntoIterator<Item = Vec<u8>>,
    ) -> std::io::Result<Self> {
        // Its length goes before it; known when the last piece has come.
        let mut encoder = zstd::stream::write::Encoder::new(vec![0; 8], 1)?;
        let mut length = 0u64;
        for piece in pieces {
            length += piece.len() as u64;
            encoder.write_all(&piece)?;
        }
        let mut packed = encoder.finish()?;
        packed[..8].copy_from_slice(&length.to_le_bytes());
        packed.shrink_to_fit();
        Ok(Self {
            seq,
            known_at,
            packed,
        })
    }

    /// The encoded state.
    pub(super) fn plain(&self) -> Result<Vec<u8>, KeyframeError> {
        let packing = |e: String| KeyframeError::Packing(e);
        let (size, body) = self
            .packed
            .split_first_chunk::<8>()
            .ok_or_else(|| packing("it has no length".to_owned()))?;
        let size =
            usize::try_from(u64::from_le_bytes(*size)).map_err(|e| packing(e.to_string()))?;
        if size > UNPACKED_MAX {
            return Err(packing(format!("{size} bytes are too many")));
        }
        zstd::bulk::decompress(body, size).map_err(|e| packing(e.to_string()))
    }

    /// Decompresses and decodes the state; its version, record number and time are checked.
    ///
    /// # Errors
    /// [`KeyframeError`]: damaged, of a newer program, or of another record or moment.
    pub fn state(&self) -> Result<State, KeyframeError> {
        self.state_of(&self.plain()?)
    }

    /// As [`Self::state`], of what [`Self::plain`] gave.
    pub(super) fn state_of(&self, plain: &[u8]) -> Result<State, KeyframeError> {
        let state = State::decode(plain)?;
        if state.seq() != self.seq {
            Err(KeyframeError::OtherRecord(state.seq()))
        } else if state.known_at() != self.known_at {
            Err(KeyframeError::OtherTime(state.known_at()))
        } else {
            Ok(state)
        }
    }

    /// Checksum of what is kept.
    pub(super) fn crc(&self) -> u32 {
        let crc = crc32c::crc32c(&self.seq.to_le_bytes());
        crc32c::crc32c_append(crc, &self.packed)
    }
}
