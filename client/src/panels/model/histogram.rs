//! The time strip: how many cases came when, and when alarms were raised.

use chengtu_engine::city::Severity;
use chengtu_engine::stream::Mirror;
use chengtu_engine::time::Timestamp;

/// Hours that the strip shows.
pub const HOURS: i64 = 6;
/// Width of a bar, seconds.
pub const BAR_S: i64 = 150;

/// Arrivals over the last hours.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Histogram {
    /// Arrivals per [`BAR_S`], oldest first; the last one ends now.
    pub bars: Vec<u32>,
    /// Most arrivals in a bar.
    pub most: u32,
    /// Alarms: place in the strip 0 … 1 and severity, oldest first.
    pub alarms: Vec<(f32, Severity)>,
}

/// Counts what the mirror knows, by when it happened. Cases that were closed long ago are no longer in it.
pub fn histogram(mirror: &Mirror, now: Timestamp) -> Histogram {
    let span_s = (HOURS * 3_600) as f64;
    let count = (HOURS * 3_600 / BAR_S) as usize;
    let place = |t: Timestamp| 1.0 - now.seconds_since(t) / span_s;
    let mut h = Histogram {
        bars: vec![0; count],
        ..Histogram::default()
    };
    for c in mirror.cases.values() {
        let at = place(c.occurred_at);
        if (0.0..=1.0).contains(&at) {
            let bar = ((at * count as f64) as usize).min(count - 1);
            h.bars[bar] += 1;
            h.most = h.most.max(h.bars[bar]);
        }
    }
    h.alarms = mirror
        .alarms
        .values()
        .map(|a| (place(a.raised_at) as f32, a.severity))
        .filter(|(at, _)| (0.0..=1.0).contains(at))
        .collect();
    h.alarms.sort_by(|a, b| a.0.total_cmp(&b.0));
    h
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
            .filter(|c| sample::NOW.seconds_since(c.occurred_at) <= 21_600.0)
            .count();
        assert_eq!(h.bars.iter().sum::<u32>() as usize, recent);
        assert_eq!(h.bars.len(), 144);
        assert_eq!(h.most, *h.bars.iter().max().unwrap());
        assert!(h.alarms.iter().all(|(at, _)| (0.0..=1.0).contains(at)) && !h.alarms.is_empty());
    }
}
