//! Reads PMTiles version 3, clustered or not, tiles plain or gzipped.
//!
//! Specification: <https://github.com/protomaps/PMTiles/blob/main/spec/v3/spec.md>

use super::source::ByteSource;
use chengtu_engine::geo::{GeoBox, Position, TileId};
use std::collections::HashMap;
use std::io::Read;
use std::sync::{Arc, Mutex, PoisonError};

/// Why an archive or a tile cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// The system refused.
    #[error("{name}: {source}")]
    Read {
        /// The archive.
        name: String,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// Not an archive of the kind expected.
    #[error("{name}: not a usable PMTiles archive: {what}")]
    Format {
        /// The archive.
        name: String,
        /// What is wrong with it.
        what: String,
    },
}

/// An open archive.
pub struct Archive {
    source: Box<dyn ByteSource>,
    /// Smallest and largest zoom with tiles.
    pub zooms: [u8; 2],
    /// The rectangle covered.
    pub bounds: GeoBox,
    root: Arc<Vec<Entry>>,
    leaf_offset: u64,
    data_offset: u64,
    internal_compression: u8,
    tile_compression: u8,
    leaves: Mutex<HashMap<u64, Arc<Vec<Entry>>>>,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    tile_id: u64,
    offset: u64,
    length: u32,
    run: u32,
}

const HEADER: usize = 127;
/// Largest directory or tile accepted, compressed or not: far above anything real, far below memory.
const BYTES_MAX: u64 = 64 << 20;
const GZIP: u8 = 2;

impl Archive {
    /// Reads the header and the root directory.
    ///
    /// # Errors
    /// [`ArchiveError`] naming the archive.
    pub fn open(source: Box<dyn ByteSource>) -> Result<Self, ArchiveError> {
        let name = source.name().to_string();
        let format = |what: &str| ArchiveError::Format {
            name: name.clone(),
            what: what.into(),
        };
        let read = |source| ArchiveError::Read {
            name: name.clone(),
            source,
        };
        let head = source.read_at(0, HEADER).map_err(|e| match e.kind() {
            std::io::ErrorKind::UnexpectedEof => format("shorter than its header"),
            _ => read(e),
        })?;
        if &head[..7] != b"PMTiles" {
            return Err(format("it does not begin with \"PMTiles\""));
        }
        if head[7] != 3 {
            return Err(format(&format!("version {}, expected 3", head[7])));
        }
        let long = |at: usize| u64::from_le_bytes(head[at..at + 8].try_into().unwrap_or_default());
        let degrees =
            |at: usize| i32::from_le_bytes(head[at..at + 4].try_into().unwrap_or_default());
        let (internal_compression, tile_compression, kind) = (head[97], head[98], head[99]);
        if kind != 1 {
            return Err(format("it does not hold vector tiles (MVT)"));
        }
        for compression in [internal_compression, tile_compression] {
            if !matches!(compression, 1 | GZIP) {
                return Err(format("compressed otherwise than by gzip"));
            }
        }
        let mut archive = Self {
            zooms: [head[100], head[101].min(24)],
            bounds: GeoBox::new(
                Position::new(degrees(102), degrees(106)),
                Position::new(degrees(110), degrees(114)),
            ),
            root: Arc::default(),
            leaf_offset: long(40),
            data_offset: long(56),
            internal_compression,
            tile_compression,
            leaves: Mutex::default(),
            source,
        };
        archive.root = Arc::new(archive.directory(long(8), long(16))?);
        Ok(archive)
    }

    /// What the archive is called.
    pub fn name(&self) -> &str {
        self.source.name()
    }

