//! The two encodings of a message, and the parts of a frame that many sessions share.

use crate::error::DecodeError;
use crate::frame::FrameHeader;
use crate::subprotocol::Encoding;
use crate::v1::{binary, json};
use chengtu_engine::ids::CommandId;
use chengtu_engine::stream::{ClientMessage, EntityChange, ServerMessage, TileFrame};

/// A server's message.
pub fn encode_server(encoding: Encoding, message: &ServerMessage) -> Vec<u8> {
    match encoding {
        Encoding::Binary => binary::encode_server(message),
        Encoding::Json => json::encode_server(message),
    }
}

/// A client's message.
pub fn encode_client(encoding: Encoding, message: &ClientMessage) -> Vec<u8> {
    match encoding {
        Encoding::Binary => binary::encode_client(message),
        Encoding::Json => json::encode_client(message),
    }
}

/// Reads a client's message.
///
/// # Errors
/// [`DecodeError`] for anything else.
pub fn decode_client(encoding: Encoding, bytes: &[u8]) -> Result<ClientMessage, DecodeError> {
    match encoding {
        Encoding::Binary => binary::decode_client(bytes),
        Encoding::Json => json::decode_client(bytes),
    }
}

/// Reads a server's message. Tiles in JSON are rows for people and scripts and are not read back.
///
/// # Errors
/// [`DecodeError`] for anything else.
pub fn decode_server(encoding: Encoding, bytes: &[u8]) -> Result<ServerMessage, DecodeError> {
    match encoding {
        Encoding::Binary => binary::decode_server(bytes),
        Encoding::Json => json::decode_server(bytes),
    }
}

/// The id of a command in a JSON message whose command is not known: it still gets its one answer.
pub fn command_id(bytes: &[u8]) -> Option<CommandId> {
    json::command_id(bytes)
}

/// A batch of changes, to be shared by all sessions that may see them: a blob, or JSON values between commas.
pub fn encode_changes(encoding: Encoding, changes: &[EntityChange]) -> Vec<u8> {
    match encoding {
        Encoding::Binary => binary::changes(changes),
        Encoding::Json => json::changes(changes).into_bytes(),
    }
}

/// A tile's frame, to be shared by all sessions that look there.
pub fn encode_tile(encoding: Encoding, tile: &TileFrame) -> Vec<u8> {
    match encoding {
        Encoding::Binary => binary::tile(tile),
        Encoding::Json => json::tile(tile).into_bytes(),
    }
}

/// One session's frame, of parts by [`encode_changes`] and [`encode_tile`] in the same encoding.
pub fn encode_frame(
    encoding: Encoding,
    header: FrameHeader,
    changes: &[impl AsRef<[u8]>],
    tiles: &[impl AsRef<[u8]>],
) -> Vec<u8> {
    match encoding {
        Encoding::Binary => binary::frame(header, changes, tiles),
        Encoding::Json => json::frame(header, changes, tiles),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chengtu_engine::geo::{Position, TileId};
    use chengtu_engine::ids::{AlarmId, MoverId, UnitId};
    use chengtu_engine::model::MoverKind;
    use chengtu_engine::time::Timestamp;
    use serde_json::{Value, json};

    fn tile() -> TileFrame {
        let p = Position::new(1_187_900_000, 320_500_000);
        let mut t = TileFrame::new(TileId::containing(p, 14), Timestamp(5_000_000));
        let unit = Some((MoverKind::Unit, Some(UnitId(3))));
        t.push_rows([(MoverId(8), p, 9_000, 1_000, Timestamp(4_000_000), unit)].into_iter());
        t
    }

    #[test]
    fn a_frame_of_shared_parts_reads_like_one_made_whole() {
        let changes = vec![EntityChange::AlarmGone(AlarmId(4))];
        let header = FrameHeader {
            seq: 9,
            prev_seq: 8,
            time: Timestamp(7),
        };
        let parts = |e| {
            let changes = [encode_changes(e, &changes), encode_changes(e, &[])];
            encode_frame(e, header, &changes, &[encode_tile(e, &tile())])
        };
        let frame = decode_server(Encoding::Binary, &parts(Encoding::Binary)).unwrap();
        let ServerMessage::Frame(f) = frame else {
            panic!("a frame");
        };
        assert_eq!(
            (f.seq, f.prev_seq, f.changes, f.tiles),
            (9, 8, changes.clone(), vec![tile()])
        );
        let v: Value = serde_json::from_slice(&parts(Encoding::Json)).unwrap();
        assert_eq!(v["frame"]["changes"], json!([{"alarm_gone": 4}]));
        let row = &v["frame"]["tiles"][0]["moved"][0];
        assert_eq!(
            (&row["id"], &row["kind"], &row["unit"]),
            (&json!(8), &json!("unit"), &json!(3))
        );
        assert!((row["lon"].as_f64().unwrap() - 118.79).abs() < 1e-9);
    }

    #[test]
    fn a_snapshot_in_json_is_json() {
        let m = ServerMessage::Snapshot {
            seq: 3,
            time: Timestamp(4),
            reason: chengtu_engine::stream::SnapshotReason::Lagged,
            changes: vec![EntityChange::AlarmGone(AlarmId(4))],
            tiles: vec![tile(), tile()],
        };
        let v: Value = serde_json::from_slice(&encode_server(Encoding::Json, &m)).unwrap();
        let s = &v["snapshot"];
        assert_eq!((&s["seq"], &s["reason"]), (&json!(3), &json!("lagged")));
        assert_eq!(s["tiles"][1]["moved"][0]["bearing_deg"], json!(89.3));
        assert_eq!(s["tiles"][1]["left"], json!([]));
    }

    #[test]
    fn an_unknown_command_still_has_its_id() {
        let text = br#"{"command":{"id":[1,2],"command":{"launch_rocket":{}}}}"#;
        let error = decode_client(Encoding::Json, text).unwrap_err();
        assert!(error.to_string().contains("launch_rocket"));
        assert_eq!(command_id(text), Some(CommandId(1, 2)));
        assert_eq!(command_id(b"[]"), None);
    }
}
