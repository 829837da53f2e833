//! Postcard behind a byte that distinguishes controls, frames and numbered asks.

use super::{Read, client, entities, server, tile, written};
use crate::error::DecodeError;
use crate::frame::FrameHeader;
use chengtu_engine::stream::{ClientMessage, EntityChange, Frame, ServerMessage, TileFrame};
use chengtu_engine::time::Timestamp;
use serde::{Deserialize, Serialize};

const CONTROL: u8 = 1;
const FRAME: u8 = 2;
/// Of 1.1: a number, and the control that is asked under it.
const ASK: u8 = 3;

#[derive(Serialize, Deserialize)]
struct Header {
    seq: u64,
    prev_seq: u64,
    time: Timestamp,
    changes: u32,
    tiles: u32,
}

/// See [`crate::encode_changes`].
pub(crate) fn changes(changes: &[EntityChange]) -> Vec<u8> {
    bytes(&written::<_, [entities::EntityChange]>(changes))
}

/// See [`crate::encode_tile`].
pub(crate) fn tile(tile: &TileFrame) -> Vec<u8> {
    bytes(&written::<_, tile::TileFrame>(tile))
}

/// Postcard into a vector fails only for sequences of unknown length, and no mirror has one.
fn bytes(value: &impl Serialize) -> Vec<u8> {
    postcard::to_stdvec(value).unwrap_or_default()
}

/// See [`crate::encode_frame`].
pub(crate) fn frame(
    header: FrameHeader,
    changes: &[impl AsRef<[u8]>],
    tiles: &[impl AsRef<[u8]>],
) -> Vec<u8> {
    let head = Header {
        seq: header.seq,
        prev_seq: header.prev_seq,
        time: header.time,
        changes: changes.len() as u32,
        tiles: tiles.len() as u32,
    };
    let blobs = || {
        let tiles = tiles.iter().map(AsRef::as_ref);
        changes.iter().map(AsRef::as_ref).chain(tiles)
    };
    let size: usize = blobs().map(|b| b.len() + 5).sum();
    let mut out = Vec::with_capacity(size + 40);
    out.push(FRAME);
    out.extend(bytes(&head));
    for blob in blobs() {
        out.extend((blob.len() as u32).to_le_bytes());
        out.extend_from_slice(blob);
    }
    out
}

/// See [`crate::encode_server`].
pub(crate) fn encode_server(message: &ServerMessage) -> Vec<u8> {
    if let ServerMessage::Frame(f) = message {
        let header = FrameHeader {
            seq: f.seq,
            prev_seq: f.prev_seq,
            time: f.time,
        };
        let tiles: Vec<_> = f.tiles.iter().map(tile).collect();
        return frame(header, &[changes(&f.changes)], &tiles);
    }
    control(&written::<_, server::ServerMessage>(message))
}

/// See [`crate::encode_client`].
pub(crate) fn encode_client(message: &ClientMessage) -> Vec<u8> {
    if let ClientMessage::Ask { request, message } = message {
        let asked = written::<_, client::ClientMessage>(&**message);
        return with_kind(ASK, &(request, asked));
    }
    control(&written::<_, client::ClientMessage>(message))
}

fn control<T: Serialize>(message: &T) -> Vec<u8> {
    with_kind(CONTROL, message)
}

fn with_kind(kind: u8, body: &impl Serialize) -> Vec<u8> {
    let mut out = vec![kind];
    out.extend(bytes(body));
    out
}

/// See [`crate::decode_client`].
pub(crate) fn decode_client(bytes: &[u8]) -> Result<ClientMessage, DecodeError> {
    match bytes {
        [] => Err(DecodeError::Empty),
        [CONTROL, body @ ..] => {
            let message: Read<_, client::ClientMessage> = read(body)?;
            Ok(message.into_inner())
        }
        [ASK, body @ ..] => {
            let (request, message): (u32, Read<_, client::ClientMessage>) = read(body)?;
            let message = Box::new(message.into_inner());
            Ok(ClientMessage::Ask { request, message })
        }
        [kind, ..] => Err(DecodeError::Kind(*kind)),
    }
}

