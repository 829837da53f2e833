//! Addresses that lead into the map from outside: `chengtu://drill/3?t=1790000000` is a second of drill 3, as reports
//! of drills link to it.

use chengtu_engine::time::Timestamp;
use std::ffi::{OsStr, OsString};
use std::str::FromStr;

/// What every such address begins with.
const SCHEME: &str = "chengtu://";
/// Last second that an address may name: as many microseconds fit a timestamp.
const SECOND_MAX: i64 = i64::MAX / 1_000_000;

/// A second of a drill's record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DrillLink {
    /// Which drill, by the number of its report.
    pub drill: u32,
    /// Which second; its first where none is named.
    pub at: Timestamp,
}

impl FromStr for DrillLink {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let read = || {
            let (scheme, rest) = text.split_at_checked(SCHEME.len())?;
            let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
            let drill = path.trim_end_matches('/').strip_prefix("drill/")?;
            let second = query.split('&').find_map(|p| p.strip_prefix("t="));
            let second = second.map_or(Some(0), |t| t.parse::<i64>().ok())?;
            let sound = scheme.eq_ignore_ascii_case(SCHEME) && (0..=SECOND_MAX).contains(&second);
            let drill = drill.parse::<u32>().ok().filter(|n| *n > 0 && sound)?;
            Some(Self {
                drill,
                at: Timestamp::from_seconds(second),
            })
        };
        read().ok_or_else(|| {
            format!("{text} leads nowhere; expected chengtu://drill/NUMBER?t=SECONDS-SINCE-1970")
        })
    }
}

/// `chengtu chengtu://… …` as `chengtu --link chengtu://… …`: what a desktop says when such a link is followed.
pub fn as_an_option(args: Vec<OsString>) -> Vec<OsString> {
    let is_address = |a: &OsStr| {
        let text = a.to_str().and_then(|t| t.get(..SCHEME.len()));
        text.is_some_and(|t| t.eq_ignore_ascii_case(SCHEME))
    };
    let mut out: Vec<OsString> = Vec::with_capacity(args.len() + 1);
    for arg in args {
        let named = out.last().is_some_and(|before| before == "--link");
        if is_address(&arg) && !named {
            out.push("--link".into());
        }
        out.push(arg);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_of_a_report_is_read_and_nonsense_is_explained() {
        let link = |text: &str| text.parse::<DrillLink>();
        let at = |s| Timestamp::from_seconds(s);
        let third = |s| {
            Ok(DrillLink {
                drill: 3,
                at: at(s),
            })
        };
        assert_eq!(link("chengtu://drill/3?t=1790000000"), third(1_790_000_000));
        assert_eq!(link("chengtu://drill/3?from=mail&t=5"), third(5));
        assert_eq!(link("CHENGTU://drill/3/"), third(0));
        for bad in [
            "",
            "chengtu://",
            "chengtu://drill/",
            "chengtu://drill/0",
            "chengtu://drill/x?t=1",
            "chengtu://drill/3?t=now",
            "chengtu://drill/3?t=-1",
            "chengtu://drill/3?t=99999999999999999",
            "chengtu://replay/3",
            "https://drill/3",
            "城图城图城图://drill/3",
        ] {
            assert!(link(bad).unwrap_err().contains("drill/NUMBER"), "{bad}");
        }
    }

    #[test]
    fn an_address_among_the_arguments_is_followed_whether_named_or_not() {
        let words = |text: &str| -> Vec<OsString> { text.split(' ').map(Into::into).collect() };
        let named = words("chengtu --server ws://x --link chengtu://drill/3");
        assert_eq!(as_an_option(named.clone()), named);
        assert_eq!(
            as_an_option(words("chengtu chengtu://drill/3 --wall")),
            words("chengtu --link chengtu://drill/3 --wall")
        );
        assert_eq!(
            as_an_option(words("chengtu 城图://x")),
            words("chengtu 城图://x")
        );
    }
}
