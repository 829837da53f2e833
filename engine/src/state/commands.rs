use crate::ids::CommandId;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, VecDeque};

/// How many commands are remembered.
const REMEMBERED: usize = 65_536;

/// Commands applied lately with the record that each became, so that a repeat after a lost answer is answered
/// with the same record instead of being done twice.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommandMemory {
    seq_of: BTreeMap<CommandId, u64>,
    order: VecDeque<CommandId>,
}

impl CommandMemory {
    /// The record that a command became.
    pub fn seq_of(&self, command: CommandId) -> Option<u64> {
        self.seq_of.get(&command).copied()
    }

    pub(super) fn remember(&mut self, command: CommandId, seq: u64) {
        if self.seq_of.insert(command, seq).is_none() {
            self.order.push_back(command);
        }
        while self.order.len() > REMEMBERED {
            if let Some(oldest) = self.order.pop_front() {
                self.seq_of.remove(&oldest);
            }
        }
    }
}