/// See [`crate::decode_server`].
pub(crate) fn decode_server(bytes: &[u8]) -> Result<ServerMessage, DecodeError> {
    match bytes {
        [] => Err(DecodeError::Empty),
        [CONTROL, body @ ..] => {
            let message: Read<_, server::ServerMessage> = read(body)?;
            Ok(message.into_inner())
        }
        [FRAME, body @ ..] => decode_frame(body).map(ServerMessage::Frame),
        [kind, ..] => Err(DecodeError::Kind(*kind)),
    }
}

fn read<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, DecodeError> {
    postcard::from_bytes(body).map_err(|source| DecodeError::Body {
        length: body.len(),
        source,
    })
}

fn decode_frame(body: &[u8]) -> Result<Frame, DecodeError> {
    let length = body.len();
    let (header, mut rest): (Header, &[u8]) =
        postcard::take_from_bytes(body).map_err(|source| DecodeError::Body { length, source })?;
    let mut blob = || -> Result<&[u8], DecodeError> {
        let (size, after) = rest
            .split_first_chunk::<4>()
            .ok_or(DecodeError::CutOff { length })?;
        let size = u32::from_le_bytes(*size) as usize;
        let (blob, after) = after
            .split_at_checked(size)
            .ok_or(DecodeError::CutOff { length })?;
        rest = after;
        Ok(blob)
    };
    let mut changes: Vec<EntityChange> = Vec::new();
    for _ in 0..header.changes {
        let part: Read<Vec<EntityChange>, Vec<entities::EntityChange>> = read(blob()?)?;
        changes.append(&mut part.into_inner());
    }
    let mut tiles: Vec<TileFrame> = Vec::new();
    for _ in 0..header.tiles {
        let tile: Read<TileFrame, tile::TileFrame> = read(blob()?)?;
        tiles.push(tile.into_inner());
    }
    Ok(Frame {
        seq: header.seq,
        prev_seq: header.prev_seq,
        time: header.time,
        changes,
        tiles,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use chengtu_engine::geo::TileId;

    fn a_frame() -> ServerMessage {
        let tile = TileFrame::new(TileId { z: 14, x: 3, y: 4 }, Timestamp(9));
        ServerMessage::Frame(Frame {
            seq: 5,
            prev_seq: 4,
            time: Timestamp(9),
            changes: vec![],
            tiles: vec![tile],
        })
    }

    #[test]
    fn frames_and_controls_come_back() {
        let pong = ServerMessage::Pong {
            nonce: 3,
            time: Timestamp(1),
        };
        for m in [a_frame(), pong] {
            assert_eq!(decode_server(&encode_server(&m)).unwrap(), m);
        }
        let c = ClientMessage::Ping { nonce: 77 };
        assert_eq!(decode_client(&encode_client(&c)).unwrap(), c);
    }

    #[test]
    fn every_cut_of_a_frame_is_an_error_and_none_a_panic() {
        let bytes = encode_server(&a_frame());
        for n in 0..bytes.len() {
            assert!(decode_server(&bytes[..n]).is_err(), "{n}");
        }
        for garbage in [
            &b"\x01"[..],
            b"\xff\xff",
            b"\x02\xff\xff\xff\xff\xff\xff\xff\xff\xff",
            b"hello",
        ] {
            assert!(decode_server(garbage).is_err() && decode_client(garbage).is_err());
        }
    }

    #[test]
    fn a_mover_costs_at_most_twelve_bytes() {
        use chengtu_engine::geo::Position;
        use chengtu_engine::ids::MoverId;
        let corner = Position::new(1_187_900_000, 320_500_000);
        let mut f = TileFrame::new(TileId::containing(corner, 14), Timestamp(5_000_000));
        f.push_rows((0..1_000).map(|i| {
            let p = Position::new(
                corner.lon_e7 + i * 37 % 20_000,
                corner.lat_e7 + i * 91 % 20_000,
            );
            let (id, time) = (MoverId(i as u32 * 3), Timestamp(4_700_000));
            (id, p, 12_345, 1_100, time, None)
        }));
        let bytes = tile(&f).len();
        assert!(bytes <= 12_100, "{bytes} bytes for 1000 movers");
    }
}
