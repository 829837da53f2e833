//! Which cases are open on the desks of a world. Not part of the log or of any state: it is looked up from the sessions
//! when there is time, and forgotten with them.

use super::Viewer;
use chengtu_engine::drill::Seat;
use chengtu_engine::ids::CaseId;
use chengtu_engine::model::Actor;
use chengtu_engine::state::State;
use chengtu_engine::stream::{DESKS_MAX, OpenCase, ServerMessage};
use chengtu_engine::time::Timestamp;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// Told no more often than this, however often cases are opened.
const EVERY: Duration = Duration::from_millis(500);

/// What is known of the desks of a world.
#[derive(Debug, Default)]
pub(super) struct Presence {
    looked: Option<Instant>,
    /// By session: the case on its screen, and since when.
    open: BTreeMap<u64, (CaseId, Timestamp)>,
    list: Vec<OpenCase>,
    more: u32,
    /// Counts the lists; 0: nothing was ever open.
    version: u64,
}

/// The name of a desk that takes part in a world: acts are done in it, and it is told of the others. Who only looks on
/// has none.
fn desk(viewer: &Viewer) -> Option<&str> {
    match &viewer.actor {
        Some(Actor::Operator(name)) if viewer.seat != Seat::Viewer => Some(name),
        _ => None,
    }
}

impl Presence {
    /// Looks at what is open, if it is time.
    pub fn look(&mut self, viewers: &BTreeMap<u64, Viewer>, state: &State, now: Timestamp) {
        if self.looked.is_some_and(|at| at.elapsed() < EVERY) {
            return;
        }
        self.looked = Some(Instant::now());
        let before = core::mem::take(&mut self.open);
        let mut list = Vec::new();
        for (id, viewer) in viewers {
            let Some(name) = desk(viewer) else { continue };
            let open = viewer.outbox.open_case(viewer.stay);
            let Some(case) = open.filter(|c| state.case(*c).is_some()) else {
                continue;
            };
            let same = before.get(id).filter(|(c, _)| *c == case);
            let since = same.map_or(now, |(_, since)| *since);
            self.open.insert(*id, (case, since));
            let by = name.to_owned();
            list.push(OpenCase { by, case, since });
        }
        list.sort_by(|a, b| b.since.cmp(&a.since).then_with(|| a.by.cmp(&b.by)));
        let more = list.len().saturating_sub(DESKS_MAX) as u32;
        list.truncate(DESKS_MAX);
        if (&list, more) != (&self.list, self.more) {
            (self.list, self.more) = (list, more);
            self.version += 1;
        }
    }

    /// True where this one is to be told the list, and has not been told this one.
    pub fn is_due(&self, viewer: &Viewer) -> bool {
        viewer.told_desks != self.version
            && viewer.outbox.subprotocol.has_desks()
            && desk(viewer).is_some()
    }

    /// Counts the lists that there were.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// What is told to whoever sees some cases alone.
    pub fn message_of(&self, sees: impl Fn(CaseId) -> bool) -> ServerMessage {
        let list = self.list.iter().filter(|o| sees(o.case)).cloned().collect();
        // How many more there are would count what is not seen.
        ServerMessage::Desks { list, more: 0 }
    }

    /// What is told.
    pub fn message(&self) -> ServerMessage {
        ServerMessage::Desks {
            list: self.list.clone(),
            more: self.more,
        }
    }
}
