//! Answers that wait for the log to be durable.

use super::LiveCity;
use super::commands::{NotDone, not_known_text, reject};
use super::tick::Tick;
use crate::access::Principal;
use crate::outbox::Outbox;
use crate::request::{CommandReply, Taken, Unavailable};
use chengtu_engine::code::Code;
use chengtu_engine::command::CommandRequest;
use chengtu_engine::ids::CaseId;
use chengtu_engine::stream::{ServerMessage, Unmasked};
use std::sync::Arc;
use tokio::sync::oneshot;

/// An answer to be given after the commit.
pub(super) enum Answer {
    /// To a command that became this record and made this case.
    Command(CommandReply, u64, Option<CaseId>),
    /// Without its masks, a case to whoever has unmasked it by this record.
    Unmasked(Arc<Outbox>, u64, Box<Unmasked>),
    /// To a feed's request.
    Feed(oneshot::Sender<Result<Taken, Unavailable>>, Taken),
    /// To fixes over a socket.
    Fixes(Arc<Outbox>, Taken),
    /// What would be answered to commands.
    TryOut(
        Arc<Principal>,
        Vec<CommandRequest>,
        oneshot::Sender<Vec<Option<String>>>,
    ),
    /// Number of the last record, and the state's digest.
    Digest(oneshot::Sender<(u64, u64)>),
}

impl LiveCity {
    /// What is durable is acknowledged, what is not is refused.
    pub(super) fn answer_all(&mut self, tick: &mut Tick) {
        for answer in core::mem::take(&mut tick.answers) {
            self.answer(answer, tick);
        }
    }

    fn answer(&mut self, answer: Answer, tick: &mut Tick) {
        match answer {
            Answer::Command(reply, seq, case) => self.answer_command(reply, seq, case),
            Answer::Unmasked(outbox, seq, case) => {
                if self.lost(seq).is_none() {
                    outbox.answer(&ServerMessage::Unmasked(case));
                }
            }
            Answer::Feed(reply, mut taken) => {
                let lost = self.lost(taken.seq);
                taken.seq = taken.seq.min(self.state.seq());
                let lost = lost.map(Unavailable::Stopped);
                let _ = reply.send(lost.map_or(Ok(taken), Err));
            }
            Answer::Fixes(outbox, taken) => {
                let lost = self.lost(taken.seq).is_some();
                let problems = taken.problems.listed.into_iter();
                let m = ServerMessage::FixesTaken {
                    accepted: if lost { 0 } else { taken.accepted as u32 },
                    problems: problems.map(|p| (p.row, p.text)).collect(),
                };
                outbox.answer(&m);
            }
            Answer::TryOut(by, commands, reply) => {
                let _ = reply.send(self.try_out(&by, commands, tick));
            }
            Answer::Digest(reply) => {
                // It costs the size of the state: everybody who asks in this tick is told the same.
                let state = &self.state;
                let digest = *tick.digest.get_or_insert_with(|| state.digest());
                let _ = reply.send((state.seq(), digest));
            }
        }
    }

    pub(super) fn answer_command(&self, reply: CommandReply, seq: u64, case: Option<CaseId>) {
        match self.lost(seq) {
            Some(why) if self.pending.interrupted.unsure => {
                reply.reject(Code::NotKnown, not_known_text(&why));
            }
            Some(why) => reject(reply, &NotDone::Stopped(why)),
            None => reply.accept(seq, case),
        }
    }

    /// Why a record did not become durable; `None` if it did.
    fn lost(&self, seq: u64) -> Option<String> {
        self.stopped.clone().filter(|_| seq > self.state.seq())
    }
}
