use crate::codes;
use crate::config::{Config, Role};
use crate::crs::Crs;
use crate::worlds::Refusal;
use std::sync::Arc;

/// Who is at the other end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Who {
    /// A duty officer, by name.
    Operator(String),
    /// Somebody who looks, by name.
    Viewer(String),
    /// A unit's terminal, by call sign.
    Unit(String),
    /// A feed.
    Feed(Arc<Feed>),
}

/// What somebody may do besides what their role says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rights {
    /// Look into the past.
    pub may_replay: bool,
    /// Direct drills.
    pub may_direct: bool,
}

impl Rights {
    /// What a role may unless said otherwise.
    fn of(who: &Who) -> Self {
        Self {
            may_replay: matches!(who, Who::Operator(_) | Who::Viewer(_)),
            may_direct: matches!(who, Who::Operator(_)),
        }
    }

    /// Whether the past may be looked into.
    ///
    /// # Errors
    /// [`Refusal`] in words.
    pub fn replay(self) -> Result<(), Refusal> {
        if self.may_replay {
            return Ok(());
        }
        let text = "you have no right to look into the past (users.may_replay)";
        Err(Refusal::new(codes::NOT_PERMITTED, text))
    }

    /// Whether drills may be directed.
    ///
    /// # Errors
    /// [`Refusal`] in words.
    pub fn direct(self) -> Result<(), Refusal> {
        if self.may_direct {
            return Ok(());
        }
        let text = "you have no right to direct drills (users.may_direct)";
        Err(Refusal::new(codes::NOT_PERMITTED, text))
    }
}

/// A source of data that may speak.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Feed {
    /// Its name.
    pub name: String,
    /// Its reference system.
    pub crs: Crs,
}

/// The feed that all units' terminals speak through.
pub const UNITS_FEED: &str = "units";

/// Why somebody was not let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AccessError {
    /// No token.
    #[error("a token is needed: send `Authorization: Bearer TOKEN`")]
    Missing,
    /// Nobody's token.
    #[error("the token is not known")]
    Wrong,
    /// Somebody else's.
    #[error("the token does not belong to this feed")]
    OtherFeed,
    /// No such feed.
    #[error(
        "there is no such feed; feeds are listed under [[feeds]] in the server's configuration"
    )]
    NoSuchFeed,
}

/// Who may do what, from the configuration.
#[derive(Debug)]
pub struct Access {
    users: Vec<(String, Who, Rights)>,
    /// Secrets shared by all terminals.
    terminals: Vec<String>,
    feeds: Vec<(String, Arc<Feed>)>,
    units_crs: Crs,
    /// Nobody is configured and only this machine can connect.
    open_users: bool,
    open_feeds: bool,
}

/// Compares secrets in a time that does not tell where they differ.
fn same(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let mut differ = u8::from(a.len() != b.len());
    for (i, x) in a.iter().enumerate() {
        differ |= x ^ b.get(i % b.len().max(1)).copied().unwrap_or(!x);
    }
    differ == 0
}

impl Access {
    /// From a configuration that was checked; `loopback`: only this machine can connect.
    pub fn new(config: &Config, loopback: bool) -> Self {
        let mut users = Vec::new();
        let mut terminals = Vec::new();
        for u in &config.users {
            let who = match u.role {
                Role::Operator => Who::Operator(u.name.clone()),
                Role::Viewer => Who::Viewer(u.name.clone()),
                Role::Unit if u.unit == "*" => {
                    terminals.push(u.token.clone());
                    continue;
                }
                Role::Unit => Who::Unit(u.unit.clone()),
            };
            let usual = Rights::of(&who);
            let rights = Rights {
                may_replay: u.may_replay.unwrap_or(usual.may_replay),
                may_direct: u.may_direct.unwrap_or(usual.may_direct),
            };
            users.push((u.token.clone(), who, rights));
        }
        let feeds: Vec<(String, Arc<Feed>)> = config
            .feeds
            .iter()
            .map(|f| {
                let crs = f.crs().unwrap_or(Crs::Wgs84);
                let name = f.name.clone();
                (f.token.clone(), Arc::new(Feed { name, crs }))
            })
            .collect();
        let units_crs = feeds
            .iter()
            .find(|(_, f)| f.name == UNITS_FEED)
            .map_or(Crs::Wgs84, |(_, f)| f.crs.clone());
        Self {
            open_users: loopback && config.users.is_empty(),
            open_feeds: loopback && config.feeds.is_empty(),
            users,
            terminals,
            feeds,
            units_crs,
        }
    }

    /// Names of the feeds to register.
    pub fn feed_names(&self) -> impl Iterator<Item = &str> {
        self.feeds.iter().map(|(_, f)| f.name.as_str())
    }

    /// The reference system of terminals.
    pub fn units_crs(&self) -> &Crs {
        &self.units_crs
    }

    /// Who says hello with this token.
    ///
    /// # Errors
    /// [`AccessError`] when it is nobody's.
    pub fn hello(&self, token: &str) -> Result<(Who, Rights), AccessError> {
        let mut found = None;
        for (secret, who, rights) in &self.users {
            if same(token, secret) {
                found = Some((who.clone(), *rights));
            }
        }
        if let Some(found) = found {
            return Ok(found);
        }
        let who = self.nameless(token)?;
        let rights = Rights::of(&who);
        Ok((who, rights))
    }

