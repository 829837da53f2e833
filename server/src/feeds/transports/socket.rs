//! Positions over a session's socket.

use crate::access::{Access, Part, Principal};
use crate::feeds::intake;
use crate::request::FixBatch;
use chengtu_engine::command::FixRow;

/// The rows of a message as a batch, in the reference system of their sender; `None` if the sender may not send any.
pub fn batch(access: &Access, sender: &Principal, rows: &[FixRow]) -> Option<FixBatch> {
    let (crs, own_key) = match &sender.part {
        Part::Feed(feed) => (&feed.crs, None),
        Part::Terminal => (access.units_crs(), Some(&*sender.name)),
        Part::Operator | Part::Viewer => return None,
    };
    Some(intake::socket_batch(rows, own_key, crs))
}
