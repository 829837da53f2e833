//! Who looks at a world, and what each of them is sent. The running city, replays, forks and drills all show
//! themselves through this: what works in one works in all.
//!
//! The world that owns an audience notes what its records touch, ends its ticks, and says when its state is another one.

mod hotspots;
mod questions;
mod recent;
mod stream;
mod viewer;

pub use viewer::{Continue, Viewer};

use crate::city::City;
use crate::config::Config;
use crate::outbox::Outbox;
use crate::request::{Arrival, ViewRequest};
use bytes::Bytes;
use chengtu_engine::model::Actor;
use chengtu_engine::roads::Search;
use chengtu_engine::state::{Changes, State};
use chengtu_engine::stream::{
    EntityChange, RATE_CLASSES, ServerMessage, SnapshotReason, TileStream, WorldInfo,
};
use chengtu_engine::time::Timestamp;
use chengtu_protocol::{Encoding, encode_server};
use hotspots::HotspotWatch;
use recent::{Recent, Thing};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// The sessions of one world.
pub struct Audience {
    city: Arc<City>,
    lag_forgiven: Duration,
    resume_changes_max: usize,
    viewers: BTreeMap<u64, Viewer>,
    stream: TileStream,
    search: Search,
    recent: Recent,
    hotspots: HotspotWatch,
    ticks: u64,
    /// Touched since the last tick was shown.
    changes: Changes,
}

impl Audience {
    /// Nobody yet, before a state.
    pub fn new(city: Arc<City>, config: &Config, state: &State) -> Self {
        let bounds = city.rules.bounds;
        Self {
            lag_forgiven: Duration::from_secs(config.limits.lag_forgiven_s),
            resume_changes_max: config.limits.resume_changes_max,
            viewers: BTreeMap::new(),
            stream: TileStream::of(state),
            search: Search::new(),
            recent: Recent::new(state.seq(), config.limits.resume_changes_max),
            hotspots: HotspotWatch::new(bounds, config.hotspots.every_s, state),
            ticks: 0,
            changes: Changes::default(),
            city,
        }
    }

    /// How many sessions there are.
    pub fn len(&self) -> usize {
        self.viewers.len()
    }

    /// True without sessions.
    pub fn is_empty(&self) -> bool {
        self.viewers.is_empty()
    }

    /// A session.
    pub fn viewer(&self, session: u64) -> Option<&Viewer> {
        self.viewers.get(&session)
    }

    /// All sessions.
    pub fn viewers(&self) -> impl Iterator<Item = &Viewer> {
        self.viewers.values()
    }

    /// Takes note of what records did to the state; shown at the end of the tick.
    pub fn note(&mut self, state: &State, changes: Changes) {
        self.stream.touch(state, &changes.movers);
        self.changes.merge(changes);
    }

    /// What was noted and not shown is of no account: the state has gone back, or to another moment, `now`. Everybody
    /// gets a snapshot with this reason.
    pub fn begin_anew(&mut self, state: &State, now: Timestamp, reason: SnapshotReason) {
        self.changes = Changes::default();
        self.stream = TileStream::of(state);
        self.recent = Recent::new(state.seq(), self.resume_changes_max);
        self.hotspots.begin_anew(state, now);
        self.activate();
        for v in self.viewers.values_mut() {
            v.next = Some(Continue::Afresh(reason));
        }
    }

    /// True where somebody who has seen everything until record `seq` can go on without a snapshot.
    pub fn can_resume(&self, seq: u64) -> bool {
        self.recent.since(seq).is_some()
    }

    /// Forgets what changed before a state, for those who would resume.
    pub fn forget_recent(&mut self, state: &State) {
        self.recent = Recent::new(state.seq(), self.resume_changes_max);
    }

    /// Somebody is here, and goes on as `next` says.
    pub fn join(&mut self, arrival: Arrival, actor: Option<Actor>, next: Continue) {
        let viewer = Viewer::new(arrival, actor, next);
        self.viewers.insert(viewer.outbox.id, viewer);
        self.activate();
    }

