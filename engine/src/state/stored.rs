//! A state as bytes: what keyframes, incident files and logs of drills begin with.

use super::State;
use super::pieces::Pieces;
use crate::ids::{CaseId, FeedId};
use crate::model::{Case, CaseHistory, HistoryEntry, HistoryKind, Stage};
use std::collections::BTreeMap;

/// The form that this program writes, and the newest that it reads. Raised whenever what is encoded changes: a test
/// compares the golden keyframes with it.
///
/// - 1: the state
/// - 2: a head, then the state as in 1
/// - 3: a head, the state as in 1, then the histories of its cases
/// - 4: as in 3, then who saw what is masked and how the server is configured; written only where there is something of
///   that, so that the same city always has the same bytes
/// - 5: as in 4, then who reported its cases; written only where that is known of one
pub const STATE_VERSION: u32 = 5;

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

fn head(version: u32) -> Vec<u8> {
    let mut head = MAGIC.to_vec();
    head.extend(version.to_le_bytes());
    head
}

impl State {
    /// The state as bytes, its version first.
    ///
    /// # Errors
    /// Only when memory runs out.
    pub fn encode(&self) -> Result<Vec<u8>, postcard::Error> {
        let state = postcard::to_extend(self, head(self.version()))?;
        let state = postcard::to_extend(&self.histories, state)?;
        if self.version() < 4 {
            return Ok(state);
        }
        let state = postcard::to_extend(&self.behind.audits, state)?;
        if self.version() < 5 {
            return Ok(state);
        }
        postcard::to_extend(&self.behind.reporters, state)
    }

    /// The oldest version that says all of it.
    fn version(&self) -> u32 {
        match (
            self.behind.reporters.is_empty(),
            self.behind.audits.is_empty(),
        ) {
            (false, _) => 5,
            (true, false) => 4,
            (true, true) => 3,
        }
    }

    /// The bytes of [`Self::encode`], handed out in pieces of about 64 KiB as they are made, so that nobody need hold
    /// them whole.
    pub fn encode_pieces(&self, mut piece: impl FnMut(Vec<u8>)) {
        // Pieces are handed on and never run out of room, and every part of the state can be encoded.
        let _ =
            postcard::serialize_with_flavor(self, Pieces::begun(head(self.version()), &mut piece));
        let histories = Pieces::begun(Vec::new(), &mut piece);
        let _ = postcard::serialize_with_flavor(&self.histories, histories);
        if self.version() >= 4 {
            let audits = Pieces::begun(Vec::new(), &mut piece);
            let _ = postcard::serialize_with_flavor(&self.behind.audits, audits);
        }
        if self.version() >= 5 {
            let reporters = Pieces::begun(Vec::new(), &mut piece);
            let _ = postcard::serialize_with_flavor(&self.behind.reporters, reporters);
        }
    }

    /// A state from bytes of this version or an earlier one; its index is built from scratch.
    ///
    /// # Errors
    /// [`StateError`]: of a newer version, or no state.
    pub fn decode(bytes: &[u8]) -> Result<Self, StateError> {
        let (version, body) = known_version(bytes)?;
        let malformed = |e: postcard::Error| StateError::Malformed {
            version,
            what: e.to_string(),
        };
        let (mut state, rest): (Self, &[u8]) =
            postcard::take_from_bytes(body).map_err(malformed)?;
        if version >= 3 {
            let (histories, rest) = postcard::take_from_bytes(rest).map_err(malformed)?;
            state.histories = histories;
            if version >= 4 {
                let (audits, rest) = postcard::take_from_bytes(rest).map_err(malformed)?;
                state.behind.audits = audits;
                if version >= 5 {
                    state.behind.reporters = postcard::from_bytes(rest).map_err(malformed)?;
                }
            }
        } else {
            state.histories = histories_of(&state.cases);
        }
        state.spatial = state.indexed();
        state.rebuilt.gone.keys = state.keys_of_ended();
        state.rebuilt.sources = state.sourced();
        state.rebuilt.gone.movers = state.vacancies();
        state.rebuilt.gone.sensors = state.vacant_sensors();
        Ok(state)
    }
}

impl State {
    /// The keys whose cases have left the live state.
    pub(super) fn keys_of_ended(&self) -> BTreeMap<CaseId, (FeedId, String)> {
        let gone = |id: &CaseId| !self.cases.contains_key(id);
        let keys = self.case_keys.iter().filter(|(_, id)| gone(id));
        keys.map(|(key, id)| (*id, key.clone())).collect()
    }
}

/// Histories of cases whose state says only which stages they entered.
fn histories_of(cases: &BTreeMap<CaseId, Case>) -> BTreeMap<CaseId, CaseHistory> {
    let of = |case: &Case| {
        let mut history = CaseHistory::default();
        for (n, change) in case.history.iter().enumerate() {
            history.push(HistoryEntry {
                at: change.at,
                by: change.by.clone(),
                // The first two are told by the stage; a later one may have come of several acts.
                what: match (n, change.stage) {
                    (0, Stage::Reported) => HistoryKind::Reported,
                    (1, Stage::Filed) => HistoryKind::Filed,
                    (_, stage) => HistoryKind::Stage(stage),
                },
            });
        }
        history
    };
    cases.iter().map(|(id, case)| (*id, of(case))).collect()
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
        assert!(bytes.starts_with(b"CTSTATE\n\x03\0\0\0"));
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
        bytes[8] = 6;
        let found = State::decode(&bytes).unwrap_err();
        assert_eq!(found, StateError::Newer { found: 6, known: 5 });
        assert_eq!(check_state_version(&bytes), Err(found));
        for (length, words) in [(10, "ends within"), (14, "no state of version 3")] {
            let error = State::decode(&State::new().encode().unwrap()[..length]).unwrap_err();
            assert!(error.to_string().contains(words), "{error}");
        }
    }
}
