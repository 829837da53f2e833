use chengtu_engine::hotspot;
use chengtu_engine::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_with::As;

/// An area as it is written from 1.4 on.
#[derive(Serialize, Deserialize)]
#[serde(remote = "hotspot::HotspotArea")]
pub(super) struct HotspotArea {
    rank: u32,
    name: String,
    centre: (f64, f64),
    cases: u32,
    z: f64,
    #[serde(default, with = "As::<Option<HotspotChance>>")]
    chance: Option<hotspot::HotspotChance>,
    since: Timestamp,
    outline: Vec<Vec<(f64, f64)>>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "hotspot::HotspotChance")]
pub(super) struct HotspotChance {
    expected: f64,
    q: f64,
}
