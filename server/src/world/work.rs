//! Rows of feeds: taken in slices, so that nobody waits for a large batch but whoever sent it.

use super::LiveCity;
use super::batches::Sender;
use super::tick::Tick;
use crate::request::{
    CaseRow, FeedData, FixBatch, ObservationRow, Posted, Taken, Unavailable, count_taken,
    count_untaken,
};
use chengtu_engine::ids::FeedId;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// Fixes of one slice: about 2 ms of work.
const SLICE_FIXES: usize = 2_048;
/// Readings of one slice.
const SLICE_READINGS: usize = 512;
/// Cases of one slice; each has its address looked up.
const SLICE_CASES: usize = 16;
/// A reading takes about the time of so many fixes, a case that of so many.
const READING_FIXES: usize = 4;
const CASE_FIXES: usize = 256;
/// Rows of one feed that may wait beside the batch that is being taken; a batch beyond that is refused, and the answer
/// says so.
pub(super) const FEED_ROWS_WAITING_MAX: usize = 500_000;
/// Rows of all feeds that may wait; beyond that, feeds wait at the door.
const ROWS_WAITING_MAX: usize = 2_000_000;

/// A batch, as it is taken slice by slice.
pub(super) struct Work {
    /// Counts the batches.
    ticket: u64,
    sender: Sender,
    rest: Rest,
    /// The door that it came by.
    door: &'static str,
    /// Rows that it brought and that could be read.
    rows: usize,
}

/// A batch of which everything has been taken, or will not be.
pub(super) struct Finished {
    ticket: u64,
    sender: Sender,
    /// Its feed.
    name: Arc<str>,
    /// The door that it came by.
    door: &'static str,
    /// Rows that could be read.
    rows: usize,
}

/// What of a batch is still to be taken.
enum Rest {
    Fixes(FixBatch, usize),
    Observations(std::vec::IntoIter<ObservationRow>),
    Cases(std::vec::IntoIter<CaseRow>),
}

impl From<FeedData> for Rest {
    fn from(data: FeedData) -> Self {
        match data {
            FeedData::Fixes(batch) => Self::Fixes(batch, 0),
            FeedData::Observations(rows) => Self::Observations(rows.into_iter()),
            FeedData::Cases(rows) => Self::Cases(rows.into_iter()),
        }
    }
}

impl Rest {
    fn len(&self) -> usize {
        match self {
            Self::Fixes(batch, taken) => batch.rows.len() - taken,
            Self::Observations(rows) => rows.len(),
            Self::Cases(rows) => rows.len(),
        }
    }
}

/// What has become of a batch so far.
#[derive(Default)]
pub(super) struct Outcome {
    pub taken: Taken,
    /// Why the rest of it is not taken.
    pub failed: Option<Unavailable>,
    /// Rows that could not be read.
    unread: u64,
}

/// Batches of one feed, in their order.
struct OfFeed {
    name: Arc<str>,
    batches: VecDeque<Work>,
    rows: usize,
}

/// All batches that wait or are being taken.
#[derive(Default)]
pub(super) struct Waiting {
    /// One slice of each feed after the other.
    feeds: VecDeque<OfFeed>,
    rows: usize,
    tickets: u64,
    /// By ticket, until the batch is answered.
    pub outcomes: BTreeMap<u64, Outcome>,
}

impl Waiting {
    /// True where no batch waits.
    pub fn is_empty(&self) -> bool {
        self.feeds.is_empty()
    }

    /// True where no more batches should be let in.
    pub fn is_full(&self) -> bool {
        self.rows >= ROWS_WAITING_MAX
    }

    /// Lets a batch in, or refuses it.
    pub fn push(&mut self, feed: &str, posted: Posted, sender: Sender) {
        let sent = posted.rows();
        let Posted { door, data, unread } = posted;
        let rest = Rest::from(data);
        let rows = rest.len();
        let at = self.feeds.iter().position(|f| &*f.name == feed);
        let at = at.unwrap_or_else(|| {
            self.feeds.push_back(OfFeed {
                name: feed.into(),
                batches: VecDeque::new(),
                rows: 0,
            });
            self.feeds.len() - 1
        });
        let of = &mut self.feeds[at];
        if !of.batches.is_empty() && of.rows + rows > FEED_ROWS_WAITING_MAX {
            let why = Unavailable::Busy(format!(
                "{} rows of this feed wait already; send the next batch when the last one was answered",
                of.rows
            ));
            count_untaken(Some(feed), door, sent, &why);
            return sender.refuse(why);
        }
        of.rows += rows;
        self.rows += rows;
        self.tickets += 1;
        let outcome = self.outcomes.entry(self.tickets).or_default();
        outcome.unread = unread.count;
        outcome.taken.problems = unread;
        of.batches.push_back(Work {
            ticket: self.tickets,
            sender,
            rest,
            door,
            rows,
        });
    }

    /// The next batch to take a slice of, with its feed's name.
    fn next(&mut self) -> Option<(Arc<str>, Work)> {
        let mut of = self.feeds.pop_front()?;
        let work = of.batches.pop_front()?;
        let name = of.name.clone();
        self.feeds.push_front(of);
        Some((name, work))
    }

    /// Puts back what is left of a batch after a slice, and lets the next feed have its turn.
    fn put_back(&mut self, work: Option<Work>, rows: usize) {
        let Some(mut of) = self.feeds.pop_front() else {
            return;
        };
        of.rows = of.rows.saturating_sub(rows);
        self.rows = self.rows.saturating_sub(rows);
        if let Some(work) = work {
            of.batches.push_front(work);
        }
        if !of.batches.is_empty() {
            self.feeds.push_back(of);
        }
    }
}

