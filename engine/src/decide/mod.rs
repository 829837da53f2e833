//! What follows from a command: events, or a rejection. Pure; changes nothing.

mod alarms;
mod cases;
mod dispatch;
mod fixes;
mod observations;
mod register;
mod tick;

pub use fixes::{FixDecision, FixProblem, decide_fixes};
pub use observations::{ObservationDecision, ObservationProblem, decide_observations};

use crate::command::Command;
use crate::event::Event;
use crate::ids::UnitId;
use crate::model::Actor;
use crate::rejection::Rejection;
use crate::state::State;
use crate::time::Timestamp;

/// Events that a command leads to; empty when there is nothing left to do, e.g. for a repeat.
///
/// # Errors
/// [`Rejection`], when it may not or cannot be done.
pub fn decide(
    state: &State,
    command: &Command,
    actor: &Actor,
    now: Timestamp,
) -> Result<Vec<Event>, Rejection> {
    match command {
        Command::Tick => system_only(actor).map(|()| tick::tick(state, now)),
        Command::Configure(rules) => {
            system_only(actor)?;
            rules.check().map_err(Rejection::BadRules)?;
            Ok(if state.rules() == Some(rules) {
                vec![]
            } else {
                vec![Event::Configured(rules.clone())]
            })
        }
        Command::RegisterFeed { name } => system_only(actor).map(|()| register::feed(state, name)),
        Command::RegisterUnit(r) => {
            system_only(actor)?;
            register::unit(state, r)
        }
        Command::RegisterSensor(r) => register::sensor(state, r, actor),
        Command::RegisterMovers { feed, movers } => register::movers(state, *feed, movers, actor),
        Command::ReportCase(report) => cases::report(state, report, actor, now),
        Command::FileCase { case, class } => {
            operator_only(actor)?;
            cases::file(state, *case, *class, now)
        }
        Command::VoidCase { case, reason } => {
            operator_only(actor)?;
            cases::void(state, *case, reason)
        }
        Command::BundleCase { case, into } => {
            operator_only(actor)?;
            cases::bundle(state, *case, *into)
        }
        Command::CheckCase { case, passed } => {
            operator_only(actor)?;
            cases::check(state, *case, *passed)
        }
        Command::DispatchUnit {
            unit,
            target,
            expected_s,
        } => {
            operator_only(actor)?;
            dispatch::dispatch(state, *unit, *target, *expected_s, now)
        }
        Command::RecallUnit { unit } => {
            operator_only(actor)?;
            dispatch::recall(state, *unit)
        }
        Command::ReassignCase {
            case,
            from,
            to,
            expected_s,
        } => {
            operator_only(actor)?;
            dispatch::reassign(state, *case, *from, *to, *expected_s, now)
        }
        Command::AcknowledgeAssignment { unit } => {
            own_unit(actor, *unit)?;
            dispatch::acknowledge(state, *unit)
        }
        Command::ArriveOnScene { unit } => {
            own_unit(actor, *unit)?;
            dispatch::arrive(state, *unit)
        }
        Command::ReportHandled { unit, note } => {
            own_unit(actor, *unit)?;
            dispatch::handled(state, *unit, note)
        }
        Command::SetInService { unit, in_service } => {
            own_unit(actor, *unit)?;
            dispatch::service(state, *unit, *in_service)
        }
        Command::AcknowledgeAlarm { alarm } => {
            operator_only(actor)?;
            alarms::acknowledge(state, *alarm)
        }
    }
}

fn system_only(actor: &Actor) -> Result<(), Rejection> {
    match actor {
        Actor::System => Ok(()),
        _ => Err(Rejection::NotPermitted(
            "only the server itself configures the city",
        )),
    }
}

fn operator_only(actor: &Actor) -> Result<(), Rejection> {
    match actor {
        Actor::Operator(_) | Actor::System => Ok(()),
        _ => Err(Rejection::NotPermitted("only a duty officer decides that")),
    }
}

fn own_unit(actor: &Actor, unit: UnitId) -> Result<(), Rejection> {
    match actor {
        Actor::Operator(_) | Actor::System => Ok(()),
        Actor::Unit(own) if *own == unit => Ok(()),
        _ => Err(Rejection::NotPermitted(
            "a terminal speaks only for its own unit",
        )),
    }
}
