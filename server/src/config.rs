//! The server's configuration: TOML with every limit in it, all of them with a default.

use crate::crs::{Crs, CrsError};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Everything that can be set. `docs/server.example.toml` explains each key.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// What of this city is simulated or recorded, in words; shown on every screen.
    pub notice: String,
    /// The same in English.
    pub notice_en: String,
    /// Limits.
    pub limits: Limits,
    /// The log.
    pub log: LogConfig,
    /// Hotspots.
    pub hotspots: HotspotConfig,
    /// Replays, forks and drills.
    pub worlds: WorldsConfig,
    /// Who may send data.
    pub feeds: Vec<FeedConfig>,
    /// Who may connect.
    pub users: Vec<UserConfig>,
}

/// Limits that keep one connection from costing the others anything.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Requests waiting for the next tick; more wait at their senders.
    pub requests_max: usize,
    /// Fixes taken in one tick; more wait for the next.
    pub fixes_per_tick_max: usize,
    /// Connections at the same time.
    pub sessions_max: usize,
    /// Seconds from connecting to hello.
    pub hello_timeout_s: u64,
    /// Largest message from a client, bytes.
    pub message_bytes_max: usize,
    /// Unreadable or oversized messages after which a connection is closed.
    pub offences_max: u32,
    /// Frames that may wait for a slow client before it gets a fresh snapshot instead.
    pub outbox_frames_max: usize,
    /// Bytes that may wait for a slow client before it gets a fresh snapshot instead.
    pub outbox_bytes_max: usize,
    /// A client that falls behind twice within this time is closed, seconds.
    pub lag_forgiven_s: u64,
    /// Seconds between the server's pings.
    pub ping_every_s: u64,
    /// A connection silent for longer is closed, seconds.
    pub silence_max_s: u64,
    /// Changes remembered for clients that resume.
    pub resume_changes_max: usize,
    /// Largest body of a feed's request as sent, bytes.
    pub body_bytes_max: usize,
    /// Largest body of a feed's request after unpacking, bytes.
    pub body_unpacked_bytes_max: usize,
    /// Rejected rows named in an answer; all are counted.
    pub problems_listed_max: usize,
    /// Movers known at the same time.
    pub movers_max: usize,
    /// Sensors known at the same time.
    pub sensors_max: usize,
    /// Feeds known at the same time.
    pub feeds_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            requests_max: 4_096,
            fixes_per_tick_max: 200_000,
            sessions_max: 1_000,
            hello_timeout_s: 10,
            message_bytes_max: 1 << 20,
            offences_max: 5,
            outbox_frames_max: 64,
            outbox_bytes_max: 16 << 20,
            lag_forgiven_s: 60,
            ping_every_s: 10,
            silence_max_s: 30,
            resume_changes_max: 20_000,
            body_bytes_max: 16 << 20,
            body_unpacked_bytes_max: 128 << 20,
            problems_listed_max: 100,
            movers_max: 1_000_000,
            sensors_max: 100_000,
            feeds_max: 256,
        }
    }
}

/// How the log is kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LogConfig {
    /// Seconds between keyframes while something happens.
    pub keyframe_every_s: u64,
    /// Fixes and events between keyframes, at most.
    pub keyframe_every_rows: u64,
    /// Most bytes of one day's file; beyond, the server stops writing as with a full disk.
    pub day_bytes_max: u64,
    /// Days that are kept, today included; 0 keeps all.
    pub keep_days: u32,
    /// Bytes that are kept, whole days at a time, today in any case; 0 keeps all.
    pub keep_bytes: u64,
}

impl Default for LogConfig {
    fn default() -> Self {
        Self {
            keyframe_every_s: 300,
            keyframe_every_rows: 131_072,
            day_bytes_max: 1 << 40,
            keep_days: 0,
            keep_bytes: 0,
        }
    }
}

/// How hotspots are found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct HotspotConfig {
    /// Seconds between evaluations; 0 turns them off.
    pub every_s: u64,
}

