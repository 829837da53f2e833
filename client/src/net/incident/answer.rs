//! What a server would answer, answered from the file.

use super::Opened;
use chengtu_engine::code::{Code, RefusalData};
use chengtu_engine::drill::Seat;
use chengtu_engine::geo::{LonLat, Position, distance_m};
use chengtu_engine::permission::Role;
use chengtu_engine::record::World;
use chengtu_engine::replay::{
    Bookmark, BookmarkChange, Edge, History, MOMENTS_MAX, MemoryHistory, PlayError, Player, Step,
    TimeBasis, Timeline,
};
use chengtu_engine::state::State;
use chengtu_engine::stream::{
    Asked, Broadcast, ClientMessage, Continue, HotspotWatch, Refused, ServerHello, ServerMessage,
    SnapshotReason, Subscription, View, WorldChoice, WorldInfo,
};
use chengtu_engine::time::Timestamp;
use std::time::Duration;

/// Fixes and events folded in one turn at most; what is more is leapt over.
const ROWS_PER_TURN: usize = 200_000;
/// The clock is sent this often while nothing else happens.
const CLOCK_EVERY: Duration = Duration::from_millis(500);
/// Hotspots are looked for this often.
const HOTSPOTS_EVERY: Duration = Duration::from_secs(2);

/// The only replay that there is.
const WORLD: World = World::Replay(1);

/// The one who answers.
pub(super) struct Desk {
    player: Player<MemoryHistory>,
    broadcast: Broadcast,
    view: View,
    hello: ServerHello,
    info: WorldInfo,
    places: Vec<(LonLat, String)>,
    bookmarks: Vec<Bookmark>,
    last_bookmark: u32,
    said: Vec<ServerMessage>,
    /// The number of what is being answered.
    asked: Option<u32>,
    since_clock: Duration,
    since_hotspots: Duration,
    /// Keeps the pack's files until the end.
    _opened: Kept,
}

/// What must live as long as the files are read.
type Kept = Box<dyn std::any::Any + Send>;

/// A place as the pack has it; the rest is for others.
#[derive(serde::Deserialize)]
struct Named {
    name: String,
    lon: f64,
    lat: f64,
}

impl Desk {
    /// At the first moment of an incident, paused.
    pub fn new(opened: Opened) -> Result<Self, String> {
        let places = std::fs::read(opened.pack().join("places.json"));
        let places: Vec<Named> = places
            .ok()
            .and_then(|b| serde_json::from_slice(&b).ok())
            .unwrap_or_default();
        let (manifest, city, history, kept) = opened.into_parts();
        let from = manifest.from;
        let (player, _) =
            Player::new(history, from, 0.0, TimeBasis::Known).map_err(|e| e.to_string())?;
        let hello = ServerHello {
            epoch: 1,
            seq: player.state().seq(),
            time: wall_clock(),
            tick_ms: 100,
            user: String::new(),
            role: Role::Viewer,
            unit: None,
            world: World::Live,
            resumed: false,
            city,
            records_views: false,
        };
        let gaps = &manifest.gaps;
        let (mut notice, mut notice_en) = (String::new(), String::new());
        if let Some((_, _, words)) = gaps.first() {
            notice = format!("日志有缺失：{words}");
            notice_en = format!("the log has lost some: {words}");
        }
        let info = WorldInfo {
            world: WORLD,
            title: manifest.title,
            owner: String::new(),
            shared: false,
            seat: Seat::Director,
            clock: None,
            notice,
            notice_en,
            record_of: None,
        };
        let place = |p: Named| (LonLat::new(p.lon, p.lat), p.name);
        let mut desk = Self {
            broadcast: Broadcast::new(player.state(), hotspots(player.state()), 0),
            view: View::new(Continue::Afresh(SnapshotReason::Subscribed)),
            player,
            hello,
            info,
            places: places.into_iter().map(place).collect(),
            bookmarks: Vec::new(),
            last_bookmark: 0,
            said: Vec::new(),
            asked: None,
            since_clock: Duration::ZERO,
            since_hotspots: HOTSPOTS_EVERY,
            _opened: kept,
        };
        // Chosen, so that pressing play does something.
        desk.step(|p| p.control(chengtu_engine::replay::TimeControl::Speed(1.0)));
        desk.said.clear();
        desk.said
            .push(ServerMessage::Hello(Box::new(desk.hello.clone())));
        desk.entered();
        Ok(desk)
    }

    /// What is to be said.
    pub fn said(&mut self) -> Vec<ServerMessage> {
        core::mem::take(&mut self.said)
    }

    /// Takes a message.
    pub fn take(&mut self, message: ClientMessage) {
        self.asked = message.request();
        match message {
            ClientMessage::Ask { message, .. } => self.answer(*message),
            message => self.answer(message),
        }
        self.asked = None;
    }

