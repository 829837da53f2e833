//! Bodies as they were before packing, read as they stream by, and no further than they may go.

use super::budget::{Busy, Share};
use super::measure::{Measure, ROW_BYTES_MAX, TooMuch};
use std::io::{self, BufRead, Cursor, Read};
use std::sync::{Arc, Mutex, PoisonError};

/// Why a body is not taken.
#[derive(Debug, thiserror::Error)]
pub enum BodyError {
    /// Larger than this many bytes after unpacking.
    #[error("the body is larger than {0} bytes when unpacked (limits.body_unpacked_bytes_max)")]
    TooLarge(usize),
    /// More rows than this, or values that would fill as many.
    #[error(
        "the body holds more than {0} rows, or as much as so many (limits.body_rows_max); send it in parts"
    )]
    TooManyRows(u64),
    /// A row that is none.
    #[error("a row of the body is larger than {ROW_BYTES_MAX} bytes")]
    RowTooLarge,
    /// Too much is being read for all requests together.
    #[error(transparent)]
    Busy(#[from] Busy),
    /// Said to be gzip, and damaged or not.
    #[error("the body says gzip and is not: {0}")]
    Gzip(#[source] io::Error),
    /// Packed in a way that is not known.
    #[error("Content-Encoding {0:?} is not taken; use gzip or none")]
    Encoding(String),
}

/// How much a body may be.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    /// Bytes after unpacking.
    pub bytes_max: usize,
    /// Rows, good or bad.
    pub rows_max: u64,
}

/// Bytes at the beginning that are looked at before the rest.
const HEAD_BYTES: usize = 512;
const CHUNK_BYTES: usize = 64 * 1024;

/// What ended the reading of a body too early; `None` while nothing has.
#[derive(Clone, Debug, Default)]
pub(super) struct Verdict(Arc<Mutex<Option<BodyError>>>);

impl Verdict {
    /// True once the body cannot be taken.
    pub fn is_given(&self) -> bool {
        let given = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        given.is_some()
    }

    /// Why the body cannot be taken, once.
    pub fn take(&self) -> Option<BodyError> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn give(&self, why: BodyError) -> io::Error {
        let error = io::Error::other(why.to_string());
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(why);
        error
    }
}

/// A body that is unpacked as it is read.
pub(super) struct Unpacked {
    inner: Box<dyn Read + Send>,
    packed: bool,
    bounds: Bounds,
    measure: Measure,
    verdict: Verdict,
    /// What the body takes in memory: as it was sent, and what was read of it.
    share: Share,
    sent_bytes: usize,
    read_bytes: usize,
    chunk: Vec<u8>,
    /// Where in the chunk unread bytes begin and end.
    unread: (usize, usize),
}

/// Begins to read a body; `share` holds the bytes as they were sent.
///
/// # Errors
/// [`BodyError::Encoding`], or what the beginning shows.
pub(super) fn unpack(
    body: Vec<u8>,
    encoding: Option<&str>,
    bounds: Bounds,
    share: Share,
) -> Result<Unpacked, BodyError> {
    let sent_bytes = body.len();
    let (inner, packed): (Box<dyn Read + Send>, bool) =
        match encoding.map(str::to_ascii_lowercase).as_deref() {
            None | Some("" | "identity") => (Box::new(Cursor::new(body)), false),
            Some("gzip" | "x-gzip") => {
                let unpacking = flate2::bufread::MultiGzDecoder::new(Cursor::new(body));
                (Box::new(unpacking), true)
            }
            Some(other) => return Err(BodyError::Encoding(other.to_owned())),
        };
    let mut unpacked = Unpacked {
        inner,
        packed,
        bounds,
        measure: Measure::new(bounds.rows_max),
        verdict: Verdict::default(),
        share,
        sent_bytes,
        read_bytes: 0,
        chunk: vec![0; CHUNK_BYTES],
        unread: (0, 0),
    };
    match unpacked.begin() {
        Ok(()) => Ok(unpacked),
        Err(e) => Err(unpacked.verdict.take().unwrap_or(BodyError::Gzip(e))),
    }
}

impl Unpacked {
    /// Reads at least the head, where there is so much.
    fn begin(&mut self) -> io::Result<()> {
        while self.unread.1 < HEAD_BYTES {
            if self.read_more(self.unread.1)? == 0 {
                break;
            }
        }
        Ok(())
    }

    /// The beginning of the body, as long as nothing else was read.
    pub fn head(&self) -> &[u8] {
        &self.chunk[..self.unread.1.min(HEAD_BYTES)]
    }

    /// What becomes of the reading.
    pub fn verdict(&self) -> Verdict {
        self.verdict.clone()
    }

