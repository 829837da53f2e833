//! What is archived comes back: record by record, row by row, field by field, whatever was in it.

mod city;
mod rng;

use chengtu_engine::archive::{ArchiveError, Segment, decode_record, encode_record};
use chengtu_engine::command::{CaseReport, Command, Observation};
use chengtu_engine::geo::Position;
use chengtu_engine::ids::{ClassId, FeedId, MoverId, SensorId};
use chengtu_engine::model::{Actor, Fix, NO_BEARING};
use chengtu_engine::record::{Body, FixBlock, Origin, Record, World};
use chengtu_engine::time::Timestamp;
use city::Live;
use rng::{Rng, place};

const BEGIN: Timestamp = Timestamp::from_seconds(1_795_000_000);

/// Vehicles that drive and turn, a row a second, in the order of their numbers.
fn driving(vehicles: u32, seconds: i64, rng: &mut Rng) -> Vec<Record> {
    let mut at: Vec<(f64, f64, f64)> = (0..vehicles)
        .map(|_| {
            let p = place(rng).lon_lat();
            (p.lon_deg, p.lat_deg, rng.below(3_600) as f64 / 10.0)
        })
        .collect();
    let mut records = Vec::new();
    for second in 0..seconds {
        let mut block = FixBlock::with_capacity(FeedId(1), vehicles as usize);
        for (i, (lon, lat, bearing)) in (0..).zip(&mut at) {
            if rng.chance(5) {
                *bearing = rng.below(3_600) as f64 / 10.0;
            }
            let speed = 8.0 + rng.below(40) as f64 / 10.0;
            let (sin, cos) = libm_sincos(*bearing);
            *lon += speed * sin / 94_400.0;
            *lat += speed * cos / 110_900.0;
            block.push(Fix {
                mover: MoverId(i * 3 + 1),
                position: Position::new(
                    (*lon * 1e6).round() as i32 * 10,
                    (*lat * 1e6).round() as i32 * 10,
                ),
                bearing_cdeg: (*bearing * 10.0).round() as u16 * 10,
                speed_cmps: (speed * 10.0).round() as u16 * 10,
                accuracy_dm: 0,
                fix_time: BEGIN.plus_seconds(second),
            });
        }
        records.push(record(records.len() as u64 + 1, second, Body::Fixes(block)));
    }
    records
}

fn libm_sincos(degrees: f64) -> (f64, f64) {
    degrees.to_radians().sin_cos()
}

fn record(seq: u64, second: i64, body: Body) -> Record {
    Record {
        seq,
        known_at: Timestamp(BEGIN.plus_seconds(second).0 + 40_000),
        world: World::Live,
        origin: Origin {
            actor: Actor::Feed(FeedId(1)),
            command: None,
        },
        body,
    }
}

/// Rows without any sense, the extremes of every field among them.
fn nonsense(rng: &mut Rng) -> FixBlock {
    let rows = rng.below(60);
    let mut block = FixBlock::with_capacity(FeedId(rng.below(3) as u16), rows as usize);
    let movers = 1 + rng.below(30);
    for _ in 0..rows {
        let wild = rng.chance(10);
        block.push(Fix {
            mover: MoverId(if wild {
                rng.next() as u32
            } else {
                rng.below(movers) as u32
            }),
            position: if wild {
                Position::new(
                    rng.next() as i32,
                    [i32::MIN, i32::MAX][rng.below(2) as usize],
                )
            } else {
                place(rng)
            },
            bearing_cdeg: if rng.chance(20) {
                NO_BEARING
            } else {
                rng.below(65_536) as u16
            },
            speed_cmps: rng.below(65_536) as u16,
            accuracy_dm: rng.below(65_536) as u16,
            fix_time: Timestamp(match rng.below(20) {
                0 => i64::MIN,
                1 => i64::MAX,
                _ => BEGIN.0 + rng.below(90_000_000) as i64,
            }),
        });
    }
    block
}

