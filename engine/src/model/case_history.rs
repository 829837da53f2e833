use super::{Actor, Stage, shown};
use crate::ids::{CaseId, UnitId};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Most entries of one case; the oldest after the first two make room, and are counted.
pub const HISTORY_MAX: usize = 64;
/// Entries that never make room: how it was reported and filed.
const BEGINNING: usize = 2;

/// Something that happened to a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum HistoryKind {
    /// It entered a stage; all that is known of it, as the state comes from a keyframe of before histories were kept.
    Stage(Stage),
    /// It became known.
    Reported,
    /// It was accepted; its clock began.
    Filed,
    /// A unit was sent to it.
    Dispatched(UnitId),
    /// The unit's terminal has the task.
    Acknowledged(UnitId),
    /// The unit is there.
    Arrived(UnitId),
    /// The unit was taken off.
    Recalled(UnitId),
    /// One unit was sent in place of another.
    Reassigned {
        /// The unit that came off.
        from: UnitId,
        /// The unit that went instead.
        to: UnitId,
    },
    /// The unit reported the work as done.
    Handled {
        /// The unit that did it.
        unit: UnitId,
        /// What was done, in words; may be empty.
        note: String,
    },
    /// A check passed.
    CheckPassed,
    /// A check failed: back to work.
    CheckFailed,
    /// Its limit passed unhandled.
    Overdue,
    /// It was bundled into another case, and ended.
    BundledInto(CaseId),
    /// Another case was bundled into it.
    TookIn(CaseId),
    /// It was no case.
    Voided {
        /// Why, in words.
        reason: String,
    },
    /// Voiding or bundling it was taken back.
    Restored,
    /// A case that had been bundled into it stands for itself again.
    GaveBack(CaseId),
}

impl HistoryKind {
    /// True where whoever decided something about the case without having seen this decided about another situation.
    ///
    /// A terminal that answers, a limit that passes and reports that are bundled in change nothing of what may be done.
    pub const fn is_decisive(&self) -> bool {
        !matches!(
            self,
            Self::Stage(_)
                | Self::Acknowledged(_)
                | Self::Overdue
                | Self::TookIn(_)
                | Self::GaveBack(_)
        )
    }

    /// The same with its words as they are shown, see [`shown`].
    #[must_use]
    pub fn shown(&self) -> Self {
        match self {
            Self::Handled { unit, note } => Self::Handled {
                unit: *unit,
                note: shown(note).into_owned(),
            },
            Self::Voided { reason } => Self::Voided {
                reason: shown(reason).into_owned(),
            },
            other => other.clone(),
        }
    }

    /// True where it was done to a unit, or by it.
    pub fn is_about(&self, unit: UnitId) -> bool {
        match self {
            Self::Dispatched(u)
            | Self::Acknowledged(u)
            | Self::Arrived(u)
            | Self::Recalled(u)
            | Self::Handled { unit: u, .. } => *u == unit,
            Self::Reassigned { from, to } => *from == unit || *to == unit,
            _ => false,
        }
    }
}

/// One entry of a case's history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryEntry {
    /// When it was known.
    pub at: Timestamp,
    /// Who did it, or reported it.
    pub by: Actor,
    /// What happened.
    pub what: HistoryKind,
}

/// What happened to a case, oldest first, at most [`HISTORY_MAX`] entries; the log holds all of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseHistory {
    /// Grows with every entry that [is decisive](HistoryKind::is_decisive): what was seen at one revision holds while it
    /// is the same.
    pub revision: u32,
    /// Entries that made room, all of them between the second entry and the third.
    pub left_out: u32,
    /// The entries.
    pub entries: Vec<HistoryEntry>,
}

impl CaseHistory {
    /// Adds what happened last.
    pub fn push(&mut self, entry: HistoryEntry) {
        self.revision += u32::from(entry.what.is_decisive());
        if self.entries.len() >= HISTORY_MAX {
            self.entries.remove(BEGINNING);
            self.left_out += 1;
        }
        self.entries.push(entry);
    }

    /// The same with all words as they are shown, see [`shown`].
    #[must_use]
    pub fn shown(&self) -> Self {
        let entry = |e: &HistoryEntry| HistoryEntry {
            at: e.at,
            by: e.by.clone(),
            what: e.what.shown(),
        };
        Self {
            entries: self.entries.iter().map(entry).collect(),
            ..*self
        }
    }

    /// Says more exactly what the last entry was.
    pub(crate) fn correct_last(&mut self, what: HistoryKind) {
        if let Some(last) = self.entries.last_mut() {
            last.what = what;
        }
    }

    /// The last decisive entry.
    pub fn last_decisive(&self) -> Option<&HistoryEntry> {
        self.entries.iter().rfind(|e| e.what.is_decisive())
    }

    /// The last entry about a unit.
    pub fn last_about(&self, unit: UnitId) -> Option<&HistoryEntry> {
        self.entries.iter().rfind(|e| e.what.is_about(unit))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(at: i64, what: HistoryKind) -> HistoryEntry {
        HistoryEntry {
            at: Timestamp(at),
            by: Actor::System,
            what,
        }
    }

    #[test]
    fn a_long_history_keeps_its_beginning_and_its_end_and_counts_what_is_between() {
        let mut history = CaseHistory::default();
        history.push(entry(0, HistoryKind::Reported));
        history.push(entry(1, HistoryKind::Filed));
        for n in 2..200 {
            history.push(entry(n, HistoryKind::Dispatched(UnitId(n as u32))));
        }
        let at: Vec<i64> = history.entries.iter().map(|e| e.at.0).collect();
        assert_eq!((at.len(), history.left_out), (HISTORY_MAX, 136));
        assert_eq!((at[0], at[1], at[2], at[63]), (0, 1, 138, 199));
        assert_eq!(history.revision, 200, "what made room still counts");
    }

    #[test]
    fn a_revision_grows_with_what_changes_a_decision_and_with_nothing_else() {
        let unit = UnitId(3);
        let mut history = CaseHistory::default();
        for (what, revision) in [
            (HistoryKind::Filed, 1),
            (HistoryKind::Dispatched(unit), 2),
            (HistoryKind::Acknowledged(unit), 2),
            (HistoryKind::Overdue, 2),
            (HistoryKind::TookIn(CaseId(9)), 2),
            (HistoryKind::Recalled(unit), 3),
        ] {
            history.push(entry(0, what));
            assert_eq!(history.revision, revision);
        }
        let last = history.last_about(unit).map(|e| &e.what);
        assert_eq!(last, Some(&HistoryKind::Recalled(unit)));
        assert_eq!(history.last_about(UnitId(4)), None);
    }
}
