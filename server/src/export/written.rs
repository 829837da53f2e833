//! A file that appears when it is whole.

use super::ExportError;
use chengtu_engine::time::Timestamp;
use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};

/// A file being written aside.
pub struct Written {
    path: PathBuf,
    aside: tempfile::TempPath,
}

impl Written {
    /// Begins it; the second part is what to write to.
    ///
    /// # Errors
    /// When its folder cannot be written.
    pub fn begin(path: &Path) -> Result<(Self, File), ExportError> {
        let failed = |source| ExportError::Write {
            path: path.to_owned(),
            source,
        };
        let dir = match path.parent() {
            Some(p) if !p.as_os_str().is_empty() => p,
            _ => Path::new("."),
        };
        let mut builder = tempfile::Builder::new();
        builder.prefix(".export-").suffix(".tmp");
        // Temporary files are private; an export is as others in its place.
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            builder.permissions(std::fs::Permissions::from_mode(0o644));
        }
        let (out, aside) = builder.tempfile_in(dir).map_err(failed)?.into_parts();
        let path = path.to_owned();
        Ok((Self { path, aside }, out))
    }

    /// The error of a failed write.
    pub fn failed(&self, source: std::io::Error) -> ExportError {
        ExportError::Write {
            path: self.path.clone(),
            source,
        }
    }

    /// Makes it durable and puts it in its place.
    ///
    /// # Errors
    /// When it cannot be.
    pub fn finish(self, out: File) -> Result<(), ExportError> {
        let Self { path, aside } = self;
        let failed = |source| ExportError::Write {
            path: path.clone(),
            source,
        };
        out.sync_all().map_err(failed)?;
        drop(out);
        aside.persist(&path).map_err(|e| failed(e.error))
    }

    /// Writes a whole text.
    ///
    /// # Errors
    /// When it cannot be.
    pub fn whole(
        path: &Path,
        write: impl FnOnce(&mut dyn std::io::Write) -> std::io::Result<()>,
    ) -> Result<(), ExportError> {
        let (file, out) = Self::begin(path)?;
        let mut out = BufWriter::new(out);
        write(&mut out).map_err(|e| file.failed(e))?;
        let out = out.into_inner().map_err(|e| file.failed(e.into_error()))?;
        file.finish(out)
    }
}

/// A moment as RFC 3339 in UTC.
pub fn moment(t: Timestamp) -> String {
    jiff::Timestamp::from_microsecond(t.0).map_or_else(|_| t.0.to_string(), |t| t.to_string())
}
