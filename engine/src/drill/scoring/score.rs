//! The score of an attempt: what was judged, what it rests on, second by second.

use super::answered::{answered, as_far_as_answered};
use super::classification::classification;
use super::department::department;
use super::item::Item;
use super::{conduct, goals, timing};
use crate::city::Language;
use crate::drill::occurrence::occurrences;
use crate::drill::scenario::Scenario;
use crate::drill::tally::Tally;
use crate::drill::{Criterion, Evidence, ScoreRow, ScoreView};

/// The score so far, or at the end. Deterministic: the same log gives the same score, to the last digit.
///
/// Each criterion's points are divided among what it judges; an ordinary case gets a fifth of an inject's share. What
/// cannot be judged yet is left out until it can be, or until the drill is over. A criterion that has nothing to judge
/// counts for nothing. What is won by leaving something undone counts in proportion to the calls that were answered, so
/// that nothing is won by doing nothing. The points of a row are its maximum plus the (negative) points of its
/// evidence, apart from rounding. In a city whose data is not Chinese the evidence is English in both its texts.
pub fn score(scenario: &Scenario, tally: &Tally) -> ScoreView {
    let w = &scenario.weights;
    let found = occurrences(scenario, tally);
    let dispatch = timing::dispatch(tally, &found);
    let answered = answered(&dispatch);
    let rows = [
        (
            Criterion::Detection,
            w.detection,
            timing::detection(tally, &found),
        ),
        (
            Criterion::Classification,
            w.classification,
            classification(tally, &found),
        ),
        (Criterion::TimeToDispatch, w.time_to_dispatch, dispatch),
        (
            Criterion::RightDepartment,
            w.right_department,
            department(tally, &found),
        ),
        (
            Criterion::Arrival,
            w.arrival,
            timing::arrival(tally, &found),
        ),
        (
            Criterion::OverCommitment,
            w.over_commitment,
            as_far_as_answered(conduct::over_commitment(tally, &found), answered),
        ),
        (
            Criterion::EmptyAreas,
            w.empty_areas,
            as_far_as_answered(conduct::empty_areas(tally), answered),
        ),
        (
            Criterion::AlarmsUnacknowledged,
            w.alarms_unacknowledged,
            conduct::alarms(tally),
        ),
        (
            Criterion::Goals,
            w.goals,
            goals::items(scenario, tally, answered),
        ),
    ];
    let mut rows: Vec<ScoreRow> = rows
        .into_iter()
        .map(|(criterion, weight, items)| row(criterion, weight, items))
        .collect();
    if tally.rules.language() == Language::En {
        for evidence in rows.iter_mut().flat_map(|r| &mut r.evidence) {
            evidence.text.clone_from(&evidence.text_en);
        }
    }
    let (points, of) = rows
        .iter()
        .fold((0.0, 0.0), |(p, o), r| (p + r.points, o + r.of));
    let total = if of > 0.0 {
        hundredths(100.0 * points / of)
    } else {
        0.0
    };
    ScoreView { total, rows }
}

fn row(criterion: Criterion, weight: f64, items: Vec<Item>) -> ScoreRow {
    if items.is_empty() || weight <= 0.0 {
        return ScoreRow {
            criterion,
            points: 0.0,
            of: 0.0,
            evidence: Vec::new(),
        };
    }
    let all: f64 = items.iter().map(|i| i.weight).sum();
    let mut points = 0.0;
    let mut evidence: Vec<Evidence> = items
        .into_iter()
        .map(|item| {
            let share = weight * item.weight / all;
            let lost = share * (1.0 - item.won.clamp(0.0, 1.0));
            points += share - lost;
            let shown = if lost > 0.0 { -lost } else { share };
            Evidence {
                time: item.time,
                thing: item.thing,
                points: hundredths(shown),
                text: item.text,
                text_en: item.text_en,
            }
        })
        .collect();
    evidence.sort_by_key(|e| e.time);
    ScoreRow {
        criterion,
        points: hundredths(points),
        of: weight,
        evidence,
    }
}

/// Rounded to hundredths, as it is shown.
fn hundredths(x: f64) -> f64 {
    (x * 100.0).round() / 100.0
}