impl LiveCity {
    /// Takes one slice of the batch whose turn it is.
    pub(super) fn take_slice(&mut self, tick: &mut Tick) {
        let Some((name, mut work)) = self.pending.data.next() else {
            return;
        };
        let before = work.rest.len();
        let result = match self.feed_id(&name, tick) {
            Ok(feed) => self.take_slice_of(feed, &mut work, tick),
            Err(why) => Err(why),
        };
        if let Err(why) = result {
            self.outcome(work.ticket).failed = Some(why);
        }
        let failed = self.outcome(work.ticket).failed.is_some();
        let (left, of_all) = (work.rest.len(), work.rows);
        if left == 0 || failed {
            // Before the first slice the whole of it waited.
            let rows = if failed { before } else { before - left };
            tick.finished.push(Finished {
                ticket: work.ticket,
                sender: work.sender,
                name,
                door: work.door,
                rows: work.rows,
            });
            self.pending.data.put_back(None, rows);
        } else {
            debug_assert!(left < of_all, "a slice takes something");
            self.pending.data.put_back(Some(work), before - left);
        }
    }

    fn take_slice_of(
        &mut self,
        feed: FeedId,
        work: &mut Work,
        tick: &mut Tick,
    ) -> Result<(), Unavailable> {
        let ticket = work.ticket;
        let taken = match &mut work.rest {
            Rest::Fixes(batch, at) => {
                if *at == 0 {
                    let read = core::mem::take(&mut batch.problems);
                    self.outcome(ticket).taken.problems.append(read);
                }
                let slice = *at..(*at + SLICE_FIXES).min(batch.rows.len());
                *at = slice.end;
                return self.gather_fixes(feed, batch, slice, ticket, tick);
            }
            Rest::Observations(rows) => {
                let slice: Vec<_> = rows.by_ref().take(SLICE_READINGS).collect();
                tick.rows += slice.len() * READING_FIXES;
                self.take_observations(feed, slice, tick)
            }
            Rest::Cases(rows) => {
                let slice: Vec<_> = rows.by_ref().take(SLICE_CASES).collect();
                tick.rows += slice.len() * CASE_FIXES;
                self.take_reports(feed, slice, tick)
            }
        };
        let taken = taken.map_err(Unavailable::Stopped)?;
        let so_far = &mut self.outcome(ticket).taken;
        so_far.accepted += taken.accepted;
        so_far.outside += taken.outside;
        so_far.old += taken.old;
        so_far.problems.append(taken.problems);
        so_far.cases.extend(taken.cases);
        Ok(())
    }

    /// What has become of a batch so far.
    pub(super) fn outcome(&mut self, ticket: u64) -> &mut Outcome {
        self.pending.data.outcomes.entry(ticket).or_default()
    }

    /// Prepares the answers to batches of which everything has been taken.
    pub(super) fn answer_finished(&mut self, tick: &mut Tick) {
        for finished in core::mem::take(&mut tick.finished) {
            let outcomes = &mut self.pending.data.outcomes;
            let outcome = outcomes.remove(&finished.ticket).unwrap_or_default();
            let Finished { name, door, .. } = &finished;
            if let Some(why) = outcome.failed {
                // Where not even the feed is known there may be any number of such names.
                let known = self.state.feed(name).map(|_| &**name);
                let rows = finished.rows as u64 + outcome.unread;
                count_untaken(known, door, rows, &why);
                finished.sender.refuse(why);
                continue;
            }
            let mut taken = outcome.taken;
            taken.seq = self.state.seq();
            count_taken(name, door, &taken);
            tick.answers.push(finished.sender.answer(taken));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::Problems;
    use tokio::sync::oneshot;

    fn cases(n: usize) -> FeedData {
        let row = |row: usize| CaseRow {
            row: row as u32,
            key: String::new(),
            class: String::new(),
            severity: None,
            position: chengtu_engine::geo::Position::new(0, 0),
            address: String::new(),
            note: String::new(),
            occurred_at: None,
            filed_at: None,
        };
        FeedData::Cases((0..n).map(row).collect())
    }

    #[test]
    fn a_feed_that_sends_much_has_its_turn_as_the_others_and_no_more() {
        let mut waiting = Waiting::default();
        let mut push = |feed: &str, n| {
            let (reply, answer) = oneshot::channel();
            let posted = Posted {
                door: "cases",
                data: cases(n),
                unread: Problems::default(),
            };
            waiting.push(feed, posted, Sender::Feed(reply));
            answer
        };
        let large = push("much", FEED_ROWS_WAITING_MAX + 1);
        let mut refused = push("much", 10);
        let honest = push("little", 10);
        assert!(refused.try_recv().unwrap().is_err());
        let mut turns = Vec::new();
        while let Some((name, mut work)) = waiting.next() {
            turns.push(name.to_string());
            let before = work.rest.len();
            if let Rest::Cases(rows) = &mut work.rest {
                rows.by_ref().take(200_000).for_each(drop);
            }
            let left = work.rest.len();
            waiting.put_back(Some(work).filter(|_| left > 0), before - left);
        }
        assert_eq!(turns, ["much", "little", "much", "much"]);
        assert!(waiting.is_empty() && waiting.rows == 0);
        drop((large, honest));
    }
}
