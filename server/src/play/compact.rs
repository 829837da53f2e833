//! The compact recording, `.ctr`: blocks of columns, delta-coded, packed with zstd.
//!
//! ```text
//! file    = "CTGREC\r\n" version:u16 block*            all numbers little-endian
//! block   = length:u32 crc32c:u32 packed               length and CRC are of `packed`, a zstd frame
//! block 0 = postcard of Head                            provenance, duration, vehicles, positions
//! block n = postcard of Block                           about a minute of fixes
//! ```
//! A vehicle's fixes stand together and in order. Times and bearings are differences, positions are differences of
//! differences, in units of `quantum_e7`; numbers are zigzag varints. A file that is cut off is good up to its last
//! whole block.

use super::row::{Item, RecordedFix, RecordingError};
use chengtu_engine::geo::LonLat;
use chengtu_engine::model::MoverKind;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io::{BufRead, Read, Write};
use std::path::Path;

/// First bytes of a compact recording.
pub const MAGIC: [u8; 8] = *b"CTGREC\r\n";
/// The version that this program writes and reads.
pub const VERSION: u16 = 1;
/// Seconds of a block.
const BLOCK_US: i64 = 60_000_000;
/// No block is larger than this, packed or not.
const BLOCK_BYTES_MAX: usize = 256 << 20;
/// One unit of a recorded position, 1e-7 degree: 11 cm, what SUMO writes.
const QUANTUM_E7: i32 = 10;

/// What a compact recording says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// Where it comes from, its licence, and what was done to it.
    pub provenance: String,
    /// From its first fix to its last, microseconds.
    pub duration_us: i64,
    /// How many vehicles.
    pub vehicles: u32,
    /// How many fixes.
    pub fixes: u64,
    /// One unit of a position, 1e-7 degree.
    pub quantum_e7: i32,
}

/// About a minute of fixes. All columns run over the vehicles in order, and within a vehicle over time.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Block {
    /// Vehicles: name, kind, number of fixes in this block.
    vehicles: Vec<(String, MoverKind, u32)>,
    /// Milliseconds: the first since the recording's beginning, the others since the one before.
    time_ms: Vec<i64>,
    /// Second differences.
    lon: Vec<i32>,
    /// Second differences.
    lat: Vec<i32>,
    /// Tenths of a degree, differences; [`NO_VALUE`] where there is none.
    bearing: Vec<i32>,
    /// Tenths of a metre a second, differences; [`NO_VALUE`] where there is none.
    speed: Vec<i32>,
}

/// Stands for "not said"; the difference after it is taken from what was said last.
const NO_VALUE: i32 = i32::MAX;

/// Running differences of one column of one vehicle.
#[derive(Clone, Copy, Debug, Default)]
struct Delta {
    last: i32,
    step: i32,
}

impl Delta {
    fn first(&mut self, value: i32) -> i32 {
        let d = value.wrapping_sub(self.last);
        self.last = value;
        d
    }

    fn second(&mut self, value: i32) -> i32 {
        let step = value.wrapping_sub(self.last);
        let d = step.wrapping_sub(self.step);
        (self.last, self.step) = (value, step);
        d
    }

    fn first_back(&mut self, d: i32) -> i32 {
        self.last = self.last.wrapping_add(d);
        self.last
    }

    fn second_back(&mut self, d: i32) -> i32 {
        self.step = self.step.wrapping_add(d);
        self.last = self.last.wrapping_add(self.step);
        self.last
    }
}

/// A fix on its way into a block.
#[derive(Clone, Copy, Debug)]
struct Quantised {
    time_ms: i64,
    lon: i32,
    lat: i32,
    bearing: i32,
    speed: i32,
}

fn quantised(fix: &RecordedFix, begin_us: i64) -> Result<Quantised, RecordingError> {
    let at = LonLat::new(fix.lon, fix.lat);
    let place = at.position().map_err(|_| RecordingError::NotDegrees {
        key: fix.key.clone(),
        lon: fix.lon,
        lat: fix.lat,
    })?;
    let near = |v: i32| (f64::from(v) / f64::from(QUANTUM_E7)).round() as i32;
    let tenths = |v: Option<f32>| v.map_or(NO_VALUE, |v| (v * 10.0).round() as i32);
    Ok(Quantised {
        time_ms: (fix.time_us - begin_us).div_euclid(1_000),
        lon: near(place.lon_e7),
        lat: near(place.lat_e7),
        bearing: tenths(fix.bearing_deg),
        speed: tenths(fix.speed_mps),
    })
}

