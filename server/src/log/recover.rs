use super::{KeyframeError, Keyframes, LogError, LogStore, LogWriter};
use chengtu_engine::state::State;
use chengtu_engine::time::Timestamp;

/// Records read at once while folding.
const CHUNK: usize = 512;

/// A state brought back from a log.
#[derive(Debug)]
pub struct Recovered {
    /// The state after the last durable record.
    pub state: State,
    /// The keyframe's record that folding began at; 0 for the first record.
    pub keyframe_seq: u64,
    /// Records folded since.
    pub replayed: u64,
}

/// Where folding begins.
pub(super) struct Beginning {
    /// The newest state that can be read; an empty one without any.
    pub state: State,
    /// Keyframes that are what was written and cannot be read.
    pub unreadable: u64,
    /// What is wrong with the newest of those.
    pub why: Option<KeyframeError>,
}

/// The state of the newest readable keyframe that was known at or before `until`, at a record before `before_seq`.
pub(super) fn beginning(
    keyframes: &dyn Keyframes,
    until: Timestamp,
    mut before_seq: u64,
) -> Result<Beginning, LogError> {
    let mut found = Beginning {
        state: State::new(),
        unreadable: 0,
        why: None,
    };
    while let Some(keyframe) = keyframes.newest(until, before_seq)? {
        match keyframe.state() {
            Ok(state) => {
                found.state = state;
                break;
            }
            Err(why) => {
                let seq = keyframe.seq;
                tracing::warn!(seq, %why, "a keyframe cannot be read; folding begins at an older one");
                found.unreadable += 1;
                found.why.get_or_insert(why);
                before_seq = seq;
            }
        }
    }
    Ok(found)
}

/// Folds what follows a log's newest readable keyframe; from the first record on where there is none.
///
/// # Errors
/// [`LogError`] when something that was acknowledged cannot be read.
pub fn recover(store: &dyn LogStore, log: &dyn LogWriter) -> Result<Recovered, LogError> {
    let begin = beginning(&*store.keyframes()?, Timestamp(i64::MAX), u64::MAX)?;
    let mut state = begin.state;
    let keyframe_seq = state.seq();
    loop {
        let records = match log.read_from(state.seq() + 1, CHUNK) {
            Err(missing @ LogError::Gap { .. }) if state.seq() == 0 => {
                return Err(match begin.why {
                    None => missing,
                    Some(why) => LogError::NoBeginning {
                        count: begin.unreadable,
                        what: why.to_string(),
                        missing: Box::new(missing),
                    },
                });
            }
            other => other?,
        };
        if records.is_empty() {
            break;
        }
        for record in &records {
            state.apply(record);
        }
    }
    Ok(Recovered {
        replayed: state.seq() - keyframe_seq,
        keyframe_seq,
        state,
    })
}
