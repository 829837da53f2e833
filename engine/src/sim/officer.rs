//! What a simulated duty officer knows: which cases wait for a unit, and whose turn it is.

use super::Chance;
use super::config::{OfficerPolicy, severity_place};
use crate::city::Severity;
use crate::ids::CaseId;
use crate::model::Case;
use crate::time::Timestamp;
use crate::workflow::{self, Act};
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

impl Officer {
    /// True where no case waits.
    pub fn is_idle(&self) -> bool {
        self.waiting.is_empty()
    }

    /// True where it has taken over cases from history.
    pub fn has_adopted(&self) -> bool {
        !self.adopted.is_empty()
    }

    /// Takes notice of a case that has changed; `case` is `None` once it has left the live state.
    pub fn case_changed(&mut self, id: CaseId, case: Option<&Case>, now: Timestamp, seed: u64) {
        let waits =
            case.filter(|c| workflow::advances(c.stage, Act::Dispatch) && c.units.is_empty());
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

    /// Cases whose turn it is, the most severe and soonest due first.
    pub fn ready(&self, policy: &OfficerPolicy, now: Timestamp, only_adopted: bool) -> Vec<CaseId> {
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
