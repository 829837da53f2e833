//! What version 1.6 adds, in both encodings, as it is written for ever.
//!
//! `cargo test -p chengtu-protocol --test version_1_6 -- --ignored` writes the golden files where there are none.

use chengtu_engine::command::{Basis, CommandRequest};
use chengtu_engine::ids::{CaseId, CommandId, UnitId};
use chengtu_engine::record::World;
use chengtu_engine::stream::{
    ClientMessage, EntityChange, Frame, LoggedIn, PersonView, Resume, ServerMessage, Unmasked,
};
use chengtu_engine::time::Timestamp;
use chengtu_protocol::{
    Encoding, Subprotocol, decode_client, decode_server, encode_client, encode_server,
};
use std::fmt::Write;
use std::path::{Path, PathBuf};

const CASE: CaseId = CaseId(300);

fn person(name: &str, telephone: &str, masked: bool) -> PersonView {
    PersonView {
        name: name.to_owned(),
        telephone: telephone.to_owned(),
        masked,
    }
}

fn asked() -> Vec<ClientMessage> {
    let log_in = |new_password, resume| ClientMessage::LogIn {
        name: "周岚".to_owned(),
        password: "tide lantern".to_owned(),
        new_password,
        client: "test".to_owned(),
        resume,
    };
    let resume = Resume { epoch: 7, seq: 300 };
    let named = ClientMessage::Act {
        world: World::Live,
        id: CommandId(1, 2),
        command: CommandRequest::NameReporter {
            case: CASE,
            name: "王小明".to_owned(),
            telephone: "13812342071".to_owned(),
        },
        basis: Basis::default(),
    };
    vec![
        log_in(None, None),
        log_in(Some("copper walnut".to_owned()), Some(resume)),
        named,
    ]
}

fn told() -> Vec<ServerMessage> {
    let masked = EntityChange::Person {
        case: CASE,
        person: person("王**", "138****2071", true),
    };
    vec![
        ServerMessage::LoggedIn(LoggedIn {
            token: "cts_0".to_owned(),
            expires: Timestamp(1_795_000_000_000_000),
            idle_s: 3_600,
        }),
        ServerMessage::Frame(Frame {
            seq: 8,
            prev_seq: 7,
            time: Timestamp(1_795_000_000_000_000),
            changes: vec![EntityChange::UnitGone(UnitId(5)), masked],
            tiles: Vec::new(),
        }),
        ServerMessage::Unmasked(Box::new(Unmasked {
            id: CommandId(1, 2),
            case: CASE,
            lon: 126.625,
            lat: 45.75,
            address: "中央大街 1 号".to_owned(),
            note: String::new(),
            person: person("王小明", "13812342071", false),
        })),
    ]
}

fn line(text: &mut String, binary: &[u8], json: Vec<u8>) {
    for b in binary {
        let _ = write!(text, "{b:02x}");
    }
    let json = String::from_utf8(json).expect("UTF-8");
    let _ = writeln!(text, "\t{json}");
}

fn texts() -> [(&'static str, String); 2] {
    let (mut client, mut server) = (String::new(), String::new());
    for m in asked() {
        let binary = encode_client(Encoding::Binary, &m);
        line(&mut client, &binary, encode_client(Encoding::Json, &m));
    }
    for m in told() {
        let binary = encode_server(Encoding::Binary, &m);
        line(&mut server, &binary, encode_server(Encoding::Json, &m));
    }
    [("v1.6-client.txt", client), ("v1.6-server.txt", server)]
}

fn golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden")
        .join(name)
}

#[test]
fn what_1_6_adds_is_written_as_ever_and_read_back() {
    for (name, text) in texts() {
        let expected = std::fs::read_to_string(golden(name)).expect("the golden file");
        assert_eq!(text, expected);
    }
    for encoding in Encoding::ALL {
        for m in asked() {
            let bytes = encode_client(encoding, &m);
            assert_eq!(decode_client(encoding, &bytes).expect("a message"), m);
        }
        for m in told() {
            let bytes = encode_server(encoding, &m);
            assert_eq!(decode_server(encoding, &bytes).expect("a message"), m);
        }
    }
}

#[test]
fn only_those_who_know_it_are_said_to_have_persons() {
    for s in Subprotocol::ALL {
        assert_eq!(s.has_persons(), s.minor >= 6, "{}", s.name());
    }
}

#[test]
fn what_may_be_left_out_is_left_out_and_the_version_is_the_newest() {
    let short = br#"{"log_in":{"name":"a","password":"b","client":""}}"#;
    let read = decode_client(Encoding::Json, short).expect("a message");
    let ClientMessage::LogIn {
        new_password,
        resume,
        ..
    } = read
    else {
        panic!("{read:?}")
    };
    assert_eq!((new_password, resume), (None, None));
    assert!(Subprotocol::ALL.iter().all(|s| s.minor <= 6));
}

#[test]
#[ignore = "writes into the repository; run once for a new version"]
fn make_the_golden_files_of_1_6() {
    for (name, text) in texts() {
        let path = golden(name);
        assert!(!path.exists(), "it is there already");
        std::fs::write(path, text).expect("it is written");
    }
}
