//! Protocol buffers as far as tiles need them, read without a copy.
//!
//! Source: <https://protobuf.dev/programming-guides/encoding/>.

use crate::error::TileError;

/// The content of one field.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Content<'a> {
    /// A whole number.
    Varint(u64),
    /// Eight bytes, the lowest first where they are a number.
    Fixed64([u8; 8]),
    /// A text, a message or packed numbers.
    Bytes(&'a [u8]),
    /// Four bytes, the lowest first where they are a number.
    Fixed32([u8; 4]),
}

/// Calls `visit` with the number and the content of each field of a message, in their order.
pub fn for_each_field<'a>(
    mut message: &'a [u8],
    mut visit: impl FnMut(u64, Content<'a>) -> Result<(), TileError>,
) -> Result<(), TileError> {
    while !message.is_empty() {
        let head = varint(&mut message)?;
        let content = match head & 7 {
            0 => Content::Varint(varint(&mut message)?),
            1 => Content::Fixed64(array(&mut message)?),
            2 => {
                let length = varint(&mut message)?;
                let length = usize::try_from(length).map_err(|_| TileError::Truncated)?;
                let (bytes, rest) = message
                    .split_at_checked(length)
                    .ok_or(TileError::Truncated)?;
                message = rest;
                Content::Bytes(bytes)
            }
            5 => Content::Fixed32(array(&mut message)?),
            kind => return Err(TileError::WireType(kind)),
        };
        visit(head >> 3, content)?;
    }
    Ok(())
}

fn array<const N: usize>(bytes: &mut &[u8]) -> Result<[u8; N], TileError> {
    let (head, rest) = bytes.split_first_chunk().ok_or(TileError::Truncated)?;
    *bytes = rest;
    Ok(*head)
}

/// Takes a number off the front of `bytes`.
#[inline]
pub fn varint(bytes: &mut &[u8]) -> Result<u64, TileError> {
    let mut value = 0u64;
    for shift in (0..64).step_by(7) {
        let (&byte, rest) = bytes.split_first().ok_or(TileError::Truncated)?;
        *bytes = rest;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Ok(value);
        }
    }
    Err(TileError::Varint)
}

/// Adds a number to the end of `out`.
pub fn put_varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Adds field `number` to the end of a message.
pub fn put(out: &mut Vec<u8>, number: u64, content: Content<'_>) {
    let kind = match content {
        Content::Varint(_) => 0,
        Content::Fixed64(_) => 1,
        Content::Bytes(_) => 2,
        Content::Fixed32(_) => 5,
    };
    put_varint(out, number << 3 | kind);
    match content {
        Content::Varint(value) => put_varint(out, value),
        Content::Fixed64(bytes) => out.extend(bytes),
        Content::Fixed32(bytes) => out.extend(bytes),
        Content::Bytes(bytes) => {
            put_varint(out, bytes.len() as u64);
            out.extend(bytes);
        }
    }
}

/// Zigzag: a signed number as an unsigned one, so that small negative numbers are short.
pub fn zigzag(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)) as u64
}

/// The signed number of a zigzag number.
pub fn unzigzag(number: u64) -> i64 {
    (number >> 1) as i64 ^ -((number & 1) as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_read_as_they_were_written() {
        let written = [
            (1, Content::Bytes(b"abc")),
            (2, Content::Varint(u64::MAX)),
            (3, Content::Varint(0)),
            (15, Content::Fixed32([1, 2, 3, 4])),
            (16, Content::Fixed64([8; 8])),
            (1 << 60, Content::Bytes(b"")),
        ];
        let mut message = Vec::new();
        for (number, content) in written {
            put(&mut message, number, content);
        }
        let mut read = Vec::new();
        for_each_field(&message, |number, content| {
            read.push((number, content));
            Ok(())
        })
        .unwrap();
        assert_eq!(read, written);
    }

    #[test]
    fn broken_messages_are_refused() {
        let read = |message: &[u8]| for_each_field(message, |_, _| Ok(()));
        assert_eq!(read(&[0x08]), Err(TileError::Truncated));
        assert_eq!(read(&[0x0a, 5, 1]), Err(TileError::Truncated));
        assert_eq!(read(&[0x0d, 1, 2, 3]), Err(TileError::Truncated));
        assert_eq!(read(&[0x0b]), Err(TileError::WireType(3)));
        assert_eq!(read(&[0xff; 11]), Err(TileError::Varint));
    }

    #[test]
    fn small_negative_numbers_are_short() {
        for (value, number) in [(0, 0), (-1, 1), (1, 2), (i64::MIN, u64::MAX)] {
            assert_eq!((zigzag(value), unzigzag(number)), (number, value));
        }
    }
}
