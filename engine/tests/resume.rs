//! One seed, one history of clients that are cut, pan, choose layers, close and come back to a city that goes on: whoever
//! has caught up shows what a fresh snapshot would, and `resumed` is never said where something is missing.
//!
//! `CHENGTU_HISTORIES` histories where it is set.

mod city;
mod rng;

use chengtu_engine::city::CityInfo;
use chengtu_engine::command::{CaseReport, Command, Observation};
use chengtu_engine::decide::{decide_fixes, decide_observations};
use chengtu_engine::geo::{Position, Viewport};
use chengtu_engine::ids::{AlarmId, CaseId, ClassId, CommandId, FeedId, MoverId, SensorId, UnitId};
use chengtu_engine::model::{Actor, AssignmentTarget, Fix, MoverKind, NO_BEARING};
use chengtu_engine::permission::Role;
use chengtu_engine::record::{Body, World};
use chengtu_engine::stream::{
    Broadcast, Continue, HotspotWatch, Layer, Mirror, MoverView, PortionSize, Seen, Sent,
    ServerHello, ServerMessage, SnapshotReason, Subscription, Tick, TilePart, View,
};
use city::{Live, UNITS};
use rng::{Rng, place};
use std::collections::VecDeque;

/// Two people; the first has two desks.
const DESKS: [&str; 3] = ["li", "li", "wang"];
/// Messages on their way to a client that does not read; beyond, it gets a snapshot.
const LINE_MAX: usize = 6;
/// The slowest rate, ticks: after so many without anything new everybody has everything.
const SLOWEST_TICKS: usize = 50;

/// A session as the server has it.
struct Session {
    view: View,
    sent: Sent<&'static str>,
    /// On its way to the client; nobody reads it once the line is cut.
    line: VecDeque<ServerMessage>,
    /// It gets a snapshot once it has read what is on its way.
    lagging: bool,
}

/// A client, and its session where the line is not cut.
struct Client {
    who: &'static str,
    histories: bool,
    mirror: Mirror,
    wants: Subscription,
    session: Option<Session>,
    /// It has not yet said what it looks at.
    to_subscribe: bool,
}

/// Who may go on without a snapshot.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Rule {
    /// Where it is known what the client was sent.
    AsSent,
    /// Wherever it is known what has changed: the canary.
    AsChanged,
}

struct City {
    rule: Rule,
    /// How much is told in a tick to those who begin; `None`: everything.
    portions: Option<PortionSize>,
    live: Live,
    rng: Rng,
    broadcast: Broadcast,
    clients: Vec<Client>,
    /// Sessions whose client has gone, which the server has not noticed.
    dead: Vec<Session>,
    seen: Seen<&'static str>,
    movers: u32,
    resumed: u32,
}

fn wants(rng: &mut Rng) -> Subscription {
    let (a, b) = (place(rng).lon_lat(), place(rng).lon_lat());
    let all = [Layer::Movers, Layer::Units, Layer::Cases, Layer::Sensors];
    let some = all.into_iter().filter(|_| rng.chance(75)).collect();
    Subscription {
        viewport: Some(Viewport {
            west: a.lon_deg.min(b.lon_deg),
            south: a.lat_deg.min(b.lat_deg),
            east: a.lon_deg.max(b.lon_deg),
            north: a.lat_deg.max(b.lat_deg),
            zoom: 14.0,
        }),
        layers: some,
        rate_hz: [10.0, 2.0, 1.0][rng.below(3) as usize],
    }
}

impl City {
    fn new(seed: u64, rule: Rule) -> Self {
        let mut rng = Rng(seed);
        let live = Live::new();
        // Little is remembered, so that forgetting happens too.
        let recent = [4, 40, 4_000][rng.below(3) as usize];
        let broadcast = Broadcast::new(&live.state, HotspotWatch::default(), recent);
        let clients = DESKS.map(|who| Client {
            who,
            histories: rng.chance(50),
            mirror: Mirror::new(),
            wants: wants(&mut rng),
            session: None,
            to_subscribe: false,
        });
        Self {
            rule,
            portions: rng.chance(50).then(|| PortionSize {
                things: 1 + rng.below(6) as usize,
                tiles: 1 + rng.below(3) as usize,
            }),
            seen: Seen::new(1 + rng.below(9) as usize),
            live,
            broadcast,
            clients: clients.into(),
            dead: Vec::new(),
            movers: 0,
            resumed: 0,
            rng,
        }
    }