    /// The bytes of a tile, decompressed; `None` when the archive has none there.
    ///
    /// # Errors
    /// [`ArchiveError`] naming the archive.
    pub fn tile(&self, tile: TileId) -> Result<Option<Vec<u8>>, ArchiveError> {
        let id = hilbert_id(tile);
        let mut directory = self.root.clone();
        // The specification allows a few levels of directories; more is a loop.
        for _ in 0..4 {
            let Some(entry) = find(&directory, id) else {
                return Ok(None);
            };
            if entry.run > 0 {
                let offset = self.data_offset.saturating_add(entry.offset);
                return self
                    .bytes(offset, u64::from(entry.length), self.tile_compression)
                    .map(Some);
            }
            let offset = self.leaf_offset.saturating_add(entry.offset);
            let known = self
                .leaves
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .get(&offset)
                .cloned();
            directory = if let Some(known) = known {
                known
            } else {
                let leaf = Arc::new(self.directory(offset, u64::from(entry.length))?);
                self.leaves
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .insert(offset, leaf.clone());
                leaf
            };
        }
        Err(self.format("its directories run in a circle"))
    }

    fn format(&self, what: &str) -> ArchiveError {
        ArchiveError::Format {
            name: self.name().into(),
            what: what.into(),
        }
    }

    fn bytes(&self, offset: u64, length: u64, compression: u8) -> Result<Vec<u8>, ArchiveError> {
        if length > BYTES_MAX {
            return Err(self.format("a part of it is larger than 64 MiB"));
        }
        let read = |source| ArchiveError::Read {
            name: self.name().into(),
            source,
        };
        let packed = self.source.read_at(offset, length as usize).map_err(read)?;
        if compression != GZIP {
            return Ok(packed);
        }
        let mut plain = Vec::new();
        flate2::read::GzDecoder::new(&packed[..])
            .take(BYTES_MAX)
            .read_to_end(&mut plain)
            .map_err(read)?;
        Ok(plain)
    }

    fn directory(&self, offset: u64, length: u64) -> Result<Vec<Entry>, ArchiveError> {
        let bytes = self.bytes(offset, length, self.internal_compression)?;
        entries(&bytes).ok_or_else(|| self.format("a directory in it is broken"))
    }
}

fn entries(bytes: &[u8]) -> Option<Vec<Entry>> {
    let mut at = bytes;
    let count = usize::try_from(varint(&mut at)?).ok()?;
    if count > bytes.len() {
        return None;
    }
    let mut list = vec![
        Entry {
            tile_id: 0,
            offset: 0,
            length: 0,
            run: 0
        };
        count
    ];
    let mut id = 0u64;
    for e in &mut list {
        id = id.checked_add(varint(&mut at)?)?;
        e.tile_id = id;
    }
    for e in &mut list {
        e.run = u32::try_from(varint(&mut at)?).ok()?;
    }
    for e in &mut list {
        e.length = u32::try_from(varint(&mut at)?).ok()?;
    }
    for i in 0..count {
        let value = varint(&mut at)?;
        list[i].offset = match (value, i) {
            (0, 0) => return None,
            (0, _) => list[i - 1]
                .offset
                .checked_add(u64::from(list[i - 1].length))?,
            (v, _) => v - 1,
        };
    }
    Some(list)
}

fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0u64;
    for shift in (0..64).step_by(7) {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

fn find(directory: &[Entry], id: u64) -> Option<Entry> {
    let after = directory.partition_point(|e| e.tile_id <= id);
    let entry = *directory.get(after.checked_sub(1)?)?;
    (entry.run == 0 || id - entry.tile_id < u64::from(entry.run)).then_some(entry)
}

/// Position of a tile on the Hilbert curves of all zooms, one after the other.
fn hilbert_id(tile: TileId) -> u64 {
    let mut id = ((1u64 << (2 * u64::from(tile.z))) - 1) / 3;
    let (mut x, mut y) = (u64::from(tile.x), u64::from(tile.y));
    let mut s = (1u64 << tile.z) >> 1;
    while s > 0 {
        let (rx, ry) = (u64::from(x & s > 0), u64::from(y & s > 0));
        id += s * s * ((3 * rx) ^ ry);
        if ry == 0 {
            if rx == 1 {
                (x, y) = (
                    (s - 1).wrapping_sub(x) & (s * 2 - 1),
                    (s - 1).wrapping_sub(y) & (s * 2 - 1),
                );
            }
            (x, y) = (y, x);
        }
        s >>= 1;
    }
    id
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Bytes(Vec<u8>);
    impl ByteSource for Bytes {
        fn read_at(&self, offset: u64, length: usize) -> std::io::Result<Vec<u8>> {
            let end = offset as usize + length;
            self.0
                .get(offset as usize..end)
                .map(<[u8]>::to_vec)
                .ok_or(std::io::ErrorKind::UnexpectedEof.into())
        }
        fn name(&self) -> &'static str {
            "test.pmtiles"
        }
    }

    fn put_varint(out: &mut Vec<u8>, mut v: u64) {
        while v >= 0x80 {
            out.push(v as u8 | 0x80);
            v >>= 7;
        }
        out.push(v as u8);
    }

    /// An archive without compression with the given tiles, each of its own bytes.
    fn archive(tiles: &[(TileId, &[u8])]) -> Vec<u8> {
        let mut sorted: Vec<_> = tiles.iter().map(|(t, b)| (hilbert_id(*t), *b)).collect();
        sorted.sort_unstable();
        let mut dir = Vec::new();
        put_varint(&mut dir, sorted.len() as u64);
        let mut last = 0;
        for (id, _) in &sorted {
            put_varint(&mut dir, id - last);
            last = *id;
        }
        for _ in &sorted {
            put_varint(&mut dir, 1);
        }
        for (_, b) in &sorted {
            put_varint(&mut dir, b.len() as u64);
        }
        for i in 0..sorted.len() {
            put_varint(&mut dir, u64::from(i == 0));
        }
        let data: Vec<u8> = sorted.iter().flat_map(|(_, b)| b.iter().copied()).collect();
        let mut out = vec![0u8; HEADER];
        out[..8].copy_from_slice(b"PMTiles\x03");
        let data_offset = (HEADER + dir.len()) as u64;
        for (at, v) in [
            (8, HEADER as u64),
            (16, dir.len() as u64),
            (40, data_offset),
            (56, data_offset),
        ] {
            out[at..at + 8].copy_from_slice(&v.to_le_bytes());
        }
        out[97..102].copy_from_slice(&[1, 1, 1, 0, 15]);
        out.extend(dir);
        out.extend(data);
        out
    }

    #[test]
    fn tile_numbers_of_the_specification() {
        let id = |z, x, y| hilbert_id(TileId { z, x, y });
        assert_eq!(
            [
                id(0, 0, 0),
                id(1, 0, 0),
                id(1, 0, 1),
                id(1, 1, 1),
                id(1, 1, 0),
                id(2, 0, 0)
            ],
            [0, 1, 2, 3, 4, 5]
        );
        assert_eq!(id(12, 3423, 1763), 19_078_479);
    }

    #[test]
    fn tiles_are_found_and_missing_ones_are_none() {
        let a = TileId {
            z: 15,
            x: 27_194,
            y: 13_300,
        };
        let b = TileId {
            z: 14,
            x: 13_597,
            y: 6_650,
        };
        let opened = Archive::open(Box::new(Bytes(archive(&[
            (a, b"fifteen"),
            (b, b"fourteen"),
        ]))))
        .unwrap();
        assert_eq!(opened.tile(a).unwrap().unwrap(), b"fifteen");
        assert_eq!(opened.tile(b).unwrap().unwrap(), b"fourteen");
        assert_eq!(opened.tile(TileId { x: a.x + 1, ..a }).unwrap(), None);
    }

    #[test]
    fn broken_archives_are_refused_with_their_name() {
        let good = archive(&[(TileId { z: 0, x: 0, y: 0 }, b"x")]);
        let mut cut = good.clone();
        cut.truncate(100);
        let mut version = good.clone();
        version[7] = 2;
        let mut length = good;
        length[16..24].copy_from_slice(&u64::MAX.to_le_bytes());
        for (bytes, what) in [
            (cut, "shorter"),
            (version, "version 2"),
            (length, "64 MiB"),
            (vec![b'x'; 200], "begin"),
        ] {
            let error = Archive::open(Box::new(Bytes(bytes)))
                .err()
                .unwrap()
                .to_string();
            assert!(
                error.contains("test.pmtiles") && error.contains(what),
                "{error}"
            );
        }
    }
}
