//! What a simulated inspector knows: which handled cases wait for their check.

use super::Chance;
use crate::ids::CaseId;
use crate::model::Case;
use crate::time::Timestamp;
use crate::workflow::{self, Act};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Cases that wait for their check.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Checker {
    /// Since when, the chance of how long, the chance of whether it passes.
    waiting: BTreeMap<CaseId, (Timestamp, f64, f64)>,
    /// Cases that history has checked when they were not handled here yet.
    adopted: BTreeSet<CaseId>,
}

impl Checker {
    /// Takes notice of a case that has changed; `case` is `None` once it has left the live state.
    pub fn case_changed(&mut self, id: CaseId, case: Option<&Case>, now: Timestamp, seed: u64) {
        if let Some(case) = case.filter(|c| workflow::allowed(c.stage, Act::Pass)) {
            self.waiting.entry(id).or_insert_with(|| {
                let of = [id.0, u64::from(case.rework)];
                let mut chance = Chance::of_numbers(seed, "check", &of);
                (case.since().min(now), chance.unit(), chance.unit())
            });
            return;
        }
        self.waiting.remove(&id);
        if case.is_none_or(|c| !c.stage.is_open()) {
            self.adopted.remove(&id);
        }
    }

    pub fn adopt(&mut self, case: CaseId) {
        self.adopted.insert(case);
    }

    /// Cases whose check is due, each with its chance of passing, 0 … 1.
    ///
    /// - `after_s`: shortest and longest wait, seconds
    /// - `only_adopted`: only those that history has checked
    pub fn ready(
        &self,
        (low_s, high_s): (f64, f64),
        now: Timestamp,
        only_adopted: bool,
    ) -> Vec<(CaseId, f64)> {
        let due = |(since, when, _): &(Timestamp, f64, f64)| {
            now.seconds_since(*since) >= low_s + (high_s - low_s) * when
        };
        self.waiting
            .iter()
            .filter(|(id, w)| due(w) && (!only_adopted || self.adopted.contains(id)))
            .map(|(id, (_, _, passes))| (*id, *passes))
            .collect()
    }
}
