use super::ForkError;
use super::decisions::{Decision, decisions_of};
use super::measures::Measures;
use super::{ForkRow, Intervention};
use crate::command::Command;
use crate::decide::decide;
use crate::geo::{LonLat, Position};
use crate::ids::{CaseId, UnitId};
use crate::model::{Actor, AssignmentTarget};
use crate::record::{Record, World};
use crate::rejection::Rejection;
use crate::roads::RoadGraph;
use crate::sim::{ROAD_M, SimAct, SimConfig, SimError, Simulator, Step};
use crate::state::State;
use crate::time::Timestamp;
use std::sync::Arc;

/// What is to be forked, and how.
#[derive(Clone, Debug)]
pub struct ForkPlan {
    /// The second that both branches come from: no younger than the state.
    pub at: Timestamp,
    /// How far both run, seconds.
    pub ahead_s: u32,
    /// Names of the branch without and of the branch with what is done otherwise.
    pub worlds: (World, World),
    /// Chance in both.
    pub seed: u64,
    /// What is done otherwise in the second branch.
    pub interventions: Vec<Intervention>,
    /// Until this moment the city's log decides what happens; `None`: it ends before `at`.
    pub recorded_until: Option<Timestamp>,
    /// Who does what is done otherwise.
    pub by: String,
}

/// One branch with what is noted of it.
#[derive(Clone, Debug)]
pub(super) struct Branch {
    pub sim: Simulator,
    pub measures: Measures,
    pub decisions: Vec<Decision>,
}

/// Two branches of one second.
#[derive(Clone, Debug)]
pub struct Fork {
    pub(super) actual: Branch,
    pub(super) other: Branch,
    pub(super) at: Timestamp,
    pub(super) until: Timestamp,
    pub(super) differs_at: Option<Timestamp>,
    pub(super) rows: Vec<ForkRow>,
    /// The case that it is about.
    pub(super) case: Option<CaseId>,
    /// What is still to be done otherwise, soonest last.
    to_do: Vec<Intervention>,
    by: String,
}

/// What a second has brought in both branches.
#[derive(Clone, Debug, Default)]
pub struct ForkStep {
    /// In the branch without the interventions.
    pub actual: Step,
    /// In the branch with them.
    pub other: Step,
    /// What was to be done otherwise and could not be, in words.
    pub refused: Vec<String>,
}

impl Fork {
    /// Two branches of `state`. `config` says how the city behaves; its world is replaced. What is to be done at the
    /// second itself is done by the first [`Fork::step`].
    ///
    /// # Errors
    /// [`ForkError`], in words, when something that is to be done otherwise makes no sense at this second.
    pub fn new(
        state: State,
        roads: &Arc<RoadGraph>,
        config: SimConfig,
        plan: ForkPlan,
    ) -> Result<Self, ForkError> {
        if state.rules().is_none() {
            return Err(ForkError::NoCity);
        }
        let until = plan.at.plus_seconds(i64::from(plan.ahead_s));
        for (number, intervention) in (1..).zip(&plan.interventions) {
            check(&state, intervention, number, plan.at, until)?;
        }
        let branch = |world: World, state: State| {
            let config = SimConfig {
                world,
                ..config.clone()
            };
            let mut sim = Simulator::new(state, roads, config, plan.seed).starting_at(plan.at);
            sim.set_recorded_until(plan.recorded_until);
            Branch {
                measures: Measures::default(),
                decisions: Vec::new(),
                sim,
            }
        };
        let case = plan.interventions.iter().find_map(|i| match i {
            Intervention::Dispatch { case, .. } => Some(*case),
            _ => None,
        });
        let mut fork = Self {
            actual: branch(plan.worlds.0, state.clone()),
            other: branch(plan.worlds.1, state),
            at: plan.at,
            until,
            differs_at: None,
            rows: Vec::new(),
            case,
            to_do: plan.interventions,
            by: plan.by,
        };
        for (number, intervention) in (1..).zip(&fork.to_do.clone()) {
            fork.prepare(intervention, number)?;
        }
        fork.to_do.sort_by_key(|i| core::cmp::Reverse(when(i)));
        fork.rows.push(fork.row());
        Ok(fork)
    }

    /// Gives the branches other names, before the first step.
    pub fn name(&mut self, actual: World, other: World) {
        self.actual.sim.name(actual);
        self.other.sim.name(other);
    }

