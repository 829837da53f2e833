use super::Rights;
use crate::command::Command;
use crate::model::Actor;
use crate::rejection::Rejection;

/// Whether an actor may give a command: it has the permission, and where it may only speak for what is its own, the
/// command is about that.
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

/// False where a terminal speaks of another unit, or a feed of another feed's things.
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
    use crate::city::{Calendar, Rules};
    use crate::command::{CaseReport, SensorRegistration, UnitRegistration};
    use crate::decide::decide;
    use crate::geo::{GeoBox, Position};
    use crate::ids::{AlarmId, CaseId, ClassId, DepartmentId, FeedId, UnitId};
    use crate::model::{AssignmentTarget, Phenomenon};
    use crate::permission::{Permission, Role};
    use crate::state::State;
    use crate::time::Timestamp;
    use std::collections::BTreeSet;

    const UNIT: UnitId = UnitId(0);
    const CASE: CaseId = CaseId(1);
    const FEED: FeedId = FeedId(0);
    const HERE: Position = Position::new(1_187_900_000, 320_500_000);

    fn rules() -> Rules {
        Rules {
            city: "城".to_owned(),
            city_en: "City".to_owned(),
            bounds: GeoBox::new(HERE, HERE),
            classes: vec![],
            departments: vec![],
            calendar: Calendar::default(),
            duplicate_radius_m: 0,
            duplicate_age_s: 0,
            future_tolerance_s: 0,
            keep_closed_s: 0,
        }
    }

    fn registrations() -> Vec<Command> {
        vec![
            Command::Tick,
            Command::Configure(Box::new(rules())),
            Command::RegisterFeed { name: "f".into() },
            Command::RegisterUnit(UnitRegistration {
                call_sign: "1".to_owned(),
                call_sign_en: "1".to_owned(),
                fleet: "f".to_owned(),
                department: DepartmentId(0),
                skills: vec![],
                feed: FEED,
            }),
            Command::RegisterSensor(SensorRegistration {
                feed: FEED,
                key: "s".to_owned(),
                name: "s".to_owned(),
                phenomenon: Phenomenon::Other,
                unit_of_measure: "m".to_owned(),
                position: HERE,
                thresholds: None,
            }),
            Command::RegisterMovers {
                feed: FEED,
                movers: vec![],
            },
        ]
    }

    /// One command of every kind. A new kind does not compile before it has its place and its example here.
    fn every_command() -> Vec<Command> {
        let place = |c: &Command| match c {
            Command::Tick => 0,
            Command::Configure(_) => 1,
            Command::RegisterFeed { .. } => 2,
            Command::RegisterUnit(_) => 3,
            Command::RegisterSensor(_) => 4,
            Command::RegisterMovers { .. } => 5,
            Command::ReportCase(_) => 6,
            Command::FileCase { .. } => 7,
            Command::VoidCase { .. } => 8,
            Command::BundleCase { .. } => 9,
            Command::DispatchUnit { .. } => 10,
            Command::RecallUnit { .. } => 11,
            Command::ReassignCase { .. } => 12,
            Command::AcknowledgeAssignment { .. } => 13,
            Command::ArriveOnScene { .. } => 14,
            Command::ReportHandled { .. } => 15,
            Command::CheckCase { .. } => 16,
            Command::SetInService { .. } => 17,
            Command::AcknowledgeAlarm { .. } => 18,
        };
        let (unit, case, expected_s) = (UNIT, CASE, None);
        let mut commands = registrations();
        commands.extend([
            Command::ReportCase(CaseReport {
                class: ClassId(0),
                severity: None,
                position: HERE,
                address: String::new(),
                note: String::new(),
                occurred_at: Timestamp(0),
                filed_at: None,
                key: String::new(),
            }),
            Command::FileCase { case, class: None },
            Command::VoidCase {
                case,
                reason: "r".into(),
            },
            Command::BundleCase { case, into: case },
            Command::DispatchUnit {
                unit,
                target: AssignmentTarget::Case(case),
                expected_s,
            },
            Command::RecallUnit { unit },
            Command::ReassignCase {
                case,
                from: unit,
                to: unit,
                expected_s,
            },
            Command::AcknowledgeAssignment { unit },
            Command::ArriveOnScene { unit },
            Command::ReportHandled {
                unit,
                note: String::new(),
            },
            Command::CheckCase { case, passed: true },
            Command::SetInService {
                unit,
                in_service: true,
            },
            Command::AcknowledgeAlarm { alarm: AlarmId(1) },
        ]);
        let places: BTreeSet<usize> = commands.iter().map(place).collect();
        assert!(places.into_iter().eq(0..=18), "an example of every kind");
        commands
    }

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
        let mut refused = 0;
        for command in every_command() {
            for actor in actors() {
                let answer = decide(&state, &command, &actor, Timestamp(0));
                let may = Rights::of_actor(&actor).has(command.needs());
                let is_refused = matches!(answer, Err(Rejection::NotPermitted(_)));
                assert_eq!(is_refused, !may, "{actor:?} {command:?}: {answer:?}");
                refused += usize::from(is_refused);
            }
        }
        // Of 19 commands an officer lacks 6, a terminal 15, a feed 16, the system 1.
        assert_eq!(refused, 38);
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
