//! What a server would answer, answered from the file.

use super::Opened;
use super::viewer::Viewer;
use chengtu_engine::drill::Seat;
use chengtu_engine::geo::{LonLat, distance_m};
use chengtu_engine::record::World;
use chengtu_engine::replay::{
    Bookmark, BookmarkChange, Edge, History, MemoryHistory, PlayError, Player, Step, TimeBasis,
    Timeline,
};
use chengtu_engine::stream::{
    ClientMessage, Rejected, ServerHello, ServerMessage, SnapshotReason, WorldChoice, WorldInfo,
};
use chengtu_engine::time::Timestamp;
use std::time::Duration;

/// Fixes and events folded in one turn at most; what is more is leapt over.
const ROWS_PER_TURN: usize = 200_000;
/// The clock is told this often while nothing else happens.
const CLOCK_EVERY: Duration = Duration::from_millis(500);
/// Hotspots are looked for this often.
const HOTSPOTS_EVERY: Duration = Duration::from_secs(2);
/// Most parts of a time line and rows of a list, as with a server.
const BARS_MAX: u16 = 2_000;
const ROWS_MAX: u16 = 1_000;

/// Codes of notices; the same as a server's.
const NO_ANSWER: u16 = 608;
const NOT_HERE: u16 = 607;
const EDGE: u16 = 613;
const NO_EVENT: u16 = 615;
const GAP: u16 = 616;

/// The only replay that there is.
const WORLD: World = World::Replay(1);