fn same(records: &[Record]) -> Segment {
    let segment = Segment::of(records).expect("it is sealed");
    assert_eq!(segment.records().expect("it opens"), records);
    let without: Vec<Record> = records
        .iter()
        .filter(|r| !matches!(r.body, Body::Fixes(_)))
        .cloned()
        .collect();
    assert_eq!(segment.records_without_fixes().expect("it opens"), without);
    segment
}

#[test]
fn nonsense_of_two_hundred_seeds_comes_back() {
    for seed in 0..200 {
        let mut rng = Rng(seed);
        let mut records = Vec::new();
        for i in 0..=rng.below(25) {
            let body = match rng.below(8) {
                0 => Body::Observations(
                    vec![Observation {
                        sensor: SensorId(rng.below(9) as u32),
                        phenomenon_time: Timestamp(rng.next() as i64),
                        value: rng.chance(80).then(|| rng.below(1_000) as f64 / 7.0),
                    }],
                    vec![],
                ),
                _ => Body::Fixes(nonsense(&mut rng)),
            };
            let mut r = record(i + 1, i as i64, body);
            if rng.chance(5) {
                r.known_at = Timestamp(rng.next() as i64);
            }
            let one = encode_record(&r).expect("it is encoded");
            assert_eq!(
                decode_record(r.seq, r.known_at, &one).as_ref(),
                Ok(&r),
                "seed {seed}"
            );
            records.push(r);
        }
        same(&records);
    }
}

#[test]
fn the_life_of_a_city_comes_back() {
    let mut live = Live::new();
    let mut rng = Rng(5);
    for i in 0..50 {
        let report = CaseReport {
            class: ClassId((i % 4) as u16),
            severity: None,
            position: place(&mut rng),
            address: "中山东路".to_owned(),
            note: "井盖缺失".to_owned(),
            occurred_at: live.now.plus_seconds(-60),
            filed_at: None,
            key: format!("k{i}"),
        };
        live.must(Command::ReportCase(report), &Actor::Feed(FeedId(1)));
        live.append(
            &Actor::Feed(FeedId(0)),
            None,
            Body::Fixes(nonsense(&mut rng)),
        );
        live.now = live.now.plus_seconds(61);
        live.must(Command::Tick, &Actor::System);
    }
    let segment = same(&live.log);
    assert!(segment.last_seq > 60 && segment.rows > 0);
    assert_eq!(segment.crc(), same(&live.log).crc(), "the same bytes again");
}

#[test]
fn driving_takes_two_bytes_a_fix() {
    let records = driving(200, 300, &mut Rng(9));
    let segment = same(&records);
    let bytes = segment.size() as f64 / segment.rows as f64;
    assert!(bytes < 3.2, "{bytes} bytes a fix");
}

#[test]
fn every_flipped_byte_of_a_segment_shows_in_its_checksum_and_none_breaks_the_reader() {
    let segment = same(&driving(7, 20, &mut Rng(1)));
    let crc = segment.crc();
    for at in 0..segment.size() {
        let mut bad = segment.clone();
        let heads = bad.heads.len();
        match at.checked_sub(heads) {
            None => bad.heads[at] ^= 0x20,
            Some(at) => bad.fixes[at] ^= 0x20,
        }
        assert_ne!(bad.crc(), crc, "byte {at}");
        // Whatever it says, it says it in order.
        let _ = bad.records();
    }
    for cut in 0..segment.fixes.len() {
        let mut bad = segment.clone();
        bad.fixes.truncate(cut);
        assert!(bad.records().is_err(), "cut at {cut}");
    }
    let mut bad = segment.clone();
    bad.rows += 1;
    assert!(bad.records().is_err());
    bad.rows -= 1;
    bad.last_seq += 1;
    assert!(bad.records().is_err());
}

#[test]
fn records_that_do_not_follow_one_another_make_no_segment() {
    let mut records = driving(2, 3, &mut Rng(2));
    records[2].seq = 9;
    let error = Segment::of(&records).expect_err("a gap");
    assert_eq!(
        error,
        ArchiveError::NotConsecutive {
            before: 2,
            found: 9
        }
    );
    assert!(Segment::of(&[]).is_err());
}
