//! One walk over a stretch of the log: what was there at its beginning, and all that became of it.

use super::ExportError;
use super::area::Area;
use chengtu_engine::city::Rules;
use chengtu_engine::command::Observation;
use chengtu_engine::event::Event;
use chengtu_engine::geo::Position;
use chengtu_engine::ids::{AlarmId, AssignmentId, CaseId, MoverId, UnitId};
use chengtu_engine::model::{
    Actor, Alarm, Assignment, AssignmentTarget, Case, Fix, MoverKind, Sensor, Unit,
};
use chengtu_engine::record::{Body, Record};
use chengtu_engine::replay::{Gap, History};
use chengtu_engine::state::State;
use chengtu_engine::time::Timestamp;
use std::collections::BTreeMap;

/// Records read at once.
const CHUNK: usize = 4_096;

/// A stretch of time, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// First moment, included.
    pub from: Timestamp,
    /// Last moment, included.
    pub to: Timestamp,
}

/// Something that moves, as it is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MoverName {
    /// Its id in the state.
    pub id: MoverId,
    /// Its feed's name for it.
    pub key: String,
    /// What it is.
    pub kind: MoverKind,
    /// Call sign, where it carries a unit.
    pub call_sign: Option<String>,
}

/// One sending of a unit with its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dispatch {
    /// Unit whose track it is.
    pub unit: UnitId,
    /// Its call sign.
    pub call_sign: String,
    /// The assignment as it was last.
    pub assignment: Assignment,
    /// When and how it ended: `released` or `recalled`.
    pub ended: Option<(Timestamp, &'static str)>,
}

/// What a stretch of a city's time holds, but for positions and readings, which are handed on as they come.
#[derive(Debug)]
pub struct Gathered {
    /// The city's rules at the end.
    pub rules: Rules,
    /// Names of the feeds.
    pub feeds: Vec<String>,
    /// Cases, each as it was last: with every stage until the end of the stretch.
    pub cases: BTreeMap<CaseId, Case>,
    /// Alarms, each as it was last.
    pub alarms: BTreeMap<AlarmId, Alarm>,
    /// Sendings of units.
    pub dispatches: BTreeMap<AssignmentId, Dispatch>,
    /// Sensors at the end.
    pub sensors: Vec<Sensor>,
    /// Units at the end.
    pub units: Vec<Unit>,
    /// Stretches within that the log has lost.
    pub gaps: Vec<Gap>,
    /// Positions handed on.
    pub fixes: u64,
    /// Readings handed on.
    pub observations: u64,
}

/// Takes what is too much to be kept.
pub trait Rows {
    /// A position, known in the stretch.
    ///
    /// # Errors
    /// When it cannot be written.
    fn fix(&mut self, mover: &MoverName, fix: &Fix, known_at: Timestamp)
    -> Result<(), ExportError>;

    /// A reading, known in the stretch.
    ///
    /// # Errors
    /// When it cannot be written.
    fn observation(
        &mut self,
        sensor: &Sensor,
        observation: &Observation,
        known_at: Timestamp,
    ) -> Result<(), ExportError>;
}

impl Stretch {
    /// The gaps that lie in it: a stretch that ends where a gap begins, or begins where one ends, has lost nothing.
    pub fn gaps(self, history: &dyn History) -> Vec<Gap> {
        let within = |g: &Gap| {
            let touches = g.from <= self.to && g.to >= self.from;
            let overlaps = g.from < self.to && g.to > self.from;
            overlaps || touches && g.from == g.to
        };
        let mut gaps = history.gaps();
        gaps.retain(within);
        gaps.sort_by_key(|g| g.from);
        gaps
    }
}

/// Walks over a stretch.
///
/// # Errors
/// Those of the log and of `rows`; [`ExportError::Nothing`] where there is nothing.
pub fn gather(
    history: &dyn History,
    stretch: Stretch,
    area: &Area,
    rows: &mut dyn Rows,
) -> Result<Gathered, ExportError> {
    let mut walk = Walk {
        state: state_before(history, stretch.from)?,
        area,
        names: BTreeMap::new(),
        cases: BTreeMap::new(),
        alarms: BTreeMap::new(),
        dispatches: BTreeMap::new(),
        fixes: 0,
        observations: 0,
    };
    walk.begin();
    loop {
        let records = history.records(walk.state.seq(), stretch.to, CHUNK)?;
        for record in &records {
            walk.record(record, rows)?;
        }
        if records.is_empty() {
            let Some(state) = behind_gap(history, walk.state.seq(), stretch)? else {
                break;
            };
            walk.state = state;
            walk.begin();
        }
    }
    walk.end(stretch.gaps(history))
}

