//! What version 1.3 adds, in both encodings, as it is written for ever.
//!
//! `cargo test -p chengtu-protocol --test version_1_3 -- --ignored` writes the golden files where there are none.

use chengtu_engine::ids::CaseId;
use chengtu_engine::record::World;
use chengtu_engine::stream::{ClientMessage, ClosedRoad, DESKS_MAX, OpenCase, ServerMessage};
use chengtu_engine::time::Timestamp;
use chengtu_protocol::{
    Encoding, Subprotocol, decode_client, decode_server, encode_client, encode_server,
};
use std::fmt::Write;
use std::path::{Path, PathBuf};

fn client() -> Vec<ClientMessage> {
    let case = CaseId(17);
    vec![
        ClientMessage::Open {
            world: World::Live,
            case: Some(case),
        },
        ClientMessage::Open {
            world: World::Drill(3),
            case: None,
        },
    ]
}

fn server() -> Vec<ServerMessage> {
    let open = |by: &str, case| OpenCase {
        by: by.to_owned(),
        case: CaseId(case),
        since: Timestamp(1_795_000_000_000_000),
    };
    vec![
        ServerMessage::Desks {
            list: vec![open("周岚", 17), open("周岚 #2", 17)],
            more: 3,
        },
        ServerMessage::Desks {
            list: Vec::new(),
            more: 0,
        },
        closed_roads(),
        ServerMessage::ClosedRoads { roads: Vec::new() },
    ]
}

fn closed_roads() -> ServerMessage {
    let road = |name: &str, until| ClosedRoad {
        name: name.to_owned(),
        until,
        lines: vec![
            vec![(118.79, 32.05), (118.8, 32.05)],
            vec![(118.8, 32.0501), (118.79, 32.0501)],
        ],
    };
    ServerMessage::ClosedRoads {
        roads: vec![road("中山路", None), road("", Some(Timestamp(9)))],
    }
}

fn line(binary: &[u8], json: Vec<u8>) -> String {
    let hex = binary.iter().fold(String::new(), |mut hex, b| {
        let _ = write!(hex, "{b:02x}");
        hex
    });
    format!("{hex}\t{}\n", String::from_utf8(json).expect("UTF-8"))
}

fn texts() -> [(&'static str, String); 2] {
    let client = client();
    let client = client.iter().map(|m| {
        let json = encode_client(Encoding::Json, m);
        line(&encode_client(Encoding::Binary, m), json)
    });
    let server = server();
    let server = server.iter().map(|m| {
        let json = encode_server(Encoding::Json, m);
        line(&encode_server(Encoding::Binary, m), json)
    });
    [
        ("v1.3-client.txt", client.collect()),
        ("v1.3-server.txt", server.collect()),
    ]
}

fn golden(name: &str) -> PathBuf {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    tests.join(name)
}

#[test]
fn what_1_3_adds_is_written_as_ever_and_read_back() {
    for (name, text) in texts() {
        let expected = std::fs::read_to_string(golden(name)).expect(name);
        assert_eq!(text, expected, "{name}");
    }
    for encoding in Encoding::ALL {
        for m in client() {
            let bytes = encode_client(encoding, &m);
            assert_eq!(decode_client(encoding, &bytes).expect("a message"), m);
        }
        for m in server() {
            let bytes = encode_server(encoding, &m);
            assert_eq!(decode_server(encoding, &bytes).expect("a message"), m);
        }
    }
}

#[test]
fn no_case_may_be_left_out() {
    let read = decode_client(Encoding::Json, br#"{"open":{"world":"live"}}"#);
    let expected = ClientMessage::Open {
        world: World::Live,
        case: None,
    };
    assert_eq!(read.expect("a message"), expected);
}

#[test]
fn none_before_it_is_told_of_desks_and_closed_roads() {
    for s in Subprotocol::ALL {
        let newest = s.minor >= 3;
        assert_eq!((s.has_desks(), s.has_closed_roads()), (newest, newest));
    }
}

#[test]
#[ignore = "writes into the repository; run once for a new version"]
fn make_the_golden_files_of_1_3() {
    for (name, text) in texts() {
        let path = golden(name);
        assert!(!path.exists(), "{name} is there already");
        std::fs::write(path, text).expect("it is written");
    }
}

/// Told at most twice a second, to desks alone: what a list of the most desks costs each of them.
#[test]
fn the_longest_list_is_short() {
    let list = (0..DESKS_MAX as u64).map(|n| OpenCase {
        by: format!("欧阳晓明 #{n}"),
        case: CaseId(1_000_000 + n),
        since: Timestamp(1_795_000_000_000_000),
    });
    let message = ServerMessage::Desks {
        list: list.collect(),
        more: 900,
    };
    let bytes = encode_server(Encoding::Binary, &message).len();
    assert!(bytes <= 2_000, "{bytes} bytes");
}
