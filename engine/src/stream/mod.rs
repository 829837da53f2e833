//! From one city to many screens: what is said to them, what changed by tile on the server, the mirror on the client.

mod borders;
mod broadcast;
mod city_alarms;
mod client_message;
mod closed_roads;
mod compose;
mod cut;
mod entities;
mod frame;
mod hotspots;
mod mirror;
mod portion;
mod recent;
mod seen;
mod seen_rows;
mod server_message;
mod subscription;
mod things;
mod tick;
mod tile_frame;
mod tiles;
mod told;
mod view;
mod window;
mod world;

pub use broadcast::Broadcast;
pub use city_alarms::{CITY_ALARMS_MAX, CityAlarm, city_alarms};
pub use client_message::{ClientMessage, Resume};
pub use closed_roads::{ClosedRoad, closed_roads};
pub use cut::{history_seen, person_seen, seen_of};
pub use entities::{
    AlarmView, AssignmentView, CaseView, EntityChange, PersonView, SensorView, UnitView,
};
pub use frame::{CoarseTile, Frame, SnapshotReason};
pub use hotspots::HotspotWatch;
pub use mirror::{Mirror, MirrorChanges, MirrorError, MoverView};
pub use portion::{Place, Portion, PortionSize};
pub use recent::Recent;
pub use seen::{Seen, Sent};
pub use server_message::{
    Accepted, Asked, DESKS_MAX, LoggedIn, OpenCase, Refused, Rejected, ServerHello, ServerMessage,
    Unmasked,
};
pub use subscription::{Layer, Subscription, TILE_ZOOM, TILES_MAX};
pub use things::{
    ENTITY_LAYERS, all_things, changed_things, changed_views, layer_of, runs, things_after, view_of,
};
pub use tick::{Beside, FrameChanges, FrameParts, PortionPart, Tick, TilePart, Update};
pub use tile_frame::{MoverRow, TileFrame};
pub use tiles::{RATE_CLASSES, TileStream, WORLD_TILE, stream_tile};
pub use view::{Continue, View};
pub use window::Window;
pub use world::{WorldChoice, WorldInfo, WorldSummary};
