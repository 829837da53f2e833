//! What an account may be called, and where its areas are.

use super::AccountError;
use icu_normalizer::{ComposingNormalizerBorrowed, DecomposingNormalizerBorrowed};

/// Longest log-in name, and longest name that others are shown, characters.
const NAME_CHARS_MAX: usize = 64;

/// Digits of a prefix of a grid code: province, city, district, street, community, cell.
const AREA_DIGITS: [usize; 6] = [2, 4, 6, 9, 12, 15];

/// A text as one writes it: composed (NFC).
pub(super) fn composed(text: &str) -> String {
    ComposingNormalizerBorrowed::new_nfc()
        .normalize(text)
        .into_owned()
}

/// By what names are told apart: neither width nor case nor how a letter was typed makes two of one.
pub fn folded(name: &str) -> String {
    let wide = DecomposingNormalizerBorrowed::new_nfkd().normalize(name.trim());
    composed(&wide.to_lowercase())
}

/// The log-in name as it is kept.
///
/// # Errors
/// [`AccountError::Name`].
pub fn check_log_in_name(name: &str) -> Result<String, AccountError> {
    let name = composed(name.trim());
    let fits = |c: char| c.is_alphanumeric() || "._-@".contains(c);
    let begins = name.chars().next().is_some_and(char::is_alphanumeric);
    if begins && name.chars().all(fits) && name.chars().count() <= NAME_CHARS_MAX {
        Ok(name)
    } else {
        Err(AccountError::Name(name))
    }
}

/// A log-in name for somebody who was never given one; `None` where nothing of `text` can stand in one.
pub fn log_in_name_from(text: &str) -> Option<String> {
    let fit = |c: char| {
        if c.is_alphanumeric() || "._-@".contains(c) {
            c
        } else {
            '-'
        }
    };
    let name: String = composed(text.trim()).chars().map(fit).collect();
    let name: String = name
        .trim_start_matches(|c: char| !c.is_alphanumeric())
        .chars()
        .take(NAME_CHARS_MAX - 8)
        .collect();
    check_log_in_name(&name).ok()
}

/// The name that others are shown, as it is kept: composed, on one line, without anything that is not seen.
///
/// # Errors
/// [`AccountError::Display`] says what is wrong.
pub fn check_display_name(name: &str) -> Result<String, AccountError> {
    let name = composed(name.trim());
    let why = if name.is_empty() {
        Some("it is empty")
    } else if name.chars().count() > NAME_CHARS_MAX {
        Some("it is too long")
    } else {
        name.chars().find_map(unfit)
    };
    match why {
        Some(why) => Err(AccountError::Display { name, why }),
        None => Ok(name),
    }
}

/// Why a character may not stand in a name.
fn unfit(c: char) -> Option<&'static str> {
    match c {
        '<' | '>' | '&' => Some("it has markup in it"),
        // Marks of direction, and what isolates and overrides it (UAX 9).
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
            Some("it has marks of direction in it")
        }
        c if c.is_control() => Some("it has control characters in it"),
        // Separators of lines, what is not seen, and what stands for itself in no script.
        '\u{ad}'
        | '\u{180e}'
        | '\u{200b}'..='\u{200d}'
        | '\u{2028}'
        | '\u{2029}'
        | '\u{2060}'..='\u{2064}'
        | '\u{feff}'
        | '\u{fff0}'..='\u{ffff}'
        | '\u{e000}'..='\u{f8ff}'
        | '\u{e0000}'..='\u{10ffff}' => Some("it has characters in it that are not seen"),
        _ => None,
    }
}

/// A prefix of a grid code.
///
/// # Errors
/// [`AccountError::Area`].
pub fn check_area(area: &str) -> Result<(), AccountError> {
    let digits = area.bytes().all(|b| b.is_ascii_digit());
    if digits && AREA_DIGITS.contains(&area.len()) {
        Ok(())
    } else {
        Err(AccountError::Area(area.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_would_be_shown_as_something_else_are_refused() {
        for (name, word) in [
            ("<b>Li</b>", "markup"),
            ("Li\u{202e}iL", "direction"),
            ("Li\u{2067}", "direction"),
            ("Li\nWang", "control"),
            ("Li\u{0}", "control"),
            ("L\u{200b}i", "not seen"),
            ("\u{feff}Li", "not seen"),
            ("", "empty"),
            (" \t ", "empty"),
            (&"长".repeat(65), "too long"),
        ] {
            let error = check_display_name(name).unwrap_err().to_string();
            assert!(error.contains(word), "{name:?}: {error}");
        }
        for name in ["王莉", "Zoë O’Neill", "值班员 3", &"长".repeat(64)] {
            assert_eq!(check_display_name(name).unwrap(), name);
        }
        // However it was typed, it is one name.
        assert_eq!(check_display_name(" Zoe\u{308} ").unwrap(), "Zoë");
    }

    #[test]
    fn log_in_names_are_plain_and_told_apart_by_more_than_case_and_width() {
        for name in ["wang.li", "王莉", "li@city", "7a"] {
            assert_eq!(check_log_in_name(name).unwrap(), name);
        }
        for name in [
            "",
            "a b",
            "a/b",
            ".a",
            "a\u{202e}b",
            "<a>",
            "a:b",
            &"n".repeat(65),
        ] {
            assert!(check_log_in_name(name).is_err(), "{name:?}");
        }
        assert_eq!(folded("Ｗang.LI"), folded("wang.li"));
        assert_ne!(folded("wang.li"), folded("wangli"));
        assert_eq!(log_in_name_from("值班 员/1").as_deref(), Some("值班-员-1"));
        assert_eq!(log_in_name_from("//"), None);
    }

    #[test]
    fn areas_are_prefixes_of_grid_codes() {
        for area in [
            "32",
            "3201",
            "320102",
            "320102001",
            "320102001001",
            "320102001001001",
        ] {
            assert!(check_area(area).is_ok(), "{area}");
        }
        for area in [
            "",
            "3",
            "320",
            "32010",
            "3201020",
            "32010200100100",
            "玄武区",
            "３２",
        ] {
            assert!(check_area(area).is_err(), "{area}");
        }
    }
}
