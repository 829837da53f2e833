use super::act::{Acted, CaseTruth};
use super::arrivals::Arrivals;
use super::checker::Checker;
use super::closures::Closures;
use super::config::SimConfig;
use super::crew::{Crew, Task};
use super::instruments::Instruments;
use super::officer::Officer;
use super::places::StreetPlaces;
use super::recorded::Recorded;
use super::{Chance, CitySize, rates};
use crate::command::{CaseReport, Command};
use crate::decide::decide;
use crate::event::Event;
use crate::geo::{GeoBox, Position};
use crate::ids::{CaseId, CommandId, FeedId, UnitId};
use crate::model::{Actor, AssignmentTarget, Unit};
use crate::rank::ArrivalRow;
use crate::record::{Body, ForkRecord, Origin, Record};
use crate::rejection::Rejection;
use crate::roads::{RoadGraph, Search};
use crate::state::{Changes, State};
use crate::time::Timestamp;
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A city that behaves: it goes on from any state, a second a step.
///
/// Everything that happens goes through `decide` and becomes a [`ForkRecord`]; folding its records gives its state. The
/// same state, configuration and seed, with the same commands, acts and records at the same steps, give the same
/// records on every machine. A clone goes on exactly as the original would.
#[derive(Clone, Debug)]
pub struct Simulator {
    pub(super) state: State,
    pub(super) roads: Arc<RoadGraph>,
    pub(super) search: Search,
    pub(super) config: SimConfig,
    pub(super) seed: u64,
    pub(super) now: Timestamp,
    pub(super) steps: u64,
    pub(super) staff: Staff,
    pub(super) arrivals: Vec<Stream>,
    pub(super) places: Option<Arc<StreetPlaces>>,
    pub(super) instruments: Instruments,
    pub(super) faults: Faults,
    pub(super) truths: BTreeMap<CaseId, CaseTruth>,
    pub(super) recorded: Recorded,
}

/// Everybody who works in the city.
#[derive(Clone, Debug, Default)]
pub(super) struct Staff {
    /// By unit number; `None` before the unit is known.
    pub crews: Vec<Option<UnitCrew>>,
    pub officer: Officer,
    pub checker: Checker,
}

/// What does not work, each until a time or, with `None`, until it is mended.
#[derive(Clone, Debug, Default)]
pub(super) struct Faults {
    pub closures: Closures,
    pub dead_feeds: BTreeMap<FeedId, Option<Timestamp>>,
    pub failed_units: BTreeMap<UnitId, Option<Timestamp>>,
}

/// A crew with what only the simulator knows of it.
#[derive(Clone, Debug, Serialize)]
pub(super) struct UnitCrew {
    pub crew: Crew,
    /// When its terminal last reported a position.
    pub reported: Timestamp,
}

/// Cases that come by themselves.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Stream {
    pub arrivals: Arrivals,
    pub next: Option<(Timestamp, CaseReport)>,
    /// When no more cases come by it; `None`: never.
    pub until: Option<Timestamp>,
}

/// What one step has brought.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Step {
    /// Records, in order.
    pub records: Vec<ForkRecord>,
    /// What the records touched in the state.
    pub changes: Changes,
}

/// A crew at rest reports its position this often, seconds.
const STANDING_REPORT_S: f64 = 30.0;

impl Simulator {
    /// A city that goes on from `state`, whose second is the state's last. Nothing of what it does depends on anything
    /// but what it is given here.
    pub fn new(state: State, roads: &Arc<RoadGraph>, config: SimConfig, seed: u64) -> Self {
        let now = state.known_at();
        let mut sim = Self {
            roads: Arc::clone(roads),
            search: Search::new(),
            staff: Staff::default(),
            arrivals: Vec::new(),
            places: None,
            instruments: Instruments::default(),
            faults: Faults::default(),
            truths: BTreeMap::new(),
            recorded: Recorded::default(),
            steps: 0,
            now,
            seed,
            state,
            config,
        };
        let mut everything = Changes::default();
        everything
            .units
            .extend((0..sim.state.units().len() as u32).map(UnitId));
        everything.cases.extend(sim.state.cases().keys());
        sim.note_changes(&everything);
        let rates = sim.config.arrivals.clone();
        sim.set_rates(rates);
        sim
    }

    /// Gives the world that its records are of another name.
    pub fn name(&mut self, world: crate::record::World) {
        self.config.world = world;
    }

