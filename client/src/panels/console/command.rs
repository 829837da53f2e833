use crate::net::{City, CommandOutcome, Connection};
use chengtu_engine::code::{Code, RefusalData};
use chengtu_engine::command::{CommandRequest, Seen, SeenTask, Target};
use chengtu_engine::ids::{CaseId, CommandId, UnitId};
use chengtu_engine::record::World;
use chengtu_engine::stream::Mirror;
use std::time::Instant;

/// A command that a panel has given and that is not answered yet. Its answer is for that panel.
#[derive(Clone, Debug, PartialEq)]
pub struct Pending {
    /// The client's name for it.
    pub id: CommandId,
    /// What was asked for.
    pub request: CommandRequest,
    /// In which world.
    pub world: World,
    /// When it was given.
    pub since: Instant,
}

impl Pending {
    /// Gives a command in the current world.
    pub fn give(request: CommandRequest, city: &City, connection: &mut Connection) -> Self {
        Self {
            id: connection.command(request.clone(), seen(&city.mirror, &request)),
            request,
            world: city.world(),
            since: Instant::now(),
        }
    }

    /// True where `outcome` is its answer.
    pub fn is_answered_by(&self, outcome: &CommandOutcome) -> bool {
        self.id == outcome.id
    }

    /// True while an answer is waited for: a world that has been left answers nothing that anybody still looks at.
    pub fn is_of(&self, world: World) -> bool {
        self.world == world
    }
}

/// A refusal, shown where the command was given until something else is done there.
#[derive(Clone, Debug, PartialEq)]
pub struct Refusal {
    /// What was asked.
    pub request: CommandRequest,
    /// What it is about.
    pub code: Code,
    /// The server's words, in English.
    pub text: String,
    /// Why, for programs.
    pub data: RefusalData,
}

impl Refusal {
    /// The refusal in an outcome, where it is one.
    pub fn of(outcome: &CommandOutcome) -> Option<Self> {
        let no = outcome.result.as_ref().err()?;
        Some(Self {
            request: outcome.request.clone(),
            code: no.code,
            text: no.text.clone(),
            data: no.data.clone(),
        })
    }
}

/// What is on the screen of the things that a command is about: the server does it only while that is so.
fn seen(mirror: &Mirror, request: &CommandRequest) -> Vec<Seen> {
    let case = |id: &CaseId| {
        let history = mirror.histories.get(id)?;
        let (case, revision) = (*id, history.revision);
        Some(Seen::Case { case, revision })
    };
    let unit = |id: &UnitId| {
        let task = mirror.units.get(id)?.assignment.as_ref();
        let task = task.map(|a| SeenTask {
            assignment: a.id,
            case: a.case,
        });
        Some(Seen::Unit { unit: *id, task })
    };
    let all = match request {
        CommandRequest::DispatchUnit {
            unit: u, target, ..
        } => match target {
            Target::Case(c) => [unit(u), case(c), None],
            Target::Place(..) => [unit(u), None, None],
        },
        CommandRequest::ReassignCase {
            case: c, from, to, ..
        } => [case(c), unit(from), unit(to)],
        CommandRequest::RecallUnit { unit: u } => [unit(u), None, None],
        CommandRequest::BundleCase { case: c, into } => [case(c), case(into), None],
        CommandRequest::VoidCase { case: c, .. }
        | CommandRequest::RestoreCase { case: c }
        | CommandRequest::CheckCase { case: c, .. } => [case(c), None, None],
        CommandRequest::ReportCase { .. }
        | CommandRequest::Unmask { .. }
        | CommandRequest::NameReporter { .. }
        | CommandRequest::AcknowledgeAlarm { .. }
        | CommandRequest::AcknowledgeAssignment { .. }
        | CommandRequest::ArriveOnScene { .. }
        | CommandRequest::ReportHandled { .. }
        | CommandRequest::SetInService { .. } => [None, None, None],
    };
    all.into_iter().flatten().collect()
}

/// The unit that a command sends.
pub fn sent_unit(request: &CommandRequest) -> Option<UnitId> {
    match request {
        CommandRequest::DispatchUnit { unit, .. } => Some(*unit),
        CommandRequest::ReassignCase { to, .. } => Some(*to),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::panels::model::sample::{self, COVER, EN_ROUTE, OVERDUE};

    /// A command did not say what it was decided upon, and was done to whatever was there.
    #[test]
    fn a_command_says_what_was_seen_of_everything_that_it_is_about() {
        let mut city = sample::city();
        for (case, revision) in [(COVER, 3), (OVERDUE, 5)] {
            city.histories.entry(case).or_default().revision = revision;
        }
        let case = |case, revision| Seen::Case { case, revision };
        let free = UnitId(0);
        let unit = Seen::Unit {
            unit: free,
            task: None,
        };
        let sent = city.units[&EN_ROUTE].assignment.as_ref().unwrap();
        let under_way = Seen::Unit {
            unit: EN_ROUTE,
            task: Some(SeenTask {
                assignment: sent.id,
                case: sent.case,
            }),
        };
        let expected_s = None;
        let target = Target::Case(COVER);
        let reason = String::new();
        let expected = [
            (
                CommandRequest::DispatchUnit {
                    unit: free,
                    target,
                    expected_s,
                },
                vec![unit, case(COVER, 3)],
            ),
            (
                CommandRequest::ReassignCase {
                    case: COVER,
                    from: EN_ROUTE,
                    to: free,
                    expected_s,
                },
                vec![case(COVER, 3), under_way, unit],
            ),
            (
                CommandRequest::RecallUnit { unit: EN_ROUTE },
                vec![under_way],
            ),
            (
                CommandRequest::BundleCase {
                    case: COVER,
                    into: OVERDUE,
                },
                vec![case(COVER, 3), case(OVERDUE, 5)],
            ),
            (
                CommandRequest::VoidCase {
                    case: COVER,
                    reason,
                },
                vec![case(COVER, 3)],
            ),
        ];
        for (request, basis) in expected {
            assert_eq!(seen(&city, &request), basis, "{request:?}");
        }
    }
}
