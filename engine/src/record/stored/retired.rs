use super::later::{Later, Reader};
use crate::event::Event;
use crate::ids::CaseId;

/// The place of [`Event::CaseRetired`] among the first forms, of which the key was forgotten.
const KIND: u16 = 20;

/// [`Event::CaseRetired`] whose key stays known, the second version: the case alone.
pub(super) fn key_kept(case: CaseId) -> Later {
    Later::of(KIND, 2, &case)
}

pub(super) const READER: Reader = Reader {
    kind: KIND,
    version: 2,
    read: |payload| {
        Ok(Event::CaseRetired {
            case: postcard::from_bytes(payload)?,
            keeps_key: true,
        })
    },
};

#[cfg(test)]
mod tests {
    use super::super::event::NAMES;
    use super::*;

    #[test]
    fn its_bytes_are_kept_for_ever() {
        assert_eq!(NAMES[usize::from(KIND)], "case_retired");
        let retired = |keeps_key| Event::CaseRetired {
            case: CaseId(300),
            keeps_key,
        };
        for (event, expected) in [
            (retired(false), &[20, 0xac, 2][..]),
            (retired(true), &[25, 20, 2, 2, 0xac, 2]),
        ] {
            let bytes = postcard::to_stdvec(&event).unwrap();
            assert_eq!(bytes, expected);
            assert_eq!(postcard::from_bytes::<Event>(&bytes).unwrap(), event);
        }
    }
}
