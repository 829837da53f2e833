//! One crew: its orders, its behaviour each second, and its reports.

use super::Chance;
use super::drive::Drive;
use crate::geo::{GeoBox, Position, distance_m};
use crate::ids::{AssignmentId, CaseId};
use crate::model::UnitStatus;
use crate::roads::{RoadGraph, RoadPoint, Search};
use serde::{Deserialize, Serialize};

/// How fast time runs for a crew.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scales {
    /// Working times are multiplied by this.
    pub work: f64,
    /// Driving goes this many times as fast as it would.
    pub drive: f64,
}

impl Default for Scales {
    fn default() -> Self {
        Self {
            work: 1.0,
            drive: 1.0,
        }
    }
}

/// What a crew says after a step, and where it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CrewReport {
    /// It has its task.
    pub acknowledge: bool,
    /// It is there.
    pub arrive: bool,
    /// It is done.
    pub handled: bool,
    /// Its position, WGS 84.
    pub position: Position,
    /// Degrees clockwise from north.
    pub bearing_deg: f32,
    /// Metres a second.
    pub speed_mps: f32,
}

impl CrewReport {
    /// True if it has something to report in addition to its position.
    pub fn is_report(&self) -> bool {
        self.acknowledge || self.arrive || self.handled
    }
}

/// Where a crew is sent.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Task {
    /// Number of the sending that the task came by.
    pub id: AssignmentId,
    /// To which case; `None`: to a place.
    pub case: Option<CaseId>,
    /// Position of the target, WGS 84.
    pub position: Position,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
enum Duty {
    /// On its round; rests where it has stopped.
    Patrol { rest_s: f64 },
    /// Reads its task before it answers.
    Answering { left_s: f64 },
    /// On its way.
    Driving,
    /// Where its task is, its work not yet begun.
    There,
    /// Works on its case, for so many seconds yet.
    Working { left_s: f64 },
    /// The work is done and has been reported.
    Done,
}

/// After this many seconds without effect a crew says it again.
const AGAIN_S: f64 = 8.0;
/// Speed on a round, against that of a crew under way.
const PATROL_SPEED: f64 = 0.65;
/// How far from home a round leads, metres.
const BEAT_M: f64 = 900.0;

/// One crew. It drives by the road, works, says what it has to say, and goes back on its round.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Crew {
    chance: Chance,
    #[serde(skip)]
    beat: std::sync::Arc<Beat>,
    /// Speed against the road's.
    factor: f64,
    scales: Scales,
    position: Position,
    bearing_deg: f32,
    drive: Option<Drive>,
    duty: Duty,
    task: Option<Task>,
    status: UnitStatus,
    /// Seconds since it last said what has not yet been taken in.
    unheard_s: f64,
    /// Metres of the drives that have ended.
    driven_m: f64,
}

impl Crew {
    /// A crew on its round about `home`, which does not leave the city's bounds. `factor`: speed against the road's.
    pub fn new(
        graph: &RoadGraph,
        city: GeoBox,
        home: Position,
        factor: f64,
        scales: Scales,
        mut chance: Chance,
    ) -> Self {
        let beat = Beat::around(graph, city, home, BEAT_M);
        // Not all of a depot's crews are at its gate when the map opens.
        let position = beat.somewhere(&mut chance).map_or(home, |p| p.position);
        let factor = factor * chance.between(0.9, 1.05);
        let rest_s = chance.between(0.0, 40.0);
        Self {
            beat: std::sync::Arc::new(beat),
            factor,
            scales,
            position,
            bearing_deg: 0.0,
            drive: None,
            duty: Duty::Patrol { rest_s },
            task: None,
            status: UnitStatus::Available,
            unheard_s: 0.0,
            driven_m: 0.0,
            chance,
        }
    }

    /// Where it was when it was last heard of: it goes on from there.
    pub fn place(&mut self, position: Position) {
        self.position = position;
        self.leave_road();
    }

