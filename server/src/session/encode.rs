//! Messages in either encoding. What many sessions share is encoded once and lent out.

use bytes::Bytes;
use chengtu_engine::time::Timestamp;
use chengtu_engine::wire::v1::{
    self, ClientMessage, EntityChange, FrameBuilder, ServerMessage, TileFrame,
};
use serde_json::{Value, json};
use std::fmt::Write;

/// How a session speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Encoding {
    /// `chengtu.v1`.
    Binary,
    /// `chengtu.v1.json`.
    Json,
}

/// Both encodings, in the order of the arrays that hold what is shared.
pub const ENCODINGS: [Encoding; 2] = [Encoding::Binary, Encoding::Json];

/// A batch of changes as it is shared: a blob, or JSON values between commas.
pub fn changes_part(encoding: Encoding, changes: &[EntityChange]) -> Bytes {
    match encoding {
        Encoding::Binary => FrameBuilder::changes_blob(changes).into(),
        Encoding::Json => {
            let parts: Vec<String> = changes
                .iter()
                .filter_map(|c| serde_json::to_string(c).ok())
                .collect();
            parts.join(",").into()
        }
    }
}

/// A tile's frame as it is shared.
pub fn tile_part(encoding: Encoding, tile: &TileFrame) -> Bytes {
    match encoding {
        Encoding::Binary => FrameBuilder::tile_blob(tile).into(),
        Encoding::Json => tile_json(tile).into(),
    }
}

/// A tile as rows that a person or a script can read. Written by hand: a crowded tile has thousands of rows a tick.
fn tile_json(tile: &TileFrame) -> String {
    let (z, x, y) = tile.tile;
    let mut out = String::with_capacity(120 + tile.id_step.len() * 110);
    // Writing to a string cannot fail.
    let _ = write!(
        out,
        r#"{{"tile":[{z},{x},{y}],"time":{},"moved":["#,
        tile.time.0
    );
    for (i, row) in tile.rows().enumerate() {
        let at = row.position.lon_lat();
        let comma = if i > 0 { "," } else { "" };
        let _ = write!(
            out,
            r#"{comma}{{"id":{},"lon":{},"lat":{},"bearing_deg":"#,
            row.id, at.lon_deg, at.lat_deg
        );
        let _ = match row.bearing_deg {
            Some(b) => write!(out, "{b:.1}"),
            None => write!(out, "null"),
        };
        let _ = write!(
            out,
            r#","speed_mps":{:.1},"time":{}"#,
            row.speed_mps, row.fix_time.0
        );
        if let Some(kind) = row.kind {
            let _ = write!(out, r#","kind":{},"unit":{}"#, json!(kind), json!(row.unit));
        }
        out.push('}');
    }
    let _ = write!(out, r#"],"left":{}}}"#, json!(tile.left));
    out
}

/// A frame of one session, from shared parts.
pub fn frame_from_parts(
    encoding: Encoding,
    seq: u64,
    prev_seq: u64,
    time: Timestamp,
    changes: &[Bytes],
    tiles: &[Bytes],
) -> Vec<u8> {
    match encoding {
        Encoding::Binary => {
            let changes: Vec<&[u8]> = changes.iter().map(AsRef::as_ref).collect();
            let tiles: Vec<&[u8]> = tiles.iter().map(AsRef::as_ref).collect();
            FrameBuilder::frame(seq, prev_seq, time, &changes, &tiles)
        }
        Encoding::Json => {
            let size: usize = changes.iter().chain(tiles).map(|p| p.len() + 1).sum();
            let mut out = Vec::with_capacity(size + 120);
            out.extend(
                format!(
                    r#"{{"frame":{{"seq":{seq},"prev_seq":{prev_seq},"time":{},"changes":["#,
                    time.0
                )
                .bytes(),
            );
            join(&mut out, changes);
            out.extend(br#"],"tiles":["#);
            join(&mut out, tiles);
            out.extend(b"]}}");
            out
        }
    }
}

fn join(out: &mut Vec<u8>, parts: &[Bytes]) {
    let mut first = true;
    for part in parts.iter().filter(|p| !p.is_empty()) {
        if !core::mem::take(&mut first) {
            out.push(b',');
        }
        out.extend_from_slice(part);
    }
}

/// Any message, for one session.
pub fn message(encoding: Encoding, message: &ServerMessage) -> Bytes {
    match (encoding, message) {
        (Encoding::Binary, m) => v1::encode_server(m).into(),
        (Encoding::Json, ServerMessage::Frame(f)) => {
            let changes = changes_part(encoding, &f.changes);
            let tiles: Vec<Bytes> = f.tiles.iter().map(|t| tile_part(encoding, t)).collect();
            frame_from_parts(encoding, f.seq, f.prev_seq, f.time, &[changes], &tiles).into()
        }
        (
            Encoding::Json,
            ServerMessage::Snapshot {
                seq,
                time,
                reason,
                changes,
                tiles,
            },
        ) => {
            let tiles: Vec<String> = tiles.iter().map(tile_json).collect();
            let head =
                json!({"seq": seq, "time": time, "reason": reason, "changes": changes}).to_string();
            let head = head.strip_suffix('}').unwrap_or(&head);
            format!(r#"{{"snapshot":{head},"tiles":[{}]}}}}"#, tiles.join(",")).into()
        }
        (Encoding::Json, m) => serde_json::to_vec(m).unwrap_or_default().into(),
    }
}

/// Reads a client's message; the error is in words for its sender.
pub fn read(encoding: Encoding, bytes: &[u8]) -> Result<ClientMessage, String> {
    match encoding {
        Encoding::Binary => v1::decode_client(bytes).map_err(|e| e.to_string()),
        Encoding::Json => serde_json::from_slice(bytes).map_err(|e| e.to_string()),
    }
}

/// The command's id in a JSON message whose command is not known: it still gets its one answer.
pub fn command_id_of(bytes: &[u8]) -> Option<chengtu_engine::ids::CommandId> {
    let value: Value = serde_json::from_slice(bytes).ok()?;
    serde_json::from_value(value.get("command")?.get("id")?.clone()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use chengtu_engine::geo::{Position, TileId};
    use chengtu_engine::ids::{AlarmId, MoverId, UnitId};
    use chengtu_engine::model::MoverKind;

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
        let parts = |e| {
            frame_from_parts(
                e,
                9,
                8,
                Timestamp(7),
                &[changes_part(e, &changes), changes_part(e, &[])],
                &[tile_part(e, &tile())],
            )
        };
        let ServerMessage::Frame(f) = v1::decode_server(&parts(Encoding::Binary)).unwrap() else {
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
            reason: v1::SnapshotReason::Lagged,
            changes: vec![EntityChange::AlarmGone(AlarmId(4))],
            tiles: vec![tile(), tile()],
        };
        let v: Value = serde_json::from_slice(&message(Encoding::Json, &m)).unwrap();
        let s = &v["snapshot"];
        assert_eq!((&s["seq"], &s["reason"]), (&json!(3), &json!("lagged")));
        assert_eq!(s["tiles"][1]["moved"][0]["bearing_deg"], json!(89.3));
        assert_eq!(s["tiles"][1]["left"], json!([]));
    }

    #[test]
    fn an_unknown_command_still_has_its_id() {
        let text = br#"{"command":{"id":[1,2],"command":{"launch_rocket":{}}}}"#;
        assert!(
            read(Encoding::Json, text)
                .unwrap_err()
                .contains("launch_rocket")
        );
        assert_eq!(
            command_id_of(text),
            Some(chengtu_engine::ids::CommandId(1, 2))
        );
        assert_eq!(command_id_of(b"[]"), None);
    }
}
