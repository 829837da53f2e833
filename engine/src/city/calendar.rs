use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Days since 1970-01-01 in the city's own time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CivilDay(pub i32);

/// A day that differs from its weekday.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DayKind {
    /// A holiday on what would be a working day.
    Holiday,
    /// 调休: a working day on what would be a weekend.
    MakeUp,
}

/// When people work: 08–12 and 14–18, Monday to Friday, but for the days listed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Calendar {
    /// Seconds to add to UTC from each moment on, ascending; the first holds before it as well.
    pub offsets: Vec<(Timestamp, i32)>,
    /// Days that differ from their weekday.
    pub days: BTreeMap<CivilDay, DayKind>,
}

const SHIFTS_S: [(i64, i64); 2] = [(8 * 3_600, 12 * 3_600), (14 * 3_600, 18 * 3_600)];

impl Calendar {
    /// A city with one offset from UTC all year.
    pub fn with_offset(seconds: i32) -> Self {
        Self {
            offsets: vec![(Timestamp::MIN, seconds)],
            days: BTreeMap::new(),
        }
    }

    /// Seconds to add to UTC at `t`.
    pub fn offset_s(&self, t: Timestamp) -> i32 {
        let after = self.offsets.partition_point(|(from, _)| *from <= t);
        self.offsets
            .get(after.saturating_sub(1))
            .map_or(0, |(_, s)| *s)
    }

    /// The civil day of `t` and the second within it.
    pub fn day_and_second(&self, t: Timestamp) -> (CivilDay, i64) {
        let local = t.0.div_euclid(1_000_000) + i64::from(self.offset_s(t));
        (
            CivilDay(local.div_euclid(86_400) as i32),
            local.rem_euclid(86_400),
        )
    }

    /// True where people work on `day`.
    pub fn is_working(&self, day: CivilDay) -> bool {
        match self.days.get(&day) {
            Some(DayKind::Holiday) => false,
            Some(DayKind::MakeUp) => true,
            // 1970-01-01 was a Thursday: Monday is 0.
            None => (day.0 + 3).rem_euclid(7) < 5,
        }
    }

    /// The moment at which clocks show a second of a day; near by for one that they show twice or leave out, which is no
    /// hour at which a shift begins or ends.
    fn moment(&self, day: CivilDay, second: i64) -> Timestamp {
        let local = i64::from(day.0) * 86_400 + second;
        let by = |offset_s: i32| Timestamp::from_seconds(local - i64::from(offset_s));
        // The offset of a moment that is wrong by as much as offsets differ, then that of a better one.
        let near = by(self.offset_s(Timestamp::from_seconds(local)));
        by(self.offset_s(by(self.offset_s(near))))
    }

