use super::Fold;
use crate::event::Event;
use crate::ids::{CaseId, FeedId, UnitId};
use crate::model::{
    Case, CaseHistory, CaseSource, HistoryKind, Reporter, Stage, StageChange, note_added,
};
use crate::state::{ENDED_KEYS_MAX, State};
use crate::workflow::{self, Act};

impl State {
    pub(super) fn case_reported(&mut self, event: &Event, fold: &mut Fold<'_>) {
        let Event::CaseReported {
            case,
            class,
            severity,
            position,
            address,
            note,
            source,
            occurred_at,
            maybe_same_as,
        } = event
        else {
            return;
        };
        if let CaseSource::Feed(feed, key) = source
            && !key.is_empty()
        {
            let before = self.case_keys.insert((*feed, key.clone()), *case);
            if let Some(before) = before {
                self.rebuilt.gone.keys.remove(&before);
            }
        }
        self.last.case = self.last.case.max(*case);
        let reported = Case {
            id: *case,
            class: *class,
            severity: *severity,
            position: *position,
            address: address.clone(),
            note: note.clone(),
            source: source.clone(),
            occurred_at: *occurred_at,
            stage: Stage::Reported,
            history: Vec::new(),
            filed_at: None,
            due_at: None,
            overdue: false,
            units: Vec::new(),
            handled_by: None,
            rework: 0,
            reports: 1,
            maybe_same_as: *maybe_same_as,
        };
        let before = self.cases.insert(*case, reported);
        if before.is_none_or(|c| !c.stage.is_open()) {
            self.rebuilt.sources.opened(source);
        }
        self.histories.insert(*case, CaseHistory::default());
        self.tell(*case, HistoryKind::Reported, fold);
        self.spatial.place_case(*case, *position);
        self.enter(*case, Stage::Reported, fold);
    }

    pub(super) fn case_filed(&mut self, event: &Event, fold: &mut Fold<'_>) {
        let Event::CaseFiled {
            case,
            class,
            filed_at,
            due_at,
        } = event
        else {
            return;
        };
        if let Some(c) = self.cases.get_mut(case) {
            c.class = *class;
            c.filed_at = Some(*filed_at);
            c.due_at = Some(*due_at);
            self.due.insert((*due_at, *case));
        }
        self.tell(*case, HistoryKind::Filed, fold);
        self.perform(*case, Act::File, fold);
    }

    pub(super) fn case_bundled(&mut self, case: CaseId, into: CaseId, fold: &mut Fold<'_>) {
        let reports = self.cases.get(&case).map_or(0, |c| c.reports);
        if let Some(c) = self.cases.get_mut(&into) {
            c.reports = c.reports.saturating_add(reports);
        }
        fold.changes.cases.insert(into);
        self.tell(into, HistoryKind::TookIn(case), fold);
        self.tell(case, HistoryKind::BundledInto(into), fold);
        self.perform(case, Act::Bundle, fold);
    }

    pub(super) fn case_voided(&mut self, case: CaseId, reason: &str, fold: &mut Fold<'_>) {
        if let Some(c) = self.cases.get_mut(&case) {
            let before = core::mem::replace(&mut c.note, reason.to_owned());
            let reason = note_added(reason, &before).to_owned();
            self.tell(case, HistoryKind::Voided { reason }, fold);
        }
        self.perform(case, Act::Void, fold);
    }

    pub(super) fn case_handled(
        &mut self,
        case: CaseId,
        unit: UnitId,
        note: &str,
        fold: &mut Fold<'_>,
    ) {
        if let Some(c) = self.cases.get_mut(&case) {
            c.handled_by = Some(unit);
            let added = if note == c.note {
                String::new()
            } else {
                note_added(note, &c.note).to_owned()
            };
            if !note.is_empty() {
                note.clone_into(&mut c.note);
            }
            self.tell(case, HistoryKind::Handled { unit, note: added }, fold);
        }
        if let Some(u) = self.registry.units.get_mut(unit.0 as usize) {
            u.handled = u.handled.saturating_add(1);
        }
        self.perform(case, Act::Handle, fold);
    }

