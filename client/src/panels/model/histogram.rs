//! The time strip: how many cases came when, and when alarms were raised.

use chengtu_engine::city::Severity;
use chengtu_engine::stream::Mirror;
use chengtu_engine::time::Timestamp;

/// Hours that the strip shows.
pub const HOURS: i64 = 6;
/// Width of the finest bar, seconds.
pub const BAR_S: i64 = 10;
/// Widths that a bar may be drawn with, seconds: multiples of [`BAR_S`].
const DRAWN_S: [i64; 4] = [BAR_S, 30, 60, 150];

/// Arrivals over the last hours.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Histogram {
    /// Beginning of the first bar, a multiple of [`BAR_S`] since 1970: a bar keeps its cases while time goes on.
    pub from: Timestamp,
    /// Arrivals per [`BAR_S`], oldest first; the last one holds now.
    pub bars: Vec<u32>,
    /// Alarms: when they were raised and their severity, oldest first.
    pub alarms: Vec<(Timestamp, Severity)>,
}

impl Histogram {
    /// Seconds that a bar stands for where `span_s` seconds are `wide` logical pixels: the finest of at least `least`.
    pub fn bar_s(span_s: f64, wide: f32, least: f32) -> i64 {
        let px = |s: i64| f64::from(wide) * s as f64 / span_s;
        let fits = |s: &i64| px(*s) >= f64::from(least);
        DRAWN_S.into_iter().find(fits).unwrap_or(DRAWN_S[3])
    }

    /// Arrivals in bars of `bar_s` seconds, a multiple of [`BAR_S`], oldest first: when each begins, and how many.
    pub fn in_bars(&self, bar_s: i64) -> Vec<(Timestamp, u32)> {
        let mut bars: Vec<(Timestamp, u32)> = Vec::new();
        let mut begin = self.from.whole_seconds();
        for n in &self.bars {
            let at = Timestamp::from_seconds(begin - begin.rem_euclid(bar_s));
            match bars.last_mut() {
                Some(last) if last.0 == at => last.1 += n,
                _ => bars.push((at, *n)),
            }
            begin += BAR_S;
        }
        bars
    }
}

/// Counts what the mirror knows, by when it happened. Cases that were closed long ago are no longer in it.
pub fn histogram(mirror: &Mirror, now: Timestamp) -> Histogram {
    let bar = |t: Timestamp| t.whole_seconds().div_euclid(BAR_S);
    let first = bar(now.plus_seconds(-HOURS * 3_600));
    let mut bars = vec![0; (bar(now) - first + 1) as usize];
    for c in mirror.cases.values().filter(|c| c.occurred_at <= now) {
        let at = usize::try_from(bar(c.occurred_at).saturating_sub(first)).ok();
        if let Some(n) = at.and_then(|at| bars.get_mut(at)) {
            *n += 1;
        }
    }
    let from = Timestamp::from_seconds(first * BAR_S);
    let alarms = mirror.alarms.values().map(|a| (a.raised_at, a.severity));
    let mut alarms: Vec<_> = alarms.filter(|(t, _)| (from..=now).contains(t)).collect();
    alarms.sort_by_key(|(t, _)| *t);
    Histogram { from, bars, alarms }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::panels::model::sample;

    #[test]
    fn every_arrival_of_the_last_hours_stands_in_its_bar() {
        let city = sample::city();
        let h = histogram(&city, sample::NOW);
        let recent = city
            .cases
            .values()
            .filter(|c| c.occurred_at >= h.from)
            .count();
        for bar_s in DRAWN_S {
            let bars = h.in_bars(bar_s);
            assert_eq!(bars.iter().map(|b| b.1).sum::<u32>() as usize, recent);
            for (at, n) in &bars {
                let within = |t: Timestamp| t >= *at && t < at.plus_seconds(bar_s) && t >= h.from;
                let inside = city
                    .cases
                    .values()
                    .filter(|c| within(c.occurred_at))
                    .count();
                assert_eq!(inside, *n as usize, "{bar_s} s from {at:?}");
            }
        }
        let in_time = |(t, _): &(Timestamp, Severity)| (h.from..=sample::NOW).contains(t);
        assert!(h.alarms.iter().all(in_time) && !h.alarms.is_empty());
    }

    #[test]
    fn a_bar_keeps_its_cases_while_time_goes_on() {
        let city = sample::city();
        let bars = |s: i64| histogram(&city, sample::NOW.plus_seconds(s)).in_bars(150);
        let (before, after) = (bars(0), bars(7));
        // The first and the last grow and shrink: one leaves the strip, one is being filled.
        let inner = &before[1..before.len() - 1];
        assert!(inner.iter().all(|b| after.contains(b)));
    }

    #[test]
    fn a_short_stretch_is_told_in_fine_bars() {
        assert_eq!(Histogram::bar_s(600.0, 800.0, 4.0), 10);
        assert_eq!(Histogram::bar_s(3_600.0, 800.0, 4.0), 30);
        assert_eq!(Histogram::bar_s(21_600.0, 800.0, 4.0), 150);
        assert_eq!(Histogram::bar_s(21_600.0, 130.0, 4.0), 150);
    }
}
