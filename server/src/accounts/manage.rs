//! Accounts changed by administrators of a running server. What is hashed is hashed in its turn, as log-ins are.

use super::hashing::Busy;
use super::log_in::reset;
use super::{Account, AccountError, Accounts, Kind, NewAccount};
use std::sync::Arc;

/// What is to be done.
#[derive(Clone, Debug)]
pub enum Managed {
    /// Make an account: of a person with a password for one use, of a service with a secret.
    Add(Kind, NewAccount),
    /// Change the account of a log-in name.
    Set(String, Edit),
    /// Give a person a password for one use.
    Reset(String),
    /// Give a service a new secret; those before open for so many seconds yet.
    Rotate(String, u32),
}

/// What of an account is another from now on; the rest stays.
#[derive(Clone, Debug, Default)]
pub struct Edit {
    /// What is typed to log in.
    pub name: Option<String>,
    /// What others are shown.
    pub display: Option<String>,
    /// Words of the table of roles.
    pub roles: Option<Vec<String>>,
    /// Key of a department.
    pub department: Option<String>,
    /// Prefixes of grid codes.
    pub areas: Option<Vec<String>>,
    /// It opens nothing.
    pub disabled: Option<bool>,
}

impl Edit {
    /// An account with this changed.
    fn of(self, before: &Account) -> Account {
        let mut after = before.clone();
        after.name = self.name.unwrap_or(after.name);
        after.display = self.display.unwrap_or(after.display);
        after.roles = self.roles.unwrap_or(after.roles);
        after.department = self.department.unwrap_or(after.department);
        after.areas = self.areas.unwrap_or(after.areas);
        after.disabled = self.disabled.unwrap_or(after.disabled);
        after
    }
}

/// What was done.
#[derive(Clone, Debug)]
pub struct Done {
    /// The account as it is now.
    pub account: Account,
    /// A password for one use, or a secret: shown this once.
    pub shown_once: Option<String>,
}

/// Why it was not done.
#[derive(Debug, thiserror::Error)]
pub enum ManageError {
    /// Too much waits already.
    #[error("too many log in at the moment; try again in 1 s")]
    Busy,
    /// The account, or the file.
    #[error(transparent)]
    Account(#[from] AccountError),
    /// It broke down.
    #[error("the server broke down over it")]
    Broke,
}

impl Accounts {
    /// Changes accounts. `by`: the id of who does it.
    ///
    /// # Errors
    /// [`ManageError`]; nothing was changed.
    pub async fn manage(self: &Arc<Self>, what: Managed, by: String) -> Result<Done, ManageError> {
        let accounts = self.clone();
        let submitted = self.hasher.submit(move || accounts.manage_now(what, &by));
        let done = submitted.map_err(|Busy| ManageError::Busy)?;
        let done = done.await.map_err(|_| ManageError::Broke)?;
        Ok(done?)
    }

    fn manage_now(&self, what: Managed, by: &str) -> Result<Done, AccountError> {
        let now = self.clock.now();
        let store = self.store_made()?;
        let (account, shown_once) = match what {
            Managed::Add(kind, new) => {
                let person = kind == Kind::Person;
                let new = NewAccount {
                    must_change: person,
                    ..new
                };
                let account = store.add(kind, new, by, now)?;
                let shown = if person {
                    reset(&store, &self.hashing, &account, (by, now))?
                } else {
                    store.rotate(&account, 0, by, now)?
                };
                (account, Some(shown))
            }
            Managed::Set(name, edit) => {
                let before = store.named(&name)?;
                let after = edit.of(&before);
                let did = match (before.disabled, after.disabled) {
                    (false, true) => "disabled",
                    (true, false) => "enabled",
                    _ => "changed",
                };
                store.set(&after, did, by, now)?;
                (after, None)
            }
            Managed::Reset(name) => {
                let account = store.named(&name)?;
                if account.kind != Kind::Person {
                    return Err(AccountError::WrongKind {
                        name: account.name,
                        kind: account.kind.as_str(),
                        why: "it has secrets, make a new one with `user rotate`",
                    });
                }
                let shown = reset(&store, &self.hashing, &account, (by, now))?;
                (account, Some(shown))
            }
            Managed::Rotate(name, overlap_s) => {
                let account = store.named(&name)?;
                let shown = store.rotate(&account, overlap_s, by, now)?;
                (account, Some(shown))
            }
        };
        self.refresh_now(&store)?;
        Ok(Done {
            account,
            shown_once,
        })
    }
}
