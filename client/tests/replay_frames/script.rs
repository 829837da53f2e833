//! A small city whose every moment is a formula, sent over the real protocol.

use chengtu_engine::chance::Chance;
use chengtu_engine::city::{
    CaseKind, CityInfo, ClassInfo, ClockKind, DepartmentInfo, Limit, Severity,
};
use chengtu_engine::drill::Seat;
use chengtu_engine::geo::{LonLat, TileId};
use chengtu_engine::ids::{AlarmId, CaseId, ClassId, DepartmentId, MoverId, UnitId};
use chengtu_engine::model::{
    Actor, AlarmSource, CaseSource, MoverKind, Stage, StageChange, UnitStatus,
};
use chengtu_engine::permission::Role;
use chengtu_engine::record::World;
use chengtu_engine::replay::{TimeBasis, TimeControl, Timeline, TimelineBar, WorldClock};
use chengtu_engine::stream::{
    AlarmView, CaseView, ClientMessage, EntityChange, Frame, ServerHello, ServerMessage,
    SnapshotReason, TILE_ZOOM, TileFrame, UnitView, WorldChoice, WorldInfo,
};
use chengtu_engine::time::Timestamp;
use chengtu_protocol::{Encoding, Subprotocol, decode_client, encode_server};
use futures_util::{SinkExt, StreamExt};
use std::collections::BTreeMap;
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message as SocketMessage;
use tokio_tungstenite::tungstenite::handshake::server::{Request, Response};
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::http::header::SEC_WEBSOCKET_PROTOCOL;

/// 2026-11-20 14:00:00 in Nanjing.
const NOON: Timestamp = Timestamp::from_seconds(20_777 * 86_400 + 6 * 3_600);
const FROM: Timestamp = NOON.plus_seconds(-600);
const TO: Timestamp = NOON.plus_seconds(600);
const CARS: u32 = 60;
const UNITS: u32 = 8;

/// Serves on a free port until the process ends.
pub fn serve() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.set_nonblocking(true).expect("a socket");
    let port = listener.local_addr().expect("an address").port();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        runtime.block_on(async move {
            let listener = TcpListener::from_std(listener).expect("a listener");
            loop {
                let (stream, _) = listener.accept().await.expect("a client");
                tokio::task::spawn(talk(stream));
            }
        });
    });
    port
}

struct Peer {
    socket: WebSocketStream<TcpStream>,
    clock: Option<WorldClock>,
    seq: u64,
}

async fn talk(stream: TcpStream) {
    #[allow(clippy::result_large_err)] // The handshake's own type.
    let agree = |_: &Request, mut response: Response| {
        response.headers_mut().insert(
            SEC_WEBSOCKET_PROTOCOL,
            HeaderValue::from_static(Subprotocol::BINARY_1_0.name()),
        );
        Ok(response)
    };
    let Ok(socket) = tokio_tungstenite::accept_hdr_async(stream, agree).await else {
        return;
    };
    let mut peer = Peer {
        socket,
        clock: None,
        seq: 0,
    };
    while let Some(Ok(message)) = peer.socket.next().await {
        if let SocketMessage::Binary(bytes) = message {
            let message =
                decode_client(Encoding::Binary, &bytes).expect("the client speaks the protocol");
            if peer.answer(message).await.is_none() {
                return;
            }
        }
    }
}

impl Peer {
    /// `None` when the client has gone.
    async fn say(&mut self, message: ServerMessage) -> Option<()> {
        let bytes = SocketMessage::Binary(encode_server(Encoding::Binary, &message).into());
        self.socket.send(bytes).await.ok()
    }

    async fn answer(&mut self, message: ClientMessage) -> Option<()> {
        match message {
            ClientMessage::Hello { .. } => self.say(ServerMessage::Hello(Box::new(hello()))).await,
            ClientMessage::Ping { nonce } => {
                self.say(ServerMessage::Pong { nonce, time: TO }).await
            }
            ClientMessage::Subscribe { .. } | ClientMessage::Resync => {
                let at = self.clock.map_or(TO, |c| c.time);
                self.snapshot(at, SnapshotReason::Subscribed).await
            }
            ClientMessage::Enter {
                choice: WorldChoice::Replay { at, .. },
            } => {
                let clock = WorldClock {
                    time: at.clamp(FROM, TO),
                    speed: 0.0,
                    playing: false,
                    basis: TimeBasis::Known,
                    from: FROM,
                    to: TO,
                    jumps: 0,
                };
                self.clock = Some(clock);
                let info = WorldInfo {
                    world: World::Replay(1),
                    title: String::new(),
                    owner: "x".into(),
                    shared: false,
                    seat: Seat::Director,
                    clock: Some(clock),
                    notice: String::new(),
                    notice_en: String::new(),
                    record_of: None,
                };
                self.say(ServerMessage::Entered(Box::new(info))).await?;
                self.snapshot(clock.time, SnapshotReason::Subscribed).await
            }
            ClientMessage::Time { control } => self.drive(control).await,
            ClientMessage::Timeline {
                request,
                from,
                to,
                bars,
            } => {
                let bar = |i: u16| TimelineBar {
                    cases: u32::from(i % 7),
                    alarms: u32::from(i.is_multiple_of(31)),
                };
                self.say(ServerMessage::Timeline(Box::new(Timeline {
                    request,
                    from,
                    to,
                    log_from: FROM,
                    log_to: TO,
                    bars: (0..bars).map(bar).collect(),
                    marks: vec![],
                    gaps: vec![],
                    bookmarks: vec![],
                })))
                .await
            }
            _ => Some(()),
        }
    }