    fn answer(&mut self, message: ClientMessage) {
        match message {
            ClientMessage::Subscribe {
                viewport, layers, ..
            } => {
                // Frames are made whenever the loop turns.
                let rate_hz = f32::INFINITY;
                self.view.subscribe(Subscription {
                    viewport,
                    layers,
                    rate_hz,
                });
                self.broadcast.set_rates(std::iter::once(&self.view), false);
            }
            ClientMessage::Resync => self.view.restart(SnapshotReason::Asked),
            ClientMessage::Ping { nonce } => {
                let time = wall_clock();
                self.said.push(ServerMessage::Pong { nonce, time });
            }
            ClientMessage::Hello { .. } => {
                let hello = Box::new(self.hello.clone());
                self.said.push(ServerMessage::Hello(hello));
                self.entered();
            }
            ClientMessage::Time { control } => {
                self.step(|p| p.control(control));
                self.clock();
            }
            ClientMessage::Enter { choice } => self.enter(choice),
            ClientMessage::Timeline {
                request,
                from,
                to,
                bars,
            } => self.timeline(request, from, to, bars),
            ClientMessage::Moments {
                request,
                of,
                from,
                to,
                limit,
            } => {
                let limit = limit.clamp(1, MOMENTS_MAX).into();
                match self.player.history().moments(of, from, to, limit, false) {
                    Ok(moments) => self.said.push(ServerMessage::Moments { request, moments }),
                    Err(error) => self.refuse(Code::NoAnswer, error.to_string()),
                }
            }
            ClientMessage::Bookmark { change } => self.bookmark(change),
            ClientMessage::Worlds => self.said.push(ServerMessage::Worlds {
                list: Vec::new(),
                scenarios: Vec::new(),
            }),
            ClientMessage::Command { id, .. }
            | ClientMessage::CommandIn { id, .. }
            | ClientMessage::Act { id, .. } => {
                self.said.push(ServerMessage::Refused(Refused {
                    asked: Asked::Command(id),
                    code: Code::NotPermitted,
                    text: "nothing can be changed in an incident file".into(),
                    data: RefusalData::None,
                }));
            }
            ClientMessage::RankUnits { .. } => self.refuse(
                Code::NoAnswer,
                "an incident file holds no roads: units cannot be ranked".into(),
            ),
            ClientMessage::Route { request, unit, .. } => self.said.push(ServerMessage::Route {
                request,
                unit,
                seconds: None,
                length_m: 0.0,
                line: Vec::new(),
            }),
            // Nobody else is here.
            ClientMessage::Fixes { .. } | ClientMessage::Open { .. } => {}
            // Forks and drills, and whatever else only a server can do.
            _ => self.refuse(
                Code::NotForRole,
                "forks and drills need a server; this is an incident file".into(),
            ),
        }
    }

    /// Lets time pass and says what it changed.
    pub fn turn(&mut self, elapsed: Duration) {
        let before = self.player.clock();
        self.step(|p| p.advance(elapsed.as_secs_f64(), ROWS_PER_TURN));
        let now = self.player.time();
        self.since_clock += elapsed;
        self.since_hotspots += elapsed;
        let clock = self.player.clock();
        let changed = clock.playing != before.playing || clock.jumps != before.jumps;
        let tell_clock = self.since_clock >= CLOCK_EVERY || changed;
        let mut tick = self.broadcast.end_tick(self.player.state(), now, true);
        if let Some(update) = self.view.end_tick(&tick) {
            self.said.push(tick.message(&self.view, update));
        }
        let coarse = tell_clock.then(|| tick.coarse(&self.view)).flatten();
        if tell_clock {
            self.clock();
        }
        self.said.extend(coarse);
        if self.since_hotspots >= HOTSPOTS_EVERY || clock.jumps != before.jumps {
            self.since_hotspots = Duration::ZERO;
            let hotspots = &mut self.broadcast.hotspots;
            hotspots.evaluate(now, |p| nearest(&self.places, p));
            if self.view.misses_hotspots(hotspots.number()) {
                self.said.push(hotspots.message());
            }
        }
    }

    fn step(&mut self, go: impl FnOnce(&mut Player<MemoryHistory>) -> Result<Step, PlayError>) {
        match go(&mut self.player) {
            Ok(step) => {
                if step.jumped {
                    let (state, now) = (self.player.state(), self.player.time());
                    self.broadcast.restart(state, now);
                    self.broadcast.set_rates(std::iter::once(&self.view), false);
                    self.view.restart(SnapshotReason::Jumped);
                    self.since_hotspots = HOTSPOTS_EVERY;
                }
                self.broadcast.note(self.player.state(), step.changes);
                if let Some(edge) = step.edge {
                    self.notice(code(&edge), words(&edge));
                }
            }
            Err(error) => self.refuse(Code::NoAnswer, error.to_string()),
        }
    }

