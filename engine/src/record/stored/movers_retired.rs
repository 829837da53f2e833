use super::later::{Later, Reader};
use crate::event::Event;
use crate::ids::{FeedId, MoverId};
use serde::{Deserialize, Serialize};

/// The number of [`Event::MoversRetired`], which has no first form.
const KIND: u16 = 70;

/// [`Event::MoversRetired`], the first version.
#[derive(Serialize, Deserialize)]
pub(super) struct MoversRetiredV1 {
    pub feed: FeedId,
    pub movers: Vec<MoverId>,
}

impl From<MoversRetiredV1> for Later {
    fn from(v1: MoversRetiredV1) -> Self {
        Self::of(KIND, 1, &v1)
    }
}

pub(super) const READER: Reader = Reader {
    kind: KIND,
    version: 1,
    read: |payload| {
        let MoversRetiredV1 { feed, movers } = postcard::from_bytes(payload)?;
        Ok(Event::MoversRetired { feed, movers })
    },
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn its_bytes_are_kept_for_ever() {
        let event = Event::MoversRetired {
            feed: FeedId(2),
            movers: vec![MoverId(7), MoverId(300)],
        };
        let bytes = postcard::to_stdvec(&event).unwrap();
        // Place 25, kind 70, version 1, five bytes: feed, two movers.
        assert_eq!(bytes, [25, 70, 1, 5, 2, 2, 7, 0xac, 2]);
        assert_eq!(postcard::from_bytes::<Event>(&bytes).unwrap(), event);
    }
}
