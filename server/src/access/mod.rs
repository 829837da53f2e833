//! Authentication: whose a token is, over sockets and over HTTP, and what that principal may do.

mod basic;
mod bearer;
mod directory;
mod guesses;
mod principal;
mod secret;
mod taken_in;
#[cfg(test)]
mod tests;

pub use basic::password;
pub use bearer::bearer;
pub use directory::{Access, Feed, UNITS_FEED};
pub use principal::{Part, Post, Principal, PrincipalId, Sees};

use crate::accounts::Ended;

use axum::http::StatusCode;

/// Why somebody was not let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AccessError {
    /// No token was sent.
    #[error("a token is needed: send `Authorization: Bearer TOKEN`")]
    Missing,
    /// Nobody has this token.
    #[error("the token is not known")]
    Wrong,
    /// The token is another feed's.
    #[error("the token does not belong to this feed")]
    OtherFeed,
    /// No feed has this name.
    #[error(
        "there is no such feed; feeds are listed under [[feeds]] in the server's configuration"
    )]
    NoSuchFeed,
    /// The token's role may not have this.
    #[error("the token's role may not read this; ask with an operator's or a viewer's")]
    NotForThisRole,
    /// The token opened something once: of a disabled account, or of a session that has ended.
    #[error("{0}")]
    Over(Ended),
}

impl AccessError {
    /// As an answer over HTTP: 401, 403 or 404.
    pub fn status(self) -> StatusCode {
        match self {
            Self::Missing | Self::Wrong | Self::Over(_) => StatusCode::UNAUTHORIZED,
            Self::OtherFeed | Self::NotForThisRole => StatusCode::FORBIDDEN,
            Self::NoSuchFeed => StatusCode::NOT_FOUND,
        }
    }
}
