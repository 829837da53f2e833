use super::ArchiveError;
use super::fixes::{self, Frame};
use crate::command::Observation;
use crate::event::Event;
use crate::ids::FeedId;
use crate::record::{Body, FixBlock, Origin, Record, World, stored};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Nothing in a segment is larger than this when it is unpacked: a damaged length must not eat all memory.
const UNPACKED_MAX: usize = 1 << 30;
/// How hard events are packed.
const LEVEL: i32 = 9;

/// A run of consecutive records, encoded together.
///
/// Events are stored unchanged; the positions of the whole run are in columns, each as the difference from a guess made
/// from the same mover's earlier rows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Segment {
    /// Number of the first record.
    pub first_seq: u64,
    /// Number of the last record.
    pub last_seq: u64,
    /// When the first was known.
    pub first_known_at: Timestamp,
    /// When the last was known.
    pub last_known_at: Timestamp,
    /// How many positions.
    pub rows: u64,
    /// Everything but positions.
    pub heads: Vec<u8>,
    /// Positions; empty without any.
    pub fixes: Vec<u8>,
}

#[derive(Serialize, Deserialize)]
struct Head {
    /// Microseconds since the record before.
    after_us: i64,
    world: World,
    origin: Origin,
    body: HeadBody,
}

#[derive(Serialize, Deserialize)]
enum HeadBody {
    Events(Vec<Event>),
    Observations(
        #[serde(with = "stored::observations")] Vec<Observation>,
        Vec<Event>,
    ),
    Fixes {
        feed: FeedId,
        rows: u32,
    },
}

impl HeadBody {
    fn of(body: &Body) -> Self {
        match body {
            Body::Events(events) => Self::Events(events.clone()),
            Body::Observations(o, e) => Self::Observations(o.clone(), e.clone()),
            Body::Fixes(block) => Self::Fixes {
                feed: block.feed,
                rows: block.len() as u32,
            },
        }
    }
}

fn malformed(what: impl Into<String>) -> ArchiveError {
    ArchiveError::Malformed(what.into())
}

/// What in the heads of a segment is not known; looked for only if they could not be read.
fn unknown_in_heads(plain: &[u8], first_seq: u64) -> Option<ArchiveError> {
    let (count, mut rest) = postcard::take_from_bytes::<u64>(plain).ok()?;
    for seq in (first_seq..).take(usize::try_from(count).ok()?) {
        let newer = |form: String| ArchiveError::Newer { seq, form };
        let after_body = || -> Result<&[u8], stored::Unknown> {
            let malformed = |_| None;
            let (_, rest) = postcard::take_from_bytes::<i64>(rest).map_err(malformed)?;
            let (_, rest) = postcard::take_from_bytes::<(World, Origin)>(rest)
                .map_err(|_| Some("an origin of an unknown form".to_owned()))?;
            let (place, rest) = postcard::take_from_bytes::<u32>(rest).map_err(malformed)?;
            match place {
                0 => stored::after_events(rest),
                1 => stored::after_events(stored::after_observations(rest)?),
                2 => postcard::take_from_bytes::<(FeedId, u32)>(rest)
                    .map(|(_, rest)| rest)
                    .map_err(malformed),
                place => Err(Some(format!("a body of kind {place}"))),
            }
        };
        rest = match after_body() {
            Ok(rest) => rest,
            Err(unknown) => return unknown.map(newer),
        };
    }
    None
}

impl Segment {
    /// The segment of a run of records, at least one.
    ///
    /// # Errors
    /// [`ArchiveError::NotConsecutive`]; [`ArchiveError::Encode`] when memory runs out.
    pub fn of(records: &[Record]) -> Result<Self, ArchiveError> {
        let (Some(first), Some(last)) = (records.first(), records.last()) else {
            return Err(ArchiveError::Encode("no records".to_owned()));
        };
        if let Some(w) = records.windows(2).find(|w| w[1].seq != w[0].seq + 1) {
            return Err(ArchiveError::NotConsecutive {
                before: w[0].seq,
                found: w[1].seq,
            });
        }
        let mut known_at = first.known_at.0;
        let mut heads = Vec::with_capacity(records.len());
        let mut blocks = Vec::new();
        for r in records {
            if let Body::Fixes(block) = &r.body {
                blocks.push((block, r.known_at));
            }
            let before = core::mem::replace(&mut known_at, r.known_at.0);
            heads.push(Head {
                after_us: r.known_at.0.wrapping_sub(before),
                world: r.world,
                origin: r.origin.clone(),
                body: HeadBody::of(&r.body),
            });
        }
        let rows = blocks.iter().map(|(b, _)| b.len() as u64).sum();
        Ok(Self {
            first_seq: first.seq,
            last_seq: last.seq,
            first_known_at: first.known_at,
            last_known_at: last.known_at,
            rows,
            heads: packed(&heads)?,
            fixes: if rows == 0 {
                Vec::new()
            } else {
                fixes::pack(&blocks)?
            },
        })
    }

