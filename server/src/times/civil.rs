//! Dates as people and offices write them: without zeros in front, with 年月日, in the years of the Republic (民國).

use jiff::civil::DateTime;

/// What is added to a year of the Republic of China.
const REPUBLIC: i16 = 1911;

/// A date, with or without a time of day, whose order is beyond doubt: year first (`2026/3/1 8:05`,
/// `2026年3月1日 上午8时5分`, `民國115年3月1日`, `115/03/01`), or the day first between dots (`1.3.2026`).
///
/// A year of three digits is one of the Republic; `republic` takes every year so. `None` for anything else: of `3/4/2026`
/// nobody can say which is the month.
pub fn read(text: &str, republic: bool) -> Option<DateTime> {
    let text = plain(text);
    let (text, republic) = match without_era(&text) {
        Some((rest, roc)) => (rest, republic || roc),
        None => (text.as_str(), republic),
    };
    let (date, time) = parted(text);
    let (year, month, day) = date_of(date, republic)?;
    let (hour, minute, second, nanosecond) = time_of(time)?;
    DateTime::new(year, month, day, hour, minute, second, nanosecond).ok()
}

/// The same text with 00 for the hour where it is 24, as offices write the end of a day: `2026-11-22T24:00`. `None` where it
/// is not, or where anything follows that hour.
pub fn without_hour_24(text: &str) -> Option<String> {
    if text.len() == 14 && text.ends_with("240000") && text.bytes().all(|b| b.is_ascii_digit()) {
        return Some(format!("{}000000", &text[..8]));
    }
    let digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
    text.match_indices("24").find_map(|(at, _)| {
        let (before, rest) = (&text[..at], &text[at + 2..]);
        let begins_hour = before.ends_with(['T', 't', ' ', '日', '\u{3000}']);
        let more = rest.trim_start_matches(['0', ':', '.', '时', '時', '点', '點', '分', '秒']);
        let zone = more.trim_start();
        let is_end = zone.is_empty() || zone.starts_with(['Z', 'z', '+', '-']);
        // The colon or the word for hours is needed: a 24 alone may be anything.
        let is_hour = !digit(rest.chars().next()) && !rest.is_empty();
        (begins_hour && is_end && is_hour).then(|| format!("{before}00{rest}"))
    })
}

/// A date in digits alone: `20260301`, `202603010805`, `20260301080500`, or of the Republic `1150301`.
pub fn compact(digits: &str, republic: bool) -> Option<DateTime> {
    if !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let of_republic = digits.len() == 7 || digits.len() == 6 && republic;
    let year_digits = if of_republic { digits.len() - 4 } else { 4 };
    if !of_republic && !matches!(digits.len(), 8 | 12 | 14) {
        return None;
    }
    let number = |from: usize, to: usize| digits.get(from..to).and_then(|d| d.parse::<i8>().ok());
    let year: i16 = digits.get(..year_digits)?.parse().ok()?;
    let year = if of_republic { year + REPUBLIC } else { year };
    // Any eight digits could be a date; offices have kept records of cases for about a century.
    if !(1_912..=2_199).contains(&year) {
        return None;
    }
    let at = |n: usize| match digits.len() - year_digits - 4 {
        left if left >= n * 2 + 2 => number(year_digits + 4 + n * 2, year_digits + 6 + n * 2),
        _ => Some(0),
    };
    let (month, day) = (
        number(year_digits, year_digits + 2)?,
        number(year_digits + 2, year_digits + 4)?,
    );
    DateTime::new(year, month, day, at(0)?, at(1)?, at(2)?, 0).ok()
}

/// Full-width figures and marks as plain ones.
fn plain(text: &str) -> String {
    let one = |c: char| match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        '\u{3000}' | '\u{a0}' => ' ',
        c => c,
    };
    let mut text: String = text.trim().chars().map(one).collect();
    for mark in ["年", "月", "日"] {
        text = text.replace(&format!(" {mark}"), mark);
        text = text.replace(&format!("{mark} "), mark);
    }
    text
}

/// What follows the name of an era, and whether it is the Republic's.
fn without_era(text: &str) -> Option<(&str, bool)> {
    const ERAS: [(&str, bool); 9] = [
        ("中華民國", true),
        ("中华民国", true),
        ("民國", true),
        ("民国", true),
        ("R.O.C.", true),
        ("ROC", true),
        ("西元", false),
        ("公元", false),
        ("AD", false),
    ];
    ERAS.iter()
        .find_map(|(era, roc)| Some((text.strip_prefix(era)?.trim_start(), *roc)))
}

/// The date's part and the time's.
fn parted(text: &str) -> (&str, &str) {
    let end = text.find(['T', ' ', '上', '下']).or_else(|| {
        let day = text.find('日')?;
        Some(day + '日'.len_utf8())
    });
    let (date, time) = text.split_at(end.unwrap_or(text.len()));
    (date, time.trim_start_matches('T').trim())
}