    async fn drive(&mut self, control: TimeControl) -> Option<()> {
        let mut clock = self.clock?;
        match control {
            TimeControl::Speed(speed) => clock.speed = speed,
            TimeControl::Seek(at) => {
                let at = at.clamp(FROM, TO);
                clock.jumps += 1;
                if at > clock.time {
                    // Played there: a clock that runs at 20×, ten frames a second of the city.
                    (clock.playing, clock.speed) = (true, 20.0);
                    self.say(ServerMessage::Clock(clock)).await?;
                    while clock.time < at {
                        let next = Timestamp((clock.time.0 + 700_000).min(at.0));
                        self.frame(clock.time, next).await?;
                        clock.time = next;
                    }
                    (clock.playing, clock.speed) = (false, 1.0);
                } else {
                    clock.time = at;
                    self.snapshot(at, SnapshotReason::Jumped).await?;
                }
            }
            other => panic!("the exporter does not {other:?}"),
        }
        self.clock = Some(clock);
        self.say(ServerMessage::Clock(clock)).await
    }

    async fn snapshot(&mut self, time: Timestamp, reason: SnapshotReason) -> Option<()> {
        self.seq = 1_000_000 + (time.0 - FROM.0) as u64 / 1_000;
        let message = ServerMessage::Snapshot {
            seq: self.seq,
            time,
            reason,
            changes: entities(time),
            tiles: tiles(None, time),
        };
        self.say(message).await
    }

    /// Everything that changed from one moment to the next.
    async fn frame(&mut self, from: Timestamp, to: Timestamp) -> Option<()> {
        let before = entities(from);
        let now = entities(to);
        let mut changes: Vec<EntityChange> = now
            .iter()
            .filter(|c| !before.contains(c))
            .cloned()
            .collect();
        let id = |c: &EntityChange| match c {
            EntityChange::Case(c) => Some(c.id),
            _ => None,
        };
        for gone in before.iter().filter_map(id) {
            if !now.iter().filter_map(id).any(|c| c == gone) {
                changes.push(EntityChange::CaseGone(gone));
            }
        }
        let (prev_seq, seq) = (self.seq, self.seq + 1);
        self.seq = seq;
        let message = ServerMessage::Frame(Frame {
            seq,
            prev_seq,
            time: to,
            changes,
            tiles: tiles(Some(from), to),
        });
        self.say(message).await
    }
}

fn hello() -> ServerHello {
    let class = |name: &str, severity| ClassInfo {
        code: "C0101".into(),
        kind: CaseKind::Component,
        group: "公用设施".into(),
        name: name.into(),
        name_en: name.into(),
        severity,
        limit: Limit {
            amount: 2,
            clock: ClockKind::RunningHours,
        },
        department: DepartmentId(0),
        skill: String::new(),
    };
    ServerHello {
        epoch: 1,
        seq: 1,
        time: TO,
        tick_ms: 100,
        user: "周岚".into(),
        role: Role::Operator,
        unit: None,
        world: World::Live,
        resumed: false,
        records_views: false,
        city: CityInfo {
            name: "南京".into(),
            name_en: "Nanjing".into(),
            bounds: (118.77, 32.03, 118.81, 32.06),
            centre: (118.7862, 32.0440),
            utc_offsets: vec![(Timestamp(i64::MIN), 8 * 3_600)],
            classes: vec![
                class("污水井盖", Severity::Severe),
                class("道路破损", Severity::Normal),
            ],
            departments: vec![DepartmentInfo {
                key: "a".into(),
                name: "市政".into(),
                name_en: "Works".into(),
            }],
            ..CityInfo::default()
        },
    }
}

