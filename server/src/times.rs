//! Times as people write them in tables, recordings and options.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;

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
    /// A pattern like `%d.%m.%Y %H:%M:%S`.
    Pattern(String),
}

impl TimeFormat {
    /// `auto`, `s`, `ms`, `us`, or a pattern with `%`.
    ///
    /// # Errors
    /// What else it should have been.
    pub fn parse(text: &str) -> Result<Self, String> {
        match text {
            "auto" => Ok(Self::Auto),
            "s" => Ok(Self::Seconds),
            "ms" => Ok(Self::Millis),
            "us" => Ok(Self::Micros),
            pattern if pattern.contains('%') => Ok(Self::Pattern(pattern.to_owned())),
            other => Err(format!(
                "{other:?}: write auto, s, ms, us or a pattern like \"%Y-%m-%d %H:%M:%S\""
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

/// A time zone that does not exist.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("--time-zone {0:?}: no such zone; write one like Asia/Shanghai or UTC")]
pub struct NoSuchZone(pub String);

/// Reads times of one format; what names no offset is taken in one zone.
#[derive(Clone, Debug)]
pub struct TimeReader {
    format: TimeFormat,
    zone: TimeZone,
}

impl TimeReader {
    /// A reader of `format`, civil times being of the IANA zone `zone`.
    ///
    /// # Errors
    /// [`NoSuchZone`].
    pub fn new(format: TimeFormat, zone: &str) -> Result<Self, NoSuchZone> {
        let zone = TimeZone::get(zone).map_err(|_| NoSuchZone(zone.to_owned()))?;
        Ok(Self { format, zone })
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
        match self.read_written(text)? {
            WrittenTime::Exact(t) => Ok(t),
            WrittenTime::Local(civil) => civil
                .to_zoned(self.zone.clone())
                .map(|z| z.timestamp().as_microsecond())
                .map_err(|e| format!("time {text:?}: {e}")),
        }
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
        let exact = |n: f64, factor: f64| WrittenTime::Exact((n * factor).round() as i64);
        match &self.format {
            TimeFormat::Seconds => number().map(|n| exact(n, 1e6)),
            TimeFormat::Millis => number().map(|n| exact(n, 1e3)),
            TimeFormat::Micros => number().map(|n| exact(n, 1.0)),
            TimeFormat::Pattern(pattern) => by_pattern(pattern, text),
            TimeFormat::Auto => match number() {
                Ok(n) if n.abs() < 1e11 => Ok(exact(n, 1e6)),
                Ok(n) if n.abs() < 1e14 => Ok(exact(n, 1e3)),
                Ok(n) => Ok(exact(n, 1.0)),
                Err(_) => by_guess(text),
            },
        }
    }
}

fn by_guess(text: &str) -> Result<WrittenTime, String> {
    if let Ok(t) = text.parse::<jiff::Timestamp>() {
        return Ok(WrittenTime::Exact(t.as_microsecond()));
    }
    text.replace('/', "-")
        .parse()
        .map(WrittenTime::Local)
        .map_err(|_| format!("time {text:?} cannot be read; name its format with --time-format"))
}

fn by_pattern(pattern: &str, text: &str) -> Result<WrittenTime, String> {
    let parsed = jiff::fmt::strtime::parse(pattern, text)
        .map_err(|e| format!("time {text:?} is not {pattern:?}: {e}"))?;
    if let Ok(t) = parsed.to_timestamp() {
        return Ok(WrittenTime::Exact(t.as_microsecond()));
    }
    parsed
        .to_datetime()
        .map(WrittenTime::Local)
        .map_err(|e| format!("time {text:?} is not {pattern:?}: {e}"))
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
        check("auto", "UTC", "12.5", Some(12_500_000));
        check("s", "UTC", "1609430580000", Some(1_609_430_580_000_000_000));
        for bad in ["", "soon", "NaN", "2021-13-01T00:00:00"] {
            check("auto", "UTC", bad, None);
        }
        assert!(TimeReader::new(TimeFormat::Auto, "Asia/Atlantis").is_err());
        assert!(TimeFormat::parse("minutes").is_err());
    }
}