    /// Goes to a later second without anything happening, before the first step: for a branch that begins between two
    /// records.
    #[must_use]
    pub fn starting_at(mut self, now: Timestamp) -> Self {
        self.now = self.now.max(now);
        let rates = self.config.arrivals.clone();
        self.set_rates(rates);
        self
    }

    /// What time it is in the city.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// The state of the city now.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// The configuration that it behaves by.
    pub fn config(&self) -> &SimConfig {
        &self.config
    }

    /// The road graph that crews drive on.
    pub fn roads(&self) -> &Arc<RoadGraph> {
        &self.roads
    }

    /// Memory for searches that know which roads are closed, e.g. for [`crate::rank::rank`].
    pub fn search(&mut self) -> &mut Search {
        &mut self.search
    }

    /// Units for a case by road arrival time now, with the roads that are closed.
    ///
    /// # Errors
    /// [`Rejection::NoSuchCase`].
    pub fn rank(&mut self, case: CaseId) -> Result<Vec<ArrivalRow>, Rejection> {
        crate::rank::rank(
            &self.state,
            &self.roads,
            &mut self.search,
            case,
            self.now,
            None,
        )
    }

    /// What was really there at a case, if it differs from the report.
    pub fn truth(&self, case: CaseId) -> Option<&CaseTruth> {
        self.truths.get(&case)
    }

    /// Metres that a unit has driven since the beginning.
    pub fn driven_m(&self, unit: UnitId) -> f64 {
        let crew = self
            .staff
            .crews
            .get(unit.0 as usize)
            .and_then(Option::as_ref);
        crew.map_or(0.0, |c| c.crew.driven_m())
    }

    /// Lets one second pass.
    pub fn step(&mut self) -> Step {
        self.step_recorded(&[])
    }

    /// One second for which the log has these records: cases, readings and traffic happen as they did, officers'
    /// decisions are tried as commands. What units did is left out: they are simulated. See
    /// [`Simulator::set_recorded_until`].
    pub fn step_recorded(&mut self, records: &[Record]) -> Step {
        self.now = self.now.plus_seconds(1);
        self.steps += 1;
        let mut step = Step::default();
        self.expire(&mut step);
        for record in records {
            self.take_recorded(record, &mut step);
        }
        // Refused only for a wrong actor.
        let _ = self.execute(&Command::Tick, &Actor::System, None, &mut step);
        self.let_cases_arrive(&mut step);
        self.measure(&mut step);
        self.live_crews(&mut step);
        self.check_handled(&mut step);
        self.dispatch_waiting(&mut step);
        step
    }

    /// Does a command of a participant or an officer, now.
    ///
    /// # Errors
    /// [`Rejection`], as in the running city.
    pub fn command(
        &mut self,
        command: &Command,
        actor: &Actor,
        id: Option<CommandId>,
    ) -> Result<Acted, Rejection> {
        if let Some(seq) = id.and_then(|id| self.state.commands().seq_of(id)) {
            return Ok(Acted {
                seq,
                ..Acted::default()
            });
        }
        let mut step = Step::default();
        let case = self.execute(command, actor, id, &mut step)?;
        Ok(self.acted(step, case))
    }

    pub(super) fn acted(&self, step: Step, case: Option<CaseId>) -> Acted {
        Acted {
            seq: self.state.seq(),
            records: step.records,
            changes: step.changes,
            case,
            unit: None,
        }
    }

    /// Decides and, where something follows, records and applies it. Gives the case that came of it.
    pub(super) fn execute(
        &mut self,
        command: &Command,
        actor: &Actor,
        id: Option<CommandId>,
        step: &mut Step,
    ) -> Result<Option<CaseId>, Rejection> {
        let events = decide(&self.state, command, actor, self.now)?;
        if events.is_empty() {
            return Ok(None);
        }
        let case = events.iter().find_map(|e| match e {
            Event::CaseReported { case, .. } => Some(*case),
            _ => None,
        });
        let origin = Origin {
            actor: actor.clone(),
            command: id,
        };
        self.write(origin, Body::Events(events), step);
        Ok(case)
    }

    /// Records and applies.
    pub(super) fn write(&mut self, origin: Origin, body: Body, step: &mut Step) {
        let record = ForkRecord::new(Record {
            seq: self.state.seq() + 1,
            known_at: self.now,
            world: self.config.world,
            origin,
            body,
        });
        let changes = self.state.apply(&record);
        self.note_changes(&changes);
        step.changes.merge(changes);
        step.records.push(record);
    }

