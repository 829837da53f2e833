//! Files of the city's pack: from a folder on this machine, or a server's copy of them, kept in a cache.

mod awaited;
mod city;
mod fetch;

pub use awaited::Awaited;
pub use fetch::{FetchError, pack_url};

use crate::door::Door;
use bevy::prelude::Resource;
use flate2::read::MultiGzDecoder;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Where the pack's files are.
#[derive(Resource, Clone, Debug, Default)]
pub struct Pack {
    /// Folder on this machine; the server's copy if none is named.
    pub folder: Option<PathBuf>,
    /// The server, which may give the city's files to its users alone.
    pub door: Door,
}

impl Pack {
    /// True where files come from the server: what is not there now may be there later.
    pub fn is_remote(&self) -> bool {
        self.folder.is_none()
    }

    /// The path of a file on this machine; one of the server's is fetched first. Blocks; call it from a thread of its
    /// own.
    ///
    /// # Errors
    /// [`FetchError`] where the server does not give it, also when it is silent for 20 s. A file of the folder is not
    /// looked at.
    pub fn path(&self, file: &str) -> Result<PathBuf, FetchError> {
        if let Some(folder) = &self.folder {
            return Ok(folder.join(file));
        }
        let key = self.door.key();
        let shown = fetch::Shown {
            token: &key.token,
            pin: self.door.pin().get(),
        };
        fetch::fetch(&key.server, shown, file, fetch::LIMITS)
    }

    /// The content of a file. Blocks, as [`Self::path`] does.
    ///
    /// # Errors
    /// What could not be fetched or read, in words.
    pub fn read(&self, file: &str) -> Result<Vec<u8>, String> {
        let path = self.path(file).map_err(|e| e.to_string())?;
        // A folder may hold a large file zipped; a server unzips it for whoever asks.
        let zipped = self.folder.as_ref().map(|f| f.join(format!("{file}.gz")));
        match zipped.filter(|z| !path.is_file() && z.is_file()) {
            Some(zipped) => unzipped(&zipped).map_err(|e| format!("{}: {e}", zipped.display())),
            None => std::fs::read(&path).map_err(|e| format!("{}: {e}", path.display())),
        }
    }
}

fn unzipped(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut plain = Vec::new();
    MultiGzDecoder::new(std::fs::File::open(path)?).read_to_end(&mut plain)?;
    Ok(plain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use std::io::Write;

    #[test]
    fn a_zipped_file_of_a_folder_is_read_as_what_it_holds() {
        let dir = std::env::temp_dir().join(format!("chengtu-pack-{}", std::process::id()));
        std::fs::create_dir_all(&dir).unwrap();
        let mut packer = GzEncoder::new(Vec::new(), Compression::default());
        packer.write_all(b"cells").unwrap();
        std::fs::write(dir.join("grid.geojson.gz"), packer.finish().unwrap()).unwrap();
        let pack = Pack {
            folder: Some(dir.clone()),
            ..Pack::default()
        };
        assert_eq!(pack.read("grid.geojson").unwrap(), b"cells");
        assert!(pack.read("places.json").is_err());
        std::fs::remove_dir_all(&dir).unwrap();
    }
}
