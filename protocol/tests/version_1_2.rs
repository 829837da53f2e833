//! What version 1.2 adds: every message and every variant inside it, in both encodings, as it is written for ever; and
//! what older versions are sent in its place.
//!
//! `cargo test -p chengtu-protocol --test version_1_2 -- --ignored` writes the golden files where there are none.

use chengtu_engine::city::Severity;
use chengtu_engine::code::{Change, Changed, Code, RefusalData};
use chengtu_engine::command::{Basis, CommandRequest, Seen, SeenTask};
use chengtu_engine::ids::{AlarmId, AssignmentId, CaseId, CommandId, SensorId, ThingId, UnitId};
use chengtu_engine::model::{Actor, AlarmSource, CaseHistory, HistoryEntry, HistoryKind, Stage};
use chengtu_engine::record::World;
use chengtu_engine::replay::{Moment, MomentKind};
use chengtu_engine::stream::{
    Asked, CityAlarm, ClientMessage, EntityChange, Frame, Refused, ServerMessage,
};
use chengtu_engine::time::Timestamp;
use chengtu_protocol::{
    Encoding, Subprotocol, decode_client, decode_server, encode_client, encode_server,
};
use std::fmt::Write;
use std::path::{Path, PathBuf};

fn officer() -> Actor {
    Actor::Operator("周岚".to_owned())
}

fn act(command: CommandRequest, seen: Vec<Seen>) -> ClientMessage {
    ClientMessage::Act {
        world: World::Drill(3),
        id: CommandId(8_123, 4_711),
        command,
        basis: Basis { seen, age_ms: 250 },
    }
}

fn client() -> Vec<ClientMessage> {
    let (case, unit) = (CaseId(17), UnitId(3));
    let task = |case| SeenTask {
        assignment: AssignmentId(9),
        case,
    };
    let seen = vec![
        Seen::Case { case, revision: 5 },
        Seen::Unit { unit, task: None },
        Seen::Unit {
            unit,
            task: Some(task(Some(case))),
        },
        Seen::Unit {
            unit,
            task: Some(task(None)),
        },
    ];
    vec![
        act(CommandRequest::RestoreCase { case }, seen),
        act(CommandRequest::RecallUnit { unit }, Vec::new()),
        ClientMessage::CommandIn {
            world: World::Live,
            id: CommandId(1, 2),
            command: CommandRequest::RestoreCase { case },
        },
    ]
}

fn kinds() -> Vec<HistoryKind> {
    let (unit, to, case) = (UnitId(3), UnitId(4), CaseId(18));
    vec![
        HistoryKind::Stage(Stage::InProgress),
        HistoryKind::Reported,
        HistoryKind::Filed,
        HistoryKind::Dispatched(unit),
        HistoryKind::Acknowledged(unit),
        HistoryKind::Arrived(unit),
        HistoryKind::Recalled(unit),
        HistoryKind::Reassigned { from: unit, to },
        HistoryKind::Handled {
            unit,
            note: "已更换".to_owned(),
        },
        HistoryKind::CheckPassed,
        HistoryKind::CheckFailed,
        HistoryKind::Overdue,
        HistoryKind::BundledInto(case),
        HistoryKind::TookIn(case),
        HistoryKind::Voided {
            reason: "误报".to_owned(),
        },
        HistoryKind::Restored,
        HistoryKind::GaveBack(case),
    ]
}

fn refused(data: RefusalData) -> ServerMessage {
    ServerMessage::Refused(Refused {
        asked: Asked::Command(CommandId(8_123, 4_711)),
        code: Code::Changed,
        text: "no".to_owned(),
        data,
    })
}

fn changed(thing: ThingId, what: Change) -> ServerMessage {
    refused(RefusalData::Changed(Box::new(Changed {
        thing,
        by: officer(),
        at: Timestamp(1_795_000_000_000_000),
        what,
    })))
}

fn taken(case: Option<CaseId>) -> ServerMessage {
    refused(RefusalData::Taken {
        by: "周岚".to_owned(),
        case,
        at: Timestamp(1_795_000_000_000_000),
    })
}

fn restored() -> ServerMessage {
    ServerMessage::Moments {
        request: 4,
        moments: vec![Moment {
            time: Timestamp(5),
            occurred_at: Timestamp(5),
            seq: 6,
            kind: MomentKind::Restored,
            thing: ThingId::Case(CaseId(17)),
            other: None,
            by: "周岚".to_owned(),
        }],
    }
}

