use super::ArchiveError;
use crate::drill::DrillEntry;
use crate::record::stored::unknown_in_body;
use crate::record::{Origin, World};
use crate::time::Timestamp;

/// Place of a record among what an entry may hold.
const RECORD: u32 = 5;

/// An entry of a drill's log from its bytes, [`postcard`]'s of a [`DrillEntry`].
///
/// # Errors
/// [`ArchiveError::Newer`] for a record of a form that is not known; [`ArchiveError::Malformed`].
pub fn decode_drill_entry(bytes: &[u8]) -> Result<DrillEntry, ArchiveError> {
    postcard::from_bytes(bytes).map_err(|error| newer(bytes).unwrap_or_else(|| error.into()))
}

/// The form of a record in an entry that is not known.
fn newer(bytes: &[u8]) -> Option<ArchiveError> {
    type Before = (Timestamp, u32, u64, Timestamp, World, Origin);
    let (before, body) = postcard::take_from_bytes::<Before>(bytes).ok()?;
    let (_, place, seq, ..) = before;
    let form = (place == RECORD).then(|| unknown_in_body(body)).flatten()?;
    Some(ArchiveError::Newer { seq, form })
}
