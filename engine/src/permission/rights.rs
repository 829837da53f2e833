use serde::{Deserialize, Serialize};

/// One thing that somebody may or may not do. Its word in tables of roles is its name in `snake_case`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum Permission {
    /// Set the city's rules, name feeds, bring units into being, let time pass: the server itself.
    ConfigureCity,
    /// Make known the movers and sensors of a feed: the feed itself.
    RegisterThings,
    /// Report a new case.
    ReportCases,
    /// File, void, bundle and restore cases.
    DecideCases,
    /// Dispatch, recall and reassign units.
    SendUnits,
    /// Report what a unit does: a terminal of its own unit, an officer of any.
    ReportProgress,
    /// Confirm that an alarm was seen.
    AcknowledgeAlarms,
    /// Send positions over a session.
    SendFixes,
    /// Go from the running city into other worlds.
    EnterWorlds,
    /// Look into the past: replays, forks, time lines, bookmarks.
    Replay,
    /// Take a participant's seat in a drill.
    JoinDrills,
    /// Start drills and direct them.
    DirectDrills,
    /// Be shown what is masked of a case, for a purpose that is kept.
    Unmask,
    /// Learn who was shown what is masked.
    WhoSaw,
    /// Check what was handled: close a case, or have it done again. Supervision's, as sending units is command's.
    CheckCases,
    /// Make, change and disable accounts, and end the sessions of others.
    ManageAccounts,
    /// Read who did and saw what.
    ReadAudit,
}

impl Permission {
    /// Every permission, in the order of their bits.
    pub const ALL: [Self; 17] = [
        Self::ConfigureCity,
        Self::RegisterThings,
        Self::ReportCases,
        Self::DecideCases,
        Self::SendUnits,
        Self::ReportProgress,
        Self::AcknowledgeAlarms,
        Self::SendFixes,
        Self::EnterWorlds,
        Self::Replay,
        Self::JoinDrills,
        Self::DirectDrills,
        Self::Unmask,
        Self::WhoSaw,
        Self::CheckCases,
        Self::ManageAccounts,
        Self::ReadAudit,
    ];

    /// The permission of a word; `None` for a word of none.
    pub fn named(word: &str) -> Option<Self> {
        use serde::de::IntoDeserializer;
        use serde::de::value::{Error, StrDeserializer};
        let word: StrDeserializer<'_, Error> = word.into_deserializer();
        Self::deserialize(word).ok()
    }

    /// The text of the refusal for somebody who lacks it; a sentence for people.
    pub const fn refusal(self) -> &'static str {
        match self {
            Self::ConfigureCity => "only the server itself configures the city",
            Self::RegisterThings => "a feed speaks only for its own things",
            Self::ReportCases => "cases come from duty officers and feeds",
            Self::DecideCases | Self::SendUnits | Self::AcknowledgeAlarms | Self::CheckCases => {
                "only a duty officer decides that"
            }
            Self::ReportProgress => "a terminal speaks only for its own unit",
            Self::SendFixes => "fixes come from feeds and terminals, not from this role",
            Self::EnterWorlds => "feeds and terminals live in the running city",
            Self::Replay => "you have no right to look into the past (users.may_replay)",
            Self::JoinDrills => "this role may look on at a drill, not take part",
            Self::DirectDrills => "you have no right to direct drills (users.may_direct)",
            Self::Unmask => "you have no right to see what is masked here",
            Self::WhoSaw => "you have no right to know who has seen this",
            Self::ManageAccounts => "only an administrator does that",
            Self::ReadAudit => "only an auditor reads that",
        }
    }
}

/// A set of permissions, four bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rights(u32);

impl Rights {
    /// A set without any permission.
    pub const NONE: Self = Self(0);

    /// Exactly these permissions.
    pub const fn of(permissions: &[Permission]) -> Self {
        let mut rights = Self::NONE;
        let mut i = 0;
        while i < permissions.len() {
            rights = rights.with(permissions[i], true);
            i += 1;
        }
        rights
    }

    /// These rights with one permission granted or withdrawn.
    #[must_use]
    pub const fn with(self, permission: Permission, granted: bool) -> Self {
        let bit = 1 << permission as u8;
        Self(if granted { self.0 | bit } else { self.0 & !bit })
    }

    /// Whether a permission is among them.
    pub const fn has(self, permission: Permission) -> bool {
        self.0 & (1 << permission as u8) != 0
    }

    /// What is in either set.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// True where something of the city may be changed with them, and not only looked at.
    pub const fn acts(self) -> bool {
        let acting = Self::of(&[
            Permission::ReportCases,
            Permission::DecideCases,
            Permission::SendUnits,
            Permission::ReportProgress,
            Permission::AcknowledgeAlarms,
            Permission::CheckCases,
        ]);
        self.0 & acting.0 != 0
    }

    /// Refuses whoever lacks a permission.
    ///
    /// # Errors
    /// The permission that is lacking; [`Permission::refusal`] says it in words.
    pub const fn require(self, permission: Permission) -> Result<(), Permission> {
        if self.has(permission) {
            Ok(())
        } else {
            Err(permission)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rights_hold_what_they_were_given_and_nothing_else() {
        for (place, p) in Permission::ALL.into_iter().enumerate() {
            assert_eq!(p as usize, place, "the list names every permission once");
            let one = Rights::of(&[p]);
            for q in Permission::ALL {
                assert_eq!(one.has(q), p == q, "{p:?} and {q:?}");
            }
            assert_eq!(one.with(p, false), Rights::NONE);
            assert_eq!(one.require(p), Ok(()));
            assert_eq!(Rights::NONE.require(p), Err(p));
            let word = serde_json::to_value(p).unwrap();
            assert_eq!(Permission::named(word.as_str().unwrap()), Some(p));
            let rest = Rights::of(&Permission::ALL).with(p, false);
            assert_eq!(rest.and(one), Rights::of(&Permission::ALL));
        }
        assert!(Rights::of(&[Permission::ReportCases]).acts());
        let looks = [
            Permission::Replay,
            Permission::ManageAccounts,
            Permission::ReadAudit,
        ];
        assert_eq!(Permission::named("launch_rockets"), None);
        assert!(!Rights::of(&looks).acts() && !Rights::NONE.acts());
    }
}
