use super::LiveCity;
use chengtu_engine::ids::CaseId;
use chengtu_engine::record::Body;
use std::collections::BTreeMap;

/// Answers that are kept for commands that are repeated; beyond, the log is read again.
const KEPT_MAX: usize = 65_536;

/// What commands were answered, by the record that each became, so that a repeat reads no log.
#[derive(Default)]
pub(super) struct Repeated {
    case_of: BTreeMap<u64, Option<CaseId>>,
}

impl Repeated {
    /// A command became a record and made this case.
    pub fn keep(&mut self, seq: u64, case: Option<CaseId>) {
        self.case_of.insert(seq, case);
        if self.case_of.len() > KEPT_MAX {
            self.case_of.pop_first();
        }
    }

    /// The case that the command of a record made, where that is kept.
    pub fn case_of(&self, seq: u64) -> Option<Option<CaseId>> {
        self.case_of.get(&seq).copied()
    }
}

impl LiveCity {
    /// The case that a record of old made, to answer a repeated command as it was answered before.
    pub(super) fn case_of_record(&mut self, seq: u64) -> Option<CaseId> {
        if let Some(case) = self.pending.repeated.case_of(seq) {
            return case;
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
