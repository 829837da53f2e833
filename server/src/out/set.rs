//! Several files that appear as one.

use super::place::parent;
use super::written::sync;
use super::{Folder, OutError};
use std::path::{Path, PathBuf};

/// A folder of files being written aside; dropped without [`FileSet::finish`], it vanishes.
#[derive(Debug)]
pub struct FileSet {
    target: PathBuf,
    aside: tempfile::TempDir,
}

impl FileSet {
    /// Begins a set that will lie in a folder.
    ///
    /// # Errors
    /// When the folder above cannot be written.
    pub fn begin(folder: &Folder) -> Result<Self, OutError> {
        let target = folder.path.clone();
        let aside = tempfile::Builder::new()
            .prefix(".chengtu-")
            .suffix(".tmp")
            .tempdir_in(parent(&target))
            .map_err(OutError::write(&target))?;
        // Temporary folders are private; this one is as others in its place, or as the one that it replaces.
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let before = std::fs::metadata(&target).map(|m| m.permissions());
            let permissions = before.unwrap_or(PermissionsExt::from_mode(0o755));
            std::fs::set_permissions(aside.path(), permissions)
                .map_err(OutError::write(&target))?;
        }
        Ok(Self { target, aside })
    }

    /// Where a file of the set is written until the set is whole.
    pub fn path(&self, name: &str) -> PathBuf {
        self.aside.path().join(name)
    }

    /// Puts all files in their place at once.
    ///
    /// # Errors
    /// When they cannot be; what was there is then there still.
    pub fn finish(self) -> Result<(), OutError> {
        let Self { target, aside } = self;
        sync(aside.path());
        exchange(aside.path(), &target).map_err(OutError::write(&target))?;
        sync(parent(&target));
        // What was there before lies aside now, and goes; where nothing was, nothing is left to go.
        let _ = aside.close();
        Ok(())
    }
}

/// Gives the folder `new` the name `target`, in one step; what had that name has the other then, if it was not empty.
///
/// # Errors
/// Those of the system; nothing is then changed.
pub fn exchange(new: &Path, target: &Path) -> std::io::Result<()> {
    let empty = std::fs::read_dir(target).is_ok_and(|mut entries| entries.next().is_none());
    if empty || std::fs::symlink_metadata(target).is_err() {
        return std::fs::rename(new, target);
    }
    #[cfg(any(target_os = "linux", target_vendor = "apple"))]
    {
        use rustix::fs::{CWD, RenameFlags, renameat_with};
        match renameat_with(CWD, new, CWD, target, RenameFlags::EXCHANGE) {
            // A file system that cannot do it in one step.
            Err(rustix::io::Errno::INVAL | rustix::io::Errno::NOSYS) => {}
            other => return Ok(other?),
        }
    }
    let mut old = new.as_os_str().to_owned();
    old.push(".old");
    let old = PathBuf::from(old);
    std::fs::rename(target, &old)?;
    if let Err(e) = std::fs::rename(new, target) {
        let _ = std::fs::rename(&old, target);
        return Err(e);
    }
    std::fs::rename(&old, new)
}
