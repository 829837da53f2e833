//! Which stretch of time the bar shows: where the world's clock can be seen, and never before the log begins.

use super::axis::{Axis, END_AT, SPAN_S};
use super::scene::TimeScene;
use super::state::TimeBar;
use chengtu_engine::record::World;
use chengtu_engine::replay::WorldClock;
use chengtu_engine::time::Timestamp;
use std::time::Duration;

/// The playhead stays where the hand let go no longer than this.
const LANDING_MAX: Duration = Duration::from_millis(1_500);
/// The stretch first shown, seconds.
pub(super) const FIRST_S: f64 = 6.0 * 3_600.0;

/// What the bar is laid for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shows {
    pub(super) world: World,
    pub(super) now: Timestamp,
    /// The world's clock; `None` in the running city.
    pub(super) clock: Option<WorldClock>,
    /// First and last moment of the log, where they are known.
    pub(super) log: Option<(Timestamp, Timestamp)>,
    /// A picture, which shows the same of a moment however it was reached.
    pub(super) picture: bool,
}

impl Shows {
    pub(super) fn of(s: &TimeScene<'_>, bar: &mut TimeBar) -> Self {
        if s.world == World::Live {
            let told = s.timeline.map(|t| t.log_from).filter(|t| t.0 > 0);
            bar.log_from = told.or(bar.log_from);
        }
        let log = match &s.clock {
            Some(clock) => Some((clock.from, clock.to)),
            None => bar.log_from.map(|from| (from, s.now)),
        };
        Self {
            world: s.world,
            now: s.now,
            clock: s.clock,
            log,
            picture: s.picture && s.is_past(),
        }
    }
}

/// Keeps the line where the world's clock can be seen, without moving it under the hand.
pub(super) fn lay(bar: &mut TimeBar, s: &Shows) {
    if let Some((t, at)) = bar.hand.landing
        && (at.elapsed() > LANDING_MAX || s.now.seconds_since(t).abs() < 1.5)
    {
        bar.hand.landing = None;
    }
    if s.now.0 == 0 {
        return;
    }
    if s.picture {
        bar.axis = Axis::with(s.now, 0.5, FIRST_S);
    } else if s.world == World::Live {
        lay_live(bar, s);
    } else {
        lay_past(bar, s);
    }
    if let Some(log) = s.log {
        bar.axis = bar.axis.within(log);
    }
}

/// True the first time, and where the line is not laid for this world and does not show its now.
fn is_elsewhere(bar: &mut TimeBar, s: &Shows) -> bool {
    let before = bar.laid_for.replace(s.world);
    before.is_none() || (before != Some(s.world) && !bar.axis.holds(s.now))
}

fn lay_live(bar: &mut TimeBar, s: &Shows) {
    // The end stays at the end while it is looked at.
    let near_end = (0.9..=1.0).contains(&bar.axis.share(s.now));
    if is_elsewhere(bar, s) {
        bar.axis = Axis::with(s.now, END_AT, FIRST_S);
    } else if near_end && !bar.hand.dragging_axis && bar.hand.held.is_none() {
        bar.axis = whole(&bar.axis, s).unwrap_or(Axis::with(s.now, END_AT, bar.axis.span_s));
    }
}

/// All of a log of which all was shown, as long as that is not longer than what is shown at first, or is asked for.
fn whole(axis: &Axis, s: &Shows) -> Option<Axis> {
    let (from, _) = s.log.filter(|log| axis.from == log.0)?;
    let whole_s = (s.now.seconds_since(from) / END_AT).max(SPAN_S.0);
    let fits = whole_s <= FIRST_S || axis.span_s > FIRST_S + SPAN_S.0;
    fits.then_some(Axis {
        from,
        span_s: axis.span_s.max(whole_s),
    })
}

