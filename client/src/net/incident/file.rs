//! An incident file, opened: its past, and the files of the pack where the map finds them.

use crate::net::connection::random;
use chengtu_engine::city::CityInfo;
use chengtu_engine::incident::{Incident, IncidentError, Manifest};
use chengtu_engine::replay::MemoryHistory;
use std::path::{Path, PathBuf};

/// Why an incident file is not opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// It cannot be read.
    #[error("{}: cannot be read: {source}", path.display())]
    Read {
        /// File that cannot be read, as named by the user.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: std::io::Error,
    },
    /// It is no incident, or not a whole one.
    #[error("{}: {source}", path.display())]
    Incident {
        /// File whose content was refused.
        path: PathBuf,
        /// What is wrong.
        #[source]
        source: IncidentError,
    },
    /// There is nothing in it.
    #[error("{}: the incident file says nothing about its city", path.display())]
    NoCity {
        /// File without a record of its city's rules.
        path: PathBuf,
    },
    /// The map's files cannot be unpacked.
    #[error("the map of the incident cannot be unpacked: {0}")]
    Unpack(#[source] std::io::Error),
}

/// An incident, ready to be played.
#[derive(Debug)]
pub struct Opened {
    /// What it says of itself.
    pub manifest: Manifest,
    /// Rules and bounds from its log; notices, attribution and centre from its manifest.
    pub city: CityInfo,
    /// Everything that the replay reads, in memory.
    pub history: MemoryHistory,
    /// Folder with the files of its pack; goes when this is dropped.
    pack: Unpacked,
    /// The file's name, for people.
    pub name: String,
}

/// A folder of this process that goes when it is dropped.
#[derive(Debug)]
pub(super) struct Unpacked(PathBuf);

impl Unpacked {
    /// An empty one.
    pub fn new() -> std::io::Result<Self> {
        let name = format!("chengtu-{}-{:016x}", std::process::id(), random());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir(&path)?;
        Ok(Self(path))
    }

    /// Where it is.
    #[cfg(test)]
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Unpacked {
    fn drop(&mut self) {
        // A folder that cannot be taken away is the system's to tidy up.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

impl Opened {
    /// Reads and unpacks a file.
    ///
    /// # Errors
    /// [`OpenError`] in words for whoever opens it.
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        let bytes = std::fs::read(path).map_err(|source| OpenError::Read {
            path: path.to_owned(),
            source,
        })?;
        let wrong = |source| OpenError::Incident {
            path: path.to_owned(),
            source,
        };
        let incident = Incident::decode(&bytes).map_err(wrong)?;
        let history = incident.history().map_err(wrong)?;
        let m = &incident.manifest;
        let city = incident.rules().map(|rules| CityInfo {
            notice: m.notice.clone(),
            notice_en: m.notice_en.clone(),
            attribution: m.attribution.clone(),
            centre: m.centre,
            ..CityInfo::of(&rules)
        });
        let city = city.ok_or_else(|| OpenError::NoCity {
            path: path.to_owned(),
        })?;
        let pack = Unpacked::new().map_err(OpenError::Unpack)?;
        for (name, bytes) in &incident.files {
            std::fs::write(pack.0.join(name), bytes).map_err(OpenError::Unpack)?;
        }
        let name = path.file_name().map(|n| n.to_string_lossy().into_owned());
        Ok(Self {
            manifest: incident.manifest,
            city,
            history,
            pack,
            name: name.unwrap_or_default(),
        })
    }

    /// Its parts; the last keeps the files of the pack as long as it lives.
    pub(super) fn into_parts(
        self,
    ) -> (
        Manifest,
        CityInfo,
        MemoryHistory,
        Box<dyn std::any::Any + Send>,
    ) {
        (self.manifest, self.city, self.history, Box::new(self.pack))
    }

    /// Where the files of its pack lie.
    pub fn pack(&self) -> &Path {
        &self.pack.0
    }
}
