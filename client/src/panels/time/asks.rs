//! What of the past has to be asked for, and when.

use super::acts::Place;
use super::axis::{Axis, Bars};
use super::state::{Asked, AskedMoments, TimeBar, thing_of};
use crate::i18n::CityTime;
use crate::live::Selection;
use crate::net::{Chronicle, Connection};
use chengtu_engine::record::World;
use chengtu_engine::replay::Timeline;
use chengtu_engine::time::Timestamp;
use std::time::{Duration, Instant};

/// Shortest time between two questions.
const EVERY: Duration = Duration::from_millis(150);
/// A question that was not answered for so long is asked again.
const PATIENCE: Duration = Duration::from_secs(4);
/// The end of a log that grows is asked for again this often.
const REFRESH: Duration = Duration::from_secs(5);
/// Most events of one thing.
const MOMENTS_MAX: u16 = 500;

/// Which stretch has to be asked for, if any.
pub fn wanted(
    axis: &Axis,
    width_px: f32,
    time: &CityTime,
    known: Option<&Timeline>,
    asked: Option<&Asked>,
    now: Instant,
    grows_at: Timestamp,
) -> Option<Bars> {
    let bars = axis.bars(width_px, time);
    let step = (bars.to.0 - bars.from.0) / i64::from(bars.count);
    let serves = |from: Timestamp, to: Timestamp, count: usize| {
        let own = (to.0 - from.0).checked_div(count.max(1) as i64);
        own == Some(step) && from <= axis.from && to >= axis.to()
    };
    if let Some(a) = asked {
        let age = now.saturating_duration_since(a.at);
        let answered = known.is_some_and(|t| t.request == a.request);
        let pending_serves = serves(a.bars.from, a.bars.to, usize::from(a.bars.count));
        if age < EVERY || (!answered && pending_serves && age < PATIENCE) {
            return None;
        }
    }
    let fits = known.is_some_and(|t| serves(t.from, t.to, t.bars.len()));
    let old = asked.is_none_or(|a| now.saturating_duration_since(a.at) >= REFRESH)
        && axis.holds(grows_at);
    (!fits || old).then_some(bars)
}

/// True where everything that the bar shows of its stretch has been answered.
pub fn is_answered(
    bar: &TimeBar,
    selection: Selection,
    width_px: f32,
    chronicle: &Chronicle,
) -> bool {
    let counted = bar.asked.answered(chronicle).is_some_and(|t| {
        let own = (t.to.0 - t.from.0).checked_div(t.bars.len().max(1) as i64);
        let wanted = bar.axis.bar_s(width_px) * 1_000_000;
        own == Some(wanted) && t.from <= bar.axis.from && t.to >= bar.axis.to()
    });
    let told = thing_of(selection).is_none_or(|thing| {
        bar.asked
            .moments
            .is_some_and(|a| a.thing == thing && chronicle.moments(a.request).is_some())
    });
    counted && told
}

/// Asks for the stretch on show and for events of what is chosen, where the bar shows them.
pub fn ask(
    bar: &mut TimeBar,
    time: &CityTime,
    here: &Place,
    chronicle: &Chronicle,
    connection: &mut Connection,
) {
    let (width_px, grows_at) = (bar.plot_px, here.grows_at());
    if connection.is_live() && here.world == World::Live && !bar.open_live {
        ask_beginning(bar, here.now, connection);
        return;
    }
    if !connection.is_live() || width_px < 1.0 || matches!(here.world, World::Drill(_)) {
        return;
    }
    let now = Instant::now();
    let known = bar.asked.answered(chronicle);
    if let Some(bars) = wanted(
        &bar.axis,
        width_px,
        time,
        known,
        bar.asked.timeline.as_ref(),
        now,
        grows_at,
    ) {
        let request = connection.timeline(bars.from, bars.to, bars.count);
        bar.asked.ask_timeline(Asked {
            request,
            bars,
            at: now,
        });
    }
    let Some(thing) = thing_of(here.selection) else {
        bar.asked.moments = None;
        return;
    };
    let bars = bar.axis.bars(width_px, time);
    let due = bar.asked.moments.is_none_or(|a| {
        let age = now.saturating_duration_since(a.at);
        let seen = a.bars.from <= bar.axis.from && a.bars.to >= bar.axis.to();
        a.thing != thing
            || (age > EVERY && !seen)
            || (age > REFRESH && bar.axis.holds(grows_at))
            || (age > PATIENCE && chronicle.moments(a.request).is_none())
    });
    if due {
        let request = connection.moments(Some(thing), bars.from, bars.to, MOMENTS_MAX);
        bar.asked.moments = Some(AskedMoments {
            request,
            thing,
            bars,
            at: now,
        });
    }
}

