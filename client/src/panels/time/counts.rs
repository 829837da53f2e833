//! Cases and alarms as columns.

use super::axis::Axis;
use super::lanes::Lanes;
use super::scene::TimeScene;
use crate::panels::pen::Pen;
use bevy_egui::egui::{CornerRadius, Rect, pos2, vec2};
use chengtu_engine::replay::Timeline;
use chengtu_engine::time::Timestamp;

/// A single count may be so many times the ordinary highest before it is cut.
const BURST: f64 = 3.0;
/// The lowest top of the scale: three cases are not a storm.
const TOP_MIN: f64 = 4.0;

/// Draws the columns of what is on show.
pub(super) fn draw(pen: &Pen<'_>, s: &TimeScene<'_>, lanes: &Lanes, axis: &Axis, t: &Timeline) {
    let room = Rect::from_min_max(
        pos2(lanes.counts.min.x, lanes.counts.min.y + 17.0),
        lanes.counts.max,
    );
    let step = (t.to.0 - t.from.0) / t.bars.len().max(1) as i64;
    let from = |i: usize| Timestamp(t.from.0 + step * i as i64);
    let shown: Vec<_> = t
        .bars
        .iter()
        .enumerate()
        .filter(|(i, _)| from(*i).0 + step > axis.from.0 && from(*i) < axis.to())
        .collect();
    let scale = CountScale::of(shown.iter().map(|(_, b)| b.cases.max(b.alarms)));
    for (i, bar) in shown {
        let from = from(i);
        let (x0, x1) = (lanes.x(axis, from), lanes.x(axis, Timestamp(from.0 + step)));
        let gap = if x1 - x0 > 3.0 { 0.5 } else { 0.0 };
        let column = |n: u32| {
            let h = (room.height() * scale.share(n)).max(1.5);
            Rect::from_min_max(
                pos2(x0 + gap, room.max.y - h),
                pos2((x1 - gap).max(x0 + 1.0), room.max.y),
            )
        };
        if bar.cases > 0 {
            let column = column(bar.cases);
            pen.painter
                .rect_filled(column, CornerRadius::ZERO, s.skin.histogram);
            if scale.cuts(bar.cases) {
                // Cut off: a break below its top says that it is higher than drawn here.
                let y = column.min.y + 4.0;
                let width = vec2(column.width() + 1.0, 2.0);
                let notch = Rect::from_center_size(pos2(column.center().x, y), width);
                pen.painter
                    .rect_filled(notch, CornerRadius::ZERO, s.skin.void);
            }
        }
        if bar.alarms > 0 {
            // Alarms are drawn in front, lighter: their count is read against the same scale.
            pen.painter
                .rect_filled(column(bar.alarms), CornerRadius::ZERO, s.skin.ring);
        }
    }
}

/// Counts to heights, by the square root, so that a busy day does not hide a quiet night. Where a few counts are far
/// above all others, as when a backlog is taken over at once, they are cut, so that the others can be read.
#[derive(Clone, Copy, Debug, PartialEq)]
struct CountScale {
    top: f64,
}

impl CountScale {
    /// The scale of the counts on show.
    fn of(counts: impl Iterator<Item = u32>) -> Self {
        let mut counts: Vec<u32> = counts.filter(|n| *n > 0).collect();
        counts.sort_unstable();
        let highest = f64::from(counts.last().copied().unwrap_or(0));
        // Nineteen of twenty are no higher; with few on show, all but one.
        let rest = counts.len().saturating_sub(1 + counts.len() / 20);
        let ordinary = f64::from(counts[..rest].last().copied().unwrap_or(0)).max(TOP_MIN);
        let top = if highest > BURST * ordinary && rest > 0 {
            1.5 * ordinary
        } else {
            highest
        };
        Self {
            top: top.max(TOP_MIN),
        }
    }

    /// Height of a count, 0 … 1.
    fn share(self, n: u32) -> f32 {
        (f64::from(n) / self.top).sqrt().min(1.0) as f32
    }

    /// True for a count that is higher than the scale.
    fn cuts(self, n: u32) -> bool {
        f64::from(n) > self.top
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_days_use_the_whole_height_and_nothing_is_cut() {
        let scale = CountScale::of([1, 4, 9, 16, 16, 12].into_iter());
        assert_eq!((scale.share(16), scale.share(4)), (1.0, 0.5));
        assert!(!scale.cuts(16));
    }

    #[test]
    fn a_burst_is_cut_and_the_rest_can_be_read() {
        let day = (0..200).map(|i| 3 + i % 6);
        let scale = CountScale::of(day.chain([240]));
        assert!(scale.cuts(240) && !scale.cuts(8));
        assert_eq!(scale.share(240), 1.0);
        assert!(scale.share(8) > 0.75, "{}", scale.share(8));
    }

    #[test]
    fn a_few_cases_are_no_storm_and_nothing_is_nothing() {
        assert_eq!(CountScale::of([0, 0].into_iter()).share(0), 0.0);
        let one = CountScale::of([9].into_iter());
        assert_eq!((one.share(9), one.cuts(9)), (1.0, false));
        assert!(!CountScale::of([1, 1, 2].into_iter()).cuts(2));
    }
}