/// Writes a compact recording of fixes in order of time; kinds are those of the fixes.
///
/// # Errors
/// [`RecordingError::NotDegrees`] for projected places, [`RecordingError::Write`] for the disk.
pub fn write(
    path: &Path,
    provenance: &str,
    fixes: &mut [RecordedFix],
) -> Result<Head, RecordingError> {
    fixes.sort_by_key(|f| f.time_us);
    let begin_us = fixes.first().map_or(0, |f| f.time_us);
    let mut keys: Vec<&str> = fixes.iter().map(|f| f.key.as_str()).collect();
    keys.sort_unstable();
    keys.dedup();
    let head = Head {
        provenance: provenance.to_owned(),
        duration_us: fixes.last().map_or(0, |f| f.time_us) - begin_us,
        vehicles: keys.len() as u32,
        fixes: fixes.len() as u64,
        quantum_e7: QUANTUM_E7,
    };
    let mut out = MAGIC.to_vec();
    out.extend(VERSION.to_le_bytes());
    let broken = |source| RecordingError::Write {
        path: path.to_owned(),
        source,
    };
    push_block(&mut out, &head).map_err(broken)?;
    let minute = |f: &RecordedFix| (f.time_us - begin_us).div_euclid(BLOCK_US);
    for part in fixes.chunk_by(|a, b| minute(a) == minute(b)) {
        push_block(&mut out, &block(part, begin_us)?).map_err(broken)?;
    }
    let aside = path.with_extension("ctr.tmp");
    let written = std::fs::File::create(&aside).and_then(|mut f| {
        f.write_all(&out)?;
        f.sync_all()?;
        std::fs::rename(&aside, path)
    });
    written.map_err(broken)?;
    Ok(head)
}

fn block(fixes: &[RecordedFix], begin_us: i64) -> Result<Block, RecordingError> {
    let mut by_vehicle: BTreeMap<&str, (MoverKind, Vec<Quantised>)> = BTreeMap::new();
    for fix in fixes {
        let (_, rows) = by_vehicle
            .entry(&fix.key)
            .or_insert_with(|| (fix.kind.unwrap_or_default(), Vec::new()));
        rows.push(quantised(fix, begin_us)?);
    }
    let mut block = Block::default();
    for (key, (kind, rows)) in by_vehicle {
        block
            .vehicles
            .push((key.to_owned(), kind, rows.len() as u32));
        let mut last_ms = 0;
        let [mut lon, mut lat, mut bearing, mut speed] = [Delta::default(); 4];
        let said = |delta: &mut Delta, v: i32| {
            if v == NO_VALUE {
                NO_VALUE
            } else {
                delta.first(v)
            }
        };
        for row in rows {
            block.time_ms.push(row.time_ms - last_ms);
            last_ms = row.time_ms;
            block.lon.push(lon.second(row.lon));
            block.lat.push(lat.second(row.lat));
            block.bearing.push(said(&mut bearing, row.bearing));
            block.speed.push(said(&mut speed, row.speed));
        }
    }
    Ok(block)
}

fn push_block<T: Serialize>(out: &mut Vec<u8>, value: &T) -> std::io::Result<()> {
    let plain = postcard::to_stdvec(value).map_err(std::io::Error::other)?;
    let packed = zstd::bulk::compress(&plain, 19)?;
    out.extend((packed.len() as u32).to_le_bytes());
    out.extend(crc32c::crc32c(&packed).to_le_bytes());
    out.extend(packed);
    Ok(())
}

/// A compact recording being read, block by block.
pub struct CompactItems<R> {
    input: R,
    head: Head,
    number: u64,
    ready: std::vec::IntoIter<RecordedFix>,
    ended: bool,
}

