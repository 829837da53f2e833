//! What a configuration must satisfy beyond its syntax.

use super::{
    AccountsConfig, ClockConfig, Config, ConfigError, FeedConfig, Limits, RoleConfig, UserConfig,
    is_feed_name, place,
};
use chengtu_engine::permission::Role;
use std::collections::BTreeSet;
use std::path::Path;

/// A key, its value and what is wrong with it.
struct Fault {
    key: String,
    value: String,
    text: String,
}

fn fault(key: impl Into<String>, value: impl Into<String>, text: impl Into<String>) -> Fault {
    Fault {
        key: key.into(),
        value: value.into(),
        text: text.into(),
    }
}

/// Checks a configuration; `path` and `source` are for the message.
///
/// # Errors
/// [`ConfigError::Value`] of the first key that is wrong.
pub(super) fn check(config: &Config, path: &Path, source: &str) -> Result<(), ConfigError> {
    let mut tokens = BTreeSet::new();
    limits(&config.limits)
        .and_then(|()| names(config))
        .and_then(|()| clock(&config.clock))
        .and_then(|()| feeds(&config.feeds, &mut tokens))
        .and_then(|()| users(&config.users, &mut tokens))
        .and_then(|()| accounts(&config.accounts))
        .and_then(|()| roles(&config.roles))
        .and_then(|()| oidc(config))
        .and_then(|()| tls(config))
        .map_err(|Fault { key, value, text }| ConfigError::Value {
            path: path.to_owned(),
            line: place::line_of(source, &key),
            key,
            value,
            text,
        })
}

fn limits(l: &Limits) -> Result<(), Fault> {
    let positive = [
        ("requests_max", l.requests_max),
        ("fixes_per_tick_max", l.fixes_per_tick_max),
        ("connections_max", l.connections_max),
        ("connections_per_address_max", l.connections_per_address_max),
        ("sessions_max", l.sessions_max),
        ("greeting_max", l.greeting_max),
        ("hello_bytes_max", l.hello_bytes_max),
        ("outboxes_bytes_max", l.outboxes_bytes_max),
        ("bodies_bytes_max", l.bodies_bytes_max),
        ("message_bytes_max", l.message_bytes_max),
        ("outbox_frames_max", l.outbox_frames_max),
        ("outbox_bytes_max", l.outbox_bytes_max),
        ("body_bytes_max", l.body_bytes_max),
        ("body_unpacked_bytes_max", l.body_unpacked_bytes_max),
    ];
    for (key, value) in positive {
        if value == 0 {
            return Err(fault(format!("limits.{key}"), "0", "must be at least 1"));
        }
    }
    for (key, value) in [
        ("head_timeout_s", l.head_timeout_s),
        ("body_timeout_s", l.body_timeout_s),
        ("body_pause_s", l.body_pause_s),
        ("hello_timeout_s", l.hello_timeout_s),
        ("ping_every_s", l.ping_every_s),
    ] {
        if value == 0 {
            let text = "must be at least 1 second";
            return Err(fault(format!("limits.{key}"), "0", text));
        }
    }
    if l.silence_max_s <= l.ping_every_s {
        let text = "must be longer than limits.ping_every_s, or every quiet client is closed";
        return Err(fault(
            "limits.silence_max_s",
            l.silence_max_s.to_string(),
            text,
        ));
    }
    if l.feeds_max > usize::from(u16::MAX) {
        let text = "at most 65535 can be told apart";
        return Err(fault("limits.feeds_max", l.feeds_max.to_string(), text));
    }
    Ok(())
}

fn names(config: &Config) -> Result<(), Fault> {
    for (i, host) in config.hosts.iter().enumerate() {
        if host.is_empty() || host.contains(['/', ':', '*', ' ']) {
            let text = "write a name alone, as city.example, without scheme, port or stars";
            return Err(fault(format!("hosts[{i}]"), host, text));
        }
    }
    for (i, origin) in config.origins.iter().enumerate() {
        let of_web = origin
            .strip_prefix("https://")
            .or_else(|| origin.strip_prefix("http://"));
        if of_web.is_none_or(|rest| rest.is_empty() || rest.contains(['/', '*'])) {
            let text = "write scheme and name, as https://desk.example, without a path or stars";
            return Err(fault(format!("origins[{i}]"), origin, text));
        }
    }
    Ok(())
}

fn tls(config: &Config) -> Result<(), Fault> {
    match config.tls.fault() {
        Some((key, value, text)) => Err(fault(key, value, text)),
        None => Ok(()),
    }
}

fn oidc(config: &Config) -> Result<(), Fault> {
    let Some(oidc) = &config.accounts.oidc else {
        return Ok(());
    };
    let table = config.role_table();
    match oidc.fault(|word| table.rights(word).is_some()) {
        Some((key, value, text)) => Err(fault(format!("accounts.oidc.{key}"), value, text)),
        None => Ok(()),
    }
}

