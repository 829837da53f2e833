use super::Proposal;
use super::decisions::Decision;
use super::pair::Fork;
use crate::command::{CommandRequest, Target};

/// Most proposals of a plan: a person reads and confirms each.
const PLAN_MAX: usize = 24;

impl Fork {
    /// What was decided in the second branch and not in the first, as commands.
    pub(super) fn plan(&self) -> Vec<Proposal> {
        let done = |d: &Decision| {
            let same = |a: &&Decision| (a.unit, a.case) == (d.unit, d.case);
            self.actual.decisions.iter().find(same).is_some()
        };
        let own = self.other.decisions.iter().filter(|d| !done(d));
        own.take(PLAN_MAX)
            .map(|d| Proposal {
                time: d.time,
                command: match d.instead_of {
                    Some(from) => CommandRequest::ReassignCase {
                        case: d.case,
                        from,
                        to: d.unit,
                        expected_s: d.expected_s,
                    },
                    None => CommandRequest::DispatchUnit {
                        unit: d.unit,
                        target: Target::Case(d.case),
                        expected_s: d.expected_s,
                    },
                },
                possible: true,
                why_not: String::new(),
            })
            .collect()
    }
}
