//! A drill's own log, apart from the live one: a head, then entries with length and checksum each, packed.

use crate::log::{AsideError, DrillFiles, DurableWrite, LOG_FILE};
use crate::out::OutError;
use chengtu_engine::archive::decode_drill_entry;
use chengtu_engine::drill::{Beginning, DrillEntry, DrillEvent};
use chengtu_engine::state::{StateError, check_state_version};
use std::fs::{File, OpenOptions};
use std::io::{BufReader, BufWriter, Read, Write};
use std::path::Path;

/// First bytes of a log: what it is and its version.
const MAGIC: &[u8; 8] = b"CTDRILL1";
/// Largest entry: the state of a large city at its beginning, bytes.
const ENTRY_BYTES_MAX: usize = 1 << 30;

/// What goes wrong with a drill's log or its report.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A drill's log or report cannot be read or written.
    #[error("{place}: {source}")]
    Io {
        /// Where a person finds it.
        place: String,
        /// What the system says.
        #[source]
        source: std::io::Error,
    },
    /// The report is not written where it was to be.
    #[error(transparent)]
    Out(#[from] OutError),
    /// What keeps drills.
    #[error(transparent)]
    Aside(#[from] AsideError),
    /// No drill's log.
    #[error("{place}: {detail}")]
    NotADrill {
        /// Where a person finds it.
        place: String,
        /// What is wrong and what to do.
        detail: String,
    },
}

/// The error of a path.
pub(super) fn io_error(path: &Path) -> impl FnOnce(std::io::Error) -> StoreError {
    let place = path.display().to_string();
    move |source| StoreError::Io { place, source }
}

/// A log that is being written.
pub struct DrillWriter {
    place: String,
    file: BufWriter<Box<dyn DurableWrite>>,
}

impl std::fmt::Debug for DrillWriter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut f = f.debug_struct("DrillWriter");
        f.field("place", &self.place).finish_non_exhaustive()
    }
}

impl DrillWriter {
    /// The log of a new drill among others.
    ///
    /// # Errors
    /// [`StoreError`], also where there is one already.
    pub fn create(files: &dyn DrillFiles, id: u32) -> Result<Self, StoreError> {
        Self::begin(files.create_log(id)?, files.place(Some(id)))
    }

    /// A new log in a folder that is made for it.
    ///
    /// # Errors
    /// [`StoreError::Io`], also where there is one already.
    pub fn create_in(dir: &Path) -> Result<Self, StoreError> {
        let path = dir.join(LOG_FILE);
        std::fs::create_dir_all(dir).map_err(io_error(&path))?;
        let mut new = OpenOptions::new();
        let file = new.write(true).create_new(true).open(&path);
        let file = file.map_err(io_error(&path))?;
        Self::begin(Box::new(file), path.display().to_string())
    }

    fn begin(file: Box<dyn DurableWrite>, place: String) -> Result<Self, StoreError> {
        let mut file = BufWriter::new(file);
        match file.write_all(MAGIC) {
            Ok(()) => Ok(Self { place, file }),
            Err(source) => Err(StoreError::Io { place, source }),
        }
    }

    /// Writes entries and hands them to the system.
    ///
    /// # Errors
    /// [`StoreError::Io`].
    pub fn write(&mut self, entries: &[DrillEntry]) -> Result<(), StoreError> {
        let place = self.place.clone();
        let io = |source| StoreError::Io { place, source };
        let mut all = || -> std::io::Result<()> {
            for entry in entries {
                let body = postcard::to_stdvec(entry).map_err(std::io::Error::other)?;
                let body = zstd::encode_all(&body[..], 1)?;
                self.file.write_all(&(body.len() as u32).to_le_bytes())?;
                self.file.write_all(&crc32c::crc32c(&body).to_le_bytes())?;
                self.file.write_all(&body)?;
            }
            self.file.flush()
        };
        all().map_err(io)
    }

    /// Makes sure that it outlives the machine.
    ///
    /// # Errors
    /// [`StoreError::Io`].
    pub fn sync(&mut self) -> Result<(), StoreError> {
        let place = self.place.clone();
        let done = self.file.flush().and_then(|()| self.file.get_mut().sync());
        done.map_err(|source| StoreError::Io { place, source })
    }
}

/// A drill's log as it was read.
#[derive(Clone, Debug, PartialEq)]
pub struct DrillLog {
    /// All entries, rewound ones included.
    pub entries: Vec<DrillEntry>,
    /// What is missing, in words; empty where nothing is.
    pub missing: String,
}

