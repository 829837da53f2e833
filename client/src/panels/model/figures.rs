//! The figures strip.

use crate::facts::case;
use crate::i18n::{CityTime, percent};
use chengtu_engine::model::{Stage, UnitStatus};
use chengtu_engine::stream::Mirror;
use chengtu_engine::time::Timestamp;

/// A rate with what it is made of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rate {
    /// Numerator: how many meet the condition.
    pub part: usize,
    /// Denominator: how many were counted; 0 means no rate.
    pub whole: usize,
}

/// Rates of fewer cases than this are hatched and compared with nothing.
pub const TOO_FEW: usize = 10;

impl Rate {
    /// As `91.6`; `None` if nothing was counted.
    pub fn percent(self) -> Option<String> {
        percent(self.part, self.whole)
    }

    /// True if fewer than [`TOO_FEW`] were counted.
    pub fn is_too_few(self) -> bool {
        self.whole < TOO_FEW
    }
}

/// What the strip shows.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Figures {
    /// 在办: open cases.
    pub open: usize,
    /// 超期: open cases past their limit and not handled.
    pub overdue: usize,
    /// 今日结案率: closed of those that should be closed today: due today by now, or closed today.
    pub closing: Rate,
    /// 在线单元: heard within the offline limit and in service, of all.
    pub online: Rate,
    /// 待确认告警: alarms that nobody has acknowledged.
    pub alarms: usize,
}

/// Calculates the figures; `offline_s` is the age from which a unit counts as not heard.
pub fn figures(mirror: &Mirror, time: &CityTime, now: Timestamp, offline_s: f64) -> Figures {
    let midnight = time.midnight(now);
    let today = |t: Option<Timestamp>| t.is_some_and(|t| t >= midnight && t <= now);
    let mut f = Figures::default();
    f.recount(mirror, now);
    for c in mirror.cases.values() {
        if c.stage == Stage::Void {
            continue;
        }
        let closed_today = c.stage == Stage::Closed && today(case::entered(c, Stage::Closed));
        let closed = c.stage == Stage::Closed;
        if closed_today || today(c.due_at) {
            f.closing.whole += 1;
            f.closing.part += usize::from(closed);
        }
    }
    f.online.whole = mirror.units.len();
    f.online.part = mirror
        .units
        .values()
        .filter(|u| u.status != UnitStatus::OutOfService)
        .filter(|u| {
            mirror
                .mover(u.mover)
                .is_some_and(|m| now.seconds_since(m.fix_time) < offline_s)
        })
        .count();
    f
}

impl Figures {
    /// Counts again what other panels count too: what stands in two places is the same in both at any moment.
    /// Cost: the cases and alarms of the city.
    pub fn recount(&mut self, mirror: &Mirror, now: Timestamp) {
        let open = mirror.cases.values().filter(|c| c.stage.is_open());
        (self.open, self.overdue) = open.fold((0, 0), |(n, late), c| {
            (n + 1, late + usize::from(case::is_late(c, now)))
        });
        let alarms = mirror.alarms.values();
        self.alarms = alarms.filter(|a| a.acknowledged.is_none()).count();
    }
}

/// How long positions take from the vehicle to this screen, over the last seconds.
#[derive(Clone, Debug, Default)]
pub struct Delays {
    /// When it came and how old it was, seconds.
    samples: std::collections::VecDeque<(Timestamp, f32)>,
}

/// Samples older than this are forgotten.
const DELAYS_WINDOW_S: f64 = 30.0;
/// Most samples kept; more are thinned.
const DELAYS_MAX: usize = 4_096;

impl Delays {
    /// A position of `fix_time` became visible at `now`. Ages of minutes are old positions sent again (a snapshot, a
    /// tile that came into view), not delays, and are left out.
    pub fn sample(&mut self, fix_time: Timestamp, now: Timestamp) {
        let age_s = now.seconds_since(fix_time);
        if (-5.0..=30.0).contains(&age_s) {
            if self.samples.len() == DELAYS_MAX {
                self.samples.pop_front();
            }
            self.samples.push_back((now, age_s.max(0.0) as f32));
        }
        while self
            .samples
            .front()
            .is_some_and(|(at, _)| now.seconds_since(*at) > DELAYS_WINDOW_S)
        {
            self.samples.pop_front();
        }
    }

    /// The age that 99 of 100 positions stay below, seconds; `None` from fewer than 50.
    pub fn p99_s(&self) -> Option<f64> {
        if self.samples.len() < 50 {
            return None;
        }
        let mut ages: Vec<f32> = self.samples.iter().map(|s| s.1).collect();
        let at = (ages.len() * 99 / 100).min(ages.len() - 1);
        let (_, p99, _) = ages.select_nth_unstable_by(at, f32::total_cmp);
        Some(f64::from(*p99))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::panels::model::sample;

    #[test]
    fn figures_carry_their_fractions() {
        let city = sample::city();
        let f = figures(&city, &sample::time(), sample::NOW, 600.0);
        assert_eq!(
            f.open,
            city.cases.values().filter(|c| c.stage.is_open()).count()
        );
        assert!(f.overdue >= 5 && f.overdue < f.open);
        assert!(f.closing.part < f.closing.whole && f.closing.percent().is_some());
        assert_eq!(
            (f.online.part, f.online.whole),
            (sample::UNITS - 2, sample::UNITS)
        );
        assert_eq!(f.alarms, 2);
    }

    #[test]
    fn a_rate_of_few_cases_is_marked_and_of_none_is_none() {
        assert!(
            Rate { part: 3, whole: 9 }.is_too_few() && !Rate { part: 3, whole: 10 }.is_too_few()
        );
        assert_eq!(Rate::default().percent(), None);
    }

    #[test]
    fn the_delay_is_the_99th_of_100() {
        let mut d = Delays::default();
        let now = sample::NOW;
        assert_eq!(d.p99_s(), None);
        for i in 0..100 {
            d.sample(Timestamp(now.0 - i * 10_000), now);
        }
        assert!((d.p99_s().unwrap() - 0.99).abs() < 1e-6);
        d.sample(Timestamp(now.0 - 3_600_000_000), now);
        assert!(
            (d.p99_s().unwrap() - 0.99).abs() < 1e-6,
            "an old position is no delay"
        );
        d.sample(now.plus_seconds(100), now.plus_seconds(100));
        assert_eq!(d.p99_s(), None);
    }
}
