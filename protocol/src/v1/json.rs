//! The same messages as JSON; tiles as rows that a person or a script can read.

use super::{Read, client, entities, model, server, written};
use crate::error::DecodeError;
use crate::frame::FrameHeader;
use chengtu_engine::ids::CommandId;
use chengtu_engine::stream::{ClientMessage, EntityChange, ServerMessage, TileFrame};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Value, json};
use std::fmt::Write;

/// See [`crate::encode_changes`].
pub(crate) fn changes(changes: &[EntityChange]) -> String {
    let parts: Vec<String> = changes
        .iter()
        .filter_map(|c| serde_json::to_string(&written::<_, entities::EntityChange>(c)).ok())
        .collect();
    parts.join(",")
}

/// See [`crate::encode_tile`]. Written by hand: a crowded tile has thousands of rows a tick.
pub(crate) fn tile(tile: &TileFrame) -> String {
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
            let kind = json!(written::<_, model::MoverKind>(&kind));
            let _ = write!(out, r#","kind":{kind},"unit":{}"#, json!(row.unit));
        }
        out.push('}');
    }
    let _ = write!(out, r#"],"left":{}}}"#, json!(tile.left));
    out
}

/// See [`crate::encode_frame`].
pub(crate) fn frame(
    header: FrameHeader,
    changes: &[impl AsRef<[u8]>],
    tiles: &[impl AsRef<[u8]>],
) -> Vec<u8> {
    let FrameHeader {
        seq,
        prev_seq,
        time,
    } = header;
    let changes_size: usize = changes.iter().map(|p| p.as_ref().len() + 1).sum();
    let tiles_size: usize = tiles.iter().map(|p| p.as_ref().len() + 1).sum();
    let mut out = Vec::with_capacity(changes_size + tiles_size + 120);
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

fn join(out: &mut Vec<u8>, parts: &[impl AsRef<[u8]>]) {
    let mut first = true;
    for part in parts.iter().map(AsRef::as_ref).filter(|p| !p.is_empty()) {
        if !core::mem::take(&mut first) {
            out.push(b',');
        }
        out.extend_from_slice(part);
    }
}

/// See [`crate::encode_server`].
pub(crate) fn encode_server(message: &ServerMessage) -> Vec<u8> {
    match message {
        ServerMessage::Frame(f) => {
            let header = FrameHeader {
                seq: f.seq,
                prev_seq: f.prev_seq,
                time: f.time,
            };
            let tiles: Vec<String> = f.tiles.iter().map(tile).collect();
            frame(header, &[changes(&f.changes)], &tiles)
        }
        ServerMessage::Snapshot {
            seq,
            time,
            reason,
            changes,
            tiles,
        } => {
            let tiles: Vec<String> = tiles.iter().map(tile).collect();
            let reason = written::<_, server::SnapshotReason>(reason);
            let changes = written::<_, Vec<entities::EntityChange>>(changes);
            let head =
                json!({"seq": seq, "time": time, "reason": reason, "changes": changes}).to_string();
            let head = head.strip_suffix('}').unwrap_or(&head);
            format!(r#"{{"snapshot":{head},"tiles":[{}]}}}}"#, tiles.join(",")).into_bytes()
        }
        m => serde_json::to_vec(&written::<_, server::ServerMessage>(m)).unwrap_or_default(),
    }
}

/// See [`crate::encode_client`].
pub(crate) fn encode_client(message: &ClientMessage) -> Vec<u8> {
    if let ClientMessage::Ask { request, message } = message {
        let message = written::<_, client::ClientMessage>(&**message);
        return json!({"ask": {"request": request, "message": message}})
            .to_string()
            .into_bytes();
    }
    serde_json::to_vec(&written::<_, client::ClientMessage>(message)).unwrap_or_default()
}

/// The envelope of 1.1.
#[derive(Deserialize)]
struct Envelope<T> {
    ask: T,
}

#[derive(Deserialize)]
struct Ask {
    request: u32,
    message: Read<ClientMessage, client::ClientMessage>,
}

/// See [`crate::decode_client`].
pub(crate) fn decode_client(bytes: &[u8]) -> Result<ClientMessage, DecodeError> {
    let read: Result<Read<_, client::ClientMessage>, _> = serde_json::from_slice(bytes);
    match read {
        Ok(message) => Ok(message.into_inner()),
        Err(_) if serde_json::from_slice::<Envelope<IgnoredAny>>(bytes).is_ok() => {
            let Envelope { ask } = serde_json::from_slice::<Envelope<Ask>>(bytes)?;
            Ok(ClientMessage::Ask {
                request: ask.request,
                message: Box::new(ask.message.into_inner()),
            })
        }
        Err(error) => Err(error.into()),
    }
}

/// See [`crate::decode_server`].
pub(crate) fn decode_server(bytes: &[u8]) -> Result<ServerMessage, DecodeError> {
    let message: Read<_, server::ServerMessage> = serde_json::from_slice(bytes)?;
    Ok(message.into_inner())
}

/// See [`crate::command_id`].
pub(crate) fn command_id(bytes: &[u8]) -> Option<CommandId> {
    let value: Value = serde_json::from_slice(bytes).ok()?;
    let said = ["command", "command_in", "act"];
    let command = said.iter().find_map(|m| value.get(m))?;
    serde_json::from_value(command.get("id")?.clone()).ok()
}
