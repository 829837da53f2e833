use crate::codes;
use crate::outbox::Outbox;
use chengtu_engine::ids::{CaseId, CommandId};
use chengtu_engine::stream::{Accepted, Rejected, ServerMessage};
use std::sync::Arc;

/// The one answer that a command is owed. It is given whatever happens: where the command is lost with the world that
/// should have done it, dropping this rejects it.
#[derive(Debug)]
pub struct CommandReply {
    outbox: Arc<Outbox>,
    id: CommandId,
    answered: bool,
}

impl CommandReply {
    /// For the command that the client of `outbox` calls `id`.
    pub fn new(outbox: Arc<Outbox>, id: CommandId) -> Self {
        Self {
            outbox,
            id,
            answered: false,
        }
    }

    /// The client's name for the command.
    pub fn id(&self) -> CommandId {
        self.id
    }

    /// The command is durable as record `seq`; `case`: the case that it made.
    pub fn accept(mut self, seq: u64, case: Option<CaseId>) {
        let id = self.id;
        self.answer(&ServerMessage::Accepted(Accepted { id, seq, case }));
    }

    /// The command was not done.
    pub fn reject(mut self, code: u16, text: impl Into<String>) {
        self.answer_rejected(code, text.into());
    }

    fn answer_rejected(&mut self, code: u16, text: String) {
        let id = self.id;
        self.answer(&ServerMessage::Rejected(Rejected { id, code, text }));
    }

    fn answer(&mut self, m: &ServerMessage) {
        self.answered = true;
        self.outbox.answer(m);
    }
}

impl Drop for CommandReply {
    fn drop(&mut self) {
        if !self.answered {
            let text = "the world ended before it answered this command";
            self.answer_rejected(codes::WORLD_ENDED, text.to_owned());
        }
    }
}
