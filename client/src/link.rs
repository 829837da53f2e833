//! Words that lead to a world from outside: addresses (`chengtu://drill/3?t=1790000000` is a second of drill 3, as
//! reports of drills link to it), worlds to join, ghosts.

use chengtu_engine::drill::{GhostOf, Seat};
use chengtu_engine::record::World;
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
    /// Second of the drill; its first if the link names none.
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

/// A world to join, and from where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Join {
    /// The world that is joined.
    pub world: World,
    /// From where; drills only.
    pub seat: Seat,
}

impl FromStr for Join {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut parts = text.split(':');
        let (kind, number, seat) = (parts.next(), parts.next(), parts.next());
        let number = number.and_then(|n| n.parse::<u32>().ok());
        let world = match (kind, number) {
            (Some("drill"), Some(n)) => Some(World::Drill(n)),
            (Some("replay"), Some(n)) => Some(World::Replay(n)),
            _ => None,
        };
        let seat = match seat {
            None | Some("viewer") => Some(Seat::Viewer),
            Some("participant") => Some(Seat::Participant),
            Some("director") => Some(Seat::Director),
            Some(_) => None,
        };
        match (world, seat, parts.next()) {
            (Some(world), Some(seat), None) => Ok(Self { world, seat }),
            _ => Err(format!(
                "{text} is no world to join; expected drill:NUMBER, drill:NUMBER:participant, \
                 drill:NUMBER:director or replay:NUMBER"
            )),
        }
    }
}

/// A ghost as the command line names it: `attempt:2`, `drill:7` or `real`.
///
/// # Errors
/// What was expected, in words.
pub fn ghost_named(text: &str) -> Result<GhostOf, String> {
    let (kind, number) = text.split_once(':').unwrap_or((text, ""));
    let number = number.parse::<u32>().ok().filter(|n| *n > 0);
    match (kind, number) {
        ("attempt", Some(n)) => Ok(GhostOf::Attempt(n)),
        ("drill", Some(n)) => Ok(GhostOf::Drill(n)),
        _ if text == "real" => Ok(GhostOf::Real),
        _ => Err("expected attempt:NUMBER, drill:NUMBER or real".into()),
    }
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

    #[test]
    fn a_world_to_join_is_read_with_its_seat_and_nonsense_is_explained() {
        let join = |text: &str| text.parse::<Join>();
        let drill = Join {
            world: World::Drill(3),
            seat: Seat::Participant,
        };
        assert_eq!(join("drill:3:participant"), Ok(drill));
        assert_eq!(join("replay:7").unwrap().world, World::Replay(7));
        for bad in [
            "drill",
            "drill:x",
            "drill:1:king",
            "fork:1",
            "drill:1:viewer:2",
            "",
        ] {
            assert!(join(bad).unwrap_err().contains("drill:NUMBER"), "{bad}");
        }
    }

    #[test]
    fn on_the_command_line_a_ghost_is_an_attempt_a_drill_or_what_really_happened() {
        assert_eq!(ghost_named("attempt:2"), Ok(GhostOf::Attempt(2)));
        assert_eq!(ghost_named("drill:7"), Ok(GhostOf::Drill(7)));
        assert_eq!(ghost_named("real"), Ok(GhostOf::Real));
        for bad in ["", "attempt", "attempt:0", "real:1", "drill:x"] {
            let why = ghost_named(bad).unwrap_err();
            assert!(why.contains("attempt:NUMBER"), "{bad}");
        }
    }
}
