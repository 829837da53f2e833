//! What is said about one case.

use super::desk::desk_name;
use super::unit::{call_sign, status_word};
use crate::i18n::Words;
use chengtu_engine::city::{ClassInfo, ClockKind, Limit};
use chengtu_engine::model::{CaseSource, Stage};
use chengtu_engine::stream::{CaseView, Mirror};
use chengtu_engine::time::Timestamp;
use chengtu_engine::workflow::{self, Act};

/// The class of a case, once the city is known.
pub fn class<'a>(mirror: &'a Mirror, case: &CaseView) -> Option<&'a ClassInfo> {
    mirror
        .hello
        .as_ref()?
        .city
        .classes
        .get(usize::from(case.class.0))
}

/// Name of a case's class.
pub fn class_name<'a>(mirror: &'a Mirror, case: &CaseView, words: &'a Words) -> &'a str {
    class(mirror, case).map_or(words.t("case.class_unknown"), |c| {
        words.name(&c.name, &c.name_en)
    })
}

/// True at the stages that units can be sent to.
pub fn takes_units(case: &CaseView) -> bool {
    workflow::allowed(case.stage, Act::Dispatch)
}

/// True where the work is said to be done and has to be checked.
pub fn awaits_check(case: &CaseView) -> bool {
    workflow::allowed(case.stage, Act::Pass)
}

/// True while what ended a case can be taken back.
pub fn can_be_restored(case: &CaseView, now: Timestamp) -> bool {
    let within_s = workflow::RESTORE_WITHIN_S as f64;
    let ended = entered(case, Stage::Void);
    workflow::allowed(case.stage, Act::Restore)
        && ended.is_none_or(|at| now.seconds_since(at) <= within_s)
}

/// The time on a case's clock: `now` until the case is handled, then the moment of handling.
pub fn clock_at(case: &CaseView, now: Timestamp) -> Timestamp {
    match case.stage {
        Stage::Handled | Stage::Closed | Stage::Void => entered(case, Stage::Handled)
            .or_else(|| case.history.last().map(|h| h.at))
            .unwrap_or(now),
        _ => now,
    }
}

/// When a case last entered a stage.
pub fn entered(case: &CaseView, stage: Stage) -> Option<Timestamp> {
    case.history
        .iter()
        .rev()
        .find(|h| h.stage == stage)
        .map(|h| h.at)
}

/// Seconds left of the limit; negative when overdue, `None` before filing.
pub fn remaining_s(case: &CaseView, now: Timestamp) -> Option<f64> {
    Some(case.due_at?.seconds_since(clock_at(case, now)))
}

/// True where an open case's limit has passed and its work is not done: late, wherever late cases are counted.
pub fn is_late(case: &CaseView, now: Timestamp) -> bool {
    case.stage.is_open()
        && case.stage != Stage::Handled
        && remaining_s(case, now).is_some_and(|s| s < 0.0)
}

/// About how long a limit is, seconds, where its own calendar is not at hand: a working day counts as a day.
pub fn about_s(limit: Limit) -> f64 {
    let hour_s = match limit.clock {
        ClockKind::RunningHours | ClockKind::WorkingHours => 3_600.0,
        ClockKind::RunningDays | ClockKind::WorkingDays => 86_400.0,
    };
    f64::from(limit.amount) * hour_s
}

/// Share of the limit used so far, 0 … 1 and beyond.
pub fn used(case: &CaseView, now: Timestamp) -> Option<f64> {
    let (filed, due) = (case.filed_at?, case.due_at?);
    let whole = due.seconds_since(filed);
    (whole > 0.0).then(|| clock_at(case, now).seconds_since(filed) / whole)
}

/// Share of the limit used so far as every ring and bar draws it, 0 … 1; none while no clock runs. It stands where the
/// clock stands: a case that is handled uses no more of its time.
pub fn age_ring(case: &CaseView, now: Timestamp) -> Option<f32> {
    case.filed_at.zip(case.due_at)?;
    // A limit of no length has been used up.
    Some(used(case, now).unwrap_or(1.0).clamp(0.0, 1.0) as f32)
}

