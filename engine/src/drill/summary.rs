//! What happened in an attempt, for the report: each occurrence with its answers, every case, every gap.

use super::occurrence::occurrences;
use super::scenario::Scenario;
use super::tally::Tally;
use crate::city::Severity;
use crate::geo::Position;
use crate::ids::{CaseId, ClassId, UnitId};
use crate::time::Timestamp;

/// Something that happened and how it was answered.
#[derive(Clone, Debug, PartialEq)]
pub struct Answered {
    /// Place of its inject in the scenario's list.
    pub inject: u32,
    /// When the team could first know.
    pub known: Timestamp,
    /// When somebody first did anything about it.
    pub noticed: Option<Timestamp>,
    /// When the first unit was sent, and which.
    pub sent: Option<(Timestamp, UnitId)>,
    /// When the first unit was there.
    pub arrived: Option<Timestamp>,
    /// When its first case was handled.
    pub handled: Option<Timestamp>,
    /// The cases reported about it, oldest first.
    pub cases: Vec<CaseId>,
    /// Where it happens; `None` for a thing without a place.
    pub place: Option<Position>,
}

/// A case of the drill.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CaseSummary {
    /// The case's number.
    pub id: CaseId,
    /// As what it was filed.
    pub class: ClassId,
    /// Severity as reported.
    pub severity: Severity,
    /// Place of the case.
    pub position: Position,
    /// When the team could first know of it.
    pub known: Timestamp,
    /// It was there before the drill.
    pub before: bool,
    /// When it was handled, bundled, voided or closed.
    pub ended: Option<Timestamp>,
    /// Where the first unit came from: who, when it was sent, when it arrived.
    pub first: Option<(UnitId, Timestamp, Option<Timestamp>)>,
}

/// What happened in an attempt.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    /// The last second of the attempt.
    pub until: Timestamp,
    /// When each inject was fired, in the order of their times.
    pub fired: Vec<(u32, Timestamp)>,
    /// What happened and how it was answered.
    pub answered: Vec<Answered>,
    /// All cases of the drill, those at its beginning included.
    pub cases: Vec<CaseSummary>,
    /// Areas (places in the scenario's list) without any unit, from when to when.
    pub gaps: Vec<(u32, Timestamp, Timestamp)>,
    /// When alarms were raised and seen.
    pub alarms: Vec<(Timestamp, Option<Timestamp>)>,
    /// Cases overdue and unhandled at the end.
    pub overdue: usize,
    /// Cases open at the end.
    pub open: usize,
    /// Mean seconds from sending to arrival.
    pub mean_arrival_s: Option<f64>,
}

/// What happened in an attempt, from its tally.
pub fn summary(scenario: &Scenario, tally: &Tally) -> Summary {
    let mut fired: Vec<(u32, Timestamp)> = tally.fired.iter().map(|(i, f)| (*i, f.at)).collect();
    fired.sort_by_key(|(i, at)| (*at, *i));
    let answered = occurrences(scenario, tally)
        .into_iter()
        .map(|o| Answered {
            inject: o.inject,
            known: o.known,
            noticed: o.noticed(tally),
            sent: o.first_sent(tally).map(|(_, s)| (s.at, s.unit)),
            arrived: o.first_arrival(tally),
            handled: o.tracks(tally).iter().filter_map(|(_, c)| c.handled).min(),
            place: o.place,
            cases: o.cases,
        })
        .collect();
    let cases = tally.cases.iter().map(|(id, c)| CaseSummary {
        id: *id,
        class: c.class,
        severity: c.severity,
        position: c.position,
        known: c.known,
        before: c.before,
        ended: [c.handled, c.voided, c.closed, c.bundled.map(|b| b.0)]
            .into_iter()
            .flatten()
            .min(),
        first: c.sent.first().map(|s| (s.unit, s.at, s.arrived)),
    });
    let gaps = tally.cover.gaps().iter();
    let arrivals = tally.arrivals_s.len();
    Summary {
        until: tally.now,
        fired,
        answered,
        cases: cases.collect(),
        gaps: gaps
            .map(|g| (g.area, g.from, g.to.unwrap_or(tally.now)))
            .collect(),
        alarms: tally.alarms.values().map(|a| (a.raised, a.seen)).collect(),
        overdue: tally.overdue().len(),
        open: tally.open(),
        mean_arrival_s: (arrivals > 0)
            .then(|| tally.arrivals_s.iter().sum::<f64>() / arrivals as f64),
    }
}
