//! What version 1.4 adds, in both encodings, as it is written for ever.
//!
//! `cargo test -p chengtu-protocol --test version_1_4 -- --ignored` writes the golden file where there is none.

use chengtu_engine::hotspot::{HotspotArea, HotspotChance};
use chengtu_engine::stream::ServerMessage;
use chengtu_engine::time::Timestamp;
use chengtu_protocol::{Encoding, Subprotocol, decode_server, encode_server};
use std::fmt::Write;
use std::path::{Path, PathBuf};

fn area(rank: u32, chance: Option<HotspotChance>) -> HotspotArea {
    HotspotArea {
        rank,
        name: "淮海路 · 太平南路".to_owned(),
        centre: (118.79, 32.04),
        cases: 16,
        z: 7.9,
        chance,
        since: Timestamp(1_794_999_000_000_000),
        outline: vec![vec![
            (118.789, 32.039),
            (118.791, 32.041),
            (118.789, 32.039),
        ]],
    }
}

fn found(areas: Vec<HotspotArea>) -> ServerMessage {
    let time = Timestamp(1_795_000_000_000_000);
    ServerMessage::HotspotsWithChance { time, areas }
}

fn messages() -> Vec<ServerMessage> {
    let sure = HotspotChance {
        expected: 1.25,
        q: 3e-9,
    };
    vec![
        found(vec![area(1, Some(sure)), area(2, None)]),
        found(Vec::new()),
    ]
}

fn text() -> String {
    let mut text = String::new();
    for m in messages() {
        for b in encode_server(Encoding::Binary, &m) {
            let _ = write!(text, "{b:02x}");
        }
        let json = String::from_utf8(encode_server(Encoding::Json, &m)).expect("UTF-8");
        let _ = writeln!(text, "\t{json}");
    }
    text
}

fn golden() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/v1.4-server.txt")
}

#[test]
fn what_1_4_adds_is_written_as_ever_and_read_back() {
    let expected = std::fs::read_to_string(golden()).expect("the golden file");
    assert_eq!(text(), expected);
    for encoding in Encoding::ALL {
        for m in messages() {
            let bytes = encode_server(encoding, &m);
            assert_eq!(decode_server(encoding, &bytes).expect("a message"), m);
        }
    }
}

#[test]
fn older_versions_are_told_of_hotspots_as_ever() {
    let message = &messages()[0];
    for s in Subprotocol::ALL {
        let older = s.older_form(message);
        if s.minor >= 4 {
            assert_eq!((s.has_chances(), older), (true, None));
            continue;
        }
        let time = Timestamp(1_795_000_000_000_000);
        let areas = vec![area(1, None), area(2, None)];
        let expected = ServerMessage::Hotspots { time, areas };
        assert_eq!((s.has_chances(), older.as_ref()), (false, Some(&expected)));
        // And read by them as it was sent.
        let bytes = encode_server(s.encoding, &expected);
        assert_eq!(decode_server(s.encoding, &bytes).expect("read"), expected);
    }
}

#[test]
#[ignore = "writes into the repository; run once for a new version"]
fn make_the_golden_file_of_1_4() {
    let path = golden();
    assert!(!path.exists(), "it is there already");
    std::fs::write(path, text()).expect("it is written");
}
