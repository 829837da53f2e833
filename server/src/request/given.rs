use super::Decision;
use crate::access::PrincipalId;
use chengtu_engine::command::CommandRequest;
use chengtu_engine::ids::{CaseId, CommandId};
use std::collections::{BTreeMap, VecDeque};

/// Commands that a world remembers with who gave them; a repeat of an older one is known by its record alone.
const REMEMBERED: usize = 65_536;

/// A command that was done: by whom, and what it said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GivenCommand {
    by: PrincipalId,
    print: blake3::Hash,
    /// The case that it made.
    pub case: Option<CaseId>,
}

impl GivenCommand {
    /// Of `by`, who decided this.
    pub fn new(by: &PrincipalId, command: &CommandRequest) -> Self {
        Self {
            by: by.clone(),
            // Two commands that differ in anything are written otherwise.
            print: blake3::hash(format!("{command:?}").as_bytes()),
            case: None,
        }
    }

    /// The same with the case that came of it.
    #[must_use]
    pub fn made(self, case: Option<CaseId>) -> Self {
        Self { case, ..self }
    }

    /// True where somebody says again what they have said, whatever came of it.
    pub fn is_same(&self, other: &Self) -> bool {
        (&self.by, self.print) == (&other.by, other.print)
    }
}

/// The commands that were done lately, by their ids: an id that comes again is a repeat only of the same command by the
/// same person.
#[derive(Debug, Default)]
pub struct Given {
    by_id: BTreeMap<CommandId, GivenCommand>,
    order: VecDeque<CommandId>,
}

impl Given {
    /// What was done under an id.
    pub fn under(&self, id: CommandId) -> Option<&GivenCommand> {
        self.by_id.get(&id)
    }

    /// Remembers what was done.
    pub fn remember(&mut self, id: CommandId, given: GivenCommand) {
        if self.by_id.insert(id, given).is_none() {
            self.order.push_back(id);
        }
        while self.order.len() > REMEMBERED {
            if let Some(oldest) = self.order.pop_front() {
                self.by_id.remove(&oldest);
            }
        }
    }
}

impl Decision {
    /// What is remembered of it where `by` gives it.
    pub fn given_by(&self, by: &PrincipalId) -> GivenCommand {
        GivenCommand::new(by, &self.command)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chengtu_engine::ids::UnitId;

    #[test]
    fn the_same_is_what_the_same_person_says_and_nothing_else() {
        let (a, b) = (PrincipalId::user("a"), PrincipalId::user("b"));
        let recall = |unit| CommandRequest::RecallUnit { unit: UnitId(unit) };
        let mut given = Given::default();
        let id = CommandId(0, 1);
        given.remember(id, GivenCommand::new(&a, &recall(1)).made(Some(CaseId(4))));
        let known = given.under(id).unwrap();
        assert!(known.is_same(&GivenCommand::new(&a, &recall(1))));
        assert!(!known.is_same(&GivenCommand::new(&b, &recall(1))));
        assert!(!known.is_same(&GivenCommand::new(&a, &recall(2))));
        for n in 0..REMEMBERED as u64 {
            given.remember(CommandId(1, n), GivenCommand::new(&a, &recall(1)));
        }
        assert_eq!(given.under(id), None, "the oldest makes room");
        assert_eq!(given.by_id.len(), REMEMBERED);
    }
}
