use super::later::{Later, Reader};
use crate::event::Event;
use crate::ids::{FeedId, SensorId};
use serde::{Deserialize, Serialize};

/// The number of [`Event::SensorsRetired`], which has no first form.
const KIND: u16 = 71;

/// [`Event::SensorsRetired`], the first version.
#[derive(Serialize, Deserialize)]
pub(super) struct SensorsRetiredV1 {
    pub feed: FeedId,
    pub sensors: Vec<SensorId>,
}

impl From<SensorsRetiredV1> for Later {
    fn from(v1: SensorsRetiredV1) -> Self {
        Self::of(KIND, 1, &v1)
    }
}

pub(super) const READER: Reader = Reader {
    kind: KIND,
    version: 1,
    read: |payload| {
        let SensorsRetiredV1 { feed, sensors } = postcard::from_bytes(payload)?;
        Ok(Event::SensorsRetired { feed, sensors })
    },
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn its_bytes_are_kept_for_ever() {
        let event = Event::SensorsRetired {
            feed: FeedId(2),
            sensors: vec![SensorId(7), SensorId(300)],
        };
        let bytes = postcard::to_stdvec(&event).unwrap();
        // Place 25, kind 71, version 1, five bytes: feed, two sensors.
        assert_eq!(bytes, [25, 71, 1, 5, 2, 2, 7, 0xac, 2]);
        assert_eq!(postcard::from_bytes::<Event>(&bytes).unwrap(), event);
    }
}
