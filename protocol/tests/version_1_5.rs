//! What version 1.5 adds, in both encodings, as it is written for ever.
//!
//! `cargo test -p chengtu-protocol --test version_1_5 -- --ignored` writes the golden files where there are none.

use chengtu_engine::audit::{Look, Masked};
use chengtu_engine::command::{Basis, CommandRequest};
use chengtu_engine::ids::{CaseId, CommandId};
use chengtu_engine::model::Actor;
use chengtu_engine::record::World;
use chengtu_engine::stream::{ClientMessage, ServerMessage};
use chengtu_engine::time::Timestamp;
use chengtu_protocol::{
    Encoding, Subprotocol, decode_client, decode_server, encode_client, encode_server,
};
use std::fmt::Write;
use std::path::{Path, PathBuf};

const CASE: CaseId = CaseId(300);

fn asked() -> Vec<ClientMessage> {
    vec![
        ClientMessage::Act {
            world: World::Live,
            id: CommandId(1, 2),
            command: CommandRequest::Unmask {
                case: CASE,
                purpose: "回访".to_owned(),
            },
            basis: Basis::default(),
        },
        ClientMessage::WhoSaw {
            request: 7,
            case: CASE,
        },
    ]
}

fn told() -> Vec<ServerMessage> {
    let look = |by, who: &str| Look {
        at: Timestamp(1_795_000_000_000_000),
        by,
        who: who.to_owned(),
        what: Masked::Personal,
        purpose: "回访".to_owned(),
    };
    let saw = |looks, more| ServerMessage::Saw {
        request: 7,
        case: CASE,
        looks,
        more,
    };
    vec![
        saw(
            vec![
                look(Actor::Operator("周岚".to_owned()), "user:zhou"),
                look(Actor::System, ""),
            ],
            3,
        ),
        saw(Vec::new(), 0),
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
    [("v1.5-client.txt", client), ("v1.5-server.txt", server)]
}

fn golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden")
        .join(name)
}

#[test]
fn what_1_5_adds_is_written_as_ever_and_read_back() {
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
fn only_those_who_know_it_are_said_to_have_unmasking() {
    for s in Subprotocol::ALL {
        assert_eq!(s.has_unmasking(), s.minor >= 5, "{}", s.name());
        assert_eq!(s.older_form(&told()[0]), None, "an answer to who asked");
    }
}

#[test]
#[ignore = "writes into the repository; run once for a new version"]
fn make_the_golden_files_of_1_5() {
    for (name, text) in texts() {
        let path = golden(name);
        assert!(!path.exists(), "it is there already");
        std::fs::write(path, text).expect("it is written");
    }
}
