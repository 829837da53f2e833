use crate::ids::ThingId;
use std::collections::VecDeque;

/// What changed lately and at which record, for clients that come back after a short absence.
#[derive(Clone, Debug)]
pub struct Recent {
    kept: VecDeque<(u64, ThingId)>,
    limit: usize,
    /// Everything after this record is here.
    complete_after: u64,
}

impl Recent {
    /// Nothing has changed since record `seq`; at most `limit` changes are kept.
    pub fn new(seq: u64, limit: usize) -> Self {
        Self {
            kept: VecDeque::new(),
            limit,
            complete_after: seq,
        }
    }

    /// Nothing has changed since record `seq`.
    pub fn clear(&mut self, seq: u64) {
        *self = Self::new(seq, self.limit);
    }

    /// Adds what a tick that ended at record `seq` touched.
    pub fn push(&mut self, seq: u64, things: impl Iterator<Item = ThingId>) {
        self.kept.extend(things.map(|t| (seq, t)));
        while self.kept.len() > self.limit {
            if let Some((dropped, _)) = self.kept.pop_front() {
                self.complete_after = dropped;
            }
        }
    }

    /// True where all that changed after record `seq` is known.
    pub fn reaches(&self, seq: u64) -> bool {
        seq >= self.complete_after
    }

    /// What changed after record `seq`, each thing once; `None` if that is no longer known.
    pub fn since(&self, seq: u64) -> Option<Vec<ThingId>> {
        if !self.reaches(seq) {
            return None;
        }
        let mut out: Vec<ThingId> = self
            .kept
            .iter()
            .filter(|(s, _)| *s > seq)
            .map(|(_, t)| *t)
            .collect();
        out.sort_unstable();
        out.dedup();
        Some(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::CaseId;

    #[test]
    fn what_is_forgotten_is_known_to_be_forgotten() {
        let mut r = Recent::new(10, 3);
        let case = |n| ThingId::Case(CaseId(n));
        assert_eq!(r.since(10), Some(vec![]));
        assert_eq!(r.since(9), None);
        r.push(12, [case(1), case(2)].into_iter());
        r.push(15, [case(1)].into_iter());
        assert_eq!(r.since(10), Some(vec![case(1), case(2)]));
        assert_eq!(r.since(12), Some(vec![case(1)]));
        r.push(20, [case(3)].into_iter());
        assert_eq!(r.since(11), None);
        assert_eq!(r.since(12), Some(vec![case(1), case(3)]));
    }
}