    /// Tells crews, officer and checker what has changed.
    fn note_changes(&mut self, changes: &Changes) {
        for unit in &changes.units {
            self.update_crew(*unit);
        }
        for case in &changes.cases {
            let found = self.state.case(*case);
            self.staff
                .officer
                .case_changed(*case, found, self.now, self.seed);
            self.staff
                .checker
                .case_changed(*case, found, self.now, self.seed);
        }
    }

    fn update_crew(&mut self, id: UnitId) {
        let Some(unit) = self.state.unit(id) else {
            return;
        };
        let at = id.0 as usize;
        if self.staff.crews.len() <= at {
            self.staff.crews.resize(at + 1, None);
        }
        if self.staff.crews[at].is_none() {
            self.staff.crews[at] = Some(self.new_crew(unit, None));
        }
        let task = task_of(unit);
        let status = unit.status;
        if let Some(c) = &mut self.staff.crews[at] {
            c.crew
                .task_changed(&self.roads, &mut self.search, status, task);
        }
    }

    /// A crew where its unit is; one that nobody has heard of is somewhere on its round.
    pub(super) fn new_crew(&self, unit: &Unit, place: Option<Position>) -> UnitCrew {
        let chance = Chance::of(self.seed, &unit.call_sign);
        let mover = self.state.mover(unit.mover);
        let known = place.or_else(|| mover.and_then(|m| m.position));
        let home = self.config.homes.get(&unit.id).copied().or(known);
        let home = home.unwrap_or_else(|| somewhere(&self.roads, &mut chance.clone()));
        let factor = self.config.speed_factors.get(&unit.fleet).copied();
        let factor = factor.unwrap_or(1.0);
        let within = self.state.rules().map_or(GeoBox::EARTH, |r| r.bounds);
        let mut crew = Crew::new(
            &self.roads,
            within,
            home,
            factor,
            self.config.scales,
            chance,
        );
        if let Some(position) = known {
            crew.place(position);
        }
        UnitCrew {
            crew,
            reported: mover.map_or(Timestamp::MIN, |m| m.fix_time),
        }
    }

    pub(super) fn set_rates(&mut self, rates: Option<rates::CaseRates>) {
        // What rain brings goes on.
        self.arrivals.retain(|s| s.until.is_some());
        let (Some(rates), Some(rules)) = (rates, self.state.rules()) else {
            return;
        };
        let rules = Arc::new(rules.clone());
        let places = self.places();
        let arrivals = Arrivals::new(rates, rules, places, self.seed, self.now, None);
        self.arrivals.insert(0, Stream::new(arrivals, None));
    }

    /// The streets of the city, looked up once.
    pub(super) fn places(&mut self) -> Arc<StreetPlaces> {
        let bounds = self.state.rules().map_or(GeoBox::EARTH, |r| r.bounds);
        let places = self.places.get_or_insert_with(|| {
            let mut chance = Chance::of(self.seed, "places");
            let size = CitySize::of(&self.roads, bounds);
            let (roads, language) = (Arc::clone(&self.roads), self.config.language);
            let land = Arc::new(bounds);
            Arc::new(StreetPlaces::new(roads, land, language, size, &mut chance))
        });
        Arc::clone(places)
    }

    pub(super) fn standing_report_due(&self, reported: Timestamp) -> bool {
        reported.0 == i64::MIN || self.now.seconds_since(reported) >= STANDING_REPORT_S
    }
}

impl Stream {
    pub fn new(mut arrivals: Arrivals, until: Option<Timestamp>) -> Self {
        Self {
            next: arrivals.next_case(),
            arrivals,
            until,
        }
    }
}

fn task_of(unit: &Unit) -> Option<Task> {
    let a = unit.assignment.as_ref()?;
    Some(Task {
        id: a.id,
        case: match a.target {
            AssignmentTarget::Case(case) => Some(case),
            AssignmentTarget::Place(_) => None,
        },
        position: a.position,
    })
}

/// Somewhere on a road.
fn somewhere(roads: &RoadGraph, chance: &mut Chance) -> Position {
    let edge = chance.below(roads.edge_count()) as u32;
    let at = roads.point_along(edge, 0.5);
    at.map_or_else(Position::default, |p| p.position)
}
