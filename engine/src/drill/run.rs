//! A drill that runs: the simulated city, what is still to come, who sits where, and the log of it all.

use super::checkpoints::{count_max, to_give_up};
use super::entry::{Beginning, DrillEntry, DrillEvent};
use super::scenario::{Inject, Scenario};
use super::tally::Tally;
use super::{DirectorAct, DrillPhase, Seat};
use crate::city::Language;
use crate::command::{Basis, Command};
use crate::decide::check_basis;
use crate::ids::{CaseId, CommandId, ThingId};
use crate::model::Actor;
use crate::permission::Permission;
use crate::rank::ArrivalRow;
use crate::rejection::Rejection;
use crate::roads::{Closings, RoadGraph};
use crate::sim::{Acted, CaseRates, SimConfig, Simulator, Step};
use crate::state::{Changes, State};
use crate::time::Timestamp;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Slowest and fastest clock of a drill, seconds of the city a second.
pub const DRILL_SPEED: (f32, f32) = (0.1, 600.0);
/// A moment to rewind to is kept this often, seconds.
const CHECKPOINT_EVERY_S: i64 = 60;
/// Longest note of a director, characters; a longer one is refused.
pub const NOTE_CHARS_MAX: usize = 2_000;

/// Why the director cannot do something.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum DirectError {
    /// Only the director directs.
    #[error("only the director of a drill does that")]
    NotDirector,
    /// It has not begun, or is over.
    #[error("the drill is {0}; that cannot be done now")]
    WrongPhase(&'static str),
    /// No such inject, or it was fired before.
    #[error("inject {0} is not there or has been fired; rewind to let it happen again")]
    NoInject(u32),
    /// A speed that cannot be.
    #[error("speed {0}: choose one between 0.1 and 600")]
    Speed(f32),
    /// Nothing to go back to.
    #[error("there is no moment to go back to before the drill's start")]
    NoCheckpoint,
    /// More than a note holds.
    #[error("a note of {0} characters; write at most {NOTE_CHARS_MAX}")]
    Note(usize),
    /// The city does not let it happen.
    #[error("the inject cannot happen: {0}")]
    Impossible(String),
}

/// When an inject is due and whether it was fired.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Planned {
    pub at: Option<Timestamp>,
    pub fired: Option<Timestamp>,
}

/// Part of an inject that is still to come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Later {
    pub at: Timestamp,
    pub inject: u32,
    /// Which part; what it means is the inject's own affair.
    pub part: u32,
}

/// A moment to go back to.
#[derive(Clone, Debug)]
struct Checkpoint {
    time: Timestamp,
    sim: Simulator,
    tally: Tally,
    plan: Vec<Planned>,
    later: Vec<Later>,
    entries: u64,
}

/// A drill that runs.
#[derive(Debug)]
pub struct Drill {
    pub(super) scenario: Scenario,
    pub(super) sim: Simulator,
    pub(super) tally: Tally,
    pub(super) plan: Vec<Planned>,
    /// What injects still do, the soonest last.
    pub(super) later: Vec<Later>,
    pub(super) phase: DrillPhase,
    pub(super) attempt: u32,
    pub(super) speed: f32,
    /// How often each sits where.
    pub(super) people: BTreeMap<(String, Seat), u32>,
    pub(super) notes: Vec<(Timestamp, String)>,
    checkpoints: Vec<Checkpoint>,
    /// Entries of this attempt so far.
    entries: u64,
    fresh: Vec<DrillEntry>,
    /// Areas that were empty when last asked.
    empty: Vec<u32>,
}

