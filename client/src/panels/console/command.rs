use crate::net::{City, CommandOutcome, Connection};
use chengtu_engine::code::{Code, RefusalData};
use chengtu_engine::command::CommandRequest;
use chengtu_engine::ids::{CommandId, UnitId};
use chengtu_engine::record::World;
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
            id: connection.command(request.clone()),
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

/// The unit that a command sends.
pub fn sent_unit(request: &CommandRequest) -> Option<UnitId> {
    match request {
        CommandRequest::DispatchUnit { unit, .. } => Some(*unit),
        CommandRequest::ReassignCase { to, .. } => Some(*to),
        _ => None,
    }
}
