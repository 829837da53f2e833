//! The messages in `docs/protocol.md` are real ones, and it gives the shape of every message.

mod shapes;

use chengtu_engine::geo::{Position, TileId};
use chengtu_engine::ids::{MoverId, UnitId};
use chengtu_engine::model::MoverKind;
use chengtu_engine::stream::TileFrame;
use chengtu_engine::time::Timestamp;
use chengtu_protocol::{Encoding, decode_client, decode_server, encode_tile};
use serde_json::Value;
use shapes::Item;

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/protocol.md");
/// What stands between these is written by this test.
const BEGIN: &str = "<!-- made from the code: begin -->\n";
const END: &str = "<!-- made from the code: end -->";

fn blocks(kind: &str) -> Vec<String> {
    let text = include_str!("../../docs/protocol.md");
    let fence = format!("```json {kind}\n");
    text.split(&fence)
        .skip(1)
        .filter_map(|rest| rest.split("```").next().map(str::to_owned))
        .collect()
}

#[test]
fn every_client_message_in_the_documentation_is_understood() {
    let blocks = blocks("client");
    assert!(blocks.len() >= 8);
    for block in blocks {
        let read = decode_client(Encoding::Json, block.as_bytes());
        assert!(read.is_ok(), "{block}\n{read:?}");
    }
}

#[test]
fn every_server_message_in_the_documentation_is_one() {
    let blocks = blocks("server");
    assert!(blocks.len() >= 2);
    for block in blocks {
        let read = decode_server(Encoding::Json, block.as_bytes());
        assert!(read.is_ok(), "{block}\n{read:?}");
    }
}

/// `CHENGTU_BLESS=1 cargo test -p chengtu-protocol --test documentation` writes that part of the page anew.
#[test]
fn the_documentation_gives_the_shape_of_every_message_as_it_is_now() {
    let page = std::fs::read_to_string(PAGE).expect("the page");
    let (before, rest) = page.split_once(BEGIN).expect("where the shapes begin");
    let (said, after) = rest.split_once(END).expect("where the shapes end");
    let now = shapes::document(&shapes::read());
    if said != now && std::env::var_os("CHENGTU_BLESS").is_some() {
        std::fs::write(PAGE, format!("{before}{BEGIN}{now}{END}{after}")).expect("the page");
        return;
    }
    let differs = said.lines().zip(now.lines()).find(|(a, b)| a != b);
    assert!(
        said == now,
        "docs/protocol.md gives shapes that are no longer so: {differs:?}; write them anew with CHENGTU_BLESS=1"
    );
}

#[test]
fn the_examples_have_the_shapes_that_the_documentation_gives() {
    let shapes = shapes::read();
    let Item::Enum(messages) = &shapes["ServerMessage"] else {
        panic!("messages are one of several");
    };
    assert!(messages.len() >= 28, "{} messages", messages.len());
    for (kind, name) in [("client", "ClientMessage"), ("server", "ServerMessage")] {
        for block in blocks(kind) {
            let mut value: Value = serde_json::from_str(&block).expect("JSON");
            if let Some(inner) = value.pointer("/ask/message") {
                value = inner.clone();
            }
            let found = shapes::fits(&shapes, name, &value);
            assert!(found.is_ok(), "{found:?} in {block}");
        }
    }
    // A tile is written by hand.
    let place = Position::new(1_187_900_000, 320_500_000);
    let mut tile = TileFrame::new(TileId::containing(place, 14), Timestamp(1));
    let joined = [
        None,
        Some((MoverKind::Car, None)),
        Some((MoverKind::Unit, Some(UnitId(3)))),
    ];
    let rows = (1..)
        .zip(joined)
        .map(|(id, joined)| (MoverId(id), place, 9_000, 100, Timestamp(1), joined));
    tile.push_rows(rows);
    tile.left.push(MoverId(9));
    let value: Value = serde_json::from_slice(&encode_tile(Encoding::Json, &tile)).expect("JSON");
    let found = shapes::fits(&shapes, "TileFrame", &value);
    assert!(found.is_ok(), "{found:?} in {value}");
}
