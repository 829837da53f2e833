//! A moment as people type it.

use crate::i18n::CityTime;
use chengtu_engine::time::Timestamp;
use jiff::civil::{Date, Time};

/// Reads a moment: `02:13:07`, `2:13`, with a day before it (`11-21`, `2026-11-21`, `昨天`, `yesterday`), or how far
/// from here (`-10m`, `+90s`, `-2h`, `-10分`). A time alone means the day of `here`. None where it is none of these.
pub fn read(text: &str, here: Timestamp, time: &CityTime) -> Option<Timestamp> {
    if let Some(t) = step(text.trim(), here) {
        return Some(t);
    }
    let text = text.trim().replace('：', ":");
    let text = text.replace(['年', '月', '/', '.'], "-");
    let text = text.replace(['日', 'T'], " ");
    let today = time.civil(here).date();
    let mut day = None;
    let mut clock = None;
    for word in text.split_whitespace() {
        if word.contains(':') {
            clock = Some(clock_of(word)?);
        } else {
            day = Some(day_of(word, today)?);
        }
    }
    let (day, clock) = match (day, clock) {
        (None, None) => return None,
        (day, clock) => (day.unwrap_or(today), clock.unwrap_or(Time::midnight())),
    };
    Some(time.moment(day.to_datetime(clock)))
}

fn step(text: &str, here: Timestamp) -> Option<Timestamp> {
    let sign = match text.chars().next()? {
        '+' => 1.0,
        '-' | '−' | '–' => -1.0,
        _ => return None,
    };
    let rest: String = text.chars().skip(1).collect();
    let rest = rest.trim();
    let split = rest
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(rest.len());
    let (number, unit) = rest.split_at(split);
    let unit_s = match unit.trim() {
        "" | "s" | "秒" => 1.0,
        "m" | "min" | "分" | "分钟" => 60.0,
        "h" | "小时" | "时" => 3_600.0,
        "d" | "天" => 86_400.0,
        _ => return None,
    };
    let seconds: f64 = number.parse().ok()?;
    let moved_us = sign * seconds * unit_s * 1e6;
    (moved_us.abs() < 4e15).then(|| Timestamp(here.0.saturating_add(moved_us as i64)))
}

fn clock_of(word: &str) -> Option<Time> {
    let parts: Vec<&str> = word.split(':').collect();
    let number = |i: usize| -> Option<i8> {
        parts.get(i).map_or(Some(0), |p| {
            (!p.is_empty() && p.len() <= 2).then(|| p.parse().ok())?
        })
    };
    if parts.len() > 3 {
        return None;
    }
    Time::new(number(0)?, number(1)?, number(2)?, 0).ok()
}

fn day_of(word: &str, today: Date) -> Option<Date> {
    match word.to_lowercase().as_str() {
        "今天" | "today" => return Some(today),
        "昨天" | "昨晚" | "yesterday" => return today.yesterday().ok(),
        "前天" => return today.yesterday().ok()?.yesterday().ok(),
        _ => {}
    }
    let parts: Option<Vec<i16>> = word.split('-').map(|p| p.parse().ok()).collect();
    let small = |v: i16| i8::try_from(v).ok();
    match parts?[..] {
        [month, day] => Date::new(today.year(), small(month)?, small(day)?).ok(),
        [year, month, day] => Date::new(year, small(month)?, small(day)?).ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::panels::model::sample::{self, NOW};

    #[test]
    fn a_moment_is_read_as_people_write_it() {
        let time = sample::time();
        let shown =
            |text: &str| read(text, NOW, &time).map(|t| format!("{} {}", time.ymd(t), time.hms(t)));
        for (text, means) in [
            ("02:13:07", "2026-11-20 02:13:07"),
            (" 2:13 ", "2026-11-20 02:13:00"),
            ("02：13", "2026-11-20 02:13:00"),
            ("11-19 23:59:59", "2026-11-19 23:59:59"),
            ("11月19日 8:05", "2026-11-19 08:05:00"),
            ("2021-07-01 00:00", "2021-07-01 00:00:00"),
            ("2021/7/1", "2021-07-01 00:00:00"),
            ("2026-11-22T02:13:07", "2026-11-22 02:13:07"),
            ("昨天 02:13:07", "2026-11-19 02:13:07"),
            ("yesterday 2:13", "2026-11-19 02:13:00"),
            ("-10m", "2026-11-20 14:22:07"),
            ("-10 分钟", "2026-11-20 14:22:07"),
            ("+90", "2026-11-20 14:33:37"),
            ("-2h", "2026-11-20 12:32:07"),
        ] {
            assert_eq!(shown(text).as_deref(), Some(means), "{text}");
        }
    }

    #[test]
    fn what_is_no_moment_is_none() {
        let time = sample::time();
        for text in [
            "",
            "25:00",
            "12:61",
            "soon",
            "13-40",
            "11-31 10:00",
            "1:2:3:4",
            "-x",
            "-99999999999d",
            ":",
            "2026-",
        ] {
            assert_eq!(read(text, NOW, &time), None, "{text}");
        }
    }
}
