use crate::accounts::LogInError;
use std::path::PathBuf;

/// Why sign-on cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum SetUpError {
    /// The secret that this server shows the provider.
    #[error("{path}: the secret of accounts.oidc cannot be read: {source}", path = path.display())]
    Secret {
        /// Its file.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: std::io::Error,
    },
    /// A file without a secret in it.
    #[error("{path}: the secret of accounts.oidc is empty", path = path.display())]
    NoSecret {
        /// Its file.
        path: PathBuf,
    },
    /// An address that is none.
    #[error("accounts.oidc: {0} is no address: {1}")]
    Address(String, String),
    /// TLS, or the client of HTTP.
    #[error("accounts.oidc: requests to the provider cannot be set up: {0}")]
    Client(String),
}

/// Why somebody was not logged in by sign-on; the words are for them.
#[derive(Debug, thiserror::Error)]
pub enum SignOnError {
    /// The server has no provider.
    #[error("this server has no single sign-on; log in with name and password")]
    None,
    /// The address that the browser was sent to is not one of ours.
    #[error("this address is incomplete; begin again from the map")]
    Asked,
    /// The provider does not answer, or not as one.
    #[error(
        "the sign-on service does not answer; try again in a minute, or log in with name and password"
    )]
    Unreachable,
    /// It was not begun here, not in this browser, too long ago, or is over already.
    #[error(
        "this log-in was not begun in this browser, is over or has expired; begin again from the map"
    )]
    NotBegun,
    /// The provider says no.
    #[error("the sign-on service has not let you in; begin again from the map")]
    Denied,
    /// What the provider vouches with does not hold.
    #[error(
        "what the sign-on service says cannot be trusted ({0}); nobody was logged in, tell an administrator"
    )]
    Untrusted(&'static str),
    /// Nobody here.
    #[error("you have no role in this city; ask whoever administers the sign-on service")]
    NoRole,
    /// Where they stand is not said.
    #[error("the sign-on service does not say your {0}; ask whoever administers it")]
    NotSaid(&'static str),
    /// An area that is none.
    #[error("the sign-on service says an area that is none; ask whoever administers it")]
    Area,
    /// A grant that is used up, too old, or somebody else's.
    #[error("this log-in is over or has expired; begin again")]
    Grant,
    /// As with a password.
    #[error(transparent)]
    LogIn(#[from] LogInError),
}