    fn happen(&mut self) {
        match self.rng.below(12) {
            0..6 => self.command(),
            6..9 => self.fixes(),
            9 | 10 => self.reading(),
            _ => {
                let by = [5, 60, 3_000][self.rng.below(3) as usize];
                self.live.now = self.live.now.plus_seconds(by);
                self.live.must(Command::Tick, &Actor::System);
            }
        }
        self.live.now = self.live.now.plus_seconds(1);
    }

    fn command(&mut self) {
        let rng = &mut self.rng;
        let unit = UnitId(rng.below(u64::from(UNITS)) as u32);
        let case = CaseId(1 + rng.below(self.live.state.cases().len() as u64 + 1));
        let operator = Actor::Operator("甲".to_owned());
        let (command, actor) = match rng.below(9) {
            0..3 => {
                let report = CaseReport {
                    class: ClassId(rng.below(4) as u16),
                    severity: None,
                    position: place(rng),
                    address: String::new(),
                    note: String::new(),
                    occurred_at: self.live.now,
                    filed_at: None,
                    key: format!("k{}", rng.next()),
                };
                (Command::ReportCase(report), Actor::Feed(FeedId(1)))
            }
            3 | 4 => {
                let target = AssignmentTarget::Case(case);
                let expected_s = None;
                let dispatch = Command::DispatchUnit {
                    unit,
                    target,
                    expected_s,
                };
                (dispatch, operator)
            }
            5 => (Command::ArriveOnScene { unit }, Actor::Unit(unit)),
            6 => (Command::RecallUnit { unit }, operator),
            7 => {
                let alarm = AlarmId(1 + rng.below(9));
                (Command::AcknowledgeAlarm { alarm }, operator)
            }
            _ => {
                let reason = "误报".to_owned();
                (Command::VoidCase { case, reason }, operator)
            }
        };
        let id = CommandId(rng.next(), rng.next());
        let _ = self.live.submit(&command, &actor, Some(id));
    }

    fn fixes(&mut self) {
        let feed = FeedId(1);
        if self.movers < 12 {
            self.movers += 4;
            let names = (0..self.movers).map(|i| (format!("v{i}"), MoverKind::Taxi));
            let movers = names.collect();
            let register = Command::RegisterMovers { feed, movers };
            self.live.must(register, &Actor::Feed(feed));
        }
        let all = self.live.state.movers().len() as u64;
        let fixes: Vec<Fix> = (0..8)
            .map(|_| Fix {
                mover: MoverId(self.rng.below(all) as u32),
                position: if self.rng.chance(97) {
                    place(&mut self.rng)
                } else {
                    Position::new(i32::MAX, 5)
                },
                bearing_cdeg: NO_BEARING,
                speed_cmps: 0,
                accuracy_dm: 30,
                fix_time: self.live.now,
            })
            .collect();
        let decided = decide_fixes(&self.live.state, feed, &fixes, self.live.now);
        if !decided.block.is_empty() {
            let body = Body::Fixes(decided.block);
            self.live.append(&Actor::Feed(feed), None, body);
        }
    }

    fn reading(&mut self) {
        let reading = Observation {
            sensor: SensorId(self.rng.below(3) as u32),
            phenomenon_time: self.live.now,
            value: self
                .rng
                .chance(95)
                .then(|| self.rng.below(100) as f64 / 90.0),
        };
        let d = decide_observations(&self.live.state, FeedId(1), &[reading], self.live.now);
        if !d.taken.is_empty() {
            let body = Body::Observations(d.taken, d.events);
            self.live.append(&Actor::Feed(FeedId(1)), None, body);
        }
    }

    /// The line of one client is cut; it has got the first of what was on its way.
    fn cut(&mut self, at: usize) {
        let client = &mut self.clients[at];
        let Some(mut session) = client.session.take() else {
            return;
        };
        let got = self.rng.below(session.line.len() as u64 + 1);
        for m in session.line.drain(..got as usize) {
            client.mirror.apply(&m).expect("nothing is missing");
        }
        if self.rng.chance(50) {
            self.dead.push(session);
        } else {
            self.seen.keep(session.sent);
        }
    }

