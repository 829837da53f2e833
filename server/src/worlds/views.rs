//! Where officers were looking: recorded beside the log when the configuration says so, shown in replays.

use super::Refusal;
use crate::codes;
use chengtu_engine::geo::Viewport;
use chengtu_engine::replay::OfficerView;
use chengtu_engine::time::Timestamp;
use rusqlite::{Connection, OpenFlags, params};
use std::path::Path;

/// A view is taken to be the officer's own for this long after it was last told, seconds.
const LASTS_S: i64 = 600;
/// Most views that are kept; the oldest go.
const KEPT_MAX: i64 = 2_000_000;

/// The recorded views of a data directory.
pub(super) struct Views {
    conn: Connection,
    written: u64,
}

fn failed(error: rusqlite::Error) -> Refusal {
    Refusal::new(
        codes::NO_PAST,
        format!("views.sqlite in the data directory: {error}"),
    )
}

impl Views {
    /// Opens them for writing.
    ///
    /// # Errors
    /// [`Refusal`] when the file cannot be used.
    pub fn open(data: &Path) -> Result<Self, Refusal> {
        let conn = Connection::open(data.join("views.sqlite")).map_err(failed)?;
        conn.execute_batch(
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;
             CREATE TABLE IF NOT EXISTS views(
               id INTEGER PRIMARY KEY AUTOINCREMENT, time INTEGER NOT NULL, by TEXT NOT NULL,
               west REAL NOT NULL, south REAL NOT NULL, east REAL NOT NULL, north REAL NOT NULL, zoom REAL NOT NULL) STRICT;
             CREATE INDEX IF NOT EXISTS views_by_time ON views(time);",
        )
        .map_err(failed)?;
        Ok(Self { conn, written: 0 })
    }

    /// Opens them for reading; none where nothing was ever recorded.
    pub fn read(data: &Path) -> Option<Self> {
        let path = data.join("views.sqlite");
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let conn = Connection::open_with_flags(path, flags).ok()?;
        Some(Self { conn, written: 0 })
    }

    /// Keeps a view.
    ///
    /// # Errors
    /// [`Refusal`] when the file cannot be written.
    pub fn keep(&mut self, view: &OfficerView) -> Result<(), Refusal> {
        let v = &view.viewport;
        self.conn
            .prepare_cached(
                "INSERT INTO views(time,by,west,south,east,north,zoom) VALUES(?1,?2,?3,?4,?5,?6,?7)",
            )
            .and_then(|mut s| {
                s.execute(params![
                    view.time.0,
                    view.by,
                    v.west,
                    v.south,
                    v.east,
                    v.north,
                    f64::from(v.zoom)
                ])
            })
            .map_err(failed)?;
        self.written += 1;
        if self.written.is_multiple_of(10_000) {
            let old = "DELETE FROM views WHERE id <= (SELECT max(id) FROM views) - ?1";
            self.conn.execute(old, [KEPT_MAX]).map_err(failed)?;
        }
        Ok(())
    }

    /// Where each officer was looking at a moment, by name.
    ///
    /// # Errors
    /// [`Refusal`] when the file cannot be read.
    pub fn at(&self, time: Timestamp) -> Result<Vec<OfficerView>, Refusal> {
        let mut statement = self
            .conn
            .prepare_cached(
                "SELECT by,max(time),west,south,east,north,zoom FROM views
                 WHERE time>?1 AND time<=?2 GROUP BY by ORDER BY by",
            )
            .map_err(failed)?;
        let since = time.plus_seconds(-LASTS_S);
        let rows = statement.query_map([since.0, time.0], |r| {
            Ok(OfficerView {
                by: r.get(0)?,
                time: Timestamp(r.get(1)?),
                viewport: Viewport {
                    west: r.get(2)?,
                    south: r.get(3)?,
                    east: r.get(4)?,
                    north: r.get(5)?,
                    zoom: r.get::<_, f64>(6)? as f32,
                },
            })
        });
        rows.and_then(Iterator::collect).map_err(failed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_view_of_each_officer_is_shown_for_a_while() {
        let dir = tempfile::tempdir().unwrap();
        assert!(Views::read(dir.path()).is_none());
        let view = |s: i64, by: &str, west: f64| OfficerView {
            by: by.to_owned(),
            time: Timestamp::from_seconds(s),
            viewport: Viewport {
                west,
                south: 32.0,
                east: 119.0,
                north: 32.1,
                zoom: 13.5,
            },
        };
        let all = [
            view(10, "王莉", 118.1),
            view(20, "王莉", 118.2),
            view(25, "李", 118.3),
            view(30, "王莉", 118.4),
        ];
        let mut views = Views::open(dir.path()).unwrap();
        for v in &all {
            views.keep(v).unwrap();
        }
        let read = Views::read(dir.path()).unwrap();
        let at = |s| read.at(Timestamp::from_seconds(s)).unwrap();
        assert_eq!(at(5), []);
        assert_eq!(at(29), [all[2].clone(), all[1].clone()]);
        assert_eq!(at(30), [all[2].clone(), all[3].clone()]);
        assert_eq!(at(625), [all[3].clone()]);
        assert_eq!(at(631), []);
    }
}
