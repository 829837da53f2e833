//! The city at one place of the log. [`State::apply`] is its sole writer.

mod apply;
mod audits;
mod changes;
mod check;
mod commands;
mod cut;
mod digest;
mod keys;
mod late;
mod pieces;
mod placed;
mod sources;
mod spatial;
mod stored;

pub use changes::Changes;
pub use commands::CommandMemory;
pub(crate) use digest::fingerprint;
pub(crate) use late::occurred_at;
pub use late::{LATE_AFTER_S, late_since};
pub use spatial::Spatial;
pub use stored::{STATE_VERSION, StateError, check_state_version};

use audits::Audits;
use keys::MoverKeys;
use sources::Sources;

use crate::city::Rules;
use crate::ids::{AlarmId, AssignmentId, CaseId, FeedId, MoverId, SensorId, UnitId};
use crate::model::{Alarm, Case, CaseHistory, Mover, Reporter, Sensor, Unit};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Everything that is known of the city after a record.
///
/// Keyframes hold it encoded field after field: the order of the fields, those of its parts included, never changes
/// within a version.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct State {
    seq: u64,
    known_at: Timestamp,
    rules: Option<Box<Rules>>,
    registry: Registry,
    cases: BTreeMap<CaseId, Case>,
    case_keys: BTreeMap<(FeedId, String), CaseId>,
    alarms: BTreeMap<AlarmId, Alarm>,
    last: LastIds,
    commands: CommandMemory,
    /// Limits still running, soonest first.
    due: BTreeSet<(Timestamp, CaseId)>,
    /// Ended cases, oldest end first.
    ended: BTreeSet<(Timestamp, CaseId)>,
    /// Of every case of `cases`. Kept behind the rest and not digested: what a state of before version 3 says of its
    /// cases' histories is less than what their records say.
    #[serde(skip)]
    histories: BTreeMap<CaseId, CaseHistory>,
    /// Kept behind the histories where there is something, and not digested either.
    #[serde(skip)]
    behind: Behind,
    /// Rebuilt from the rest; not part of what is kept or digested.
    #[serde(skip)]
    spatial: Spatial,
    #[serde(skip)]
    rebuilt: Rebuilt,
}

/// What is kept of a state behind its histories.
#[derive(Clone, Debug, Default)]
struct Behind {
    audits: Audits,
    /// Of the cases of the live state whose reporter is known.
    reporters: BTreeMap<CaseId, Reporter>,
}

/// What is found in the rest of a state, kept at hand; not part of what is kept or digested.
#[derive(Clone, Debug, Default)]
struct Rebuilt {
    sources: Sources,
    gone: Gone,
}

/// What is left of things that have left the live state.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Gone {
    /// Of the keys of cases those whose case has left the live state.
    keys: BTreeMap<CaseId, (FeedId, String)>,
    /// Places of movers that have retired: the next that are registered take them.
    movers: BTreeSet<MoverId>,
    /// Places of sensors that have retired, likewise.
    sensors: BTreeSet<SensorId>,
}

/// Most keys of cases that have left the live state that stay known, so that a feed that sends its whole list again brings
/// none of them back. The oldest cases' keys are forgotten first. About 100 bytes each.
pub const ENDED_KEYS_MAX: usize = 200_000;

/// Feeds and the things that belong to them, each with the names by which they are found.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Registry {
    feeds: Vec<String>,
    movers: Vec<Mover>,
    mover_keys: Vec<MoverKeys>,
    units: Vec<Unit>,
    call_signs: BTreeMap<String, UnitId>,
    sensors: Vec<Sensor>,
    sensor_keys: BTreeMap<(FeedId, String), SensorId>,
}

/// The highest number given to anything that counts up.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct LastIds {
    case: CaseId,
    alarm: AlarmId,
    assignment: AssignmentId,
}

impl State {
    /// A city of which nothing is known.
    pub fn new() -> Self {
        Self::default()
    }

    /// Number of the last record applied; 0 before the first.
    pub fn seq(&self) -> u64 {
        self.seq
    }

    /// Time of the last record applied.
    pub fn known_at(&self) -> Timestamp {
        self.known_at
    }

    /// The city's rules, once configured.
    pub fn rules(&self) -> Option<&Rules> {
        self.rules.as_deref()
    }

    /// Names of the feeds; [`FeedId`] is the place in this list. Empty where one has given up its name.
    pub fn feeds(&self) -> &[String] {
        &self.registry.feeds
    }

    /// The feed of a name.
    pub fn feed(&self, name: &str) -> Option<FeedId> {
        self.registry
            .feeds
            .iter()
            .position(|f| f == name && !name.is_empty())
            .map(|at| FeedId(at as u16))
    }

    /// All movers; [`MoverId`] is the place in this list.
    #[inline]
    pub fn movers(&self) -> &[Mover] {
        &self.registry.movers
    }

    /// The mover of an id, if there is one.
    #[inline]
    pub fn mover(&self, id: MoverId) -> Option<&Mover> {
        self.registry.movers.get(id.0 as usize)
    }