fn server() -> Vec<ServerMessage> {
    let entries = kinds().into_iter().map(|what| HistoryEntry {
        at: Timestamp(1_795_000_000_000_000),
        by: officer(),
        what,
    });
    let history = EntityChange::History {
        case: CaseId(17),
        history: CaseHistory {
            revision: 12,
            left_out: 3,
            entries: entries.collect(),
        },
    };
    let alarm = |source, acknowledged, ended_at| CityAlarm {
        id: AlarmId(4),
        source,
        severity: Severity::Severe,
        title: "井盖缺失".to_owned(),
        title_en: "Cover missing".to_owned(),
        words: "有人被困".to_owned(),
        address: "洪武北路".to_owned(),
        lon: 118.79,
        lat: 32.05,
        raised_at: Timestamp(7),
        acknowledged,
        ended_at,
    };
    let unit = ThingId::Unit(UnitId(3));
    vec![
        ServerMessage::Frame(Frame {
            seq: 9,
            prev_seq: 8,
            time: Timestamp(7),
            changes: vec![history],
            tiles: Vec::new(),
        }),
        taken(Some(CaseId(17))),
        taken(None),
        changed(
            ThingId::Case(CaseId(17)),
            Change::Case(HistoryKind::Restored),
        ),
        changed(unit, Change::UnitSent(Some(CaseId(18)))),
        changed(unit, Change::UnitSent(None)),
        changed(unit, Change::UnitFreed),
        changed(ThingId::Alarm(AlarmId(4)), Change::AlarmAcknowledged),
        ServerMessage::CityAlarms {
            alarms: vec![
                alarm(AlarmSource::Case(CaseId(17)), None, None),
                alarm(
                    AlarmSource::Sensor(SensorId(2)),
                    Some((officer(), Timestamp(8))),
                    Some(Timestamp(9)),
                ),
            ],
            more: 2,
        },
        restored(),
    ]
}

fn line(binary: &[u8], json: Vec<u8>) -> String {
    let hex = binary.iter().fold(String::new(), |mut hex, b| {
        let _ = write!(hex, "{b:02x}");
        hex
    });
    format!("{hex}\t{}\n", String::from_utf8(json).expect("UTF-8"))
}

fn client_text() -> String {
    let both = |m: &ClientMessage| {
        let json = encode_client(Encoding::Json, m);
        line(&encode_client(Encoding::Binary, m), json)
    };
    client().iter().map(both).collect()
}

fn server_text() -> String {
    let both = |m: &ServerMessage| {
        let json = encode_server(Encoding::Json, m);
        line(&encode_server(Encoding::Binary, m), json)
    };
    server().iter().map(both).collect()
}

fn golden(name: &str) -> PathBuf {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    tests.join(name)
}

#[test]
fn what_1_2_adds_is_written_as_ever_and_read_back() {
    for (name, text) in [
        ("v1.2-client.txt", client_text()),
        ("v1.2-server.txt", server_text()),
    ] {
        let expected = std::fs::read_to_string(golden(name)).expect(name);
        assert_eq!(text, expected, "{name}");
    }
    for m in client() {
        for encoding in Encoding::ALL {
            let bytes = encode_client(encoding, &m);
            assert_eq!(decode_client(encoding, &bytes).expect("a message"), m);
        }
    }
    for m in server() {
        for encoding in Encoding::ALL {
            let bytes = encode_server(encoding, &m);
            assert_eq!(decode_server(encoding, &bytes).expect("a message"), m);
        }
    }
}

#[test]
fn a_basis_may_be_left_out_in_parts() {
    let text = r#"{"act":{"world":{"drill":3},"id":[1,2],"command":{"recall_unit":{"unit":3}},"basis":{}}}"#;
    let expected = ClientMessage::Act {
        world: World::Drill(3),
        id: CommandId(1, 2),
        command: CommandRequest::RecallUnit { unit: UnitId(3) },
        basis: Basis::default(),
    };
    let read = decode_client(Encoding::Json, text.as_bytes());
    assert_eq!(read.expect("a message"), expected);
}

#[test]
fn older_versions_are_sent_what_they_know() {
    for older in [Subprotocol::BINARY_1_0, Subprotocol::JSON_1_1] {
        assert_eq!(
            older.older_form(&taken(None)),
            Some(refused(RefusalData::TakenBy("周岚".to_owned())))
        );
        let changed = changed(ThingId::Unit(UnitId(3)), Change::UnitFreed);
        assert_eq!(older.older_form(&changed), Some(refused(RefusalData::None)));
        let Some(ServerMessage::Moments { moments, .. }) = older.older_form(&restored()) else {
            panic!("moments")
        };
        assert_eq!(moments[0].kind, MomentKind::Filed);
        assert_eq!(older.older_form(&refused(RefusalData::None)), None);
    }
    for m in server() {
        assert_eq!(Subprotocol::BINARY_1_2.older_form(&m), None);
    }
}

#[test]
#[ignore = "writes into the repository; run once for a new version"]
fn make_the_golden_files_of_1_2() {
    for (name, text) in [
        ("v1.2-client.txt", client_text()),
        ("v1.2-server.txt", server_text()),
    ] {
        let path = golden(name);
        assert!(!path.exists(), "{name} is there already");
        std::fs::write(path, text).expect("it is written");
    }
}
