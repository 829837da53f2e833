use chengtu_engine::time::Timestamp;

/// What a frame says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrameHeader {
    /// Last record included in the frame.
    pub seq: u64,
    /// `seq` of what the session was sent before.
    pub prev_seq: u64,
    /// When it was made.
    pub time: Timestamp,
}