impl DrillLog {
    /// Reads the log of a drill among others.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn of(files: &dyn DrillFiles, id: u32) -> Result<Self, StoreError> {
        Self::read_all(files.log(id)?, files.place(Some(id)))
    }

    /// Reads a drill's folder, or its log. A cut tail or a damaged entry ends the reading: what comes before is given.
    ///
    /// # Errors
    /// [`StoreError`] where there is nothing to read at all.
    pub fn read(path: &Path) -> Result<Self, StoreError> {
        let path = if path.is_dir() {
            path.join(LOG_FILE)
        } else {
            path.to_owned()
        };
        let file = File::open(&path).map_err(io_error(&path))?;
        Self::read_all(Box::new(file), path.display().to_string())
    }

    fn read_all(file: Box<dyn Read>, place: String) -> Result<Self, StoreError> {
        let mut file = BufReader::new(file);
        let not = |detail: &str| StoreError::NotADrill {
            place: place.clone(),
            detail: detail.to_owned(),
        };
        let mut magic = [0; 8];
        if file.read_exact(&mut magic).is_err() || magic[..7] != MAGIC[..7] {
            return Err(not("is no drill's log; give the folder of a drill"));
        }
        if magic != *MAGIC {
            return Err(not("was written by a newer version; use that one"));
        }
        let mut log = Self {
            entries: Vec::new(),
            missing: String::new(),
        };
        loop {
            match next(&mut file) {
                Ok(Some(entry)) => log.entries.push(entry),
                Ok(None) => break,
                Err(why) => {
                    log.missing = format!("after entry {}: {why}", log.entries.len());
                    break;
                }
            }
        }
        let Some(beginning) = log.beginning() else {
            return Err(not(
                "does not begin with a scenario; its first entry is damaged",
            ));
        };
        match check_state_version(&beginning.state) {
            Err(newer @ StateError::Newer { .. }) => {
                Err(not(&format!("begins with {newer}; update this program")))
            }
            // What else is wrong with the city is no reason to keep the rest from anybody.
            _ => Ok(log),
        }
    }

    /// How it began.
    pub fn beginning(&self) -> Option<&Beginning> {
        match &self.entries.first()?.what {
            DrillEvent::Begun(b) => Some(b),
            _ => None,
        }
    }
}

fn next(file: &mut impl Read) -> Result<Option<DrillEntry>, String> {
    let mut head = [0; 8];
    let mut got = 0;
    while got < head.len() {
        match file.read(&mut head[got..]) {
            Ok(0) if got == 0 => return Ok(None),
            Ok(0) => return Err("the file is cut off".into()),
            Ok(n) => got += n,
            Err(e) => return Err(e.to_string()),
        }
    }
    let word = |at: usize| u32::from_le_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
    let (length, crc) = (word(0) as usize, word(4));
    if length > ENTRY_BYTES_MAX {
        return Err("a damaged length".into());
    }
    let mut body = Vec::new();
    let read = file.take(length as u64).read_to_end(&mut body);
    if read.map_err(|e| e.to_string())? < length {
        return Err("the file is cut off".into());
    }
    if crc32c::crc32c(&body) != crc {
        return Err("a damaged entry".into());
    }
    let body = zstd::decode_all(&body[..]).map_err(|e| e.to_string())?;
    decode_drill_entry(&body)
        .map(Some)
        .map_err(|e| e.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::DrillFolder;
    use chengtu_engine::drill::Scenario;
    use chengtu_engine::time::Timestamp;

    fn log() -> Vec<DrillEntry> {
        let begun = DrillEvent::Begun(Box::new(Beginning {
            scenario: Scenario::default(),
            director: "总导演".into(),
            state: vec![7; 1_000],
        }));
        let notes = (0..50).map(|n| DrillEvent::Note(format!("note {n}")));
        let all = std::iter::once(begun).chain(notes);
        all.enumerate()
            .map(|(s, what)| DrillEntry {
                time: Timestamp::from_seconds(s as i64),
                what,
            })
            .collect()
    }

    #[test]
    fn what_is_written_is_read_and_a_cut_or_damaged_tail_is_told() {
        let dir = tempfile::tempdir().unwrap();
        let (files, folder) = (DrillFolder::of(dir.path()), dir.path().join("7"));
        let mut writer = DrillWriter::create(&files, 7).unwrap();
        let entries = log();
        writer.write(&entries[..10]).unwrap();
        writer.write(&entries[10..]).unwrap();
        writer.sync().unwrap();
        assert_eq!(files.ids(), [7]);
        assert_eq!(DrillLog::of(&files, 7).unwrap().entries, entries);
        let read = DrillLog::read(&folder).unwrap();
        assert_eq!((&read.entries, read.missing.as_str()), (&entries, ""));
        assert!(
            DrillWriter::create(&files, 7).is_err(),
            "never written over"
        );
        assert!(
            DrillWriter::create_in(&folder).is_err(),
            "never written over"
        );

        let file = folder.join(LOG_FILE);
        let whole = std::fs::read(&file).unwrap();
        std::fs::write(&file, &whole[..whole.len() - 3]).unwrap();
        let cut = DrillLog::read(&folder).unwrap();
        assert_eq!(cut.entries[..], entries[..50]);
        assert!(cut.missing.contains("after entry 50: the file is cut off"));

        let mut flipped = whole.clone();
        let at = whole.len() / 2;
        flipped[at] ^= 1;
        std::fs::write(&file, &flipped).unwrap();
        let damaged = DrillLog::read(&folder).unwrap();
        assert!(damaged.entries.len() < 50 && !damaged.missing.is_empty());
        assert_eq!(damaged.entries[..], entries[..damaged.entries.len()]);

        let mut tomorrow = log();
        let DrillEvent::Begun(begun) = &mut tomorrow[0].what else {
            panic!("it begins")
        };
        begun.state = b"CTSTATE\n\x09\0\0\0".to_vec();
        let mut writer = DrillWriter::create(&files, 8).unwrap();
        writer.write(&tomorrow).unwrap();
        writer.sync().unwrap();
        let told = DrillLog::of(&files, 8).unwrap_err().to_string();
        assert!(
            told.contains("version 9") && told.contains("update"),
            "{told}"
        );

        std::fs::write(&file, b"CTDRILL2").unwrap();
        assert!(
            DrillLog::read(&folder)
                .unwrap_err()
                .to_string()
                .contains("newer")
        );
        std::fs::write(&file, b"something else").unwrap();
        assert!(
            DrillLog::read(&folder)
                .unwrap_err()
                .to_string()
                .contains("no drill's log")
        );
    }
}
