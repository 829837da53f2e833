use super::crew::Scales;
use super::rates::CaseRates;
use crate::city::{Language, Severity};
use crate::geo::Position;
use crate::ids::{ClassId, UnitId};
use crate::model::{Case, Stage};
use crate::record::World;
use crate::state::State;
use crate::time::Timestamp;
use serde::Serialize;
use std::collections::BTreeMap;

/// How a simulated city behaves. Every setting has a documented default; nothing is fitted to hidden data.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SimConfig {
    /// Whose records it makes: a fork or a drill.
    pub world: World,
    /// What its people say and write is in this language: that of the city's data.
    pub language: Language,
    /// How long crews work on a case, seconds.
    pub work: WorkTimes,
    /// How handled cases are checked; `None`: not, they stay handled.
    pub checks: Option<CheckPolicy>,
    /// How cases are dispatched; `None`: by commands only.
    pub officer: Option<OfficerPolicy>,
    /// How often cases come; `None`: only those reported by command, act or record.
    pub arrivals: Option<CaseRates>,
    /// True where sensors measure by themselves.
    pub sensors: bool,
    /// How fast crews work and drive.
    pub scales: Scales,
    /// Crews' speed against the road's, by fleet; 1 where a fleet is not named.
    pub speed_factors: BTreeMap<String, f64>,
    /// Where units have their round; one that is not named has it about where it is at the beginning.
    pub homes: BTreeMap<UnitId, Position>,
    /// Mean and spread of PM2.5, µg/m³, by month (January first) and hour; empty: 55 ± 30 always.
    pub air: Vec<Vec<(f64, f64)>>,
}

impl SimConfig {
    /// A city where crews follow orders, handled cases are checked and sensors measure; nobody dispatches and no case
    /// comes by itself.
    pub fn new(world: World) -> Self {
        Self {
            world,
            language: Language::default(),
            work: WorkTimes::default(),
            checks: Some(CheckPolicy::default()),
            officer: None,
            arrivals: None,
            sensors: true,
            scales: Scales::default(),
            speed_factors: BTreeMap::new(),
            homes: BTreeMap::new(),
            air: Vec::new(),
        }
    }

    /// A city that goes on by itself as it was: working times, checks and arrivals are those of its own last hours as
    /// far as the state shows them; an officer dispatches.
    pub fn continuing(world: World, state: &State, now: Timestamp) -> Self {
        Self {
            work: WorkTimes::learnt(state),
            checks: Some(CheckPolicy::learnt(state)),
            officer: Some(OfficerPolicy::default()),
            arrivals: CaseRates::of_the_last(state, now, 3_600),
            ..Self::new(world)
        }
    }
}

/// How long crews work on a case: between two times, drawn once a case.
///
/// The defaults are assumptions, stated here: a crew of a district is on a scene for some minutes, longer for severe
/// cases. No public record of Chinese crews' times on scene was available.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct WorkTimes {
    /// Seconds for classes that are known better.
    pub by_class: BTreeMap<ClassId, (f64, f64)>,
    /// Seconds for all others, by severity: severe, urgent, normal, slight.
    pub by_severity: [(f64, f64); 4],
    /// Seconds at a place without a case.
    pub at_place: (f64, f64),
    /// Seconds until a crew is sure that there is nothing.
    pub nothing_there: (f64, f64),
}

impl Default for WorkTimes {
    fn default() -> Self {
        Self {
            by_class: BTreeMap::new(),
            by_severity: [
                (600.0, 1_800.0),
                (600.0, 1_500.0),
                (480.0, 1_200.0),
                (360.0, 960.0),
            ],
            at_place: (240.0, 600.0),
            nothing_there: (90.0, 240.0),
        }
    }
}

/// From so many examples on a time is taken from history.
const EXAMPLES_MIN: usize = 12;

