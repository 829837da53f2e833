//! A log folded while it is verified, so that each keyframe can be held against the city that the records make.

use crate::log::{Keyframe, KeyframeError};
use chengtu_engine::record::Record;
use chengtu_engine::state::State;

/// The first version of states that holds all that a state tells.
const WHOLE_SINCE: u32 = 3;

/// What a keyframe is beside the state that was folded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Held {
    /// The same.
    Same,
    /// Another city.
    Differs,
    /// There is nothing to hold it against; folding goes on from it.
    Taken,
    /// It cannot be read.
    Unreadable,
}

/// The state after the records that were looked at.
#[derive(Debug, Default)]
pub(super) struct Folding {
    /// `None` where it is not known: before the first state, and after damage.
    state: Option<State>,
}

impl Folding {
    /// Begins with the first record of a log.
    pub(super) fn begin(&mut self) {
        self.state = Some(State::new());
    }

    /// The state is not known any more.
    pub(super) fn lose(&mut self) {
        self.state = None;
    }

    /// Folds the next record.
    pub(super) fn apply(&mut self, record: &Record) {
        match &mut self.state {
            Some(state) if state.seq() + 1 == record.seq => {
                state.apply(record);
            }
            _ => self.state = None,
        }
    }

    /// Holds a keyframe against the state at its record.
    pub(super) fn hold(&mut self, keyframe: &Keyframe) -> Held {
        let Ok((plain, state)) = read(keyframe) else {
            return Held::Unreadable;
        };
        match &self.state {
            Some(folded) if folded.seq() == keyframe.seq => {
                if same(folded, &plain, &state) {
                    Held::Same
                } else {
                    Held::Differs
                }
            }
            _ => {
                self.state = Some(state);
                Held::Taken
            }
        }
    }
}

fn read(keyframe: &Keyframe) -> Result<(Vec<u8>, State), KeyframeError> {
    let plain = keyframe.plain()?;
    let state = keyframe.state_of(&plain)?;
    Ok((plain, state))
}

/// Byte for byte, as a state is always written in the oldest form that says all of it; states of before version 3 lack
/// what that tells beside the city, and are held against its digest.
fn same(folded: &State, plain: &[u8], kept: &State) -> bool {
    let whole = plain
        .strip_prefix(b"CTSTATE\n")
        .and_then(|rest| rest.first_chunk::<4>())
        .is_some_and(|version| u32::from_le_bytes(*version) >= WHOLE_SINCE);
    if whole {
        folded.encode().is_ok_and(|bytes| bytes == plain)
    } else {
        folded.digest() == kept.digest()
    }
}