/// The slim bar of the running city shows no more of the log than where it begins: that is asked once.
fn ask_beginning(bar: &mut TimeBar, now: Timestamp, connection: &mut Connection) {
    if bar.log_from.is_some() || bar.asked.timeline.is_some() || now.0 == 0 {
        return;
    }
    let request = connection.log_begins(now);
    let (from, to) = (now.plus_seconds(-1), now);
    bar.asked.ask_timeline(Asked {
        request,
        bars: Bars { from, to, count: 1 },
        at: Instant::now(),
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::panels::model::sample::{self, NOW};
    use chengtu_engine::replay::TimelineBar;

    fn answer(request: u32, bars: Bars) -> Timeline {
        Timeline {
            request,
            from: bars.from,
            to: bars.to,
            log_from: bars.from,
            log_to: bars.to,
            bars: vec![TimelineBar::default(); usize::from(bars.count)],
            marks: vec![],
            gaps: vec![],
            bookmarks: vec![],
        }
    }

    #[test]
    fn a_stretch_is_asked_for_once_and_again_when_it_no_longer_serves() {
        let time = sample::time();
        let begun = Instant::now();
        let long_ago = Timestamp(0);
        let axis = Axis::with(NOW, 0.5, 86_400.0);
        let want = |axis: &Axis, known: Option<&Timeline>, asked: Option<&Asked>, ms: u64| {
            let now = begun + Duration::from_millis(ms);
            wanted(axis, 1_500.0, &time, known, asked, now, long_ago)
        };
        let bars = want(&axis, None, None, 0).expect("nothing is known yet");
        let asked = Asked {
            request: 1,
            bars,
            at: begun,
        };
        assert_eq!(want(&axis, None, Some(&asked), 1_000), None, "under way");
        assert_eq!(want(&axis, None, Some(&asked), 5_000), Some(bars), "lost");
        let known = answer(1, bars);
        assert_eq!(want(&axis, Some(&known), Some(&asked), 9_000), None);
        let near = axis.moved(0.3);
        assert_eq!(want(&near, Some(&known), Some(&asked), 9_000), None);
        for other in [axis.moved(0.9), axis.zoomed(8.0, 0.5)] {
            assert!(want(&other, Some(&known), Some(&asked), 9_000).is_some());
            assert_eq!(
                want(&other, Some(&known), Some(&asked), 100),
                None,
                "too soon"
            );
        }
    }

    #[test]
    fn the_growing_end_is_asked_for_again() {
        let time = sample::time();
        let begun = Instant::now();
        let axis = Axis::with(NOW, 0.97, 21_600.0);
        let bars = axis.bars(1_500.0, &time);
        let (request, at) = (1, begun);
        let asked = Asked { request, bars, at };
        let known = answer(1, bars);
        let again = |s: u64| {
            let now = begun + Duration::from_secs(s);
            wanted(&axis, 1_500.0, &time, Some(&known), Some(&asked), now, NOW)
        };
        assert_eq!(again(3), None);
        assert_eq!(again(6), Some(bars));
    }
}
