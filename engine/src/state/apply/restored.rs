use super::Fold;
use crate::ids::CaseId;
use crate::model::{HistoryKind, Stage};
use crate::state::State;

impl State {
    /// A case that was voided or bundled is open again, with the clock that it had.
    pub(super) fn case_restored(
        &mut self,
        case: CaseId,
        stage: Stage,
        out_of: Option<CaseId>,
        fold: &mut Fold<'_>,
    ) {
        let Some(c) = self.cases.get(&case) else {
            return;
        };
        self.ended.remove(&(c.since(), case));
        if let Some(due) = c.due_at
            && stage.is_timed()
            && !c.overdue
        {
            self.due.insert((due, case));
        }
        let (position, reports) = (c.position, c.reports);
        if !c.stage.is_open() {
            self.rebuilt.sources.opened(&c.source);
        }
        self.spatial.place_case(case, position);
        if let Some(main) = out_of
            && let Some(m) = self.cases.get_mut(&main)
        {
            m.reports = m.reports.saturating_sub(reports).max(1);
            self.tell(main, HistoryKind::GaveBack(case), fold);
        }
        self.tell(case, HistoryKind::Restored, fold);
        self.enter(case, stage, fold);
    }
}
