//! The archive's file, read in parts by position.

use pmtiles::{AsyncBackend, BackendResponse, PmtResult};
use std::fs::File;
use std::io;
use std::path::Path;

/// Largest part of an archive that is read at once: far above any real directory or tile, far below memory.
const PART_BYTES_MAX: usize = 64 << 20;

/// A file on this machine, read in place: several threads read at once without a lock. Not mapped into memory, so
/// that a file cut short under the map is an error and not a crash.
#[derive(Debug)]
pub struct LocalFile {
    file: File,
    length: u64,
}

impl LocalFile {
    /// Opens a file.
    ///
    /// # Errors
    /// What the system said.
    pub fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let length = file.metadata()?.len();
        Ok(Self { file, length })
    }

    /// Reads `length` bytes from `offset`, or what there is of them before the end.
    fn read_at(&self, offset: u64, length: usize) -> io::Result<Vec<u8>> {
        if length > PART_BYTES_MAX {
            let text = format!("a part of {length} bytes; at most {PART_BYTES_MAX} are read");
            return Err(io::Error::new(io::ErrorKind::InvalidData, text));
        }
        let there = self.length.saturating_sub(offset).min(length as u64);
        let mut bytes = vec![0; there as usize];
        #[cfg(unix)]
        std::os::unix::fs::FileExt::read_exact_at(&self.file, &mut bytes, offset)?;
        #[cfg(windows)]
        {
            let mut done = 0;
            while done < bytes.len() {
                let at = offset + done as u64;
                match std::os::windows::fs::FileExt::seek_read(&self.file, &mut bytes[done..], at)?
                {
                    0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                    n => done += n,
                }
            }
        }
        Ok(bytes)
    }
}

impl AsyncBackend for LocalFile {
    /// Ready at once; it blocks for as long as the disk does.
    async fn read(&self, offset: u64, length: usize) -> PmtResult<BackendResponse> {
        Ok(BackendResponse::new(self.read_at(offset, length)?.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_beyond_the_end_is_not_read() {
        let path = std::env::temp_dir().join(format!("chengtu-file-{}", std::process::id()));
        std::fs::write(&path, b"0123456789").unwrap();
        let file = LocalFile::open(&path).unwrap();
        assert_eq!(file.read_at(2, 3).unwrap(), b"234");
        assert_eq!(file.read_at(8, 3).unwrap(), b"89");
        assert!(file.read_at(u64::MAX, 3).unwrap().is_empty());
        assert!(file.read_at(0, usize::MAX).is_err());
        std::fs::remove_file(path).unwrap();
    }
}
