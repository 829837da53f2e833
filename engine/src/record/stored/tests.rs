//! A record of tomorrow read by the code of today, and one of yesterday by the code of tomorrow.

use super::event::{NAMES, StoredEvent};
use super::later::{Later, READERS, Reader};
use crate::archive::{
    ArchiveError, EncodedRecord, Segment, decode_drill_entry, decode_record, encode_record,
};
use crate::command::UnitRegistration;
use crate::drill::{DrillEntry, DrillEvent};
use crate::event::Event;
use crate::ids::{CaseId, DepartmentId, FeedId, MoverId, UnitId};
use crate::model::Actor;
use crate::record::{Body, Origin, Record, World};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Place of `unit_registered` among the first forms.
const UNIT_REGISTERED: u16 = 3;

/// What a unit is registered with tomorrow: it also says its radio channel.
#[derive(Serialize, Deserialize)]
struct UnitRegisteredV2 {
    unit: UnitId,
    mover: MoverId,
    call_sign: String,
    fleet: String,
    department: DepartmentId,
    feed: FeedId,
    radio: Option<u16>,
}

/// The readers of tomorrow.
const TOMORROW: &[Reader] = &[Reader {
    kind: UNIT_REGISTERED,
    version: 2,
    read: |payload| {
        let v2: UnitRegisteredV2 = postcard::from_bytes(payload)?;
        let radio = v2
            .radio
            .map_or(String::new(), |r| format!(" on channel {r}"));
        Ok(Event::UnitRegistered {
            unit: v2.unit,
            mover: v2.mover,
            registration: UnitRegistration {
                call_sign: format!("{}{radio}", v2.call_sign),
                call_sign_en: String::new(),
                fleet: v2.fleet,
                department: v2.department,
                skills: Vec::new(),
                feed: v2.feed,
            },
        })
    },
}];

fn tomorrow() -> StoredEvent<'static> {
    let payload = postcard::to_stdvec(&UnitRegisteredV2 {
        unit: UnitId(4),
        mover: MoverId(7),
        call_sign: "排水 04".to_owned(),
        fleet: "drainage".to_owned(),
        department: DepartmentId(0),
        feed: FeedId(0),
        radio: Some(12),
    });
    StoredEvent::Later(Later {
        kind: UNIT_REGISTERED,
        version: 2,
        payload: payload.unwrap(),
    })
}

fn today() -> Record {
    Record {
        seq: 812,
        known_at: Timestamp(1_790_000_000_000_000),
        world: World::Live,
        origin: Origin {
            actor: Actor::System,
            command: None,
        },
        body: Body::Events(vec![Event::CaseClosed { case: CaseId(3) }]),
    }
}

/// [`today`] with another body, as a log would have it.
fn with_body(body: Vec<u8>) -> EncodedRecord {
    let mut e = encode_record(&today()).unwrap();
    e.body = body;
    let mut crc = crc32c::crc32c(&812u64.to_le_bytes());
    let known_at = today().known_at.0.to_le_bytes();
    for part in [&known_at[..], &[e.kind], &e.head, &e.body] {
        crc = crc32c::crc32c_append(crc, part);
    }
    e.crc = crc;
    e
}

fn refusal(body: Vec<u8>) -> String {
    match decode_record(812, today().known_at, &with_body(body)) {
        Err(e @ ArchiveError::Newer { seq: 812, .. }) => e.to_string(),
        other => panic!("{other:?}"),
    }
}

