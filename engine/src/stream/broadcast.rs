//! What a world shows to its viewers: what its records touch, tick by tick.

use super::tick::{Beside, Gone};
use super::{HotspotWatch, Place, Portion, RATE_CLASSES, Recent, Tick, TileStream, View};
use super::{changed_things, changed_views, history_seen, person_seen};
use crate::ids::ThingId;
use crate::state::{Changes, State};
use crate::time::Timestamp;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The stream of one world. Its owner notes what its records do, and ends its ticks; the views of those who look are
/// kept beside it.
#[derive(Clone, Debug)]
pub struct Broadcast {
    /// Where open cases gather.
    pub hotspots: HotspotWatch,
    stream: TileStream,
    recent: Recent,
    ticks: u64,
    /// Where the round of portions is.
    round: Place,
    /// Touched since the last tick.
    changes: Changes,
}

impl Broadcast {
    /// Starts from a state without viewers; at most `recent_max` changed things are kept for clients that resume.
    pub fn new(state: &State, hotspots: HotspotWatch, recent_max: usize) -> Self {
        Self {
            hotspots,
            stream: TileStream::of(state),
            recent: Recent::new(state.seq(), recent_max),
            ticks: 0,
            round: Place::default(),
            changes: Changes::default(),
        }
    }

    /// Takes note of what records did to the state.
    pub fn note(&mut self, state: &State, changes: Changes) {
        self.stream.touch(state, &changes.movers);
        self.stream.describe(state, &changes.movers_described);
        self.changes.merge(changes);
    }

    /// The state is another one, that of `now`: what was noted is of no account. Every view must restart, and the rates
    /// be set again.
    pub fn restart(&mut self, state: &State, now: Timestamp) {
        self.changes = Changes::default();
        self.stream = TileStream::of(state);
        self.recent.clear(state.seq());
        self.hotspots.go_to(state, None, now);
    }

    /// True where somebody who has seen everything until record `seq` can go on without a snapshot.
    pub fn can_resume(&self, seq: u64) -> bool {
        self.recent.reaches(seq)
    }

    /// Forgets what changed before a state, for those who would resume.
    pub fn forget_recent(&mut self, state: &State) {
        self.recent.clear(state.seq());
    }

    /// The round of portions is here now.
    pub fn went_round(&mut self, place: Place) {
        self.round = place;
    }

    /// Gathers only for the rates of these views; `windows`: some of them look through a [`super::Window`], which follows
    /// every tick.
    pub fn set_rates<'v>(&mut self, views: impl Iterator<Item = &'v View>, windows: bool) {
        let mut active = [false; RATE_CLASSES.len()];
        active[0] = windows;
        for class in views.filter(|v| v.is_subscribed()).flat_map(View::classes) {
            active[class] = true;
        }
        self.stream.set_active(active);
    }

    /// Ends a tick: what was noted, for every rate that is due. `look` is false where nobody does.
    pub fn end_tick<'a>(&'a mut self, state: &'a State, now: Timestamp, look: bool) -> Tick<'a> {
        self.ticks += 1;
        let touched = core::mem::take(&mut self.changes);
        if touched.has_entities() {
            self.recent.push(state.seq(), changed_things(&touched));
        }
        if touched.sensors_retired {
            // That one is gone can be told by a snapshot alone.
            self.recent.clear(state.seq());
        }
        self.hotspots.note(state, None, &touched);
        let mut moved: [Option<_>; RATE_CLASSES.len()] = Default::default();
        for (class, ticks) in RATE_CLASSES.iter().enumerate() {
            if self.ticks.is_multiple_of(u64::from(*ticks)) {
                let frames = self.stream.take(state, class, now).into_iter();
                moved[class] = Some(frames.map(|f| (f.tile_id(), Arc::new(f))).collect());
            }
        }
        let mut changes: BTreeMap<_, Vec<_>> = BTreeMap::new();
        let mut beside: BTreeMap<_, Vec<_>> = BTreeMap::new();
        if look {
            for case in touched.cases.iter().map(|c| ThingId::Case(*c)) {
                let history = history_seen(state, None, case);
                beside.entry(Beside::Histories).or_default().extend(history);
                let person = person_seen(state, None, case);
                beside.entry(Beside::Persons).or_default().extend(person);
            }
            for (layer, view) in changed_views(state, &touched) {
                changes.entry(layer).or_default().push(view);
            }
        }
        Tick {
            number: self.ticks,
            state,
            now,
            stream: &self.stream,
            recent: &self.recent,
            through: None,
            gone: Gone {
                sensors: touched.sensors_retired,
                units: false,
            },
            touched,
            changes,
            beside,
            moved,
            round: self.round,
            portion: Portion::default(),
            cells: BTreeMap::new(),
            coarse: BTreeMap::new(),
        }
    }
}
