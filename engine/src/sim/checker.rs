//! Looking at what was handled.

use super::Chance;
use super::simulator::{Simulator, Step};
use crate::command::Command;
use crate::ids::CaseId;
use crate::model::{Actor, Case, Stage};
use crate::time::Timestamp;
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

/// Who does it.
const NAME: &str = "核查员";

impl Checker {
    pub fn heed(&mut self, id: CaseId, case: Option<&Case>, now: Timestamp, seed: u64) {
        if let Some(case) = case.filter(|c| c.stage == Stage::Handled) {
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
}

impl Simulator {
    pub(super) fn check_handled(&mut self, step: &mut Step) {
        let Some(policy) = self.config.checks else {
            return;
        };
        let only_adopted = self.is_recorded();
        let (low_s, high_s) = policy.after_s;
        let due = |(since, when, _): &(Timestamp, f64, f64)| {
            self.now.seconds_since(*since) >= low_s + (high_s - low_s) * when
        };
        let ready: Vec<(CaseId, f64)> = self
            .checker
            .waiting
            .iter()
            .filter(|(id, w)| due(w) && (!only_adopted || self.checker.adopted.contains(id)))
            .map(|(id, (_, _, passes))| (*id, *passes))
            .collect();
        for (case, passes) in ready {
            let again = self.state.case(case).is_some_and(|c| c.rework > 0);
            let percent = if again {
                policy.pass_again_percent
            } else {
                policy.pass_percent
            };
            let passed = passes * 100.0 < percent;
            let actor = Actor::Operator(NAME.to_owned());
            // It waits only while it is handled, so this is not refused.
            let _ = self.execute(&Command::CheckCase { case, passed }, &actor, None, step);
        }
    }
}
