use crate::panels::console::{Kept, Pending, Refusal};
use bevy::prelude::Resource;
use chengtu_engine::ids::CaseId;
use chengtu_engine::record::World;
use chengtu_engine::stream::{CaseView, Mirror};
use chengtu_engine::workflow::{self, Act};

/// Most cases that are marked: all of them are named in one question.
pub const MARKED_MAX: usize = 10;

/// Cases that are marked, and what became of bundling them.
#[derive(Resource, Debug, Default)]
pub struct Bundling {
    pub(super) marks: Vec<Mark>,
    /// A case found no room among the marks.
    pub(super) is_full: bool,
    pub(super) sending: Vec<Pending>,
    /// Why cases were not bundled; on show until something else is marked.
    pub(super) refusals: Vec<Refusal>,
}

/// A case as it was when it was marked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    pub case: CaseId,
    revision: Option<u32>,
}

fn revision(mirror: &Mirror, case: CaseId) -> Option<u32> {
    mirror.histories.get(&case).map(|h| h.revision)
}

impl Mark {
    /// The case, where it is still as it was marked and can be bundled.
    pub fn holds<'a>(&self, mirror: &'a Mirror) -> Option<&'a CaseView> {
        let case = mirror.cases.get(&self.case)?;
        let same = revision(mirror, self.case) == self.revision;
        (same && workflow::allowed(case.stage, Act::Bundle)).then_some(case)
    }
}

impl Bundling {
    /// True for a case that is marked.
    pub fn is_marked(&self, case: CaseId) -> bool {
        self.marks.iter().any(|m| m.case == case)
    }

    /// The marked cases, in the order in which they were marked.
    pub fn cases(&self) -> impl Iterator<Item = CaseId> + '_ {
        self.marks.iter().map(|m| m.case)
    }

    /// Marks a case, or takes its mark away. What cannot be bundled is not marked.
    pub(super) fn toggle(&mut self, mirror: &Mirror, case: CaseId) {
        if self.is_marked(case) {
            self.unmark(case);
        } else {
            self.mark(mirror, case);
        }
    }

    /// Marks several; where all of them are marked, takes their marks away.
    pub(super) fn toggle_all(&mut self, mirror: &Mirror, cases: &[CaseId]) {
        let marked = cases.iter().all(|c| self.is_marked(*c));
        for case in cases {
            if marked {
                self.unmark(*case);
            } else if !self.is_marked(*case) {
                self.mark(mirror, *case);
            }
        }
    }

    pub(super) fn unmark(&mut self, case: CaseId) {
        self.marks.retain(|m| m.case != case);
        self.is_full = false;
    }

    fn mark(&mut self, mirror: &Mirror, case: CaseId) {
        let revision = revision(mirror, case);
        let mark = Mark { case, revision };
        if mark.holds(mirror).is_none() {
            return;
        }
        self.refusals.clear();
        self.is_full = self.marks.len() >= MARKED_MAX;
        if !self.is_full {
            self.marks.push(mark);
        }
    }

    /// Takes all marks away, and what is said of them; false where there are none.
    pub(super) fn clear(&mut self) -> bool {
        let any = !self.marks.is_empty() || !self.refusals.is_empty();
        self.marks.clear();
        self.refusals.clear();
        self.is_full = false;
        any
    }
}

impl Kept for Bundling {
    type Part = ();

    fn put_away(&self) {}

    fn put_back(&mut self, (): ()) {}

    /// Whichever world is entered, nothing is armed there.
    fn enter(&mut self, _world: World) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::panels::model::sample::{self, COVER};
    use chengtu_engine::model::Stage;

    #[test]
    fn what_cannot_be_bundled_is_not_marked_and_no_more_than_can_be_named() {
        let mut city = sample::city();
        let mut b = Bundling::default();
        b.toggle(&city, CaseId(999_999));
        assert_eq!(b.cases().count(), 0);
        for n in 0..MARKED_MAX as u64 + 2 {
            let mut twin = city.cases[&COVER].clone();
            twin.id = CaseId(9_000 + n);
            let id = twin.id;
            city.cases.insert(id, twin);
            b.toggle(&city, id);
        }
        assert!(b.is_full && b.cases().count() == MARKED_MAX);
        b.toggle(&city, CaseId(9_000));
        assert!(!b.is_full && !b.is_marked(CaseId(9_000)));
        city.cases.get_mut(&CaseId(9_001)).unwrap().stage = Stage::Void;
        let holds = |b: &Bundling| b.marks.iter().filter(|m| m.holds(&city).is_some()).count();
        assert_eq!(holds(&b), MARKED_MAX - 2);
        assert!(b.is_marked(CaseId(9_001)), "it is told, not dropped");
        // A cluster: all, then none.
        let pair = [CaseId(9_002), COVER];
        b.toggle_all(&city, &pair);
        assert!(pair.iter().all(|c| b.is_marked(*c)));
        b.toggle_all(&city, &pair);
        assert!(!pair.iter().any(|c| b.is_marked(*c)));
        assert!(b.clear() && !b.clear());
    }
}
