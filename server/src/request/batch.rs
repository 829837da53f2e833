//! Rows of data in the city's own terms: what a feed's format was read into and its gate let through.

use super::Problems;
use chengtu_engine::city::Severity;
use chengtu_engine::geo::Position;
use chengtu_engine::model::{Fix, MoverKind, Phenomenon, Thresholds};
use chengtu_engine::time::Timestamp;

/// What a feed sends.
#[derive(Debug)]
pub enum FeedData {
    /// Positions of movers.
    Fixes(FixBatch),
    /// Readings, and what is known of their sensors.
    Observations(Vec<ObservationRow>),
    /// Cases, new or taken over from another system.
    Cases(Vec<CaseRow>),
}

/// A batch as it was posted.
#[derive(Debug)]
pub struct Posted {
    /// The door that it came by, under which its rows are counted: `fixes`, `observations`, `sensors` or `cases`.
    pub door: &'static str,
    /// Rows that could be read.
    pub data: FeedData,
    /// Rows that could not.
    pub unread: Problems,
}

impl Posted {
    /// How many rows were sent.
    pub fn rows(&self) -> u64 {
        self.data.len() as u64 + self.unread.count
    }
}

impl FeedData {
    /// How many rows.
    pub fn len(&self) -> usize {
        match self {
            Self::Fixes(batch) => batch.rows.len(),
            Self::Observations(rows) => rows.len(),
            Self::Cases(rows) => rows.len(),
        }
    }

    /// True without rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// A batch of fixes with its names in one piece of memory.
#[derive(Debug, Default)]
pub struct FixBatch {
    /// All names, one after the other.
    pub keys: String,
    /// Rows in the order in which they came.
    pub rows: Vec<FixRowIn>,
    /// Rows that were refused while reading.
    pub problems: Problems,
}

/// One row of a batch of fixes; its mover is not known yet.
#[derive(Clone, Copy, Debug)]
pub struct FixRowIn {
    /// Row in the batch, from 1.
    pub row: u32,
    /// Where its name begins in [`FixBatch::keys`].
    pub key_start: u32,
    /// How long its name is, bytes.
    pub key_len: u16,
    /// Kind of mover; `None` if the row does not say.
    pub kind: Option<MoverKind>,
    /// The fix; mover 0.
    pub fix: Fix,
}

/// Means "now" in a fix without a time.
pub const NO_TIME: Timestamp = Timestamp(i64::MIN);

impl FixBatch {
    /// How many rows were sent.
    pub fn sent(&self) -> u64 {
        self.rows.len() as u64 + self.problems.count
    }

    /// The name of a row.
    pub fn key(&self, row: &FixRowIn) -> &str {
        let start = row.key_start as usize;
        self.keys
            .get(start..start + usize::from(row.key_len))
            .unwrap_or_default()
    }
}

/// One row of a batch of readings.
#[derive(Clone, Debug)]
pub struct ObservationRow {
    /// Row in the batch, from 1.
    pub row: u32,
    /// The feed's name for the sensor.
    pub key: String,
    /// Description of the sensor; `None` if the row has none.
    pub sensor: Option<SensorInfo>,
    /// Unit of the value, where the row says it without describing the sensor.
    pub unit: Option<String>,
    /// Time and value; `None` for a row that only describes a sensor. A value of `None` means that the sensor is
    /// broken.
    pub reading: Option<(Timestamp, Option<f64>)>,
}

/// A feed's description of a sensor.
#[derive(Clone, Debug)]
pub struct SensorInfo {
    /// Name for people.
    pub name: String,
    /// What it measures.
    pub phenomenon: Phenomenon,
    /// Unit of its values.
    pub unit_of_measure: String,
    /// Where it is installed, WGS 84.
    pub position: Position,
    /// Bounds of warning and alarm; `None`: it raises no alarm.
    pub thresholds: Option<Thresholds>,
}

/// One row of a batch of cases.
#[derive(Clone, Debug)]
pub struct CaseRow {
    /// Row in the batch, from 1.
    pub row: u32,
    /// The feed's name for the case.
    pub key: String,
    /// Code of its class.
    pub class: String,
    /// Severity; `None`: the class's own.
    pub severity: Option<Severity>,
    /// Place of the case.
    pub position: Position,
    /// The place in words.
    pub address: String,
    /// What was reported.
    pub note: String,
    /// When it happened; `None`: now.
    pub occurred_at: Option<Timestamp>,
    /// When another system filed it already; `None`: it is filed when it comes in.
    pub filed_at: Option<Timestamp>,
}
