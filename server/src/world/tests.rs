mod audit;
mod commands_first;
mod ended;
mod floods;
mod repeats;
mod silent;
mod unsure;

use super::tick::Doors;
use super::{LiveCity, LiveHandle, open, start};
use crate::access::{Feed, Part, Principal, PrincipalId};
use crate::city::City;
use crate::clock::{Clock, SharedClock};
use crate::config::Config;
use crate::crs::Crs;
use crate::log::{EmbeddedStore, LogStore, recover};
use crate::outbox::{Out, Outbox};
use crate::pack::Pack;
use crate::request::{
    AnyRequest, CommandReply, DataRequest, Decision, FeedData, FixBatch, FixRowIn, LiveRequest,
    NO_TIME, Posted, Problems, Taken, Unavailable,
};
use chengtu_engine::code::Code;
use chengtu_engine::command::{Basis, CommandRequest, Target};
use chengtu_engine::geo::Position;
use chengtu_engine::ids::{CommandId, MoverId, UnitId};
use chengtu_engine::model::{Fix, NO_BEARING};
use chengtu_engine::stream::ServerMessage;
use chengtu_engine::time::Timestamp;
use chengtu_protocol::{Encoding, Subprotocol, decode_server};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::thread::JoinHandle;
use tokio::sync::oneshot;

/// A clock that does not move.
#[derive(Debug)]
struct Still(Timestamp);

impl Clock for Still {
    fn now(&self) -> Timestamp {
        self.0
    }
}

/// A clock that is put forward by hand.
#[derive(Debug)]
struct ByHand(AtomicI64);

impl Clock for ByHand {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::Relaxed))
    }

    fn elapsed(&self) -> std::time::Duration {
        let since = self.0.load(Ordering::Relaxed) - 1_800_000_000_000_000;
        std::time::Duration::from_micros(since.cast_unsigned())
    }
}

impl ByHand {
    fn put_forward(&self, seconds: i64) {
        self.0.fetch_add(seconds * 1_000_000, Ordering::Relaxed);
    }
}

/// One position, without a time, of each vehicle of these names.
fn batch_of(names: impl Iterator<Item = String>) -> FixBatch {
    let mut batch = FixBatch::default();
    for (n, name) in names.enumerate() {
        let key_start = batch.keys.len() as u32;
        batch.keys.push_str(&name);
        batch.rows.push(FixRowIn {
            row: n as u32 + 1,
            key_start,
            key_len: name.len() as u16,
            kind: None,
            fix: Fix {
                mover: MoverId(0),
                position: Position::new(1_187_900_000, 320_500_000),
                bearing_cdeg: NO_BEARING,
                speed_cmps: 0,
                accuracy_dm: 0,
                fix_time: NO_TIME,
            },
        });
    }
    batch
}

/// What a feed posts, and who hears of it.
fn posted(
    feed: &str,
    door: &'static str,
    data: FeedData,
) -> (DataRequest, oneshot::Receiver<Result<Taken, Unavailable>>) {
    let (reply, answer) = oneshot::channel();
    let feed = Feed {
        name: feed.to_owned(),
        crs: Crs::Wgs84,
    };
    let request = DataRequest::Feed {
        feed: Arc::new(feed),
        posted: Posted {
            door,
            data,
            unread: Problems::default(),
        },
        reply,
    };
    (request, answer)
}

/// Posts positions of vehicles of these names: how many were taken, and why others were not.
fn post(live: &LiveHandle, feed: &str, names: impl Iterator<Item = String>) -> Taken {
    let (request, answer) = posted(feed, "fixes", FeedData::Fixes(batch_of(names)));
    live.data.blocking_send(request).unwrap();
    answer.blocking_recv().unwrap().unwrap()
}

