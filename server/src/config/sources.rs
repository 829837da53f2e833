use crate::crs::{Crs, CrsError};
use chengtu_engine::permission::Role;
use serde::{Deserialize, Serialize};

/// A source of data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FeedConfig {
    /// Its name in `/v1/feeds/{name}/…`.
    pub name: String,
    /// Secret that the feed shows; unique among feeds and users.
    pub token: String,
    /// Its reference system: `wgs84`, `cgcs2000`, `gcj02`, `bd09`, `EPSG:nnnn`, `cgcs2000_gk:120`, …
    #[serde(default = "wgs84")]
    pub crs: String,
}

/// True for what may be the name of a feed: it stands in a URL.
pub(crate) fn is_feed_name(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    !name.is_empty() && name.len() <= 64 && name.chars().all(plain)
}

fn wgs84() -> String {
    "wgs84".to_owned()
}

/// Somebody who may connect.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UserConfig {
    /// Name; for people and for the log. Two may bear one name.
    pub name: String,
    /// Who it is, whatever the name: owner of worlds and bookmarks. Left out, it is the name where nobody else bears
    /// it, else the name with a mark that follows from the token.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub id: String,
    /// What it takes part as; not `feed`, see [`FeedConfig`].
    pub role: Role,
    /// Secret that the user shows; unique among feeds and users.
    pub token: String,
    /// For role `unit`: the call sign; `*` for a secret that all terminals share, sent as `secret/call sign`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub unit: String,
    /// May look into the past; left out: operators and viewers may.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub may_replay: Option<bool>,
    /// May direct drills; left out: operators may.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub may_direct: Option<bool>,
}

impl FeedConfig {
    /// Its reference system.
    ///
    /// # Errors
    /// [`CrsError`] for one that is not known.
    pub fn crs(&self) -> Result<Crs, CrsError> {
        self.crs.parse()
    }
}
