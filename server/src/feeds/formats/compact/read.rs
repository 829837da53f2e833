use super::block::{Block, Delta, NO_VALUE};
use super::{BLOCK_BYTES_MAX, Head, MAGIC, VERSION};
use crate::feeds::formats::format::{Format, FormatError, FormatOptions, Input, Rows};
use crate::feeds::formats::recorded::RecordedFix;
use crate::feeds::formats::row::{Field, Found, Row, Scalar};
use chengtu_engine::model::MoverKind;
use std::borrow::Cow;
use std::io::Read;

/// The compact recording.
pub(in crate::feeds::formats) struct Compact;

impl Format for Compact {
    fn suffixes(&self) -> &'static [&'static str] {
        &[".ctr"]
    }

    fn rows<'r>(
        &self,
        input: Input<'r>,
        _options: &FormatOptions,
    ) -> Result<Box<dyn Rows + 'r>, FormatError> {
        Ok(Box::new(Blocks::new(input)?))
    }

    fn provenance(&self, input: Input<'_>) -> Result<Option<String>, FormatError> {
        let said = Blocks::new(input)?.head.provenance;
        Ok(Some(said).filter(|p| !p.is_empty()))
    }
}

/// A compact recording being read, block by block.
struct Blocks<'r> {
    input: Input<'r>,
    head: Head,
    number: u64,
    /// Fixes of the block that was read last.
    ready: Vec<RecordedFix>,
    /// How many of them were given out.
    next_ready: usize,
    /// Fixes of the blocks so far.
    given: u64,
    ended: bool,
}

impl<'r> Blocks<'r> {
    /// Reads the head.
    ///
    /// # Errors
    /// [`FormatError::Syntax`] for another kind of file, a later version, or a damaged head.
    fn new(mut input: Input<'r>) -> Result<Self, FormatError> {
        let error = FormatError::Syntax;
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
            ready: Vec::new(),
            next_ready: 0,
            given: 0,
            ended: false,
        })
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

impl Rows for Blocks<'_> {
    fn next(&mut self) -> Option<Found<'_>> {
        loop {
            // The borrow of what is given out ends with the call, so that it cannot be looked for twice.
            if self.next_ready < self.ready.len() {
                let fix = &self.ready[self.next_ready];
                self.next_ready += 1;
                let number = self.number;
                let row = row(fix);
                return Some(Found::Row { number, row });
            }
            if self.ended {
                return None;
            }
            self.number += 1;
            let number = self.number;
            let block = match next_block::<Block>(&mut self.input) {
                Ok(Some(block)) => fixes_of(block, self.head.quantum_e7),
                Ok(None) => {
                    self.ended = true;
                    let missing = self.head.fixes.saturating_sub(self.given);
                    if missing > 0 {
                        let why = format!("the file ends here; {missing} positions are missing");
                        return Some(Found::CutOff { number, why });
                    }
                    continue;
                }
                Err(why) => Err(why),
            };
            match block {
                Ok(fixes) => {
                    self.given += fixes.len() as u64;
                    (self.ready, self.next_ready) = (fixes, 0);
                }
                Err(why) => {
                    self.ended = true;
                    let missing = self.head.fixes.saturating_sub(self.given);
                    let why = format!("{why}; {missing} positions are missing");
                    return Some(Found::CutOff { number, why });
                }
            }
        }
    }
}

fn row(fix: &RecordedFix) -> Row<'_> {
    let mut row = Row::default();
    row.set(Field::Key, Scalar::Text(Cow::Borrowed(&fix.key)));
    row.set(Field::TimeUs, Scalar::Integer(fix.time_us));
    row.set(Field::Lon, Scalar::Float(fix.lon));
    row.set(Field::Lat, Scalar::Float(fix.lat));
    row.set_number(Field::BearingDeg, fix.bearing_deg.map(f64::from));
    row.set_number(Field::SpeedMps, fix.speed_mps.map(f64::from));
    let kind = match fix.kind.unwrap_or_default() {
        MoverKind::Car => "car",
        MoverKind::Taxi => "taxi",
        MoverKind::Bus => "bus",
        MoverKind::Van => "van",
        MoverKind::Unit => "unit",
    };
    row.set(Field::Kind, Scalar::Text(Cow::Borrowed(kind)));
    row
}
