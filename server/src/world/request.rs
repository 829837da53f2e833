use crate::audience::{Arrival, Subscription};
use crate::session::{Feed, Outbox, Rights, Who};
use crate::worlds::Refusal;
use chengtu_engine::city::Severity;
use chengtu_engine::command::CommandRequest;
use chengtu_engine::drill::{DirectorAct, GhostOf, Seat};
use chengtu_engine::geo::Position;
use chengtu_engine::ids::{CaseId, CommandId, ThingId};
use chengtu_engine::model::{Fix, MoverKind, Phenomenon, Thresholds};
use chengtu_engine::replay::TimeControl;
use chengtu_engine::stream::Resume;
use chengtu_engine::time::Timestamp;
use serde::Serialize;
use std::sync::Arc;
use tokio::sync::oneshot;

/// What the world is asked for. Everything that happens in the city passes through here.
#[derive(Debug)]
pub enum Request {
    /// Somebody said hello.
    Join {
        /// Where answers go.
        outbox: Arc<Outbox>,
        /// Who.
        who: Who,
        /// Where they left off.
        resume: Option<Resume>,
    },
    /// A session comes from another world.
    Enter(Arrival),
    /// Somebody would come in. Not asked of the running city.
    Admit {
        /// Who.
        who: Who,
        /// What they may do.
        rights: Rights,
        /// From where they would take part.
        seat: Seat,
        /// From where they may.
        reply: oneshot::Sender<Result<Seat, Refusal>>,
    },
    /// Somebody drives the world's clock. Not in the running city.
    Time {
        /// Whose.
        session: u64,
        /// What to do.
        control: TimeControl,
    },
    /// What a drill's director does. Drills only.
    Direct {
        /// Whose.
        session: u64,
        /// What.
        act: DirectorAct,
    },
    /// Shows a session the units of another drill or attempt. Drills only.
    Ghost {
        /// Whose.
        session: u64,
        /// Of what; none: no more.
        of: Option<GhostOf>,
    },
    /// Asks for the past of a world that has one of its own: forks and drills only.
    Past {
        /// Where the answer goes.
        outbox: Arc<Outbox>,
        /// What.
        question: PastQuestion,
    },
    /// What to stream to a session.
    Subscribe {
        /// Whose.
        session: u64,
        /// What.
        subscription: Subscription,
    },
    /// A session has missed something.
    Resync {
        /// Whose.
        session: u64,
    },
    /// A command.
    Command {
        /// Whose.
        session: u64,
        /// The client's name for it.
        id: CommandId,
        /// What.
        command: CommandRequest,
    },
    /// Who could be where, and when.
    Rank {
        /// Whose.
        session: u64,
        /// The client's number.
        request: u32,
        /// Of which case.
        case: CaseId,
    },
    /// A way by road.
    Route {
        /// Whose.
        session: u64,
        /// The client's number.
        request: u32,
        /// Which unit.
        unit: chengtu_engine::ids::UnitId,
        /// Where to.
        to: Position,
    },
    /// Fixes over a socket.
    SocketFixes {
        /// Whose.
        session: u64,
        /// What.
        batch: FixBatch,
    },
    /// A session's connection ended.
    Leave {
        /// Whose.
        session: u64,
    },
    /// Data of a feed.
    Feed {
        /// Whose.
        feed: Arc<Feed>,
        /// What.
        data: FeedData,
        /// Where the result goes.
        reply: oneshot::Sender<Result<Taken, Unavailable>>,
    },
    /// What would be said to commands now; nothing is done. The running city only.
    TryOut {
        /// In whose name.
        by: String,
        /// Which.
        commands: Vec<CommandRequest>,
        /// For each: none where it would be taken, else why not, in words.
        reply: oneshot::Sender<Vec<Option<String>>>,
    },
    /// The state's digest, for those who hold two cities against each other.
    Digest(oneshot::Sender<(u64, u64)>),
    /// Commit, keep a keyframe, end.
    Stop(oneshot::Sender<()>),
}

/// What may be asked of a world's past.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum PastQuestion {
    /// Counts, grave moments and bookmarks of a stretch.
    Timeline {
        /// The client's number.
        request: u32,
        /// First moment.
        from: Timestamp,
        /// Last moment.
        to: Timestamp,
        /// Into how many parts.
        bars: u16,
    },
    /// Events.
    Moments {
        /// The client's number.
        request: u32,
        /// Of what.
        of: Option<ThingId>,
        /// First moment.
        from: Timestamp,
        /// Last moment.
        to: Timestamp,
        /// Most rows.
        limit: u16,
    },
}

/// What a feed sends.
#[derive(Debug)]
pub enum FeedData {
    /// Positions.
    Fixes(FixBatch),
    /// Readings, and what is known of their sensors.
    Observations(Vec<ObservationRow>),
    /// Cases.
    Cases(Vec<CaseRow>),
}

/// A batch of fixes with its names in one piece of memory.
#[derive(Debug, Default)]
pub struct FixBatch {
    /// All names, one after the other.
    pub keys: String,
    /// Rows.
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
    /// What it is, where the row says so.
    pub kind: Option<MoverKind>,
    /// The fix; mover 0.
    pub fix: Fix,
}

/// Stands for "now" in a fix that tells no time.
pub const NO_TIME: Timestamp = Timestamp(i64::MIN);

impl FixBatch {
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
    /// What is known of the sensor, where the row tells.
    pub sensor: Option<SensorInfo>,
    /// Time and value; none for a row that only tells of a sensor. A value of none says that the sensor is broken.
    pub reading: Option<(Timestamp, Option<f64>)>,
}

/// What a feed tells of a sensor.
#[derive(Clone, Debug)]
pub struct SensorInfo {
    /// Name for people.
    pub name: String,
    /// What it measures.
    pub phenomenon: Phenomenon,
    /// Unit of its values.
    pub unit_of_measure: String,
    /// Where it stands.
    pub position: Position,
    /// Bounds.
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
    /// How grave, where the row says so.
    pub severity: Option<Severity>,
    /// Where.
    pub position: Position,
    /// The place in words.
    pub address: String,
    /// What was reported.
    pub note: String,
    /// When it happened; none for now.
    pub occurred_at: Option<Timestamp>,
    /// When another system filed it already; none: it is filed when it comes in.
    pub filed_at: Option<Timestamp>,
}

/// A row that was not taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// Row in the batch, from 1.
    pub row: u32,
    /// Stable number.
    pub code: u16,
    /// In words.
    pub text: String,
}

/// Rows that were not taken: all are counted, the first are listed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Problems {
    /// How many.
    pub count: u64,
    /// The first of them.
    pub listed: Vec<Problem>,
}

/// Problems kept in words for one batch; an answer may list fewer.
const KEPT_MAX: usize = 1_000;

impl Problems {
    /// Adds one.
    pub fn push(&mut self, row: u32, code: u16, text: impl FnOnce() -> String) {
        self.count += 1;
        if self.listed.len() < KEPT_MAX {
            let text = text();
            self.listed.push(Problem { row, code, text });
        }
    }
}

/// What became of a feed's batch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Taken {
    /// Rows taken.
    pub accepted: u64,
    /// Rows not taken.
    pub problems: Problems,
    /// The record that stands after it.
    pub seq: u64,
    /// New cases, for a batch of cases.
    pub cases: Vec<CaseId>,
}

/// The log does not take anything any more.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the server has stopped writing: {0}; what was acknowledged before is safe, nothing new is taken"
)]
pub struct Unavailable(pub String);