#[test]
fn a_feed_whose_names_change_every_day_shuts_nobody_out_and_the_city_does_not_grow() {
    let dir = tempfile::tempdir().unwrap();
    let pack = Path::new(env!("CARGO_MANIFEST_DIR")).join("../data/nanjing");
    let city = Arc::new(City::new(Pack::open(&pack).unwrap(), "", ""));
    let units = city.units.len();
    let clock = Arc::new(ByHand(AtomicI64::new(1_800_000_000_000_000)));
    let store = Arc::new(EmbeddedStore::at(dir.path()));
    let mut config = Config::default();
    config.limits.movers_max = units + 200;
    config.limits.feed_share_max_percent = 60;
    let room = config.limits.feed_movers_max().min(200);
    let (live, thread) = start(city, Arc::new(config), &[], store.clone(), clock.clone()).unwrap();
    let trips = |day: i64, n| (0..n).map(move |i| format!("trip {day} {i}"));
    // A feed has its share, and no more; the others have theirs.
    let first = post(&live, "trips", trips(0, 400));
    assert_eq!(first.accepted, room as u64);
    assert!(
        first.problems.listed[0].text.contains("movers"),
        "{first:?}"
    );
    // Ten days of names that were never heard before: those of an hour ago make room.
    for day in 1..=10 {
        clock.put_forward(86_400);
        let taken = post(&live, "trips", trips(day, 50));
        assert_eq!((taken.accepted, taken.problems.count), (50, 0), "day {day}");
    }
    assert_eq!(post(&live, "buses", trips(0, 1)).accepted, 1);
    // What is silent for a week goes by itself.
    clock.put_forward(8 * 86_400);
    std::thread::sleep(std::time::Duration::from_millis(2_500));
    assert_eq!(post(&live, "buses", trips(1, 1)).accepted, 1);
    stop(&live, thread);
    let log = store.writer(clock.now()).unwrap();
    let state = recover(&*store, &*log).unwrap().state;
    assert_eq!(state.check(), Ok(()));
    assert_eq!(
        state.movers_known(),
        units + 1,
        "units stay, and the newest bus"
    );
    assert!(
        state.movers().len() <= units + 201,
        "{}",
        state.movers().len()
    );
}

fn city(data: &Path) -> (LiveHandle, JoinHandle<()>) {
    let pack = Path::new(env!("CARGO_MANIFEST_DIR")).join("../data/nanjing");
    let city = Arc::new(City::new(Pack::open(&pack).unwrap(), "", ""));
    let clock = Arc::new(Still(Timestamp::from_seconds(1_800_000_000)));
    let store = Arc::new(EmbeddedStore::at(data));
    start(city, Arc::new(Config::default()), &[], store, clock).unwrap()
}

fn stop(live: &LiveHandle, thread: JoinHandle<()>) {
    let (done, ended) = oneshot::channel();
    let stop = AnyRequest::Stop(done);
    live.requests.blocking_send(stop.into()).unwrap();
    ended.blocking_recv().unwrap();
    thread.join().unwrap();
}

fn dispatch() -> CommandRequest {
    CommandRequest::DispatchUnit {
        unit: UnitId(0),
        target: Target::Place(118.79, 32.05),
        expected_s: None,
    }
}

#[test]
fn commands_are_tried_out_as_whoever_asks_would_give_them() {
    let dir = tempfile::tempdir().unwrap();
    let (live, thread) = city(dir.path());
    let answers = |part: Part| {
        let id = PrincipalId::user("x");
        let by = Arc::new(Principal::with_usual_rights(id, "x", part));
        let (reply, answer) = oneshot::channel();
        let ask = LiveRequest::TryOut {
            by,
            commands: vec![dispatch()],
            reply,
        };
        live.requests.blocking_send(ask).unwrap();
        answer.blocking_recv().unwrap()
    };
    let officer = answers(Part::Operator);
    let looker_on = answers(Part::Viewer);
    assert!(
        looker_on[0]
            .as_ref()
            .is_some_and(|t| t.contains("decides nothing")),
        "{looker_on:?}"
    );
    // The unit has no position yet; that is said to an officer, not that they may not.
    assert!(
        officer[0]
            .as_ref()
            .is_none_or(|t| !t.contains("decides nothing")),
        "{officer:?}"
    );
    stop(&live, thread);
}

#[tokio::test]
async fn a_command_that_comes_too_late_is_answered_all_the_same() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().to_owned();
    let (live, thread) = tokio::task::spawn_blocking(move || city(&path))
        .await
        .unwrap();
    let outbox = Arc::new(Outbox::new(1, Subprotocol::BINARY_1_0, 9, 9_999));
    let id = CommandId(3, 4);
    let command = || AnyRequest::Command {
        session: 1,
        decision: Decision {
            command: dispatch(),
            basis: Basis::default(),
        },
        reply: CommandReply::new(outbox.clone(), id),
    };
    let (done, ended) = oneshot::channel();
    live.requests
        .send(AnyRequest::Stop(done).into())
        .await
        .unwrap();
    // It waits behind the end, or finds the queue closed.
    let _ = live.requests.send(command().into()).await;
    ended.await.unwrap();
    let Ok(Out::Answer(bytes)) = outbox.next().await else {
        panic!("no answer");
    };
    let answer = decode_server(Encoding::Binary, &bytes).unwrap();
    assert!(
        matches!(&answer, ServerMessage::Rejected(r) if r.id == id && r.code == Code::WorldEnded),
        "{answer:?}"
    );
    tokio::task::spawn_blocking(|| thread.join().unwrap())
        .await
        .unwrap();
}

