//! Moments that people want to find again, kept beside the log and not in it: they are no part of the city.

use crate::access::Principal;
use crate::log::{AsideError, BookmarkStore};
use crate::refusal::Refusal;
use chengtu_engine::code::Code;
use chengtu_engine::replay::BookmarkChange;

/// Most bookmarks; a list of all is sent at once.
const COUNT_MAX: usize = 10_000;
/// Longest note, characters.
const NOTE_CHARS_MAX: usize = 500;

pub(super) fn failed(error: AsideError) -> Refusal {
    Refusal::new(Code::NoPast, error.to_string())
}

/// Sets or removes a bookmark, durably.
///
/// # Errors
/// [`Refusal`]: too many, too long, somebody else's, or they cannot be written.
pub(super) fn change(
    bookmarks: &mut dyn BookmarkStore,
    by: &Principal,
    change: &BookmarkChange,
) -> Result<(), Refusal> {
    match change {
        BookmarkChange::Add { time, note } => {
            if bookmarks.count().map_err(failed)? >= COUNT_MAX {
                let text =
                    format!("there are {COUNT_MAX} bookmarks, the most that are kept; remove some");
                return Err(Refusal::new(Code::NotForRole, text));
            }
            if note.chars().count() > NOTE_CHARS_MAX {
                let text = format!("a bookmark's note has at most {NOTE_CHARS_MAX} characters");
                return Err(Refusal::new(Code::BadMessage, text));
            }
            bookmarks
                .add(*time, note, &by.name, by.id.as_str())
                .map_err(failed)
        }
        BookmarkChange::Remove(id) => {
            if bookmarks.remove(*id, by.id.as_str()).map_err(failed)? {
                return Ok(());
            }
            let text = format!("there is no bookmark {id} of yours");
            Err(Refusal::new(Code::NotForRole, text))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::{Part, PrincipalId};
    use crate::log::{EmbeddedStore, LogStore};
    use chengtu_engine::time::Timestamp;

    #[test]
    fn a_bookmark_is_short_and_removed_by_whoever_set_it() {
        let dir = tempfile::tempdir().unwrap();
        let store = EmbeddedStore::at(dir.path());
        let mut b = store.aside().bookmarks().unwrap();
        let add = |note: &str| BookmarkChange::Add {
            time: Timestamp::from_seconds(20),
            note: note.to_owned(),
        };
        let officer = |id: &str, name: &str| {
            Principal::with_usual_rights(PrincipalId::user(id), name, Part::Operator)
        };
        let wang = officer("王莉", "王莉");
        change(&mut *b, &wang, &add("积水")).unwrap();
        let long = change(&mut *b, &wang, &add(&"长".repeat(501)));
        assert_eq!(long.unwrap_err().code, Code::BadMessage);
        let id = b.list().unwrap()[0].id;
        // Neither somebody else, nor somebody who is only called the same.
        for other in [officer("李", "李"), officer("王莉/2", "王莉")] {
            let removed = change(&mut *b, &other, &BookmarkChange::Remove(id));
            assert_eq!(removed.unwrap_err().code, Code::NotForRole);
        }
        change(&mut *b, &wang, &BookmarkChange::Remove(id)).unwrap();
        assert_eq!(b.list().unwrap(), []);
    }
}
