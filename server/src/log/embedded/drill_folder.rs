use crate::log::{AsideError, DrillFiles, DurableWrite};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// The log's file.
pub const LOG_FILE: &str = "drill.log";
/// The report's file.
pub const REPORT_FILE: &str = "report.html";

/// Drills in a directory, a folder each, called by its number.
#[derive(Clone, Debug)]
pub struct DrillFolder {
    dir: PathBuf,
}

impl DurableWrite for File {
    fn sync(&mut self) -> io::Result<()> {
        self.sync_data()
    }
}

fn failed(path: &Path) -> impl FnOnce(io::Error) -> AsideError {
    AsideError::at(path.display().to_string())
}

impl DrillFolder {
    /// Those of a directory, which need not be there yet.
    pub fn of(dir: &Path) -> Self {
        let dir = dir.to_owned();
        Self { dir }
    }

    fn folder(&self, id: u32) -> PathBuf {
        self.dir.join(id.to_string())
    }
}

impl DrillFiles for DrillFolder {
    fn ids(&self) -> Vec<u32> {
        let Ok(found) = fs::read_dir(&self.dir) else {
            return Vec::new();
        };
        let number = |e: io::Result<fs::DirEntry>| e.ok()?.file_name().to_str()?.parse().ok();
        let mut all: Vec<u32> = found.filter_map(number).collect();
        all.sort_unstable();
        all
    }

    fn create_log(&self, id: u32) -> Result<Box<dyn DurableWrite>, AsideError> {
        let folder = self.folder(id);
        fs::create_dir_all(&folder).map_err(failed(&folder))?;
        let path = folder.join(LOG_FILE);
        let mut new = OpenOptions::new();
        let file = new.write(true).create_new(true).open(&path);
        let file = file.map_err(failed(&path))?;
        // A file outlives the machine only with the names that lead to it.
        #[cfg(unix)]
        for dir in [&folder, &self.dir] {
            File::open(dir)
                .and_then(|d| d.sync_all())
                .map_err(failed(dir))?;
        }
        Ok(Box::new(file))
    }

    fn log(&self, id: u32) -> Result<Box<dyn Read>, AsideError> {
        let path = self.folder(id).join(LOG_FILE);
        Ok(Box::new(File::open(&path).map_err(failed(&path))?))
    }

    fn report(&self, id: u32) -> Result<Option<Vec<u8>>, AsideError> {
        let path = self.folder(id).join(REPORT_FILE);
        match fs::read(&path) {
            Ok(page) => Ok(Some(page)),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(e) => Err(failed(&path)(e)),
        }
    }

    fn put_report(&self, id: u32, page: &[u8]) -> Result<(), AsideError> {
        let path = self.folder(id).join(REPORT_FILE);
        fs::write(&path, page).map_err(failed(&path))
    }

    fn place(&self, id: Option<u32>) -> String {
        id.map_or_else(|| self.dir.clone(), |id| self.folder(id).join(LOG_FILE))
            .display()
            .to_string()
    }
}
