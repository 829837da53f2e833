//! Logging in: a name and a password become a session.

use super::hashing::Busy;
use super::lockout::Try;
use super::names::folded;
use super::password::{Hashing, PASSWORD_BYTES_MAX};
use super::sessions::SessionRow;
use super::store::Store;
use super::strength::{self, Weak};
use super::{Account, AccountError, Accounts, Kind, secret};
use crate::config::AccountsConfig;
use chengtu_engine::time::Timestamp;
use serde_json::json;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

/// Characters of the name of a client's program that are kept.
const CLIENT_CHARS_MAX: usize = 64;

/// How long is waited before coming again where too many log in at once.
const COME_AGAIN: Duration = Duration::from_secs(1);

/// Somebody who wants to log in.
#[derive(Clone, Default)]
pub struct LogIn {
    /// What was typed as the name.
    pub name: String,
    /// What was typed as the password.
    pub password: String,
    /// The password from now on.
    pub new_password: Option<String>,
    /// From where; `None` where that is not known.
    pub address: Option<IpAddr>,
    /// The program, as it calls itself.
    pub client: String,
}

/// Passwords are not printed.
impl std::fmt::Debug for LogIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LogIn")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

/// Somebody who has logged in.
#[derive(Clone, Debug)]
pub struct LoggedIn {
    /// What opens the session from now on; shown this once.
    pub token: String,
    /// The session's id.
    pub session: String,
    /// Who it is.
    pub account: Arc<Account>,
    /// When it ends at the latest, by the clock of now.
    pub expires: Timestamp,
    /// Seconds without use after which it ends.
    pub idle_s: u64,
}

/// Why somebody was not logged in.
#[derive(Debug, thiserror::Error)]
pub enum LogInError {
    /// No such name, or not its password.
    #[error("the name or the password is wrong")]
    Wrong,
    /// The password is right, and the account disabled.
    #[error("this account is disabled; ask an administrator")]
    Disabled,
    /// The password is right, and must be changed.
    #[error("the password must be changed: log in with it and a new one (new_password)")]
    MustChange,
    /// The new password is too easily guessed.
    #[error("the password is too weak: {0}")]
    Weak(Weak),
    /// Too many wrong passwords.
    #[error("too many wrong passwords; try again in {} s", seconds(*.0))]
    Locked(Duration),
    /// Too many log in at once.
    #[error("too many log in at the moment; try again in {} s", seconds(*.0))]
    Busy(Duration),
    /// The file, or the server itself.
    #[error("nobody can log in at the moment: {0}")]
    Failed(String),
}

/// Whole seconds, at least one.
fn seconds(d: Duration) -> u64 {
    d.as_secs() + u64::from(d.subsec_nanos() > 0).max(u64::from(d.is_zero()))
}

impl LogInError {
    /// Seconds after which to come again, where that helps.
    pub fn retry_after_s(&self) -> Option<u64> {
        match self {
            Self::Locked(wait) | Self::Busy(wait) => Some(seconds(*wait)),
            _ => None,
        }
    }

    /// As it is noted: without how long somebody waits, so that many of one kind are counted as one.
    pub(crate) fn noted(&self) -> String {
        match self {
            Self::Locked(_) => "too many wrong passwords".to_owned(),
            Self::Busy(_) => "too many log in at the moment".to_owned(),
            Self::Failed(_) => "nobody can log in at the moment".to_owned(),
            other => other.to_string(),
        }
    }

    /// True where the password was right.
    fn was_right(&self) -> bool {
        matches!(self, Self::Disabled | Self::MustChange | Self::Weak(_))
    }
}

impl From<AccountError> for LogInError {
    fn from(error: AccountError) -> Self {
        match error {
            AccountError::Weak(weak) => Self::Weak(weak),
            other => {
                tracing::error!(error = %other, "nobody can log in");
                Self::Failed(other.to_string())
            }
        }
    }
}

impl Accounts {
    /// Logs somebody in. The password is looked at in its turn, on a thread of its own.
    ///
    /// # Errors
    /// [`LogInError`]; a name that nobody has takes as long, and is answered in the same words, as a wrong password.
    pub async fn log_in(self: &Arc<Self>, ask: LogIn) -> Result<LoggedIn, LogInError> {
        let address = ask.address.unwrap_or(IpAddr::from([0, 0, 0, 0]));
        let held = self.lockouts.begin(&folded(&ask.name), address);
        let tried = held.map_err(LogInError::Locked)?;
        let accounts = self.clone();
        let submitted = self.hasher.submit(move || {
            let logged_in = accounts.log_in_now(&ask, tried);
            match &logged_in {
                Ok(_) => accounts.lockouts.right(tried),
                Err(why) if why.was_right() => accounts.lockouts.right(tried),
                Err(LogInError::Wrong) => {}
                Err(_) => accounts.lockouts.take_back(tried),
            }
            logged_in
        });
        let answer = submitted.map_err(|Busy| {
            self.lockouts.take_back(tried);
            LogInError::Busy(COME_AGAIN)
        })?;
        let broke = |_| LogInError::Failed("the server broke down over it".to_owned());
        let answer = answer.await.map_err(broke).flatten();
        let word = match &answer {
            Ok(_) => "in",
            Err(LogInError::Wrong) => "wrong",
            Err(_) => "refused",
        };
        metrics::counter!("chengtu_log_ins_total", "result" => word).increment(1);
        answer
    }