fn date_of(date: &str, republic: bool) -> Option<(i16, i8, i8)> {
    let date = date.trim().trim_end_matches('日');
    let parts: Vec<&str> = date
        .split(['-', '/', '.', '年', '月'])
        .map(str::trim)
        .collect();
    let digits = |p: &&str| !p.is_empty() && p.bytes().all(|b| b.is_ascii_digit());
    let [a, b, c] = parts[..] else {
        return None;
    };
    if ![a, b, c].iter().all(digits) {
        return None;
    }
    let day_first = a.len() <= 2 && c.len() == 4 && date.matches('.').count() == 2;
    let (year, month, day) = if day_first { (c, b, a) } else { (a, b, c) };
    let known = year.len() == 4 || year.len() == 3 || republic;
    if !known || month.len() > 2 || day.len() > 2 {
        return None;
    }
    let mut number: i16 = year.parse().ok()?;
    if year.len() == 3 || republic && number < REPUBLIC {
        number += REPUBLIC;
    }
    Some((number, month.parse().ok()?, day.parse().ok()?))
}

/// Hours, minutes, seconds and nanoseconds; all 0 for no time at all.
fn time_of(time: &str) -> Option<(i8, i8, i8, i32)> {
    if time.is_empty() {
        return Some((0, 0, 0, 0));
    }
    let (time, half) = half_of_day(time);
    let time = time
        .trim_end_matches(['秒', '分'])
        .trim_end_matches('时')
        .trim_end_matches('時');
    let mut parts = time
        .split([':', '时', '時', '点', '點', '分'])
        .map(str::trim);
    let hour: i8 = parts.next()?.parse().ok()?;
    let whole = |p: Option<&str>| match p {
        None | Some("") => Some(0),
        Some(p) => p.parse::<i8>().ok(),
    };
    let minute = whole(parts.next())?;
    let (second, nanosecond) = match parts.next() {
        None | Some("") => (0, 0),
        Some(text) => {
            let (whole, part) = text.split_once('.').unwrap_or((text, ""));
            let part: String = part.chars().chain("000000000".chars()).take(9).collect();
            (whole.parse().ok()?, part.parse().ok()?)
        }
    };
    if parts.next().is_some() || half.is_some() && !(0..=12).contains(&hour) {
        return None;
    }
    let hour = match half {
        Some(true) if hour < 12 => hour + 12,
        Some(false) if hour == 12 => 0,
        _ => hour,
    };
    Some((hour, minute, second, nanosecond))
}

/// A time without the word for its half of the day, and whether that is the second.
fn half_of_day(time: &str) -> (&str, Option<bool>) {
    const WORDS: [(&str, bool); 8] = [
        ("上午", false),
        ("下午", true),
        ("AM", false),
        ("PM", true),
        ("am", false),
        ("pm", true),
        ("a.m.", false),
        ("p.m.", true),
    ];
    for (word, second) in WORDS {
        let rest = time.strip_prefix(word).or_else(|| time.strip_suffix(word));
        if let Some(rest) = rest {
            return (rest.trim(), Some(second));
        }
    }
    (time, None)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<&str>) {
        let expected = expected.map(|e| e.parse::<DateTime>().unwrap());
        assert_eq!(read(text, false), expected, "{text}");
    }

    #[test]
    fn dates_are_read_as_offices_write_them() {
        let at = Some("2026-03-01T08:05:00");
        for text in [
            "2026/3/1 8:05",
            "2026-3-1T08:05:00",
            "2026.03.01 08:05",
            "2026年3月1日 8时5分",
            "2026年03月01日08:05:00",
            "2026年3月1日上午8点05分",
            "西元2026年3月1日 上午 8:05",
            "２０２６／３／１　８：０５",
            "1.3.2026 08:05",
            "民國115年3月1日 8時5分",
            "民國 115 年 3 月 1 日 8:05",
            "中華民國115年03月01日 08:05:00",
            "115/03/01 08:05",
            "115-3-1 8:05 am",
        ] {
            check(text, at);
        }
        check("2026/3/1", Some("2026-03-01T00:00:00"));
        check("2026/3/1 下午 1:05:07.25", Some("2026-03-01T13:05:07.25"));
        check("2026/3/1 12:05 AM", Some("2026-03-01T00:05:00"));
    }

    #[test]
    fn what_could_mean_two_days_means_none() {
        for text in [
            "3/4/2026",
            "99/03/01",
            "26-03-01",
            "2026/13/1",
            "2026/2/30",
            "115/3",
            "1/2/3/4",
            "2026/3/1 8:05:00:00",
            "2026/3/1 13:05 PM",
            "someday",
            "",
            "-1/-1/-1",
        ] {
            check(text, None);
        }
        assert_eq!(
            read("99/03/01", true),
            Some("2010-03-01T00:00:00".parse().unwrap())
        );
        assert_eq!(
            read("2026/03/01", true),
            Some("2026-03-01T00:00:00".parse().unwrap())
        );
    }

    #[test]
    fn digits_alone_are_a_date_where_they_make_one() {
        let check = |digits: &str, republic: bool, expected: Option<&str>| {
            let expected = expected.map(|e| e.parse::<DateTime>().unwrap());
            assert_eq!(compact(digits, republic), expected, "{digits}");
        };
        check("20260301", false, Some("2026-03-01T00:00:00"));
        check("202603010805", false, Some("2026-03-01T08:05:00"));
        check("20260301080507", false, Some("2026-03-01T08:05:07"));
        check("1150301", false, Some("2026-03-01T00:00:00"));
        check("990301", true, Some("2010-03-01T00:00:00"));
        for digits in [
            "990301",
            "20261301",
            "99991231",
            "1609430580",
            "1609430580000",
            "46082",
        ] {
            check(digits, false, None);
        }
    }
}
