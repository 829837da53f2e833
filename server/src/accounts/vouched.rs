//! People for whom a provider of sign-on vouches: an account made at the first log-in, brought up to date at each, and a
//! session without a password.

use super::lockout::Try;
use super::log_in::{LogIn, LogInError, LoggedIn};
use super::names::{check_display_name, log_in_name_from};
use super::store::{NewAccount, Store};
use super::{Account, AccountError, Accounts, Kind, person_id};
use std::net::IpAddr;
use std::sync::Arc;

/// In whose name accounts are made and brought up to date.
const BY: &str = "sign-on";
/// What marks the id of an account that was made so; no log-in name has a stroke.
const MARK: &str = "sso/";
/// Accounts of one name that are told apart by a number.
const NAMES_ALIKE_MAX: u32 = 10_000;

/// Somebody for whom a provider vouches.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Vouched {
    /// The provider. With `subject` it is who somebody is for ever, whatever they are called.
    pub issuer: String,
    /// What the provider calls them by.
    pub subject: String,
    /// What they log in with there, for people; may be empty.
    pub login: String,
    /// What others are shown; may be empty.
    pub display: String,
    /// Words of the table of roles, at least one.
    pub roles: Vec<String>,
    /// Key of the department; `None`: what an administrator says.
    pub department: Option<String>,
    /// Prefixes of grid codes, none: the whole city; `None`: what an administrator says.
    pub areas: Option<Vec<String>>,
}

impl Vouched {
    /// The id of their account.
    pub(super) fn id(&self) -> String {
        let who = format!("{}\n{}", self.issuer, self.subject);
        let hash = blake3::hash(who.as_bytes()).to_hex();
        person_id(&format!("{MARK}{}", &hash[..32]))
    }

    /// An account with what the provider says of it.
    fn of(&self, before: &Account) -> Account {
        let mut after = before.clone();
        after.roles.clone_from(&self.roles);
        if let Ok(display) = check_display_name(&self.display) {
            after.display = display;
        }
        if let Some(department) = &self.department {
            after.department.clone_from(department);
        }
        if let Some(areas) = &self.areas {
            after.areas.clone_from(areas);
        }
        after
    }

    fn new_account(&self) -> NewAccount {
        let id = self.id();
        let marked = || id.replace([':', '/'], "-");
        NewAccount {
            name: log_in_name_from(&self.login).unwrap_or_else(marked),
            // A name that could not be shown rightly is not shown.
            display: check_display_name(&self.display).unwrap_or_default(),
            roles: self.roles.clone(),
            department: self.department.clone().unwrap_or_default(),
            areas: self.areas.clone().unwrap_or_default(),
            id: Some(id),
            ..NewAccount::default()
        }
    }
}

impl Account {
    /// True for one that a provider of sign-on vouches for.
    pub fn is_vouched(&self) -> bool {
        self.id.starts_with(&person_id(MARK))
    }
}

/// A secret for one use that somebody shows.
#[derive(Debug)]
pub struct Shown(Try);

impl Accounts {
    /// Lets a secret for one use be looked at. It counts as a wrong password of its address until [`Self::was_right`].
    ///
    /// # Errors
    /// [`LogInError::Locked`] where the address has shown too many wrong ones.
    pub fn shown(&self, secret: &str, address: Option<IpAddr>) -> Result<Shown, LogInError> {
        let address = address.unwrap_or(IpAddr::from([0, 0, 0, 0]));
        // No log-in name begins so.
        let tried = self.lockouts.begin(&format!("/{secret}"), address);
        tried.map(Shown).map_err(LogInError::Locked)
    }

    /// It was a right one.
    pub fn was_right(&self, shown: &Shown) {
        self.lockouts.take_back(shown.0);
    }

    /// The account of somebody for whom a provider vouches, made where there is none, with what is said of it now. Blocks
    /// for as long as a small database takes.
    ///
    /// # Errors
    /// [`LogInError::Disabled`], which a provider does not undo; what the file says.
    pub fn vouch(&self, person: &Vouched) -> Result<Arc<Account>, LogInError> {
        let store = self.store_made()?;
        let id = person.id();
        self.reload(&store)?;
        let Some(before) = self.account(&id) else {
            return self.first_log_in(&store, person);
        };
        if before.disabled {
            return Err(LogInError::Disabled);
        }
        let after = person.of(&before);
        if after != *before {
            store.set(&after, "changed", BY, self.clock.now())?;
            self.reload(&store)?;
        }
        Ok(self.account(&id).unwrap_or(before))
    }

    fn first_log_in(&self, store: &Store, person: &Vouched) -> Result<Arc<Account>, LogInError> {
        let new = person.new_account();
        let mut named = new.clone();
        for n in 2..NAMES_ALIKE_MAX {
            match store.add(Kind::Person, named.clone(), BY, self.clock.now()) {
                Ok(account) => {
                    self.reload(store)?;
                    return Ok(Arc::new(account));
                }
                Err(AccountError::NameTaken(_)) => {
                    self.reload(store)?;
                    // Maybe by the same person, from two windows at once.
                    if let Some(there) = self.account(&person.id()) {
                        return Ok(there);
                    }
                    named.name = format!("{}-{n}", new.name);
                }
                Err(other) => return Err(other.into()),
            }
        }
        Err(AccountError::NameTaken(named.name).into())
    }

    /// Begins a session of an account for which a provider has vouched just now. Blocks as [`Self::vouch`].
    ///
    /// # Errors
    /// [`LogInError::Disabled`] also for one that is gone; what the file says.
    pub fn begin_vouched(
        &self,
        id: &str,
        address: Option<IpAddr>,
        client: String,
    ) -> Result<LoggedIn, LogInError> {
        let begun = self.begin_vouched_now(id, address, client);
        let word = if begun.is_ok() { "in" } else { "refused" };
        metrics::counter!("chengtu_log_ins_total", "result" => word).increment(1);
        begun
    }

    fn begin_vouched_now(
        &self,
        id: &str,
        address: Option<IpAddr>,
        client: String,
    ) -> Result<LoggedIn, LogInError> {
        let store = self.store_made()?;
        self.reload(&store)?;
        let account = self.account(id).filter(|a| !a.disabled);
        let account = account.ok_or(LogInError::Disabled)?;
        let ask = LogIn {
            address,
            client,
            ..LogIn::default()
        };
        self.begin(&store, account, &ask, self.clock.now())
    }
}

#[cfg(test)]
#[path = "vouched_tests.rs"]
mod tests;