/// A city whose ticks the test makes, with one officer in it.
struct Stepped {
    city: LiveCity,
    live: LiveHandle,
    doors: Doors,
    outbox: Arc<Outbox>,
    asked: u64,
}

impl Stepped {
    fn on(data: &Path, clock: SharedClock) -> Self {
        let pack = Path::new(env!("CARGO_MANIFEST_DIR")).join("../data/nanjing");
        let city = Arc::new(City::new(Pack::open(&pack).unwrap(), "", ""));
        let store = Arc::new(EmbeddedStore::at(data));
        let config = Arc::new(Config::default());
        let recovered = open(store, clock).unwrap();
        let (city, live, doors) = recovered.begin(city, config, &[]).unwrap();
        let outbox = Arc::new(Outbox::new(7, Subprotocol::BINARY_1_0, 99, 99_999));
        let id = PrincipalId::user("x");
        let officer = Principal::with_usual_rights(id, "x", Part::Operator);
        let mut s = Self {
            city,
            live,
            doors,
            outbox: outbox.clone(),
            asked: 0,
        };
        s.send(LiveRequest::Join {
            outbox,
            principal: Arc::new(officer),
            resume: None,
        });
        s.tick();
        s.said();
        s
    }

    fn send(&self, request: LiveRequest) {
        self.live.requests.try_send(request).unwrap();
    }

    fn tick(&mut self) {
        assert!(self.city.tick(&mut self.doors).is_continue());
    }

    fn report(&mut self) {
        self.asked += 1;
        let reply = CommandReply::new(self.outbox.clone(), CommandId(9, self.asked));
        let (lon, lat) = self.city.city.info.centre;
        let command = CommandRequest::ReportCase {
            class: chengtu_engine::ids::ClassId(0),
            severity: None,
            lon,
            lat,
            address: "x".to_owned(),
            note: String::new(),
        };
        let decision = Decision {
            command,
            basis: Basis::default(),
        };
        self.send(
            AnyRequest::Command {
                session: 7,
                decision,
                reply,
            }
            .into(),
        );
    }

    /// What the officer has been told since last time.
    fn said(&self) -> Vec<ServerMessage> {
        use futures_util::FutureExt;
        let mut all = Vec::new();
        while let Some(Ok(out)) = self.outbox.next().now_or_never() {
            if let Out::Answer(bytes) = out {
                all.push(decode_server(Encoding::Binary, &bytes).unwrap());
            }
        }
        all
    }

    fn data_file(data: &Path) -> std::path::PathBuf {
        let mut files: Vec<_> = std::fs::read_dir(data)
            .unwrap()
            .flatten()
            .map(|e| e.path())
            .filter(|p| p.extension().is_some_and(|e| e == "sqlite"))
            .collect();
        files.sort();
        files.pop().unwrap()
    }
}

fn accepted(said: &[ServerMessage]) -> usize {
    let is = |m: &&ServerMessage| matches!(m, ServerMessage::Accepted(_));
    said.iter().filter(is).count()
}

fn codes(said: &[ServerMessage]) -> Vec<Code> {
    let code = |m: &ServerMessage| match m {
        ServerMessage::Rejected(r) => Some(r.code),
        ServerMessage::Notice { code, .. } => Some(*code),
        _ => None,
    };
    said.iter().filter_map(code).collect()
}

fn still() -> SharedClock {
    Arc::new(Still(Timestamp::from_seconds(1_800_000_000)))
}

