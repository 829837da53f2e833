use super::client::ClientMessage;
use super::entities::EntityChange;
use super::server::{Frame, ServerMessage};
use super::tile::TileFrame;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

const CONTROL: u8 = 1;
const FRAME: u8 = 2;

/// Why bytes are no message.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// Nothing at all.
    #[error("an empty message")]
    Empty,
    /// The first byte is none of this protocol.
    #[error("message kind {0} is not of protocol chengtu.v1")]
    Kind(u8),
    /// The rest does not fit its kind.
    #[error("message of {length} bytes cannot be read: {source}")]
    Body {
        /// Bytes.
        length: usize,
        /// What the decoder says.
        #[source]
        source: postcard::Error,
    },
    /// A blob ends beyond the message.
    #[error("frame of {length} bytes is cut off")]
    CutOff {
        /// Bytes.
        length: usize,
    },
}

#[derive(Serialize, Deserialize)]
struct Header {
    seq: u64,
    prev_seq: u64,
    time: Timestamp,
    changes: u32,
    tiles: u32,
}

/// Puts a frame together from blobs that were encoded once.
#[derive(Debug)]
pub struct FrameBuilder;

impl FrameBuilder {
    /// A batch of changes, to be shared by all sessions that may see them.
    pub fn changes_blob(changes: &[EntityChange]) -> Vec<u8> {
        postcard::to_stdvec(changes).unwrap_or_default()
    }

    /// A tile's frame, to be shared by all sessions that look there.
    pub fn tile_blob(tile: &TileFrame) -> Vec<u8> {
        postcard::to_stdvec(tile).unwrap_or_default()
    }

    /// One session's frame.
    pub fn frame(
        seq: u64,
        prev_seq: u64,
        time: Timestamp,
        changes: &[&[u8]],
        tiles: &[&[u8]],
    ) -> Vec<u8> {
        let header = Header {
            seq,
            prev_seq,
            time,
            changes: changes.len() as u32,
            tiles: tiles.len() as u32,
        };
        let blobs: usize = changes.iter().chain(tiles).map(|b| b.len() + 5).sum();
        let mut out = Vec::with_capacity(blobs + 40);
        out.push(FRAME);
        out.extend(postcard::to_stdvec(&header).unwrap_or_default());
        for blob in changes.iter().chain(tiles) {
            out.extend((blob.len() as u32).to_le_bytes());
            out.extend_from_slice(blob);
        }
        out
    }
}

/// A server's message as bytes.
pub fn encode_server(message: &ServerMessage) -> Vec<u8> {
    if let ServerMessage::Frame(f) = message {
        let changes = FrameBuilder::changes_blob(&f.changes);
        let tiles: Vec<_> = f.tiles.iter().map(FrameBuilder::tile_blob).collect();
        let tiles: Vec<_> = tiles.iter().map(Vec::as_slice).collect();
        return FrameBuilder::frame(f.seq, f.prev_seq, f.time, &[&changes], &tiles);
    }
    control(message)
}

/// A client's message as bytes.
pub fn encode_client(message: &ClientMessage) -> Vec<u8> {
    control(message)
}

fn control<T: Serialize>(message: &T) -> Vec<u8> {
    let mut out = vec![CONTROL];
    out.extend(postcard::to_stdvec(message).unwrap_or_default());
    out
}

/// Reads a client's message.
///
/// # Errors
/// [`DecodeError`] for anything else.
pub fn decode_client(bytes: &[u8]) -> Result<ClientMessage, DecodeError> {
    match bytes {
        [] => Err(DecodeError::Empty),
        [CONTROL, body @ ..] => read(body),
        [kind, ..] => Err(DecodeError::Kind(*kind)),
    }
}

/// Reads a server's message.
///
/// # Errors
/// [`DecodeError`] for anything else.
pub fn decode_server(bytes: &[u8]) -> Result<ServerMessage, DecodeError> {
    match bytes {
        [] => Err(DecodeError::Empty),
        [CONTROL, body @ ..] => read(body),
        [FRAME, body @ ..] => frame(body).map(ServerMessage::Frame),
        [kind, ..] => Err(DecodeError::Kind(*kind)),
    }
}

fn read<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, DecodeError> {
    postcard::from_bytes(body).map_err(|source| DecodeError::Body {
        length: body.len(),
        source,
    })
}

fn frame(body: &[u8]) -> Result<Frame, DecodeError> {
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
        changes.append(&mut read(blob()?)?);
    }
    let mut tiles: Vec<TileFrame> = Vec::new();
    for _ in 0..header.tiles {
        tiles.push(read(blob()?)?);
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
    use crate::geo::TileId;

    #[test]
    fn frames_and_controls_come_back() {
        let tile = TileFrame::new(TileId { z: 14, x: 3, y: 4 }, Timestamp(9));
        let frame = Frame {
            seq: 5,
            prev_seq: 4,
            time: Timestamp(9),
            changes: vec![],
            tiles: vec![tile],
        };
        for m in [
            ServerMessage::Frame(frame),
            ServerMessage::Pong {
                nonce: 3,
                time: Timestamp(1),
            },
        ] {
            assert_eq!(decode_server(&encode_server(&m)).unwrap(), m);
        }
        let c = ClientMessage::Ping { nonce: 77 };
        assert_eq!(decode_client(&encode_client(&c)).unwrap(), c);
    }

    #[test]
    fn every_cut_of_a_frame_is_an_error_and_none_a_panic() {
        let tile = TileFrame::new(TileId { z: 14, x: 3, y: 4 }, Timestamp(9));
        let frame = Frame {
            seq: 5,
            prev_seq: 4,
            time: Timestamp(9),
            changes: vec![],
            tiles: vec![tile],
        };
        let bytes = encode_server(&ServerMessage::Frame(frame));
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
}