    /// The branch without what is done otherwise.
    pub fn actual(&self) -> &Simulator {
        &self.actual.sim
    }

    /// The branch with it.
    pub fn other(&self) -> &Simulator {
        &self.other.sim
    }

    /// How far both have run.
    pub fn time(&self) -> Timestamp {
        self.actual.sim.now()
    }

    /// How far both are to run.
    pub fn until(&self) -> Timestamp {
        self.until
    }

    /// True once both have run as far as they are to.
    pub fn is_done(&self) -> bool {
        self.time() >= self.until
    }

    /// Where the branches first differ.
    pub fn differs_at(&self) -> Option<Timestamp> {
        self.differs_at
    }

    /// One second in both. `recorded`: what history has of it, see [`Simulator::step_recorded`].
    pub fn step(&mut self, recorded: &[Record]) -> ForkStep {
        let mut done = ForkStep::default();
        if self.time() == self.at {
            self.do_otherwise(&mut done);
        }
        let actual = self.actual.sim.step_recorded(recorded);
        let other = self.other.sim.step_recorded(recorded);
        add(&mut done.actual, actual);
        add(&mut done.other, other);
        self.do_otherwise(&mut done);
        self.actual.take(&done.actual);
        self.other.take(&done.other);
        if self.differs_at.is_none() {
            self.differs_at = first_difference(&done);
        }
        if self.time().seconds_since(self.at).rem_euclid(60.0) < 0.5 {
            self.rows.push(self.row());
        }
        done
    }

    /// Does what is due by now.
    fn do_otherwise(&mut self, done: &mut ForkStep) {
        let now = self.time();
        while let Some(next) = self.to_do.pop_if(|i| when(i) <= now) {
            if let Err(why) = self.intervene(&next, &mut done.other) {
                done.refused.push(why.to_string());
            }
        }
    }

    fn intervene(&mut self, intervention: &Intervention, step: &mut Step) -> Result<(), SimError> {
        let sim = &mut self.other.sim;
        let acted = match *intervention {
            Intervention::Dispatch {
                case,
                unit,
                instead_of,
                ..
            } => {
                let to = sim.state().case(case).map(|c| c.position);
                let expected_s = to.and_then(|to| expected_s(sim, unit, to));
                let command = sending(sim.state(), case, unit, instead_of, expected_s)?;
                sim.command(&command, &Actor::Operator(self.by.clone()), None)?
            }
            Intervention::CloseRoad {
                lon, lat, until, ..
            } => sim.act(SimAct::CloseRoad {
                at: place(lon, lat)?,
                until,
            })?,
            Intervention::AddUnit { like, lon, lat, .. } => sim.act(SimAct::AddUnit {
                like,
                call_sign: String::new(),
                at: place(lon, lat)?,
            })?,
        };
        step.records.extend(acted.records);
        step.changes.merge(acted.changes);
        Ok(())
    }

    /// Roads that are to be closed must be there; what history has somebody do in whose place another goes is left out.
    fn prepare(&mut self, intervention: &Intervention, number: usize) -> Result<(), ForkError> {
        let sim = &mut self.other.sim;
        match *intervention {
            Intervention::CloseRoad { lon, lat, .. } => {
                let at = place(lon, lat).map_err(|why| ForkError::of(number, why))?;
                if sim.road_at(at).is_empty() {
                    let why = SimError::NoRoad {
                        lon_deg: lon,
                        lat_deg: lat,
                        reach_m: ROAD_M as u32,
                    };
                    return Err(ForkError::of(number, why));
                }
            }
            Intervention::Dispatch {
                case,
                instead_of: Some(unit),
                ..
            } => {
                let acted = sim.act(SimAct::LeaveOut { unit, case });
                acted.map_err(|why| ForkError::of(number, why))?;
            }
            _ => {}
        }
        Ok(())
    }
}

impl Branch {
    fn take(&mut self, step: &Step) {
        self.measures.count(&self.sim, step);
        self.decisions.extend(decisions_of(step));
    }
}

fn add(to: &mut Step, more: Step) {
    to.records.extend(more.records);
    to.changes.merge(more.changes);
}

