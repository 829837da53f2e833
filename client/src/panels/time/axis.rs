//! The stretch of time on show: where a moment lies in it, its ticks, and how wide a bar of it is.

use crate::i18n::CityTime;
use chengtu_engine::time::Timestamp;
use jiff::civil::Date;

/// Shortest and longest stretch on show, seconds: ten minutes, forty years.
pub const SPAN_S: (f64, f64) = (600.0, 40.0 * 365.25 * DAY_S);
const DAY_S: f64 = 86_400.0;
/// Where the end of a log that grows lies on the line, 0 … 1.
pub const END_AT: f64 = 0.97;
/// Narrowest bar, logical pixels.
const BAR_PX: f32 = 4.0;
/// Most bars in one answer of the server.
const BARS_MAX: i64 = 2_000;
/// Widths that a bar may have, seconds; all but the last fit into a day without remainder.
const BARS_S: [i64; 20] = [
    2,
    5,
    10,
    15,
    30,
    60,
    120,
    300,
    600,
    900,
    1_800,
    3_600,
    7_200,
    10_800,
    21_600,
    43_200,
    86_400,
    7 * 86_400,
    28 * 86_400,
    91 * 86_400,
];

/// A stretch of time laid along a line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Axis {
    /// Its left end.
    pub from: Timestamp,
    /// How long it is, seconds.
    pub span_s: f64,
}

impl Default for Axis {
    fn default() -> Self {
        Self {
            from: Timestamp::default(),
            span_s: 6.0 * 3_600.0,
        }
    }
}

/// A stretch that is counted in equal bars.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bars {
    /// Beginning of the first.
    pub from: Timestamp,
    /// End of the last.
    pub to: Timestamp,
    /// Number of bars, 1 to 2,000.
    pub count: u16,
}

/// A mark of the scale.
#[derive(Clone, Debug, PartialEq)]
pub struct Tick {
    /// Place along the line, 0 … 1.
    pub share: f32,
    /// Text at the mark; empty for a mark without text.
    pub label: String,
    /// A day, month or year begins here.
    pub strong: bool,
}

impl Axis {
    /// Its right end.
    pub fn to(&self) -> Timestamp {
        self.at(1.0)
    }

    /// The moment at a place 0 … 1.
    pub fn at(&self, share: f64) -> Timestamp {
        Timestamp(
            self.from
                .0
                .saturating_add((share * self.span_s * 1e6) as i64),
        )
    }

    /// The place of a moment; outside 0 … 1 where it is not on show.
    pub fn share(&self, t: Timestamp) -> f64 {
        t.seconds_since(self.from) / self.span_s
    }

    /// True where a moment is on show.
    pub fn holds(&self, t: Timestamp) -> bool {
        (0.0..=1.0).contains(&self.share(t))
    }

    /// A stretch of so many seconds with a moment at a place.
    pub fn with(t: Timestamp, share: f64, span_s: f64) -> Self {
        let span_s = span_s.clamp(SPAN_S.0, SPAN_S.1);
        let from = Timestamp(t.0.saturating_sub((share * span_s * 1e6) as i64));
        Self { from, span_s }
    }

    /// Nearer (above 1) or farther, the moment at a place stays where it is.
    #[must_use]
    pub fn zoomed(&self, factor: f64, share: f64) -> Self {
        Self::with(self.at(share), share, self.span_s / factor)
    }

    /// Moved along by a share of itself.
    #[must_use]
    pub fn moved(&self, share: f64) -> Self {
        Self {
            from: self.at(share),
            ..*self
        }
    }

    /// Turned so that a moment is on show with room ahead of it.
    #[must_use]
    pub fn following(&self, t: Timestamp, forward: bool) -> Self {
        let ahead = if forward { 0.96 } else { 0.04 };
        let gone = if forward {
            self.share(t) > ahead
        } else {
            self.share(t) < ahead
        };
        if gone || !self.holds(t) {
            let to = if forward { 0.2 } else { 0.8 };
            Self::with(t, to, self.span_s)
        } else {
            *self
        }
    }

    /// The same, beginning no earlier than a log does: what is longer than the log becomes as long as it is, with a little
    /// room after its end.
    #[must_use]
    pub fn within(&self, (from, to): (Timestamp, Timestamp)) -> Self {
        if self.from >= from {
            return *self;
        }
        let whole_s = (to.seconds_since(from) / END_AT).max(SPAN_S.0);
        Self {
            from,
            span_s: self.span_s.min(whole_s),
        }
    }

