use super::Rights;
use crate::command::Command;
use crate::model::Actor;
use crate::rejection::Rejection;

/// Whether an actor may give a command: it has the permission, and if it may act only for what is its own, the command
/// is about that.
///
/// # Errors
/// [`Rejection::NotPermitted`] with the reason in words.
pub fn check(actor: &Actor, command: &Command) -> Result<(), Rejection> {
    let needed = command.needs();
    if Rights::of_actor(actor).has(needed) && is_own(actor, command) {
        Ok(())
    } else {
        Err(Rejection::NotPermitted(needed.refusal()))
    }
}

/// False if a terminal commands another unit, or a feed another feed's things.
fn is_own(actor: &Actor, command: &Command) -> bool {
    match (actor, command) {
        (
            Actor::Unit(own),
            Command::AcknowledgeAssignment { unit }
            | Command::ArriveOnScene { unit }
            | Command::ReportHandled { unit, .. }
            | Command::SetInService { unit, .. },
        ) => own == unit,
        (Actor::Feed(own), Command::RegisterMovers { feed, .. }) => own == feed,
        (Actor::Feed(own), Command::RegisterSensor(sensor)) => *own == sensor.feed,
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::examples::{FEED, UNIT, every_command};
    use crate::decide::decide;
    use crate::ids::{FeedId, UnitId};
    use crate::permission::{Permission, Role};
    use crate::state::State;
    use crate::time::Timestamp;

    fn actors() -> Vec<Actor> {
        vec![
            Actor::Operator("o".to_owned()),
            Actor::Unit(UNIT),
            Actor::Feed(FEED),
            Actor::System,
        ]
    }

    #[test]
    fn every_command_needs_a_permission_and_is_refused_without_it() {
        let state = State::new();
        for actor in actors() {
            let (mut permitted, mut refused) = (0, 0);
            for command in every_command() {
                let answer = decide(&state, &command, &actor, Timestamp(0));
                let may = Rights::of_actor(&actor).has(command.needs());
                let is_refused = matches!(answer, Err(Rejection::NotPermitted(_)));
                assert_eq!(is_refused, !may, "{actor:?} {command:?}: {answer:?}");
                refused += usize::from(is_refused);
                permitted += usize::from(!is_refused);
            }
            assert!(permitted > 0 && refused > 0, "{actor:?}: both were tried");
        }
    }

    #[test]
    fn nobody_but_the_system_configures_and_nobody_gives_commands_by_looking() {
        for command in every_command() {
            assert!(
                !Role::Viewer.rights().has(command.needs()),
                "a viewer may not: {command:?}"
            );
            if command.needs() == Permission::ConfigureCity {
                assert!(Role::ALL.iter().all(|r| !r.rights().has(command.needs())));
            }
        }
    }

    #[test]
    fn terminals_and_feeds_speak_only_for_what_is_theirs() {
        let mut own = 0;
        for command in every_command() {
            for (mine, other) in [
                (Actor::Unit(UNIT), Actor::Unit(UnitId(7))),
                (Actor::Feed(FEED), Actor::Feed(FeedId(7))),
            ] {
                if check(&mine, &command).is_ok() && !matches!(command, Command::ReportCase(_)) {
                    own += 1;
                    let refusal = Rejection::NotPermitted(command.needs().refusal());
                    assert_eq!(check(&other, &command), Err(refusal), "{command:?}");
                }
            }
        }
        assert_eq!(own, 6, "four of a unit, two of a feed");
    }
}
