//! Protocol version 1: `chengtu.v1` (binary) and `chengtu.v1.json`, the same messages in two encodings.
//!
//! Times are microseconds since 1970-01-01T00:00:00Z, places are degrees of WGS 84, ids are numbers. The binary
//! encoding of everything but frames is postcard behind the byte 1; a frame is the byte 2, a header, and blobs that
//! were encoded once for all who look at the same tile.
//!
//! Each type here is the mirror of one of the engine and is never made: it says in which order and under which names
//! the fields of the engine's type are written. New fields and variants go to the end.

pub(crate) mod binary;
mod city;
mod client;
mod commands;
mod drill;
mod entities;
mod fork;
mod hotspots;
pub(crate) mod json;
mod model;
mod server;
mod tile;
mod time;
mod world;

use serde::{Deserializer, Serializer};
use serde_with::de::DeserializeAsWrap;
use serde_with::ser::SerializeAsWrap;
use serde_with::{DeserializeAs, SerializeAs};

/// Lets mirrors be used in `As<…>`, where containers of the engine's types are written.
macro_rules! mirrors {
    ($($mirror:ident::$name:ident => $engine:ident,)*) => {$(
        impl SerializeAs<chengtu_engine::$engine::$name> for $mirror::$name {
            fn serialize_as<S: Serializer>(
                value: &chengtu_engine::$engine::$name,
                to: S,
            ) -> Result<S::Ok, S::Error> {
                $mirror::$name::serialize(value, to)
            }
        }

        impl<'de> DeserializeAs<'de, chengtu_engine::$engine::$name> for $mirror::$name {
            fn deserialize_as<D: Deserializer<'de>>(
                from: D,
            ) -> Result<chengtu_engine::$engine::$name, D::Error> {
                $mirror::$name::deserialize(from)
            }
        }
    )*};
}

mirrors! {
    city::ClassInfo => city,
    city::DepartmentInfo => city,
    client::ClientMessage => stream,
    commands::Seen => command,
    commands::SeenTask => command,
    client::FixRow => command,
    client::Layer => stream,
    client::Resume => stream,
    client::Viewport => geo,
    drill::DrillView => drill,
    drill::Evidence => drill,
    drill::GhostOf => drill,
    drill::GhostRow => drill,
    drill::GoalView => drill,
    drill::InjectView => drill,
    drill::ScenarioInfo => drill,
    drill::ScoreRow => drill,
    drill::ScoreView => drill,
    drill::Seat => drill,
    entities::AssignmentView => stream,
    entities::EntityChange => stream,
    entities::HistoryEntry => model,
    fork::Difference => fork,
    fork::ForkReport => fork,
    fork::ForkRow => fork,
    fork::Intervention => fork,
    fork::Proposal => fork,
    hotspots::HotspotArea => hotspot,
    hotspots::HotspotChance => hotspot,
    model::Actor => model,
    model::MoverKind => model,
    model::Reading => model,
    model::Severity => city,
    model::StageChange => model,
    model::Thresholds => model,
    server::ArrivalRow => rank,
    server::Changed => code,
    server::CityAlarm => stream,
    server::ClosedRoad => stream,
    server::CoarseTile => stream,
    server::HotspotArea => hotspot,
    server::Look => audit,
    server::OpenCase => stream,
    server::Reason => rank,
    server::ServerHello => stream,
    server::ServerMessage => stream,
    server::SnapshotReason => stream,
    server::Unmasked => stream,
    tile::TileFrame => stream,
    time::Bookmark => replay,
    time::Moment => replay,
    time::OfficerView => replay,
    time::ThingId => ids,
    time::Timeline => replay,
    time::TimelineBar => replay,
    time::TimelineMark => replay,
    time::WorldClock => replay,
    world::WorldInfo => stream,
    world::WorldSummary => stream,
}

/// A value of the engine (`T`) to be written by its mirror (`M`).
fn written<T: ?Sized, M: SerializeAs<T> + ?Sized>(value: &T) -> SerializeAsWrap<'_, T, M> {
    SerializeAsWrap::new(value)
}

/// A value of the engine (`T`) read by its mirror (`M`).
type Read<T, M> = DeserializeAsWrap<T, M>;
