//! Columns of numbers as planes of their bytes: where numbers are small, the upper planes are nothing.

use super::ArchiveError;
use super::bytes::{Reader, put_bytes, put_number};

/// How hard is packed. Above, it costs much and gains a hundredth.
const LEVEL: i32 = 9;

/// How a plane is kept.
const ZEROES: u8 = 0;
const AS_IT_IS: u8 = 1;
const PACKED: u8 = 2;

fn failed(e: std::io::Error) -> ArchiveError {
    ArchiveError::Encode(e.to_string())
}

/// Appends columns of numbers to one buffer, compressed.
pub(super) struct ColumnWriter {
    zstd: zstd::bulk::Compressor<'static>,
    pub(super) out: Vec<u8>,
    plane: Vec<u8>,
}

impl ColumnWriter {
    pub(super) fn new() -> Result<Self, ArchiveError> {
        Ok(Self {
            zstd: zstd::bulk::Compressor::new(LEVEL).map_err(failed)?,
            out: Vec::new(),
            plane: Vec::new(),
        })
    }

    /// A column; its length must be known to the reader.
    pub(super) fn put(&mut self, values: &[u64]) -> Result<(), ArchiveError> {
        let all = values.iter().fold(0, |a, v| a | v);
        let planes = (64 - all.leading_zeros()).div_ceil(8);
        put_number(&mut self.out, u64::from(planes));
        for plane in 0..planes {
            self.plane.clear();
            self.plane
                .extend(values.iter().map(|v| (v >> (8 * plane)) as u8));
            if self.plane.iter().all(|b| *b == 0) {
                self.out.push(ZEROES);
                continue;
            }
            let packed = self.zstd.compress(&self.plane).map_err(failed)?;
            if packed.len() < self.plane.len() {
                self.out.push(PACKED);
                put_bytes(&mut self.out, &packed);
            } else {
                self.out.push(AS_IT_IS);
                put_bytes(&mut self.out, &self.plane);
            }
        }
        Ok(())
    }
}

/// Reads columns back, in the order and with the lengths of their writing.
pub(super) struct ColumnReader<'a> {
    zstd: zstd::bulk::Decompressor<'static>,
    pub(super) from: Reader<'a>,
    plane: Vec<u8>,
}

impl<'a> ColumnReader<'a> {
    pub(super) fn new(from: Reader<'a>) -> Result<Self, ArchiveError> {
        Ok(Self {
            zstd: zstd::bulk::Decompressor::new().map_err(failed)?,
            from,
            plane: Vec::new(),
        })
    }

    /// A column of `length` numbers.
    pub(super) fn take(&mut self, length: usize) -> Result<Vec<u64>, ArchiveError> {
        let planes = self.from.number()?;
        if planes > 8 {
            let what = format!("a column of {planes} planes");
            return Err(ArchiveError::Malformed(what));
        }
        let mut values = vec![0u64; length];
        for plane in 0..planes {
            let bytes: &[u8] = match self.from.byte()? {
                ZEROES => continue,
                AS_IT_IS => self.from.bytes()?,
                PACKED => {
                    let packed = self.from.bytes()?;
                    self.plane.clear();
                    self.plane.reserve(length);
                    self.zstd
                        .decompress_to_buffer(packed, &mut self.plane)
                        .map_err(|e| ArchiveError::Malformed(e.to_string()))?;
                    &self.plane
                }
                kind => {
                    return Err(ArchiveError::UnknownPacking {
                        what: "a column",
                        kind,
                    });
                }
            };
            if bytes.len() != length {
                let what = format!("a column of {} bytes, not {length}", bytes.len());
                return Err(ArchiveError::Malformed(what));
            }
            for (v, b) in values.iter_mut().zip(bytes) {
                *v |= u64::from(*b) << (8 * plane);
            }
        }
        Ok(values)
    }
}

/// The largest of 10⁶ … 1 that leaves every value the same remainder, and that remainder.
pub(super) fn grid(values: impl Iterator<Item = i64> + Clone, largest: i64) -> (i64, i64) {
    let mut step = largest;
    while step > 1 {
        let mut all = values.clone();
        let Some(first) = all.next() else { break };
        let rest = first.rem_euclid(step);
        if all.all(|v| v.rem_euclid(step) == rest) {
            return (step, rest);
        }
        step /= 10;
    }
    (1, 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_come_back() {
        let columns: [Vec<u64>; 5] = [
            vec![],
            vec![0; 1_000],
            (0..1_000).map(|i| i % 3).collect(),
            (0..1_000u64)
                .map(|i| i.wrapping_mul(0x9e37_79b9_7f4a_7c15))
                .collect(),
            vec![1 << 40, 0, 255],
        ];
        let mut w = ColumnWriter::new().unwrap();
        for c in &columns {
            w.put(c).unwrap();
        }
        let mut r = ColumnReader::new(Reader(&w.out)).unwrap();
        for c in &columns {
            assert_eq!(&r.take(c.len()).unwrap(), c);
        }
        let mut r = ColumnReader::new(Reader(&w.out)).unwrap();
        r.take(0).unwrap();
        r.take(1_000).unwrap();
        assert!(r.take(999).is_err(), "another length is noticed");
    }

    #[test]
    fn grids_are_found() {
        let of = |v: &[i64]| grid(v.iter().copied(), 1_000_000);
        assert_eq!(of(&[1_000_007, 5_000_007]), (1_000_000, 7));
        assert_eq!(of(&[-30, 20, 450]), (10, 0));
        assert_eq!(of(&[3, 4]), (1, 0));
        assert_eq!(of(&[]), (1, 0));
    }
}
