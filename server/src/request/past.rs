use chengtu_engine::ids::ThingId;
use chengtu_engine::time::Timestamp;

/// What may be asked of a world's past.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum PastQuestion {
    /// Counts, severe and urgent moments, and bookmarks of a stretch.
    Timeline {
        /// The client's number for the question.
        request: u32,
        /// First moment of the stretch.
        from: Timestamp,
        /// Last moment of the stretch.
        to: Timestamp,
        /// Into how many parts.
        bars: u16,
    },
    /// Events of a stretch.
    Moments {
        /// The client's number for the question.
        request: u32,
        /// Events of this thing only.
        of: Option<ThingId>,
        /// First moment of the stretch.
        from: Timestamp,
        /// Last moment of the stretch.
        to: Timestamp,
        /// Most rows of the answer; 1 to 1,000 are given.
        limit: u16,
    },
}
