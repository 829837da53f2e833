use super::{Log, LogError};
use chengtu_engine::state::State;
use chengtu_engine::time::Timestamp;

/// Records read at once while folding.
const CHUNK: usize = 512;

/// A state brought back from a log.
#[derive(Debug)]
pub struct Recovered {
    /// The state after the last durable record.
    pub state: State,
    /// The keyframe's record that folding began at.
    pub keyframe_seq: u64,
    /// Records folded since.
    pub replayed: u64,
}

/// Folds a log's newest keyframe and what follows it.
///
/// # Errors
/// [`LogError`] when something that was acknowledged cannot be read.
pub fn recover(log: &dyn Log) -> Result<Recovered, LogError> {
    let keyframe = log.keyframe_before(Timestamp(i64::MAX))?;
    let mut state = State::new();
    if let Some(k) = &keyframe {
        match k.state() {
            Ok(s) => state = s,
            Err(what) => {
                tracing::warn!(
                    seq = k.seq,
                    what,
                    "a keyframe cannot be read; folding from the first record"
                );
            }
        }
    }
    let keyframe_seq = state.seq();
    loop {
        let records = log.read_from(state.seq() + 1, CHUNK)?;
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
