use super::{LiveHandle, start};
use crate::access::{Feed, Part, Principal, PrincipalId};
use crate::city::City;
use crate::clock::Clock;
use crate::config::Config;
use crate::crs::Crs;
use crate::log::{EmbeddedStore, LogStore, recover};
use crate::outbox::{Out, Outbox};
use crate::pack::Pack;
use crate::request::{
    AnyRequest, CommandReply, DataRequest, Decision, FeedData, FixBatch, FixRowIn, LiveRequest,
    NO_TIME, Taken,
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
}

impl ByHand {
    fn put_forward(&self, seconds: i64) {
        self.0.fetch_add(seconds * 1_000_000, Ordering::Relaxed);
    }
}

/// Posts positions of vehicles of these names: how many were taken, and why others were not.
fn post(live: &LiveHandle, feed: &str, names: impl Iterator<Item = String>) -> Taken {
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
    let (reply, answer) = oneshot::channel();
    let feed = Feed {
        name: feed.to_owned(),
        crs: Crs::Wgs84,
    };
    let request = DataRequest::Feed {
        feed: Arc::new(feed),
        data: FeedData::Fixes(batch),
        reply,
    };
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
