use super::guesses::Guesses;
use super::secret::{Secret, fingerprint};
use super::{AccessError, Part, Principal, PrincipalId};
use crate::audit::{Auditor, Party};
use crate::config::{Config, Public, UserConfig, is_feed_name};
use crate::crs::Crs;
use crate::door::Connection;
use chengtu_engine::audit::AuditAct;
use chengtu_engine::city::Language;
use chengtu_engine::permission::{Permission, Role};
use std::sync::Arc;

/// A configured source of data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Feed {
    /// Its name; unique.
    pub name: String,
    /// Its reference system.
    pub crs: Crs,
}

/// The feed that all units' terminals send by.
pub const UNITS_FEED: &str = "units";

/// Who may connect and who they are: every token of the server is judged here, and nowhere else.
#[derive(Debug)]
pub struct Access {
    people: Vec<(Secret, Principal)>,
    /// Secrets shared by all terminals.
    terminals: Vec<Secret>,
    feeds: Vec<(Secret, Arc<Feed>)>,
    units_crs: Crs,
    /// Whoever gives no name is called by a word of it.
    language: Language,
    /// Nobody and nothing is configured, and only this machine can connect.
    open: bool,
    /// What is given without a token although somebody is configured.
    public: Vec<Public>,
    guesses: Guesses,
    /// Where is noted who was not let in; `None` where nobody asks.
    auditor: Option<Arc<Auditor>>,
}

/// Longest name that somebody may give themselves where nobody is configured, characters.
const GUEST_NAME_MAX: usize = 64;

/// The identity of each configured user, in their order: the `id`; without an id the name; if several users without an
/// id have the same name, the name with a mark derived from the token, so that none of them passes as another.
fn ids(users: &[UserConfig]) -> impl Iterator<Item = String> + '_ {
    users.iter().map(|u| {
        if !u.id.is_empty() {
            return u.id.clone();
        }
        let known_as =
            |o: &&UserConfig| o.role != Role::Unit && (o.name == u.name || o.id == u.name);
        if users.iter().filter(known_as).count() == 1 {
            u.name.clone()
        } else {
            format!("{}/{}", u.name, fingerprint(&u.token))
        }
    })
}

impl Access {
    /// From a configuration that was checked; `loopback`: only this machine can connect.
    pub fn new(config: &Config, loopback: bool) -> Self {
        let mut people = Vec::new();
        let mut terminals = Vec::new();
        for (u, id) in config.users.iter().zip(ids(&config.users)) {
            let secret = Secret::new(&u.token);
            let part = match u.role {
                Role::Operator => Part::Operator,
                Role::Viewer => Part::Viewer,
                Role::Unit if u.unit == "*" => {
                    terminals.push(secret);
                    continue;
                }
                Role::Unit => {
                    people.push((secret, Principal::terminal(&u.unit)));
                    continue;
                }
                // The check of the configuration lets none through.
                Role::Feed => continue,
            };
            let set = [
                (Permission::Replay, u.may_replay),
                (Permission::DirectDrills, u.may_direct),
            ];
            let set = set
                .into_iter()
                .filter_map(|(p, granted)| Some((p, granted?)));
            let usual = part.role().rights();
            let rights = set.fold(usual, |rights, (p, granted)| rights.with(p, granted));
            let principal = Principal {
                id: PrincipalId::user(&id),
                name: u.name.clone(),
                part,
                rights,
            };
            people.push((secret, principal));
        }
        let feeds: Vec<(Secret, Arc<Feed>)> = config
            .feeds
            .iter()
            .map(|f| {
                let crs = f.crs().unwrap_or(Crs::Wgs84);
                let name = f.name.clone();
                (Secret::new(&f.token), Arc::new(Feed { name, crs }))
            })
            .collect();
        let units_crs = feeds
            .iter()
            .find(|(_, f)| f.name == UNITS_FEED)
            .map_or(Crs::Wgs84, |(_, f)| f.crs.clone());
        Self {
            language: Language::default(),
            open: config.is_open(loopback),
            public: config.public.clone(),
            guesses: Guesses::default(),
            auditor: None,
            people,
            terminals,
            feeds,
            units_crs,
        }
    }

    /// As it is in a city whose data is in `language`.
    #[must_use]
    pub fn in_language(self, language: Language) -> Self {
        Self { language, ..self }
    }

    /// As it is where it is noted who was not let in.
    #[must_use]
    pub fn audited_by(self, auditor: Arc<Auditor>) -> Self {
        let auditor = Some(auditor);
        Self { auditor, ..self }
    }

    /// Notes an act that is seen here: by `by` where they are known, else by whoever came by `line`.
    pub(crate) fn note(
        &self,
        by: Option<&Principal>,
        line: Option<&Connection>,
        act: &AuditAct,
    ) -> bool {
        let from = line.map(|l| l.address);
        let party = by.map_or_else(|| Party::unknown(from), |by| by.party(from));
        self.auditor.as_ref().is_none_or(|a| a.note(&party, act))
    }

    fn note_refused(&self, line: Option<&Connection>, name: &str, error: AccessError) {
        let why = error.to_string();
        let act = match error {
            AccessError::Wrong => AuditAct::LogInRefused {
                name: name.to_owned(),
                why,
                count: 1,
            },
            AccessError::OtherFeed => AuditAct::PermissionRefused {
                what: why,
                count: 1,
            },
            AccessError::Missing | AccessError::NoSuchFeed | AccessError::NotForThisRole => return,
        };
        self.note(None, line, &act);
    }

