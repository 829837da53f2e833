//! Checking what was handled.

use crate::command::Command;
use crate::model::Actor;
use crate::sim::simulator::{Simulator, Step};
use crate::sim::words;

impl Simulator {
    pub(in crate::sim) fn check_handled(&mut self, step: &mut Step) {
        let Some(policy) = self.config.checks else {
            return;
        };
        let only_adopted = self.is_recorded();
        let ready = self
            .staff
            .checker
            .ready(policy.after_s, self.now, only_adopted);
        for (case, passes) in ready {
            let again = self.state.case(case).is_some_and(|c| c.rework > 0);
            let percent = if again {
                policy.pass_again_percent
            } else {
                policy.pass_percent
            };
            let passed = passes * 100.0 < percent;
            let actor = Actor::Operator(words::checker(self.config.language).to_owned());
            // It waits only while it is handled, so this is not refused.
            let _ = self.execute(&Command::CheckCase { case, passed }, &actor, None, step);
        }
    }
}