/// The city behind the next gap of a stretch, where the records after `seq` end at one; `None` at the stretch's end. What
/// is damaged is known as a gap only once somebody has come upon it.
///
/// # Errors
/// Those of the log.
pub fn behind_gap(
    history: &dyn History,
    seq: u64,
    stretch: Stretch,
) -> Result<Option<State>, ExportError> {
    for gap in stretch.gaps(history) {
        if gap.to > stretch.to {
            break;
        }
        let state = history.state_before(gap.to)?;
        if state.seq() > seq {
            return Ok(Some(state));
        }
    }
    Ok(None)
}

/// The city just before a moment: what was known at that very moment is still to come.
///
/// # Errors
/// Those of the log.
pub fn state_before(history: &dyn History, time: Timestamp) -> Result<State, ExportError> {
    let before = state_at(history, Timestamp(time.0.saturating_sub(1)))?;
    if before.seq() > 0 {
        return Ok(before);
    }
    // A log whose first days were taken away may begin with a state of the same moment as its first record.
    Ok(history.state_before(time)?)
}

/// The city at a moment, as it was known.
///
/// # Errors
/// Those of the log.
pub fn state_at(history: &dyn History, time: Timestamp) -> Result<State, ExportError> {
    let mut state = history.state_before(time)?;
    loop {
        let records = history.records(state.seq(), time, CHUNK)?;
        if records.is_empty() {
            return Ok(state);
        }
        for r in &records {
            state.apply(r);
        }
    }
}

struct Walk<'a> {
    state: State,
    area: &'a Area,
    names: BTreeMap<MoverId, MoverName>,
    cases: BTreeMap<CaseId, Case>,
    alarms: BTreeMap<AlarmId, Alarm>,
    dispatches: BTreeMap<AssignmentId, Dispatch>,
    fixes: u64,
    observations: u64,
}