    /// The mover that a feed calls `key`.
    pub fn mover_of(&self, feed: FeedId, key: &str) -> Option<MoverId> {
        self.registry.mover_keys.get(usize::from(feed.0))?.get(key)
    }

    /// What feeds call their movers.
    pub fn mover_names(&self) -> impl Iterator<Item = (MoverId, &str)> {
        let all = self.registry.mover_keys.iter().flat_map(MoverKeys::all);
        all.map(|(name, mover)| (mover, name))
    }

    /// All units; [`UnitId`] is the place in this list.
    pub fn units(&self) -> &[Unit] {
        &self.registry.units
    }

    /// The unit of an id, if there is one.
    pub fn unit(&self, id: UnitId) -> Option<&Unit> {
        self.registry.units.get(id.0 as usize)
    }

    /// The unit of a call sign.
    pub fn unit_called(&self, call_sign: &str) -> Option<UnitId> {
        self.registry.call_signs.get(call_sign).copied()
    }

    /// All sensors, and places of those that have retired; [`SensorId`] is the place in this list.
    pub fn sensors(&self) -> &[Sensor] {
        &self.registry.sensors
    }

    /// The sensor of an id, if there is one.
    pub fn sensor(&self, id: SensorId) -> Option<&Sensor> {
        self.registry.sensors.get(id.0 as usize)
    }

    /// The sensor that a feed calls `key`.
    pub fn sensor_of(&self, feed: FeedId, key: &str) -> Option<SensorId> {
        self.registry
            .sensor_keys
            .get(&(feed, key.to_owned()))
            .copied()
    }

    /// Cases of the live state: open ones and those that ended lately.
    pub fn cases(&self) -> &BTreeMap<CaseId, Case> {
        &self.cases
    }

    /// The case of an id, while it is in the live state.
    pub fn case(&self, id: CaseId) -> Option<&Case> {
        self.cases.get(&id)
    }

    /// What happened to each case of the live state.
    pub fn histories(&self) -> &BTreeMap<CaseId, CaseHistory> {
        &self.histories
    }

    /// Who reported a case, while it is in the live state and where that is known.
    pub fn reporter(&self, id: CaseId) -> Option<&Reporter> {
        self.behind.reporters.get(&id)
    }

    /// What happened to a case, while it is in the live state.
    pub fn history(&self, id: CaseId) -> Option<&CaseHistory> {
        self.histories.get(&id)
    }

    /// The case that a feed calls `key`.
    pub fn case_of(&self, feed: FeedId, key: &str) -> Option<CaseId> {
        self.case_keys.get(&(feed, key.to_owned())).copied()
    }

    /// Alarms that are not both ended and acknowledged.
    pub fn alarms(&self) -> &BTreeMap<AlarmId, Alarm> {
        &self.alarms
    }

    /// Commands applied lately, to know a repeat by.
    pub fn commands(&self) -> &CommandMemory {
        &self.commands
    }

    /// The index of where movers, open cases and sensors are.
    pub fn spatial(&self) -> &Spatial {
        &self.spatial
    }

    pub(crate) fn due(&self) -> &BTreeSet<(Timestamp, CaseId)> {
        &self.due
    }

    pub(crate) fn ended(&self) -> &BTreeSet<(Timestamp, CaseId)> {
        &self.ended
    }

    /// Places in the list of movers that are free, and then those behind its end: where the next movers come.
    pub(crate) fn mover_places(&self) -> impl Iterator<Item = MoverId> + '_ {
        let behind = (self.registry.movers.len() as u32..).map(MoverId);
        self.rebuilt.gone.movers.iter().copied().chain(behind)
    }

    /// Movers that are known, without the places of those that have retired.
    pub fn movers_known(&self) -> usize {
        self.registry.movers.len() - self.rebuilt.gone.movers.len()
    }

    /// Sensors that are known, without the places of those that have retired.
    pub fn sensors_known(&self) -> usize {
        self.registry.sensors.len() - self.rebuilt.gone.sensors.len()
    }

    /// Feeds that are known, without the places of those that have retired.
    pub fn feeds_known(&self) -> usize {
        let names = self.registry.feeds.iter();
        names.filter(|name| !name.is_empty()).count()
    }

    /// The place that the next sensor takes.
    pub(crate) fn next_sensor(&self) -> SensorId {
        let behind = SensorId(self.registry.sensors.len() as u32);
        self.rebuilt.gone.sensors.first().copied().unwrap_or(behind)
    }

    /// The place that the next feed takes.
    pub(crate) fn next_feed(&self) -> FeedId {
        let feeds = &self.registry.feeds;
        let vacant = feeds.iter().position(String::is_empty);
        FeedId(vacant.unwrap_or(feeds.len()) as u16)
    }

    pub(crate) fn next_case(&self) -> CaseId {
        CaseId(self.last.case.0 + 1)
    }

    pub(crate) fn next_alarm(&self) -> AlarmId {
        AlarmId(self.last.alarm.0 + 1)
    }

    pub(crate) fn next_assignment(&self) -> AssignmentId {
        AssignmentId(self.last.assignment.0 + 1)
    }
}