impl Default for HotspotConfig {
    fn default() -> Self {
        Self { every_s: 2 }
    }
}

/// Worlds beside the running city.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct WorldsConfig {
    /// A world that nobody is in for longer ends, seconds.
    pub idle_s: u64,
    /// Worlds open at the same time.
    pub worlds_max: usize,
    /// Worlds that one user may have open.
    pub per_user_max: usize,
    /// Where officers look is recorded, and shown in replays.
    pub record_views: bool,
}

impl Default for WorldsConfig {
    fn default() -> Self {
        Self {
            idle_s: 60,
            worlds_max: 32,
            per_user_max: 4,
            record_views: false,
        }
    }
}

/// A source of data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FeedConfig {
    /// Its name in `/v1/feeds/{name}/…`.
    pub name: String,
    /// Its secret.
    pub token: String,
    /// Its reference system: `wgs84`, `cgcs2000`, `gcj02`, `bd09`, `EPSG:nnnn`, `cgcs2000_gk:120`, …
    #[serde(default = "wgs84")]
    pub crs: String,
}

fn wgs84() -> String {
    "wgs84".to_owned()
}

/// What somebody may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Duty officer: sees and decides.
    Operator,
    /// Sees.
    Viewer,
    /// A unit's terminal: reports its own position and progress.
    Unit,
}

/// Somebody who may connect.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UserConfig {
    /// Name; for people and for the log.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// Its secret.
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

/// What is wrong with a configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("{path}: {source}", path = path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: std::io::Error,
    },
    /// Not TOML, or a key that is not known.
    #[error("{path}: {text}", path = path.display())]
    Syntax {
        /// Which.
        path: PathBuf,
        /// Where and what.
        text: String,
    },
    /// A value that cannot be.
    #[error("{path}: {key} = {value}: {text}", path = path.display())]
    Value {
        /// Which file.
        path: PathBuf,
        /// Which key.
        key: String,
        /// What stands there.
        value: String,
        /// What is wrong and what would be right.
        text: String,
    },
}