    /// A client says hello, and is answered as the server does it.
    fn hello(&mut self, at: usize) {
        let client = &self.clients[at];
        if client.session.is_some() {
            return;
        }
        let resume = client.mirror.is_ready().then_some(client.mirror.seq);
        let resumed = resume.and_then(|seq| {
            let others = self.clients.iter().filter_map(|c| c.session.as_ref());
            let connected = others.chain(&self.dead).map(|s| &s.sent);
            let (who, histories) = (&client.who, client.histories);
            let layers = match self.rule {
                Rule::AsSent => self.seen.layers(who, histories, seq, connected)?,
                Rule::AsChanged => client.wants.layers.iter().copied().collect(),
            };
            self.broadcast.can_resume(seq).then_some((seq, layers))
        });
        let hello = ServerHello {
            epoch: 7,
            seq: self.live.state.seq(),
            time: self.live.now,
            tick_ms: 100,
            user: client.who.to_owned(),
            role: Role::Operator,
            unit: None,
            world: World::Live,
            resumed: resumed.is_some(),
            city: CityInfo::default(),
            records_views: false,
        };
        let mut sent = Sent::new(client.who, client.histories);
        let view = match resumed {
            Some((seq, layers)) => {
                sent.go_on(seq, layers.clone());
                View::new(Continue::From(seq)).with_layers(layers)
            }
            None => View::new(Continue::Afresh(SnapshotReason::TooOld)),
        };
        self.resumed += u32::from(hello.resumed);
        let view = view.with_histories(client.histories);
        let client = &mut self.clients[at];
        client.to_subscribe = true;
        client.session = Some(Session {
            view,
            sent,
            line: VecDeque::from([ServerMessage::Hello(Box::new(hello))]),
            lagging: false,
        });
    }

    fn act(&mut self) {
        let at = self.rng.below(DESKS.len() as u64) as usize;
        match self.rng.below(10) {
            0 | 1 => self.cut(at),
            2..6 => self.hello(at),
            6 => {
                let fresh = wants(&mut self.rng);
                let client = &mut self.clients[at];
                client.wants.viewport = fresh.viewport;
                client.wants.rate_hz = fresh.rate_hz;
                client.to_subscribe = true;
            }
            7 => {
                // Also while it is away: it comes back to look at something else.
                self.clients[at].wants = wants(&mut self.rng);
                self.clients[at].to_subscribe = true;
            }
            8 => {
                if let Some(s) = &mut self.clients[at].session {
                    s.view.restart(SnapshotReason::Asked);
                }
            }
            _ => {
                let gone = self.dead.drain(..);
                gone.for_each(|s| self.seen.keep(s.sent));
            }
        }
        for client in &mut self.clients {
            if self.rng.chance(60) {
                client.subscribe();
            }
            if self.rng.chance(70) {
                client.read(self.rng.below(4) as usize);
            }
        }
    }

    fn end_tick(&mut self) {
        let changes = core::mem::take(&mut self.live.changes);
        let state = &self.live.state;
        self.broadcast.note(state, changes);
        let sessions = self.clients.iter().filter_map(|c| c.session.as_ref());
        let all = sessions.chain(&self.dead).map(|s| &s.view);
        self.broadcast.set_rates(all, false);
        let mut tick = self.broadcast.end_tick(state, self.live.now, true);
        if let Some(size) = self.portions {
            tick.next_portion(size);
        }
        let sessions = self.clients.iter_mut().filter_map(|c| c.session.as_mut());
        for session in sessions.chain(&mut self.dead) {
            session.end_tick(&mut tick, self.portions.is_some());
        }
        let round = tick.round();
        self.broadcast.went_round(round);
    }

