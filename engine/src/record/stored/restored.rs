use super::later::{Later, Reader};
use crate::event::Event;
use crate::ids::CaseId;
use crate::model::Stage;
use serde::{Deserialize, Serialize};

/// The number of [`Event::CaseRestored`], which has no first form.
const KIND: u16 = 64;

/// [`Event::CaseRestored`], the first version.
#[derive(Serialize, Deserialize)]
pub(super) struct CaseRestoredV1 {
    pub case: CaseId,
    pub stage: Stage,
    pub out_of: Option<CaseId>,
}

impl From<CaseRestoredV1> for Later {
    fn from(v1: CaseRestoredV1) -> Self {
        Self::of(KIND, 1, &v1)
    }
}

pub(super) const READER: Reader = Reader {
    kind: KIND,
    version: 1,
    read: |payload| {
        let CaseRestoredV1 {
            case,
            stage,
            out_of,
        } = postcard::from_bytes(payload)?;
        Ok(Event::CaseRestored {
            case,
            stage,
            out_of,
        })
    },
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn its_bytes_are_kept_for_ever() {
        let event = Event::CaseRestored {
            case: CaseId(7),
            stage: Stage::Handled,
            out_of: Some(CaseId(300)),
        };
        let bytes = postcard::to_stdvec(&event).unwrap();
        // Place 25, kind 64, version 1, five bytes: case, stage, some case.
        assert_eq!(bytes, [25, 64, 1, 5, 7, 4, 1, 0xac, 2]);
        assert_eq!(postcard::from_bytes::<Event>(&bytes).unwrap(), event);
    }
}