    fn log_in_now(&self, ask: &LogIn, tried: Try) -> Result<LoggedIn, LogInError> {
        let now = self.clock.now();
        let store = self.store()?.ok_or(LogInError::Wrong)?;
        let account = match store.named(&ask.name) {
            Ok(account) => Some(account).filter(|a| a.kind == Kind::Person),
            Err(AccountError::NoAccount(_)) => None,
            Err(other) => return Err(other.into()),
        };
        let kept = match &account {
            Some(account) => store.password(&account.id)?,
            None => None,
        };
        let fits = ask.password.len() <= PASSWORD_BYTES_MAX;
        let typed = if fits { ask.password.as_str() } else { "" };
        let (Some(account), Some(kept)) = (account, kept) else {
            // As long as for anybody: who has an account is nobody's business.
            let _ = self.hashing.is(typed, &self.nobodys);
            return Err(LogInError::Wrong);
        };
        if !fits || !self.hashing.is(typed, &kept) {
            if tried.locks {
                let address = ask.address.map(|a| a.to_string());
                let what = json!({"did": "locked", "account": account.id, "address": address});
                store.note_event(now, "server", &what)?;
            }
            return Err(LogInError::Wrong);
        }
        if account.disabled {
            return Err(LogInError::Disabled);
        }
        match &ask.new_password {
            Some(new) if new == typed => return Err(LogInError::Weak(Weak::Same)),
            Some(new) => choose(&store, &self.hashing, &account, new, (&account.id, now))?,
            None if account.must_change => return Err(LogInError::MustChange),
            None if self.hashing.is_old(&kept) => {
                store.rehash(&account.id, &kept, &self.hashing.hash(typed)?)?;
            }
            None => {}
        }
        self.begin(&store, Arc::new(account), ask, now)
    }

    pub(super) fn begin(
        &self,
        store: &Store,
        account: Arc<Account>,
        ask: &LogIn,
        now: Timestamp,
    ) -> Result<LoggedIn, LogInError> {
        let token = secret::secret("cts")?;
        let seen = |c: &char| !c.is_control();
        let client = ask.client.chars().filter(seen).take(CLIENT_CHARS_MAX);
        let session = SessionRow {
            id: secret::handle()?,
            account: account.id.clone(),
            hash: secret::hash(&token),
            created_at: now,
            seen_at: now,
            age_s: 0,
            address: ask.address.map_or_else(String::new, |a| a.to_string()),
            client: client.collect(),
        };
        store.begin_session(&session)?;
        self.reload(store)?;
        let max_us = i64::try_from(self.config.session_max_s).unwrap_or(i64::MAX);
        Ok(LoggedIn {
            token,
            session: session.id,
            account,
            expires: Timestamp(now.0.saturating_add(max_us.saturating_mul(1_000_000))),
            idle_s: self.config.session_idle_s,
        })
    }
}

/// Sets a password that somebody chose, if it is not weak.
///
/// # Errors
/// [`AccountError::Weak`]; what the file and the system say.
pub(super) fn choose(
    store: &Store,
    hashing: &Hashing,
    account: &Account,
    password: &str,
    by: (&str, Timestamp),
) -> Result<(), AccountError> {
    let own = [account.name.as_str(), &account.display, "chengtu", "城图"];
    strength::check(password, &own).map_err(AccountError::Weak)?;
    let phc = hashing.hash(password)?;
    store.set_password(&account.id, &phc, false, by)
}

/// Sets a password that somebody chose, if it is not weak, where no server is at hand: hashed as `config` says.
///
/// # Errors
/// [`AccountError::Weak`]; what the file and the system say.
pub fn set_password(
    store: &Store,
    config: &AccountsConfig,
    account: &Account,
    password: &str,
    by: (&str, Timestamp),
) -> Result<(), AccountError> {
    choose(store, &Hashing::of(config)?, account, password, by)
}

/// Sets a password for one use, which is shown this once.
///
/// # Errors
/// What the file and the system say.
pub(super) fn reset(
    store: &Store,
    hashing: &Hashing,
    account: &Account,
    by: (&str, Timestamp),
) -> Result<String, AccountError> {
    let password = secret::one_time_password()?;
    let phc = hashing.hash(&password)?;
    store.set_password(&account.id, &phc, true, by)?;
    Ok(password)
}

#[cfg(test)]
#[path = "log_in_tests.rs"]
mod tests;