/// A case every three seconds, open for forty; every fifth has an alarm for a while.
fn entities(at: Timestamp) -> Vec<EntityChange> {
    let since_s = at.seconds_since(FROM);
    let mut out = Vec::new();
    let newest = (since_s / 3.0) as i64;
    for n in (newest - 13).max(0)..=newest {
        let reported = FROM.plus_seconds(n * 3);
        let (lon, lat) = place(n as u64 * 7 + 3, 0.0045);
        let severe = n % 5 == 0;
        out.push(EntityChange::Case(CaseView {
            id: CaseId(n as u64 + 1),
            class: ClassId(u16::from(!severe)),
            severity: if severe {
                Severity::Severe
            } else {
                Severity::Normal
            },
            lon,
            lat,
            address: format!("珠江路 {n} 号"),
            note: String::new(),
            source: CaseSource::Operator("周岚".into()),
            occurred_at: reported,
            stage: Stage::Filed,
            history: vec![StageChange {
                stage: Stage::Filed,
                at: reported,
                by: Actor::System,
            }],
            filed_at: Some(reported),
            due_at: Some(reported.plus_seconds(60)),
            overdue: false,
            units: vec![],
            handled_by: None,
            rework: 0,
            reports: 1 + (n % 3) as u32,
            maybe_same_as: None,
        }));
        if severe {
            let seen = at >= reported.plus_seconds(20);
            out.push(EntityChange::Alarm(AlarmView {
                id: AlarmId(n as u64 + 1),
                source: AlarmSource::Case(CaseId(n as u64 + 1)),
                severity: Severity::Severe,
                lon,
                lat,
                raised_at: reported,
                acknowledged: seen.then(|| (Actor::System, reported.plus_seconds(20))),
                ended_at: None,
            }));
        }
    }
    // What is over goes with its case.
    for n in (newest - 40).max(0)..(newest - 13).max(0) {
        out.push(EntityChange::AlarmGone(AlarmId(n as u64 + 1)));
    }
    for u in 0..UNITS {
        let drives = !(since_s as u32 / 7 + u).is_multiple_of(3);
        out.push(EntityChange::Unit(UnitView {
            id: UnitId(u),
            mover: MoverId(u),
            call_sign: format!("市政 {u:02}"),
            call_sign_en: format!("Works {u:02}"),
            fleet: "works".into(),
            department: DepartmentId(0),
            skills: vec![],
            status: if drives {
                UnitStatus::EnRoute
            } else {
                UnitStatus::Available
            },
            since: FROM,
            assignment: None,
            handled: 0,
        }));
    }
    out
}

fn place(seed: u64, spread: f64) -> (f64, f64) {
    let random = Chance::new(seed).bits();
    let unit = |bits: u64| (bits & 0xffff) as f64 / 65_535.0 * 2.0 - 1.0;
    (
        118.7862 + spread * unit(random >> 7),
        32.0440 + spread * unit(random >> 31),
    )
}

/// Where a mover was at its newest fix; it fixes once a second, each at its own part of it.
fn fix(id: u32, at: Timestamp) -> (Timestamp, LonLat, u16) {
    let part_us = i64::from(id % 10) * 100_000;
    let fixed_us = (at.0 - part_us).div_euclid(1_000_000) * 1_000_000 + part_us;
    let fixed = Timestamp(fixed_us);
    let (lon, lat) = place(u64::from(id) * 13 + 1, 0.004);
    let turned = fixed.seconds_since(FROM) * 0.05 + f64::from(id);
    let (sin, cos) = turned.sin_cos();
    let heading_deg = (360.0 - turned.to_degrees()).rem_euclid(360.0);
    (
        fixed,
        LonLat::new(lon + 0.0016 * cos, lat + 0.0014 * sin),
        (heading_deg * 100.0) as u16,
    )
}

/// Frames of all tiles; of what moved since a moment, or of everything.
fn tiles(since: Option<Timestamp>, at: Timestamp) -> Vec<TileFrame> {
    let world = TileId { z: 0, x: 0, y: 0 };
    let tile_of = |id: u32, at: Timestamp| {
        let (_, p, _) = fix(id, at);
        let p = p.position().expect("a place on Earth");
        if id < UNITS {
            world
        } else {
            TileId::containing(p, TILE_ZOOM)
        }
    };
    let mut rows: BTreeMap<TileId, Vec<u32>> = BTreeMap::new();
    let mut left: BTreeMap<TileId, Vec<MoverId>> = BTreeMap::new();
    for id in 0..UNITS + CARS {
        if since.is_none_or(|s| fix(id, s).0 != fix(id, at).0) {
            rows.entry(tile_of(id, at)).or_default().push(id);
        }
        if let Some(s) = since
            && tile_of(id, s) != tile_of(id, at)
        {
            left.entry(tile_of(id, s)).or_default().push(MoverId(id));
            rows.entry(tile_of(id, at)).or_default();
        }
    }
    let mut all: Vec<TileId> = rows.keys().chain(left.keys()).copied().collect();
    all.sort_unstable();
    all.dedup();
    let mut out = Vec::new();
    for tile in all {
        let mut frame = TileFrame::new(tile, at);
        frame.left = left.remove(&tile).unwrap_or_default();
        let ids = rows.remove(&tile).unwrap_or_default();
        frame.push_rows(ids.into_iter().map(|id| {
            let (fixed, p, bearing_cdeg) = fix(id, at);
            let position = p.position().expect("a place on Earth");
            let joined = since.is_none_or(|s| tile_of(id, s) != tile);
            let kind = if id < UNITS {
                (MoverKind::Unit, Some(UnitId(id)))
            } else {
                (MoverKind::Taxi, None)
            };
            (
                MoverId(id),
                position,
                bearing_cdeg,
                840,
                fixed,
                joined.then_some(kind),
            )
        }));
        out.push(frame);
    }
    out
}