    /// Somebody comes from another world: is told where it is, and gets a snapshot.
    pub fn enter(&mut self, arrival: Arrival, actor: Option<Actor>, info: WorldInfo) {
        let id = arrival.outbox.id;
        let clock = info.clock;
        let next = Continue::Afresh(SnapshotReason::Subscribed);
        self.join(arrival, actor, next);
        if let Some(v) = self.viewers.get(&id) {
            v.tell(&ServerMessage::Entered(Box::new(info)));
            if let Some(clock) = clock {
                v.tell(&ServerMessage::Clock(clock));
            }
        }
    }

    /// Closes or opens edges of the road graph for rankings and routes of this world.
    pub fn close_roads(&mut self, edges: &[u32], closed: bool) {
        for edge in edges {
            self.search.set_closed(*edge, closed);
        }
    }

    /// Sends everybody the same message.
    pub fn tell_all(&self, m: &ServerMessage) {
        let mut encoded: [Option<Bytes>; Encoding::ALL.len()] = Default::default();
        for v in self.viewers.values() {
            let encoding = v.outbox.encoding;
            let bytes =
                encoded[encoding as usize].get_or_insert_with(|| encode_server(encoding, m).into());
            v.outbox.tell(v.stay, bytes.clone());
        }
    }

    /// Does what a session asks of what it looks at. Questions are answered from `state` at `now`, the world's time.
    pub fn take(&mut self, request: ViewRequest, state: &State, now: Timestamp) {
        match request {
            ViewRequest::Subscribe {
                session,
                subscription,
            } => {
                if let Some(v) = self.viewers.get_mut(&session) {
                    v.subscribe(subscription);
                    self.activate();
                }
            }
            ViewRequest::Resync { session } => {
                if let Some(v) = self.viewers.get_mut(&session) {
                    v.next = Some(Continue::Afresh(SnapshotReason::Asked));
                }
            }
            ViewRequest::Leave { session } => {
                if self.viewers.remove(&session).is_some() {
                    self.activate();
                }
            }
            ViewRequest::Rank {
                session,
                request,
                case,
            } => self.rank(session, request, case, state, now),
            ViewRequest::Route {
                session,
                request,
                unit,
                to,
            } => self.route(session, request, unit, to, state),
        }
    }

    /// Ends a tick, ten times a second: shows what was noted, and what was asked for.
    pub fn end_tick(&mut self, state: &State, now: Timestamp) {
        self.ticks += 1;
        let before = self.viewers.len();
        self.viewers.retain(|_, v| !v.outbox.is_gone());
        if self.viewers.len() != before {
            self.activate();
        }
        let changes = core::mem::take(&mut self.changes);
        if changes.has_entities() {
            self.recent.push(state.seq(), recent::things(&changes));
        }
        self.watch_hotspots(state, &changes, now);
        let views = if self.viewers.is_empty() {
            Vec::new()
        } else {
            views(state, &changes)
        };
        self.show(state, now, views);
    }

    /// Gathers only for rates that somebody uses.
    fn activate(&mut self) {
        let mut active = [false; RATE_CLASSES.len()];
        for v in self.viewers.values().filter(|v| v.subscribed) {
            active[v.class] = true;
            active[v.class_wanted] = true;
        }
        self.stream.set_active(active);
    }

    /// Ends every session with a WebSocket close code.
    pub fn close_all(&mut self, code: u16, text: &str) {
        for v in self.viewers.values() {
            v.outbox.close(code, text);
        }
    }
}

/// What a tick touched, ready to be shown.
fn views(state: &State, changes: &Changes) -> Vec<(Thing, EntityChange)> {
    recent::things(changes)
        .filter_map(|thing| {
            let view = match thing {
                Thing::Sensor(id) if !changes.sensors_described.contains(&id) => {
                    let s = state.sensor(id)?;
                    EntityChange::Reading {
                        sensor: id,
                        state: s.state,
                        reading: s.latest?,
                        result_time: s.result_time,
                    }
                }
                other => other.view(state)?,
            };
            Some((thing, view))
        })
        .collect()
}

/// Tells a person something about their connection.
pub fn notice(outbox: &Outbox, code: u16, text: String) {
    let m = ServerMessage::Notice { code, text };
    outbox.answer(&m);
}
