//! Names of sensors and of feeds do not fill the city for ever.

use super::{ByHand, post, stop};
use crate::access::Feed;
use crate::city::City;
use crate::clock::Clock;
use crate::config::Config;
use crate::crs::Crs;
use crate::log::{EmbeddedStore, LogStore, recover};
use crate::pack::Pack;
use crate::request::{
    DataRequest, FeedData, NO_TIME, ObservationRow, Posted, Problems, SensorInfo, Taken,
    Unavailable,
};
use crate::world::{LiveHandle, start};
use chengtu_engine::geo::Position;
use chengtu_engine::model::{Phenomenon, Thresholds};
use chengtu_engine::state::State;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicI64;
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::sync::oneshot;

fn city(data: &Path, config: Config) -> (LiveHandle, JoinHandle<()>, Arc<ByHand>) {
    let pack = Path::new(env!("CARGO_MANIFEST_DIR")).join("../data/nanjing");
    let city = Arc::new(City::new(Pack::open(&pack).unwrap(), "", ""));
    let clock = Arc::new(ByHand(AtomicI64::new(1_800_000_000_000_000)));
    let store = Arc::new(EmbeddedStore::at(data));
    let (live, thread) = start(city, Arc::new(config), &[], store, clock.clone()).unwrap();
    (live, thread, clock)
}

/// Describes sensors of these names, and sends a reading of each.
fn measure(
    live: &LiveHandle,
    feed: &str,
    names: impl Iterator<Item = String>,
    value: f64,
) -> Result<Taken, Unavailable> {
    let row = |(n, key): (usize, String)| ObservationRow {
        row: n as u32 + 1,
        sensor: Some(SensorInfo {
            name: key.clone(),
            phenomenon: Phenomenon::WaterLevel,
            unit_of_measure: "m".to_owned(),
            position: Position::new(1_187_900_000, 320_500_000),
            thresholds: Some(Thresholds {
                warning: 1.0,
                alarm: 2.0,
            }),
        }),
        key,
        unit: None,
        reading: Some((NO_TIME, Some(value))),
    };
    let (reply, answer) = oneshot::channel();
    let request = DataRequest::Feed {
        feed: Arc::new(Feed {
            name: feed.to_owned(),
            crs: Crs::Wgs84,
        }),
        posted: Posted {
            door: "observations",
            data: FeedData::Observations(names.enumerate().map(row).collect()),
            unread: Problems::default(),
        },
        reply,
    };
    live.data.blocking_send(request).unwrap();
    answer.blocking_recv().unwrap()
}

fn state_of(data: &Path, clock: &ByHand) -> State {
    let store = EmbeddedStore::at(data);
    let log = store.writer(clock.now()).unwrap();
    let state = recover(&store, &*log).unwrap().state;
    assert_eq!(state.check(), Ok(()));
    let bytes = state.encode().unwrap();
    let read = State::decode(&bytes).unwrap();
    assert_eq!((read.check(), read.digest()), (Ok(()), state.digest()));
    state
}

#[test]
fn a_feed_whose_sensors_are_named_anew_every_day_shuts_nobody_out_and_the_city_does_not_grow() {
    let dir = tempfile::tempdir().unwrap();
    let mut config = Config::default();
    config.limits.sensors_max = 100;
    config.limits.feed_share_max_percent = 60;
    let (live, thread, clock) = city(dir.path(), config);
    let named = |day: i64, n| (0..n).map(move |i| format!("probe {day} {i}"));
    // A feed has its share, and no more; the others have theirs.
    let first = measure(&live, "probes", named(0, 80), 0.1).unwrap();
    assert_eq!((first.accepted, first.problems.count), (60, 20));
    // Names that were never heard before, every other day: those that were silent since make room.
    for day in 1..=5 {
        clock.put_forward(2 * 86_400);
        let taken = measure(&live, "probes", named(day, 50), 0.1).unwrap();
        assert_eq!((taken.accepted, taken.problems.count), (50, 0), "day {day}");
    }
    // One with an alarm that nobody has acknowledged stays, whoever wants its place.
    measure(&live, "levels", ["bridge".to_owned()].into_iter(), 2.5).unwrap();
    // What says nothing for a month goes by itself.
    clock.put_forward(31 * 86_400);
    std::thread::sleep(Duration::from_millis(2_500));
    assert_eq!(
        measure(&live, "others", named(9, 1), 0.1).unwrap().accepted,
        1
    );
    stop(&live, thread);
    let state = state_of(dir.path(), &clock);
    assert_eq!(state.sensors_known(), 2, "the bridge and the newest");
    assert!(state.sensors().len() <= 100, "{}", state.sensors().len());
    // With the last of its sensors the feed has gone too.
    assert_eq!(state.feed("probes"), None);
    let levels = state.feed("levels").unwrap();
    assert!(state.sensor_of(levels, "bridge").is_some());
}

#[test]
fn feeds_that_were_tried_out_once_make_room_and_go_by_themselves() {
    let dir = tempfile::tempdir().unwrap();
    let mut config = Config::default();
    config.limits.feeds_max = 4;
    let (live, thread, clock) = city(dir.path(), config);
    let one = |name: &str| [name.to_owned()].into_iter();
    // The terminals' feed is one of the four.
    for feed in ["a", "b", "c"] {
        measure(&live, feed, one("probe"), 0.1).unwrap();
    }
    let full = measure(&live, "d", one("probe"), 0.1);
    let Err(Unavailable::Refused(why)) = full else {
        panic!("{full:?}");
    };
    assert!(why.contains("feeds_max"), "{why}");
    // Their sensors go after a month; then they have nothing left, and one makes room.
    for _ in 0..2 {
        clock.put_forward(31 * 86_400);
        std::thread::sleep(Duration::from_millis(2_500));
    }
    assert_eq!(measure(&live, "d", one("probe"), 0.1).unwrap().accepted, 1);
    assert_eq!(post(&live, "e", one("car")).accepted, 1);
    stop(&live, thread);
    let state = state_of(dir.path(), &clock);
    assert!(state.feed("d").is_some() && state.feed("e").is_some());
    assert_eq!((state.feed("a"), state.feeds_known()), (None, 3));
    assert!(state.feeds().len() <= 4, "{:?}", state.feeds());
}
