use std::borrow::Cow;

/// Longest note of a report, reason or word of a crew, characters; a longer one is refused
/// ([`crate::code::Code::TextTooLong`]).
pub const NOTE_CHARS_MAX: usize = 2_000;
/// Longest note of a case with all that was added to it, characters; more is refused, and of a case of an older log
/// that has more the rest is not sent to anybody who looks.
pub const NOTES_CHARS_MAX: usize = 10_000;
/// Longest address of a case, characters.
pub const ADDRESS_CHARS_MAX: usize = 300;
/// Longest name, key, call sign or unit of measure, characters.
pub const NAME_CHARS_MAX: usize = 200;

/// A text as it is shown: what a log of before the limits has beyond [`NOTES_CHARS_MAX`] is left out.
pub fn shown(text: &str) -> Cow<'_, str> {
    if is_longer(text, NOTES_CHARS_MAX) {
        Cow::Owned(cut(text, NOTES_CHARS_MAX))
    } else {
        Cow::Borrowed(text)
    }
}

/// A case's note before more is added to it. One of a log of before the limits that is longer than notes may be makes
/// room for what comes: its beginning is kept.
pub fn with_room(note: &str) -> Cow<'_, str> {
    if is_longer(note, NOTES_CHARS_MAX) {
        Cow::Owned(cut(note, NOTES_CHARS_MAX - NOTE_CHARS_MAX - THEN.len()))
    } else {
        Cow::Borrowed(note)
    }
}

/// Whether a text has more characters than `chars_max`.
pub fn is_longer(text: &str, chars_max: usize) -> bool {
    // No text has more characters than bytes: most are not counted.
    text.len() > chars_max && text.chars().count() > chars_max
}

fn cut(text: &str, chars: usize) -> String {
    text.chars().take(chars).chain(['…']).collect()
}

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

    #[test]
    fn the_note_of_an_older_log_is_shown_as_far_as_notes_go() {
        let long = "水".repeat(NOTES_CHARS_MAX);
        assert_eq!(shown(&long), long);
        let longer = shown(&"水".repeat(NOTES_CHARS_MAX + 9)).into_owned();
        assert_eq!(longer, format!("{long}…"));
        assert_eq!(with_room(&long), long);
        let kept = with_room(&longer).into_owned();
        let more = extended_note(&kept, &"b".repeat(NOTE_CHARS_MAX));
        assert!(kept.starts_with('水') && !is_longer(&more, NOTES_CHARS_MAX));
    }
}