#[test]
fn a_lock_from_an_administrators_shell_delays_an_answer_and_ends_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let mut s = Stepped::on(dir.path(), still());
    s.report();
    s.tick();
    assert_eq!(accepted(&s.said()), 1);
    let shell = rusqlite::Connection::open(Stepped::data_file(dir.path())).unwrap();
    shell.execute_batch("BEGIN IMMEDIATE").unwrap();
    s.report();
    for _ in 0..3 {
        s.tick();
        assert!(s.said().is_empty(), "nobody is told what is not durable");
    }
    assert!(
        s.live
            .status
            .waiting()
            .is_some_and(|w| w.contains("locked"))
    );
    s.report();
    shell.execute_batch("ROLLBACK").unwrap();
    s.tick();
    assert_eq!(accepted(&s.said()), 1);
    s.tick();
    assert_eq!((accepted(&s.said()), s.live.status.waiting()), (1, None));
    // One that stays: what waits is refused and never happens; then the city writes again by itself.
    shell.execute_batch("BEGIN IMMEDIATE").unwrap();
    s.report();
    let mut said = Vec::new();
    while said.is_empty() {
        s.tick();
        said = s.said();
    }
    assert!(codes(&said).contains(&Code::Stopped), "{said:?}");
    assert_eq!(accepted(&said), 0);
    assert!(
        s.live
            .status
            .stopped()
            .is_some_and(|w| w.contains("tried again"))
    );
    shell.execute_batch("ROLLBACK").unwrap();
    let began = std::time::Instant::now();
    while s.live.status.stopped().is_some() {
        s.tick();
        assert!(began.elapsed().as_secs() < 20, "it never writes again");
    }
    assert!(codes(&s.said()).contains(&Code::WritesAgain));
    s.report();
    s.tick();
    assert_eq!(accepted(&s.said()), 1);
    assert_eq!(s.city.state.cases().len(), 4);
    let digest = s.city.state.digest();
    s.city.end();
    drop(s);
    let store = EmbeddedStore::at(dir.path());
    assert_eq!(store.verify().unwrap().findings, []);
    let log = crate::log::LogStore::writer(&store, Timestamp(0)).unwrap();
    let found = crate::log::recover(&store, &*log).unwrap();
    assert_eq!(found.state.digest(), digest);
}

/// A clock that the test sets; time passes beside it.
#[derive(Debug, Default)]
struct Set(std::sync::Mutex<(i64, u64)>);

impl Set {
    fn pass(&self, s: u64) {
        let mut both = self.0.lock().unwrap();
        both.0 += s as i64;
        both.1 += s;
    }

    fn set(&self, by_s: i64) {
        self.0.lock().unwrap().0 += by_s;
    }
}

impl Clock for Set {
    fn now(&self) -> Timestamp {
        Timestamp::from_seconds(1_800_000_000 + self.0.lock().unwrap().0)
    }

    fn elapsed(&self) -> std::time::Duration {
        std::time::Duration::from_secs(self.0.lock().unwrap().1)
    }
}

#[test]
fn a_year_forward_is_refused_told_on_every_screen_and_followed_when_it_is_confirmed() {
    let dir = tempfile::tempdir().unwrap();
    let clock = Arc::new(Set::default());
    let mut s = Stepped::on(dir.path(), clock.clone());
    s.report();
    s.tick();
    s.said();
    let before = s.city.now();
    let file = Stepped::data_file(dir.path());
    let second = |s: &mut Stepped| {
        clock.pass(1);
        for _ in 0..10 {
            s.tick();
        }
    };
    clock.set(365 * 86_400);
    second(&mut s);
    assert!(s.city.now().seconds_since(before.plus_seconds(1)).abs() < 1e-4);
    assert_eq!(codes(&s.said()), [Code::ServerClock]);
    let told = s.live.status.clock().trouble.unwrap();
    assert!(told.contains("365 days ahead"), "{told}");
    assert_eq!(Stepped::data_file(dir.path()), file, "no new day");
    assert!(!s.city.state.cases().values().any(|c| c.overdue));
    // Right again.
    clock.set(-365 * 86_400);
    second(&mut s);
    assert!(s.city.now().seconds_since(before.plus_seconds(2)).abs() < 1e-4);
    assert_eq!(codes(&s.said()), [Code::ServerClock]);
    assert_eq!(s.live.status.clock().trouble, None);
    // Two days forward, and a person says that it is so.
    clock.set(2 * 86_400);
    second(&mut s);
    EmbeddedStore::at(dir.path())
        .confirm_clock(clock.now())
        .unwrap();
    second(&mut s);
    second(&mut s);
    assert!(
        s.city
            .now()
            .seconds_since(before.plus_seconds(2 * 86_400 + 5))
            .abs()
            < 1e-4
    );
    assert_eq!(s.live.status.clock().trouble, None);
    assert_ne!(Stepped::data_file(dir.path()), file);
}
