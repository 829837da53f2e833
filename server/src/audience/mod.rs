//! Who looks at a world, and what each of them is sent. The running city, replays, forks and drills all show
//! themselves through this: what works in one works in all.
//!
//! The world that owns an audience notes what its records touch, ends its ticks, and says when its state is another
//! one. What follows for each view is the engine's part ([`chengtu_engine::stream::Broadcast`]); here it is encoded
//! once for all who share it, and put where the sessions take it from.

mod beginnings;
mod closed;
mod encoded;
mod hotspots;
mod presence;
mod questions;
mod viewer;

pub use chengtu_engine::stream::Continue;
pub use viewer::Viewer;

use crate::access::PrincipalId;
use crate::city::City;
use crate::clock::TICK_MS;
use crate::config::Config;
use crate::outbox::{Close, Out, Outbox};
use crate::request::{Arrival, ViewRequest};
use beginnings::{Pace, is_large};
use bytes::Bytes;
use chengtu_engine::code::Code;
use chengtu_engine::model::Actor;
use chengtu_engine::roads::Search;
use chengtu_engine::state::{Changes, State};
use chengtu_engine::stream::{Broadcast, Layer, Seen, ServerMessage, SnapshotReason, WorldInfo};
use chengtu_engine::time::Timestamp;
use chengtu_protocol::{Encoding, encode_server};
use closed::ClosedRoads;
use encoded::Encoded;
use hotspots::HotspotPace;
use presence::Presence;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Coarse counts are sent no more often than this, ticks.
const COARSE_TICKS: u64 = 1_000 / TICK_MS as u64;

/// Sessions that have ended of which it is remembered what they were sent.
const SEEN_MAX: usize = 4_096;

/// Time of a tick for those who begin to look, or begin anew; whoever has to wait begins in a later tick. One always
/// begins.
const BEGINNINGS_SHARE: Duration = Duration::from_millis(20);

/// The sessions of one world.
pub struct Audience {
    city: Arc<City>,
    lag_forgiven: Duration,
    viewers: BTreeMap<u64, Viewer>,
    broadcast: Broadcast,
    search: Search,
    hotspots: HotspotPace,
    presence: Presence,
    closed: ClosedRoads,
    seen: Seen<PrincipalId>,
    /// How those who begin in a large city are told of it; `None`: always all at once.
    pace: Option<Pace>,
    /// Who began to look last, so that all have their turn.
    begun_last: u64,
}

impl Audience {
    /// Nobody yet, before a state.
    pub fn new(city: Arc<City>, config: &Config, state: &State) -> Self {
        let every_s = config.hotspots.every_s;
        let watch = hotspots::watch(&city, every_s, state);
        Self {
            lag_forgiven: Duration::from_secs(config.limits.lag_forgiven_s),
            viewers: BTreeMap::new(),
            broadcast: Broadcast::new(state, watch, config.limits.resume_changes_max),
            search: Search::new(),
            hotspots: HotspotPace::new(every_s),
            presence: Presence::default(),
            closed: ClosedRoads::default(),
            seen: Seen::new(SEEN_MAX),
            pace: None,
            begun_last: 0,
            city,
        }
    }

    /// The same, where whoever begins is told a large city in portions: nobody who commands waits for them.
    #[must_use]
    pub fn in_portions(self) -> Self {
        let pace = Some(Pace::default());
        Self { pace, ..self }
    }

    /// How many sessions there are.
    pub fn len(&self) -> usize {
        self.viewers.len()
    }

    /// True without sessions.
    pub fn is_empty(&self) -> bool {
        self.viewers.is_empty()
    }

    /// The viewer of a session; `None` if it is not in this world.
    pub fn viewer(&self, session: u64) -> Option<&Viewer> {
        self.viewers.get(&session)
    }

    /// The viewers of this world, by session number.
    pub fn viewers(&self) -> impl Iterator<Item = &Viewer> {
        self.viewers.values()
    }

    /// Takes note of what records did to the state; sent at the end of the tick.
    pub fn note(&mut self, state: &State, changes: Changes) {
        if changes.sensors_retired {
            // Frames do not say that a sensor is gone; snapshots do, for which there is a time of each tick.
            let looking = self.viewers.values_mut();
            for v in looking.filter(|v| v.view.wants(Layer::Sensors)) {
                v.view.restart(SnapshotReason::TooOld);
            }
        }
        self.broadcast.note(state, changes);
    }

    /// What was noted and not sent is of no account: the state has gone back, or to another moment, `now`. Everybody
    /// gets a snapshot with this reason.
    pub fn begin_anew(&mut self, state: &State, now: Timestamp, reason: SnapshotReason) {
        self.broadcast.restart(state, now);
        self.hotspots.jumped();
        for v in self.viewers.values_mut() {
            v.view.restart(reason);
        }
        self.set_rates();
    }

    /// The layers with which a client of `who` can go on without a snapshot that saw record `seq` last: those that it
    /// was sent until then. `None` where it has missed more than is known, or may have.
    pub fn can_resume(
        &self,
        who: &PrincipalId,
        histories: bool,
        seq: u64,
    ) -> Option<BTreeSet<Layer>> {
        let connected = self.viewers.values().map(|v| &v.sent);
        let layers = self.seen.layers(who, histories, seq, connected)?;
        self.broadcast.can_resume(seq).then_some(layers)
    }

    /// Forgets what changed before a state, for those who would resume.
    pub fn forget_recent(&mut self, state: &State) {
        self.broadcast.forget_recent(state);
    }

