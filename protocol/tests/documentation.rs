//! The messages in `docs/protocol.md` are real ones.

use chengtu_protocol::{Encoding, decode_client, decode_server};

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
