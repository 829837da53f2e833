use super::later::{Later, Reader};
use crate::event::Event;
use crate::ids::FeedId;
use serde::{Deserialize, Serialize};

/// The number of [`Event::FeedRetired`], which has no first form.
const KIND: u16 = 72;

/// [`Event::FeedRetired`], the first version.
#[derive(Serialize, Deserialize)]
pub(super) struct FeedRetiredV1 {
    pub feed: FeedId,
}

impl From<FeedRetiredV1> for Later {
    fn from(v1: FeedRetiredV1) -> Self {
        Self::of(KIND, 1, &v1)
    }
}

pub(super) const READER: Reader = Reader {
    kind: KIND,
    version: 1,
    read: |payload| {
        let FeedRetiredV1 { feed } = postcard::from_bytes(payload)?;
        Ok(Event::FeedRetired { feed })
    },
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn its_bytes_are_kept_for_ever() {
        let event = Event::FeedRetired { feed: FeedId(300) };
        let bytes = postcard::to_stdvec(&event).unwrap();
        // Place 25, kind 72, version 1, two bytes: the feed.
        assert_eq!(bytes, [25, 72, 1, 2, 0xac, 2]);
        assert_eq!(postcard::from_bytes::<Event>(&bytes).unwrap(), event);
    }
}
