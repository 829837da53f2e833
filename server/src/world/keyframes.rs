use crate::log::Keyframe;
use std::sync::mpsc::Receiver;
use std::time::Instant;

/// When the next keyframe is due, and the one that is being packed.
pub(super) struct Keyframes {
    /// When the last keyframe was begun.
    pub last: Instant,
    /// Fixes and events since.
    pub rows: u64,
    /// The last record in the last keyframe.
    pub seq: u64,
    /// Receives the packed keyframe.
    pub packing: Option<Receiver<Option<Keyframe>>>,
}

impl Keyframes {
    /// No keyframe yet since record `seq`.
    pub fn new(seq: u64) -> Self {
        Self {
            last: Instant::now(),
            rows: 0,
            seq,
            packing: None,
        }
    }
}