    /// CRC32C over everything.
    pub fn crc(&self) -> u32 {
        let mut crc = 0;
        for n in [
            self.first_seq,
            self.last_seq,
            self.first_known_at.0 as u64,
            self.last_known_at.0 as u64,
            self.rows,
            self.heads.len() as u64,
        ] {
            crc = crc32c::crc32c_append(crc, &n.to_le_bytes());
        }
        crc = crc32c::crc32c_append(crc, &self.heads);
        crc32c::crc32c_append(crc, &self.fixes)
    }

    /// Bytes of what is kept.
    pub fn size(&self) -> usize {
        self.heads.len() + self.fixes.len()
    }

    /// All records, as they went in.
    ///
    /// # Errors
    /// [`ArchiveError::Malformed`] when the bytes are not what was written; [`ArchiveError::Newer`].
    pub fn records(&self) -> Result<Vec<Record>, ArchiveError> {
        let (heads, times) = self.heads()?;
        let blocks = self.blocks(&heads, &times)?;
        self.joined(heads, times, Some(blocks))
    }

    /// The records that hold no positions; cheap, the positions are not looked at.
    ///
    /// # Errors
    /// As [`Segment::records`].
    pub fn records_without_fixes(&self) -> Result<Vec<Record>, ArchiveError> {
        let (heads, times) = self.heads()?;
        self.joined(heads, times, None)
    }

    /// Everything but positions, and when each record was known.
    fn heads(&self) -> Result<(Vec<Head>, Vec<Timestamp>), ArchiveError> {
        let (size, packed) = self
            .heads
            .split_first_chunk::<4>()
            .ok_or_else(|| malformed("a segment without its length"))?;
        let size = u32::from_le_bytes(*size) as usize;
        if size > UNPACKED_MAX {
            return Err(malformed(format!("a segment of {size} bytes")));
        }
        let plain = zstd::bulk::decompress(packed, size).map_err(|e| malformed(e.to_string()))?;
        let heads: Vec<Head> = postcard::from_bytes(&plain)
            .map_err(|e| unknown_in_heads(&plain, self.first_seq).unwrap_or_else(|| e.into()))?;
        let count = self.last_seq.wrapping_sub(self.first_seq).wrapping_add(1);
        if heads.len() as u64 != count {
            return Err(malformed(format!("{} records, not {count}", heads.len())));
        }
        let mut known_at = self.first_known_at.0;
        let times = heads.iter().map(|h| {
            known_at = known_at.wrapping_add(h.after_us);
            Timestamp(known_at)
        });
        let times = times.collect();
        Ok((heads, times))
    }

    /// The positions, a block for each head of some.
    fn blocks(&self, heads: &[Head], times: &[Timestamp]) -> Result<Vec<FixBlock>, ArchiveError> {
        let frames: Vec<Frame> = heads
            .iter()
            .zip(times)
            .filter_map(|(h, known_at)| match h.body {
                HeadBody::Fixes { feed, rows } => Some(Frame {
                    feed,
                    rows: rows as usize,
                    known_at: *known_at,
                }),
                _ => None,
            })
            .collect();
        let rows: u64 = frames.iter().map(|f| f.rows as u64).sum();
        if rows != self.rows || rows > (UNPACKED_MAX / 32) as u64 {
            return Err(malformed(format!("{rows} positions, not {}", self.rows)));
        }
        if rows == 0 {
            let empty = |f: &Frame| FixBlock::with_capacity(f.feed, 0);
            return Ok(frames.iter().map(empty).collect());
        }
        fixes::unpack(&self.fixes, &frames)
    }

    /// Records of their parts; those of positions are left out where there are no blocks.
    fn joined(
        &self,
        heads: Vec<Head>,
        times: Vec<Timestamp>,
        blocks: Option<Vec<FixBlock>>,
    ) -> Result<Vec<Record>, ArchiveError> {
        let mut blocks = blocks.map(Vec::into_iter);
        let mut records = Vec::with_capacity(heads.len());
        for ((head, known_at), seq) in heads.into_iter().zip(times).zip(self.first_seq..) {
            let body = match (head.body, &mut blocks) {
                (HeadBody::Events(events), _) => Body::Events(events),
                (HeadBody::Observations(o, e), _) => Body::Observations(o, e),
                (HeadBody::Fixes { .. }, None) => continue,
                (HeadBody::Fixes { .. }, Some(blocks)) => Body::Fixes(
                    blocks
                        .next()
                        .ok_or_else(|| malformed("a block is missing"))?,
                ),
            };
            records.push(Record {
                seq,
                known_at,
                world: head.world,
                origin: head.origin,
                body,
            });
        }
        Ok(records)
    }
}

fn packed(heads: &[Head]) -> Result<Vec<u8>, ArchiveError> {
    let full = |e: String| ArchiveError::Encode(e);
    let plain = postcard::to_stdvec(heads).map_err(|e| full(e.to_string()))?;
    let packed = zstd::bulk::compress(&plain, LEVEL).map_err(|e| full(e.to_string()))?;
    let mut out = (plain.len() as u32).to_le_bytes().to_vec();
    out.extend(packed);
    Ok(out)
}