    /// Names of the feeds to register.
    pub fn feed_names(&self) -> impl Iterator<Item = &str> {
        self.feeds.iter().map(|(_, f)| f.name.as_str())
    }

    /// The reference system of terminals.
    pub fn units_crs(&self) -> &Crs {
        &self.units_crs
    }

    /// Whose token came by `line`. Whoever shares an address with somebody who guesses tokens waits a little.
    ///
    /// # Errors
    /// As [`Self::authenticate`].
    pub(crate) async fn authenticate_from(
        &self,
        line: Option<&Connection>,
        token: &str,
    ) -> Result<Principal, AccessError> {
        // Where every token opens something, or none was sent, nothing is guessed.
        if self.open || token.is_empty() {
            return self.authenticate(token);
        }
        self.guesses.hold(line).await;
        let found = self.authenticate(token);
        self.guesses.note(line, found.is_ok());
        if let Err(error) = &found {
            self.note_refused(line, "", *error);
        }
        found
    }

    /// The feed that a request names which came by `line`, as [`Self::authenticate_from`].
    ///
    /// # Errors
    /// As [`Self::feed`].
    pub(crate) async fn feed_from(
        &self,
        line: Option<&Connection>,
        name: &str,
        token: Option<&str>,
    ) -> Result<Arc<Feed>, AccessError> {
        if self.open || token.is_none_or(str::is_empty) {
            return self.feed(name, token);
        }
        self.guesses.hold(line).await;
        let found = self.feed(name, token);
        self.guesses.note(line, found != Err(AccessError::Wrong));
        if let Err(error) = &found {
            self.note_refused(line, name, *error);
        }
        found
    }

    /// Whether something is given to whoever came by `line` with this token, or without one: where the server is open, where
    /// the configuration says so, and to people.
    ///
    /// # Errors
    /// [`AccessError::Missing`], [`AccessError::Wrong`]; [`AccessError::NotForThisRole`] for a token of another role.
    pub(crate) async fn may_read(
        &self,
        what: Public,
        line: Option<&Connection>,
        token: Option<&str>,
    ) -> Result<(), AccessError> {
        if self.open || self.public.contains(&what) {
            return Ok(());
        }
        let token = token.unwrap_or_default();
        let principal = self.authenticate_from(line, token).await?;
        match principal.part {
            Part::Operator | Part::Viewer => Ok(()),
            // A terminal shows a map too.
            Part::Terminal if what == Public::Pack => Ok(()),
            Part::Terminal | Part::Feed(_) => {
                let error = AccessError::NotForThisRole;
                let what = error.to_string();
                let act = AuditAct::PermissionRefused { what, count: 1 };
                self.note(Some(&principal), line, &act);
                Err(error)
            }
        }
    }

    /// Whose token this is.
    ///
    /// # Errors
    /// [`AccessError::Missing`] without a token, [`AccessError::Wrong`] for an unknown token.
    pub fn authenticate(&self, token: &str) -> Result<Principal, AccessError> {
        let mut found = None;
        // Every secret is compared: how long this takes says nothing about whose token it nearly is.
        for (secret, principal) in &self.people {
            if secret.is(token) {
                found = Some(principal.clone());
            }
        }
        for (secret, feed) in &self.feeds {
            if secret.is(token) {
                found = Some(Principal::of_feed(feed.clone()));
            }
        }
        if let Some((shared, call_sign)) = token.split_once('/') {
            for secret in &self.terminals {
                if secret.is(shared) {
                    found = Some(Principal::terminal(call_sign));
                }
            }
        }
        found
            .or_else(|| self.guest(token))
            .ok_or(if token.is_empty() {
                AccessError::Missing
            } else {
                AccessError::Wrong
            })
    }

    /// The guest that a token names, if the server is open; else `None`.
    fn guest(&self, token: &str) -> Option<Principal> {
        if !self.open {
            return None;
        }
        if let Some(name) = token.strip_prefix("feed:") {
            return is_feed_name(name).then(|| Principal::of_feed(open_feed(name)));
        }
        if token.chars().count() > GUEST_NAME_MAX {
            return None;
        }
        let operator = |name: &str| {
            Principal::with_usual_rights(PrincipalId::user(name), name, Part::Operator)
        };
        Some(match token.split_once(':') {
            Some(("unit", call_sign)) => Principal::terminal(call_sign),
            Some(("viewer", name)) => {
                Principal::with_usual_rights(PrincipalId::guest_viewer(name), name, Part::Viewer)
            }
            Some(("operator", name)) => operator(name),
            _ => operator(self.language.of("值班员", "Duty officer")),
        })
    }

    /// The feed that a request names, if the token is that feed's.
    ///
    /// # Errors
    /// [`AccessError`]: no token, nobody's, another feed's, or no such feed.
    pub fn feed(&self, name: &str, token: Option<&str>) -> Result<Arc<Feed>, AccessError> {
        if self.open {
            let named = is_feed_name(name).then(|| open_feed(name));
            return named.ok_or(AccessError::NoSuchFeed);
        }
        let token = token.ok_or(AccessError::Missing)?;
        let mut owner = None;
        for (secret, feed) in &self.feeds {
            if secret.is(token) {
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