/// A limit in words: `4 小时`, `2 紧急工作时`.
pub fn limit_words(limit: Limit, words: &Words) -> String {
    let key = match limit.clock {
        ClockKind::RunningHours => "limit.running_hours",
        ClockKind::RunningDays => "limit.running_days",
        ClockKind::WorkingHours => "limit.working_hours",
        ClockKind::WorkingDays => "limit.working_days",
    };
    words.n(key, limit.amount)
}

/// A limit in the few words of a row: running hours are plain hours there.
pub fn limit_short(limit: Limit, words: &Words) -> String {
    match limit.clock {
        ClockKind::RunningHours => words.n("limit.hours", limit.amount),
        _ => limit_words(limit, words),
    }
}

/// Name of a stage.
pub fn stage_word(stage: Stage, words: &Words) -> &str {
    words.t(match stage {
        Stage::Reported => "stage.reported",
        Stage::Filed => "stage.filed",
        Stage::Dispatched => "stage.dispatched",
        Stage::InProgress => "stage.in_progress",
        Stage::Handled => "stage.handled",
        Stage::Closed => "stage.closed",
        Stage::Void => "stage.void",
    })
}

/// What a case waits for, in the short form written on the map.
pub fn stage_on_map(stage: Stage, words: &Words) -> &str {
    words.t(match stage {
        Stage::Reported => "map.to_file",
        Stage::Filed => "map.to_dispatch",
        Stage::Dispatched => "map.dispatched",
        Stage::InProgress => "map.in_progress",
        Stage::Handled => "map.to_check",
        Stage::Closed => "map.closed",
        Stage::Void => "map.void",
    })
}

/// Where a case came from, in words.
pub fn source_words(source: &CaseSource, words: &Words) -> String {
    match source {
        CaseSource::Feed(_, key) => words.f("case.source_feed", &[("key", key)]),
        CaseSource::Operator(name) => {
            let name = desk_name(name, words);
            words.f("case.source_operator", &[("name", &name)])
        }
    }
}

/// Who holds a case and what is done, in the few words of a row: `待派遣`, `途中 排水 16`.
pub fn state_words(mirror: &Mirror, case: &CaseView, words: &Words) -> String {
    let unit = case.units.first().and_then(|id| mirror.units.get(id));
    match (case.stage, unit) {
        (Stage::Reported, _) => words.t("state.to_file").into(),
        (Stage::Filed, _) if case.rework > 0 => words.n("state.rework", case.rework),
        (Stage::Filed, _) => words.t("state.to_dispatch").into(),
        (Stage::Dispatched | Stage::InProgress, Some(u)) => {
            let sign = words.name(&u.call_sign, &u.call_sign_en);
            format!("{} {sign}", status_word(u.status, words))
        }
        (Stage::Dispatched, None) => words.t("status.assigned").into(),
        (Stage::InProgress, None) => words.t("stage.in_progress").into(),
        (Stage::Handled, _) => words.t("state.to_check").into(),
        (Stage::Closed | Stage::Void, _) => stage_word(case.stage, words).into(),
    }
}

/// Who holds a case, in words, and since when.
pub fn holder(mirror: &Mirror, case: &CaseView, words: &Words) -> (String, Timestamp) {
    let since = case.history.last().map_or(case.occurred_at, |h| h.at);
    let who = match (case.stage, case.units.first()) {
        (Stage::Reported, _) => words.t("holder.intake").to_string(),
        (Stage::Dispatched | Stage::InProgress, Some(unit)) => {
            call_sign(mirror, *unit, words).to_string()
        }
        (Stage::Filed, _) | (Stage::Dispatched | Stage::InProgress, None) => {
            words.t("holder.dispatch").to_string()
        }
        (Stage::Handled, _) => words.t("holder.check").to_string(),
        (Stage::Closed | Stage::Void, _) => words.t("holder.nobody").to_string(),
    };
    (who, since)
}

/// The six steps of a case's life on the stage line.
pub const LINE: [Stage; 6] = [
    Stage::Reported,
    Stage::Filed,
    Stage::Dispatched,
    Stage::InProgress,
    Stage::Handled,
    Stage::Closed,
];