impl Drill {
    /// A drill that has not begun: people come to their seats.
    ///
    /// - `state`: the city at the scenario's second; sensors of the scenario are registered in it
    /// - `config`: how crews behave; rates of cases are the scenario's
    pub fn new(
        scenario: Scenario,
        director: &str,
        state: State,
        roads: &Arc<RoadGraph>,
        config: SimConfig,
    ) -> Self {
        let beginning = Beginning {
            scenario: scenario.clone(),
            director: director.to_owned(),
            // This fails only when memory runs out; a log without a state then says so when it is read.
            state: state.encode().unwrap_or_default(),
        };
        let tally = Tally::new(&scenario, &state);
        let config = SimConfig {
            arrivals: rates(&scenario.mix, scenario.cases_per_hour, &state),
            ..config
        };
        let from = scenario.start.time();
        let sim = Simulator::new(state, roads, config, scenario.seed).starting_at(from);
        let due = |i: &Inject| Planned {
            at: i.at_s.map(|s| from.plus_seconds(i64::from(s))),
            fired: None,
        };
        let mut drill = Self {
            plan: scenario.injects.iter().map(due).collect(),
            later: Vec::new(),
            phase: DrillPhase::Preparing,
            attempt: 1,
            speed: 1.0,
            people: BTreeMap::new(),
            notes: Vec::new(),
            checkpoints: Vec::new(),
            entries: 0,
            fresh: Vec::new(),
            empty: Vec::new(),
            scenario,
            sim,
            tally,
        };
        drill.log(DrillEvent::Begun(Box::new(beginning)));
        drill
    }

    /// The scenario that is played.
    pub fn scenario(&self) -> &Scenario {
        &self.scenario
    }

    /// The language of the city's data.
    pub fn language(&self) -> Language {
        self.sim.config().language
    }

    /// The city as it now is.
    pub fn state(&self) -> &State {
        self.sim.state()
    }

    /// Roads that are closed now.
    pub fn closings(&self) -> &Closings {
        self.sim.closings()
    }

    /// What time it is in the drill.
    pub fn now(&self) -> Timestamp {
        self.sim.now()
    }

    /// When it ends by itself.
    pub fn until(&self) -> Timestamp {
        let from = self.scenario.start.time();
        from.plus_seconds(i64::from(self.scenario.duration_s))
    }

    /// Whether it is being prepared, running, paused or over.
    pub fn phase(&self) -> DrillPhase {
        self.phase
    }

    /// Seconds of the city a second, while it runs.
    pub fn speed(&self) -> f32 {
        self.speed
    }

    /// Counts the attempts, from 1.
    pub fn attempt(&self) -> u32 {
        self.attempt
    }

    /// What can be counted from the log so far.
    pub fn tally(&self) -> &Tally {
        &self.tally
    }

    /// Entries that have come since last asked, for the drill's log.
    pub fn take_entries(&mut self) -> Vec<DrillEntry> {
        std::mem::take(&mut self.fresh)
    }

    /// Areas of the scenario that have lost their last unit since last asked.
    pub fn take_emptied(&mut self) -> Vec<u32> {
        let now: Vec<u32> = self.tally.empty_areas().iter().map(|(a, _)| *a).collect();
        let fresh = now
            .iter()
            .filter(|a| !self.empty.contains(a))
            .copied()
            .collect();
        self.empty = now;
        fresh
    }

    /// Somebody takes a seat; the same person may sit in several, and in one more than once.
    pub fn join(&mut self, name: &str, seat: Seat) {
        let name = name.to_owned();
        let known = self.people.entry((name.clone(), seat)).or_default();
        *known += 1;
        if *known == 1 {
            self.log(DrillEvent::Joined { name, seat });
        }
    }

    /// Somebody leaves a seat.
    pub fn leave(&mut self, name: &str, seat: Seat) {
        let key = (name.to_owned(), seat);
        let Some(known) = self.people.get_mut(&key) else {
            return;
        };
        *known = known.saturating_sub(1);
        if *known == 0 {
            self.people.remove(&key);
            let name = key.0;
            self.log(DrillEvent::Left { name });
        }
    }

    /// One second of the city, while it runs; nothing otherwise.
    pub fn step(&mut self) -> Changes {
        if self.phase != DrillPhase::Running {
            return Changes::default();
        }
        self.keep_checkpoint();
        let step = self.sim.step();
        let mut changes = self.take(step);
        self.tally.reach(self.sim.now());
        changes.merge(self.fire_due());
        if self.sim.now() >= self.until() {
            self.enter(DrillPhase::Ended);
        }
        changes
    }

    /// A participant's command.
    ///
    /// # Errors
    /// [`Rejection`] as in the running city; also unless the clock runs, so that nobody gains time by pausing, and for
    /// progress reports, which only the simulated crews send.
    pub fn command(
        &mut self,
        name: &str,
        command: &Command,
        id: Option<CommandId>,
    ) -> Result<Acted, Rejection> {
        self.command_upon(name, command, &Basis::default(), id)
    }