/// A body of events, or of readings and events, by their place.
fn body(place: u32, events: &[StoredEvent<'_>]) -> Vec<u8> {
    let mut bytes = postcard::to_stdvec(&place).unwrap();
    if place == 2 {
        bytes.push(0); // No readings.
    }
    bytes.extend(postcard::to_stdvec(events).unwrap());
    bytes
}

#[test]
fn a_record_of_tomorrow_is_refused_by_its_number_its_event_and_its_version() {
    let closed = || StoredEvent::CaseClosed { case: CaseId(3) };
    for place in [0, 2] {
        assert_eq!(
            refusal(body(place, &[closed(), tomorrow(), closed()])),
            "record 812 holds an event \"unit_registered\" in version 2; this program knows it up to version 1: it was written by a newer version; update this program to read it"
        );
    }
    let new_kind = StoredEvent::Later(Later {
        kind: 65,
        version: 1,
        payload: vec![1, 2, 3],
    });
    let text = refusal(body(0, &[new_kind]));
    assert!(
        text.contains("an event of kind 65 in version 1; this program does not know that kind"),
        "{text}"
    );
    let text = refusal(vec![0, 1, 26, 0]);
    assert!(text.contains("at place 26"), "{text}");
    // Place 18 is a case that entered a stage; there is no stage 40.
    let text = refusal(vec![0, 1, 18, 3, 40]);
    assert!(
        text.contains("\"case_stage_entered\" that says something unknown"),
        "{text}"
    );
    let text = refusal(vec![3, 0]);
    assert!(text.contains("a body of kind 3"), "{text}");
}

#[test]
fn a_segment_and_a_drill_of_tomorrow_are_refused_in_the_same_words() {
    let body = body(0, &[tomorrow()]);
    let stand_in = postcard::to_stdvec(&today().body).unwrap();
    let instead = |bytes: Vec<u8>| {
        let at = bytes.windows(stand_in.len()).position(|w| w == stand_in);
        let at = at.expect("the body as it is today");
        [&bytes[..at], &body[..], &bytes[at + stand_in.len()..]].concat()
    };
    let mut second = today();
    second.seq += 1;
    second.body = Body::Events(Vec::new());
    let mut segment = Segment::of(&[
        second.clone(),
        Record {
            seq: 814,
            ..today()
        },
    ])
    .unwrap();
    let (_, packed) = segment.heads.split_first_chunk::<4>().unwrap();
    let plain = instead(zstd::bulk::decompress(packed, 1_000).unwrap());
    segment.heads = (plain.len() as u32).to_le_bytes().to_vec();
    segment
        .heads
        .extend(zstd::bulk::compress(&plain, 1).unwrap());
    let told = segment.records().unwrap_err().to_string();
    assert!(
        told.starts_with("record 814 holds an event \"unit_registered\" in version 2"),
        "{told}"
    );

    let entry = DrillEntry {
        time: Timestamp(5),
        what: DrillEvent::Record(Box::new(today())),
    };
    let bytes = postcard::to_stdvec(&entry).unwrap();
    assert_eq!(decode_drill_entry(&bytes), Ok(entry));
    let told = decode_drill_entry(&instead(bytes)).unwrap_err().to_string();
    assert!(
        told.starts_with("record 812 holds an event \"unit_registered\" in version 2"),
        "{told}"
    );
}

#[test]
fn the_code_of_tomorrow_reads_both_its_own_records_and_those_of_yesterday() {
    let StoredEvent::Later(later) = tomorrow() else {
        unreachable!("it is one")
    };
    assert_eq!(later.event(READERS), None, "today");
    match later.event(TOMORROW) {
        Some(Event::UnitRegistered { registration, .. }) => {
            assert_eq!(registration.call_sign, "排水 04 on channel 12");
        }
        other => panic!("{other:?}"),
    }
    // What was written in a first form needs none of those readers, today or tomorrow.
    let yesterday = encode_record(&today()).unwrap();
    assert_eq!(yesterday.body, [0, 1, 17, 3]);
    let read = decode_record(812, today().known_at, &yesterday).unwrap();
    assert_eq!(read, today());
    // And it is written as it was, so that the chain of hashes goes on.
    assert_eq!(encode_record(&read).unwrap(), yesterday);
}

#[test]
fn the_list_of_first_forms_is_closed() {
    let closed = postcard::to_stdvec(&tomorrow()).unwrap();
    assert_eq!(usize::from(closed[0]), NAMES.len());
    let named = serde_json_name(&StoredEvent::AlarmRetired {
        alarm: crate::ids::AlarmId(1),
    });
    assert_eq!(named, NAMES[24]);
}

/// The name under which an event is printed.
fn serde_json_name(event: &StoredEvent<'_>) -> String {
    let json = serde_json::to_value(event).unwrap();
    json.as_object().unwrap().keys().next().unwrap().clone()
}
