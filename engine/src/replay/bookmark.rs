use crate::geo::Viewport;
use crate::time::Timestamp;

/// A moment that somebody wants to find again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bookmark {
    /// Its number, by which it is removed.
    pub id: u32,
    /// The moment that it marks.
    pub time: Timestamp,
    /// Why it is marked, in words.
    pub note: String,
    /// Name of the officer who set it.
    pub by: String,
}

/// A change of bookmarks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BookmarkChange {
    /// Sets a bookmark.
    Add {
        /// The moment to mark.
        time: Timestamp,
        /// Why it is marked, in words.
        note: String,
    },
    /// Removes a bookmark, by its id.
    Remove(u32),
}

/// Where an officer was looking.
#[derive(Clone, Debug, PartialEq)]
pub struct OfficerView {
    /// Name of the officer.
    pub by: String,
    /// When the officer began to look there.
    pub time: Timestamp,
    /// The ground that was on their screen.
    pub viewport: Viewport,
}