    /// Feeds, terminals that share a secret, and everybody where nobody is configured.
    fn nameless(&self, token: &str) -> Result<Who, AccessError> {
        let mut found = None;
        for (secret, feed) in &self.feeds {
            if same(token, secret) {
                found = Some(Who::Feed(feed.clone()));
            }
        }
        if let Some((secret, call_sign)) = token.split_once('/') {
            for shared in &self.terminals {
                if same(secret, shared) {
                    found = Some(Who::Unit(call_sign.to_owned()));
                }
            }
        }
        if found.is_none()
            && self.open_feeds
            && let Some(name) = token.strip_prefix("feed:")
        {
            found = Some(Who::Feed(open_feed(name)));
        }
        if found.is_none() && self.open_users {
            found = Some(match token.split_once(':') {
                Some(("unit", call_sign)) => Who::Unit(call_sign.to_owned()),
                Some(("viewer", name)) => Who::Viewer(name.to_owned()),
                Some(("operator", name)) => Who::Operator(name.to_owned()),
                _ => Who::Operator("值班员".to_owned()),
            });
        }
        found.ok_or(if token.is_empty() {
            AccessError::Missing
        } else {
            AccessError::Wrong
        })
    }

    /// The feed that a request speaks for.
    ///
    /// # Errors
    /// [`AccessError`]: 401, 403 or 404.
    pub fn feed(&self, name: &str, token: Option<&str>) -> Result<Arc<Feed>, AccessError> {
        if self.open_feeds {
            let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
            if name.is_empty() || name.len() > 64 || !name.chars().all(plain) {
                return Err(AccessError::NoSuchFeed);
            }
            return Ok(open_feed(name));
        }
        let token = token.ok_or(AccessError::Missing)?;
        let mut owner = None;
        for (secret, feed) in &self.feeds {
            if same(token, secret) {
                owner = Some(feed);
            }
        }
        let owner = owner.ok_or(AccessError::Wrong)?;
        if owner.name == name {
            Ok(owner.clone())
        } else if self.feeds.iter().any(|(_, f)| f.name == name) {
            Err(AccessError::OtherFeed)
        } else {
            Err(AccessError::NoSuchFeed)
        }
    }
}

fn open_feed(name: &str) -> Arc<Feed> {
    Arc::new(Feed {
        name: name.to_owned(),
        crs: Crs::Wgs84,
    })
}

impl Who {
    /// Name for people.
    pub fn name(&self) -> &str {
        match self {
            Self::Operator(n) | Self::Viewer(n) | Self::Unit(n) => n,
            Self::Feed(f) => &f.name,
        }
    }

    /// Word of the protocol.
    pub fn role(&self) -> &'static str {
        match self {
            Self::Operator(_) => "operator",
            Self::Viewer(_) => "viewer",
            Self::Unit(_) => "unit",
            Self::Feed(_) => "feed",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn access(text: &str, loopback: bool) -> Access {
        Access::new(&Config::parse(text, Path::new("t")).unwrap(), loopback)
    }

    const TEXT: &str = "
        [[feeds]]\nname = 'a'\ntoken = 'ta'\n[[feeds]]\nname = 'b'\ntoken = 'tb'\ncrs = 'gcj02'
        [[users]]\nname = 'Li'\nrole = 'operator'\ntoken = 'op'
        [[users]]\nname = 'T'\nrole = 'unit'\ntoken = 'ts'\nunit = '*'";

    #[test]
    fn tokens_open_what_they_are_for_and_nothing_else() {
        let a = access(TEXT, true);
        assert_eq!(a.hello("op").unwrap().0, Who::Operator("Li".into()));
        assert_eq!(
            a.hello("ts/排水 10").unwrap().0,
            Who::Unit("排水 10".into())
        );
        assert!(matches!(a.hello("tb").unwrap().0, Who::Feed(f) if f.crs == Crs::Gcj02));
        for wrong in ["ops", "o", "OP", "xx/排水 10", "unit:排水 10", "feed:a"] {
            assert_eq!(a.hello(wrong), Err(AccessError::Wrong), "{wrong}");
        }
        assert_eq!(a.hello(""), Err(AccessError::Missing));
        assert_eq!(a.feed("a", Some("ta")).unwrap().name, "a");
        assert_eq!(a.feed("a", None), Err(AccessError::Missing));
        assert_eq!(a.feed("a", Some("zz")), Err(AccessError::Wrong));
        assert_eq!(a.feed("a", Some("tb")), Err(AccessError::OtherFeed));
        assert_eq!(a.feed("c", Some("tb")), Err(AccessError::NoSuchFeed));
    }

    #[test]
    fn an_unconfigured_server_is_open_to_its_own_machine_only() {
        let own = access("", true);
        assert!(matches!(own.hello("").unwrap().0, Who::Operator(_)));
        assert_eq!(
            own.hello("unit:排水 1").unwrap().0,
            Who::Unit("排水 1".into())
        );
        assert!(own.feed("anything", None).is_ok());
        let world = access("", false);
        assert!(world.hello("").is_err() && world.feed("anything", None).is_err());
    }
}
