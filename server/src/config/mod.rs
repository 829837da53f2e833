//! The server's configuration: TOML with every limit in it, all of them with a default.

mod accounts;
mod check;
mod error;
mod limits;
mod oidc;
mod place;
mod privacy;
mod sources;
mod tls;

pub use accounts::{AccountsConfig, RoleConfig};
pub use error::ConfigError;
pub use limits::Limits;
pub use oidc::OidcConfig;
pub use privacy::PrivacyConfig;
pub(crate) use sources::is_feed_name;
pub use sources::{FeedConfig, UserConfig};
pub use tls::TlsConfig;

use chengtu_engine::permission::RoleTable;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// Everything that can be set. `docs/server.example.toml` explains each key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// What of this city is simulated or recorded, in words; shown on every screen.
    pub notice: String,
    /// The same in English.
    pub notice_en: String,
    /// Everybody on this machine is the duty officer and may feed, where the server listens on loopback. Never holds
    /// once any user or feed is configured.
    pub open: bool,
    /// Names that the server goes by, beside its addresses: what may stand in a request's `Host`. Empty on a loopback
    /// address: names without a dot alone; empty on another address: any.
    pub hosts: Vec<String>,
    /// Web pages from elsewhere that may talk to the server, as `https://desk.example`.
    pub origins: Vec<String>,
    /// What is given without a token although users or feeds are configured. By default the map's files, for which desks of
    /// older versions show none; `[]`: nothing.
    pub public: Vec<Public>,
    /// Limits of connections, requests and what is known at once.
    pub limits: Limits,
    /// How the log is kept, and for how long.
    pub log: LogConfig,
    /// How far the machine's clock is believed.
    pub clock: ClockConfig,
    /// How often hotspots are looked for.
    pub hotspots: HotspotConfig,
    /// Replays, forks and drills.
    pub worlds: WorldsConfig,
    /// Who may send data.
    pub feeds: Vec<FeedConfig>,
    /// Who may connect.
    pub users: Vec<UserConfig>,
    /// How accounts are kept.
    pub accounts: AccountsConfig,
    /// The roles of accounts; none: those that ship.
    pub roles: Vec<RoleConfig>,
    /// Which cases are about one person.
    pub privacy: PrivacyConfig,
    /// How connections are encrypted.
    pub tls: TlsConfig,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            notice: String::new(),
            notice_en: String::new(),
            open: true,
            hosts: Vec::new(),
            origins: Vec::new(),
            public: vec![Public::Pack],
            limits: Limits::default(),
            log: LogConfig::default(),
            clock: ClockConfig::default(),
            hotspots: HotspotConfig::default(),
            worlds: WorldsConfig::default(),
            feeds: Vec::new(),
            users: Vec::new(),
            accounts: AccountsConfig::default(),
            roles: Vec::new(),
            privacy: PrivacyConfig::default(),
            tls: TlsConfig::default(),
        }
    }
}

/// What may be read without a token, where the configuration says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Public {
    /// `/metrics`: figures, with the names of feeds.
    Metrics,
    /// `/v1/pack/…`: the map's files, with the names of units.
    Pack,
}

impl Config {
    /// True where the server is open to its own machine: listening on loopback, with nobody and nothing configured, and no
    /// provider of sign-on.
    pub fn is_open(&self, loopback: bool) -> bool {
        let nobody = self.users.is_empty() && self.feeds.is_empty();
        self.open && loopback && nobody && self.accounts.oidc.is_none()
    }

    /// The roles that accounts may have.
    pub fn role_table(&self) -> RoleTable {
        accounts::table(&self.roles)
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
    /// Folder that signed anchors are written into; empty: `anchors` in the data directory.
    pub anchors_dir: PathBuf,
    /// File of the key that signs them; empty: `server-key` in the data directory.
    pub key_file: PathBuf,
}

impl Default for LogConfig {
    fn default() -> Self {
        Self {
            keyframe_every_s: 300,
            keyframe_every_rows: 131_072,
            day_bytes_max: 1 << 40,
            keep_days: 0,
            keep_bytes: 0,
            anchors_dir: PathBuf::new(),
            key_file: PathBuf::new(),
        }
    }
}

/// How far the machine's clock is believed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ClockConfig {
    /// The longest step of the machine's clock that the running city follows, seconds; as much a day in small ones. A
    /// longer one is refused until the clock is right again or is confirmed (notice 618, `clock` in `/healthz`).
    pub step_max_s: u64,
}

