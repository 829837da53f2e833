//! Where an import is written: aside and moved into place whole, or behind what a log holds already.

use super::CasesError;
use super::history::HistoryWriter;
use crate::log::{EmbeddedOptions, EmbeddedStore, LogStore, recover};
use chengtu_engine::city::Calendar;
use chengtu_engine::event::Event;
use chengtu_engine::model::CaseSource;
use chengtu_engine::record::{Body, LivePen};
use chengtu_engine::replay::History;
use chengtu_engine::state::State;
use chengtu_engine::time::Timestamp;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Records read at once.
const CHUNK: usize = 65_536;

fn write_error(path: &Path) -> impl FnOnce(std::io::Error) -> CasesError + '_ {
    move |source| CasesError::Write {
        path: path.to_owned(),
        source,
    }
}

/// The names under which a log in `data` knows cases of the feed `source`; `None` if there is no log.
///
/// # Errors
/// When `data` holds something else, or the log cannot be read.
pub fn known_keys(data: &Path, source: &str) -> Result<Option<BTreeSet<String>>, CasesError> {
    let store = EmbeddedStore::at(data);
    if !store.is_there()? {
        let mut entries = match fs::read_dir(data) {
            Ok(entries) => entries,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(write_error(data)(e)),
        };
        return match entries.next() {
            None => Ok(None),
            Some(_) => Err(CasesError::Asked(format!(
                "{}: exists, is not empty and holds no log; choose another --data",
                data.display()
            ))),
        };
    }
    let history = store.history()?;
    let failed = |e: chengtu_engine::replay::HistoryError| CasesError::Asked(e.to_string());
    let (mut keys, mut feed, mut seq) = (BTreeSet::new(), None, 0);
    loop {
        let records = history
            .records(seq, Timestamp(i64::MAX), CHUNK)
            .map_err(failed)?;
        let Some(last) = records.last() else {
            return Ok(Some(keys));
        };
        seq = last.seq;
        for record in records {
            let Body::Events(events) = record.body else {
                continue;
            };
            for event in events {
                match event {
                    Event::FeedRegistered { feed: id, name } if name == source => feed = Some(id),
                    Event::CaseReported {
                        source: CaseSource::Feed(of, key),
                        ..
                    } if Some(of) == feed => {
                        keys.insert(key);
                    }
                    _ => {}
                }
            }
        }
    }
}

/// Writes a whole new log, which appears in `data` when it is complete, or not at all. `first`: a moment of its first
/// day, which begins as `calendar` says.
///
/// # Errors
/// Those of `write`; of the log; of the folder.
pub fn write_new(
    data: &Path,
    (first, calendar): (Timestamp, &Calendar),
    write: impl FnOnce(HistoryWriter<'_>) -> Result<u64, CasesError>,
) -> Result<u64, CasesError> {
    let parent = match data.parent() {
        Some(p) if !p.as_os_str().is_empty() => p,
        _ => Path::new("."),
    };
    fs::create_dir_all(parent).map_err(write_error(parent))?;
    let aside = tempfile::Builder::new()
        .prefix(".import-")
        .suffix(".tmp")
        .tempdir_in(parent)
        .map_err(write_error(parent))?;
    // An imported log has no limit of its own; the disk has.
    let options = EmbeddedOptions {
        calendar: calendar.clone(),
        ..EmbeddedOptions::default()
    };
    let mut log = EmbeddedStore::new(aside.path(), options).bulk_writer(first)?;
    let pen = LivePen::of_the_live_log();
    let records = write(HistoryWriter::new(&mut log, State::new(), pen))?;
    log.finish_bulk()?;
    set_permissions(aside.path())?;
    // An empty folder may be there; anything else was refused before.
    fs::rename(aside.path(), data).map_err(write_error(data))?;
    let _: PathBuf = aside.keep();
    Ok(records)
}

/// Temporary folders are private; data directories are as others in their place.
#[cfg(unix)]
fn set_permissions(dir: &Path) -> Result<(), CasesError> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(dir, fs::Permissions::from_mode(0o755)).map_err(write_error(dir))
}

#[cfg(not(unix))]
fn set_permissions(_dir: &Path) -> Result<(), CasesError> {
    Ok(())
}

/// Writes behind what a log holds; durable day by day, and when this returns, in whole.
///
/// # Errors
/// Those of `write`; of the log.
pub fn write_behind(
    data: &Path,
    write: impl FnOnce(&State, HistoryWriter<'_>) -> Result<u64, CasesError>,
) -> Result<u64, CasesError> {
    let store = EmbeddedStore::at(data);
    let mut log = store.writer(Timestamp::default())?;
    let state = recover(&store, &*log)?.state;
    let before = state.clone();
    let pen = LivePen::of_the_live_log();
    let records = write(&before, HistoryWriter::new(&mut *log, state, pen))?;
    log.commit()?;
    Ok(records)
}
