use super::Fold;
use crate::ids::{CaseId, UnitId};
use crate::model::{HistoryEntry, HistoryKind, Unit};
use crate::state::State;

impl State {
    /// Notes what happened to a case, where it is in the live state.
    pub(super) fn tell(&mut self, case: CaseId, what: HistoryKind, fold: &mut Fold<'_>) {
        if let Some(history) = self.histories.get_mut(&case) {
            history.push(HistoryEntry {
                at: fold.now,
                by: fold.origin.actor.clone(),
                what,
            });
            fold.changes.cases.insert(case);
        }
    }

    /// Notes that a unit was sent to a case; where another was taken off it by the same act, that it took its place.
    pub(super) fn tell_dispatched(&mut self, case: CaseId, unit: UnitId, fold: &mut Fold<'_>) {
        match fold.recalled.take() {
            Some((of, from)) if of == case => {
                if let Some(history) = self.histories.get_mut(&case) {
                    history.correct_last(HistoryKind::Reassigned { from, to: unit });
                }
            }
            _ => self.tell(case, HistoryKind::Dispatched(unit), fold),
        }
    }

    /// Notes something that a unit did for its case, where it has one.
    pub(super) fn tell_of_unit(
        &mut self,
        unit: UnitId,
        what: fn(UnitId) -> HistoryKind,
        fold: &mut Fold<'_>,
    ) {
        if let Some(case) = self.unit(unit).and_then(Unit::case) {
            self.tell(case, what(unit), fold);
        }
    }
}