/// When the records of a step differ in anything but the world that they are of.
fn first_difference(step: &ForkStep) -> Option<Timestamp> {
    let (a, b) = (&step.actual.records, &step.other.records);
    let same = |(x, y): &(&crate::record::ForkRecord, &crate::record::ForkRecord)| {
        (x.seq, x.known_at, &x.origin, &x.body) == (y.seq, y.known_at, &y.origin, &y.body)
    };
    if let Some((x, y)) = a.iter().zip(b).find(|pair| !same(pair)) {
        return Some(x.known_at.min(y.known_at));
    }
    let longer = if a.len() > b.len() { a } else { b };
    longer.get(a.len().min(b.len())).map(|r| r.known_at)
}

pub(super) fn when(intervention: &Intervention) -> Timestamp {
    match intervention {
        Intervention::Dispatch { at, .. }
        | Intervention::CloseRoad { at, .. }
        | Intervention::AddUnit { at, .. } => *at,
    }
}

fn place(lon: f64, lat: f64) -> Result<Position, SimError> {
    let at = LonLat::new(lon, lat).position();
    at.map_err(|_| SimError::Number {
        what: "longitude or latitude",
        value: if lon.is_finite() && lon.abs() <= 180.0 {
            lat
        } else {
            lon
        },
        wanted: "a place on Earth",
    })
}

/// The command that sends a unit, in place of another unit if that is on its way.
fn sending(
    state: &State,
    case: CaseId,
    unit: UnitId,
    instead_of: Option<UnitId>,
    expected_s: Option<u32>,
) -> Result<Command, Rejection> {
    let c = state.case(case).ok_or(Rejection::NoSuchCase(case))?;
    Ok(match instead_of.filter(|from| c.units.contains(from)) {
        Some(from) => Command::ReassignCase {
            case,
            from,
            to: unit,
            expected_s,
        },
        None => Command::DispatchUnit {
            unit,
            target: AssignmentTarget::Case(case),
            expected_s,
        },
    })
}

/// Road time of a unit to a place, seconds.
fn expected_s(sim: &mut Simulator, unit: UnitId, to: Position) -> Option<u32> {
    let mover = sim.state().mover(sim.state().unit(unit)?.mover)?;
    let (from, course_deg) = (mover.position?, mover.course_deg());
    let roads = Arc::clone(sim.roads());
    let search = sim.search();
    let from = roads.snap_vehicle(from, course_deg, crate::rank::SNAP_M, search)?;
    let to = roads.snap_open(to, crate::rank::SNAP_M, search)?;
    let way = roads.route(from, to, search)?;
    Some(libm::roundf(way.seconds) as u32)
}

/// Refuses what makes no sense at the second that is forked.
fn check(
    state: &State,
    intervention: &Intervention,
    number: usize,
    at: Timestamp,
    until: Timestamp,
) -> Result<(), ForkError> {
    let due = when(intervention);
    let apart_s = |a: Timestamp, b: Timestamp| libm::ceil(a.seconds_since(b)) as i64;
    if due < at {
        let before_s = apart_s(at, due);
        return Err(ForkError::Before { number, before_s });
    }
    if due > until {
        let after_s = apart_s(due, until);
        return Err(ForkError::After { number, after_s });
    }
    let known = |unit: UnitId| match state.unit(unit) {
        Some(_) => Ok(()),
        None => Err(ForkError::from((number, Rejection::NoSuchUnit(unit)))),
    };
    match *intervention {
        Intervention::Dispatch {
            case,
            unit,
            instead_of,
            ..
        } => {
            known(unit)?;
            instead_of.map_or(Ok(()), known)?;
            let command = sending(state, case, unit, instead_of, None);
            let command = command.map_err(|why| (number, why))?;
            // What is done at once must be possible at once; what is done later is seen then.
            if due == at {
                let system = Actor::System;
                decide(state, &command, &system, at).map_err(|why| (number, why))?;
            }
            Ok(())
        }
        Intervention::CloseRoad { lon, lat, .. } => placed(lon, lat, number).map(|_| ()),
        Intervention::AddUnit { like, lon, lat, .. } => {
            known(like)?;
            let at = placed(lon, lat, number)?;
            if state.rules().is_some_and(|r| r.bounds.contains(at)) {
                Ok(())
            } else {
                Err((number, Rejection::OutsideCity).into())
            }
        }
    }
}

fn placed(lon: f64, lat: f64, number: usize) -> Result<Position, ForkError> {
    let at = LonLat::new(lon, lat).position();
    at.map_err(|why| ForkError::Place { number, why })
}
