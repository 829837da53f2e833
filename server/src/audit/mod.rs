//! What must be provable beside what happens in the city: noted by whoever sees it, kept by the running city in its log.
//!
//! Nobody waits for it. What comes often (refusals, sessions that come and go) is counted and written at most so often,
//! so that a flood of it fills no log.

mod auditor;
mod configuration;

pub use auditor::{Auditor, Noted};
pub use configuration::{changed, digests};

use std::net::IpAddr;

/// Whose act it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Party {
    /// Identity, as `user:li`; empty where nobody knows it.
    pub id: String,
    /// In whose name it is kept.
    pub name: Name,
    /// Network address; empty where there is none.
    pub from: String,
}

/// In whose name an act is kept, as the city knows its actors.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Name {
    /// A person's who may act.
    Person(String),
    /// A unit's terminal, by its call sign.
    Terminal(String),
    /// A feed's.
    Feed(String),
    /// Of nobody that the city knows: whoever looks on, or was not let in. The identity says who it was, where it is known.
    #[default]
    Nobody,
}

impl Party {
    /// Somebody of whom nothing is known but where they came from.
    pub fn unknown(from: Option<IpAddr>) -> Self {
        Self {
            from: address(from),
            ..Self::default()
        }
    }
}

/// An address in words.
pub fn address(from: Option<IpAddr>) -> String {
    from.map_or(String::new(), |a| a.to_string())
}