impl<R: BufRead> CompactItems<R> {
    /// Reads the head.
    ///
    /// # Errors
    /// [`RecordingError::Compact`] for another kind of file, a later version, or a damaged head.
    pub fn new(path: &Path, mut input: R) -> Result<Self, RecordingError> {
        let error = |detail: String| RecordingError::Compact {
            path: path.to_owned(),
            detail,
        };
        let mut first = [0; 10];
        let whole = input.read_exact(&mut first).is_ok();
        if !whole || first[..8] != MAGIC {
            return Err(error(
                "not a compact recording; make one with `chengtu-server record FILE --out x.ctr`"
                    .into(),
            ));
        }
        let version = u16::from_le_bytes([first[8], first[9]]);
        if version != VERSION {
            return Err(error(format!(
                "version {version}; this program reads version {VERSION}: record it anew, or use the newer program"
            )));
        }
        let head: Head = match next_block(&mut input) {
            Ok(Some(head)) => head,
            Ok(None) => return Err(error("ends before its head; copy it again".into())),
            Err(why) => return Err(error(format!("head: {why}; copy it again"))),
        };
        Ok(Self {
            input,
            head,
            number: 0,
            ready: Vec::new().into_iter(),
            ended: false,
        })
    }

    /// What the recording says of itself.
    pub fn head(&self) -> &Head {
        &self.head
    }
}

/// The next block; `None` at the end of the file.
fn next_block<T: serde::de::DeserializeOwned>(input: &mut impl Read) -> Result<Option<T>, String> {
    let mut frame = Vec::with_capacity(8);
    let read = input.take(8).read_to_end(&mut frame);
    read.map_err(|e| e.to_string())?;
    let Ok(frame) = <[u8; 8]>::try_from(frame.as_slice()) else {
        return match frame.len() {
            0 => Ok(None),
            n => Err(format!("{n} bytes where a block should begin")),
        };
    };
    let length = u32::from_le_bytes([frame[0], frame[1], frame[2], frame[3]]) as usize;
    let crc = u32::from_le_bytes([frame[4], frame[5], frame[6], frame[7]]);
    if length > BLOCK_BYTES_MAX {
        return Err(format!("a block of {length} bytes cannot be"));
    }
    let mut packed = Vec::new();
    let read = input.take(length as u64).read_to_end(&mut packed);
    read.map_err(|e| e.to_string())?;
    if packed.len() != length {
        let have = packed.len();
        return Err(format!("the file ends after {have} of {length} bytes"));
    }
    if crc32c::crc32c(&packed) != crc {
        return Err("the check sum does not match: damaged".to_owned());
    }
    let plain = zstd::bulk::decompress(&packed, BLOCK_BYTES_MAX).map_err(|e| e.to_string())?;
    postcard::from_bytes(&plain)
        .map(Some)
        .map_err(|e| e.to_string())
}

fn fixes_of(block: Block, quantum_e7: i32) -> Result<Vec<RecordedFix>, String> {
    let rows = block.time_ms.len();
    let lengths = [
        block.lon.len(),
        block.lat.len(),
        block.bearing.len(),
        block.speed.len(),
    ];
    let told: u64 = block.vehicles.iter().map(|v| u64::from(v.2)).sum();
    if lengths != [rows; 4] || told != rows as u64 {
        return Err("columns of different lengths".to_owned());
    }
    let degrees = |v: i32| (i64::from(v) * i64::from(quantum_e7)) as f64 / 1e7;
    let said =
        |delta: &mut Delta, d: i32| (d != NO_VALUE).then(|| delta.first_back(d) as f32 / 10.0);
    let mut fixes = Vec::with_capacity(rows);
    let mut at = 0;
    for (key, kind, count) in block.vehicles {
        let mut time_ms = 0i64;
        let [mut lon, mut lat, mut bearing, mut speed] = [Delta::default(); 4];
        for _ in 0..count {
            time_ms = time_ms.wrapping_add(block.time_ms[at]);
            fixes.push(RecordedFix {
                time_us: time_ms.saturating_mul(1_000),
                key: key.clone(),
                lon: degrees(lon.second_back(block.lon[at])),
                lat: degrees(lat.second_back(block.lat[at])),
                bearing_deg: said(&mut bearing, block.bearing[at]),
                speed_mps: said(&mut speed, block.speed[at]),
                accuracy_m: None,
                kind: Some(kind),
            });
            at += 1;
        }
    }
    fixes.sort_by_key(|f| f.time_us);
    Ok(fixes)
}

