//! What each session has been sent: whoever comes back can go on only where nothing is missing of what it looks at.

use super::{Layer, Update, View};
use std::collections::{BTreeSet, VecDeque};

/// Choices of layers that are remembered of one session.
const CHOICES_MAX: usize = 16;

/// What one session has been sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent<W> {
    /// Whose session it is.
    who: W,
    /// Whether it was sent the histories of cases.
    histories: bool,
    /// From which record on it was sent which layers, oldest first; two that follow one another differ.
    choices: VecDeque<(u64, BTreeSet<Layer>)>,
    /// The last record that was sent.
    last: u64,
}

impl<W> Sent<W> {
    /// Nothing yet.
    pub fn new(who: W, histories: bool) -> Self {
        Self {
            who,
            histories,
            choices: VecDeque::new(),
            last: 0,
        }
    }

    /// It goes on after record `seq` with what it has been sent before.
    pub fn go_on(&mut self, seq: u64, layers: BTreeSet<Layer>) {
        self.choices = VecDeque::from([(seq, layers)]);
        self.last = seq;
    }

    /// Something is sent, of a tick that ends at record `seq`.
    pub fn note(&mut self, view: &View, update: &Update, seq: u64) {
        let is_whole = match update {
            Update::Snapshot(_) => true,
            // Until everything has been told its client has seen nothing.
            Update::Begin(_) => return,
            Update::Frame(parts) => match &parts.portion {
                Some(portion) if !portion.last => return,
                portion => portion.is_some(),
            },
        };
        self.last = seq;
        if !is_whole {
            return;
        }
        if self.choices.back().is_none_or(|(_, l)| l != view.layers()) {
            self.choices.push_back((seq, view.layers().clone()));
        }
        if self.choices.len() > CHOICES_MAX {
            self.choices.pop_front();
        }
    }

    /// True where a client of this session may have seen record `seq` last.
    fn covers(&self, seq: u64) -> bool {
        self.choices.front().is_some_and(|(from, _)| *from <= seq) && seq <= self.last
    }

    /// The layers that a client had that saw record `seq` last; `None` where it may have been one choice or another.
    fn layers_at(&self, seq: u64) -> Option<&BTreeSet<Layer>> {
        let after = self.choices.partition_point(|(from, _)| *from <= seq);
        let (from, layers) = self.choices.get(after.checked_sub(1)?)?;
        // With the number that it had before a client may be from before or after the change.
        (*from < seq || after == 1).then_some(layers)
    }
}

/// What sessions that have ended were sent.
#[derive(Clone, Debug)]
pub struct Seen<W> {
    ended: VecDeque<Sent<W>>,
    limit: usize,
    /// Of sessions that saw no more than this record it is not known any more what they were sent.
    forgotten: Option<u64>,
}

impl<W: PartialEq> Seen<W> {
    /// Of at most `limit` sessions.
    pub fn new(limit: usize) -> Self {
        Self {
            ended: VecDeque::new(),
            limit,
            forgotten: None,
        }
    }

    /// A session has ended.
    pub fn keep(&mut self, sent: Sent<W>) {
        if sent.choices.is_empty() {
            return;
        }
        self.ended.push_back(sent);
        if self.ended.len() > self.limit
            && let Some(oldest) = self.ended.pop_front()
        {
            self.forgotten = self.forgotten.max(Some(oldest.last));
        }
    }

    /// The layers of a client of `who` that saw record `seq` last, where that is certain: of all sessions that it may
    /// have been, those of `connected` too (a cut line may not have been noticed yet), the layers are the same.
    pub fn layers<'s>(
        &'s self,
        who: &W,
        histories: bool,
        seq: u64,
        connected: impl Iterator<Item = &'s Sent<W>>,
    ) -> Option<BTreeSet<Layer>> {
        if self.forgotten.is_some_and(|last| seq <= last) {
            return None;
        }
        let all = self.ended.iter().chain(connected);
        let mut same = None;
        for sent in all.filter(|s| s.who == *who && s.covers(seq)) {
            let layers = sent.layers_at(seq)?;
            if sent.histories != histories || same.is_some_and(|l| l != layers) {
                return None;
            }
            same = Some(layers);
        }
        same.cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stream::{Continue, SnapshotReason, Subscription};

    fn view(layers: &[Layer]) -> View {
        let mut view = View::new(Continue::Afresh(SnapshotReason::Subscribed));
        view.subscribe(Subscription {
            viewport: None,
            layers: layers.to_vec(),
            rate_hz: 10.0,
        });
        view
    }

    fn sent(who: &'static str, snapshots: &[(u64, &[Layer])], last: u64) -> Sent<&'static str> {
        let mut sent = Sent::new(who, true);
        for (seq, layers) in snapshots {
            let snapshot = Update::Snapshot(SnapshotReason::Subscribed);
            sent.note(&view(layers), &snapshot, *seq);
        }
        sent.last = last;
        sent
    }

    #[test]
    fn nobody_goes_on_with_layers_that_were_never_sent() {
        let (cases, units) = ([Layer::Cases], [Layer::Cases, Layer::Units]);
        let set = |layers: &[Layer]| Some(layers.iter().copied().collect::<BTreeSet<_>>());
        let mut seen = Seen::new(9);
        let li = [(10, &cases[..]), (20, &units[..]), (20, &units[..])];
        seen.keep(sent("li", &li, 30));
        let at = |seen: &Seen<_>, who, seq| seen.layers(&who, true, seq, core::iter::empty());
        assert_eq!(at(&seen, "li", 9), None);
        assert_eq!(at(&seen, "li", 10), set(&cases));
        assert_eq!(at(&seen, "li", 19), set(&cases));
        // It may have got the snapshot or not.
        assert_eq!(at(&seen, "li", 20), None);
        assert_eq!(at(&seen, "li", 21), set(&units));
        assert_eq!(at(&seen, "li", 31), None);
        assert_eq!(at(&seen, "wang", 25), None);
        assert_eq!(seen.layers(&"li", false, 25, core::iter::empty()), None);
        // Another desk of the same person, with other layers: it may have been either.
        let other = sent("li", &[(24, &cases[..])], 26);
        assert_eq!(seen.layers(&"li", true, 25, [&other].into_iter()), None);
        assert_eq!(
            seen.layers(&"li", true, 27, [&other].into_iter()),
            set(&units)
        );
    }

    #[test]
    fn what_is_forgotten_is_known_to_be_forgotten() {
        let mut seen = Seen::new(2);
        for last in [30, 20, 40] {
            seen.keep(sent("li", &[(10, &[Layer::Cases][..])], last));
        }
        let at = |seq| seen.layers(&"li", true, seq, core::iter::empty());
        assert!(at(30).is_none() && at(31).is_some() && at(41).is_none());
    }
}