impl WorkTimes {
    /// Times as they were in the cases of a state: the middle half of all times from arrival to handled, by severity,
    /// where at least a dozen are known; the default where not.
    pub fn learnt(state: &State) -> Self {
        let mut times = Self::default();
        let mut seen: [Vec<f64>; 4] = Default::default();
        for case in state.cases().values() {
            let took = between(case, Stage::InProgress, Stage::Handled);
            seen[severity_place(case.severity)].extend(took);
        }
        let mut all: Vec<f64> = seen.iter().flatten().copied().collect();
        let of_all = middle_half(&mut all);
        for (bounds, examples) in times.by_severity.iter_mut().zip(&mut seen) {
            if let Some(known) = middle_half(examples).or(of_all) {
                *bounds = known;
            }
        }
        times
    }

    /// Bounds for a case, seconds.
    pub fn of(&self, case: Option<&Case>) -> (f64, f64) {
        let Some(case) = case else {
            return self.at_place;
        };
        let by_class = self.by_class.get(&case.class).copied();
        by_class.unwrap_or(self.by_severity[severity_place(case.severity)])
    }
}

/// Who looks at a case that is said to be handled, and when.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct CheckPolicy {
    /// Seconds after it was handled, between two bounds. Default: 20 to 60 minutes; the practice allows two hours.
    pub after_s: (f64, f64),
    /// Of a hundred handled cases so many pass; 93 by default, an assumption.
    pub pass_percent: f64,
    /// Of a hundred that were handled again; 99 by default.
    pub pass_again_percent: f64,
}

impl Default for CheckPolicy {
    fn default() -> Self {
        Self {
            after_s: (1_200.0, 3_600.0),
            pass_percent: 93.0,
            pass_again_percent: 99.0,
        }
    }
}

impl CheckPolicy {
    /// With the times that checks took in the cases of a state, where at least a dozen are known.
    pub fn learnt(state: &State) -> Self {
        let cases = state.cases().values();
        let mut seen: Vec<f64> = cases
            .filter_map(|c| between(c, Stage::Handled, Stage::Closed))
            .collect();
        let default = Self::default();
        Self {
            after_s: middle_half(&mut seen).unwrap_or(default.after_s),
            ..default
        }
    }
}

/// How cases are dispatched when nobody else does: the soonest free unit that has the skill and belongs to the
/// department that must act; else the soonest that has the skill.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct OfficerPolicy {
    /// Seconds from filing to dispatch, by severity: severe, urgent, normal, slight; each spread by a third. Default:
    /// 20, 60, 180, 300, an assumption.
    pub delay_s: [f64; 4],
    /// Most units at work at once, percent of all; the rest wait, the most severe and soonest due first.
    pub busy_percent_max: f64,
    /// Whether severe cases are left to people.
    pub leaves_severe: bool,
}

impl Default for OfficerPolicy {
    fn default() -> Self {
        Self {
            delay_s: [20.0, 60.0, 180.0, 300.0],
            busy_percent_max: 85.0,
            leaves_severe: false,
        }
    }
}

/// Place of a severity in tables of four.
pub(super) fn severity_place(severity: Severity) -> usize {
    match severity {
        Severity::Severe => 0,
        Severity::Urgent => 1,
        Severity::Normal => 2,
        Severity::Slight => 3,
    }
}

/// Seconds from the last time a case entered one stage to the time it entered the next.
fn between(case: &Case, from: Stage, to: Stage) -> Option<f64> {
    let end = case.history.iter().rposition(|h| h.stage == to)?;
    let start = case.history[..end].iter().rposition(|h| h.stage == from)?;
    let seconds = case.history[end].at.seconds_since(case.history[start].at);
    (seconds > 0.0).then_some(seconds)
}

/// First and third quartile of a list; `None` for too short a list.
fn middle_half(list: &mut [f64]) -> Option<(f64, f64)> {
    if list.len() < EXAMPLES_MIN {
        return None;
    }
    list.sort_by(f64::total_cmp);
    Some((list[list.len() / 4], list[list.len() * 3 / 4]))
}
