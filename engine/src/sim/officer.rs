//! Dispatching by a stated policy, for when nobody else does.

use super::Chance;
use super::config::{OfficerPolicy, severity_place};
use super::simulator::{Simulator, Step};
use crate::city::Severity;
use crate::command::Command;
use crate::ids::CaseId;
use crate::model::{Actor, AssignmentTarget, Case, Stage, UnitStatus};
use crate::rank::best_free;
use crate::time::Timestamp;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Cases that wait for a unit.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Officer {
    waiting: BTreeMap<CaseId, Wait>,
    /// Cases that history had sent somebody to, who could not go.
    adopted: BTreeSet<CaseId>,
}

/// Since when a case waits, and how its turn is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
struct Wait {
    since: Timestamp,
    severity: Severity,
    due: Option<Timestamp>,
    /// 0 … 1: where in the spread of delays it lies.
    spread: f64,
}

/// Between two looks at the whole queue, seconds.
const LOOK_EVERY: u64 = 2;
/// Most cases dispatched at one look; one person sends no more.
const AT_ONCE_MAX: usize = 8;
/// Who does it.
const NAME: &str = "自动派遣";

impl Officer {
    pub fn heed(&mut self, id: CaseId, case: Option<&Case>, now: Timestamp, seed: u64) {
        let waits = case.filter(|c| c.stage == Stage::Filed && c.units.is_empty());
        let Some(case) = waits else {
            self.waiting.remove(&id);
            if case.is_none_or(|c| !c.stage.is_open()) {
                self.adopted.remove(&id);
            }
            return;
        };
        self.waiting.entry(id).or_insert_with(|| Wait {
            since: case.since().max(now.plus_seconds(-3_600)),
            severity: case.severity,
            due: case.due_at,
            spread: Chance::of_numbers(seed, "officer", &[id.0, u64::from(case.rework)]).unit(),
        });
    }

    /// Takes over a case whose sending in history cannot be done here.
    pub fn adopt(&mut self, case: CaseId) {
        self.adopted.insert(case);
    }

    /// Cases whose turn it is, the gravest and soonest due first.
    fn ready(&self, policy: &OfficerPolicy, now: Timestamp, only_adopted: bool) -> Vec<CaseId> {
        let is_ready = |id: &CaseId, w: &Wait| {
            let delay_s = policy.delay_s[severity_place(w.severity)];
            let delay_s = delay_s * (2.0 / 3.0 + w.spread * 2.0 / 3.0);
            now.seconds_since(w.since) >= delay_s
                && !(policy.leaves_severe && w.severity == Severity::Severe)
                && (!only_adopted || self.adopted.contains(id))
        };
        let ready = self.waiting.iter().filter(|(id, w)| is_ready(id, w));
        let mut ready: Vec<(Severity, Option<Timestamp>, CaseId)> =
            ready.map(|(id, w)| (w.severity, w.due, *id)).collect();
        ready.sort_unstable();
        ready.into_iter().map(|(_, _, id)| id).collect()
    }
}

impl Simulator {
    /// Sends units to what waits, where the policy says so.
    pub(super) fn dispatch_waiting(&mut self, step: &mut Step) {
        let only_adopted = self.is_recorded();
        let policy = match (self.config.officer, only_adopted) {
            (Some(policy), _) => policy,
            (None, true) if !self.officer.adopted.is_empty() => OfficerPolicy::default(),
            _ => return,
        };
        if !self.steps.is_multiple_of(LOOK_EVERY) || self.officer.waiting.is_empty() {
            return;
        }
        let in_service = |s: UnitStatus| s != UnitStatus::OutOfService;
        let statuses = || self.state.units().iter().map(|u| u.status);
        let all = statuses().filter(|s| in_service(*s)).count();
        let free = statuses().filter(|s| *s == UnitStatus::Available).count();
        let kept_free = all as f64 * (1.0 - policy.busy_percent_max / 100.0);
        let sendable = free.saturating_sub(libm::ceil(kept_free.max(0.0)) as usize);
        if sendable == 0 {
            return;
        }
        let ready = self.officer.ready(&policy, self.now, only_adopted);
        let mut sent = 0;
        for case in ready.into_iter().take(AT_ONCE_MAX * 4) {
            if sent >= sendable.min(AT_ONCE_MAX) {
                break;
            }
            let best = best_free(&self.state, &self.roads, &mut self.search, case, self.now);
            let Some((unit, seconds)) = best else {
                continue;
            };
            let command = Command::DispatchUnit {
                unit,
                target: AssignmentTarget::Case(case),
                expected_s: Some(libm::round(seconds) as u32),
            };
            let actor = Actor::Operator(NAME.to_owned());
            sent += usize::from(self.execute(&command, &actor, None, step).is_ok());
        }
    }
}