impl<R: BufRead> Iterator for CompactItems<R> {
    type Item = Item;

    fn next(&mut self) -> Option<Item> {
        loop {
            if let Some(fix) = self.ready.next() {
                return Some(Item::Fix(fix));
            }
            if self.ended {
                return None;
            }
            self.number += 1;
            let line = self.number;
            let block = match next_block::<Block>(&mut self.input) {
                Ok(Some(block)) => fixes_of(block, self.head.quantum_e7),
                Ok(None) => {
                    self.ended = true;
                    continue;
                }
                Err(why) => Err(why),
            };
            match block {
                Ok(fixes) => self.ready = fixes.into_iter(),
                Err(why) => {
                    self.ended = true;
                    return Some(Item::CutOff { line, why });
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Vec<RecordedFix> {
        let fix = |key: &str, s: i64, lon: f64| RecordedFix {
            time_us: 7_000_000 + s * 1_000_000,
            key: key.to_owned(),
            lon,
            lat: 32.048_156 - s as f64 * 1e-5,
            bearing_deg: (s % 3 != 0).then_some(189.9),
            speed_mps: Some(s as f32 / 10.0),
            accuracy_m: None,
            kind: Some(MoverKind::Taxi),
        };
        (0..200)
            .flat_map(|s| {
                [
                    fix("a", s, 118.776_955 + s as f64 * 3e-6),
                    fix("b", s, -0.5),
                ]
            })
            .collect()
    }

    fn read(bytes: &[u8]) -> Result<Vec<Item>, RecordingError> {
        Ok(CompactItems::new(Path::new("x.ctr"), bytes)?.collect())
    }

    #[test]
    fn what_is_written_is_read_again_and_a_cut_plays_up_to_its_last_block() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x.ctr");
        let mut fixes = sample();
        let head = write(&path, "made for a test", &mut fixes).unwrap();
        assert_eq!((head.vehicles, head.fixes), (2, 400));
        assert_eq!(head.duration_us, 199_000_000);
        let bytes = std::fs::read(&path).unwrap();
        let items = read(&bytes).unwrap();
        assert_eq!(items.len(), 400);
        for (item, fix) in items.iter().zip(&fixes) {
            let Item::Fix(got) = item else {
                panic!("{item:?}")
            };
            assert_eq!(got.time_us, fix.time_us - 7_000_000);
            assert!((got.lon - fix.lon).abs() < 6e-7 && (got.lat - fix.lat).abs() < 6e-7);
            assert_eq!((got.bearing_deg, &got.key), (fix.bearing_deg, &fix.key));
            assert_eq!((got.kind, got.speed_mps), (fix.kind, fix.speed_mps));
        }
        for cut in 1..bytes.len() {
            match read(&bytes[..cut]) {
                Err(e) => assert!(e.to_string().contains("x.ctr"), "{e}"),
                Ok(items) => {
                    let whole = items.iter().filter(|i| matches!(i, Item::Fix(_))).count();
                    assert!(whole % 120 == 0, "{cut}: {whole}");
                }
            }
        }
        let mut damaged = bytes.clone();
        let last = damaged.len() - 5;
        damaged[last] ^= 1;
        let items = read(&damaged).unwrap();
        assert!(
            matches!(items.last(), Some(Item::CutOff { line: 4, why }) if why.contains("damaged")),
            "{:?}",
            items.last()
        );
    }

    #[test]
    fn foreign_files_later_versions_and_projected_places_are_refused() {
        assert!(read(b"hello").is_err() && read(b"").is_err());
        let mut later = MAGIC.to_vec();
        later.extend(9u16.to_le_bytes());
        let error = read(&later).unwrap_err().to_string();
        assert!(error.contains("version 9"), "{error}");
        let mut fixes = sample();
        fixes[3].lon = 664_000.0;
        let dir = tempfile::tempdir().unwrap();
        let error = write(&dir.path().join("y.ctr"), "", &mut fixes).unwrap_err();
        assert!(error.to_string().contains("WGS 84"), "{error}");
    }
}