    /// Width of a bar in seconds when the stretch is so many pixels long.
    pub fn bar_s(&self, width_px: f32) -> i64 {
        let least = self.span_s * f64::from(BAR_PX / width_px.max(1.0));
        let fits = BARS_S.iter().find(|s| **s as f64 >= least);
        // A stretch and a half on both sides must fit into one answer.
        let longest = BARS_S[BARS_S.len() - 1];
        fits.copied().unwrap_or_else(|| {
            let times = (least / longest as f64).ceil().max(1.0);
            longest * times as i64
        })
    }

    /// Bars of what is on show and half as much on both sides, beginning where the city's hours and days do: so that
    /// they stay the same while the line is moved.
    pub fn bars(&self, width_px: f32, time: &CityTime) -> Bars {
        let bar_us = self.bar_s(width_px) * 1_000_000;
        let offset_us = {
            let middle = self.at(0.5);
            let as_utc = jiff::tz::Offset::UTC.to_timestamp(time.civil(middle));
            as_utc.map_or(0, |t| t.as_microsecond() - middle.0)
        };
        // Whole seconds only: a moment's fraction is no part of the offset.
        let offset_us = offset_us.div_euclid(1_000_000) * 1_000_000;
        let wide = (self.span_s * 0.5e6) as i64;
        let first = (self.from.0 - wide + offset_us).div_euclid(bar_us);
        let last = (self.to().0 + wide + offset_us).div_euclid(bar_us) + 1;
        let count = (last - first).clamp(1, BARS_MAX);
        Bars {
            from: Timestamp(first * bar_us - offset_us),
            to: Timestamp((first + count) * bar_us - offset_us),
            count: count as u16,
        }
    }

    /// Marks of the scale for a line of so many pixels, none nearer to the next than a label is wide.
    pub fn ticks(&self, width_px: f32, time: &CityTime) -> Vec<Tick> {
        let least_s = self.span_s * f64::from(84.0 / width_px.max(1.0));
        let clock = [
            60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200,
        ];
        if let Some(step) = clock.into_iter().find(|s| *s as f64 >= least_s) {
            return self.hours(step, time);
        }
        let days = least_s / DAY_S;
        let moments: Vec<(Timestamp, String, bool)> = if days <= 14.0 {
            let step = [1, 2, 7, 14].into_iter().find(|d| *d as f64 >= days);
            self.days(step.unwrap_or(14), time)
        } else {
            let months = [1, 2, 3, 6, 12, 24, 60, 120, 240]
                .into_iter()
                .find(|m| f64::from(*m) * 28.0 >= days);
            self.months(months.unwrap_or(480), time)
        };
        moments
            .into_iter()
            .filter(|(t, ..)| self.holds(*t))
            .map(|(t, label, strong)| Tick {
                share: self.share(t) as f32,
                label,
                strong,
            })
            .collect()
    }

    fn hours(&self, step_s: i64, time: &CityTime) -> Vec<Tick> {
        let mut ticks = Vec::new();
        let mut t = time.midnight(self.from);
        let end = self.to();
        while t <= end {
            let next_day = time.midnight(t.plus_seconds(100_000));
            let mut at = t;
            while at < next_day && at <= end {
                if self.holds(at) {
                    let strong = at == t;
                    let label = if strong {
                        month_day(time, at)
                    } else {
                        time.hm(at)
                    };
                    ticks.push(Tick {
                        share: self.share(at) as f32,
                        label,
                        strong,
                    });
                }
                at = at.plus_seconds(step_s);
            }
            t = next_day;
        }
        ticks
    }

    fn days(&self, step: i64, time: &CityTime) -> Vec<(Timestamp, String, bool)> {
        // Counted from a Monday long ago, so that the same days are marked wherever the line begins.
        const MONDAY: Date = jiff::civil::date(1970, 1, 5);
        let from = time.civil(self.from).date();
        let since = (from - MONDAY).get_days() as i64;
        let mut out = Vec::new();
        let mut n = since.div_euclid(step) * step;
        loop {
            let Ok(day) = MONDAY.checked_add(jiff::Span::new().days(n)) else {
                break;
            };
            let t = time.moment(day.at(0, 0, 0, 0));
            if t > self.to() {
                break;
            }
            let first = day.day() == 1;
            out.push((t, month_day(time, t), first));
            n += step;
        }
        out
    }

