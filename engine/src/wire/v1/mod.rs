//! Protocol version 1: `chengtu.v1` (binary) and `chengtu.v1.json`, the same messages in two encodings.
//!
//! Times are microseconds since 1970-01-01T00:00:00Z, places are degrees of WGS 84, ids are numbers. The binary
//! encoding of everything but frames is postcard behind the byte 1; a frame is the byte 2, a header, and blobs that
//! were encoded once for all who look at the same tile.

mod binary;
mod client;
mod commands;
mod drill;
mod entities;
mod fork;
mod server;
mod tile;
mod time;

pub use binary::{
    DecodeError, FrameBuilder, decode_client, decode_server, encode_client, encode_server,
};
pub use client::{ClientMessage, FixRow, Layer, Resume, Viewport};
pub use commands::{CommandRequest, Target};
pub use drill::{
    Criterion, DirectorAct, DrillPhase, DrillView, Evidence, GhostOf, GhostRow, GoalView,
    InjectView, ScenarioInfo, ScoreRow, ScoreView,
};
pub use entities::{AlarmView, AssignmentView, CaseView, EntityChange, SensorView, UnitView};
pub use fork::{Difference, ForkReport, ForkRow, Forked, Intervention, Measure, Proposal};
pub use server::{
    Accepted, ArrivalRow, CityInfo, ClassInfo, CoarseTile, DepartmentInfo, Frame, HotspotArea,
    Reason, Rejected, ServerHello, ServerMessage, SnapshotReason,
};
pub use tile::{MoverRow, TileFrame};
pub use time::{
    Bookmark, BookmarkChange, Moment, MomentKind, OfficerView, SPEED_RANGE, Seat, ThingId,
    TimeBasis, TimeControl, Timeline, TimelineBar, TimelineMark, WorldChoice, WorldClock,
    WorldInfo, WorldSummary,
};

/// Subprotocol of the binary encoding.
pub const BINARY: &str = "chengtu.v1";
/// Subprotocol of the JSON encoding.
pub const JSON: &str = "chengtu.v1.json";
/// Zoom of the tiles that movers are streamed by.
pub const TILE_ZOOM: u8 = 14;
/// Most tiles of movers in one subscription; a wider view gets counts instead.
pub const TILES_MAX: usize = 256;
