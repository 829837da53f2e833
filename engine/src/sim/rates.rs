use super::Chance;
use super::behave::LocalMoment;
use crate::city::{Calendar, CivilDay};
use crate::ids::ClassId;
use crate::model::{CaseSource, Stage};
use crate::state::State;
use crate::time::Timestamp;
use serde::Serialize;
use std::collections::BTreeMap;

/// Hours of a week; 0 is Monday 00–01 local time.
pub const HOURS: usize = 168;

/// Mean numbers of cases an hour, by hour of the week and class.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct CaseRates {
    classes: Vec<ClassId>,
    /// A row an hour of the week; one row holds for all.
    rows: Vec<Vec<f64>>,
}

impl CaseRates {
    /// `rows`: 168 hours of the week, or one row that holds always; a number for each class. What is missing, negative
    /// or not a number counts as none.
    pub fn new(classes: Vec<ClassId>, mut rows: Vec<Vec<f64>>) -> Self {
        for row in &mut rows {
            row.resize(classes.len(), 0.0);
            for rate in row {
                if !rate.is_finite() || *rate < 0.0 {
                    *rate = 0.0;
                }
            }
        }
        Self { classes, rows }
    }

    /// As many of each class as were reported in the last `seconds` before `now`: the rate of a city that goes on as it
    /// was. `None` if nothing came.
    pub fn of_the_last(state: &State, now: Timestamp, seconds: u32) -> Option<Self> {
        // A city that is younger than that is judged by the time that it has been there.
        let reported = |c: &crate::model::Case| c.history.first().map(|h| h.at);
        let oldest = state
            .cases()
            .values()
            .filter_map(reported)
            .min()
            .unwrap_or(now);
        let from = now.plus_seconds(-i64::from(seconds)).max(oldest);
        let mut counts: BTreeMap<ClassId, f64> = BTreeMap::new();
        for case in state.cases().values() {
            let reported = case.history.iter().find(|h| h.stage == Stage::Reported);
            // What was filed elsewhere before it came is a backlog taken over, not an arrival.
            let fresh = case.filed_at.is_none_or(|f| f >= from);
            if reported.is_some_and(|h| h.at > from && h.at <= now) && fresh {
                *counts.entry(case.class).or_default() += 1.0;
            }
        }
        if counts.is_empty() {
            return None;
        }
        let hours = now.seconds_since(from).max(300.0) / 3_600.0;
        let row = counts.values().map(|n| n / hours).collect();
        Some(Self::new(counts.into_keys().collect(), vec![row]))
    }

    /// So many times as many of each.
    #[must_use]
    pub fn scaled(mut self, by: f64) -> Self {
        let by = if by.is_finite() { by.max(0.0) } else { 1.0 };
        for rate in self.rows.iter_mut().flatten() {
            *rate *= by;
        }
        self
    }

    fn row(&self, hour: usize) -> &[f64] {
        let at = if self.rows.len() == 1 { 0 } else { hour };
        self.rows.get(at).map_or(&[], Vec::as_slice)
    }

    /// Cases an hour, all classes together.
    pub fn rate(&self, hour: usize) -> f64 {
        self.row(hour % HOURS).iter().sum()
    }

    /// The busiest hour's rate.
    pub fn rate_max(&self) -> f64 {
        (0..HOURS).map(|h| self.rate(h)).fold(0.0, f64::max)
    }

    /// A class as that hour brings them.
    pub fn class(&self, hour: usize, chance: &mut Chance) -> Option<ClassId> {
        let at = chance.weighted(self.row(hour % HOURS));
        self.classes.get(at).copied()
    }

    /// A class as any hour brings them.
    pub fn any_class(&self, chance: &mut Chance) -> Option<ClassId> {
        let hour = chance.below(HOURS);
        self.class(hour, chance)
    }
}

/// The feed that most of the cases came from; simulated cases use it too.
pub(super) fn usual_feed(state: &State) -> Option<crate::ids::FeedId> {
    let mut counts: BTreeMap<crate::ids::FeedId, u32> = BTreeMap::new();
    for case in state.cases().values() {
        if let CaseSource::Feed(feed, _) = &case.source {
            *counts.entry(*feed).or_default() += 1;
        }
    }
    let most = counts
        .into_iter()
        .max_by_key(|(feed, n)| (*n, core::cmp::Reverse(*feed)));
    most.map(|(feed, _)| feed)
}

/// The hour of the week, 0 … 167, of a time in the city.
pub fn hour_of_week(calendar: &Calendar, t: Timestamp) -> usize {
    let (CivilDay(day), second) = calendar.day_and_second(t);
    // 1970-01-01 was a Thursday.
    ((day + 3).rem_euclid(7) as i64 * 24 + second / 3_600) as usize
}

/// The city's own time of a moment.
pub fn local_moment(calendar: &Calendar, t: Timestamp) -> (LocalMoment, u8) {
    let (CivilDay(day), second) = calendar.day_and_second(t);
    // Civil from days, after Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".
    let z = i64::from(day) + 719_468;
    let day_of_era = z.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    // Days since 1 March.
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let mp = (5 * day_of_year + 2) / 153;
    let month = if mp < 10 { mp + 3 } else { mp - 9 };
    let from_january = (day_of_year + 59) % 365 + 1;
    let local = LocalMoment {
        hour: second as f64 / 3_600.0,
        day_of_year: from_january as u16,
    };
    (local, month as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_and_months_are_the_citys_own() {
        let calendar = Calendar::with_offset(8 * 3_600);
        // 2026-11-20, a Friday, 10:30 in Nanjing.
        let t = Timestamp(1_795_140_000_000_000).plus_seconds(1_800);
        assert_eq!(hour_of_week(&calendar, t), 4 * 24 + 10);
        let (local, month) = local_moment(&calendar, t);
        assert_eq!((local.hour, local.day_of_year, month), (10.5, 324, 11));
        let new_year = Timestamp::from_seconds(1_767_196_800); // 2026-01-01 00:00 in Nanjing
        let (local, month) = local_moment(&calendar, new_year);
        assert_eq!((local.hour, local.day_of_year, month), (0.0, 1, 1));
    }

    #[test]
    fn one_row_holds_for_every_hour_and_nonsense_counts_as_nothing() {
        let classes = vec![ClassId(3), ClassId(5)];
        let rates = CaseRates::new(classes, vec![vec![2.0, f64::NAN, 7.0]]).scaled(3.0);
        assert_eq!(
            (rates.rate(0), rates.rate(167), rates.rate_max()),
            (6.0, 6.0, 6.0)
        );
        let mut chance = Chance::new(1);
        assert!((0..50).all(|h| rates.class(h, &mut chance) == Some(ClassId(3))));
        let none = CaseRates::default();
        assert_eq!((none.rate_max(), none.class(0, &mut chance)), (0.0, None));
    }
}
