//! Worlds beside the running city.

use super::drill::Seat;
use super::model::World;
use super::time::{TimeBasis, WorldClock};
use chengtu_engine::time::Timestamp;
use chengtu_engine::{drill, record, replay, stream};
use serde::{Deserialize, Serialize};
use serde_with::As;

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", remote = "stream::WorldChoice")]
pub(super) enum WorldChoice {
    Live,
    Replay {
        at: Timestamp,
        speed: f32,
        #[serde(with = "TimeBasis")]
        basis: replay::TimeBasis,
        shared: bool,
        title: String,
    },
    Join {
        #[serde(with = "World")]
        world: record::World,
        #[serde(with = "Seat")]
        seat: drill::Seat,
    },
    Record {
        drill: u32,
        at: Timestamp,
        speed: f32,
    },
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "stream::WorldInfo")]
pub(super) struct WorldInfo {
    #[serde(with = "World")]
    world: record::World,
    title: String,
    owner: String,
    shared: bool,
    #[serde(with = "Seat")]
    seat: drill::Seat,
    #[serde(default, with = "As::<Option<WorldClock>>")]
    clock: Option<replay::WorldClock>,
    notice: String,
    notice_en: String,
    #[serde(default)]
    record_of: Option<u32>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "stream::WorldSummary")]
pub(super) struct WorldSummary {
    #[serde(with = "World")]
    world: record::World,
    title: String,
    owner: String,
    sessions: u32,
    #[serde(with = "WorldClock")]
    clock: replay::WorldClock,
}