    /// The moment when `seconds` of working time have passed since `from`.
    ///
    /// A shift is open between the moments at which the clocks show its beginning and its end, whatever the clocks have
    /// done meanwhile. Looks ahead ten years at most and then returns the moment it has reached: a calendar without any
    /// working day must not hang the city. Cost: days passed.
    pub fn after_working_seconds(&self, from: Timestamp, seconds: i64) -> Timestamp {
        let mut left = seconds.max(0);
        let from = Timestamp::from_seconds(from.whole_seconds());
        let (mut day, _) = self.day_and_second(from);
        for _ in 0..3_660 {
            if self.is_working(day) {
                for (open, close) in SHIFTS_S {
                    let start = self.moment(day, open).max(from);
                    let end = self.moment(day, close);
                    let room = (end.whole_seconds() - start.whole_seconds()).max(0);
                    if left <= room && room > 0 {
                        return start.plus_seconds(left);
                    }
                    left -= room;
                }
            }
            day = CivilDay(day.0.saturating_add(1));
        }
        self.moment(day, 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-11-20 was a Friday; local time at UTC+8.
    fn at(day: i64, hour: i64, minute: i64) -> Timestamp {
        Timestamp::from_seconds((20_777 + day) * 86_400 + (hour - 8) * 3_600 + minute * 60)
    }

    fn check(from: Timestamp, hours: i64, expected: Timestamp) {
        let c = Calendar::with_offset(8 * 3_600);
        assert_eq!(c.after_working_seconds(from, hours * 3_600), expected);
    }

    #[test]
    fn working_hours_skip_noon_night_and_weekend() {
        check(at(0, 9, 0), 2, at(0, 11, 0));
        check(at(0, 11, 0), 2, at(0, 15, 0));
        check(at(0, 17, 0), 2, at(3, 9, 0));
        check(at(1, 10, 0), 1, at(3, 9, 0));
        check(at(0, 6, 30), 4, at(0, 12, 0));
    }

    #[test]
    fn holidays_and_make_up_days_count_as_listed() {
        let mut c = Calendar::with_offset(8 * 3_600);
        c.days.insert(CivilDay(20_777 + 1), DayKind::MakeUp);
        c.days.insert(CivilDay(20_777 + 3), DayKind::Holiday);
        assert_eq!(
            c.after_working_seconds(at(0, 17, 0), 2 * 3_600),
            at(1, 9, 0)
        );
        assert_eq!(
            c.after_working_seconds(at(1, 17, 0), 2 * 3_600),
            at(4, 9, 0)
        );
    }

    #[test]
    fn working_hours_keep_to_the_clocks_of_each_day_of_a_span() {
        // Clocks go from UTC+1 to UTC+2 at 01:00 UTC on Sunday 2026-03-29, and back on 2026-10-25.
        let change = |day: i64| Timestamp::from_seconds(day * 86_400 + 3_600);
        let (spring, autumn) = (20_541, 20_751);
        let offsets = vec![
            (Timestamp::MIN, 3_600),
            (change(spring), 7_200),
            (change(autumn), 3_600),
        ];
        let c = Calendar {
            offsets,
            days: BTreeMap::new(),
        };
        let utc = |day: i64, hour: i64| Timestamp::from_seconds(day * 86_400 + hour * 3_600);
        // Friday 17:00, two hours: Monday 09:00 by the clocks of Monday.
        for (sunday, friday_17, monday_9) in [(spring, 16, 7), (autumn, 15, 8)] {
            let due = c.after_working_seconds(utc(sunday - 2, friday_17), 2 * 3_600);
            assert_eq!(due, utc(sunday + 1, monday_9), "about day {sunday}");
            assert_eq!(c.day_and_second(due).1, 9 * 3_600);
        }
    }

    #[test]
    fn a_shift_in_which_clocks_change_is_as_long_as_it_is() {
        // On Friday 2026-11-20 at 10:00 by the clocks they go back by half an hour: the morning has 4.5 hours.
        let at_10 = Timestamp::from_seconds(20_777 * 86_400 + 2 * 3_600);
        let c = Calendar {
            offsets: vec![(Timestamp::MIN, 28_800), (at_10, 27_000)],
            days: BTreeMap::new(),
        };
        let eight = Timestamp::from_seconds(20_777 * 86_400);
        let noon = c.after_working_seconds(eight, 4 * 3_600 + 1_800);
        assert_eq!(c.day_and_second(noon).1, 12 * 3_600);
        assert_eq!(noon, eight.plus_seconds(4 * 3_600 + 1_800));
    }

    #[test]
    fn a_city_that_never_works_does_not_hang() {
        let mut c = Calendar::with_offset(0);
        for day in 20_000..30_000 {
            c.days.insert(CivilDay(day), DayKind::Holiday);
        }
        assert!(
            c.after_working_seconds(Timestamp::from_seconds(20_777 * 86_400), 3_600) > Timestamp(0)
        );
    }

    #[test]
    fn the_offset_changes_where_it_is_told_to() {
        let c = Calendar {
            offsets: vec![(Timestamp(0), 3_600), (Timestamp(100), 7_200)],
            days: BTreeMap::new(),
        };
        assert_eq!(
            (
                c.offset_s(Timestamp(-5)),
                c.offset_s(Timestamp(99)),
                c.offset_s(Timestamp(100))
            ),
            (3_600, 3_600, 7_200)
        );
    }
}
