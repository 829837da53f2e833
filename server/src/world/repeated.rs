use super::LiveCity;
use chengtu_engine::ids::CaseId;
use chengtu_engine::record::Body;
use std::collections::BTreeMap;

/// Answers that are kept for commands that are repeated; beyond, the log is read again.
const KEPT_MAX: usize = 65_536;

/// The answer to a command.
#[derive(Clone, Copy)]
pub(super) struct Answered {
    /// The case that the command made; none where it made none.
    pub case: Option<CaseId>,
}

/// What commands were answered, by the record that each became, so that a repeat reads no log.
#[derive(Default)]
pub(super) struct Repeated {
    answers: BTreeMap<u64, Answered>,
}

impl Repeated {
    /// A command became a record and made this case.
    pub fn keep(&mut self, seq: u64, case: Option<CaseId>) {
        self.answers.insert(seq, Answered { case });
        if self.answers.len() > KEPT_MAX {
            self.answers.pop_first();
        }
    }

    /// What the command of a record was answered, where that is kept.
    pub fn answer(&self, seq: u64) -> Option<Answered> {
        self.answers.get(&seq).copied()
    }
}

impl LiveCity {
    /// The case that a record of old made, to answer a repeated command as it was answered before.
    pub(super) fn case_of_record(&mut self, seq: u64) -> Option<CaseId> {
        if let Some(answered) = self.pending.repeated.answer(seq) {
            return answered.case;
        }
        let records = self.log.read_from(seq, 1).ok()?;
        let case = match &records.first()?.body {
            Body::Events(events) => super::commands::case_of(events),
            _ => None,
        };
        self.pending.repeated.keep(seq, case);
        case
    }
}