/// Shorter steps than this are how clocks are kept right, seconds.
const STEP_MIN_S: u64 = 5;
/// A longer one would let a clock by that is a day off.
const STEP_MAX_S: u64 = 21_600;

fn clock(c: &ClockConfig) -> Result<(), Fault> {
    if (STEP_MIN_S..=STEP_MAX_S).contains(&c.step_max_s) {
        return Ok(());
    }
    let text = format!("must be from {STEP_MIN_S} to {STEP_MAX_S} seconds");
    Err(fault("clock.step_max_s", c.step_max_s.to_string(), text))
}

fn feeds<'a>(feeds: &'a [FeedConfig], tokens: &mut BTreeSet<&'a str>) -> Result<(), Fault> {
    let mut names = BTreeSet::new();
    for (i, feed) in feeds.iter().enumerate() {
        let key = |k: &str| format!("feeds[{i}].{k}");
        if !is_feed_name(&feed.name) {
            let text = "use letters, digits, - _ . (it stands in a URL), at most 64";
            return Err(fault(key("name"), &feed.name, text));
        }
        if !names.insert(&feed.name) {
            return Err(fault(key("name"), &feed.name, "stands twice"));
        }
        if feed.token.is_empty() || !tokens.insert(&feed.token) {
            return Err(fault(key("token"), "…", "must be a secret of its own"));
        }
        if let Err(e) = feed.crs() {
            return Err(fault(key("crs"), &feed.crs, e.to_string()));
        }
    }
    Ok(())
}

fn users<'a>(users: &'a [UserConfig], tokens: &mut BTreeSet<&'a str>) -> Result<(), Fault> {
    let mut ids = BTreeSet::new();
    for (i, user) in users.iter().enumerate() {
        let key = |k: &str| format!("users[{i}].{k}");
        if user.token.is_empty() || !tokens.insert(&user.token) {
            return Err(fault(key("token"), "…", "must be a secret of its own"));
        }
        if !user.id.is_empty() && !ids.insert(&user.id) {
            let text = "is another user's; give each person an id of their own";
            return Err(fault(key("id"), &user.id, text));
        }
        if user.role == Role::Feed {
            let text = "is no role of a user; feeds are listed under [[feeds]]";
            return Err(fault(key("role"), user.role.as_str(), text));
        }
        if (user.role == Role::Unit) == user.unit.is_empty() {
            let text =
                "role unit needs the unit's call sign here (or *), other roles must leave it out";
            return Err(fault(key("unit"), &user.unit, text));
        }
    }
    Ok(())
}

/// Argon2 takes at least so much memory for each lane, KiB.
const LANE_KIB: u32 = 8;
/// More memory would have one log-in take what a city needs, KiB.
const PASSWORD_KIB_MAX: u32 = 1 << 20;
/// More passes or lanes would have one log-in take minutes.
const PASSES_MAX: u32 = 64;
/// Shorter sessions would end while one types, seconds.
const SESSION_MIN_S: u64 = 60;
/// Longer ones never end, seconds: a year.
const SESSION_MAX_S: u64 = 31_536_000;

fn accounts(a: &AccountsConfig) -> Result<(), Fault> {
    for (key, value) in [
        ("argon2_passes", a.argon2_passes),
        ("argon2_lanes", a.argon2_lanes),
    ] {
        if !(1..=PASSES_MAX).contains(&value) {
            let text = format!("must be from 1 to {PASSES_MAX}");
            return Err(fault(format!("accounts.{key}"), value.to_string(), text));
        }
    }
    let least = LANE_KIB * a.argon2_lanes;
    if !(least..=PASSWORD_KIB_MAX).contains(&a.argon2_memory_kib) {
        let text = format!("must be from {least} to {PASSWORD_KIB_MAX}");
        let value = a.argon2_memory_kib.to_string();
        return Err(fault("accounts.argon2_memory_kib", value, text));
    }
    for (key, value) in [
        ("session_idle_s", a.session_idle_s),
        ("session_max_s", a.session_max_s),
    ] {
        if !(SESSION_MIN_S..=SESSION_MAX_S).contains(&value) {
            let text = format!("must be from {SESSION_MIN_S} to {SESSION_MAX_S} seconds");
            return Err(fault(format!("accounts.{key}"), value.to_string(), text));
        }
    }
    Ok(())
}

fn roles(roles: &[RoleConfig]) -> Result<(), Fault> {
    let mut names = BTreeSet::new();
    for (i, role) in roles.iter().enumerate() {
        let key = format!("roles[{i}].name");
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        if role.name.is_empty() || role.name.len() > 64 || !role.name.chars().all(plain) {
            let text = "use small letters, digits and _, at most 64";
            return Err(fault(key, &role.name, text));
        }
        if !names.insert(&role.name) {
            return Err(fault(key, &role.name, "stands twice"));
        }
    }
    Ok(())
}
