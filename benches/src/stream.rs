//! One second of a city on its way from a feed to the screens: decide, apply, gather by tile, encode.

use crate::city::Traffic;
use crate::report::{Report, count, median, time};
use chengtu_engine::decide::decide_fixes;
use chengtu_engine::event::Event;
use chengtu_engine::geo::Position;
use chengtu_engine::ids::{FeedId, MoverId};
use chengtu_engine::model::{Actor, Fix, MoverKind};
use chengtu_engine::record::{Body, Origin, Record, World};
use chengtu_engine::state::State;
use chengtu_engine::stream::{RATE_CLASSES, TileStream};
use chengtu_engine::time::Timestamp;
use chengtu_protocol::{Encoding, encode_tile};
use std::time::Instant;

const ROUNDS: usize = 9;
const FEED: FeedId = FeedId(0);

/// At 10 k, 100 k and 1 M vehicles.
pub fn run(report: &mut Report) {
    report.table(
        "Stream: apply and encode",
        "Each vehicle sends one fix a round, all in one batch; one rate is subscribed and somebody looks at every \
         tile. Times are for one vehicle. Decide: checks against the future and repeats, columns. Apply: state and \
         index. Gather: which tiles were touched. Encode: tile frames as bytes, once for all who look.",
        &["vehicles", "decide", "apply", "gather", "encode", "sum", "bytes a vehicle", "a whole round"],
    );
    for n in [10_000, 100_000, 1_000_000] {
        report.row(&one_size(n));
    }
}

struct City {
    state: State,
    seq: u64,
    now: Timestamp,
}

impl City {
    fn record(&mut self, body: Body) -> Record {
        self.seq += 1;
        let origin = Origin {
            actor: Actor::System,
            command: None,
        };
        Record {
            seq: self.seq,
            known_at: self.now,
            world: World::Live,
            origin,
            body,
        }
    }

    fn new(n: usize) -> Self {
        let mut city = Self {
            state: State::new(),
            seq: 0,
            now: Timestamp::from_seconds(1_795_000_000),
        };
        let mut events = vec![Event::FeedRegistered {
            feed: FEED,
            name: "traffic".to_owned(),
        }];
        events.extend((0..n as u32).map(|i| Event::MoverRegistered {
            mover: MoverId(i),
            feed: FEED,
            key: format!("v{i}"),
            kind: MoverKind::Car,
        }));
        let record = city.record(Body::Events(events));
        city.state.apply(&record);
        city
    }

    fn fixes(&self, positions: &[Position]) -> Vec<Fix> {
        let fix = |(i, position)| Fix {
            mover: MoverId(i),
            position,
            bearing_cdeg: 9000,
            speed_cmps: 1500,
            accuracy_dm: 50,
            fix_time: self.now,
        };
        (0..).zip(positions.iter().copied()).map(fix).collect()
    }
}

fn one_size(n: usize) -> Vec<String> {
    let mut traffic = Traffic::new(n);
    let mut city = City::new(n);
    let mut tiles = TileStream::of(&city.state);
    let mut active = [false; RATE_CLASSES.len()];
    active[0] = true;
    tiles.set_active(active);
    let mut times: [Vec<f64>; 4] = Default::default();
    let mut bytes = 0;
    // The first round puts everybody on the map and is not counted.
    for round in 0..=ROUNDS {
        city.now = city.now.plus_seconds(1);
        traffic.all_move();
        let fixes = city.fixes(&traffic.positions());
        let mut laps = [0.0; 4];
        let mut start = Instant::now();
        let mut lap = |i: usize| {
            laps[i] = start.elapsed().as_nanos() as f64 / n as f64;
            start = Instant::now();
        };
        let decision = decide_fixes(&city.state, FEED, &fixes, city.now);
        lap(0);
        assert_eq!(decision.block.len(), n, "every fix is good");
        let record = city.record(Body::Fixes(decision.block));
        let changes = city.state.apply(&record);
        lap(1);
        tiles.touch(&city.state, &changes.movers);
        lap(2);
        let frames = tiles.take(&city.state, 0, city.now);
        bytes = frames
            .iter()
            .map(|f| encode_tile(Encoding::Binary, f).len())
            .sum();
        lap(3);
        if round > 0 {
            for (times, lap) in times.iter_mut().zip(laps) {
                times.push(lap);
            }
        }
    }
    let medians = times.map(|mut t| median(&mut t));
    let sum: f64 = medians.iter().sum();
    let mut row = vec![count(n)];
    row.extend(medians.iter().map(|t| time(*t)));
    row.extend([
        time(sum),
        format!("{:.1}", bytes as f64 / n as f64),
        time(sum * n as f64),
    ]);
    row
}
