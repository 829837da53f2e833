//! The accounts of a server: read at its start, followed while it runs.

use super::ServeError;
use crate::access::Access;
use crate::accounts::{AccountChange, AccountError, Accounts, REFRESH_EVERY};
use crate::audit::{Auditor, Name, Party};
use crate::clock::SystemClock;
use crate::config::Config;
use crate::log::EmbeddedStore;
use crate::sign_on::SignOn;
use chengtu_engine::audit::{Audit, AuditAct};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::task::JoinHandle;

/// Changes of accounts that are noted at a time.
const CHANGES_AT_ONCE: u32 = 64;

/// Who may connect, by the configuration and by the accounts of the data directory.
pub(super) fn access(config: &Config, data: &Path, loopback: bool) -> Result<Access, ServeError> {
    let accounts = Accounts::open(data, &config.accounts, SystemClock::shared())?;
    let access = Access::new(config, loopback);
    Ok(access.with_accounts(Arc::new(accounts), config)?)
}

/// Single sign-on, where the configuration names a provider.
pub(super) fn sign_on(config: &Config, access: &Access) -> Result<Option<Arc<SignOn>>, ServeError> {
    let named = config.accounts.oidc.as_ref().zip(access.accounts());
    let made = named.map(|(oidc, accounts)| {
        SignOn::new(oidc, accounts.clone(), SystemClock::shared()).map(Arc::new)
    });
    Ok(made.transpose()?)
}

/// Asks the provider of sign-on for the first time, beside everything else.
pub(super) fn meet(sso: Option<Arc<SignOn>>) -> Option<JoinHandle<()>> {
    let sso = sso?;
    Some(tokio::spawn(async move { sso.meet().await }))
}

/// Says that a server is open, and makes the first administrator of one that nobody could come into.
pub(super) fn tell_how_open(access: &Access) -> Result<(), AccountError> {
    if access.is_open() {
        tracing::warn!(
            "everybody on this machine is the duty officer, without a password; `chengtu-server user add NAME --role administrator --data DIR` ends that"
        );
    }
    let Some(accounts) = access.accounts().filter(|_| access.is_shut()) else {
        return Ok(());
    };
    let (name, password) = accounts.first_administrator()?;
    // To the terminal of whoever started it, and not to a log that is kept: it is shown this once.
    let said = format!(
        "nobody could log in, so an administrator was made: {name}\none-time password, shown this once: {password}"
    );
    eprintln!("{}", crate::say::words(&said));
    Ok(())
}

/// Where changes of accounts are noted.
pub(super) struct Notes {
    /// Those that somebody made over the network.
    pub auditor: Arc<Auditor>,
    /// The data directory, for those that a command made beside the server, maybe before it began.
    pub data: PathBuf,
}

impl Notes {
    /// Notes what has been changed of accounts; whatever cannot be noted is tried again.
    fn take(&self, accounts: &Accounts) -> Result<(), AccountError> {
        let Some(store) = accounts.store()? else {
            return Ok(());
        };
        let noted = store.take_changes(CHANGES_AT_ONCE, |changes| {
            changes.iter().try_for_each(|change| self.note(change))
        })?;
        if let Err(why) = noted {
            tracing::error!(why, "changes of accounts are not noted in the log yet");
        }
        Ok(())
    }

    fn note(&self, change: &AccountChange) -> Result<(), String> {
        let act = act_of(change);
        // Over the network it is the identity of an account, as `user:li`; a command's is a word.
        if change.by.contains(':') {
            let party = Party {
                id: change.by.clone(),
                name: Name::Nobody,
                from: String::new(),
            };
            let noted = self.auditor.note(&party, &act);
            return noted
                .then_some(())
                .ok_or("the log takes no more".to_owned());
        }
        let audit = Audit {
            who: change.by.clone(),
            from: String::new(),
            at: change.at,
            act,
        };
        let store = EmbeddedStore::at(&self.data);
        store.write_down(&audit).map_err(|e| e.to_string())
    }
}

/// A change of an account, as it is kept in the log: what was done, and what the account is since.
fn act_of(change: &AccountChange) -> AuditAct {
    let word = |key: &str| change.what[key].as_str().unwrap_or_default().to_owned();
    let mut what = word("did");
    for key in [
        "roles",
        "areas",
        "department",
        "speaks_for",
        "address",
        "client",
    ] {
        let value = &change.what[key];
        let empty = value.as_str().is_some_and(str::is_empty)
            || value.as_array().is_some_and(Vec::is_empty);
        if !value.is_null() && !empty {
            what.extend([", ", key, " ", &value.to_string()]);
        }
    }
    let account = word("account");
    AuditAct::AccountChanged { account, what }
}

/// Follows what others change of the accounts, and has it noted, until the server ends.
pub(super) async fn follow(access: Arc<Access>, notes: Notes) {
    let mut failed = false;
    let notes = Arc::new(notes);
    loop {
        tokio::time::sleep(REFRESH_EVERY).await;
        let (for_refresh, notes) = (access.clone(), notes.clone());
        let refresh = move || {
            for_refresh.refresh()?;
            let accounts = for_refresh.accounts();
            accounts.map_or(Ok(()), |accounts| notes.take(accounts))
        };
        let refreshed = tokio::task::spawn_blocking(refresh).await;
        match refreshed {
            Ok(Ok(())) => failed = false,
            Ok(Err(error)) if !failed => {
                failed = true;
                tracing::error!(%error, "what is changed of the accounts is not followed");
            }
            Ok(Err(_)) => {}
            Err(error) => tracing::error!(%error, "following the accounts broke down"),
        }
    }
}
