//! What a scenario file says, resolved against the city: pure data, nothing of it read from anywhere.

use crate::city::Severity;
use crate::geo::{GeoBox, Position};
use crate::ids::ClassId;
use crate::model::Phenomenon;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// A drill as it was written.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Scenario {
    /// File name without its ending.
    pub key: String,
    /// Title in Chinese.
    pub title: String,
    /// Title in English.
    pub title_en: String,
    /// What it trains, in a sentence.
    pub summary: String,
    /// The same in English.
    pub summary_en: String,
    /// What the team may know before the start.
    pub brief: String,
    /// The same in English.
    pub brief_en: String,
    /// The second and the state that it begins at.
    pub start: Start,
    /// Everything that is random follows from this.
    pub seed: u64,
    /// How long it runs, seconds.
    pub duration_s: u32,
    /// Ordinary cases an hour, in addition to the injects.
    pub cases_per_hour: f64,
    /// Open cases to begin with; a calm day only.
    pub open_cases: u32,
    /// Classes of the ordinary cases with their weights; empty: every class of the city alike.
    pub mix: Vec<(ClassId, f64)>,
    /// The parts that people play.
    pub roles: Vec<Role>,
    /// Sensors placed in the city for this drill.
    pub sensors: Vec<DrillSensor>,
    /// Areas that must never be without a unit.
    pub areas: Vec<Area>,
    /// What happens, in the order of the file.
    pub injects: Vec<Inject>,
    /// What the team should reach.
    pub goals: Vec<Goal>,
    /// How much each criterion counts.
    pub weights: Weights,
}

/// Where a drill begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Start {
    /// At a second of the city's own log.
    Log(Timestamp),
    /// On a calm synthetic day: all units free at their depots, a few ordinary cases.
    Calm(Timestamp),
}

impl Default for Start {
    fn default() -> Self {
        Self::Calm(Timestamp(0))
    }
}

impl Start {
    /// The second that the drill begins at.
    pub fn time(self) -> Timestamp {
        match self {
            Self::Log(t) | Self::Calm(t) => t,
        }
    }
}

/// A part somebody plays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Role {
    /// Name of the part in Chinese.
    pub name: String,
    /// Name in English.
    pub name_en: String,
    /// What it does in this drill.
    pub task: String,
    /// The same in English.
    pub task_en: String,
}

/// A sensor that is there for the drill.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DrillSensor {
    /// Names it in the scenario and on its feed.
    pub key: String,
    /// Name for people.
    pub name: String,
    /// The phenomenon that its values are of.
    pub phenomenon: Phenomenon,
    /// Unit of its values.
    pub unit_of_measure: String,
    /// Where it is fixed, WGS 84.
    pub position: Position,
    /// From here on a warning.
    pub warning: f64,
    /// From here on an alarm.
    pub alarm: f64,
    /// Its value while nothing happens.
    pub rest: f64,
}

/// An area that must never be without a unit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Area {
    /// Name of the area in Chinese.
    pub name: String,
    /// Name in English.
    pub name_en: String,
    /// Its ground: upright rectangles that together make it.
    pub boxes: Vec<GeoBox>,
}

impl Area {
    /// True where a place lies in it.
    pub fn contains(&self, p: Position) -> bool {
        self.boxes.iter().any(|b| b.contains(p))
    }
}

/// Something that is done to the city.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Inject {
    /// Names it in the scenario.
    pub key: String,
    /// Title, for the director and the report.
    pub title: String,
    /// The same in English.
    pub title_en: String,
    /// Seconds after the start; `None`: the director fires it by hand.
    pub at_s: Option<u32>,
    /// What it does to the city.
    pub act: InjectAct,
    /// What is really there and how it should be answered; `None` for mere conditions (rain, a closed road).
    pub truth: Option<Truth>,
    /// It is about the same thing as this earlier inject.
    pub about: Option<u32>,
}

/// What an inject does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum InjectAct {
    /// One report comes in.
    Report(Report),
    /// Many reports of one thing.
    Storm {
        /// What each says; their notes are taken in turn.
        report: Report,
        /// Further notes, in place of the report's own in turn.
        notes: Vec<String>,
        /// How many reports, the first included; at least 1.
        count: u32,
        /// Within this time, seconds.
        within_s: u32,
        /// Scattered about the place, metres.
        scatter_m: u32,
    },
    /// Water rises at sensors.
    Flood {
        /// Places in [`Scenario::sensors`].
        sensors: Vec<u32>,
        /// Rises to this value.
        to: f64,
        /// In this time, seconds.
        over_s: u32,
        /// Falls back after so many seconds at the top; `None`: it stays there.
        stays_s: Option<u32>,
        /// Roads at these places are closed once it has risen.
        closes: Vec<Position>,
    },
    /// Roads are closed both ways.
    Closure {
        /// The road nearest to each place.
        places: Vec<Position>,
        /// For so long, seconds; `None`: until the end.
        for_s: Option<u32>,
    },
    /// A unit fails where it is.
    UnitFails {
        /// Its call sign.
        call_sign: String,
        /// For so long, seconds; `None`: until the end.
        for_s: Option<u32>,
    },
    /// Nothing comes by a feed any more.
    FeedDies {
        /// Name of the feed that falls silent.
        feed: String,
        /// For so long, seconds; `None`: until the end.
        for_s: Option<u32>,
    },
    /// It rains: more cases of these classes, slower traffic (halved by 120 mm/h).
    Rain {
        /// Millimetres an hour, for words.
        mm_per_hour: f64,
        /// For so long, seconds.
        for_s: u32,
        /// Ordinary cases come so many times as often.
        factor: f64,
        /// Of these classes, with weights; empty: as before.
        mix: Vec<(ClassId, f64)>,
        /// Water sensors (places in [`Scenario::sensors`]) rise by this while it lasts.
        rise: f64,
        /// The sensors that rise: places in [`Scenario::sensors`].
        sensors: Vec<u32>,
    },
}

