use super::later::{Later, Reader};
use crate::event::Event;
use crate::ids::MoverId;
use crate::model::MoverKind;
use serde::{Deserialize, Serialize};

/// The number of [`Event::MoverKindChanged`], which has no first form.
const KIND: u16 = 80;

/// [`Event::MoverKindChanged`], the first version.
#[derive(Serialize, Deserialize)]
pub(super) struct MoverKindChangedV1 {
    mover: MoverId,
    kind: MoverKind,
}

impl MoverKindChangedV1 {
    pub fn later(mover: MoverId, kind: MoverKind) -> Later {
        Later::of(KIND, 1, &Self { mover, kind })
    }
}

pub(super) const READER: Reader = Reader {
    kind: KIND,
    version: 1,
    read: |payload| {
        let MoverKindChangedV1 { mover, kind } = postcard::from_bytes(payload)?;
        Ok(Event::MoverKindChanged { mover, kind })
    },
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn its_bytes_are_kept_for_ever() {
        let event = Event::MoverKindChanged {
            mover: MoverId(300),
            kind: MoverKind::Bus,
        };
        let bytes = postcard::to_stdvec(&event).unwrap();
        // Place 25, kind 80, version 1, three bytes: mover, kind of mover.
        assert_eq!(bytes, [25, 80, 1, 3, 0xac, 2, 2]);
        assert_eq!(postcard::from_bytes::<Event>(&bytes).unwrap(), event);
    }
}
