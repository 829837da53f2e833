//! What programs write where they have no value.

/// True for what databases, spreadsheets and statistics programs write where there is no value.
pub fn says_nothing(text: &str) -> bool {
    const WORDS: [&str; 13] = [
        "null", "(null)", "<null>", "na", "n/a", "#n/a", "nan", "nil", "none", "\\n", "-", "--",
        "—",
    ];
    // All begin with one of these; most text is done with its first byte.
    let first = text.as_bytes().first();
    let may = first.is_some_and(|b| b"nN(<#\\-\xe2".contains(b));
    may && text.len() <= 6 && WORDS.iter().any(|w| w.eq_ignore_ascii_case(text))
}

/// A bearing in degrees, 0 … 360, of one as a device says it; `None` where that stands for none: −1, as telephones
/// write, and all beyond a whole turn either way, as 511 and 65535.
pub fn bearing_deg(said: f64) -> Option<f64> {
    let turn = said > -360.0 && said <= 360.0 && said != -1.0;
    turn.then(|| said.rem_euclid(360.0))
}

/// A speed, or a radius of accuracy, of one as a device says it; `None` below 0, which stands for none.
pub fn not_negative(said: f64) -> Option<f64> {
    (said >= 0.0).then_some(said)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minus_one_is_no_bearing_and_minus_ninety_is_west() {
        for (said, expected) in [
            (0.0, Some(0.0)),
            (359.5, Some(359.5)),
            (360.0, Some(0.0)),
            (-90.0, Some(270.0)),
            (-1.0, None),
            (511.0, None),
            (65_535.0, None),
            (-999.0, None),
            (f64::NAN, None),
        ] {
            assert_eq!(bearing_deg(said), expected, "{said}");
        }
        assert_eq!((not_negative(-1.0), not_negative(0.0)), (None, Some(0.0)));
    }

    #[test]
    fn words_for_nothing_are_told_from_words() {
        for word in [
            "NULL", "null", "NA", "n/a", "#N/A", "NaN", "\\N", "None", "-", "--", "—",
        ] {
            assert!(says_nothing(word), "{word}");
        }
        for word in ["", "N", "nullah", "-1", "Nan Street", "“a”", "南"] {
            assert!(!says_nothing(word), "{word}");
        }
    }
}
