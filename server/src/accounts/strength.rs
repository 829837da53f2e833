//! Which passwords are too easily guessed, and why, in words.

use std::fmt;
use zxcvbn::feedback::Warning;

/// The lowest score (0 … 4) of a password that is taken: about 10⁸ guesses.
const SCORE_MIN: u8 = 3;

/// Characters of a password whose strength is looked at; beyond, it is strong anyway or repeats itself.
const LOOKED_AT_MAX: usize = 72;

/// What makes a password weak.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weak {
    /// One of those that everybody tries first.
    Common,
    /// A name, or a word of the account.
    Names,
    /// A word of the dictionary.
    Word,
    /// Keys beside each other, a repeat, a sequence.
    Pattern,
    /// A year or a day.
    Date,
    /// Too short, or too simple.
    Short,
    /// Longer than is looked at.
    TooLong,
    /// The one-time password itself, or the one before.
    Same,
}

impl fmt::Display for Weak {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Common => "it is one of those that are tried first; join four words that do not belong together",
            Self::Names => "it is made of names; join four words that do not belong together",
            Self::Word => "it is nearly a single word; join four words that do not belong together",
            Self::Pattern => "keys beside each other, repeats and sequences are guessed quickly",
            Self::Date => "years and days are guessed quickly",
            Self::Short => "it is guessed quickly; make it longer, symbols are not needed",
            Self::TooLong => "it is longer than 256 bytes",
            Self::Same => "it is the one that is to be changed",
        })
    }
}

/// Takes a password that is not easily guessed. `own`: names of the account, which guessers try.
///
/// # Errors
/// What is weak about it.
pub(super) fn check(password: &str, own: &[&str]) -> Result<(), Weak> {
    if password.len() > super::password::PASSWORD_BYTES_MAX {
        return Err(Weak::TooLong);
    }
    let looked_at: String = password.chars().take(LOOKED_AT_MAX).collect();
    let found = zxcvbn::zxcvbn(&looked_at, own);
    if found.score() as u8 >= SCORE_MIN {
        return Ok(());
    }
    let warning = found
        .feedback()
        .and_then(zxcvbn::feedback::Feedback::warning);
    Err(match warning {
        Some(
            Warning::ThisIsATop10Password
            | Warning::ThisIsATop100Password
            | Warning::ThisIsACommonPassword
            | Warning::ThisIsSimilarToACommonlyUsedPassword,
        ) => Weak::Common,
        Some(
            Warning::NamesAndSurnamesByThemselvesAreEasyToGuess
            | Warning::CommonNamesAndSurnamesAreEasyToGuess,
        ) => Weak::Names,
        Some(Warning::AWordByItselfIsEasyToGuess) => Weak::Word,
        Some(
            Warning::StraightRowsOfKeysAreEasyToGuess
            | Warning::ShortKeyboardPatternsAreEasyToGuess
            | Warning::RepeatsLikeAaaAreEasyToGuess
            | Warning::RepeatsLikeAbcAbcAreOnlySlightlyHarderToGuess
            | Warning::SequencesLikeAbcAreEasyToGuess,
        ) => Weak::Pattern,
        Some(Warning::RecentYearsAreEasyToGuess | Warning::DatesAreOftenEasyToGuess) => Weak::Date,
        None => {
            let lower = password.to_lowercase();
            let named = |n: &&str| n.chars().count() > 2 && lower.contains(&n.to_lowercase());
            if own.iter().any(named) {
                Weak::Names
            } else {
                Weak::Short
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weak_passwords_are_told_why_and_symbols_do_not_make_one_strong() {
        for (password, why) in [
            ("", Weak::Short),
            ("123456", Weak::Common),
            ("password", Weak::Common),
            ("P@ssw0rd!", Weak::Common),
            ("qwertyuiop", Weak::Common),
            ("aaaaaaaaaaaa", Weak::Pattern),
            ("x9!", Weak::Short),
            ("wangli2026", Weak::Names),
        ] {
            let found = check(password, &["wangli", "王莉", "chengtu"]);
            assert_eq!(found, Err(why), "{password}");
        }
        assert_eq!(check(&"a".repeat(300), &[]), Err(Weak::TooLong));
        for password in [
            "tide lantern copper walnut",
            "雨后 青石 街角 面馆 第三张桌",
            "Kq7-vTz2-mW9p",
        ] {
            assert_eq!(check(password, &["wangli"]), Ok(()), "{password}");
        }
    }
}
