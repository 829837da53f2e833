//! Times as people write them in tables, recordings and options.

mod civil;
mod zones;

use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, TimeZone};

/// How times are written in a recording.
#[derive(Clone, Debug, Default)]
pub enum TimeFormat {
    /// A number (seconds, milliseconds or microseconds, by its size), RFC 3339, or a civil date and time.
    #[default]
    Auto,
    /// Seconds, since 1970 or since the recording began.
    Seconds,
    /// Milliseconds, since 1970 or since the recording began.
    Millis,
    /// Microseconds, since 1970 or since the recording began.
    Micros,
    /// Days of a spreadsheet: 46082.5 is noon of 2026-03-01.
    Spreadsheet,
    /// Civil dates whose years are of the Republic of China: 115 is 2026.
    Republic,
    /// A pattern like `%d.%m.%Y %H:%M:%S`.
    Pattern(String),
}

impl TimeFormat {
    /// `auto`, `s`, `ms`, `us`, `excel`, `roc`, or a pattern with `%`.
    ///
    /// # Errors
    /// What else it should have been.
    pub fn parse(text: &str) -> Result<Self, String> {
        match text {
            "auto" => Ok(Self::Auto),
            "s" => Ok(Self::Seconds),
            "ms" => Ok(Self::Millis),
            "us" => Ok(Self::Micros),
            "excel" => Ok(Self::Spreadsheet),
            "roc" => Ok(Self::Republic),
            pattern if pattern.contains('%') => Ok(Self::Pattern(pattern.to_owned())),
            other => Err(format!(
                "{other:?}: write auto, s, ms, us, excel, roc or a pattern like \"%Y-%m-%d %H:%M:%S\""
            )),
        }
    }
}

/// A time as it was written: exact, or the reading of a clock that may show the same time twice in a year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WrittenTime {
    /// Microseconds since 1970.
    Exact(i64),
    /// A local clock's date and time.
    Local(DateTime),
}

/// What a time zone's clock did about a local time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClockChange {
    /// Nothing.
    None,
    /// It was put back: the time was twice.
    Twice,
    /// It was put forward: the time never was.
    Never,
}

/// The first and the last year that anything here is of. What lies beyond is misread, or stands for no time.
pub const YEARS: std::ops::RangeInclusive<i16> = 1_900..=2_199;

/// A time zone that does not exist.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("--time-zone {0:?}: no such zone; write one like Asia/Shanghai or UTC")]
pub struct NoSuchZone(pub String);

/// Reads times of one format; what names no offset is taken in one zone.
#[derive(Clone, Debug)]
pub struct TimeReader {
    format: TimeFormat,
    zone: TimeZone,
    /// True where a person writes one moment on the command line, and no table is read.
    moments: bool,
}

/// Where the format of a table's times can be named.
const NAME_THE_FORMAT: &str =
    "name its format with --time-format, e.g. \"%d/%m/%Y %H:%M\", excel or roc";
/// Where a person writes one moment.
const WRITE_A_MOMENT: &str =
    "write it like 2026-11-22T02:13:07, the city's own time, or 2026-11-22T02:13:07+08:00";
/// No time lies farther from 1970, microseconds: 9999-12-31T23:59:59.999999Z.
const FARTHEST_US: f64 = 253_402_300_799_999_999.0;

impl TimeReader {
    /// A reader of `format`, civil times being of the IANA zone `zone`.
    ///
    /// # Errors
    /// [`NoSuchZone`].
    pub fn new(format: TimeFormat, zone: &str) -> Result<Self, NoSuchZone> {
        let zone = TimeZone::get(zone).map_err(|_| NoSuchZone(zone.to_owned()))?;
        Ok(Self {
            format,
            zone,
            moments: false,
        })
    }