    /// Somebody is here, and goes on as `next` says.
    pub fn join(&mut self, arrival: Arrival, actor: Option<Actor>, next: Continue) {
        let viewer = Viewer::new(arrival, actor, next);
        self.viewers.insert(viewer.outbox.id, viewer);
        self.set_rates();
    }

    /// Somebody is here again who was sent these layers until record `seq`, and goes on from there.
    pub fn rejoin(
        &mut self,
        arrival: Arrival,
        actor: Option<Actor>,
        seq: u64,
        layers: BTreeSet<Layer>,
    ) {
        let viewer = Viewer::new(arrival, actor, Continue::From(seq)).going_on(seq, layers);
        self.viewers.insert(viewer.outbox.id, viewer);
        self.set_rates();
    }

    /// Somebody comes from another world: is sent where it is, and a snapshot.
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
            self.closed.tell_on_coming(v);
        }
    }

    /// Sends everybody the same message.
    pub fn tell_all(&self, m: &ServerMessage) {
        self.tell_those(m, |_| true);
    }

    /// Sends some the same message.
    pub fn tell_those(&self, m: &ServerMessage, among: impl Fn(&Viewer) -> bool) {
        let mut encoded: [Option<Bytes>; Encoding::ALL.len()] = Default::default();
        for v in self.viewers.values().filter(|v| among(v)) {
            let encoding = v.outbox.encoding();
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
                    v.view.subscribe(subscription);
                    self.set_rates();
                }
            }
            ViewRequest::Resync { session } => {
                if let Some(v) = self.viewers.get_mut(&session) {
                    v.view.restart(SnapshotReason::Asked);
                }
            }
            ViewRequest::Leave { session } => {
                if let Some(gone) = self.viewers.remove(&session) {
                    self.seen.keep(gone.sent);
                    self.set_rates();
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
            ViewRequest::WhoSaw {
                session,
                request,
                case,
            } => self.who_saw(session, request, case, state),
        }
    }

    /// Ends a tick, ten times a second: sends what was noted, and what was asked for.
    pub fn end_tick(&mut self, state: &State, now: Timestamp) {
        let before = self.viewers.len();
        let gone = self.viewers.extract_if(.., |_, v| v.outbox.is_gone());
        gone.for_each(|(_, v)| self.seen.keep(v.sent));
        let mut rates_changed = self.viewers.len() != before;
        let mut tick = self
            .broadcast
            .end_tick(state, now, !self.viewers.is_empty());
        let coarse_due = tick.number().is_multiple_of(COARSE_TICKS);
        let mut encoded = Encoded::default();
        // Whoever goes on comes first; then those who begin, as many as there is time for.
        let (mut begin, mut told) = (Vec::new(), Vec::new());
        for (id, viewer) in &mut self.viewers {
            if viewer.is_behind() {
                continue;
            }
            if viewer.view.begins().is_some() {
                begin.push(*id);
                continue;
            }
            if viewer.view.is_told_in_portions() {
                told.push(*id);
                continue;
            }
            rates_changed |= viewer.end_tick(&tick, &mut encoded, self.lag_forgiven);
            if coarse_due && let Some(m) = tick.coarse(&viewer.view) {
                let bytes = encode_server(viewer.outbox.encoding(), &m);
                viewer.push(Out::Picture(bytes.into()), self.lag_forgiven);
            }
        }
        let began = Instant::now();
        if let Some(pace) = self.pace.as_mut().filter(|_| !told.is_empty()) {
            tick.next_portion(pace.size());
            // Not always the same one has its tiles first.
            let turn = tick.number() as usize % told.len();
            told.rotate_left(turn);
            for id in told {
                if let Some(viewer) = self.viewers.get_mut(&id) {
                    rates_changed |= viewer.portion(&mut tick, &mut encoded, self.lag_forgiven);
                }
            }
            pace.took(began.elapsed());
        }
        let in_portions = self.pace.is_some() && is_large(state);
        let began = Instant::now();
        let turn = begin.partition_point(|id| *id <= self.begun_last);
        begin.rotate_left(turn);
        for id in begin {
            let Some(viewer) = self.viewers.get_mut(&id) else {
                continue;
            };
            if !viewer.may_begin() {
                continue;
            }
            if in_portions && viewer.begin_in_portions(&tick, &mut encoded, self.lag_forgiven) {
                continue;
            }
            rates_changed |= viewer.end_tick(&tick, &mut encoded, self.lag_forgiven);
            self.begun_last = id;
            if began.elapsed() > BEGINNINGS_SHARE {
                break;
            }
        }
        drop(tick);
        self.watch_hotspots(now);
        self.tell_desks(state, now);
        if rates_changed {
            self.set_rates();
        }
    }

    /// Tells those who act here which cases the others have open, where that has changed.
    fn tell_desks(&mut self, state: &State, now: Timestamp) {
        self.presence.look(&self.viewers, state, now);
        if !self.viewers.values().any(|v| self.presence.is_due(v)) {
            return;
        }
        self.tell_those(&self.presence.message(), |v| self.presence.is_due(v));
        for v in self.viewers.values_mut() {
            v.told_desks = self.presence.version();
        }
    }

    /// Gathers only for rates that somebody uses.
    fn set_rates(&mut self) {
        let views = self.viewers.values().map(|v| &v.view);
        self.broadcast.set_rates(views);
    }

    /// Ends every session.
    pub fn close_all(&mut self, close: Close, text: &str) {
        for v in self.viewers.values() {
            v.outbox.close(close, text);
        }
    }
}

/// Tells a person something about their connection.
pub fn notice(outbox: &Outbox, code: Code, text: String) {
    outbox.answer(&ServerMessage::Notice { code, text });
}
