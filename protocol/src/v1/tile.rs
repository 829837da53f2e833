//! Movers of one tile, as columns.

use super::model::MoverKind;
use chengtu_engine::ids::{MoverId, UnitId};
use chengtu_engine::time::Timestamp;
use chengtu_engine::{model, stream};
use serde::{Deserialize, Serialize};
use serde_with::{As, Same};

#[derive(Serialize, Deserialize)]
#[serde(remote = "stream::TileFrame")]
pub(super) struct TileFrame {
    tile: (u8, u32, u32),
    time: Timestamp,
    id_step: Vec<u32>,
    east_e7: Vec<u32>,
    north_e7: Vec<u32>,
    bearing: Vec<u8>,
    speed_dmps: Vec<u16>,
    age_ms: Vec<u32>,
    #[serde(with = "As::<Vec<(Same, MoverKind, Same)>>")]
    joined: Vec<(u32, model::MoverKind, Option<UnitId>)>,
    left: Vec<MoverId>,
}
