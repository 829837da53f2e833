//! Acts that change nothing in the city and must be provable all the same: who came and went, who was refused, who looked
//! at what is masked, who took data out, what was configured.

use crate::ids::CaseId;
use crate::model::Actor;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Longest purpose of an unmasking, characters; a longer one is refused ([`crate::code::Code::TextTooLong`]).
pub const PURPOSE_CHARS_MAX: usize = 300;
/// Unmaskings of one case that its state holds, the newest; the log holds all of them.
pub const LOOKS_MAX: usize = 64;

/// One act. Its record says when the server knew, and in whose name it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Audit {
    /// Identity of whoever acted, as `user:li` or `machine:root`; empty where nobody knows it, or where the record's own
    /// actor says all there is to say.
    pub who: String,
    /// Where from: a network address; empty for the server itself and where none is known.
    pub from: String,
    /// When it happened. Earlier than its record where a command wrote it down beside the server, or where it was counted
    /// for a while.
    pub at: Timestamp,
    /// What was done.
    pub act: AuditAct,
}

/// What was done.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(
    missing_docs,
    reason = "`count` is how often since the last such entry"
)]
pub enum AuditAct {
    /// A session began. `role`: what it takes part as.
    LoggedIn { role: String, count: u32 },
    /// A session ended. `why`: in words; empty where the other side just went.
    LoggedOut { why: String, count: u32 },
    /// Somebody was not let in. `name`: the name that was given, where one was.
    LogInRefused {
        name: String,
        why: String,
        count: u32,
    },
    /// An account was made, changed, disabled, given another secret. `what`: in words, without any secret.
    AccountChanged { account: String, what: String },
    /// Somebody who was let in asked for what they may not have. `what`: the refusal.
    PermissionRefused { what: String, count: u32 },
    /// Data left the city. `what`: the format and where to.
    Exported {
        what: String,
        from: Timestamp,
        to: Timestamp,
        /// How many rows; 0 where it was written down before the work began.
        rows: u64,
    },
    /// The server began with another configuration than before.
    ConfigurationChanged {
        /// Every section with its digest, which says nothing of its content.
        digests: Vec<(String, String)>,
        /// Names of the sections that differ from before.
        changed: Vec<String>,
    },
    /// What is masked of a case was shown to somebody.
    Unmasked {
        case: CaseId,
        what: Masked,
        purpose: String,
    },
    /// Something was looked at that is watched over. `what`: in words.
    LookedAt { what: String, count: u32 },
}

/// What is masked for whoever has no task with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Masked {
    /// The reporter's name and telephone, the exact point of a person.
    Personal,
}

/// That somebody was shown what is masked of a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Look {
    /// When.
    pub at: Timestamp,
    /// In whose name.
    pub by: Actor,
    /// Identity, see [`Audit::who`].
    pub who: String,
    /// What was shown.
    pub what: Masked,
    /// What for.
    pub purpose: String,
}

/// Who was shown what is masked of one case, oldest first, at most [`LOOKS_MAX`]; the log holds all of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Looks {
    /// Older ones that made room.
    pub left_out: u32,
    /// The newest.
    pub list: Vec<Look>,
}

impl Looks {
    /// Adds the last one.
    pub fn push(&mut self, look: Look) {
        if self.list.len() >= LOOKS_MAX {
            self.list.remove(0);
            self.left_out += 1;
        }
        self.list.push(look);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_many_looks_the_newest_stay_and_the_others_are_counted() {
        let mut looks = Looks::default();
        for n in 0..LOOKS_MAX as i64 + 3 {
            looks.push(Look {
                at: Timestamp(n),
                by: Actor::System,
                who: String::new(),
                what: Masked::Personal,
                purpose: "p".to_owned(),
            });
        }
        assert_eq!((looks.left_out, looks.list.len()), (3, LOOKS_MAX));
        assert_eq!(looks.list[0].at, Timestamp(3));
    }
}