    /// Everybody comes and reads everything; then what they show is compared with what a fresh snapshot would say: the
    /// first thing in which they differ.
    fn difference(&mut self) -> Option<&'static str> {
        for at in 0..DESKS.len() {
            self.hello(at);
            self.clients[at].subscribe();
        }
        let mut ticks = 0;
        while ticks <= SLOWEST_TICKS {
            self.end_tick();
            let mut begins = false;
            for client in &mut self.clients {
                client.read(usize::MAX);
                let session = client.session.as_ref();
                begins |= session.is_some_and(|s| s.view.is_told_in_portions());
            }
            ticks += usize::from(!begins);
        }
        let state = &self.live.state;
        let tick = self.broadcast.end_tick(state, self.live.now, true);
        for client in &self.clients {
            let view = &client.session.as_ref().expect("it is there").view;
            let whole = |tile| (*tick.tile(TilePart::Whole(tile))).clone();
            let mut fresh = Mirror::new();
            let snapshot = tick.snapshot(view, SnapshotReason::Asked, whole);
            fresh.apply(&snapshot).expect("a snapshot");
            let m = &client.mirror;
            let movers = |m: &Mirror| -> Vec<_> {
                let at = |v: &MoverView| (v.id, v.position, v.kind, v.unit);
                m.movers().map(at).collect()
            };
            let same = [
                ("cases", m.cases == fresh.cases),
                ("histories", m.histories == fresh.histories),
                ("units", m.units == fresh.units),
                ("sensors", m.sensors == fresh.sensors),
                ("alarms", m.alarms == fresh.alarms),
                ("movers", movers(m) == movers(&fresh)),
            ];
            if let Some((what, _)) = same.iter().find(|(_, same)| !same) {
                return Some(what);
            }
        }
        None
    }
}

impl Session {
    /// What the server sends at the end of a tick; to whoever does not read, a snapshot once it has.
    fn end_tick(&mut self, tick: &mut Tick<'_>, in_portions: bool) {
        if self.lagging {
            if !self.line.is_empty() {
                return;
            }
            self.lagging = false;
            self.view.restart(SnapshotReason::Lagged);
        }
        let update = if self.view.is_told_in_portions() {
            self.view.portion(tick)
        } else {
            let begins = in_portions.then(|| self.view.begin_in_portions(tick));
            begins.flatten().or_else(|| self.view.end_tick(tick))
        };
        let Some(update) = update else {
            return;
        };
        self.sent.note(&self.view, &update, tick.seq());
        if self.line.len() >= LINE_MAX {
            self.line.retain(|m| matches!(m, ServerMessage::Hello(_)));
            self.lagging = true;
            return;
        }
        self.line.push_back(tick.message(&self.view, update));
    }
}

impl Client {
    fn subscribe(&mut self) {
        if let Some(session) = self.session.as_mut().filter(|_| self.to_subscribe) {
            session.view.subscribe(self.wants.clone());
            self.to_subscribe = false;
        }
    }

    /// Reads so many messages.
    fn read(&mut self, most: usize) {
        let Some(session) = &mut self.session else {
            return;
        };
        let n = most.min(session.line.len());
        for m in session.line.drain(..n) {
            self.mirror.apply(&m).expect("nothing is missing");
        }
        if session.view.is_subscribed() {
            let looked_at = session.view.tiles();
            self.mirror.keep_tiles(|tile| looked_at.contains(&tile));
        }
    }
}

/// How often somebody went on without a snapshot, and in what a client differs at the end.
fn history(seed: u64, rule: Rule) -> (u32, Option<&'static str>) {
    let mut city = City::new(seed, rule);
    for _ in 0..60 {
        city.happen();
        city.act();
        if city.rng.chance(70) {
            city.end_tick();
        }
    }
    let difference = city.difference();
    (city.resumed, difference)
}

#[test]
fn whoever_comes_back_shows_what_a_fresh_snapshot_would() {
    let asked = std::env::var("CHENGTU_HISTORIES").ok();
    let histories = asked.map_or(150, |n| n.parse().expect("a number of histories"));
    let mut resumed = 0;
    for seed in 0..histories {
        let (n, difference) = history(seed, Rule::AsSent);
        assert_eq!(difference, None, "seed {seed}");
        resumed += n;
    }
    println!("{histories} histories, {resumed} times resumed");
    assert!(u64::from(resumed) > histories / 2, "{resumed}");
}

#[test]
fn going_on_where_only_the_changes_are_known_misses_what_was_never_sent() {
    let missed = (0..40).filter(|seed| history(*seed, Rule::AsChanged).1.is_some());
    assert!(missed.count() > 5, "the canary must be noticed");
}
