/// Stands between what was reported and what was added to it.
const THEN: &str = " → ";

/// A case's note once more is said: what was reported stays readable before what was added.
///
/// An empty addition, or one that only repeats the last one, changes nothing.
pub fn extended_note(note: &str, more: &str) -> String {
    let last = note.rsplit(THEN).next().unwrap_or(note);
    if more.is_empty() || last == more {
        note.to_owned()
    } else if note.is_empty() {
        more.to_owned()
    } else {
        format!("{note}{THEN}{more}")
    }
}

/// What a note was before [`extended_note`] added `more`; the whole note where it does not end with that.
pub fn note_before<'a>(note: &'a str, more: &str) -> &'a str {
    match note.strip_suffix(more) {
        Some("") => "",
        Some(before) if !more.is_empty() => before.strip_suffix(THEN).unwrap_or(note),
        _ => note,
    }
}

/// What [`extended_note`] added to `before`; the whole note where it does not begin with that.
pub fn note_added<'a>(note: &'a str, before: &str) -> &'a str {
    let added = note.strip_prefix(before);
    added.and_then(|n| n.strip_prefix(THEN)).unwrap_or(note)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_grows_by_what_is_new_and_gives_back_what_was_added() {
        for (note, more, expected) in [
            ("", "", ""),
            ("", "b", "b"),
            ("a", "", "a"),
            ("a", "b", "a → b"),
            ("ab", "b", "ab → b"),
            ("a → b", "b", "a → b"),
            ("a → bc", "c", "a → bc → c"),
        ] {
            let extended = extended_note(note, more);
            assert_eq!(extended, expected);
            if extended.len() > note.len() {
                assert_eq!(note_added(&extended, note), more);
                assert_eq!(note_before(&extended, more), note);
            }
        }
        assert_eq!(note_added("b", "a"), "b", "a reason of an older log");
        assert_eq!(note_before("ab", "b"), "ab", "words that only end like it");
        assert_eq!(note_before("a", ""), "a");
    }
}
