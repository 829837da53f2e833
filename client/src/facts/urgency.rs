//! The one order of urgency of open cases: in the queue, and wherever cases stand one below the other.
//!
//! Gravest first. A case that somebody drives to stands back a level and a half, one that somebody works on two and a
//! half, one that only waits to be checked behind all others. On the same level the one with the least time left comes
//! first. The gravest case that nobody is sent to is the first of all, whatever else there is.

use super::case;
use chengtu_engine::model::{Stage, UnitStatus};
use chengtu_engine::stream::{CaseView, Mirror};
use chengtu_engine::time::Timestamp;

/// How far an open case has come to be looked after.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Care {
    /// Nobody is sent.
    Nobody,
    /// Somebody is on the way.
    OnTheWay,
    /// Somebody works on it.
    OnScene,
    /// Said to be done.
    ToCheck,
}

/// How far an open case has come.
pub fn care(mirror: &Mirror, c: &CaseView) -> Care {
    match c.stage {
        Stage::Reported | Stage::Filed => Care::Nobody,
        Stage::Handled => Care::ToCheck,
        Stage::InProgress => Care::OnScene,
        Stage::Dispatched | Stage::Closed | Stage::Void => {
            let on_scene = c
                .units
                .iter()
                .filter_map(|u| mirror.units.get(u))
                .any(|u| u.status == UnitStatus::OnScene);
            if on_scene {
                Care::OnScene
            } else {
                Care::OnTheWay
            }
        }
    }
}

/// A case's place in the order of urgency: less is more urgent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Urgency {
    /// Half levels of severity, after the steps back.
    level: u8,
    /// Time left, seconds.
    left_s: f64,
}

impl Urgency {
    /// Where an open case stands at a moment.
    pub fn of(mirror: &Mirror, c: &CaseView, now: Timestamp) -> Self {
        let back = match care(mirror, c) {
            Care::Nobody => 0,
            Care::OnTheWay => 3,
            Care::OnScene => 5,
            Care::ToCheck => 100,
        };
        Self {
            level: 2 * c.severity as u8 + back,
            left_s: left_s(mirror, c, now),
        }
    }

    /// Which of two comes first.
    pub fn against(&self, other: &Self) -> std::cmp::Ordering {
        let level = self.level.cmp(&other.level);
        level.then(self.left_s.total_cmp(&other.left_s))
    }
}

/// Time left of a case, seconds. One that is not filed has no clock yet: its limit is counted from its report, so that
/// it does not stand behind everything that has one.
fn left_s(mirror: &Mirror, c: &CaseView, now: Timestamp) -> f64 {
    case::remaining_s(c, now).unwrap_or_else(|| {
        let limit_s = case::class(mirror, c).map_or(0.0, |k| case::about_s(k.limit));
        limit_s - now.seconds_since(c.occurred_at)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::panels::model::sample::{self, COVER, NOW, TO_CHECK};
    use chengtu_engine::ids::CaseId;

    #[test]
    fn severity_weighs_more_than_time_and_who_is_looked_after_steps_back() {
        let city = sample::city();
        let before = |a: u64, b: u64| {
            let of = |id| Urgency::of(&city, &city.cases[&CaseId(id)], NOW);
            of(a).against(&of(b)).is_lt()
        };
        // A severe case with time left, before a slight one that is late.
        assert!(before(COVER.0, 107));
        // A severe one on whose way somebody is, behind an urgent one that nobody is sent to, before a normal one on
        // whose way somebody is.
        assert!(before(304, 300) && before(300, 204));
        // Late, but only to be checked.
        assert!(before(305, TO_CHECK.0));
        // Of two of the same kind, the later.
        assert!(before(103, 105));
    }

    #[test]
    fn a_severe_report_that_is_not_filed_yet_is_not_the_last_of_the_severe() {
        let mut city = sample::city();
        let mut report = city.cases[&COVER].clone();
        report.id = CaseId(900);
        (report.stage, report.filed_at, report.due_at) = (Stage::Reported, None, None);
        report.occurred_at = NOW.plus_seconds(-2 * 3_600);
        city.cases.insert(report.id, report.clone());
        let of = |c: &CaseView| Urgency::of(&city, c, NOW);
        assert!(of(&report).against(&of(&city.cases[&COVER])).is_lt());
    }
}
