//! The chain: each record's hash holds all that came before it, so that nothing can be changed, taken out or put in
//! unnoticed.

use crate::log::{Keyframe, LogError};
use chengtu_engine::archive::ArchiveError;
use chengtu_engine::record::Record;

/// One link: BLAKE3, 32 bytes.
pub(super) type Link = [u8; 32];

/// The link before the first record of a log.
pub(super) fn start(epoch: u64) -> Link {
    let mut hasher = blake3::Hasher::new();
    hasher.update(b"chengtu log\n");
    hasher.update(&epoch.to_le_bytes());
    hasher.finalize().into()
}

/// The link of the next record: over the link before it and what the record says, however it is packed.
pub(super) fn next(before: &Link, record: &Record) -> Result<Link, LogError> {
    let plain = postcard::to_stdvec(record).map_err(|e| ArchiveError::Encode(e.to_string()))?;
    let mut hasher = blake3::Hasher::new();
    hasher.update(before);
    hasher.update(&plain);
    Ok(hasher.finalize().into())
}

/// The link after a keyframe that was put behind record `after`: over the link before it and all that is kept of it. What
/// follows holds the keyframe as it holds the records before.
pub(super) fn next_keyframe(before: &Link, keyframe: &Keyframe, after: u64) -> Link {
    // A domain of its own: no record hashes to the link of a keyframe.
    let mut hasher = blake3::Hasher::new_derive_key("chengtu log 2026-11 keyframe");
    hasher.update(before);
    hasher.update(&after.to_le_bytes());
    hasher.update(&keyframe.seq.to_le_bytes());
    hasher.update(&keyframe.known_at.0.to_le_bytes());
    hasher.update(&keyframe.packed);
    hasher.finalize().into()
}
