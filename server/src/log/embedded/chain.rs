//! The chain: each record's hash holds all that came before it, so that nothing can be changed, taken out or put in
//! unnoticed.

use crate::log::LogError;
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
