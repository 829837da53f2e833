use super::Actor;
use crate::city::Severity;
use crate::geo::Position;
use crate::ids::{AlarmId, CaseId, SensorId};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// What raised an alarm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlarmSource {
    /// A new severe case.
    Case(CaseId),
    /// A sensor at or above its alarm bound.
    Sensor(SensorId),
}

/// Something that must be seen by a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alarm {
    /// Counts up from 1 within a city.
    pub id: AlarmId,
    /// The case or sensor that raised it.
    pub source: AlarmSource,
    /// Severity of the case or reading that raised it.
    pub severity: Severity,
    /// Place of its source.
    pub position: Position,
    /// When the server raised it.
    pub raised_at: Timestamp,
    /// By whom and when it was acknowledged.
    pub acknowledged: Option<(Actor, Timestamp)>,
    /// When its cause ended; `None` while it runs.
    pub ended_at: Option<Timestamp>,
}
