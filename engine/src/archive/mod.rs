//! Records as bytes, for whoever keeps them: one by one as they are written, and in closed stretches, where positions
//! shrink to a byte or two.
//!
//! Both forms are exact: what comes back is what went in, record by record and field by field.

mod bytes;
mod column;
mod drill_entry;
mod error;
mod fixes;
mod guess;
mod record;
mod segment;

pub use drill_entry::decode_drill_entry;
pub use error::ArchiveError;
pub use record::{EncodedRecord, decode_record, encode_record};
pub use segment::Segment;
