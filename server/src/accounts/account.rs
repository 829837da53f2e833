use chengtu_engine::time::Timestamp;
use std::fmt;
use std::str::FromStr;

/// What an account is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Somebody who logs in with a password.
    Person,
    /// A program that sends a feed's data, with a secret.
    Feed,
    /// A unit's terminal, with a secret.
    Terminal,
}

impl Kind {
    /// Its word on the command line and in the file.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Feed => "feed",
            Self::Terminal => "terminal",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Kind {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        let all = [Self::Person, Self::Feed, Self::Terminal];
        let found = all.into_iter().find(|k| k.as_str() == word);
        found.ok_or_else(|| format!("{word:?} is no kind of account"))
    }
}

/// Somebody or something that may be let in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Who it is for ever, whatever it is called: what worlds, bookmarks and records are owned by.
    pub id: String,
    /// What is typed to log in; unique, whatever its case.
    pub name: String,
    /// What others are shown.
    pub display: String,
    /// What it is for.
    pub kind: Kind,
    /// Words of the table of roles; of people alone.
    pub roles: Vec<String>,
    /// Key of the department that they belong to; empty: none.
    pub department: String,
    /// Prefixes of grid codes, each of 2, 4, 6, 9, 12 or 15 digits; none: the whole city.
    pub areas: Vec<String>,
    /// Of a feed its name, of a terminal its call sign or `*`.
    pub speaks_for: String,
    /// Of a feed: its reference system.
    pub crs: String,
    /// Permissions that it has or lacks beside its roles, by their words.
    pub exceptions: Vec<(String, bool)>,
    /// It opens nothing.
    pub disabled: bool,
    /// Its password must be changed before it opens anything.
    pub must_change: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was changed last.
    pub changed_at: Timestamp,
}

impl Account {
    /// True where somebody with `other` may and sees the same.
    pub(super) fn stands_as(&self, other: &Self) -> bool {
        let of = |a: &Self| {
            (
                a.roles.clone(),
                a.department.clone(),
                a.areas.clone(),
                a.speaks_for.clone(),
                a.crs.clone(),
                a.exceptions.clone(),
            )
        };
        of(self) == of(other) && self.display == other.display
    }
}
