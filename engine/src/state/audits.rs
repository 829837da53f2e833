use super::State;
use crate::audit::{Look, Looks};
use crate::ids::CaseId;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a state remembers of what was audited. Kept in keyframes: the order of the fields never changes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Audits {
    /// Of cases of the live state, who was shown what is masked.
    looks: BTreeMap<CaseId, Looks>,
    /// Digest of each section of the configuration that the server began with last.
    configuration: BTreeMap<String, String>,
}

impl Audits {
    pub fn is_empty(&self) -> bool {
        self.looks.is_empty() && self.configuration.is_empty()
    }

    pub fn looked(&mut self, case: CaseId, look: Look) {
        self.looks.entry(case).or_default().push(look);
    }

    pub fn forget(&mut self, case: CaseId) {
        self.looks.remove(&case);
    }

    pub fn configured(&mut self, digests: &[(String, String)]) {
        self.configuration = digests.iter().cloned().collect();
    }
}

impl State {
    /// Who was shown what is masked of a case, while it is in the live state; `None` where nobody was.
    pub fn looks(&self, case: CaseId) -> Option<&Looks> {
        self.behind.audits.looks.get(&case)
    }

    /// The digest of each section of the configuration that the server began with last; empty before it was told.
    pub fn configuration(&self) -> &BTreeMap<String, String> {
        &self.behind.audits.configuration
    }

    /// A case that is gone and of which it is known who saw it: there is none.
    pub(super) fn looked_at_and_gone(&self) -> Option<CaseId> {
        let mut looked = self.behind.audits.looks.keys().copied();
        looked.find(|case| !self.cases.contains_key(case))
    }
}
