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
mod sights;
mod viewer;

pub use chengtu_engine::stream::Continue;
pub use sights::{lens_of, sight_of};
pub use viewer::Viewer;

use crate::access::{Principal, PrincipalId};
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
use chengtu_engine::sight::Sight;
use chengtu_engine::state::{Changes, State};
use chengtu_engine::stream::{
    Broadcast, Layer, Seen, ServerMessage, SnapshotReason, Tick, WorldInfo,
};
use chengtu_engine::time::Timestamp;
use chengtu_protocol::{Encoding, encode_server};
use closed::ClosedRoads;
use encoded::Encoded;
use hotspots::HotspotPace;
use presence::Presence;
use sights::Windows;
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
    /// Through which those look who do not see everything.
    windows: Windows,
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
            windows: Windows::default(),
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
        for (_, window) in self.windows.iter_mut() {
            window.go_to(state, now);
        }
        self.hotspots.jumped();
        for v in self.viewers.values_mut() {
            v.view.restart(reason);
        }
        self.set_rates();
    }

    /// The layers with which a client of `who` can go on without a snapshot that saw record `seq` last: those that it
    /// was sent until then. `None` where it has missed more than is known, or may have, and for whoever does not see
    /// everything: what has gone out of their sight meanwhile is not remembered.
    pub fn can_resume(
        &self,
        who: &Principal,
        actor: Option<&Actor>,
        histories: bool,
        seq: u64,
    ) -> Option<BTreeSet<Layer>> {
        if sight_of(&self.city, who, actor).is_some() {
            return None;
        }
        let all = self.viewers.values().filter(|v| v.sight.is_none());
        let connected = all.map(|v| &v.sent);
        let layers = self.seen.layers(&who.id, histories, seq, connected)?;
        self.broadcast.can_resume(seq).then_some(layers)
    }

    /// Forgets what changed before a state, for those who would resume.
    pub fn forget_recent(&mut self, state: &State) {
        self.broadcast.forget_recent(state);
    }

    /// Somebody is here, and goes on as `next` says.
    pub fn join(
        &mut self,
        arrival: Arrival,
        actor: Option<Actor>,
        next: Continue,
        (state, now): (&State, Timestamp),
    ) {
        let sight = sight_of(&self.city, &arrival.principal, actor.as_ref());
        if let Some(sight) = &sight {
            let hotspots = self.unseen_hotspots();
            self.windows
                .open(&self.city, sight, (state, now), &hotspots);
        }
        let viewer = Viewer::new(arrival, actor, sight, next);
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
        // Only those go on who see everything.
        let viewer = Viewer::new(arrival, actor, None, Continue::From(seq)).going_on(seq, layers);
        self.viewers.insert(viewer.outbox.id, viewer);
        self.set_rates();
    }

    /// Somebody comes from another world: is sent where it is, and a snapshot.
    pub fn enter(
        &mut self,
        arrival: Arrival,
        actor: Option<Actor>,
        info: WorldInfo,
        (state, now): (&State, Timestamp),
    ) {
        let id = arrival.outbox.id;
        let clock = info.clock;
        let next = Continue::Afresh(SnapshotReason::Subscribed);
        self.join(arrival, actor, next, (state, now));
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
                    self.remember(gone);
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

    /// Remembers what a session that has ended was sent, for when it comes back.
    fn remember(&mut self, gone: Viewer) {
        if gone.sight.is_none() {
            self.seen.keep(gone.sent);
        }
    }

    /// Those who have left are here no longer; true where there were some.
    fn forget_gone(&mut self) -> bool {
        let gone = self.viewers.extract_if(.., |_, v| v.outbox.is_gone());
        let gone: Vec<Viewer> = gone.map(|(_, v)| v).collect();
        let some = !gone.is_empty();
        for viewer in gone {
            self.remember(viewer);
        }
        let viewers = &self.viewers;
        let looks = |s: &Sight| viewers.values().any(|v| v.sight.as_ref() == Some(s));
        self.windows.keep(looks);
        some
    }

    /// Who goes on, who begins and who is told everything in portions, of those who can take more.
    fn sorted(&mut self) -> (Vec<u64>, Vec<u64>, Vec<u64>) {
        let (mut go_on, mut begin, mut told) = (Vec::new(), Vec::new(), Vec::new());
        for (id, viewer) in &mut self.viewers {
            if viewer.is_behind() {
                continue;
            }
            if viewer.view.begins().is_some() {
                begin.push(*id);
            } else if viewer.view.is_told_in_portions() {
                told.push(*id);
            } else {
                go_on.push(*id);
            }
        }
        (go_on, begin, told)
    }

    /// Ends a tick, ten times a second: sends what was noted, and what was asked for.
    pub fn end_tick(&mut self, state: &State, now: Timestamp) {
        let mut rates_changed = self.forget_gone();
        // Whoever goes on comes first; then those who begin, as many as there is time for.
        let (go_on, mut begin, mut told) = self.sorted();
        let mut tick = self
            .broadcast
            .end_tick(state, now, !self.viewers.is_empty());
        let coarse_due = tick.number().is_multiple_of(COARSE_TICKS);
        let mut encoded = Encoded::default();
        let pace = self.pace.as_mut().filter(|_| !told.is_empty());
        if let Some(pace) = &pace {
            tick.next_portion(pace.size());
        }
        let mut ticks = Ticks::of(tick, &mut self.windows);
        for id in go_on {
            let Some(viewer) = self.viewers.get_mut(&id) else {
                continue;
            };
            let tick = ticks.of_sight(viewer.sight.as_ref());
            rates_changed |= viewer.end_tick(tick, &mut encoded, self.lag_forgiven);
            if coarse_due && let Some(m) = tick.coarse(&viewer.view) {
                let bytes = encode_server(viewer.outbox.encoding(), &m);
                viewer.push(Out::Picture(bytes.into()), self.lag_forgiven);
            }
        }
        let began = Instant::now();
        if let Some(pace) = pace {
            // Not always the same one has its tiles first.
            let turn = ticks.whole.number() as usize % told.len();
            told.rotate_left(turn);
            for id in told {
                if let Some(viewer) = self.viewers.get_mut(&id) {
                    let tick = ticks.of_sight(viewer.sight.as_ref());
                    rates_changed |= viewer.portion(tick, &mut encoded, self.lag_forgiven);
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
            let tick = ticks.of_sight(viewer.sight.as_ref());
            if in_portions && viewer.begin_in_portions(tick, &mut encoded, self.lag_forgiven) {
                continue;
            }
            rates_changed |= viewer.end_tick(tick, &mut encoded, self.lag_forgiven);
            self.begun_last = id;
            if began.elapsed() > BEGINNINGS_SHARE {
                break;
            }
        }
        let round = ticks.whole.round();
        drop(ticks);
        self.broadcast.went_round(round);
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
        self.tell_those(&self.presence.message(), |v| {
            v.sight.is_none() && self.presence.is_due(v)
        });
        for v in self.viewers.values().filter(|v| self.presence.is_due(v)) {
            let window = v.sight.as_ref().and_then(|s| self.windows.get(s));
            if let Some(window) = window {
                let sees = |case| window.lens().known_case(state, case).is_ok();
                v.tell(&self.presence.message_of(sees));
            }
        }
        for v in self.viewers.values_mut() {
            v.told_desks = self.presence.version();
        }
    }

    /// Gathers only for rates that somebody uses.
    fn set_rates(&mut self) {
        let views = self.viewers.values().map(|v| &v.view);
        self.broadcast.set_rates(views, !self.windows.is_empty());
    }

    /// Ends every session.
    pub fn close_all(&mut self, close: Close, text: &str) {
        for v in self.viewers.values() {
            v.outbox.close(close, text);
        }
    }
}

/// A tick as it is, and as it is seen through each window.
struct Ticks<'w> {
    whole: Tick<'w>,
    seen: BTreeMap<&'w Sight, Tick<'w>>,
}

impl<'w> Ticks<'w> {
    fn of(whole: Tick<'w>, windows: &'w mut Windows) -> Self {
        let seen = windows.iter_mut();
        let seen = seen
            .map(|(sight, window)| (sight, window.tick(&whole)))
            .collect();
        Self { whole, seen }
    }

    /// As one with this sight sees it; a window is open for everybody who does not see everything.
    fn of_sight(&mut self, sight: Option<&Sight>) -> &mut Tick<'w> {
        match sight {
            None => &mut self.whole,
            Some(sight) => match self.seen.get_mut(sight) {
                Some(tick) => tick,
                None => unreachable!("a window is open for everybody who does not see everything"),
            },
        }
    }
}

/// Tells a person something about their connection.
pub fn notice(outbox: &Outbox, code: Code, text: String) {
    outbox.answer(&ServerMessage::Notice { code, text });
}
