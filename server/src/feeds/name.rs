use icu_normalizer::ComposingNormalizerBorrowed;
use std::borrow::Cow;

/// Longest name that a feed gives a mover, a sensor or a case, bytes; a longer one is refused as 502.
pub const KEY_BYTES_MAX: usize = 128;

/// A name as it is known by: without blanks about it, and in the one form (NFC) in which letters and their marks are
/// written by most, so that what is the same to the eye is one thing. Empty where there is nothing but blanks.
///
/// # Errors
/// In words, for a name with characters that cannot be seen, or one that is too long.
pub fn known_name(said: &str) -> Result<Cow<'_, str>, String> {
    let trimmed = said.trim();
    if trimmed.chars().any(is_unseen) {
        return Err(format!(
            "{:?} holds characters that cannot be seen (control characters, NUL); send it without",
            trimmed.chars().take(40).collect::<String>()
        ));
    }
    let known_by = if trimmed.is_ascii() {
        Cow::Borrowed(trimmed)
    } else {
        ComposingNormalizerBorrowed::new_nfc().normalize(trimmed)
    };
    if known_by.len() > KEY_BYTES_MAX {
        return Err(format!(
            "of {} bytes; at most {KEY_BYTES_MAX}",
            known_by.len()
        ));
    }
    Ok(known_by)
}

/// Characters that no screen shows and that make two names of what looks like one: controls, marks of direction, blanks
/// without width. The joiner of emoji and of some scripts is none of them.
fn is_unseen(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_the_same_to_the_eye_is_one_name() {
        for (said, known_by) in [
            ("苏A·12345", "苏A·12345"),
            ("Zu\u{308}rich e\u{301}", "Z\u{fc}rich \u{e9}"),
            ("t1 ", "t1"),
            ("\tt1\n", "t1"),
            ("\u{3000}t1\u{a0}", "t1"),
            ("排水 03", "排水 03"),
            ("007", "007"),
            ("👩\u{200d}🚒", "👩\u{200d}🚒"),
            ("  ", ""),
        ] {
            assert_eq!(known_name(said).as_deref(), Ok(known_by), "{said:?}");
        }
    }

    #[test]
    fn names_that_hide_something_or_are_too_long_are_refused_in_words() {
        for said in ["t\0 1", "a\u{1}b", "abc\u{202e}321", "a\u{200b}b", "a\nb"] {
            let why = known_name(said).unwrap_err();
            assert!(why.contains("cannot be seen"), "{said:?}: {why}");
        }
        assert!(known_name(&"k".repeat(KEY_BYTES_MAX)).is_ok());
        let why = known_name(&"k".repeat(KEY_BYTES_MAX + 1)).unwrap_err();
        assert!(why.contains("of 129 bytes; at most 128"), "{why}");
    }
}