    /// As [`Self::command`], where what it was decided upon still holds.
    ///
    /// # Errors
    /// [`Rejection`], also for what has changed since it was seen.
    pub fn command_upon(
        &mut self,
        name: &str,
        command: &Command,
        basis: &Basis,
        id: Option<CommandId>,
    ) -> Result<Acted, Rejection> {
        match self.phase {
            DrillPhase::Running => {}
            DrillPhase::Preparing => {
                return Err(Rejection::NotPermitted("the drill has not begun"));
            }
            DrillPhase::Paused => {
                return Err(Rejection::NotPermitted(
                    "the director has stopped the clock",
                ));
            }
            DrillPhase::Ended => return Err(Rejection::NotPermitted("the drill is over")),
        }
        if command.needs() == Permission::ReportProgress {
            return Err(Rejection::NotPermitted(
                "in a drill the crews report for themselves",
            ));
        }
        let done = id.and_then(|id| self.state().commands().seq_of(id));
        if done.is_none() {
            check_basis(self.state(), basis)?;
        }
        let actor = Actor::Operator(name.to_owned());
        let mut acted = self.sim.command(command, &actor, id)?;
        self.log_records(&mut acted);
        Ok(acted)
    }

    /// What the director does. Gives what it changed; `None` where the clock has jumped and nothing known before holds.
    ///
    /// # Errors
    /// [`DirectError`], in words; nothing has changed.
    pub fn direct(&mut self, act: DirectorAct) -> Result<Option<Changes>, DirectError> {
        if self.phase == DrillPhase::Ended && !matches!(act, DirectorAct::Note { .. }) {
            return Err(DirectError::WrongPhase("over"));
        }
        let mut changes = Changes::default();
        match act {
            DirectorAct::Start => {
                if self.phase == DrillPhase::Preparing {
                    self.keep_checkpoint();
                }
                self.enter(DrillPhase::Running);
                changes = self.fire_due();
            }
            DirectorAct::Pause => {
                if self.phase != DrillPhase::Running {
                    return Err(DirectError::WrongPhase("not running"));
                }
                self.enter(DrillPhase::Paused);
            }
            DirectorAct::Speed(speed) => {
                if !(DRILL_SPEED.0..=DRILL_SPEED.1).contains(&speed) {
                    return Err(DirectError::Speed(speed));
                }
                self.speed = speed;
                self.log(DrillEvent::Speed(speed));
            }
            DirectorAct::Postpone { inject, seconds } => self.postpone(inject, seconds)?,
            DirectorAct::Fire { inject } => {
                if self.phase == DrillPhase::Preparing {
                    return Err(DirectError::WrongPhase("not begun"));
                }
                let waiting = |p: &Planned| p.fired.is_none();
                if !self.plan.get(inject as usize).is_some_and(waiting) {
                    return Err(DirectError::NoInject(inject));
                }
                self.checkpoint_now();
                changes = self.fire(inject, true).map_err(DirectError::Impossible)?;
            }
            DirectorAct::Rewind { to } => {
                self.rewind(to)?;
                return Ok(None);
            }
            DirectorAct::Note { text } => {
                let text = text.trim().to_owned();
                let chars = text.chars().count();
                if chars > NOTE_CHARS_MAX {
                    return Err(DirectError::Note(chars));
                }
                self.notes.push((self.now(), text.clone()));
                self.log(DrillEvent::Note(text));
            }
            DirectorAct::End => self.enter(DrillPhase::Ended),
        }
        Ok(Some(changes))
    }

    /// Units for a case by road arrival time, as a participant's console asks for them.
    ///
    /// # Errors
    /// [`Rejection::NoSuchCase`].
    pub fn rank(&mut self, case: CaseId) -> Result<Vec<ArrivalRow>, Rejection> {
        self.sim.rank(case)
    }

    /// The simulated city with its closed roads.
    pub fn simulator(&mut self) -> &mut Simulator {
        &mut self.sim
    }

    /// Moments to go back to.
    pub fn checkpoints(&self) -> Vec<Timestamp> {
        self.checkpoints.iter().map(|c| c.time).collect()
    }

    fn enter(&mut self, phase: DrillPhase) {
        if self.phase != phase {
            self.phase = phase;
            self.log(DrillEvent::Phase(phase));
        }
    }

