//! One record as bytes. Events as they are; fixes as columns of differences, compressed.

use super::ArchiveError;
use crate::ids::{FeedId, MoverId};
use crate::record::stored::unknown_in_body;
use crate::record::{Body, FixBlock, Origin, Record, World};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Kinds of bodies. Numbers are never given twice.
const PLAIN: u8 = 0;
const FIXES: u8 = 1;

/// No block of fixes is larger than this when it is unpacked: a damaged length must not eat all memory.
const UNPACKED_MAX: usize = 1 << 30;

#[derive(Serialize, Deserialize)]
struct FixColumns {
    feed: FeedId,
    mover: Vec<i32>,
    lon_e7: Vec<i32>,
    lat_e7: Vec<i32>,
    bearing_cdeg: Vec<u16>,
    speed_cmps: Vec<u16>,
    accuracy_dm: Vec<u16>,
    fix_time: Vec<i64>,
}

/// A record, ready to be stored; its number and time are stored beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EncodedRecord {
    /// How the body is encoded: [`EncodedRecord::PLAIN`] or another.
    pub kind: u8,
    /// World and origin.
    pub head: Vec<u8>,
    /// The body, packed as `kind` says.
    pub body: Vec<u8>,
    /// CRC32C over number, time, kind, head and body.
    pub crc: u32,
}

impl EncodedRecord {
    /// The kind of records that hold events; the others hold positions.
    pub const PLAIN: u8 = PLAIN;
}

fn steps_i32(values: impl Iterator<Item = i32>) -> Vec<i32> {
    let mut last = 0i32;
    values
        .map(|v| v.wrapping_sub(core::mem::replace(&mut last, v)))
        .collect()
}

fn sums_i32(steps: Vec<i32>) -> Vec<i32> {
    let mut sum = 0i32;
    steps
        .into_iter()
        .map(|s| {
            sum = sum.wrapping_add(s);
            sum
        })
        .collect()
}

fn malformed(what: impl Into<String>) -> ArchiveError {
    ArchiveError::Malformed(what.into())
}

fn pack(block: &FixBlock) -> Result<Vec<u8>, ArchiveError> {
    let mut last = 0i64;
    let columns = FixColumns {
        feed: block.feed,
        mover: steps_i32(block.mover.iter().map(|m| m.0 as i32)),
        lon_e7: steps_i32(block.lon_e7.iter().copied()),
        lat_e7: steps_i32(block.lat_e7.iter().copied()),
        bearing_cdeg: block.bearing_cdeg.clone(),
        speed_cmps: block.speed_cmps.clone(),
        accuracy_dm: block.accuracy_dm.clone(),
        fix_time: block
            .fix_time
            .iter()
            .map(|t| t.0.wrapping_sub(core::mem::replace(&mut last, t.0)))
            .collect(),
    };
    let plain = postcard::to_stdvec(&columns)?;
    let mut out = (plain.len() as u32).to_le_bytes().to_vec();
    let packed =
        zstd::bulk::compress(&plain, 1).map_err(|e| ArchiveError::Encode(e.to_string()))?;
    out.extend(packed);
    Ok(out)
}

fn unpack(bytes: &[u8]) -> Result<FixBlock, ArchiveError> {
    let (size, packed) = bytes
        .split_first_chunk::<4>()
        .ok_or_else(|| malformed("a block of fixes without its length"))?;
    let size = u32::from_le_bytes(*size) as usize;
    if size > UNPACKED_MAX {
        return Err(malformed(format!("a block of fixes of {size} bytes")));
    }
    let plain = zstd::bulk::decompress(packed, size).map_err(|e| malformed(e.to_string()))?;
    let c: FixColumns = postcard::from_bytes(&plain)?;
    let rows = c.mover.len();
    let lengths = [
        c.lon_e7.len(),
        c.lat_e7.len(),
        c.bearing_cdeg.len(),
        c.speed_cmps.len(),
    ];
    if lengths != [rows; 4] || c.accuracy_dm.len() != rows || c.fix_time.len() != rows {
        return Err(malformed("columns of different lengths"));
    }
    let mut last = 0i64;
    Ok(FixBlock {
        feed: c.feed,
        mover: sums_i32(c.mover)
            .into_iter()
            .map(|m| MoverId(m as u32))
            .collect(),
        lon_e7: sums_i32(c.lon_e7),
        lat_e7: sums_i32(c.lat_e7),
        bearing_cdeg: c.bearing_cdeg,
        speed_cmps: c.speed_cmps,
        accuracy_dm: c.accuracy_dm,
        fix_time: c
            .fix_time
            .into_iter()
            .map(|s| {
                last = last.wrapping_add(s);
                Timestamp(last)
            })
            .collect(),
    })
}