    /// Its position, WGS 84.
    pub fn position(&self) -> Position {
        self.position
    }

    /// The case it is sent to.
    pub fn case(&self) -> Option<CaseId> {
        self.task.and_then(|t| t.case)
    }

    /// Metres driven so far.
    pub fn driven_m(&self) -> f64 {
        self.driven_m + self.drive.as_ref().map_or(0.0, Drive::done_m)
    }

    /// How fast it works and drives from now on.
    pub fn set_scales(&mut self, scales: Scales) {
        self.scales = scales;
    }

    /// What its terminal shows about it now. Whatever was before: a new task begins, a task that is gone is left.
    pub fn task_changed(
        &mut self,
        graph: &RoadGraph,
        search: &mut Search,
        status: UnitStatus,
        task: Option<Task>,
    ) {
        if self.status != status {
            self.unheard_s = 0.0;
        }
        self.status = status;
        let Some(task) = task else {
            if self.task.take().is_some() {
                self.duty = Duty::Patrol { rest_s: 5.0 };
                self.leave_road();
            }
            return;
        };
        if self.task.is_some_and(|t| t.id == task.id) {
            return;
        }
        self.task = Some(task);
        self.unheard_s = 0.0;
        match status {
            UnitStatus::EnRoute => self.set_off(graph, search),
            UnitStatus::OnScene => {
                self.duty = Duty::There;
                self.leave_road();
            }
            _ => {
                let left_s = self.chance.between(2.0, 6.0) * self.scales.work.min(1.0);
                self.duty = Duty::Answering { left_s };
            }
        }
    }

    /// Some roads have been closed or opened. A blocked route is planned again from here; after an opening every route
    /// is.
    pub fn roads_changed(&mut self, graph: &RoadGraph, search: &mut Search, opened: bool) {
        let blocked = self.drive.as_ref().is_some_and(|d| d.is_blocked(search));
        match self.duty {
            Duty::Driving if blocked || opened => self.set_off(graph, search),
            _ if blocked => self.leave_road(),
            _ => {}
        }
    }

    fn leave_road(&mut self) {
        if let Some(drive) = self.drive.take() {
            self.driven_m += drive.done_m();
        }
    }

    fn set_off(&mut self, graph: &RoadGraph, search: &mut Search) {
        let Some(task) = self.task else { return };
        let speed_mps = self.drive.as_ref().map_or(0.0, Drive::speed_mps);
        // A crew caught on a road when it is closed may still leave it.
        let caught = self.drive.as_ref().and_then(Drive::edge);
        let caught = caught.filter(|e| search.is_closed(*e));
        self.leave_road();
        if let Some(edge) = caught {
            search.set_closed(edge, false);
        }
        let drive = Drive::plan(graph, search, self.position, task.position, self.factor);
        if let Some(edge) = caught {
            search.set_closed(edge, true);
        }
        self.drive = Some(drive.rolling(speed_mps));
        self.duty = Duty::Driving;
    }

