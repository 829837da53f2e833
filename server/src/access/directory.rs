use super::guesses::Guesses;
use super::secret::{Secret, fingerprint};
use super::{AccessError, Part, Post, Principal, PrincipalId, Sees};
use crate::accounts::{AccountError, Accounts, Ended, Found, Kind, Pass};
use crate::audit::{Auditor, Party};
use crate::config::{Config, Public, UserConfig, is_feed_name};
use crate::crs::Crs;
use crate::door::Connection;
use chengtu_engine::audit::AuditAct;
use chengtu_engine::city::Language;
use chengtu_engine::permission::{Permission, Rights, Role, RoleTable};
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
    /// Nobody and nothing is configured, and only this machine can connect: so it is as long as there is no account.
    open: bool,
    /// Held by everybody who was let in because the server was open.
    guests: Pass,
    /// Accounts, where there is a data directory to keep them.
    accounts: Option<Arc<Accounts>>,
    roles: RoleTable,
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
pub(super) fn ids(users: &[UserConfig]) -> impl Iterator<Item = String> + '_ {
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
                pass: Pass::for_ever(),
                post: Arc::default(),
                sees: Sees::Everything,
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
            guests: Pass::open(),
            accounts: None,
            roles: config.role_table(),
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

    /// Notes that somebody was not let in who showed a name and a password, or what a provider of sign-on gave them. What was
    /// typed as the name is not noted: it may be a password.
    pub(crate) fn note_log_in_refused(&self, line: Option<&Connection>, why: String) {
        self.note(None, line, &refused_log_in("", why));
    }

    fn note_refused(&self, line: Option<&Connection>, name: &str, error: AccessError) {
        let why = error.to_string();
        let act = match error {
            AccessError::Wrong | AccessError::Over(_) => refused_log_in(name, why),
            AccessError::OtherFeed => AuditAct::PermissionRefused {
                what: why,
                count: 1,
            },
            AccessError::Missing | AccessError::NoSuchFeed | AccessError::NotForThisRole => return,
        };
        self.note(None, line, &act);
    }

    /// With accounts beside what the configuration lists. Where there are some already, what it lists is taken into them,
    /// and they alone decide from then on.
    ///
    /// # Errors
    /// [`AccountError`] where the accounts cannot be read or written.
    pub fn with_accounts(
        self,
        accounts: Arc<Accounts>,
        config: &Config,
    ) -> Result<Self, AccountError> {
        let mut access = self;
        if accounts.any() {
            super::taken_in::take_in(&accounts, config)?;
            access.people.clear();
            access.terminals.clear();
            access.feeds.clear();
        }
        access.accounts = Some(accounts);
        Ok(access)
    }

    /// The roles that accounts may have.
    pub fn role_table(&self) -> &RoleTable {
        &self.roles
    }

    /// The accounts, where there is a data directory to keep them.
    pub fn accounts(&self) -> Option<&Arc<Accounts>> {
        self.accounts.as_ref()
    }

    /// Follows what others have changed of the accounts; blocks for as long as a small database takes.
    ///
    /// # Errors
    /// [`AccountError`]; what was known stays known.
    pub fn refresh(&self) -> Result<(), AccountError> {
        let Some(accounts) = &self.accounts else {
            return Ok(());
        };
        accounts.refresh()?;
        if accounts.any() {
            self.guests.end(Ended::Closed);
        }
        Ok(())
    }

    /// True where everybody on this machine is the duty officer.
    pub fn is_open(&self) -> bool {
        self.open && !self.accounts.as_ref().is_some_and(|a| a.any())
    }

    /// True where nobody could come in: nobody is configured, there is no account, and the server is not open.
    pub fn is_shut(&self) -> bool {
        let nobody = self.people.is_empty() && self.terminals.is_empty() && self.feeds.is_empty();
        nobody && !self.open && !self.accounts.as_ref().is_some_and(|a| a.any())
    }

    /// Names of the feeds to register.
    pub fn feed_names(&self) -> Vec<String> {
        let mut names: Vec<String> = self.feeds.iter().map(|(_, f)| f.name.clone()).collect();
        names.extend(self.accounts.iter().flat_map(|a| a.feeds()));
        names.sort_unstable();
        names.dedup();
        names
    }

    /// A session was used: its connection is open and something came by it.
    pub(crate) fn seen(&self, principal: &Principal) {
        if let Some(accounts) = &self.accounts {
            accounts.seen(&principal.pass);
        }
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
        if self.is_open() || token.is_empty() {
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
        if self.is_open() || token.is_none_or(str::is_empty) {
            return self.feed(name, token);
        }
        self.guesses.hold(line).await;
        let found = self.feed(name, token);
        let wrong = matches!(found, Err(AccessError::Wrong | AccessError::Over(_)));
        self.guesses.note(line, !wrong);
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
        if self.is_open() || self.public.contains(&what) {
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
    /// [`AccessError::Missing`] without a token, [`AccessError::Wrong`] for an unknown token, [`AccessError::Over`] for one
    /// that opened something once.
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
        if found.is_none() {
            let of_account = self.of_account(token)?;
            found = of_account.map(|f| self.principal(&f));
        }
        found
            .or_else(|| self.guest(token))
            .ok_or(if token.is_empty() {
                AccessError::Missing
            } else {
                AccessError::Wrong
            })
    }

    /// The account that a token opens.
    ///
    /// # Errors
    /// [`AccessError::Over`].
    fn of_account(&self, token: &str) -> Result<Option<Found>, AccessError> {
        match &self.accounts {
            Some(accounts) if !token.is_empty() => accounts.whose(token).map_err(AccessError::Over),
            _ => Ok(None),
        }
    }

    /// An account as it takes part.
    fn principal(&self, found: &Found) -> Principal {
        let account = &found.account;
        let post = Post {
            roles: account.roles.clone(),
            department: account.department.clone(),
            areas: account.areas.clone(),
        };
        let principal = match account.kind {
            Kind::Feed => {
                let name = account.speaks_for.clone();
                let crs = account.crs.parse().unwrap_or(Crs::Wgs84);
                let of_feed = Principal::of_feed(Arc::new(Feed { name, crs }));
                Principal {
                    id: PrincipalId::kept(&account.id),
                    ..of_feed
                }
            }
            Kind::Terminal => {
                let call_sign = found.call_sign.as_deref();
                let terminal = Principal::terminal(call_sign.unwrap_or(&account.speaks_for));
                Principal {
                    sees: Sees::OwnUnit,
                    ..terminal
                }
            }
            Kind::Person => {
                let granted = self.roles.granted(account.roles.iter().map(String::as_str));
                let rights = account
                    .exceptions
                    .iter()
                    .fold(granted.rights, with_exception);
                let part = if rights.acts() {
                    Part::Operator
                } else {
                    Part::Viewer
                };
                let id = PrincipalId::kept(&account.id);
                Principal {
                    rights,
                    sees: Sees::Classes {
                        classes: granted.sees,
                        only_held: granted.only_held,
                    },
                    ..Principal::with_usual_rights(id, &account.display, part)
                }
            }
        };
        Principal {
            pass: found.pass.clone(),
            post: Arc::new(post),
            ..principal
        }
    }

    /// The guest that a token names, if the server is open; else `None`.
    fn guest(&self, token: &str) -> Option<Principal> {
        if !self.is_open() {
            return None;
        }
        self.named_guest(token).map(|guest| Principal {
            pass: self.guests.clone(),
            ..guest
        })
    }

    fn named_guest(&self, token: &str) -> Option<Principal> {
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
        if self.is_open() {
            let named = is_feed_name(name).then(|| open_feed(name));
            return named.ok_or(AccessError::NoSuchFeed);
        }
        let token = token.ok_or(AccessError::Missing)?;
        let mut owner = None;
        for (secret, feed) in &self.feeds {
            if secret.is(token) {
                owner = Some(feed.clone());
            }
        }
        if owner.is_none()
            && let Some(found) = self.of_account(token)?
            && let Part::Feed(feed) = self.principal(&found).part
        {
            owner = Some(feed);
        }
        let owner = owner.ok_or(AccessError::Wrong)?;
        let is_feed = self.feeds.iter().any(|(_, f)| f.name == name)
            || self.accounts.as_ref().is_some_and(|a| a.has_feed(name));
        if owner.name == name {
            Ok(owner)
        } else if is_feed {
            Err(AccessError::OtherFeed)
        } else {
            Err(AccessError::NoSuchFeed)
        }
    }
}

fn refused_log_in(name: &str, why: String) -> AuditAct {
    AuditAct::LogInRefused {
        name: name.to_owned(),
        why,
        count: 1,
    }
}

/// Rights with one permission granted or withdrawn; a word that is none changes nothing.
fn with_exception(rights: Rights, (word, granted): &(String, bool)) -> Rights {
    let known = Permission::named(word);
    known.map_or(rights, |p| rights.with(p, *granted))
}

fn open_feed(name: &str) -> Arc<Feed> {
    Arc::new(Feed {
        name: name.to_owned(),
        crs: Crs::Wgs84,
    })
}
