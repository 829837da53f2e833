use super::*;
use crate::event::Event;
use crate::ids::FeedId;
use crate::model::Actor;
use crate::record::{Body, Origin, World};
use crate::replay::History;

fn record(seq: u64) -> Record {
    Record {
        seq,
        known_at: Timestamp::from_seconds(1_790_000_000 + seq as i64),
        world: World::Live,
        origin: Origin {
            actor: Actor::System,
            command: None,
        },
        body: Body::Events(vec![Event::FeedRegistered {
            feed: FeedId(seq as u16 - 1),
            name: format!("feed {seq}"),
        }]),
    }
}

fn incident() -> Incident {
    let mut start = State::new();
    start.apply(&record(1));
    let records: Vec<Record> = (2..40).map(record).collect();
    Incident {
        manifest: Manifest {
            title: "暴雨".into(),
            from: Timestamp::from_seconds(1_790_000_001),
            to: Timestamp::from_seconds(1_790_000_039),
            gaps: vec![(Timestamp(1), Timestamp(2), "lost".into())],
            ..Manifest::default()
        },
        start,
        segments: records
            .chunks(10)
            .map(|c| Segment::of(c).unwrap())
            .collect(),
        later: Vec::new(),
        files: vec![("basemap.pmtiles".into(), vec![7; 1_000])],
    }
}

#[test]
fn an_incident_comes_back_as_it_went() {
    let was = incident();
    let is = Incident::decode(&was.encode().unwrap()).unwrap();
    assert_eq!(is.manifest, was.manifest);
    assert_eq!(is.start.digest(), was.start.digest());
    assert_eq!((&is.segments, &is.files), (&was.segments, &was.files));
    let history = is.history().unwrap();
    assert_eq!(
        history.span().unwrap(),
        Some((record(1).known_at, record(39).known_at))
    );
    assert_eq!(history.gaps().len(), 1);
}

#[test]
fn every_flipped_byte_is_noticed_and_told() {
    let bytes = incident().encode().unwrap();
    for at in 0..bytes.len() {
        for bit in [0x01, 0x40] {
            let mut bad = bytes.clone();
            bad[at] ^= bit;
            let text = match Incident::decode(&bad) {
                Ok(_) => panic!("byte {at} flipped and nobody noticed"),
                Err(e) => e.to_string(),
            };
            assert!(text.contains("incident file"), "{text}");
        }
    }
}

#[test]
fn wherever_it_is_cut_it_says_so() {
    let bytes = incident().encode().unwrap();
    for length in 1..bytes.len() {
        let error = Incident::decode(&bytes[..length]).unwrap_err();
        assert!(
            matches!(error, IncidentError::Cut { .. }),
            "{length}: {error}"
        );
    }
    assert_eq!(Incident::decode(b"").unwrap_err(), IncidentError::Foreign);
    assert_eq!(
        Incident::decode(b"PK\x03\x04 and so on").unwrap_err(),
        IncidentError::Foreign
    );
    let longer = [bytes, vec![0]].concat();
    assert!(Incident::decode(&longer).is_err());
}

#[test]
fn a_newer_version_is_told_as_such() {
    let mut bytes = incident().encode().unwrap();
    bytes[8] = 2;
    let text = Incident::decode(&bytes).unwrap_err().to_string();
    assert!(
        text.contains("version 2") && text.contains("newer version"),
        "{text}"
    );
}

#[test]
fn a_file_cannot_lead_out_of_its_folder() {
    for name in ["../x", "a/b", "", ".hidden", "a\\b", "/etc/x"] {
        let mut i = incident();
        i.files = vec![(name.into(), vec![1])];
        let text = Incident::decode(&i.encode().unwrap())
            .unwrap_err()
            .to_string();
        assert!(text.contains("impossible name"), "{name}: {text}");
    }
}
