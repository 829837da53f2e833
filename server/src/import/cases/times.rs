//! Local clocks that show an hour twice in autumn and skip one in spring.

use crate::times::{TimeFormat, TimeReader, WrittenTime, in_old_table};
use chengtu_engine::time::Timestamp;
use jiff::tz::AmbiguousOffset;

/// What to do with a local time that there was twice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Repeated {
    /// The first of the two: still summer time.
    #[default]
    Earlier,
    /// The second of the two: winter time already.
    Later,
    /// The row is put aside.
    Refuse,
}

/// What to do with a local time that there never was.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Skipped {
    /// Later by what was skipped, as a clock not yet put forward shows it.
    #[default]
    Forward,
    /// The row is put aside.
    Refuse,
}

/// How many rows have such times.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ClockCounts {
    /// Times that there were twice.
    pub repeated: u64,
    /// Times that there never were.
    pub skipped: u64,
}

/// True for a number that as seconds since 1970 is none of a case that anybody has kept.
fn too_early(text: &str) -> bool {
    /// In March 1973.
    const FIRST_S: f64 = 1e8;
    text.parse::<f64>()
        .is_ok_and(|n| n.is_finite() && n < FIRST_S)
}

/// Reads times of a table.
#[derive(Clone, Debug)]
pub struct Times {
    /// Format and zone.
    pub reader: TimeReader,
    /// For times that there were twice.
    pub repeated: Repeated,
    /// For times that there never were.
    pub skipped: Skipped,
}

impl Times {
    /// A time as written; `counts` are raised where the clock was put forward or back.
    ///
    /// # Errors
    /// Why the text is no time, or why the row is put aside.
    pub fn read(&self, text: &str, counts: &mut ClockCounts) -> Result<Timestamp, String> {
        let auto = matches!(self.reader.format(), TimeFormat::Auto);
        let written = match in_old_table(text.trim()).filter(|_| auto) {
            Some(civil) => WrittenTime::Local(civil),
            None if auto && too_early(text.trim()) => {
                return Err(format!(
                    "time {text:?} is a number that is no day of a spreadsheet, and in seconds lies in or before 1973; name \
                     its format with --time-format"
                ));
            }
            None => self.reader.read_written(text)?,
        };
        let civil = match written {
            WrittenTime::Exact(us) => return Ok(Timestamp(us)),
            WrittenTime::Local(civil) => civil,
        };
        let found = self.reader.zone().to_ambiguous_zoned(civil);
        let zoned = match found.offset() {
            AmbiguousOffset::Unambiguous { .. } => found.compatible(),
            AmbiguousOffset::Gap { .. } => {
                counts.skipped += 1;
                match self.skipped {
                    Skipped::Forward => found.later(),
                    Skipped::Refuse => {
                        return Err(format!(
                            "local time {text:?} never was: clocks were put forward over it"
                        ));
                    }
                }
            }
            AmbiguousOffset::Fold { .. } => {
                counts.repeated += 1;
                match self.repeated {
                    Repeated::Earlier => found.earlier(),
                    Repeated::Later => found.later(),
                    Repeated::Refuse => {
                        return Err(format!(
                            "local time {text:?} was twice: clocks were put back over it"
                        ));
                    }
                }
            }
        };
        zoned
            .map(|z| Timestamp(z.timestamp().as_microsecond()))
            .map_err(|e| format!("time {text:?}: {e}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(
        text: &str,
        repeated: Repeated,
        skipped: Skipped,
        expected: Option<&str>,
        counted: (u64, u64),
    ) {
        let times = Times {
            reader: TimeReader::new(TimeFormat::Auto, "Europe/Berlin").unwrap(),
            repeated,
            skipped,
        };
        let mut counts = ClockCounts::default();
        let found = times.read(text, &mut counts).ok();
        let expected =
            expected.map(|e| Timestamp(e.parse::<jiff::Timestamp>().unwrap().as_microsecond()));
        assert_eq!(found, expected, "{text}");
        assert_eq!((counts.repeated, counts.skipped), counted, "{text}");
    }

    #[test]
    fn numbers_that_are_no_time_of_a_case_are_put_aside() {
        for text in ["12.5", "0", "115", "-3", "99999999", "150000"] {
            check(text, Repeated::Earlier, Skipped::Forward, None, (0, 0));
        }
        for (text, expected) in [
            ("46082.5", "2026-03-01T11:00:00Z"),
            ("1609430580", "2020-12-31T16:03:00Z"),
            ("1609430580000", "2020-12-31T16:03:00Z"),
        ] {
            check(
                text,
                Repeated::Earlier,
                Skipped::Forward,
                Some(expected),
                (0, 0),
            );
        }
    }

    #[test]
    fn an_hour_that_was_twice_and_one_that_never_was() {
        use {Repeated as R, Skipped as S};
        let autumn = "2021-10-31T02:30:00";
        check(
            autumn,
            R::Earlier,
            S::Forward,
            Some("2021-10-31T00:30:00Z"),
            (1, 0),
        );
        check(
            autumn,
            R::Later,
            S::Forward,
            Some("2021-10-31T01:30:00Z"),
            (1, 0),
        );
        check(autumn, R::Refuse, S::Forward, None, (1, 0));
        let spring = "2021-03-28 02:30";
        check(
            spring,
            R::Earlier,
            S::Forward,
            Some("2021-03-28T01:30:00Z"),
            (0, 1),
        );
        check(spring, R::Earlier, S::Refuse, None, (0, 1));
        check(
            "2021-07-01T12:00:00",
            R::Refuse,
            S::Refuse,
            Some("2021-07-01T10:00:00Z"),
            (0, 0),
        );
        // A time with an offset is unambiguous.
        check(
            "2021-10-31T02:30:00+01:00",
            R::Refuse,
            S::Refuse,
            Some("2021-10-31T01:30:00Z"),
            (0, 0),
        );
    }
}
