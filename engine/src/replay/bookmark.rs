use crate::geo::Viewport;
use crate::time::Timestamp;

/// A moment that somebody wants to find again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bookmark {
    /// Its number.
    pub id: u32,
    /// When.
    pub time: Timestamp,
    /// What of it.
    pub note: String,
    /// Who set it.
    pub by: String,
}

/// A change of bookmarks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BookmarkChange {
    /// Sets one.
    Add {
        /// When.
        time: Timestamp,
        /// What of it.
        note: String,
    },
    /// Takes one away.
    Remove(u32),
}

/// Where an officer was looking.
#[derive(Clone, Debug, PartialEq)]
pub struct OfficerView {
    /// Who.
    pub by: String,
    /// Since when.
    pub time: Timestamp,
    /// The ground that was on their screen.
    pub viewport: Viewport,
}
