//! Goals: what was asked for and whether it is reached.

use super::answered::as_far_as_answered;
use super::item::Item;
use crate::drill::GoalView;
use crate::drill::occurrence::{Occurrence, occurrences};
use crate::drill::scenario::{Goal, GoalKind, Scenario};
use crate::drill::tally::Tally;
use crate::drill::words::span;
use crate::ids::ThingId;
use crate::time::Timestamp;

/// A storm counts as bundled once so many of its reports are.
const BUNDLED_PART: f64 = 0.9;

/// Whether a goal is reached so far.
struct Standing {
    measured: Option<f64>,
    reached: Option<bool>,
    since: Option<Timestamp>,
    done: Option<Timestamp>,
    thing: Option<ThingId>,
}

/// All goals, in the order of the scenario.
pub fn goals(scenario: &Scenario, tally: &Tally) -> Vec<GoalView> {
    let found = occurrences(scenario, tally);
    let view = |goal: &Goal| {
        let s = standing(goal, tally, &found);
        GoalView {
            title: goal.title.clone(),
            title_en: goal.title_en.clone(),
            measured: s.measured,
            wanted: goal.wanted,
            unit: goal.kind.unit().to_owned(),
            reached: s.reached,
            span: s.since.map(|since| (since, s.done)),
        }
    };
    scenario.goals.iter().map(view).collect()
}

/// Goals as a criterion: those that are decided. Those that are reached by doing nothing count as far as what came was
/// `answered`.
pub(super) fn items(scenario: &Scenario, tally: &Tally, answered: Option<f64>) -> Vec<Item> {
    let found = occurrences(scenario, tally);
    let (passive, active): (Vec<&Goal>, Vec<&Goal>) =
        scenario.goals.iter().partition(|g| g.kind.is_passive());
    let of = |goals: Vec<&Goal>| {
        let items = goals.into_iter().filter_map(|g| item(g, tally, &found));
        items.collect::<Vec<Item>>()
    };
    let mut all = of(active);
    all.extend(as_far_as_answered(of(passive), answered));
    all
}