    pub(super) fn case_reworked(&mut self, case: CaseId, fold: &mut Fold<'_>) {
        if let Some(c) = self.cases.get_mut(&case) {
            c.rework = c.rework.saturating_add(1);
            c.handled_by = None;
            if let Some(due) = c.due_at
                && !c.overdue
            {
                self.due.insert((due, case));
            }
        }
        self.tell(case, HistoryKind::CheckFailed, fold);
        self.perform(case, Act::Rework, fold);
    }

    pub(super) fn case_closed(&mut self, case: CaseId, fold: &mut Fold<'_>) {
        self.tell(case, HistoryKind::CheckPassed, fold);
        self.perform(case, Act::Pass, fold);
    }

    pub(super) fn reporter_named(
        &mut self,
        case: CaseId,
        reporter: &Reporter,
        fold: &mut Fold<'_>,
    ) {
        if self.cases.contains_key(&case) {
            self.behind.reporters.insert(case, reporter.clone());
            fold.changes.cases.insert(case);
        }
    }

    pub(super) fn case_became_overdue(&mut self, case: CaseId, fold: &mut Fold<'_>) {
        if let Some(c) = self.cases.get_mut(&case) {
            c.overdue = true;
            if let Some(due) = c.due_at {
                self.due.remove(&(due, case));
            }
            fold.changes.cases.insert(case);
        }
        self.tell(case, HistoryKind::Overdue, fold);
    }

    pub(super) fn case_retired(&mut self, case: CaseId, keeps_key: bool, fold: &mut Fold<'_>) {
        self.histories.remove(&case);
        self.behind.audits.forget(case);
        self.behind.reporters.remove(&case);
        if let Some(c) = self.cases.remove(&case) {
            self.ended.remove(&(c.since(), case));
            if c.stage.is_open() {
                self.rebuilt.sources.ended(&c.source);
            }
            if let CaseSource::Feed(feed, key) = c.source {
                if keeps_key {
                    self.keep_key_of_ended(feed, key, case);
                } else {
                    self.case_keys.remove(&(feed, key));
                }
            }
            fold.changes.cases.insert(case);
        }
    }

    /// The key of a case that is gone stays known; where too many are, those of the oldest cases are forgotten.
    fn keep_key_of_ended(&mut self, feed: FeedId, key: String, case: CaseId) {
        self.rebuilt.gone.keys.insert(case, (feed, key));
        while self.rebuilt.gone.keys.len() > ENDED_KEYS_MAX {
            if let Some((_, oldest)) = self.rebuilt.gone.keys.pop_first() {
                self.case_keys.remove(&oldest);
            }
        }
    }

    /// A case enters the stage that an act leads to, whatever its stage was.
    fn perform(&mut self, case: CaseId, act: Act, fold: &mut Fold<'_>) {
        if let Some(stage) = workflow::outcome(act) {
            self.enter(case, stage, fold);
        }
    }

    pub(super) fn enter(&mut self, case: CaseId, stage: Stage, fold: &mut Fold<'_>) {
        let Some(c) = self.cases.get_mut(&case) else {
            return;
        };
        let was_open = core::mem::replace(&mut c.stage, stage).is_open();
        c.history.push(StageChange {
            stage,
            at: fold.now,
            by: fold.origin.actor.clone(),
        });
        if !stage.is_timed()
            && let Some(due) = c.due_at
        {
            self.due.remove(&(due, case));
        }
        if !stage.is_open() {
            if was_open {
                self.rebuilt.sources.ended(&c.source);
            }
            self.ended.insert((fold.now, case));
            self.spatial.forget_case(case);
        }
        fold.changes.cases.insert(case);
    }
}
