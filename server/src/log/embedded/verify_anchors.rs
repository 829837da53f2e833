//! What the chain says of what was published of a log, while it is verified.

use super::chain::Link;
use super::verify::Pass;

/// Where a log is not the one of which something was published.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Strayed {
    /// The first record that the trail knows as another.
    first: Option<u64>,
    /// The last record whose anchor is held.
    held: Option<u64>,
    /// An anchor has been found that is not held.
    told: bool,
}

impl Pass {
    /// Holds what was published of a record against the chain there.
    pub(super) fn hold_published(&mut self, seq: u64, link: Link) {
        let epoch = self.epoch.unwrap_or(0) as u64;
        if self.strayed.first.is_none()
            && self.published.trail.knows(epoch, seq, &link) == Some(false)
        {
            self.strayed.first = Some(seq);
        }
        if self.published.anchors.is_empty() {
            return;
        }
        let (here, rest) = core::mem::take(&mut self.published.anchors)
            .into_iter()
            .partition(|a| a.seq == seq && a.epoch == epoch);
        self.published.anchors = rest;
        for anchor in here {
            if anchor.link == link {
                self.done.anchors += 1;
                self.strayed.held = Some(seq);
            } else {
                self.strayed_before(seq);
            }
        }
    }

    /// An anchor is not held: the log is another one from some record on.
    fn strayed_before(&mut self, seq: u64) {
        let words = "the log does not hold the anchor: it, or something before it, was rewritten after the anchor was given";
        // Later anchors say no more than the first one that is not held.
        let first = self.strayed.first.filter(|first| *first <= seq);
        let (records, where_from) = match (self.strayed.told, first, self.strayed.held) {
            (true, ..) => ((seq, seq), String::new()),
            (_, Some(first), _) => (
                (first, first),
                format!("; the first record that is another one is {first}"),
            ),
            (_, None, held) => {
                let from = held.map_or(self.first.unwrap_or(1), |held| held + 1);
                let words = format!("; the first that is another one is among {from} to {seq}");
                ((from, seq), words)
            }
        };
        self.strayed.told = true;
        self.find(
            Some(records),
            None,
            format!("record {seq}: {words}{where_from}"),
        );
    }

    /// What is to be said of what no record was held against.
    pub(super) fn published_left(&mut self) {
        if let Some(first) = self.strayed.first.filter(|_| !self.strayed.told) {
            let words = format!(
                "record {first}: it is not the record whose trail was kept, and there is no anchor behind it: the log was rewritten from here on, or the trail was"
            );
            self.find(Some((first, first)), None, words);
        }
        let epoch = self.done.epoch;
        let end = self.done.end.map_or(0, |e| e.0);
        let trail = &self.published.trail;
        if epoch.is_some_and(|epoch| trail.is_of_another(epoch)) {
            let words = "the trail is of another log, or part of it".to_owned();
            self.find(None, None, words);
        } else if let Some(last) = trail.last().filter(|last| *last > end) {
            let words =
                format!("the log ends at record {end}, and its trail at {last}: its end was cut");
            self.find(Some((end + 1, last)), None, words);
        }
        for anchor in core::mem::take(&mut self.published.anchors) {
            let seq = anchor.seq;
            if Some(anchor.epoch) != epoch {
                let words = format!(
                    "the anchor of record {seq} is of another log: its epoch is {}",
                    anchor.epoch
                );
                self.find(None, None, words);
            } else if seq > end {
                let words = format!(
                    "the log ends at record {end}, and there was a record {seq} when the anchor was given: its end was cut"
                );
                self.find(Some((end + 1, seq)), None, words);
            } else if self.first.is_none_or(|first| seq < first) {
                let words = format!(
                    "the anchor of record {seq} cannot be held against anything: the days up to it are not here"
                );
                self.unproven(seq, words);
            } else {
                let words = format!(
                    "the anchor of record {seq} cannot be held against anything: the chain is broken or missing there"
                );
                self.unproven(seq, words);
            }
        }
    }
}