    fn months(&self, step: i32, time: &CityTime) -> Vec<(Timestamp, String, bool)> {
        let from = time.civil(self.from).date();
        let count = i32::from(from.year()) * 12 + i32::from(from.month()) - 1;
        let mut n = count.div_euclid(step) * step;
        let mut out = Vec::new();
        loop {
            let (year, month) = (n.div_euclid(12), n.rem_euclid(12) + 1);
            let (Ok(year), Ok(month)) = (i16::try_from(year), i8::try_from(month)) else {
                break;
            };
            let Ok(day) = Date::new(year, month, 1) else {
                break;
            };
            let t = time.moment(day.at(0, 0, 0, 0));
            if t > self.to() {
                break;
            }
            let strong = month == 1;
            let label = if strong {
                format!("{year}")
            } else {
                format!("{year}-{month:02}")
            };
            out.push((t, label, strong));
            n += step;
        }
        out
    }
}

fn month_day(time: &CityTime, t: Timestamp) -> String {
    let d = time.civil(t);
    format!("{}-{:02}", d.month(), d.day())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::panels::model::sample::{self, NOW};

    fn day() -> Axis {
        Axis::with(NOW, 1.0, 86_400.0)
    }

    #[test]
    fn the_wheel_turns_about_the_moment_under_the_pointer() {
        let a = day();
        let under = a.at(0.3);
        let near = a.zoomed(4.0, 0.3);
        assert!((near.share(under) - 0.3).abs() < 1e-9 && near.span_s == 21_600.0);
        let mut far = a;
        for _ in 0..200 {
            far = far.zoomed(0.5, 0.5);
        }
        assert_eq!(far.span_s, SPAN_S.1);
        assert_eq!(a.zoomed(1e9, 0.5).span_s, SPAN_S.0);
        assert_eq!(a.at(1.0), NOW);
        assert!(a.holds(NOW) && !a.moved(-0.5).holds(NOW));
    }

    #[test]
    fn it_follows_what_plays_and_leaves_room_ahead() {
        let a = Axis::with(NOW, 0.5, 3_600.0);
        assert_eq!(a.following(NOW, true), a);
        let later = a.following(NOW.plus_seconds(1_790), true);
        assert!((later.share(NOW.plus_seconds(1_790)) - 0.2).abs() < 1e-9);
        let earlier = a.following(NOW.plus_seconds(-1_790), false);
        assert!((earlier.share(NOW.plus_seconds(-1_790)) - 0.8).abs() < 1e-9);
    }

    #[test]
    fn bars_are_the_citys_own_and_stay_while_the_line_is_moved() {
        let time = sample::time();
        for span_s in [
            600.0,
            3_600.0,
            86_400.0,
            30.0 * 86_400.0,
            1_200.0 * 86_400.0,
        ] {
            let a = Axis::with(NOW, 0.7, span_s);
            let bars = a.bars(1_500.0, &time);
            let bar_us = (bars.to.0 - bars.from.0) / i64::from(bars.count);
            assert_eq!((bars.to.0 - bars.from.0) % i64::from(bars.count), 0);
            assert!(bars.from < a.from && bars.to > a.to(), "{span_s}");
            assert!(
                (300..=2_000).contains(&bars.count),
                "{span_s}: {}",
                bars.count
            );
            let moved = a.moved(0.07).bars(1_500.0, &time);
            assert_eq!((moved.from.0 - bars.from.0) % bar_us, 0, "{span_s}");
            if (3_600_000_000..=86_400_000_000).contains(&bar_us) {
                let midnight = time.midnight(bars.from);
                assert_eq!((bars.from.0 - midnight.0) % bar_us, 0, "{span_s}");
            }
        }
    }

    #[test]
    fn ticks_are_round_and_never_crowd() {
        let time = sample::time();
        for span_s in [
            600.0, 3_600.0, 21_600.0, 86_400.0, 6e5, 3e6, 3e7, 4e8, SPAN_S.1,
        ] {
            for width in [500.0, 900.0, 1_700.0] {
                let ticks = Axis::with(NOW, 0.5, span_s).ticks(width, &time);
                assert!(ticks.len() >= 2, "{span_s} {width}: {ticks:?}");
                for pair in ticks.windows(2) {
                    let apart = (pair[1].share - pair[0].share) * width;
                    assert!(apart > 60.0, "{span_s} {width}: {pair:?}");
                }
            }
        }
        let day = day().ticks(1_700.0, &time);
        let labels: Vec<&str> = day.iter().map(|t| t.label.as_str()).collect();
        assert!(
            labels.contains(&"11-20") && labels.contains(&"02:00"),
            "{labels:?}"
        );
        assert!(day.iter().find(|t| t.label == "11-20").unwrap().strong);
        let years = Axis::with(NOW, 0.5, 4e8).ticks(1_700.0, &time);
        assert!(
            years.iter().any(|t| t.label == "2026" && t.strong),
            "{years:?}"
        );
    }
}