fn checksum(seq: u64, known_at: i64, kind: u8, head: &[u8], body: &[u8]) -> u32 {
    let mut crc = crc32c::crc32c(&seq.to_le_bytes());
    crc = crc32c::crc32c_append(crc, &known_at.to_le_bytes());
    crc = crc32c::crc32c_append(crc, &[kind]);
    crc = crc32c::crc32c_append(crc, head);
    crc32c::crc32c_append(crc, body)
}

/// A record as bytes.
///
/// # Errors
/// [`ArchiveError::Encode`] when memory runs out.
pub fn encode_record(record: &Record) -> Result<EncodedRecord, ArchiveError> {
    let full = |e: postcard::Error| ArchiveError::Encode(e.to_string());
    let head = postcard::to_stdvec(&(&record.world, &record.origin)).map_err(full)?;
    let (kind, body) = match &record.body {
        Body::Fixes(block) => (FIXES, pack(block)?),
        other => (PLAIN, postcard::to_stdvec(other).map_err(full)?),
    };
    let crc = checksum(record.seq, record.known_at.0, kind, &head, &body);
    Ok(EncodedRecord {
        kind,
        head,
        body,
        crc,
    })
}

/// A record from bytes, its checksum compared.
///
/// # Errors
/// [`ArchiveError`] says what is wrong with it.
pub fn decode_record(
    seq: u64,
    known_at: Timestamp,
    e: &EncodedRecord,
) -> Result<Record, ArchiveError> {
    let found = checksum(seq, known_at.0, e.kind, &e.head, &e.body);
    if found != e.crc {
        return Err(ArchiveError::Checksum {
            found,
            expected: e.crc,
        });
    }
    let newer = |form: String| ArchiveError::Newer { seq, form };
    let (world, origin): (World, Origin) =
        postcard::from_bytes(&e.head).map_err(|_| newer("an origin of an unknown form".into()))?;
    let body = match e.kind {
        PLAIN => postcard::from_bytes(&e.body)
            .map_err(|error| unknown_in_body(&e.body).map_or_else(|| error.into(), newer))?,
        FIXES => Body::Fixes(unpack(&e.body)?),
        kind => return Err(newer(format!("a body of kind {kind}"))),
    };
    Ok(Record {
        seq,
        known_at,
        world,
        origin,
        body,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geo::Position;
    use crate::model::{Actor, Fix};

    fn record(rows: u32) -> Record {
        let mut block = FixBlock::with_capacity(FeedId(2), rows as usize);
        for i in 0..rows {
            block.push(Fix {
                mover: MoverId(i.wrapping_mul(2_654_435_761)),
                position: Position::new(1_187_900_000 + i as i32 * 371, 320_500_000 - i as i32),
                bearing_cdeg: (i * 17 % 36_000) as u16,
                speed_cmps: 1_200,
                accuracy_dm: 0,
                fix_time: Timestamp(1_790_000_000_000_000 + i64::from(i % 7) * 100),
            });
        }
        Record {
            seq: 9,
            known_at: Timestamp(5),
            world: World::Live,
            origin: Origin {
                actor: Actor::Feed(FeedId(2)),
                command: None,
            },
            body: Body::Fixes(block),
        }
    }

    #[test]
    fn records_come_back_as_they_went() {
        for rows in [0, 1, 5_000] {
            let r = record(rows);
            let e = encode_record(&r).unwrap();
            assert_eq!(decode_record(9, Timestamp(5), &e).unwrap(), r);
        }
    }

    #[test]
    fn every_flipped_byte_is_noticed() {
        let e = encode_record(&record(3)).unwrap();
        for at in 0..e.body.len() {
            let mut bad = EncodedRecord {
                kind: e.kind,
                head: e.head.clone(),
                body: e.body.clone(),
                crc: e.crc,
            };
            bad.body[at] ^= 0x10;
            assert!(
                decode_record(9, Timestamp(5), &bad)
                    .unwrap_err()
                    .to_string()
                    .contains("checksum")
            );
        }
        assert!(
            decode_record(10, Timestamp(5), &e).is_err()
                && decode_record(9, Timestamp(6), &e).is_err()
        );
    }
}
