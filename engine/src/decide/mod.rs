//! What follows from a command: events, or a rejection. Pure; changes nothing.

mod alarms;
mod audit;
mod basis;
mod became;
mod cases;
mod configure;
mod dispatch;
mod fixes;
mod known_case;
mod observations;
mod register;
mod retire;
mod texts;
mod tick;

pub use basis::check_basis;
pub use became::became;
pub use fixes::{FixDecision, FixProblem, decide_fixes, decide_fixes_but};
pub use observations::{ObservationDecision, ObservationProblem, decide_observations};

use crate::command::{Basis, Command};
use crate::detect;
use crate::event::Event;
use crate::model::Actor;
use crate::permission;
use crate::rejection::Rejection;
use crate::state::State;
use crate::time::Timestamp;

/// Events that a command leads to, with the alarms that [`detect`] adds; empty when there is nothing left to do, e.g. for
/// a repeat.
///
/// # Errors
/// [`Rejection`], when it may not or cannot be done.
pub fn decide(
    state: &State,
    command: &Command,
    actor: &Actor,
    now: Timestamp,
) -> Result<Vec<Event>, Rejection> {
    decide_upon(state, command, &Basis::default(), actor, now)
}

/// As [`decide`], where what the officer saw still holds.
///
/// # Errors
/// [`Rejection`], also for what has changed since it was seen, and for what was decided too long ago.
pub fn decide_upon(
    state: &State,
    command: &Command,
    basis: &Basis,
    actor: &Actor,
    now: Timestamp,
) -> Result<Vec<Event>, Rejection> {
    permission::check(actor, command)?;
    texts::check(command)?;
    check_basis(state, basis)?;
    let mut events = events_of(state, command, actor, now)?;
    texts::check_notes(&events)?;
    events.extend(detect::after_events(state, &events));
    Ok(events)
}

fn events_of(
    state: &State,
    command: &Command,
    actor: &Actor,
    now: Timestamp,
) -> Result<Vec<Event>, Rejection> {
    match command {
        Command::Tick => Ok(tick::tick(state, now)),
        Command::Configure(rules) => {
            rules.check().map_err(Rejection::BadRules)?;
            configure::keeps_what_is_in_use(state, rules).map_err(Rejection::BadRules)?;
            Ok(if state.rules() == Some(rules) {
                vec![]
            } else {
                vec![Event::Configured(rules.clone())]
            })
        }
        Command::RegisterFeed { name } => Ok(register::feed(state, name)),
        Command::RegisterUnit(r) => register::unit(state, r),
        Command::RegisterSensor(r) => register::sensor(state, r),
        Command::RegisterMovers { feed, movers } => register::movers(state, *feed, movers),
        Command::RetireMovers { feed, movers } => retire::movers(state, *feed, movers),
        Command::RetireSensors { feed, sensors } => retire::sensors(state, *feed, sensors),
        Command::RetireFeed { feed } => Ok(retire::feed(state, *feed)),
        Command::ReportCase(report) => cases::report(state, report, actor, now),
        Command::FileCase { case, class } => cases::file(state, *case, *class, now),
        Command::VoidCase { case, reason } => cases::void(state, *case, reason),
        Command::BundleCase { case, into } => cases::bundle(state, *case, *into),
        Command::CheckCase { case, passed } => cases::check(state, *case, *passed),
        Command::RestoreCase { case } => cases::restore(state, *case, now),
        Command::DispatchUnit {
            unit,
            target,
            expected_s,
        } => dispatch::dispatch(state, *unit, *target, *expected_s, now),
        Command::RecallUnit { unit } => dispatch::recall(state, *unit),
        Command::ReassignCase {
            case,
            from,
            to,
            expected_s,
        } => dispatch::reassign(state, *case, *from, *to, *expected_s, now),
        Command::AcknowledgeAssignment { unit } => dispatch::acknowledge(state, *unit),
        Command::ArriveOnScene { unit } => dispatch::arrive(state, *unit),
        Command::ReportHandled { unit, note } => dispatch::handled(state, *unit, note),
        Command::SetInService { unit, in_service } => dispatch::service(state, *unit, *in_service),
        Command::AcknowledgeAlarm { alarm } => alarms::acknowledge(state, *alarm),
        Command::Unmask { case, purpose } => audit::unmask(state, *case, purpose, now),
        Command::NameReporter { case, reporter } => cases::name_reporter(state, *case, reporter),
    }
}