/// The steps with the time each was last entered, and the index of the current one. Steps after the current one
/// have no time, even where rework sent the case back.
pub fn stage_line(case: &CaseView) -> ([Option<Timestamp>; 6], usize) {
    let at = LINE
        .iter()
        .position(|s| *s == case.stage)
        .unwrap_or(LINE.len() - 1);
    let mut times = [None; 6];
    for (i, stage) in LINE.iter().enumerate().take(at + 1) {
        times[i] = entered(case, *stage);
    }
    // A voided case ends the line at once, whatever it has not been through.
    times[at] = entered(case, case.stage);
    // A report starts a case even where the log begins with its filing.
    times[0] = times[0].or(Some(case.occurred_at));
    (times, at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Lang;
    use crate::panels::model::sample;

    #[test]
    fn the_clock_runs_from_filing_and_stops_when_handled() {
        let city = sample::city();
        let words = Words::shipped(Lang::Zh).unwrap();
        let case = &city.cases[&sample::COVER];
        let now = sample::NOW;
        assert_eq!(remaining_s(case, now), Some(2_238.0));
        assert!((used(case, now).unwrap() - 0.689).abs() < 1e-3);
        let handled = &city.cases[&sample::TO_CHECK];
        assert_eq!(
            remaining_s(handled, now),
            remaining_s(handled, now.plus_seconds(500))
        );
        assert_eq!(state_words(&city, case, &words), "待派遣");
        assert_eq!(holder(&city, case, &words).0, "派遣席");
    }

    /// The ring on the map went on filling while the panel said that the clock stood.
    #[test]
    fn the_ring_fills_from_filing_to_the_limit_and_stands_where_the_clock_stands() {
        let city = sample::city();
        let now = sample::NOW;
        let mut case = city.cases[&sample::COVER].clone();
        (case.filed_at, case.due_at) = (Some(now.plus_seconds(-50)), Some(now.plus_seconds(50)));
        let at = |s: i64| age_ring(&case, now.plus_seconds(s)).unwrap();
        assert_eq!(
            [at(-100), at(-50), at(0), at(30), at(50), at(500)],
            [0.0, 0.0, 0.5, 0.8, 1.0, 1.0]
        );
        let handled = &city.cases[&sample::TO_CHECK];
        let stands = age_ring(handled, now).unwrap();
        assert_eq!(age_ring(handled, now.plus_seconds(5_000)), Some(stands));
        assert_eq!(used(handled, now).map(|u| u.min(1.0) as f32), Some(stands));
        case.due_at = case.filed_at;
        assert_eq!(age_ring(&case, now), Some(1.0));
        case.filed_at = None;
        assert_eq!(age_ring(&case, now), None);
    }

    #[test]
    fn what_ended_a_case_can_be_taken_back_for_a_while() {
        let city = sample::city();
        let mut case = city.cases[&sample::COVER].clone();
        let now = sample::NOW;
        assert!(!can_be_restored(&case, now));
        case.stage = Stage::Void;
        let mut ended = case.history[0].clone();
        (ended.stage, ended.at) = (Stage::Void, now);
        case.history.push(ended);
        let within_s = workflow::RESTORE_WITHIN_S;
        assert!(can_be_restored(&case, now.plus_seconds(within_s)));
        assert!(!can_be_restored(&case, now.plus_seconds(within_s + 1)));
    }

    #[test]
    fn the_stage_line_ends_where_the_case_stands() {
        let city = sample::city();
        let (times, at) = stage_line(&city.cases[&sample::COVER]);
        assert_eq!(at, 1);
        assert!(times[0].is_some() && times[1].is_some() && times[2].is_none());
    }

    #[test]
    fn limits_read_as_the_standard_writes_them() {
        let words = Words::shipped(Lang::Zh).unwrap();
        let limit = |amount, clock| limit_words(Limit { amount, clock }, &words);
        assert_eq!(limit(4, ClockKind::WorkingHours), "4 工作时");
        assert_eq!(limit(2, ClockKind::RunningHours), "2 紧急工作时");
    }
}