    /// Lives on for `seconds` and says what it has to say. `work_s`: how long the work takes that it begins in this
    /// step, in seconds.
    pub fn step(
        &mut self,
        graph: &RoadGraph,
        search: &mut Search,
        seconds: f64,
        work_s: impl FnOnce(&mut Chance) -> f64,
    ) -> CrewReport {
        let (mut acknowledge, mut arrive, mut handled) = (false, false, false);
        self.unheard_s += seconds;
        match self.duty {
            Duty::Patrol { rest_s } => self.patrol(graph, search, rest_s, seconds),
            Duty::Answering { left_s } if left_s > seconds => {
                self.roll(seconds * 0.5);
                self.duty = Duty::Answering {
                    left_s: left_s - seconds,
                };
            }
            Duty::Answering { .. } => {
                acknowledge = true;
                self.set_off(graph, search);
            }
            Duty::Driving => {
                self.roll(seconds);
                if self.drive.as_ref().is_none_or(Drive::is_there) {
                    arrive = true;
                    self.begin_work(work_s);
                } else if self.status == UnitStatus::Assigned && self.unheard_s > AGAIN_S {
                    acknowledge = true;
                }
            }
            Duty::There => self.begin_work(work_s),
            Duty::Working { left_s } if left_s > seconds => {
                self.duty = Duty::Working {
                    left_s: left_s - seconds,
                };
                arrive = self.status != UnitStatus::OnScene && self.unheard_s > AGAIN_S;
            }
            Duty::Working { .. } => {
                handled = true;
                self.duty = Duty::Done;
            }
            Duty::Done if self.unheard_s > AGAIN_S => {
                // The answer was lost, or the arrival was never received.
                arrive = self.status != UnitStatus::OnScene;
                handled = true;
            }
            Duty::Done => {}
        }
        if acknowledge || arrive || handled {
            self.unheard_s = 0.0;
        }
        let resting = matches!(self.duty, Duty::Patrol { rest_s } if rest_s > 0.0);
        let speed = self.drive.as_ref().map_or(0.0, Drive::speed_mps);
        CrewReport {
            acknowledge,
            arrive,
            handled,
            position: self.position,
            bearing_deg: self.bearing_deg,
            speed_mps: if resting {
                0.0
            } else {
                (speed * self.scales.drive) as f32
            },
        }
    }

    fn begin_work(&mut self, work_s: impl FnOnce(&mut Chance) -> f64) {
        let left_s = work_s(&mut self.chance) * self.scales.work;
        self.duty = Duty::Working { left_s };
        self.leave_road();
    }

    fn patrol(&mut self, graph: &RoadGraph, search: &mut Search, rest_s: f64, seconds: f64) {
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
            let Some(stop) = self.beat.open_place(search, &mut self.chance) else {
                return;
            };
            let factor = self.factor * PATROL_SPEED;
            let drive = Drive::plan(graph, search, self.position, stop.position, factor);
            self.drive = Some(drive);
        }
        self.roll(seconds);
        if self.drive.as_ref().is_none_or(Drive::is_there) {
            self.leave_road();
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
}

/// Places on the road near a point, to patrol by.
#[derive(Clone, Debug, PartialEq)]
pub struct Beat {
    stops: Vec<RoadPoint>,
}

impl Beat {
    /// Every stretch of road of the main component with its middle in the city and within `radius_m` of `home`; all of
    /// the city where none is, and all there are where the city has none.
    pub fn around(graph: &RoadGraph, city: GeoBox, home: Position, radius_m: f64) -> Self {
        let in_main = |e: &u32| graph.in_main_component(*e);
        let middle = |e: u32| graph.point_along(e, 0.5);
        let in_city = |p: &RoadPoint| city.contains(p.position);
        let near = |p: &RoadPoint| distance_m(p.position, home) <= radius_m && in_city(p);
        let about = graph.edges_within(home, radius_m);
        let mut stops: Vec<RoadPoint> = about
            .into_iter()
            .filter(in_main)
            .filter_map(middle)
            .filter(near)
            .collect();
        if stops.is_empty() {
            let all = 0..graph.edge_count() as u32;
            let all: Vec<RoadPoint> = all.filter(in_main).filter_map(middle).collect();
            stops = all.iter().copied().filter(in_city).collect();
            if stops.is_empty() {
                stops = all;
            }
        }
        Self { stops }
    }

    /// Somewhere on it.
    pub fn somewhere(&self, chance: &mut Chance) -> Option<RoadPoint> {
        self.stops.get(chance.below(self.stops.len())).copied()
    }

    /// Somewhere on it where no road is closed; a few tries.
    fn open_place(&self, search: &Search, chance: &mut Chance) -> Option<RoadPoint> {
        (0..4).find_map(|_| self.somewhere(chance).filter(|p| !search.is_closed(p.edge)))
    }
}