impl Default for ClockConfig {
    fn default() -> Self {
        Self { step_max_s: 300 }
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
    /// Movers that all worlds together may hold, each counted as often as its world keeps it (a replay once, a fork
    /// four times, a drill of the log five times), about 350 bytes each. A world beyond is refused as one too many.
    pub movers_max: usize,
    /// Where officers look is recorded, and shown in replays.
    pub record_views: bool,
}

impl Default for WorldsConfig {
    fn default() -> Self {
        Self {
            idle_s: 60,
            worlds_max: 32,
            per_user_max: 4,
            movers_max: 2_000_000,
            record_views: false,
        }
    }
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
        let mut config: Self = toml::from_str(text).map_err(|e| ConfigError::Syntax {
            path: path.to_owned(),
            text: e.to_string().trim_end().to_owned(),
        })?;
        check::check(&config, path, text)?;
        config.tls.beside(path);
        if let Some(oidc) = &mut config.accounts.oidc {
            oidc.beside(path);
        }
        Ok(config)
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
        let text = include_str!("../../../docs/server.example.toml");
        let config = Config::parse(text, Path::new("server.example.toml")).unwrap();
        assert_eq!(config, Config::default());
        // What it shows commented out must be right as well.
        let shown: String = text
            .lines()
            .map(|l| l.strip_prefix("#: ").unwrap_or(l))
            .fold(String::new(), |all, l| all + l + "\n");
        let config = Config::parse(&shown, Path::new("server.example.toml")).unwrap();
        assert!(config.feeds.len() > 2 && config.users.len() > 2 && config.roles.len() == 1);
        let public = Config::parse("public = ['metrics', 'pack']", Path::new("t")).unwrap();
        assert_eq!(public.public, [Public::Metrics, Public::Pack]);
    }

    #[test]
    fn every_limit_is_documented() {
        let text = include_str!("../../../docs/server.example.toml");
        let all = toml::Value::try_from(Config::default()).unwrap();
        for (section, keys) in all.as_table().unwrap() {
            for key in keys.as_table().into_iter().flat_map(|t| t.keys()) {
                assert!(text.contains(&format!("\n{key} = ")), "{section}.{key}");
            }
        }
    }

    #[test]
    fn a_certificate_lies_beside_the_configuration_unless_its_path_is_whole() {
        let text = "[tls]\ncert = 'tls/cert.pem'\nkey = '/etc/key.pem'";
        let tls = Config::parse(text, Path::new("/etc/chengtu/server.toml"));
        let tls = tls.unwrap().tls;
        assert_eq!(tls.cert, Path::new("/etc/chengtu/tls/cert.pem"));
        assert_eq!(tls.key, Path::new("/etc/key.pem"));
        assert_eq!(
            Config::parse("", Path::new("/x/y")).unwrap().tls,
            TlsConfig::default()
        );
    }

    #[test]
    fn errors_name_file_key_and_remedy() {
        for (text, words) in [
            ("[limits]\nrequest_max = 3", "request_max"),
            ("[limits]\nrequests_max = 0", "limits.requests_max = 0"),
            ("[limits]\nsilence_max_s = 5", "limits.silence_max_s = 5"),
            ("[clock]\nstep_max_s = 0", "clock.step_max_s = 0"),
            ("[accounts]\nargon2_passes = 0", "accounts.argon2_passes"),
            ("[accounts]\nsession_max_s = 5", "accounts.session_max_s"),
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
            (
                "[[users]]\nname = 'a'\nrole = 'feed'\ntoken = 't'",
                "users[0].role",
            ),
            ("hosts = ['https://city.example']", "hosts[0]"),
            ("origins = ['desk.example']", "origins[0]"),
            ("open = 'yes'", "open"),
            ("public = ['all']", "metrics"),
            ("[tls]\ncert = 'a.pem'", "tls.key"),
            ("[tls]\nkey = 'a.pem'", "tls.cert"),
            (
                "[tls]\ncert = 'a.pem'\nkey = 'b.pem'\nplain_behind_proxy = true",
                "tls.plain_behind_proxy",
            ),
            ("limits = 3 4", "server.toml"),
        ] {
            let e = error(text);
            assert!(e.contains(words) && e.contains("server.toml"), "{e}");
        }
    }
}