/// The one who answers.
pub(super) struct Desk {
    player: Player<MemoryHistory>,
    viewer: Viewer,
    hello: ServerHello,
    info: WorldInfo,
    places: Vec<(LonLat, String)>,
    bookmarks: Vec<Bookmark>,
    last_bookmark: u32,
    said: Vec<ServerMessage>,
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
    /// At the first moment of an incident, standing.
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
            role: "viewer".into(),
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
            viewer: Viewer::new(player.state()),
            player,
            hello,
            info,
            places: places.into_iter().map(place).collect(),
            bookmarks: Vec::new(),
            last_bookmark: 0,
            said: Vec::new(),
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
        match message {
            ClientMessage::Subscribe {
                viewport, layers, ..
            } => self.viewer.subscribe(viewport, layers),
            ClientMessage::Resync => self.viewer.resync(),
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
                let limit = limit.clamp(1, ROWS_MAX).into();
                match self.player.history().moments(of, from, to, limit, false) {
                    Ok(moments) => self.said.push(ServerMessage::Moments { request, moments }),
                    Err(error) => self.notice(NO_ANSWER, error.to_string()),
                }
            }
            ClientMessage::Bookmark { change } => self.bookmark(change),
            ClientMessage::Worlds => self.said.push(ServerMessage::Worlds {
                list: Vec::new(),
                scenarios: Vec::new(),
            }),
            ClientMessage::Command { id, .. } | ClientMessage::CommandIn { id, .. } => {
                self.said.push(ServerMessage::Rejected(Rejected {
                    id,
                    code: 401,
                    text: "nothing can be changed in an incident file".into(),
                }));
            }
            ClientMessage::RankUnits { .. } => self.notice(
                NO_ANSWER,
                "an incident file holds no roads: units cannot be ranked".into(),
            ),
            ClientMessage::Route { request, unit, .. } => self.said.push(ServerMessage::Route {
                request,
                unit,
                seconds: None,
                length_m: 0.0,
                line: Vec::new(),
            }),
            ClientMessage::Fixes { .. } => {}
            // Forks and drills, and whatever else only a server can do.
            _ => self.notice(
                NOT_HERE,
                "forks and drills need a server; this is an incident file".into(),
            ),
        }
    }

    /// Lets time pass and says what it changed.
    pub fn turn(&mut self, elapsed: Duration) {
        let before = self.player.clock();
        self.step(|p| p.advance(elapsed.as_secs_f64(), ROWS_PER_TURN));
        let now = self.player.time();
        let shown = self.viewer.show(self.player.state(), now);
        self.said.extend(shown);
        self.since_clock += elapsed;
        self.since_hotspots += elapsed;
        let clock = self.player.clock();
        if self.since_clock >= CLOCK_EVERY
            || clock.playing != before.playing
            || clock.jumps != before.jumps
        {
            self.clock();
            self.said.extend(self.viewer.coarse(now));
        }
        if self.since_hotspots >= HOTSPOTS_EVERY || clock.jumps != before.jumps {
            self.since_hotspots = Duration::ZERO;
            let places = &self.places;
            let found = self
                .viewer
                .hotspots(now, &|lon, lat| nearest(places, lon, lat));
            self.said.extend(found);
        }
    }

    fn step(&mut self, go: impl FnOnce(&mut Player<MemoryHistory>) -> Result<Step, PlayError>) {
        match go(&mut self.player) {
            Ok(step) => {
                if step.jumped {
                    self.viewer
                        .begin_anew(self.player.state(), SnapshotReason::Jumped);
                    self.since_hotspots = HOTSPOTS_EVERY;
                }
                self.viewer.note(self.player.state(), step.changes);
                if let Some(edge) = step.edge {
                    self.notice(code(&edge), words(&edge));
                }
            }
            Err(error) => self.notice(NO_ANSWER, error.to_string()),
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
                .notice(
                    NOT_HERE,
                    "this is an incident file; there is no running city in it".into(),
                ),
        }
    }

    fn entered(&mut self) {
        self.info.clock = Some(self.player.clock());
        self.said
            .push(ServerMessage::Entered(Box::new(self.info.clone())));
        self.clock();
        self.viewer.resync();
        self.said.push(ServerMessage::Bookmarks {
            list: self.bookmarks.clone(),
        });
    }

    fn clock(&mut self) {
        self.since_clock = Duration::ZERO;
        self.said.push(ServerMessage::Clock(self.player.clock()));
    }

    fn notice(&mut self, code: u16, text: String) {
        self.said.push(ServerMessage::Notice { code, text });
    }

    fn timeline(&mut self, request: u32, from: Timestamp, to: Timestamp, bars: u16) {
        let history = self.player.history();
        let answer = history.span().and_then(|span| {
            let (bars, marks) = history.bars(from, to, bars.clamp(1, BARS_MAX))?;
            Ok((span.unwrap_or_default(), bars, marks))
        });
        match answer {
            Ok(((log_from, log_to), bars, marks)) => {
                let gaps = history.gaps().into_iter();
                let line = Timeline {
                    request,
                    from,
                    to,
                    log_from,
                    log_to,
                    bars,
                    marks,
                    gaps: gaps
                        .filter(|g| g.to >= from && g.from <= to)
                        .map(|g| (g.from, g.to, g.words))
                        .collect(),
                    bookmarks: self
                        .bookmarks
                        .iter()
                        .filter(|b| b.time >= from && b.time <= to)
                        .cloned()
                        .collect(),
                };
                self.said.push(ServerMessage::Timeline(Box::new(line)));
            }
            Err(error) => self.notice(NO_ANSWER, error.to_string()),
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

fn nearest(places: &[(LonLat, String)], lon: f64, lat: f64) -> String {
    let Ok(here) = LonLat::new(lon, lat).position() else {
        return String::new();
    };
    places
        .iter()
        .filter_map(|(p, name)| Some((distance_m(p.position().ok()?, here), name)))
        .min_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| name.clone())
        .unwrap_or_default()
}

/// This machine's clock: what a server's greeting and its pongs tell of.
fn wall_clock() -> Timestamp {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    Timestamp(since.map_or(0, |d| d.as_micros() as i64))
}

/// The number of the notice that tells where the clock ended.
fn code(edge: &Edge) -> u16 {
    match edge {
        Edge::First | Edge::Last => EDGE,
        Edge::NoEarlier | Edge::NoLater => NO_EVENT,
        Edge::Gap(_) => GAP,
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
