use super::rights::{Permission, Rights};
use crate::model::Actor;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// What somebody who connects is.
///
/// Its text form ([`Role::as_str`], [`fmt::Display`], [`FromStr`], and JSON or TOML by serde) is the word of the
/// protocol and of the configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// A duty officer: sees and decides.
    Operator,
    /// Sees, decides nothing.
    Viewer,
    /// A unit's terminal: reports its own position and progress.
    Unit,
    /// A source of positions, readings and cases.
    Feed,
}

/// A word that names no role.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no role {0:?}; roles are operator, viewer, unit and feed")]
pub struct RoleError(
    /// The word that was given.
    pub String,
);

impl Role {
    /// Every role there is.
    pub const ALL: [Self; 4] = [Self::Operator, Self::Viewer, Self::Unit, Self::Feed];

    /// The word of the protocol.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Operator => "operator",
            Self::Viewer => "viewer",
            Self::Unit => "unit",
            Self::Feed => "feed",
        }
    }

    /// What this role may unless its account says otherwise.
    pub const fn rights(self) -> Rights {
        match self {
            Self::Operator => Rights::of(&[
                Permission::ReportCases,
                Permission::DecideCases,
                Permission::SendUnits,
                Permission::ReportProgress,
                Permission::AcknowledgeAlarms,
                Permission::EnterWorlds,
                Permission::Replay,
                Permission::JoinDrills,
                Permission::DirectDrills,
                Permission::Unmask,
                Permission::WhoSaw,
                Permission::CheckCases,
            ]),
            Self::Viewer => Rights::of(&[Permission::EnterWorlds, Permission::Replay]),
            Self::Unit => Rights::of(&[Permission::ReportProgress, Permission::SendFixes]),
            Self::Feed => Rights::of(&[
                Permission::RegisterThings,
                Permission::ReportCases,
                Permission::SendFixes,
            ]),
        }
    }
}

impl Rights {
    /// What an actor of the log may: its role's usual rights. The system may everything but report cases, since a case
    /// has an officer or a feed as its source, and be shown what is masked, since somebody answers for that.
    pub const fn of_actor(actor: &Actor) -> Self {
        match actor {
            Actor::Operator(_) => Role::Operator.rights(),
            Actor::Unit(_) => Role::Unit.rights(),
            Actor::Feed(_) => Role::Feed.rights(),
            Actor::System => Self::of(&Permission::ALL)
                .with(Permission::ReportCases, false)
                .with(Permission::Unmask, false),
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Role {
    type Err = RoleError;

    fn from_str(word: &str) -> Result<Self, RoleError> {
        let found = Self::ALL.into_iter().find(|role| role.as_str() == word);
        found.ok_or_else(|| RoleError(word.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_role_has_the_word_that_names_it_everywhere() {
        for role in Role::ALL {
            assert_eq!(role.to_string().parse(), Ok(role));
            let json = serde_json::to_string(&role).unwrap();
            assert_eq!(json, format!("\"{role}\""), "one word in text and in JSON");
        }
        for word in ["Operator", "", "officer"] {
            assert_eq!(word.parse::<Role>(), Err(RoleError(word.to_owned())));
        }
    }

    #[test]
    fn only_officers_decide_and_terminals_stay_in_the_running_city() {
        let holders = |p| Role::ALL.into_iter().filter(move |r| r.rights().has(p));
        assert!(holders(Permission::SendUnits).eq([Role::Operator]));
        assert!(holders(Permission::DirectDrills).eq([Role::Operator]));
        assert!(holders(Permission::CheckCases).eq([Role::Operator]));
        assert!(holders(Permission::ManageAccounts).eq([]));
        assert!(holders(Permission::Replay).eq([Role::Operator, Role::Viewer]));
        assert!(holders(Permission::EnterWorlds).eq([Role::Operator, Role::Viewer]));
        assert!(holders(Permission::SendFixes).eq([Role::Unit, Role::Feed]));
        assert!(holders(Permission::ConfigureCity).eq([]));
    }
}