fn lay_past(bar: &mut TimeBar, s: &Shows) {
    let another = bar.laid_for != Some(s.world);
    if is_elsewhere(bar, s) {
        bar.axis = Axis::with(s.now, 0.5, FIRST_S);
    }
    let moves = s.clock.is_some_and(|c| c.playing);
    let forward = s.clock.is_none_or(|c| c.speed >= 0.0);
    let left = !bar.axis.holds(s.now);
    // Where the log ends on the line there is nothing further on to make room for.
    let more = s.log.is_none_or(|(from, to)| {
        if forward {
            to > bar.axis.to()
        } else {
            from < bar.axis.from
        }
    });
    if bar.hand.held.is_none()
        && bar.hand.landing.is_none()
        && !bar.hand.dragging_axis
        && ((moves && (left || more)) || (left && another))
    {
        bar.axis = bar.axis.following(s.now, forward);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::panels::model::sample::{self, NOW};

    fn ago(s: i64) -> Timestamp {
        NOW.plus_seconds(-s)
    }

    fn live(now: Timestamp, from: Timestamp) -> Shows {
        Shows {
            world: World::Live,
            now,
            clock: None,
            log: Some((from, now)),
            picture: false,
        }
    }

    fn past(now: Timestamp, log: (Timestamp, Timestamp), picture: bool) -> Shows {
        let mut clock = sample::clock(now, 60.0, true);
        (clock.from, clock.to) = log;
        Shows {
            world: World::Replay(1),
            now,
            clock: Some(clock),
            log: Some(log),
            picture,
        }
    }

    /// The bar of a city that began twenty minutes ago showed six hours, most of them before there was anything.
    #[test]
    fn the_bar_begins_where_a_young_log_begins_and_goes_on_doing_so_while_it_grows() {
        let mut bar = TimeBar::default();
        let from = ago(1_200);
        for s in 0..3 * 3_600 {
            let now = NOW.plus_seconds(s);
            lay(&mut bar, &live(now, from));
            assert_eq!(bar.axis.from, from, "after {s} s");
            let share = bar.axis.share(now);
            assert!((share - END_AT).abs() < 1e-6, "{share} after {s} s");
        }
        // Once it is longer than what is shown at first, the bar moves on with the end.
        for minute in 3 * 60..7 * 60 {
            lay(&mut bar, &live(NOW.plus_seconds(minute * 60), from));
        }
        assert!(bar.axis.from > from && bar.axis.span_s <= FIRST_S + 1.0);
    }

    #[test]
    fn no_replay_file_or_picture_shows_a_time_before_its_first_moment() {
        for (length_s, at_s) in [(60, 30), (1_800, 5), (1_800, 1_800), (86_400 * 3, 100)] {
            let log = (ago(length_s), NOW);
            for picture in [false, true] {
                let mut bar = TimeBar::default();
                let s = past(log.0.plus_seconds(at_s), log, picture);
                for _ in 0..3 {
                    lay(&mut bar, &s);
                }
                assert_eq!(bar.axis.from, log.0, "{length_s} s at {at_s} s");
                assert!(bar.axis.holds(s.now));
            }
        }
        // In the middle of several days it shows what is around now.
        let log = (ago(86_400 * 3), NOW);
        let mut bar = TimeBar::default();
        lay(&mut bar, &past(ago(86_400), log, false));
        assert_eq!(
            (bar.axis.span_s, bar.axis.share(ago(86_400))),
            (FIRST_S, 0.5)
        );
    }

    #[test]
    fn the_wheel_and_the_hand_do_not_go_before_the_beginning_either() {
        let log = (ago(7_200), NOW);
        let mut bar = TimeBar::default();
        let mut s = past(ago(3_600), log, false);
        s.clock = s.clock.map(|c| WorldClock {
            playing: false,
            ..c
        });
        lay(&mut bar, &s);
        for _ in 0..40 {
            bar.axis = bar.axis.zoomed(0.7, 0.5);
            lay(&mut bar, &s);
        }
        assert_eq!(bar.axis.from, log.0);
        assert!((bar.axis.share(log.1) - END_AT).abs() < 1e-6);
        bar.axis = bar.axis.zoomed(8.0, 0.5).moved(-30.0);
        lay(&mut bar, &s);
        assert_eq!(bar.axis.from, log.0);
    }

    #[test]
    fn another_log_that_is_not_known_yet_is_no_reason_to_move() {
        let mut bar = TimeBar::default();
        let s = Shows {
            log: None,
            ..live(NOW, NOW)
        };
        lay(&mut bar, &s);
        assert_eq!(bar.axis, Axis::with(NOW, END_AT, FIRST_S));
    }
}
