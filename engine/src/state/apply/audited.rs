use super::Fold;
use crate::audit::{Audit, AuditAct, Look};
use crate::state::State;

impl State {
    /// Nothing changes in the city: who was shown what is remembered, and how the server is configured.
    pub(super) fn audited(&mut self, audit: &Audit, fold: &mut Fold<'_>) {
        match &audit.act {
            AuditAct::Unmasked {
                case,
                what,
                purpose,
            } if self.cases.contains_key(case) => {
                let look = Look {
                    at: audit.at,
                    by: fold.origin.actor.clone(),
                    who: audit.who.clone(),
                    what: *what,
                    purpose: purpose.clone(),
                };
                self.behind.audits.looked(*case, look);
            }
            AuditAct::ConfigurationChanged { digests, .. } => {
                self.behind.audits.configured(digests);
            }
            _ => {}
        }
    }
}
