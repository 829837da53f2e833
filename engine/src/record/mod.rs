//! The log's records: the only thing that is kept, and enough to make everything else.

pub(crate) mod stored;
mod worlds;

pub use worlds::{ForkRecord, LivePen, LiveRecord};

use crate::command::Observation;
use crate::event::Event;
use crate::geo::Position;
use crate::ids::{CommandId, FeedId, MoverId};
use crate::model::{Actor, Fix};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Which world a record belongs to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum World {
    /// The running city.
    #[default]
    Live,
    /// A fork for training, by number; never in the live log.
    Drill(u32),
    /// An older stretch of a log, by number; nothing is ever recorded in it.
    Replay(u32),
    /// A branch that runs on its own from some second, by number; never in the live log.
    Fork(u32),
}

/// Who caused a record and by which command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// Who caused it.
    pub actor: Actor,
    /// The client's name for its command, to know a repeat by.
    pub command: Option<CommandId>,
}

/// One entry of the log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Counts up by one from 1.
    pub seq: u64,
    /// When the server knew.
    pub known_at: Timestamp,
    /// The world that it belongs to.
    pub world: World,
    /// Who caused it and by which command.
    pub origin: Origin,
    /// What it says.
    pub body: Body,
}

/// What a record carries. Encoded by place: new kinds go to the end, none is ever removed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Body {
    /// Things that happened, together or not at all.
    Events(Vec<Event>),
    /// Positions of one feed's batch.
    Fixes(FixBlock),
    /// Readings of sensors, and what followed from them.
    Observations(
        #[serde(with = "stored::observations")] Vec<Observation>,
        Vec<Event>,
    ),
}

/// Position fixes of one feed's batch, as columns of equal length.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FixBlock {
    /// The feed that they came by.
    pub feed: FeedId,
    /// Who was there.
    pub mover: Vec<MoverId>,
    /// Longitudes, 1e-7 degree.
    pub lon_e7: Vec<i32>,
    /// Latitudes, 1e-7 degree.
    pub lat_e7: Vec<i32>,
    /// Where it pointed, hundredths of a degree clockwise from north; [`crate::model::NO_BEARING`] where unknown.
    pub bearing_cdeg: Vec<u16>,
    /// Speed, centimetres a second.
    pub speed_cmps: Vec<u16>,
    /// Accuracy, decimetres; 0 where unknown.
    pub accuracy_dm: Vec<u16>,
    /// When it was there, by its own clock.
    pub fix_time: Vec<Timestamp>,
}

impl FixBlock {
    /// An empty block with room for `n` rows.
    pub fn with_capacity(feed: FeedId, n: usize) -> Self {
        Self {
            feed,
            mover: Vec::with_capacity(n),
            lon_e7: Vec::with_capacity(n),
            lat_e7: Vec::with_capacity(n),
            bearing_cdeg: Vec::with_capacity(n),
            speed_cmps: Vec::with_capacity(n),
            accuracy_dm: Vec::with_capacity(n),
            fix_time: Vec::with_capacity(n),
        }
    }

    /// How many fixes.
    pub fn len(&self) -> usize {
        self.mover.len()
    }

    /// True without fixes.
    pub fn is_empty(&self) -> bool {
        self.mover.is_empty()
    }

    /// Adds a row.
    pub fn push(&mut self, f: Fix) {
        self.mover.push(f.mover);
        self.lon_e7.push(f.position.lon_e7);
        self.lat_e7.push(f.position.lat_e7);
        self.bearing_cdeg.push(f.bearing_cdeg);
        self.speed_cmps.push(f.speed_cmps);
        self.accuracy_dm.push(f.accuracy_dm);
        self.fix_time.push(f.fix_time);
    }

    /// Row `i`.
    pub fn get(&self, i: usize) -> Option<Fix> {
        Some(Fix {
            mover: *self.mover.get(i)?,
            position: Position::new(*self.lon_e7.get(i)?, *self.lat_e7.get(i)?),
            bearing_cdeg: *self.bearing_cdeg.get(i)?,
            speed_cmps: *self.speed_cmps.get(i)?,
            accuracy_dm: *self.accuracy_dm.get(i)?,
            fix_time: *self.fix_time.get(i)?,
        })
    }

    /// All fixes in the order of the columns; cut at the shortest column.
    pub fn iter(&self) -> impl Iterator<Item = Fix> + '_ {
        (0..self.len()).filter_map(|i| self.get(i))
    }
}