    /// A reader of moments that a person writes, one at a time, on the command line; civil times are of the IANA zone
    /// `zone`.
    ///
    /// # Errors
    /// [`NoSuchZone`].
    pub fn of_moments(zone: &str) -> Result<Self, NoSuchZone> {
        Ok(Self {
            moments: true,
            ..Self::new(TimeFormat::Auto, zone)?
        })
    }

    /// As [`Self::of_moments`], civil times being `offset_s` seconds east of UTC.
    pub fn of_moments_at(offset_s: i32) -> Self {
        let offset = jiff::tz::Offset::from_seconds(offset_s).unwrap_or(jiff::tz::Offset::UTC);
        Self {
            format: TimeFormat::Auto,
            zone: TimeZone::fixed(offset),
            moments: true,
        }
    }

    /// How times are written.
    pub fn format(&self) -> &TimeFormat {
        &self.format
    }

    /// The zone of civil times.
    pub fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// Microseconds of a time as written. A local time that summer time skips or repeats is taken as `jiff` does by
    /// default: later by the gap, the earlier of two.
    ///
    /// # Errors
    /// Why it is no time.
    pub fn read(&self, text: &str) -> Result<i64, String> {
        self.read_after(text, None).map(|(us, _)| us)
    }

    /// Microseconds of a time as written, in a series whose last time was `before`, and what the clock did about it. Of two
    /// times of the same name the later is taken where the earlier would lie before that.
    ///
    /// # Errors
    /// Why it is no time.
    pub fn read_after(
        &self,
        text: &str,
        before: Option<i64>,
    ) -> Result<(i64, ClockChange), String> {
        let civil = match self.read_written(text)? {
            WrittenTime::Exact(us) => return Ok((us, ClockChange::None)),
            WrittenTime::Local(civil) => civil,
        };
        let found = self.zone.to_ambiguous_zoned(civil);
        let change = match found.offset() {
            AmbiguousOffset::Unambiguous { .. } => ClockChange::None,
            AmbiguousOffset::Gap { .. } => ClockChange::Never,
            AmbiguousOffset::Fold { .. } => ClockChange::Twice,
        };
        let us = |zoned: Result<jiff::Zoned, jiff::Error>| {
            let zoned = zoned.map_err(|_| format!("time {text:?} is beyond all calendars"))?;
            Ok::<i64, String>(zoned.timestamp().as_microsecond())
        };
        let first = us(found.clone().compatible())?;
        let later = change == ClockChange::Twice && before.is_some_and(|b| first < b);
        let time = if later { us(found.later())? } else { first };
        Ok((time, change))
    }

    /// A time as written, local times left as they are.
    ///
    /// # Errors
    /// Why it is no time.
    pub fn read_written(&self, text: &str) -> Result<WrittenTime, String> {
        let text = text.trim();
        let number = || {
            text.parse::<f64>()
                .ok()
                .filter(|n| n.is_finite())
                .ok_or_else(|| format!("time {text:?} is no number"))
        };
        let exact = |n: f64, factor: f64| {
            let us = (n * factor).round();
            // 2^63: beyond it every number would be the same time.
            if us.abs() < 9.223_372_036_854_776e18 {
                Ok(WrittenTime::Exact(us as i64))
            } else {
                Err(format!("time {text:?} is too large a number for a time"))
            }
        };
        match &self.format {
            TimeFormat::Seconds => number().and_then(|n| exact(n, 1e6)),
            TimeFormat::Millis => number().and_then(|n| exact(n, 1e3)),
            TimeFormat::Micros => number().and_then(|n| exact(n, 1.0)),
            TimeFormat::Spreadsheet => number().and_then(|n| {
                spreadsheet(n)
                    .map(WrittenTime::Local)
                    .ok_or_else(|| format!("time {text:?} is no day of a spreadsheet"))
            }),
            TimeFormat::Republic => civil::compact(text, true)
                .or_else(|| civil::read(text, true))
                .map(WrittenTime::Local)
                .ok_or_else(|| {
                    format!("time {text:?} is no date of the Republic; one is 115/03/01 08:05")
                }),
            TimeFormat::Pattern(pattern) => by_pattern(pattern, text),
            TimeFormat::Auto => match number() {
                // Who writes 9999 or 20260301 as a moment means no second of 1970.
                Ok(_) if self.moments && text.len() < 9 => self.by_guess(text),
                // As a number of milliseconds it would lie centuries ahead.
                Ok(_) if text.len() == 14 && self.by_guess(text).is_ok() => self.by_guess(text),
                Ok(n) if n.abs() < 1e11 => exact(n, 1e6),
                Ok(n) if n.abs() < 1e14 => exact(n, 1e3),
                Ok(n) if n.abs() <= FARTHEST_US => exact(n, 1.0),
                Ok(_) => Err(format!("time {text:?} is too large a number for a time")),
                Err(_) => self.by_guess(text),
            },
        }
    }

