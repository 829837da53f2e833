//! The compact recording, `.ctr`: blocks of columns, delta-coded, packed with zstd.
//!
//! ```text
//! file    = "CTGREC\r\n" version:u16 block*            all numbers little-endian
//! block   = length:u32 crc32c:u32 packed               length and CRC are of `packed`, a zstd frame
//! block 0 = postcard of Head                            provenance, duration, vehicles, positions
//! block n = postcard of Block                           about a minute of fixes
//! ```
//! A vehicle's fixes are contiguous and in order. Times and bearings are differences, positions are differences of
//! differences, in units of `quantum_e7`; numbers are zigzag varints. A file that is cut off is good up to its last
//! whole block.

mod block;
mod read;
#[cfg(test)]
mod tests;
mod write;

pub(super) use read::Compact;
pub use write::{WriteError, write};

use serde::{Deserialize, Serialize};

/// First bytes of a compact recording.
const MAGIC: [u8; 8] = *b"CTGREC\r\n";
/// The version that this program writes and reads.
const VERSION: u16 = 1;
/// Seconds of a block.
const BLOCK_US: i64 = 60_000_000;
/// No block is larger than this, packed or not.
const BLOCK_BYTES_MAX: usize = 256 << 20;
/// One unit of a recorded position, 1e-7 degree: 11 cm, what SUMO writes.
const QUANTUM_E7: i32 = 10;

/// What a compact recording says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// Where it comes from, its licence, and what was done to it.
    pub provenance: String,
    /// From its first fix to its last, microseconds.
    pub duration_us: i64,
    /// How many vehicles.
    pub vehicles: u32,
    /// How many fixes.
    pub fixes: u64,
    /// One unit of a position, 1e-7 degree.
    pub quantum_e7: i32,
}
