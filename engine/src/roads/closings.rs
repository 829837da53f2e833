use crate::time::Timestamp;
use std::collections::BTreeMap;

/// Edges that are closed, by their numbers: until when; `None`: they stay closed.
pub type Closings = BTreeMap<u32, Option<Timestamp>>;