    fn by_guess(&self, text: &str) -> Result<WrittenTime, String> {
        // The end of a day is the beginning of the next.
        let midnight = civil::without_hour_24(text);
        let found = guessed(midnight.as_deref().unwrap_or(text))?;
        let found = match midnight {
            Some(_) => found.and_then(WrittenTime::a_day_later),
            None => found,
        };
        let advice = if self.moments {
            WRITE_A_MOMENT
        } else {
            NAME_THE_FORMAT
        };
        let written = found.ok_or_else(|| format!("time {text:?} cannot be read; {advice}"))?;
        let year = match written {
            WrittenTime::Local(civil) => Some(civil.year()),
            WrittenTime::Exact(us) => year_of(us),
        };
        if self.moments || year.is_some_and(|y| YEARS.contains(&y)) {
            return Ok(written);
        }
        let year = year.unwrap_or_default();
        Err(if year > *YEARS.end() {
            format!("time {text:?} lies in the year {year}, far in the future")
        } else {
            format!(
                "time {text:?} lies in the year {year}; is it one of the Republic of China? then name it with --time-format roc"
            )
        })
    }
}

impl WrittenTime {
    fn a_day_later(self) -> Option<Self> {
        match self {
            Self::Exact(t) => t.checked_add(86_400_000_000).map(Self::Exact),
            Self::Local(civil) => civil.tomorrow().ok().map(Self::Local),
        }
    }
}

/// A time as it may be meant; `None` for what is none.
///
/// # Errors
/// In words, where the zone beside it is none, or may be several.
fn guessed(text: &str) -> Result<Option<WrittenTime>, String> {
    match zones::exact(text) {
        Some(exact) => exact.map(|us| Some(WrittenTime::Exact(us))),
        None => Ok(local(text).map(WrittenTime::Local)),
    }
}

/// The year of a time, microseconds since 1970; `None` beyond all calendars.
pub fn year_of(us: i64) -> Option<i16> {
    let time = jiff::Timestamp::from_microsecond(us).ok()?;
    Some(TimeZone::UTC.to_datetime(time).year())
}

/// A local date, with a time of day or without.
fn local(text: &str) -> Option<DateTime> {
    let found = text.replace('/', "-").parse().ok();
    found
        .or_else(|| civil::compact(text, false))
        .or_else(|| civil::read(text, false))
}

/// The last day that a spreadsheet knows, 9999-12-31.
const LAST_DAY: f64 = 2_958_465.0;

/// The local date and time of a spreadsheet's day, to the millisecond. Day 0 is 1899-12-30; what lies before March 1900,
/// where spreadsheets count a day that never was, is no date of theirs.
pub fn spreadsheet(days: f64) -> Option<DateTime> {
    if !(61.0..LAST_DAY).contains(&days) {
        return None;
    }
    let milliseconds = (days * 86_400_000.0).round() as i64;
    let first = jiff::civil::date(1_899, 12, 30).at(0, 0, 0, 0);
    let span = jiff::SignedDuration::from_millis(milliseconds);
    first.checked_add(span).ok()
}

