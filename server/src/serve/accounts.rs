//! The accounts of a server: read at its start, followed while it runs.

use super::ServeError;
use crate::access::Access;
use crate::accounts::{AccountError, Accounts, REFRESH_EVERY};
use crate::clock::SystemClock;
use crate::config::Config;
use std::path::Path;
use std::sync::Arc;

/// Who may connect, by the configuration and by the accounts of the data directory.
pub(super) fn access(config: &Config, data: &Path, loopback: bool) -> Result<Access, ServeError> {
    let accounts = Accounts::open(data, &config.accounts, SystemClock::shared())?;
    let access = Access::new(config, loopback);
    Ok(access.with_accounts(Arc::new(accounts), config)?)
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

/// Follows what others change of the accounts, until the server ends.
pub(super) async fn follow(access: Arc<Access>) {
    let mut failed = false;
    loop {
        tokio::time::sleep(REFRESH_EVERY).await;
        let for_refresh = access.clone();
        let refreshed = tokio::task::spawn_blocking(move || for_refresh.refresh()).await;
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
