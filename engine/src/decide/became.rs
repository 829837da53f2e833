use crate::audit::AuditAct;
use crate::command::Command;
use crate::event::Event;
use crate::ids::CaseId;
use crate::model::AssignmentTarget;

/// Whether these events, of a record that names a client's command, can be what a command became: to know a repeat
/// from another command under the same id where nothing but the log remembers.
pub fn became(command: &Command, events: &[Event]) -> bool {
    let any = |is: &dyn Fn(&Event) -> bool| events.iter().any(is);
    let first = |is: &dyn Fn(&Event) -> bool| events.first().is_some_and(is);
    match command {
        Command::ReportCase(r) => any(&|e| {
            matches!(e, Event::CaseReported { class, position, note, .. }
                if (class, position, note) == (&r.class, &r.position, &r.note))
        }),
        Command::FileCase { case: c, .. } => {
            any(&|e| matches!(e, Event::CaseFiled { case, .. } if case == c))
        }
        Command::VoidCase { case: c, reason: r } => any(
            &|e| matches!(e, Event::CaseVoided { case, reason } if case == c && reason.ends_with(r)),
        ),
        Command::BundleCase { case: c, into: i } => {
            any(&|e| matches!(e, Event::CaseBundled { case, into } if (case, into) == (c, i)))
        }
        Command::CheckCase { case: c, passed } => any(&|e| match e {
            Event::CaseClosed { case } => case == c && *passed,
            Event::CaseReworked { case } => case == c && !*passed,
            _ => false,
        }),
        Command::RestoreCase { case: c } => {
            any(&|e| matches!(e, Event::CaseRestored { case, .. } if case == c))
        }
        Command::DispatchUnit {
            unit: u, target: t, ..
        } => first(
            &|e| matches!(e, Event::UnitDispatched { unit, target, .. } if (unit, target) == (u, t)),
        ),
        Command::ReassignCase { case, from, to, .. } => {
            let target = AssignmentTarget::Case(*case);
            first(&|e| matches!(e, Event::UnitRecalled { unit } if unit == from))
                && any(&|e| {
                    matches!(e, Event::UnitDispatched { unit, target: t, .. }
                        if (unit, t) == (to, &target))
                })
        }
        Command::RecallUnit { unit: u } => {
            let more = |e: &Event| {
                matches!(e, Event::UnitDispatched { .. } | Event::CaseVoided { .. })
                    || matches!(e, Event::CaseBundled { .. } | Event::CaseClosed { .. })
            };
            first(&|e| matches!(e, Event::UnitRecalled { unit } if unit == u)) && !any(&more)
        }
        Command::AcknowledgeAssignment { unit: u } => {
            first(&|e| matches!(e, Event::AssignmentAcknowledged { unit } if unit == u))
        }
        Command::ArriveOnScene { unit: u } => {
            first(&|e| matches!(e, Event::UnitArrived { unit } if unit == u))
        }
        Command::ReportHandled { unit: u, .. } => {
            any(&|e| matches!(e, Event::UnitReleased { unit } if unit == u))
        }
        Command::SetInService {
            unit: u,
            in_service: s,
        } => any(&|e| {
            matches!(e, Event::UnitServiceChanged { unit, in_service }
                if (unit, in_service) == (u, s))
        }),
        Command::AcknowledgeAlarm { alarm: a } => {
            any(&|e| matches!(e, Event::AlarmAcknowledged { alarm } if alarm == a))
        }
        Command::NameReporter {
            case: c,
            reporter: r,
        } => first(
            &|e| matches!(e, Event::ReporterNamed { case, reporter } if (case, reporter) == (c, r)),
        ),
        Command::Unmask { case, purpose } => first(&|e| is_unmasking(e, *case, purpose)),
        Command::Tick
        | Command::Configure(_)
        | Command::RegisterFeed { .. }
        | Command::RegisterUnit(_)
        | Command::RegisterSensor(_)
        | Command::RegisterMovers { .. }
        | Command::RetireMovers { .. }
        | Command::RetireSensors { .. }
        | Command::RetireFeed { .. } => false,
    }
}

fn is_unmasking(event: &Event, of: CaseId, for_what: &str) -> bool {
    let Event::Audited(audit) = event else {
        return false;
    };
    matches!(&audit.act, AuditAct::Unmasked { case, purpose, .. } if *case == of && purpose == for_what)
}