impl Config {
    /// Reads a file.
    ///
    /// # Errors
    /// [`ConfigError`] names file, key and remedy.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(path).map_err(|source| ConfigError::Read {
            path: path.to_owned(),
            source,
        })?;
        Self::parse(&text, path)
    }

    /// Reads a text; `path` is for messages.
    ///
    /// # Errors
    /// As [`Config::read`].
    pub fn parse(text: &str, path: &Path) -> Result<Self, ConfigError> {
        let config: Self = toml::from_str(text).map_err(|e| ConfigError::Syntax {
            path: path.to_owned(),
            text: e.to_string().trim_end().to_owned(),
        })?;
        config.check(path)?;
        Ok(config)
    }

    fn check(&self, path: &Path) -> Result<(), ConfigError> {
        let bad = |key: String, value: String, text: &str| {
            Err(ConfigError::Value {
                path: path.to_owned(),
                key,
                value,
                text: text.to_owned(),
            })
        };
        let l = &self.limits;
        let positive = [
            ("requests_max", l.requests_max),
            ("fixes_per_tick_max", l.fixes_per_tick_max),
            ("sessions_max", l.sessions_max),
            ("message_bytes_max", l.message_bytes_max),
            ("outbox_frames_max", l.outbox_frames_max),
            ("outbox_bytes_max", l.outbox_bytes_max),
            ("body_bytes_max", l.body_bytes_max),
            ("body_unpacked_bytes_max", l.body_unpacked_bytes_max),
        ];
        for (key, value) in positive {
            if value == 0 {
                return bad(format!("limits.{key}"), "0".into(), "must be at least 1");
            }
        }
        for (key, value) in [
            ("hello_timeout_s", l.hello_timeout_s),
            ("ping_every_s", l.ping_every_s),
        ] {
            if value == 0 {
                return bad(
                    format!("limits.{key}"),
                    "0".into(),
                    "must be at least 1 second",
                );
            }
        }
        if l.silence_max_s <= l.ping_every_s {
            return bad(
                "limits.silence_max_s".into(),
                l.silence_max_s.to_string(),
                "must be longer than limits.ping_every_s, or every quiet client is closed",
            );
        }
        if l.feeds_max > usize::from(u16::MAX) {
            return bad(
                "limits.feeds_max".into(),
                l.feeds_max.to_string(),
                "at most 65535 can be told apart",
            );
        }
        let (mut names, mut tokens) = (BTreeSet::new(), BTreeSet::new());
        for (i, feed) in self.feeds.iter().enumerate() {
            let key = |k: &str| format!("feeds[{i}].{k}");
            let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
            if feed.name.is_empty() || !feed.name.chars().all(plain) {
                return bad(
                    key("name"),
                    feed.name.clone(),
                    "use letters, digits, - _ . (it stands in a URL)",
                );
            }
            if !names.insert(&feed.name) {
                return bad(key("name"), feed.name.clone(), "stands twice");
            }
            if feed.token.is_empty() || !tokens.insert(&feed.token) {
                return bad(key("token"), "…".into(), "must be a secret of its own");
            }
            if let Err(e) = feed.crs() {
                return bad(key("crs"), feed.crs.clone(), &e.to_string());
            }
        }
        for (i, user) in self.users.iter().enumerate() {
            let key = |k: &str| format!("users[{i}].{k}");
            if user.token.is_empty() || !tokens.insert(&user.token) {
                return bad(key("token"), "…".into(), "must be a secret of its own");
            }
            if (user.role == Role::Unit) == user.unit.is_empty() {
                return bad(
                    key("unit"),
                    user.unit.clone(),
                    "role unit needs the unit's call sign here (or *), other roles must leave it out",
                );
            }
        }
        Ok(())
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        Config::parse(text, Path::new("server.toml"))
            .unwrap_err()
            .to_string()
    }

    #[test]
    fn the_documented_example_is_the_default() {
        let text = include_str!("../../docs/server.example.toml");
        let config = Config::parse(text, Path::new("server.example.toml")).unwrap();
        assert_eq!(config, Config::default());
        // What it shows commented out must be right as well.
        let shown: String = text
            .lines()
            .map(|l| l.strip_prefix("#: ").unwrap_or(l))
            .fold(String::new(), |all, l| all + l + "\n");
        let config = Config::parse(&shown, Path::new("server.example.toml")).unwrap();
        assert!(config.feeds.len() > 2 && config.users.len() > 2);
    }

    #[test]
    fn every_limit_is_documented() {
        let text = include_str!("../../docs/server.example.toml");
        let all = toml::Value::try_from(Config::default()).unwrap();
        for (section, keys) in all.as_table().unwrap() {
            for key in keys.as_table().into_iter().flat_map(|t| t.keys()) {
                assert!(text.contains(&format!("\n{key} = ")), "{section}.{key}");
            }
        }
    }

    #[test]
    fn errors_name_file_key_and_remedy() {
        for (text, words) in [
            ("[limits]\nrequest_max = 3", "request_max"),
            ("[limits]\nrequests_max = 0", "limits.requests_max = 0"),
            ("[limits]\nsilence_max_s = 5", "limits.silence_max_s = 5"),
            (
                "[[feeds]]\nname = 'a'\ntoken = 't'\ncrs = 'EPSG:99999999'",
                "feeds[0].crs",
            ),
            (
                "[[users]]\nname = 'a'\nrole = 'unit'\ntoken = 't'",
                "users[0].unit",
            ),
            (
                "[[users]]\nname = 'a'\nrole = 'boss'\ntoken = 't'",
                "operator",
            ),
            ("limits = 3 4", "server.toml"),
        ] {
            let e = error(text);
            assert!(e.contains(words) && e.contains("server.toml"), "{e}");
        }
    }
}
