use chengtu_engine::city::Severity;
use chengtu_engine::ids::CaseId;
use chengtu_engine::stream::CaseView;
use std::collections::BTreeMap;
use std::sync::{Arc, RwLock};

/// What crews read about their cases before they set to work: the severity.
#[derive(Clone, Debug, Default)]
pub struct CaseBook(Arc<RwLock<BTreeMap<CaseId, Severity>>>);

impl CaseBook {
    /// Writes down all cases of a console's mirror.
    pub fn write<'a>(&self, cases: impl Iterator<Item = &'a CaseView>) {
        let new = cases.map(|c| (c.id, c.severity)).collect();
        if let Ok(mut book) = self.0.write() {
            *book = new;
        }
    }

    /// Severity of a case; `None` if it is not known.
    pub fn severity(&self, case: CaseId) -> Option<Severity> {
        self.0.read().ok()?.get(&case).copied()
    }
}