impl InjectAct {
    /// Where it happens; `None` for an inject without a place.
    pub fn place(&self, scenario: &Scenario) -> Option<Position> {
        match self {
            Self::Report(r) | Self::Storm { report: r, .. } => Some(r.position),
            Self::Flood { sensors, .. } => {
                let first = *sensors.first()? as usize;
                Some(scenario.sensors.get(first)?.position)
            }
            Self::Closure { places, .. } => places.first().copied(),
            Self::UnitFails { .. } | Self::FeedDies { .. } | Self::Rain { .. } => None,
        }
    }
}

/// A report as people make it, which need not be what is there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Class as reported.
    pub class: ClassId,
    /// Severity as reported; `None`: the class's.
    pub severity: Option<Severity>,
    /// Place as reported.
    pub position: Position,
    /// Place in words.
    pub address: String,
    /// The words of the report.
    pub note: String,
}

/// What is really there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Truth {
    /// False: there is nothing.
    pub real: bool,
    /// The class that it should be filed as.
    pub class: ClassId,
    /// Its real severity.
    pub severity: Severity,
    /// Units that it takes; more at a time is too many.
    pub units: u32,
    /// Somebody must have noticed it in so many seconds.
    pub detect_s: u32,
    /// A unit must be sent in so many seconds.
    pub dispatch_s: u32,
    /// A unit must be there in so many seconds.
    pub arrive_s: u32,
    /// In words, for the director and the report.
    pub text: String,
    /// The same in English.
    pub text_en: String,
}

/// Something to reach.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Goal {
    /// Title in Chinese.
    pub title: String,
    /// Title in English.
    pub title_en: String,
    /// The measure that is held against `wanted`.
    pub kind: GoalKind,
    /// What is asked for, in the kind's unit.
    pub wanted: f64,
}

/// What a goal measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum GoalKind {
    /// Seconds from an inject to the first unit sent to it.
    DispatchWithin(u32),
    /// Seconds from an inject to the first unit there.
    ArriveWithin(u32),
    /// Seconds from an inject to its case being reported as handled.
    HandledWithin(u32),
    /// Seconds from the first alarm of an inject to a person's having seen it.
    AcknowledgeWithin(u32),
    /// Seconds from the last report of a storm until nine in ten of them are bundled.
    BundleWithin(u32),
    /// Seconds from a false report to its being voided.
    VoidWithin(u32),
    /// Overdue cases at the end, at most.
    OverdueAtMost,
    /// Open cases at the end, at most.
    OpenAtMost,
    /// Mean seconds from sending to arrival over the drill, at most.
    MeanArrivalAtMost,
    /// Percent of the time in which an area (a place in [`Scenario::areas`]) had a unit in it, at least.
    CoverAtLeast(u32),
}

impl GoalKind {
    /// Its unit: `s`, `%`, or empty for a count.
    pub fn unit(self) -> &'static str {
        match self {
            Self::OverdueAtMost | Self::OpenAtMost => "",
            Self::CoverAtLeast(_) => "%",
            _ => "s",
        }
    }

    /// True where it is reached by doing nothing, where little comes.
    pub const fn is_passive(self) -> bool {
        matches!(
            self,
            Self::OverdueAtMost | Self::OpenAtMost | Self::CoverAtLeast(_)
        )
    }
}

/// How much each criterion counts; only their proportions matter.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)] // Named after [`super::Criterion`].
pub struct Weights {
    pub detection: f64,
    pub classification: f64,
    pub time_to_dispatch: f64,
    pub right_department: f64,
    pub arrival: f64,
    pub over_commitment: f64,
    pub empty_areas: f64,
    pub alarms_unacknowledged: f64,
    pub goals: f64,
}

impl Default for Weights {
    fn default() -> Self {
        Self {
            detection: 15.0,
            classification: 15.0,
            time_to_dispatch: 15.0,
            right_department: 10.0,
            arrival: 15.0,
            over_commitment: 5.0,
            empty_areas: 5.0,
            alarms_unacknowledged: 10.0,
            goals: 10.0,
        }
    }
}

/// Seconds asked for where a scenario does not say: noticed, sent, there.
pub fn usual_limits_s(severity: Severity) -> (u32, u32, u32) {
    match severity {
        Severity::Severe => (60, 180, 720),
        Severity::Urgent => (180, 480, 1_200),
        Severity::Normal => (600, 1_200, 2_400),
        Severity::Slight => (1_200, 2_400, 4_800),
    }
}
