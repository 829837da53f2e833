//! The city at one place of the log. [`State::apply`] is its sole writer.

mod apply;
mod changes;
mod check;
mod commands;
mod cut;
mod digest;
mod keys;
mod pieces;
mod spatial;

pub use changes::Changes;
pub use commands::CommandMemory;
pub(crate) use digest::fingerprint;
pub use spatial::Spatial;

use keys::MoverKeys;

use crate::city::Rules;
use crate::ids::{AlarmId, AssignmentId, CaseId, FeedId, MoverId, SensorId, UnitId};
use crate::model::{Alarm, Case, Mover, Sensor, Unit};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Everything that is known of the city after a record.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct State {
    seq: u64,
    known_at: Timestamp,
    rules: Option<Box<Rules>>,
    feeds: Vec<String>,
    movers: Vec<Mover>,
    mover_keys: Vec<MoverKeys>,
    units: Vec<Unit>,
    call_signs: BTreeMap<String, UnitId>,
    sensors: Vec<Sensor>,
    sensor_keys: BTreeMap<(FeedId, String), SensorId>,
    cases: BTreeMap<CaseId, Case>,
    case_keys: BTreeMap<(FeedId, String), CaseId>,
    alarms: BTreeMap<AlarmId, Alarm>,
    last_case: CaseId,
    last_alarm: AlarmId,
    last_assignment: AssignmentId,
    commands: CommandMemory,
    /// Limits still running, soonest first.
    due: BTreeSet<(Timestamp, CaseId)>,
    /// Ended cases, oldest end first.
    ended: BTreeSet<(Timestamp, CaseId)>,
    /// Rebuilt from the rest; not part of what is kept or digested.
    #[serde(skip)]
    spatial: Spatial,
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

    /// Names of the feeds; [`FeedId`] is the place in this list.
    pub fn feeds(&self) -> &[String] {
        &self.feeds
    }

    /// The feed of a name.
    pub fn feed(&self, name: &str) -> Option<FeedId> {
        self.feeds
            .iter()
            .position(|f| f == name)
            .map(|at| FeedId(at as u16))
    }

    /// All movers; [`MoverId`] is the place in this list.
    pub fn movers(&self) -> &[Mover] {
        &self.movers
    }

    /// One mover.
    pub fn mover(&self, id: MoverId) -> Option<&Mover> {
        self.movers.get(id.0 as usize)
    }

    /// The mover that a feed calls `key`.
    pub fn mover_of(&self, feed: FeedId, key: &str) -> Option<MoverId> {
        self.mover_keys.get(usize::from(feed.0))?.get(key)
    }

    /// What feeds call their movers.
    pub fn mover_names(&self) -> impl Iterator<Item = (MoverId, &str)> {
        let all = self.mover_keys.iter().flat_map(MoverKeys::all);
        all.map(|(name, mover)| (mover, name))
    }

    /// All units; [`UnitId`] is the place in this list.
    pub fn units(&self) -> &[Unit] {
        &self.units
    }

    /// One unit.
    pub fn unit(&self, id: UnitId) -> Option<&Unit> {
        self.units.get(id.0 as usize)
    }

    /// The unit of a call sign.
    pub fn unit_called(&self, call_sign: &str) -> Option<UnitId> {
        self.call_signs.get(call_sign).copied()
    }

    /// All sensors; [`SensorId`] is the place in this list.
    pub fn sensors(&self) -> &[Sensor] {
        &self.sensors
    }

    /// One sensor.
    pub fn sensor(&self, id: SensorId) -> Option<&Sensor> {
        self.sensors.get(id.0 as usize)
    }

    /// The sensor that a feed calls `key`.
    pub fn sensor_of(&self, feed: FeedId, key: &str) -> Option<SensorId> {
        self.sensor_keys.get(&(feed, key.to_owned())).copied()
    }

    /// Cases of the live state: open ones and those that ended lately.
    pub fn cases(&self) -> &BTreeMap<CaseId, Case> {
        &self.cases
    }

    /// One case.
    pub fn case(&self, id: CaseId) -> Option<&Case> {
        self.cases.get(&id)
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

    /// Positions, indexed.
    pub fn spatial(&self) -> &Spatial {
        &self.spatial
    }

    pub(crate) fn due(&self) -> &BTreeSet<(Timestamp, CaseId)> {
        &self.due
    }

    pub(crate) fn ended(&self) -> &BTreeSet<(Timestamp, CaseId)> {
        &self.ended
    }

    pub(crate) fn next_case(&self) -> CaseId {
        CaseId(self.last_case.0 + 1)
    }

    pub(crate) fn next_alarm(&self) -> AlarmId {
        AlarmId(self.last_alarm.0 + 1)
    }

    pub(crate) fn next_assignment(&self) -> AssignmentId {
        AssignmentId(self.last_assignment.0 + 1)
    }

    /// The state as bytes, for a keyframe.
    ///
    /// # Errors
    /// Only when memory runs out.
    pub fn encode(&self) -> Result<Vec<u8>, postcard::Error> {
        postcard::to_stdvec(self)
    }

    /// The state as bytes, handed out in pieces of about 64 KiB as they are made, so that nobody need hold it whole.
    pub fn encode_pieces(&self, piece: impl FnMut(Vec<u8>)) {
        // Pieces are handed on and never run out of room, and every part of the state can be encoded.
        let _ = postcard::serialize_with_flavor(self, pieces::Pieces::new(piece));
    }

    /// The state of a keyframe, its index built anew.
    ///
    /// # Errors
    /// When the bytes are no state of this version.
    pub fn decode(bytes: &[u8]) -> Result<Self, postcard::Error> {
        let mut state: Self = postcard::from_bytes(bytes)?;
        state.spatial = Spatial::of(&state);
        Ok(state)
    }
}
