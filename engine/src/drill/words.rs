//! Evidence in words, in both languages.

use super::tally::Tally;
use crate::ids::{CaseId, UnitId};

/// A span of time as people say it: `2′35″`, `1:02′35″`. The same in both languages.
pub fn span(seconds: f64) -> String {
    let whole = if seconds.is_finite() {
        (seconds.abs() + 0.5) as u64
    } else {
        0
    };
    let (h, m, s) = (whole / 3_600, whole / 60 % 60, whole % 60);
    match (h, m) {
        (0, 0) => format!("{s}″"),
        (0, _) => format!("{m}′{s:02}″"),
        _ => format!("{h}:{m:02}′{s:02}″"),
    }
}

/// A case's number and class, in both languages.
pub(super) fn case(tally: &Tally, id: CaseId) -> (String, String) {
    let class = tally
        .cases
        .get(&id)
        .and_then(|c| tally.rules.class(c.class));
    let (zh, en) = class.map_or(("", ""), |c| {
        (c.name.as_str(), english(&c.name_en, &c.name))
    });
    (format!("{zh} #{id}"), format!("{en} #{id}"))
}

/// A unit's call sign, in both languages.
pub(super) fn unit(tally: &Tally, id: UnitId) -> (String, String) {
    tally.units.get(id.0 as usize).map_or_else(
        || (id.to_string(), id.to_string()),
        |u| {
            let en = english(&u.call_sign_en, &u.call_sign);
            (u.call_sign.clone(), en.to_owned())
        },
    )
}

fn english<'a>(en: &'a str, otherwise: &'a str) -> &'a str {
    if en.is_empty() { otherwise } else { en }
}

#[cfg(test)]
mod tests {
    use super::span;

    #[test]
    fn spans_are_told_as_people_say_them() {
        let shown: Vec<String> = [5.0, 64.6, 3_600.0, f64::NAN].map(span).into();
        assert_eq!(shown, ["5″", "1′05″", "1:00′00″", "0″"]);
    }
}
