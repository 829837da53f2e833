use super::later::{Later, Reader};
use crate::audit::{Audit, AuditAct, Masked};
use crate::event::Event;
use crate::ids::CaseId;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// The number of [`Event::Audited`], which has no first form.
const KIND: u16 = 96;

/// [`Event::Audited`], the first version.
#[derive(Serialize, Deserialize)]
struct AuditV1<'a> {
    who: Cow<'a, str>,
    from: Cow<'a, str>,
    at: Timestamp,
    act: ActV1<'a>,
}

/// Encoded by its place: a new act goes to the end, none is changed or taken out.
#[derive(Serialize, Deserialize)]
enum ActV1<'a> {
    LoggedIn(Cow<'a, str>, u32),
    LoggedOut(Cow<'a, str>, u32),
    LogInRefused(Cow<'a, str>, Cow<'a, str>, u32),
    AccountChanged(Cow<'a, str>, Cow<'a, str>),
    PermissionRefused(Cow<'a, str>, u32),
    Exported(Cow<'a, str>, Timestamp, Timestamp, u64),
    ConfigurationChanged(Cow<'a, [(String, String)]>, Cow<'a, [String]>),
    Unmasked(CaseId, Masked, Cow<'a, str>),
    LookedAt(Cow<'a, str>, u32),
}

impl<'a> From<&'a AuditAct> for ActV1<'a> {
    fn from(act: &'a AuditAct) -> Self {
        match act {
            AuditAct::LoggedIn { role, count } => Self::LoggedIn(role.into(), *count),
            AuditAct::LoggedOut { why, count } => Self::LoggedOut(why.into(), *count),
            AuditAct::LogInRefused { name, why, count } => {
                Self::LogInRefused(name.into(), why.into(), *count)
            }
            AuditAct::AccountChanged { account, what } => {
                Self::AccountChanged(account.into(), what.into())
            }
            AuditAct::PermissionRefused { what, count } => {
                Self::PermissionRefused(what.into(), *count)
            }
            AuditAct::Exported {
                what,
                from,
                to,
                rows,
            } => Self::Exported(what.into(), *from, *to, *rows),
            AuditAct::ConfigurationChanged { digests, changed } => {
                Self::ConfigurationChanged(digests.into(), changed.into())
            }
            AuditAct::Unmasked {
                case,
                what,
                purpose,
            } => Self::Unmasked(*case, *what, purpose.into()),
            AuditAct::LookedAt { what, count } => Self::LookedAt(what.into(), *count),
        }
    }
}

impl From<ActV1<'_>> for AuditAct {
    fn from(act: ActV1<'_>) -> Self {
        match act {
            ActV1::LoggedIn(role, count) => Self::LoggedIn {
                role: role.into_owned(),
                count,
            },
            ActV1::LoggedOut(why, count) => Self::LoggedOut {
                why: why.into_owned(),
                count,
            },
            ActV1::LogInRefused(name, why, count) => Self::LogInRefused {
                name: name.into_owned(),
                why: why.into_owned(),
                count,
            },
            ActV1::AccountChanged(account, what) => Self::AccountChanged {
                account: account.into_owned(),
                what: what.into_owned(),
            },
            ActV1::PermissionRefused(what, count) => Self::PermissionRefused {
                what: what.into_owned(),
                count,
            },
            ActV1::Exported(what, from, to, rows) => Self::Exported {
                what: what.into_owned(),
                from,
                to,
                rows,
            },
            ActV1::ConfigurationChanged(digests, changed) => Self::ConfigurationChanged {
                digests: digests.into_owned(),
                changed: changed.into_owned(),
            },
            ActV1::Unmasked(case, what, purpose) => Self::Unmasked {
                case,
                what,
                purpose: purpose.into_owned(),
            },
            ActV1::LookedAt(what, count) => Self::LookedAt {
                what: what.into_owned(),
                count,
            },
        }
    }
}

/// An act as it is kept.
pub(super) fn later(audit: &Audit) -> Later {
    let Audit { who, from, at, act } = audit;
    let v1 = AuditV1 {
        who: who.into(),
        from: from.into(),
        at: *at,
        act: act.into(),
    };
    Later::of(KIND, 1, &v1)
}

pub(super) const READER: Reader = Reader {
    kind: KIND,
    version: 1,
    read: |payload| {
        let AuditV1 { who, from, at, act } = postcard::from_bytes(payload)?;
        Ok(Event::Audited(Box::new(Audit {
            who: who.into_owned(),
            from: from.into_owned(),
            at,
            act: act.into(),
        })))
    },
};

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(act: AuditAct) -> Vec<u8> {
        let event = Event::Audited(Box::new(Audit {
            who: "u".to_owned(),
            from: "::1".to_owned(),
            at: Timestamp(3),
            act,
        }));
        let bytes = postcard::to_stdvec(&event).unwrap();
        assert_eq!(postcard::from_bytes::<Event>(&bytes).unwrap(), event);
        // Place 25, kind 96, version 1, and the payload with its length; all begin alike.
        assert_eq!(bytes[..3], [25, 96, 1]);
        assert_eq!(usize::from(bytes[3]), bytes.len() - 4);
        assert_eq!(bytes[4..11], [1, b'u', 3, b':', b':', b'1', 6]);
        bytes[11..].to_vec()
    }

    #[test]
    fn its_bytes_are_kept_for_ever() {
        let text = |t: &str| t.to_owned();
        let (role, why, name, what) = (text("r"), text("w"), text("n"), text("x"));
        let (account, purpose) = (text("a"), text("p"));
        let (from, to, count) = (Timestamp(1), Timestamp(2), 300);
        for (act, kept) in [
            (
                AuditAct::LoggedIn { role, count },
                &[0, 1, b'r', 0xac, 2][..],
            ),
            (
                AuditAct::LoggedOut {
                    why: why.clone(),
                    count,
                },
                &[1, 1, b'w', 0xac, 2],
            ),
            (
                AuditAct::LogInRefused { name, why, count },
                &[2, 1, b'n', 1, b'w', 0xac, 2],
            ),
            (
                AuditAct::AccountChanged {
                    account,
                    what: what.clone(),
                },
                &[3, 1, b'a', 1, b'x'],
            ),
            (
                AuditAct::PermissionRefused {
                    what: what.clone(),
                    count,
                },
                &[4, 1, b'x', 0xac, 2],
            ),
            (
                AuditAct::Exported {
                    what: what.clone(),
                    from,
                    to,
                    rows: 300,
                },
                &[5, 1, b'x', 2, 4, 0xac, 2],
            ),
            (
                AuditAct::ConfigurationChanged {
                    digests: vec![(text("l"), text("d"))],
                    changed: vec![text("l")],
                },
                &[6, 1, 1, b'l', 1, b'd', 1, 1, b'l'],
            ),
            (
                AuditAct::Unmasked {
                    case: CaseId(300),
                    what: Masked::Personal,
                    purpose,
                },
                &[7, 0xac, 2, 0, 1, b'p'],
            ),
            (AuditAct::LookedAt { what, count }, &[8, 1, b'x', 0xac, 2]),
        ] {
            assert_eq!(bytes(act), kept);
        }
    }
}
