use crate::outbox::Outbox;
use crate::refusal::Refusal;
use chengtu_engine::code::Code;
use chengtu_engine::ids::{CaseId, CommandId};
use chengtu_engine::stream::{Accepted, Asked, ServerMessage};
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
    pub fn reject(self, code: Code, text: impl Into<String>) {
        self.refuse(Refusal::new(code, text));
    }

    /// The command was not done.
    pub fn refuse(mut self, refusal: impl Into<Refusal>) {
        self.give(refusal.into());
    }

    fn give(&mut self, refusal: Refusal) {
        self.answered = true;
        self.outbox.refuse(Some(Asked::Command(self.id)), refusal);
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
            self.give(Refusal::new(Code::WorldEnded, text));
        }
    }
}

/// Who asked for anything else, and under which number: a refusal goes back to that.
#[derive(Clone, Debug)]
pub struct Asker {
    outbox: Arc<Outbox>,
    request: Option<u32>,
}

impl Asker {
    /// The client of `outbox`, which gave the number `request`.
    pub fn new(outbox: Arc<Outbox>, request: Option<u32>) -> Self {
        Self { outbox, request }
    }

    /// Number of the client's session, unique while the server runs.
    pub fn session(&self) -> u64 {
        self.outbox.id
    }

    /// Queues an answer for the client; never waits and cannot fail.
    pub fn answer(&self, m: &ServerMessage) {
        self.outbox.answer(m);
    }

    /// Refuses what was asked, under its number where the client gave one.
    pub fn refuse(&self, refusal: Refusal) {
        let asked = self.request.map(Asked::Request);
        self.outbox.refuse(asked, refusal);
    }
}
