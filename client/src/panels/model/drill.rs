//! What a drill's time bar shows: where injects and goals lie on it, and what comes next.

use crate::i18n::{Words, arrival};
use chengtu_engine::city::Severity;
use chengtu_engine::drill::{DrillPhase, DrillView, GoalView, InjectView, Seat};
use chengtu_engine::stream::Mirror;
use chengtu_engine::time::Timestamp;

/// Bars of arrivals along the drill.
pub const BARS: usize = 120;
/// A moment to go back to lies at least so long ago, seconds: one that has only just passed helps nobody.
const BACK_MIN_S: f64 = 30.0;

/// How far an inject is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InjectState {
    /// Fired, by the clock or by hand.
    Done,
    /// The next one on the time line.
    Next,
    /// On the time line, later.
    Later,
    /// Off the time line: fired when the director likes.
    Waiting,
}

/// True for who sees what is to come.
pub fn directs(view: &DrillView) -> bool {
    view.seat == Seat::Director
}

/// Place on the time bar, 0 … 1; outside of it for what lies before or after the drill.
pub fn place(view: &DrillView, t: Timestamp) -> f32 {
    let span_s = view.until.seconds_since(view.from).max(1.0);
    (t.seconds_since(view.from) / span_s) as f32
}

/// The inject that comes next by itself.
pub fn next(view: &DrillView) -> Option<&InjectView> {
    let due = view.injects.iter().filter(|i| !i.done && i.at.is_some());
    due.min_by_key(|i| i.at)
}

/// How far an inject is.
pub fn state(view: &DrillView, inject: &InjectView) -> InjectState {
    match (inject.done, inject.at) {
        (true, _) => InjectState::Done,
        (false, None) => InjectState::Waiting,
        (false, Some(_)) if next(view).is_some_and(|n| n.id == inject.id) => InjectState::Next,
        (false, Some(_)) => InjectState::Later,
    }
}

/// Injects that can be fired by hand: those off the time line first, then those to come by their time.
pub fn fireable(view: &DrillView) -> Vec<&InjectView> {
    let mut list: Vec<&InjectView> = view.injects.iter().filter(|i| !i.done).collect();
    list.sort_by_key(|i| (i.at.is_some(), i.at));
    list
}

/// How many injects off the time line have not been fired.
pub fn waiting(view: &DrillView) -> usize {
    let off = |i: &&InjectView| !i.done && i.at.is_none();
    view.injects.iter().filter(off).count()
}

/// Goals reached, and how many there are.
pub fn goals(view: &DrillView) -> (usize, usize) {
    let reached = view.goals.iter().filter(|g| g.reached == Some(true));
    (reached.count(), view.goals.len())
}

/// The moment that one step back leads to: the last checkpoint that has passed long enough ago.
pub fn back(view: &DrillView, now: Timestamp) -> Option<Timestamp> {
    let past = |t: &&Timestamp| now.seconds_since(**t) >= BACK_MIN_S;
    view.checkpoints.iter().filter(past).max().copied()
}

/// True while the clock runs, or could.
pub fn runs(view: &DrillView) -> bool {
    view.phase == DrillPhase::Running
}

/// A goal's figure: `2′18″ / 3′`, `82 % / 90 %`, `3 / 4`.
pub fn figure(goal: &GoalView) -> String {
    let one = |v: f64| match goal.unit.as_str() {
        "s" => arrival(v).replace("′00″", "′"),
        "%" => format!("{v:.0} %"),
        _ => format!("{v:.0}"),
    };
    let measured = goal.measured.map_or("–".into(), one);
    format!("{measured} / {}", one(goal.wanted))
}

/// What a goal has come to, in a word.
pub fn verdict<'a>(goal: &GoalView, w: &'a Words) -> &'a str {
    match goal.reached {
        Some(true) => w.t("drill.reached"),
        Some(false) => w.t("drill.missed"),
        None => w.t("drill.open"),
    }
}

/// What came in along the drill: cases in each of [`BARS`] parts, and the alarms.
pub fn arrivals(mirror: &Mirror, view: &DrillView) -> (Vec<u32>, Vec<(f32, Severity)>) {
    let mut bars = vec![0; BARS];
    for c in mirror.cases.values() {
        let at = place(view, c.occurred_at);
        if (0.0..1.0).contains(&at) {
            bars[(at * BARS as f32) as usize] += 1;
        }
    }
    let on_bar = |(at, _): &(f32, Severity)| (0.0..=1.0).contains(at);
    let alarms = mirror.alarms.values();
    let alarms = alarms.map(|a| (place(view, a.raised_at), a.severity));
    (bars, alarms.filter(on_bar).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::panels::model::sample_drill::{AT, view};

    #[test]
    fn the_next_inject_is_the_soonest_that_has_not_been_fired() {
        let v = view(Seat::Director);
        let next = next(&v).unwrap();
        assert_eq!(state(&v, next), InjectState::Next);
        let states: Vec<InjectState> = v.injects.iter().map(|i| state(&v, i)).collect();
        let count = |s| states.iter().filter(|x| **x == s).count();
        assert_eq!(count(InjectState::Next), 1);
        assert!(
            v.injects
                .iter()
                .all(|i| i.done || i.at.is_none() || i.at >= next.at)
        );
        assert_eq!(count(InjectState::Waiting), waiting(&v));
        let first = fireable(&v)[0];
        assert_eq!(state(&v, first), InjectState::Waiting);
    }

    #[test]
    fn one_step_back_leads_before_now_by_half_a_minute_at_least() {
        let v = view(Seat::Director);
        let back = back(&v, AT).unwrap();
        assert!(AT.seconds_since(back) >= BACK_MIN_S && v.checkpoints.contains(&back));
        assert_eq!(super::back(&v, v.from), None);
    }

    #[test]
    fn goals_say_figure_and_bound_in_their_unit() {
        let goal = |measured, wanted, unit: &str| GoalView {
            title: String::new(),
            title_en: String::new(),
            measured,
            wanted,
            unit: unit.into(),
            reached: None,
            span: None,
        };
        assert_eq!(figure(&goal(Some(138.0), 180.0, "s")), "2′18″ / 3′");
        assert_eq!(figure(&goal(None, 90.0, "%")), "– / 90 %");
        assert_eq!(figure(&goal(Some(3.0), 4.0, "")), "3 / 4");
    }
}