    fn enter(&mut self, choice: WorldChoice) {
        match choice {
            WorldChoice::Replay {
                at, speed, basis, ..
            } => {
                use chengtu_engine::replay::TimeControl as T;
                self.step(|p| p.control(T::Basis(basis)));
                self.step(|p| p.control(T::Seek(at)));
                if speed == 0.0 {
                    self.step(|p| p.control(T::Pause));
                } else {
                    self.step(|p| p.control(T::Speed(speed)));
                    self.step(|p| p.control(T::Play));
                }
                self.entered();
            }
            WorldChoice::Join { world, .. } if world == WORLD => self.entered(),
            WorldChoice::Live | WorldChoice::Join { .. } | WorldChoice::Record { .. } => self
                .refuse(
                    Code::NotForRole,
                    "this is an incident file; there is no running city in it".into(),
                ),
        }
    }

    fn entered(&mut self) {
        self.info.clock = Some(self.player.clock());
        self.said
            .push(ServerMessage::Entered(Box::new(self.info.clone())));
        self.clock();
        self.view.restart(SnapshotReason::Asked);
        self.said.push(ServerMessage::Bookmarks {
            list: self.bookmarks.clone(),
        });
    }

    fn clock(&mut self) {
        self.since_clock = Duration::ZERO;
        self.said.push(ServerMessage::Clock(self.player.clock()));
    }

    /// Refuses what is asked now; what has no number is refused by a notice.
    fn refuse(&mut self, code: Code, text: String) {
        let Some(request) = self.asked else {
            return self.notice(code, text);
        };
        self.said.push(ServerMessage::Refused(Refused {
            asked: Asked::Request(request),
            code,
            text,
            data: RefusalData::None,
        }));
    }

    fn notice(&mut self, code: Code, text: String) {
        self.said.push(ServerMessage::Notice { code, text });
    }

    fn timeline(&mut self, request: u32, from: Timestamp, to: Timestamp, bars: u16) {
        let history = self.player.history();
        match Timeline::read(history, &self.bookmarks, request, (from, to), bars) {
            Ok(line) => self.said.push(ServerMessage::Timeline(Box::new(line))),
            Err(error) => self.refuse(Code::NoAnswer, error.to_string()),
        }
    }

    /// Kept as long as the program runs: the file is not written.
    fn bookmark(&mut self, change: BookmarkChange) {
        match change {
            BookmarkChange::Add { time, note } => {
                self.last_bookmark += 1;
                self.bookmarks.push(Bookmark {
                    id: self.last_bookmark,
                    time,
                    note,
                    by: String::new(),
                });
                self.bookmarks.sort_by_key(|b| b.time);
            }
            BookmarkChange::Remove(id) => self.bookmarks.retain(|b| b.id != id),
        }
        let list = self.bookmarks.clone();
        self.said.push(ServerMessage::Bookmarks { list });
    }
}

/// Watches what a state's rules allow.
fn hotspots(state: &State) -> HotspotWatch {
    let bounds = state.rules().map(|r| r.bounds);
    bounds
        .and_then(|b| HotspotWatch::over(b, &[], state).ok())
        .unwrap_or_default()
}

/// The name of the nearest place.
fn nearest(places: &[(LonLat, String)], here: Position) -> String {
    places
        .iter()
        .filter_map(|(p, name)| Some((distance_m(p.position().ok()?, here), name)))
        .min_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| name.clone())
        .unwrap_or_default()
}

/// This machine's clock: what a server sends in its greeting and its pongs.
fn wall_clock() -> Timestamp {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    Timestamp(since.map_or(0, |d| d.as_micros() as i64))
}

/// What a notice of where the clock ended is about.
fn code(edge: &Edge) -> Code {
    match edge {
        Edge::First | Edge::Last => Code::ClockAtEdge,
        Edge::NoEarlier | Edge::NoLater => Code::NoEvent,
        Edge::Gap(_) => Code::Gap,
    }
}

/// Where the clock ended, for people.
fn words(edge: &Edge) -> String {
    match edge {
        Edge::First => "this is where the incident file begins".to_owned(),
        Edge::Last => "this is where the incident file ends".to_owned(),
        Edge::NoEarlier => "there is no earlier event".to_owned(),
        Edge::NoLater => "there is no later event".to_owned(),
        Edge::Gap(gap) => format!(
            "a stretch is missing here and was stepped over: {}",
            gap.words
        ),
    }
}
