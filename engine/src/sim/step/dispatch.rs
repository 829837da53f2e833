//! Dispatching by a stated policy, for when nobody else does.

use crate::command::Command;
use crate::model::{Actor, AssignmentTarget, UnitStatus};
use crate::rank::best_free;
use crate::sim::config::OfficerPolicy;
use crate::sim::simulator::{Simulator, Step};
use crate::sim::words;

/// Between two looks at the whole queue, seconds.
const LOOK_EVERY: u64 = 2;
/// Most cases dispatched at one look; one person sends no more.
const AT_ONCE_MAX: usize = 8;

impl Simulator {
    /// Sends units to waiting cases, if the policy allows it.
    pub(in crate::sim) fn dispatch_waiting(&mut self, step: &mut Step) {
        let only_adopted = self.is_recorded();
        let policy = match (self.config.officer, only_adopted) {
            (Some(policy), _) => policy,
            (None, true) if self.staff.officer.has_adopted() => OfficerPolicy::default(),
            _ => return,
        };
        if !self.steps.is_multiple_of(LOOK_EVERY) || self.staff.officer.is_idle() {
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
        let ready = self.staff.officer.ready(&policy, self.now, only_adopted);
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
            let actor = Actor::Operator(words::dispatcher(self.config.language).to_owned());
            sent += usize::from(self.execute(&command, &actor, None, step).is_ok());
        }
    }
}