/// Days of spreadsheets that a number may well be: 1954 to 2119. As seconds they are a few hours of 1970.
pub const LIKELY_DAYS: std::ops::RangeInclusive<f64> = 20_000.0..=80_000.0;

/// The local time that a number means in a table of old cases, where it can be no count of seconds since 1970 since
/// nobody has kept cases then: a day of a spreadsheet, or a date in digits alone.
pub fn in_old_table(text: &str) -> Option<DateTime> {
    let days = text.parse::<f64>().ok().filter(|n| LIKELY_DAYS.contains(n));
    match days {
        Some(days) => spreadsheet(days),
        None => civil::compact(text, false),
    }
}

fn by_pattern(pattern: &str, text: &str) -> Result<WrittenTime, String> {
    let no = |_| format!("time {text:?} is not written as {pattern:?}");
    let parsed = jiff::fmt::strtime::parse(pattern, text).map_err(no)?;
    if let Ok(t) = parsed.to_timestamp() {
        return Ok(WrittenTime::Exact(t.as_microsecond()));
    }
    parsed.to_datetime().map(WrittenTime::Local).map_err(no)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(format: &str, zone: &str, text: &str, expected: Option<i64>) {
        let reader = TimeReader::new(TimeFormat::parse(format).unwrap(), zone).unwrap();
        assert_eq!(reader.read(text).ok(), expected, "{format} {text}");
    }

    #[test]
    fn times_are_read_as_people_write_them() {
        let at = Some(1_609_430_580_000_000); // 2020-12-31T16:03:00Z
        check("auto", "UTC", "1609430580", at);
        check("auto", "UTC", "1609430580000", at);
        check("auto", "UTC", "1609430580000000", at);
        check("auto", "UTC", "2020-12-31T16:03:00Z", at);
        check("auto", "UTC", "2021-01-01T00:03:00+08:00", at);
        check("auto", "Asia/Shanghai", "2021-01-01T00:03:00", at);
        check("auto", "Asia/Shanghai", "2021/01/01 00:03:00", at);
        check("%d.%m.%Y %H:%M", "Asia/Shanghai", "01.01.2021 00:03", at);
        check(
            "%Y-%m-%d %H:%M:%S %z",
            "UTC",
            "2021-01-01 00:03:00 +0800",
            at,
        );
        check("auto", "Asia/Shanghai", "2021/1/1 0:03", at);
        check("auto", "Asia/Shanghai", "110/01/01 00:03", at);
        check("auto", "Asia/Shanghai", "20210101000300", at);
        check("roc", "Asia/Shanghai", "110/1/1 0:03", at);
        check("excel", "Asia/Shanghai", "44197.0020833333", at);
        check("excel", "UTC", "44196.66875", at);
        check("auto", "UTC", "12.5", Some(12_500_000));
        check("s", "UTC", "1609430580000", Some(1_609_430_580_000_000_000));
        for bad in ["", "soon", "NaN", "2021-13-01T00:00:00", "3/4/2021"] {
            check("auto", "UTC", bad, None);
        }
        let midnight = Some(1_609_430_400_000_000); // 2020-12-31T16:00:00Z
        for end_of_day in [
            "2020-12-31T24:00",
            "2020-12-31T24:00:00",
            "2020-12-31 24:00:00.000",
            "2020/12/31 24:00",
            "2020-12-31T24:00:00+08:00",
            "2020年12月31日 24时",
            "20201231240000",
        ] {
            check("auto", "Asia/Shanghai", end_of_day, midnight);
        }
        for bad in [
            "2020-12-31T24:01",
            "2020-12-31T25:00",
            "2020-12-31T24:00:00.5",
        ] {
            check("auto", "Asia/Shanghai", bad, None);
        }
        for (format, bad) in [
            ("auto", "99999999999999999999"),
            ("auto", "-99999999999999999999"),
            ("auto", "1609430580000000000"),
            ("s", "99999999999999999999"),
            ("ms", "99999999999999999999"),
            ("us", "99999999999999999999"),
        ] {
            check(format, "UTC", bad, None);
        }
        for bad in ["60", "-1", "2958465", "NaN", "2021-01-01"] {
            check("excel", "UTC", bad, None);
        }
        let moments = TimeReader::of_moments("Asia/Shanghai").unwrap();
        assert_eq!(moments.read("20210101").ok(), midnight);
        assert_eq!(moments.read("1609430400").ok(), midnight);
        for bad in ["9999", "24:00", "tomorrow"] {
            let why = moments.read(bad).unwrap_err();
            assert!(
                why.contains("2026-11-22T02:13:07") && !why.contains("--"),
                "{why}"
            );
        }
        assert!(TimeReader::new(TimeFormat::Auto, "Asia/Atlantis").is_err());
        assert!(TimeFormat::parse("minutes").is_err());
    }

    #[test]
    fn zones_beside_a_time_are_read_or_named() {
        let at = Some(1_609_430_580_000_000);
        for text in [
            "2021-01-01T00:03:00[Asia/Shanghai]",
            "2021-01-01 00:03:00 +0800",
            "2021-01-01 00:03:00+08",
            "2021/1/1 0:03 +08:00",
            "2021年1月1日 0时3分 +08:00",
            "2020-12-31 16:03:00 UTC",
            "2020/12/31 16:03Z",
            "2020-12-31 16:03 GMT",
            "2020-12-31 11:03 GMT-5",
        ] {
            check("auto", "America/New_York", text, at);
        }
        let reader = TimeReader::new(TimeFormat::Auto, "UTC").unwrap();
        for (text, words) in [
            ("2021-01-01 00:03:00 CST", "CST"),
            ("2021-01-01T00:03:00[Asia/Atlantis]", "Asia/Atlantis"),
            ("0115-03-01 08:00:00", "year 115"),
            ("0115/03/01 08:00", "year 115"),
            ("0115-03-01T08:00:00Z", "year 115"),
            ("9999-12-31 23:59:59", "year 9999"),
        ] {
            let why = reader.read(text).unwrap_err();
            assert!(why.contains(words), "{why}");
        }
        check("auto", "UTC", "2021-01-01", Some(1_609_459_200_000_000));
    }

    #[test]
    fn of_two_hours_of_one_name_a_series_says_which() {
        let reader = TimeReader::new(TimeFormat::Auto, "Europe/Berlin").unwrap();
        let (text, hour) = ("2021-10-31 02:30:00", 3_600_000_000);
        let (first, change) = reader.read_after(text, None).unwrap();
        assert_eq!(change, ClockChange::Twice);
        let after = |before| reader.read_after(text, Some(before)).unwrap().0;
        assert_eq!((after(first - 1), after(first)), (first, first));
        assert_eq!(after(first + 1), first + hour);
        let never = reader.read_after("2021-03-28 02:30:00", None).unwrap();
        assert_eq!(never.1, ClockChange::Never);
    }

    #[test]
    fn a_number_in_an_old_table_is_a_day_or_a_date_and_in_a_recording_seconds() {
        for (text, expected) in [
            ("46082.5", Some("2026-03-01T12:00:00")),
            ("46083", Some("2026-03-02T00:00:00")),
            ("46082.3368055556", Some("2026-03-01T08:05:00")),
            ("1150301", Some("2026-03-01T00:00:00")),
            ("20260301", Some("2026-03-01T00:00:00")),
            ("1609430580", None),
            ("0", None),
            ("12.5", None),
            ("100", None),
            ("150000", None),
            ("2026-03-01", None),
        ] {
            let expected = expected.map(|e| e.parse::<DateTime>().unwrap());
            assert_eq!(in_old_table(text), expected, "{text}");
        }
        check("auto", "UTC", "46082.5", Some(46_082_500_000));
    }
}
