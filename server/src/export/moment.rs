//! How moments are written.

use chengtu_engine::time::Timestamp;

/// A moment as RFC 3339 in UTC.
pub fn moment(t: Timestamp) -> String {
    jiff::Timestamp::from_microsecond(t.0).map_or_else(|_| t.0.to_string(), |t| t.to_string())
}
