use chengtu_engine::time::Timestamp;
use jiff::civil::{Date, date};

/// A day of the log: days since 1970-01-01 in the city's own time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day(pub i32);

const EPOCH: Date = date(1970, 1, 1);
/// −9999-01-01 and 9999-12-31: days that a file can be called by.
const NAMED: (i64, i64) = (-4_371_587, 2_932_896);

impl Day {
    /// The day of a moment, `offset_s` seconds east of UTC; held to the years −9999 … 9999, of which files can be named.
    pub fn of(time: Timestamp, offset_s: i32) -> Self {
        let s = time
            .0
            .div_euclid(1_000_000)
            .saturating_add(i64::from(offset_s));
        Self(s.div_euclid(86_400).clamp(NAMED.0, NAMED.1) as i32)
    }

    fn on(date: Date) -> Self {
        Self(date.since(EPOCH).map_or(0, |span| span.get_days()))
    }

    /// `2026-11-22`.
    pub fn name(self) -> String {
        let days = jiff::Span::new().try_days(self.0);
        let date = days.and_then(|days| EPOCH.checked_add(days));
        date.map_or_else(|_| format!("day {}", self.0), |date| date.to_string())
    }

    /// The day that has a name.
    pub fn named(name: &str) -> Option<Self> {
        name.parse().ok().map(Self::on)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_begin_at_the_citys_midnight() {
        let t = Timestamp::from_seconds(1_795_363_200); // 2026-11-22T16:00:00Z
        assert_eq!(Day::of(t, 0).name(), "2026-11-22");
        assert_eq!(Day::of(t, 8 * 3600).name(), "2026-11-23");
        assert_eq!(Day(0).name(), "1970-01-01");
        assert_eq!(Day(-1).name(), "1969-12-31");
    }

    #[test]
    fn the_first_and_the_last_day_with_a_name_are_what_they_are() {
        let ends = (Day::on(Date::MIN).0, Day::on(Date::MAX).0);
        assert_eq!((i64::from(ends.0), i64::from(ends.1)), NAMED);
    }

    #[test]
    fn every_moment_has_a_day_whose_name_is_read_back() {
        for us in [i64::MIN, i64::MAX, 0, -1, 253_402_300_799_999_999] {
            for offset_s in [i32::MIN, 0, 8 * 3_600, i32::MAX] {
                let day = Day::of(Timestamp(us), offset_s);
                assert_eq!(Day::named(&day.name()), Some(day), "{us} {offset_s}");
            }
        }
    }
}
