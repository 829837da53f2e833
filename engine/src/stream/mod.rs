//! From one city to many screens: what is said to them, what changed by tile on the server, the mirror on the client.

mod client_message;
mod entities;
mod frame;
mod mirror;
mod server_message;
mod subscription;
mod tile_frame;
mod tiles;
mod world;

pub use client_message::{ClientMessage, Resume};
pub use entities::{AlarmView, AssignmentView, CaseView, EntityChange, SensorView, UnitView};
pub use frame::{CoarseTile, Frame, SnapshotReason};
pub use mirror::{Mirror, MirrorChanges, MirrorError, MoverView};
pub use server_message::{Accepted, Rejected, ServerHello, ServerMessage};
pub use subscription::{Layer, TILE_ZOOM, TILES_MAX};
pub use tile_frame::{MoverRow, TileFrame};
pub use tiles::{RATE_CLASSES, TileStream, stream_tile};
pub use world::{WorldChoice, WorldInfo, WorldSummary};
