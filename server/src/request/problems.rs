use chengtu_engine::code::Code;
use chengtu_engine::ids::CaseId;
use std::collections::BTreeMap;

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
    /// The same by what they are about.
    pub by_code: BTreeMap<Code, u64>,
    /// The first of them.
    pub listed: Vec<Problem>,
}

/// Problems kept in words for one batch; an answer may list fewer.
const KEPT_MAX: usize = 1_000;

impl Problems {
    /// Counts a row, and lists it while there is room; `text` is made only then.
    pub fn push(&mut self, row: u32, code: Code, text: impl FnOnce() -> String) {
        self.count += 1;
        *self.by_code.entry(code).or_default() += 1;
        if self.listed.len() < KEPT_MAX {
            let text = text();
            self.listed.push(Problem { row, code, text });
        }
    }

    /// How many rows have this code.
    pub fn of(&self, code: Code) -> u64 {
        self.by_code.get(&code).copied().unwrap_or(0)
    }

    /// Adds those of a later step.
    pub fn append(&mut self, later: Self) {
        self.count += later.count;
        for (code, count) in later.by_code {
            *self.by_code.entry(code).or_default() += count;
        }
        self.listed.extend(later.listed);
    }
}

/// Positions and readings that come so much after their time are told of, seconds: where they are meant to be live, their
/// sender's clock is wrong.
pub const OLD_AFTER_S: i64 = 86_400;

/// What became of a feed's batch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Taken {
    /// Rows that became part of the city.
    pub accepted: u64,
    /// Of the accepted rows those whose place lies outside the city's bounds.
    pub outside: u64,
    /// Of the accepted rows those that are older than [`OLD_AFTER_S`]: history, but no news of the present.
    pub old: u64,
    /// Rows not taken.
    pub problems: Problems,
    /// The last record after the batch.
    pub seq: u64,
    /// New cases, for a batch of cases.
    pub cases: Vec<CaseId>,
}

/// Why nothing of a batch was taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unavailable {
    /// The log does not take anything any more.
    #[error(
        "the server has stopped writing: {0}; what was acknowledged before is safe, nothing new is taken"
    )]
    Stopped(String),
    /// Too much of this feed waits already; the same batch may be taken later.
    #[error("{0}")]
    Busy(String),
    /// The server goes on, and does not take this: a limit of its own, or something that cannot be.
    #[error("{0}")]
    Refused(String),
}
