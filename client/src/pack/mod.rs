//! Files of the city's pack: from a folder on this machine, or a server's copy of them, kept in a cache.

mod awaited;
mod city;
mod fetch;

pub use awaited::Awaited;
pub use fetch::{FetchError, pack_url};

use bevy::prelude::Resource;
use std::path::PathBuf;

/// Where the pack's files are.
#[derive(Resource, Clone, Debug, Default)]
pub struct Pack {
    /// Folder on this machine; the server's copy if none is named.
    pub folder: Option<PathBuf>,
    /// Address of the server, `ws://host:port`.
    pub server: String,
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
        match &self.folder {
            Some(folder) => Ok(folder.join(file)),
            None => fetch::fetch(&self.server, file, fetch::LIMITS),
        }
    }

    /// The content of a file. Blocks, as [`Self::path`] does.
    ///
    /// # Errors
    /// What could not be fetched or read, in words.
    pub fn read(&self, file: &str) -> Result<Vec<u8>, String> {
        let path = self.path(file).map_err(|e| e.to_string())?;
        std::fs::read(&path).map_err(|e| format!("{}: {e}", path.display()))
    }
}
