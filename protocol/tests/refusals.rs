//! Version 1.1: asks under a number, and refusals that repeat it.

use chengtu_engine::code::{Code, RefusalData};
use chengtu_engine::ids::CommandId;
use chengtu_engine::stream::{Asked, ClientMessage, Refused, ServerMessage, WorldChoice};
use chengtu_protocol::{
    Encoding, Subprotocol, decode_client, decode_server, encode_client, encode_server,
};

fn enter() -> ClientMessage {
    ClientMessage::Ask {
        request: 300,
        message: Box::new(ClientMessage::Enter {
            choice: WorldChoice::Live,
        }),
    }
}

#[test]
fn an_ask_keeps_its_number_in_both_encodings() {
    for encoding in Encoding::ALL {
        let bytes = encode_client(encoding, &enter());
        assert_eq!(decode_client(encoding, &bytes).unwrap(), enter());
    }
    let text = r#"{"ask": {"request": 300, "message": {"enter": {"choice": "live"}}}}"#;
    assert_eq!(
        decode_client(Encoding::Json, text.as_bytes()).unwrap(),
        enter()
    );
    assert_eq!(
        encode_client(Encoding::Binary, &enter()),
        [3, 0xac, 2, 8, 0]
    );
}

#[test]
fn an_ask_in_an_ask_is_no_message_and_costs_no_stack() {
    let deep = [[3].to_vec(), [1, 20].repeat(200_000)].concat();
    assert!(decode_client(Encoding::Binary, &deep).is_err());
    let twice = r#"{"ask":{"request":1,"message":{"ask":{"request":2,"message":"resync"}}}}"#;
    assert!(decode_client(Encoding::Json, twice.as_bytes()).is_err());
    let broken = br#"{"ask":{"request":1,"message":{"enter":{"choice":"mars"}}}}"#;
    let error = decode_client(Encoding::Json, broken).unwrap_err();
    assert!(error.to_string().contains("mars"), "{error}");
}

#[test]
fn a_refusal_says_what_was_asked_and_why() {
    let refused = |asked, data| {
        ServerMessage::Refused(Refused {
            asked,
            code: Code::UnitNotAvailable,
            text: "no".to_owned(),
            data,
        })
    };
    for message in [
        refused(Asked::Request(300), RefusalData::None),
        refused(
            Asked::Command(CommandId(1, 2)),
            RefusalData::TakenBy("周岚".to_owned()),
        ),
    ] {
        for encoding in Encoding::ALL {
            let bytes = encode_server(encoding, &message);
            assert_eq!(decode_server(encoding, &bytes).unwrap(), message);
        }
    }
    let message = refused(Asked::Request(300), RefusalData::None);
    let json = String::from_utf8(encode_server(Encoding::Json, &message)).unwrap();
    assert_eq!(
        json,
        r#"{"refused":{"asked":{"request":300},"code":201,"text":"no","data":"none"}}"#
    );
}

#[test]
fn subprotocols_have_names_and_the_newest_comes_first() {
    let names = Subprotocol::ALL.map(Subprotocol::name);
    assert_eq!(
        names,
        [
            "chengtu.v1.6",
            "chengtu.v1.6.json",
            "chengtu.v1.5",
            "chengtu.v1.5.json",
            "chengtu.v1.4",
            "chengtu.v1.4.json",
            "chengtu.v1.3",
            "chengtu.v1.3.json",
            "chengtu.v1.2",
            "chengtu.v1.2.json",
            "chengtu.v1.1",
            "chengtu.v1.1.json",
            "chengtu.v1",
            "chengtu.v1.json"
        ]
    );
    for s in Subprotocol::ALL {
        assert_eq!(Subprotocol::named(s.name()), Some(s));
    }
    assert_eq!(Subprotocol::named("chengtu.v2"), None);
}
