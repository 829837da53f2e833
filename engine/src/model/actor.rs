use crate::ids::{FeedId, UnitId};
use serde::{Deserialize, Serialize};

/// Who caused a record.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Actor {
    /// A person at a console, by the name of the desk ([`super::desk_parts`]).
    Operator(String),
    /// A unit's own terminal.
    Unit(UnitId),
    /// A feed of data.
    Feed(FeedId),
    /// The city itself: time passing, rules.
    System,
}