    fn postpone(&mut self, inject: Option<u32>, seconds: i32) -> Result<(), DirectError> {
        let now = self.now();
        if let Some(i) = inject {
            let waiting = |p: &Planned| p.fired.is_none() && p.at.is_some();
            if !self.plan.get(i as usize).is_some_and(waiting) {
                return Err(DirectError::NoInject(i));
            }
        }
        for (at, planned) in self.plan.iter_mut().enumerate() {
            if planned.fired.is_none() && inject.is_none_or(|i| i as usize == at) {
                // Sooner than now is now.
                let moved = |t: Timestamp| t.plus_seconds(i64::from(seconds)).max(now);
                planned.at = planned.at.map(moved);
            }
        }
        self.log(DrillEvent::Postponed { inject, seconds });
        Ok(())
    }

    fn rewind(&mut self, to: Timestamp) -> Result<(), DirectError> {
        let at = self.checkpoints.iter().rposition(|c| c.time <= to);
        let at = at.ok_or(DirectError::NoCheckpoint)?;
        self.checkpoints.truncate(at + 1);
        let Some(back) = self.checkpoints.last().cloned() else {
            return Err(DirectError::NoCheckpoint);
        };
        self.log(DrillEvent::Rewound {
            to: back.time,
            keep: back.entries,
        });
        self.sim = back.sim;
        self.tally = back.tally;
        self.plan = back.plan;
        self.later = back.later;
        self.entries = back.entries;
        self.empty.clear();
        self.attempt += 1;
        self.phase = DrillPhase::Running;
        self.enter(DrillPhase::Paused);
        Ok(())
    }

    /// A moment to go back to, once a minute.
    fn keep_checkpoint(&mut self) {
        let now = self.now();
        let last = self.checkpoints.last().map(|c| c.time);
        if last.is_none_or(|l| now.seconds_since(l) >= CHECKPOINT_EVERY_S as f64) {
            self.checkpoint_now();
        }
    }

    pub(super) fn checkpoint_now(&mut self) {
        if self
            .checkpoints
            .last()
            .is_some_and(|c| c.time == self.now())
        {
            return;
        }
        let count_max = count_max(self.state().movers().len());
        while self.checkpoints.len() >= count_max {
            let Some(at) = to_give_up(&self.checkpoints(), self.now()) else {
                break;
            };
            self.checkpoints.remove(at);
        }
        self.checkpoints.push(Checkpoint {
            time: self.now(),
            sim: self.sim.clone(),
            tally: self.tally.clone(),
            plan: self.plan.clone(),
            later: self.later.clone(),
            entries: self.entries,
        });
    }

    pub(super) fn log(&mut self, what: DrillEvent) {
        let entry = DrillEntry {
            time: self.sim.now(),
            what,
        };
        self.tally.take(&entry);
        self.entries += 1;
        self.fresh.push(entry);
    }

    fn take(&mut self, step: Step) -> Changes {
        for record in step.records {
            self.log(DrillEvent::Record(Box::new(record.into_record())));
        }
        step.changes
    }

    pub(super) fn log_records(&mut self, acted: &mut Acted) {
        for record in std::mem::take(&mut acted.records) {
            self.log(DrillEvent::Record(Box::new(record.into_record())));
        }
    }

    pub(super) fn thing(&mut self, inject: u32, thing: ThingId) {
        self.log(DrillEvent::Thing { inject, thing });
    }
}

/// So many cases an hour, by weights; every class alike without weights.
pub(super) fn rates(
    mix: &[(crate::ids::ClassId, f64)],
    per_hour: f64,
    state: &State,
) -> Option<CaseRates> {
    let classes = state.rules().map_or(0, |r| r.classes.len());
    let all = || {
        (0..classes)
            .map(|c| (crate::ids::ClassId(c as u16), 1.0))
            .collect()
    };
    let mix: Vec<_> = if mix.is_empty() { all() } else { mix.to_vec() };
    let sum: f64 = mix.iter().map(|(_, w)| w).sum();
    if sum <= 0.0 || per_hour <= 0.0 {
        return None;
    }
    let row = mix.iter().map(|(_, w)| per_hour * w / sum).collect();
    let classes = mix.iter().map(|(c, _)| *c).collect();
    Some(CaseRates::new(classes, vec![row]))
}
