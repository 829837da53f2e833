//! One crew as it behaves: what it is told, what it does each second, what it says. No clock and no socket here.

use super::drive::{Beat, Drive};
use crate::demo::Chance;
use chengtu_engine::city::Severity;
use chengtu_engine::geo::{LonLat, Position};
use chengtu_engine::ids::{AssignmentId, CaseId};
use chengtu_engine::model::UnitStatus;
use chengtu_engine::roads::{RoadGraph, Search};
use chengtu_engine::wire::v1::UnitView;
use std::sync::Arc;

/// How fast demo time runs for crews.
#[derive(Clone, Copy, Debug)]
pub struct Scales {
    /// Working times are multiplied by this.
    pub work: f64,
    /// Driving goes this many times as fast as it would.
    pub drive: f64,
}

/// What a crew says.
#[derive(Clone, Debug, PartialEq)]
pub enum Say {
    /// Where it is.
    Here {
        /// Where.
        position: Position,
        /// Degrees clockwise from north.
        bearing_deg: f32,
        /// Metres a second.
        speed_mps: f32,
    },
    /// It has its task.
    Acknowledge,
    /// It is there.
    Arrive,
    /// It is done.
    Handled,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Duty {
    /// On its round; rests where it has stopped.
    Patrol { rest_s: f64 },
    /// Reads its task before it answers.
    Answering { left_s: f64 },
    /// On its way.
    Driving,
    /// At work.
    Working { left_s: f64 },
    /// Done, and has said so.
    Done,
}

#[derive(Clone, Copy, Debug)]
struct Task {
    id: AssignmentId,
    case: Option<CaseId>,
    position: Position,
}

/// After this many seconds without effect a crew says it again.
const AGAIN_S: f64 = 8.0;

/// One crew.
#[derive(Debug)]
pub struct Crew {
    graph: Arc<RoadGraph>,
    search: Search,
    chance: Chance,
    beat: Beat,
    /// Speed against the road's.
    factor: f64,
    scales: Scales,
    position: Position,
    bearing_deg: f32,
    drive: Option<Drive>,
    duty: Duty,
    task: Option<Task>,
    status: UnitStatus,
    /// Seconds since it last said what the server has not yet taken in.
    said_s: f64,
}

impl Crew {
    /// A crew at `home`, with its round about it.
    pub fn new(
        graph: Arc<RoadGraph>,
        home: Position,
        factor: f64,
        scales: Scales,
        mut chance: Chance,
    ) -> Self {
        let beat = Beat::around(&graph, home, 900.0);
        // Not all of a depot's crews stand at its gate when the map opens.
        let position = beat.somewhere(&mut chance).map_or(home, |p| p.position);
        let factor = factor * chance.between(0.9, 1.05);
        let rest_s = chance.between(0.0, 40.0);
        Self {
            search: Search::new(),
            beat,
            factor,
            scales,
            position,
            bearing_deg: 0.0,
            drive: None,
            duty: Duty::Patrol { rest_s },
            task: None,
            status: UnitStatus::Available,
            said_s: 0.0,
            graph,
            chance,
        }
    }

    /// Where it was when it was last heard of, before this program began: it goes on from there.
    pub fn place(&mut self, position: Position) {
        self.position = position;
        self.drive = None;
    }

    /// The case it is sent to.
    pub fn case(&self) -> Option<CaseId> {
        self.task.and_then(|t| t.case)
    }

    /// What its terminal shows about it now. Whatever was before: a new task begins, a task that is gone is left.
    pub fn told(&mut self, unit: &UnitView) {
        if self.status != unit.status {
            self.said_s = 0.0;
        }
        self.status = unit.status;
        let Some(a) = &unit.assignment else {
            if self.task.take().is_some() {
                self.duty = Duty::Patrol { rest_s: 5.0 };
                self.drive = None;
            }
            return;
        };
        if self.task.is_some_and(|t| t.id == a.id) {
            return;
        }
        let Ok(position) = LonLat::new(a.lon, a.lat).position() else {
            return;
        };
        self.task = Some(Task {
            id: a.id,
            case: a.case,
            position,
        });
        self.said_s = 0.0;
        match unit.status {
            UnitStatus::EnRoute => self.set_off(),
            UnitStatus::OnScene => self.begin_work(None),
            _ => {
                let left_s = self.chance.between(2.0, 6.0) * self.scales.work.min(1.0);
                self.duty = Duty::Answering { left_s };
            }
        }
    }

