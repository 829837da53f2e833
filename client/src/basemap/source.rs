//! Where bytes of the base map come from.

use std::fs::File;
use std::io;
use std::path::Path;

/// Reads parts of a file by position; shared between threads.
pub trait ByteSource: Send + Sync {
    /// Reads exactly `length` bytes from `offset`.
    ///
    /// # Errors
    /// What the system said; `UnexpectedEof` beyond the end.
    fn read_at(&self, offset: u64, length: usize) -> io::Result<Vec<u8>>;

    /// What to call it in messages.
    fn name(&self) -> &str;
}

/// A file on this machine, read in place: several threads read at once without a lock.
#[derive(Debug)]
pub struct LocalFile {
    file: File,
    length: u64,
    name: String,
}

impl LocalFile {
    /// Opens a file.
    ///
    /// # Errors
    /// What the system said.
    pub fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let length = file.metadata()?.len();
        Ok(Self {
            file,
            length,
            name: path.display().to_string(),
        })
    }
}

impl ByteSource for LocalFile {
    fn read_at(&self, offset: u64, length: usize) -> io::Result<Vec<u8>> {
        // Checked first, so that a broken directory cannot ask for a buffer of any size.
        if offset
            .checked_add(length as u64)
            .is_none_or(|end| end > self.length)
        {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let mut bytes = vec![0; length];
        #[cfg(unix)]
        std::os::unix::fs::FileExt::read_exact_at(&self.file, &mut bytes, offset)?;
        #[cfg(windows)]
        {
            let mut done = 0;
            while done < length {
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

    fn name(&self) -> &str {
        &self.name
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;

    #[test]
    fn reading_beyond_the_end_is_an_error() {
        let file = tempfile_with(b"0123456789");
        let source = LocalFile::open(&file).unwrap();
        assert_eq!(source.read_at(2, 3).unwrap(), b"234");
        assert!(source.read_at(8, 3).is_err());
        assert!(source.read_at(u64::MAX, usize::MAX).is_err());
        std::fs::remove_file(file).unwrap();
    }

    fn tempfile_with(bytes: &[u8]) -> PathBuf {
        let path = std::env::temp_dir().join(format!("chengtu-source-{}", std::process::id()));
        std::fs::write(&path, bytes).unwrap();
        path
    }
}
