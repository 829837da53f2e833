use chengtu_engine::code::Code;
use chengtu_engine::ids::CaseId;

/// A row that was not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Row in the batch, from 1.
    pub row: u32,
    /// Stable number, one of the codes of rows.
    pub code: Code,
    /// The reason and, where there is one, the remedy.
    pub text: String,
}

/// Rows that were not taken: all are counted, the first are listed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Problems {
    /// Rows that were not taken, listed or not.
    pub count: u64,
    /// The first of them.
    pub listed: Vec<Problem>,
}

/// Problems kept in words for one batch; an answer may list fewer.
const KEPT_MAX: usize = 1_000;

impl Problems {
    /// Counts a row, and lists it while there is room; `text` is made only then.
    pub fn push(&mut self, row: u32, code: Code, text: impl FnOnce() -> String) {
        self.count += 1;
        if self.listed.len() < KEPT_MAX {
            let text = text();
            self.listed.push(Problem { row, code, text });
        }
    }

    /// Adds those of a later step.
    pub fn append(&mut self, later: Self) {
        self.count += later.count;
        self.listed.extend(later.listed);
    }
}

/// What became of a feed's batch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Taken {
    /// Rows that became part of the city.
    pub accepted: u64,
    /// Rows not taken.
    pub problems: Problems,
    /// The last record after the batch.
    pub seq: u64,
    /// New cases, for a batch of cases.
    pub cases: Vec<CaseId>,
}

/// The log does not take anything any more.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the server has stopped writing: {0}; what was acknowledged before is safe, nothing new is taken"
)]
pub struct Unavailable(pub String);