    fn set_off(&mut self) {
        let Some(task) = self.task else { return };
        let speed_mps = self.drive.as_ref().map_or(0.0, Drive::speed_mps);
        let (from, to) = (self.position, task.position);
        let drive = Drive::plan(&self.graph, &mut self.search, from, to, self.factor);
        self.drive = Some(drive.rolling(speed_mps));
        self.duty = Duty::Driving;
    }

    fn begin_work(&mut self, severity: Option<Severity>) {
        let (low_s, high_s) = match severity {
            Some(Severity::Severe) => (300.0, 900.0),
            Some(Severity::Urgent) => (300.0, 720.0),
            Some(Severity::Slight) => (180.0, 480.0),
            Some(Severity::Normal) | None => (240.0, 600.0),
        };
        let left_s = self.chance.between(low_s, high_s) * self.scales.work;
        self.duty = Duty::Working { left_s };
        self.drive = None;
    }

    /// Lives on for `seconds` and says what it has to say; `severity`: of the case it works on, where known.
    pub fn step(&mut self, seconds: f64, severity: Option<Severity>) -> Vec<Say> {
        let mut says = Vec::new();
        self.said_s += seconds;
        match self.duty {
            Duty::Patrol { rest_s } => self.patrol(rest_s, seconds),
            Duty::Answering { left_s } if left_s > seconds => {
                self.roll(seconds * 0.5);
                self.duty = Duty::Answering {
                    left_s: left_s - seconds,
                };
            }
            Duty::Answering { .. } => {
                says.push(Say::Acknowledge);
                self.said_s = 0.0;
                self.set_off();
            }
            Duty::Driving => {
                self.roll(seconds);
                if self.drive.as_ref().is_none_or(Drive::is_there) {
                    says.push(Say::Arrive);
                    self.said_s = 0.0;
                    self.begin_work(severity);
                } else if self.status == UnitStatus::Assigned && self.said_s > AGAIN_S {
                    says.push(Say::Acknowledge);
                    self.said_s = 0.0;
                }
            }
            Duty::Working { left_s } if left_s > seconds => {
                self.duty = Duty::Working {
                    left_s: left_s - seconds,
                };
                if self.status != UnitStatus::OnScene && self.said_s > AGAIN_S {
                    says.push(Say::Arrive);
                    self.said_s = 0.0;
                }
            }
            Duty::Working { .. } => {
                says.push(Say::Handled);
                self.said_s = 0.0;
                self.duty = Duty::Done;
            }
            Duty::Done if self.said_s > AGAIN_S => {
                // The answer was lost, or the server never learnt of the arrival.
                if self.status != UnitStatus::OnScene {
                    says.push(Say::Arrive);
                }
                says.push(Say::Handled);
                self.said_s = 0.0;
            }
            Duty::Done => {}
        }
        says.push(self.here());
        says
    }

    fn patrol(&mut self, rest_s: f64, seconds: f64) {
        if rest_s > 0.0 {
            self.duty = Duty::Patrol {
                rest_s: rest_s - seconds,
            };
            return;
        }
        if self.status == UnitStatus::OutOfService {
            return;
        }
        if self.drive.is_none() {
            let Some(stop) = self.beat.somewhere(&mut self.chance) else {
                return;
            };
            let (from, to) = (self.position, stop.position);
            let factor = self.factor * 0.65;
            self.drive = Some(Drive::plan(&self.graph, &mut self.search, from, to, factor));
        }
        self.roll(seconds);
        if self.drive.as_ref().is_none_or(Drive::is_there) {
            self.drive = None;
            let rest_s = self.chance.between(15.0, 150.0);
            self.duty = Duty::Patrol { rest_s };
        }
    }

    fn roll(&mut self, seconds: f64) {
        if let Some(drive) = &mut self.drive {
            drive.go(seconds * self.scales.drive);
            let at = drive.point();
            (self.position, self.bearing_deg) = (at.position, at.bearing_deg);
        }
    }

    fn here(&self) -> Say {
        let resting = matches!(self.duty, Duty::Patrol { rest_s } if rest_s > 0.0);
        let speed = self.drive.as_ref().map_or(0.0, Drive::speed_mps);
        Say::Here {
            position: self.position,
            bearing_deg: self.bearing_deg,
            speed_mps: if resting {
                0.0
            } else {
                (speed * self.scales.drive) as f32
            },
        }
    }
}
