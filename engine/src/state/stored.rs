//! A state as bytes: what keyframes, incident files and logs of drills begin with.

use super::State;
use super::pieces::Pieces;

/// The form that this program writes, and the newest that it reads. Raised whenever what is encoded changes: a test
/// compares the golden keyframes with it. 1 is the same form without a head.
pub const STATE_VERSION: u32 = 2;

/// What an encoded state begins with; its version follows. No state of version 1 begins so: its third byte is 0 or 1,
/// for whether there are rules.
const MAGIC: &[u8; 8] = b"CTSTATE\n";

/// Why bytes are no state.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StateError {
    /// Written by a newer program.
    #[error(
        "a state of version {found}, this program knows versions up to {known}: it was written by a newer version"
    )]
    Newer {
        /// The version in the bytes' head.
        found: u32,
        /// [`STATE_VERSION`] of this program.
        known: u32,
    },
    /// No state, or none of its version.
    #[error("no state of version {version}: {what}")]
    Malformed {
        /// The version that it says.
        version: u32,
        /// What is wrong with the bytes, in words.
        what: String,
    },
}

fn head() -> Vec<u8> {
    let mut head = MAGIC.to_vec();
    head.extend(STATE_VERSION.to_le_bytes());
    head
}

impl State {
    /// The state as bytes, its version first.
    ///
    /// # Errors
    /// Only when memory runs out.
    pub fn encode(&self) -> Result<Vec<u8>, postcard::Error> {
        postcard::to_extend(self, head())
    }

    /// The bytes of [`Self::encode`], handed out in pieces of about 64 KiB as they are made, so that nobody need hold
    /// them whole.
    pub fn encode_pieces(&self, piece: impl FnMut(Vec<u8>)) {
        // Pieces are handed on and never run out of room, and every part of the state can be encoded.
        let _ = postcard::serialize_with_flavor(self, Pieces::begun(head(), piece));
    }

    /// A state from bytes of this version or an earlier one; its index is built from scratch.
    ///
    /// # Errors
    /// [`StateError`]: of a newer version, or no state.
    pub fn decode(bytes: &[u8]) -> Result<Self, StateError> {
        let (version, body) = known_version(bytes)?;
        // Version 1 is the same form without a head.
        let mut state: Self = postcard::from_bytes(body).map_err(|e| StateError::Malformed {
            version,
            what: e.to_string(),
        })?;
        state.spatial = state.indexed();
        Ok(state)
    }
}

/// Whether an encoded state is of a version that this program reads; cheap, the state is not looked at.
///
/// # Errors
/// [`StateError`]: of a newer version, or cut within its head.
pub fn check_state_version(bytes: &[u8]) -> Result<(), StateError> {
    known_version(bytes).map(|_| ())
}

/// The version of an encoded state, if it is known, and the bytes after it.
fn known_version(bytes: &[u8]) -> Result<(u32, &[u8]), StateError> {
    match version_of(bytes)? {
        (found, _) if found > STATE_VERSION => Err(StateError::Newer {
            found,
            known: STATE_VERSION,
        }),
        known => Ok(known),
    }
}

fn version_of(bytes: &[u8]) -> Result<(u32, &[u8]), StateError> {
    let Some(rest) = bytes.strip_prefix(MAGIC) else {
        return Ok((1, bytes));
    };
    match rest.split_first_chunk::<4>() {
        Some((version, body)) => Ok((u32::from_le_bytes(*version), body)),
        None => Err(StateError::Malformed {
            version: STATE_VERSION,
            what: "it ends within its head".to_owned(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Timestamp;

    #[test]
    fn a_state_comes_back_with_its_version_and_without_one() {
        let state = State {
            // The numbers that version 1 would have to begin with to look like the head of version 2.
            seq: u64::from(b'C'),
            known_at: Timestamp(i64::from(b'T') / 2),
            ..State::default()
        };
        let bytes = state.encode().unwrap();
        assert!(bytes.starts_with(b"CTSTATE\n\x02\0\0\0"));
        assert_eq!(State::decode(&bytes).unwrap().digest(), state.digest());
        let old = postcard::to_stdvec(&state).unwrap();
        assert!(old.starts_with(b"CT") && !old.starts_with(b"CTS"));
        assert_eq!(State::decode(&old).unwrap().digest(), state.digest());
        let mut pieces = Vec::new();
        state.encode_pieces(|piece| pieces.extend(piece));
        assert_eq!(pieces, bytes);
    }

    #[test]
    fn a_state_of_tomorrow_is_refused_by_its_version() {
        let mut bytes = State::new().encode().unwrap();
        bytes[8] = 3;
        let found = State::decode(&bytes).unwrap_err();
        assert_eq!(found, StateError::Newer { found: 3, known: 2 });
        assert_eq!(check_state_version(&bytes), Err(found));
        for (length, words) in [(10, "ends within"), (14, "no state of version 2")] {
            let error = State::decode(&State::new().encode().unwrap()[..length]).unwrap_err();
            assert!(error.to_string().contains(words), "{error}");
        }
    }
}