    /// Reads into the chunk from `at` on.
    fn read_more(&mut self, at: usize) -> io::Result<usize> {
        let n = match self.inner.read(&mut self.chunk[at..]) {
            Ok(n) => n,
            Err(e) if self.packed => return Err(self.verdict.give(BodyError::Gzip(e))),
            Err(e) => return Err(e),
        };
        self.read_bytes += n;
        if self.read_bytes > self.bounds.bytes_max {
            return Err(self
                .verdict
                .give(BodyError::TooLarge(self.bounds.bytes_max)));
        }
        let measured = self.measure.take(&self.chunk[at..at + n]);
        let rows_max = self.bounds.rows_max;
        let measured = measured.map_err(|much| match much {
            TooMuch::Rows => BodyError::TooManyRows(rows_max),
            TooMuch::Row => BodyError::RowTooLarge,
        });
        // Some formats keep a document whole, so all that is read counts; what was not packed counts already.
        let whole = if self.packed { self.read_bytes } else { 0 };
        let room = self.share.set(self.sent_bytes + whole);
        let fits = measured.and(room.map_err(BodyError::Busy));
        fits.map_err(|why| self.verdict.give(why))?;
        self.unread.1 = at + n;
        Ok(n)
    }
}

impl Read for Unpacked {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let n = self.fill_buf()?.read(out)?;
        self.consume(n);
        Ok(n)
    }
}

impl BufRead for Unpacked {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.unread.0 == self.unread.1 {
            self.unread = (0, 0);
            self.read_more(0)?;
        }
        Ok(&self.chunk[self.unread.0..self.unread.1])
    }

    fn consume(&mut self, n: usize) {
        self.unread.0 = (self.unread.0 + n).min(self.unread.1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feeds::budget::Budget;
    use std::io::Write;

    fn packed(bytes: &[u8]) -> Vec<u8> {
        let mut e = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        e.write_all(bytes).unwrap();
        e.finish().unwrap()
    }

    /// What is read of a body, or why it is not taken.
    fn all(body: Vec<u8>, encoding: &str, bytes_max: usize) -> Result<Vec<u8>, BodyError> {
        let bounds = Bounds {
            bytes_max,
            rows_max: 1_000,
        };
        let mut share = Budget::new(1 << 30).share();
        share.set(body.len()).unwrap();
        let mut body = unpack(body, Some(encoding), bounds, share)?;
        let head = body.head().to_vec();
        let mut out = Vec::new();
        let read = body.read_to_end(&mut out);
        if let Some(why) = body.verdict().take() {
            return Err(why);
        }
        read.unwrap();
        assert!(out.starts_with(&head) && head.len() == out.len().min(HEAD_BYTES));
        Ok(out)
    }

    #[test]
    fn a_bomb_stops_at_the_limit() {
        let lines = b"x\n".repeat(1 << 19);
        let bomb = packed(&lines);
        assert!(bomb.len() < 5_000);
        let error = all(bomb.clone(), "gzip", 1 << 19).unwrap_err();
        assert!(matches!(error, BodyError::TooLarge(_)));
        assert_eq!(all(bomb, "GZIP", 1 << 20).unwrap(), lines);
        assert!(matches!(
            all(lines, "", 1 << 19),
            Err(BodyError::TooLarge(_))
        ));
        let two = [packed(b"{}\n"), packed(b"{}\n")].concat();
        assert_eq!(all(two, "gzip", 99).unwrap(), b"{}\n{}\n");
        assert!(matches!(
            all(b"no".to_vec(), "gzip", 9),
            Err(BodyError::Gzip(_))
        ));
        let mut cut = packed(&b"{\"key\":1}\n".repeat(90));
        cut.truncate(cut.len() - 9);
        assert!(matches!(all(cut, "gzip", 9_999), Err(BodyError::Gzip(_))));
        assert!(matches!(all(vec![], "br", 9), Err(BodyError::Encoding(_))));
        assert_eq!(all(vec![], "identity", 9).unwrap(), b"");
    }

    #[test]
    fn a_bomb_of_values_or_blanks_stops_before_anything_is_made_of_it() {
        let values = [
            b"{\"type\":\"FeatureCollection\",\"features\":[" as &[u8],
            &b"0,".repeat(1 << 20),
            b"0]}",
        ]
        .concat();
        let error = all(packed(&values), "gzip", 128 << 20).unwrap_err();
        assert!(matches!(error, BodyError::TooManyRows(1_000)), "{error}");
        let error = all(packed(&b" ".repeat(8 << 20)), "gzip", 128 << 20).unwrap_err();
        assert!(matches!(error, BodyError::RowTooLarge), "{error}");
    }

    #[test]
    fn what_is_unpacked_counts_against_the_budget_of_all() {
        let budget = Budget::new(1 << 20);
        let mut other = budget.share();
        other.set(1 << 19).unwrap();
        let bounds = Bounds {
            bytes_max: 128 << 20,
            rows_max: 1 << 40,
        };
        let body = packed(&b"{}\n".repeat(1 << 19));
        let mut reading = unpack(body.clone(), Some("gzip"), bounds, budget.share()).unwrap();
        let verdict = reading.verdict();
        assert!(io::copy(&mut reading, &mut io::sink()).is_err());
        assert!(matches!(verdict.take(), Some(BodyError::Busy(_))));
        drop((reading, other));
        assert_eq!(budget.used(), 0);
        let mut alone = unpack(body, Some("gzip"), bounds, budget.share()).unwrap();
        assert!(io::copy(&mut alone, &mut io::sink()).is_ok());
    }
}