impl Walk<'_> {
    /// Takes in what is in the state already.
    fn begin(&mut self) {
        let names = self.state.mover_names().map(|(id, key)| {
            let mover = self.state.mover(id);
            let unit = mover.and_then(|m| m.unit).and_then(|u| self.state.unit(u));
            let name = MoverName {
                id,
                key: key.to_owned(),
                kind: mover.map_or(MoverKind::Car, |m| m.kind),
                call_sign: unit.map(|u| u.call_sign.clone()),
            };
            (id, name)
        });
        self.names = names.collect();
        let cases = self.state.cases().iter().map(|(id, c)| (*id, c.clone()));
        self.cases.extend(cases);
        let alarms = self.state.alarms().iter().map(|(id, a)| (*id, a.clone()));
        self.alarms.extend(alarms);
        for unit in self.state.units() {
            note_task(&mut self.dispatches, unit);
        }
    }

    fn record(&mut self, record: &Record, rows: &mut dyn Rows) -> Result<(), ExportError> {
        let at = record.known_at;
        if let Body::Events(events) | Body::Observations(_, events) = &record.body {
            for event in events {
                self.before(event, at);
            }
        }
        let changes = self.state.apply(record);
        for id in &changes.cases {
            if let Some(c) = self.state.case(*id) {
                self.cases.insert(*id, c.clone());
            }
        }
        for id in &changes.alarms {
            if let Some(a) = self.state.alarms().get(id) {
                self.alarms.insert(*id, a.clone());
            }
        }
        for id in &changes.units {
            if let Some(u) = self.state.unit(*id) {
                note_task(&mut self.dispatches, u);
                if let Some(name) = self.names.get_mut(&u.mover) {
                    name.call_sign = Some(u.call_sign.clone());
                    name.kind = MoverKind::Unit;
                }
            }
        }
        match &record.body {
            Body::Fixes(block) => {
                for fix in block.iter().filter(|f| self.area.contains(f.position)) {
                    if let Some(name) = self.names.get(&fix.mover) {
                        rows.fix(name, &fix, at)?;
                        self.fixes += 1;
                    }
                }
            }
            Body::Observations(observations, _) => {
                for o in observations {
                    let sensor = self.state.sensor(o.sensor);
                    if let Some(s) = sensor.filter(|s| self.area.contains(s.position)) {
                        rows.observation(s, o, at)?;
                        self.observations += 1;
                    }
                }
            }
            Body::Events(_) => {}
        }
        Ok(())
    }

    /// What the state forgets when it takes an event in.
    fn before(&mut self, event: &Event, at: Timestamp) {
        match event {
            Event::MoverRegistered {
                mover, key, kind, ..
            } => {
                let name = MoverName {
                    id: *mover,
                    key: key.clone(),
                    kind: *kind,
                    call_sign: None,
                };
                self.names.insert(*mover, name);
            }
            Event::UnitRecalled { unit } => self.ended(*unit, at, "recalled"),
            Event::UnitReleased { unit } => self.ended(*unit, at, "released"),
            _ => {}
        }
    }

    fn ended(&mut self, unit: UnitId, at: Timestamp, how: &'static str) {
        let unit = self.state.unit(unit);
        let task = unit.and_then(|u| u.assignment.as_ref()).map(|a| a.id);
        if let Some(d) = task.and_then(|id| self.dispatches.get_mut(&id)) {
            d.ended = Some((at, how));
        }
    }

    fn end(self, gaps: Vec<Gap>) -> Result<Gathered, ExportError> {
        let area = self.area;
        let inside = |p: Position| area.contains(p);
        let gathered = Gathered {
            rules: self
                .state
                .rules()
                .cloned()
                .ok_or(ExportError::Nothing { of_area: "" })?,
            feeds: self.state.feeds().to_vec(),
            cases: keep(self.cases, |c: &Case| inside(c.position)),
            alarms: keep(self.alarms, |a: &Alarm| inside(a.position)),
            dispatches: keep(self.dispatches, |d: &Dispatch| {
                inside(d.assignment.position)
            }),
            sensors: self
                .state
                .sensors()
                .iter()
                .filter(|s| !s.has_retired() && inside(s.position))
                .cloned()
                .collect(),
            units: self.state.units().to_vec(),
            gaps,
            fixes: self.fixes,
            observations: self.observations,
        };
        let g = &gathered;
        if g.cases.is_empty()
            && g.alarms.is_empty()
            && g.dispatches.is_empty()
            && g.sensors.is_empty()
            && g.fixes == 0
        {
            return Err(ExportError::Nothing {
                of_area: if *area == Area::All {
                    ""
                } else {
                    " in that area"
                },
            });
        }
        Ok(gathered)
    }
}

fn keep<K: Ord, V>(all: BTreeMap<K, V>, test: impl Fn(&V) -> bool) -> BTreeMap<K, V> {
    all.into_iter().filter(|(_, v)| test(v)).collect()
}

fn note_task(dispatches: &mut BTreeMap<AssignmentId, Dispatch>, unit: &Unit) {
    if let Some(a) = &unit.assignment {
        let d = dispatches.entry(a.id).or_insert_with(|| Dispatch {
            unit: unit.id,
            call_sign: unit.call_sign.clone(),
            assignment: a.clone(),
            ended: None,
        });
        d.assignment.clone_from(a);
    }
}

impl Dispatch {
    /// The case that it was for.
    pub fn case(&self) -> Option<CaseId> {
        match self.assignment.target {
            AssignmentTarget::Case(c) => Some(c),
            AssignmentTarget::Place(_) => None,
        }
    }
}

/// Who did something, in words: the trade of a person, or, where wanted, the name.
pub fn actor_words(actor: &Actor, g: &Gathered, names: bool) -> String {
    match actor {
        Actor::Operator(name) if names => name.clone(),
        Actor::Operator(_) => "duty officer".to_owned(),
        Actor::Unit(unit) => g
            .units
            .get(unit.0 as usize)
            .map_or_else(|| format!("unit {unit}"), |u| u.call_sign.clone()),
        Actor::Feed(feed) => g
            .feeds
            .get(usize::from(feed.0))
            .map_or_else(|| format!("feed {feed}"), |f| format!("feed {f}")),
        Actor::System => "city".to_owned(),
    }
}
