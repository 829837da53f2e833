//! A file that appears when it is whole.

use super::place::parent;
use super::{OutError, Place};
use std::fs::File;
use std::io::{BufWriter, Seek, Write};
use std::path::Path;

/// A file being written aside.
#[derive(Debug)]
pub struct Written {
    place: Place,
    /// Where it lies until it is whole; a file without a name for standard output.
    aside: Option<tempfile::TempPath>,
}

impl Written {
    /// Begins it; the second part is what to write to.
    ///
    /// # Errors
    /// When its folder cannot be written.
    pub fn begin(place: &Place) -> Result<(Self, File), OutError> {
        let Place::File { path, .. } = place else {
            let out = tempfile::tempfile().map_err(OutError::write("-"))?;
            let place = Place::Standard;
            return Ok((Self { place, aside: None }, out));
        };
        let failed = OutError::write(path);
        let mut builder = tempfile::Builder::new();
        builder.prefix(".chengtu-").suffix(".tmp");
        // Temporary files are private; this one is as others in its place, or as the one that it replaces.
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let before = std::fs::metadata(path).map(|m| m.permissions());
            builder.permissions(before.unwrap_or(PermissionsExt::from_mode(0o644)));
        }
        let (out, aside) = builder
            .tempfile_in(parent(path))
            .map_err(failed)?
            .into_parts();
        let written = Self {
            place: place.clone(),
            aside: Some(aside),
        };
        Ok((written, out))
    }

    /// The error of a failed write.
    pub fn failed(&self, source: std::io::Error) -> OutError {
        OutError::write(self.place.name())(source)
    }

    /// Makes it durable and puts it in its place.
    ///
    /// # Errors
    /// When it cannot be, or when something of its name has appeared meanwhile.
    pub fn finish(self, mut out: File) -> Result<(), OutError> {
        let Self { place, aside } = self;
        let (Place::File { path, replace }, Some(aside)) = (&place, aside) else {
            return to_standard(&mut out).map_err(OutError::write("-"));
        };
        out.sync_all().map_err(OutError::write(path))?;
        drop(out);
        let put = if *replace {
            aside.persist(path)
        } else {
            aside.persist_noclobber(path)
        };
        put.map_err(|e| match e.error.kind() {
            std::io::ErrorKind::AlreadyExists => OutError::Exists { path: path.clone() },
            _ => OutError::write(path)(e.error),
        })?;
        sync(parent(path));
        Ok(())
    }

    /// Writes a whole file.
    ///
    /// # Errors
    /// When it cannot be.
    pub fn whole(
        place: &Place,
        write: impl FnOnce(&mut dyn Write) -> std::io::Result<()>,
    ) -> Result<(), OutError> {
        let (file, out) = Self::begin(place)?;
        let mut out = BufWriter::new(out);
        write(&mut out).map_err(|e| file.failed(e))?;
        let out = out.into_inner().map_err(|e| file.failed(e.into_error()))?;
        file.finish(out)
    }
}

/// A name that was given is on the disk only once its folder is; where a folder cannot be synced nothing is lost but that.
pub(super) fn sync(folder: &Path) {
    if let Ok(folder) = File::open(folder) {
        let _ = folder.sync_all();
    }
}

/// Hands on what is whole; a reader who has read enough may leave.
fn to_standard(out: &mut File) -> std::io::Result<()> {
    out.rewind()?;
    let mut standard = std::io::stdout().lock();
    let copied = std::io::copy(out, &mut standard).and_then(|_| standard.flush());
    match copied {
        Err(e) if e.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}
