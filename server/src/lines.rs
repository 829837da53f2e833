//! Text files, compressed or not, with the number of the current line.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Counts the lines of what is read through it.
#[derive(Debug)]
pub struct LineCounter<R> {
    inner: R,
    lines: Arc<AtomicU64>,
}

impl<R> LineCounter<R> {
    /// Begins at line 1; the second part holds the current line.
    pub fn new(inner: R) -> (Self, Arc<AtomicU64>) {
        let lines = Arc::new(AtomicU64::new(1));
        let counter = Self {
            inner,
            lines: Arc::clone(&lines),
        };
        (counter, lines)
    }
}

impl<R: BufRead> Read for LineCounter<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let n = {
            let available = self.inner.fill_buf()?;
            let n = available.len().min(out.len());
            out[..n].copy_from_slice(&available[..n]);
            n
        };
        self.consume(n);
        Ok(n)
    }
}

impl<R: BufRead> BufRead for LineCounter<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.inner.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        if let Ok(buffer) = self.inner.fill_buf() {
            let taken = &buffer[..amount.min(buffer.len())];
            let new = taken.split(|b| *b == b'\n').count() as u64 - 1;
            self.lines.fetch_add(new, Ordering::Relaxed);
        }
        self.inner.consume(amount);
    }
}

/// Opens a file, unpacking it where it is gzipped, whatever its name.
pub fn open(path: &Path) -> io::Result<Box<dyn BufRead + Send>> {
    let mut file = BufReader::with_capacity(1 << 16, File::open(path)?);
    let gzipped = file.fill_buf()?.starts_with(&[0x1f, 0x8b]);
    Ok(if gzipped {
        let unpacked = flate2::bufread::MultiGzDecoder::new(file);
        Box::new(BufReader::with_capacity(1 << 16, unpacked))
    } else {
        Box::new(file)
    })
}