fn item(goal: &Goal, tally: &Tally, found: &[Occurrence<'_>]) -> Option<Item> {
    let s = standing(goal, tally, found);
    let reached = s.reached?;
    let shown = |x: f64| match goal.kind.unit() {
        "s" => span(x),
        "%" => format!("{x:.0}%"),
        _ => format!("{x:.0}"),
    };
    let measured = s.measured.map_or("–".to_owned(), shown);
    let wanted = shown(goal.wanted);
    let (word, word_en) = if reached {
        ("达成", "reached")
    } else {
        ("未达成", "missed")
    };
    Some(Item {
        time: s.done.unwrap_or(tally.now),
        thing: s.thing,
        won: f64::from(u8::from(reached)),
        weight: 1.0,
        text: format!("{}：{word}，{measured}（要求 {wanted}）", goal.title),
        text_en: format!("{}: {word_en}, {measured} (asked: {wanted})", goal.title_en),
    })
}

fn standing(goal: &Goal, tally: &Tally, found: &[Occurrence<'_>]) -> Standing {
    let of = |inject: u32| found.iter().find(|o| o.inject == inject);
    match goal.kind {
        GoalKind::DispatchWithin(i) => within(goal, tally, of(i), |o| {
            o.first_sent(tally).map(|(_, s)| s.at)
        }),
        GoalKind::ArriveWithin(i) => within(goal, tally, of(i), |o| o.first_arrival(tally)),
        GoalKind::HandledWithin(i) => within(goal, tally, of(i), |o| {
            let tracks = o.tracks(tally);
            tracks.iter().filter_map(|(_, c)| c.handled).min()
        }),
        GoalKind::AcknowledgeWithin(i) => within(goal, tally, of(i), |o| {
            let seen = |a| tally.alarms.get(a).and_then(|a| a.seen);
            o.alarms.iter().filter_map(seen).min()
        }),
        GoalKind::VoidWithin(i) => within(goal, tally, of(i), |o| {
            let tracks = o.tracks(tally);
            tracks.iter().filter_map(|(_, c)| c.voided).min()
        }),
        GoalKind::BundleWithin(i) => bundled(goal, tally, of(i)),
        GoalKind::OverdueAtMost => at_most(goal, tally, tally.overdue().len() as f64),
        GoalKind::OpenAtMost => at_most(goal, tally, tally.open() as f64),
        GoalKind::MeanArrivalAtMost => {
            let n = tally.arrivals_s.len();
            if n == 0 {
                return open(Some(tally.from), tally.ended.then_some(false));
            }
            let mean = tally.arrivals_s.iter().sum::<f64>() / n as f64;
            at_most(goal, tally, mean)
        }
        GoalKind::CoverAtLeast(area) => {
            let whole_s = tally.now.seconds_since(tally.from);
            if whole_s <= 0.0 {
                return open(Some(tally.from), None);
            }
            let covered = 100.0 * (1.0 - tally.cover.empty_s(area, tally.now) / whole_s);
            Standing {
                measured: Some(covered),
                reached: tally.ended.then_some(covered >= goal.wanted),
                since: Some(tally.from),
                done: tally.ended.then_some(tally.now),
                thing: None,
            }
        }
    }
}

fn open(since: Option<Timestamp>, reached: Option<bool>) -> Standing {
    Standing {
        measured: None,
        reached,
        since,
        done: None,
        thing: None,
    }
}

/// A figure that only the end decides.
fn at_most(goal: &Goal, tally: &Tally, measured: f64) -> Standing {
    Standing {
        measured: Some(measured),
        reached: tally.ended.then_some(measured <= goal.wanted),
        since: Some(tally.from),
        done: tally.ended.then_some(tally.now),
        thing: None,
    }
}

/// Something that must happen soon after an inject. An inject that never came asks for nothing.
fn within(
    goal: &Goal,
    tally: &Tally,
    of: Option<&Occurrence<'_>>,
    done: impl Fn(&Occurrence<'_>) -> Option<Timestamp>,
) -> Standing {
    let Some(o) = of else { return open(None, None) };
    timed(goal, tally, o, o.known, done(o))
}

fn timed(
    goal: &Goal,
    tally: &Tally,
    o: &Occurrence<'_>,
    since: Timestamp,
    done: Option<Timestamp>,
) -> Standing {
    let took = done.map(|t| t.seconds_since(since).max(0.0));
    let late = tally.now.seconds_since(since) > goal.wanted;
    let reached = match took {
        Some(s) => Some(s <= goal.wanted),
        None => (late || tally.ended).then_some(false),
    };
    let decided = done.or_else(|| late.then(|| since.plus_seconds(goal.wanted as i64)));
    Standing {
        measured: took,
        reached,
        since: Some(since),
        done: decided.or_else(|| tally.ended.then_some(tally.now)),
        thing: o.thing(),
    }
}

fn bundled(goal: &Goal, tally: &Tally, of: Option<&Occurrence<'_>>) -> Standing {
    let Some(o) = of else { return open(None, None) };
    let tracks = o.tracks(tally);
    let reports: Vec<_> = tracks.iter().filter(|(_, c)| !c.own).collect();
    let last = reports
        .iter()
        .map(|(_, c)| c.known)
        .max()
        .unwrap_or(o.known);
    let mut ended: Vec<Timestamp> = reports
        .iter()
        .filter_map(|(_, c)| c.bundled.map(|b| b.0).or(c.voided))
        .collect();
    ended.sort_unstable();
    let wanted = (reports.len().saturating_sub(1) as f64 * BUNDLED_PART).ceil() as usize;
    let done = wanted.checked_sub(1).and_then(|i| ended.get(i)).copied();
    timed(goal, tally, o, last, done)
}
