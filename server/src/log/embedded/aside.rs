//! Bookmarks and views, a small database each, beside the days of a log.

use super::beside;
use super::drill_folder::DrillFolder;
use crate::log::{Aside, AsideError, BookmarkStore, DrillFiles, ViewStore};
use chengtu_engine::audit::Audit;
use chengtu_engine::geo::Viewport;
use chengtu_engine::ids::CommandId;
use chengtu_engine::replay::{Bookmark, OfficerView};
use chengtu_engine::time::Timestamp;
use rusqlite::{Connection, OpenFlags, params};
use std::path::{Path, PathBuf};
use std::{fs, io};

/// Most views that are kept; the oldest go.
const VIEWS_MAX: i64 = 2_000_000;
/// Views that are written before the oldest go.
const VIEWS_PRUNED_EVERY: u64 = 10_000;

/// What lies in a directory beside a log.
#[derive(Clone, Debug)]
pub(super) struct DirectoryAside {
    dir: PathBuf,
    drills: DrillFolder,
}

impl DirectoryAside {
    pub(super) fn of(dir: &Path) -> Self {
        Self {
            dir: dir.to_owned(),
            drills: DrillFolder::of(&dir.join("drills")),
        }
    }
}

fn failed(name: &str) -> impl FnOnce(rusqlite::Error) -> AsideError {
    AsideError::at(format!("{name} in the data directory"))
}

impl Aside for DirectoryAside {
    fn bookmarks(&self) -> Result<Box<dyn BookmarkStore>, AsideError> {
        Ok(Box::new(
            Bookmarks::open(&self.dir).map_err(failed(BOOKMARKS))?,
        ))
    }

    fn views(&self) -> Result<Box<dyn ViewStore>, AsideError> {
        Ok(Box::new(Views::open(&self.dir).map_err(failed(VIEWS))?))
    }

    fn recorded_views(&self) -> Option<Box<dyn ViewStore>> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let conn = Connection::open_with_flags(self.dir.join(VIEWS), flags).ok()?;
        Some(Box::new(Views { conn, written: 0 }))
    }

    fn drills(&self) -> &dyn DrillFiles {
        &self.drills
    }

    fn next_world(&self) -> Result<u32, AsideError> {
        let path = self.dir.join(WORLDS);
        let given = || {
            let last: u32 = match fs::read_to_string(&path) {
                Ok(text) => text.trim().parse().map_err(io::Error::other)?,
                Err(error) if error.kind() == io::ErrorKind::NotFound => 0,
                Err(error) => return Err(error),
            };
            let next = last + 1;
            // Whole or not at all: half a number would be another one.
            let written = path.with_extension("new");
            fs::write(&written, format!("{next}\n"))?;
            fs::rename(&written, &path)?;
            Ok(next)
        };
        given().map_err(AsideError::at(format!("{WORLDS} in the data directory")))
    }

    fn take_clock_confirmed(&self) -> Option<Timestamp> {
        let path = self.dir.join(CLOCK);
        let text = fs::read_to_string(&path).ok()?;
        // What cannot be taken away would be taken again and again.
        fs::remove_file(&path).ok()?;
        text.trim().parse().ok().map(Timestamp)
    }

    fn audits(&self) -> Result<Vec<(CommandId, Audit)>, AsideError> {
        beside::written_down(&self.dir)
    }

    fn audits_kept(&self, ids: &[CommandId]) -> Result<(), AsideError> {
        beside::taken(&self.dir, ids)
    }
}

/// What the machine's clock showed when a person confirmed it, microseconds since 1970.
const CLOCK: &str = "clock-confirmed";

/// Says to the server of a directory that the machine's clock is right.
///
/// # Errors
/// When it cannot be written.
pub(in crate::log) fn confirm_clock(dir: &Path, now: Timestamp) -> io::Result<()> {
    let path = dir.join(CLOCK);
    let written = path.with_extension("new");
    fs::write(&written, format!("{}\n", now.0))?;
    fs::rename(&written, &path)
}

/// The last number that a world was given.
const WORLDS: &str = "worlds.txt";

fn has_owners(conn: &Connection, table: &str) -> rusqlite::Result<bool> {
    conn.prepare("SELECT 1 FROM pragma_table_info(?1) WHERE name='owner'")?
        .exists([table])
}

/// Gives a table of before there were identities its owners: people were known by their names alone, and the identity
/// of whoever has a name of their own is that name.
fn give_owners(conn: &Connection, table: &str) -> rusqlite::Result<()> {
    if has_owners(conn, table)? {
        return Ok(());
    }
    conn.execute_batch(&format!(
        "BEGIN IMMEDIATE;
         ALTER TABLE {table} ADD COLUMN owner TEXT NOT NULL DEFAULT '';
         UPDATE {table} SET owner = 'user:' || by;
         COMMIT;"
    ))
}

const BOOKMARKS: &str = "bookmarks.sqlite";

struct Bookmarks {
    conn: Connection,
}

impl Bookmarks {
    fn open(dir: &Path) -> rusqlite::Result<Self> {
        let conn = Connection::open(dir.join(BOOKMARKS))?;
        conn.execute_batch(
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;
             CREATE TABLE IF NOT EXISTS bookmarks(
               id INTEGER PRIMARY KEY AUTOINCREMENT, time INTEGER NOT NULL, note TEXT NOT NULL, by TEXT NOT NULL,
               owner TEXT NOT NULL) STRICT;",
        )?;
        give_owners(&conn, "bookmarks")?;
        Ok(Self { conn })
    }
}

impl BookmarkStore for Bookmarks {
    fn list(&self) -> Result<Vec<Bookmark>, AsideError> {
        let read = || {
            let mut statement = self
                .conn
                .prepare_cached("SELECT id,time,note,by FROM bookmarks ORDER BY time,id")?;
            let rows = statement.query_map([], |r| {
                Ok(Bookmark {
                    id: r.get(0)?,
                    time: Timestamp(r.get(1)?),
                    note: r.get(2)?,
                    by: r.get(3)?,
                })
            })?;
            rows.collect::<Result<Vec<_>, _>>()
        };
        read().map_err(failed(BOOKMARKS))
    }

    fn count(&self) -> Result<usize, AsideError> {
        self.conn
            .query_row("SELECT count(*) FROM bookmarks", [], |r| r.get(0))
            .map_err(failed(BOOKMARKS))
    }

    fn add(
        &mut self,
        time: Timestamp,
        note: &str,
        by: &str,
        owner: &str,
    ) -> Result<(), AsideError> {
        let sql = "INSERT INTO bookmarks(time,note,by,owner) VALUES(?1,?2,?3,?4)";
        let added = self.conn.execute(sql, params![time.0, note, by, owner]);
        added.map(|_| ()).map_err(failed(BOOKMARKS))
    }

    fn remove(&mut self, id: u32, owner: &str) -> Result<bool, AsideError> {
        let sql = "DELETE FROM bookmarks WHERE id=?1 AND owner=?2";
        let removed = self.conn.execute(sql, params![id, owner]);
        removed.map(|n| n > 0).map_err(failed(BOOKMARKS))
    }
}

const VIEWS: &str = "views.sqlite";

struct Views {
    conn: Connection,
    /// Since it was opened.
    written: u64,
}

impl Views {
    fn open(dir: &Path) -> rusqlite::Result<Self> {
        let conn = Connection::open(dir.join(VIEWS))?;
        conn.execute_batch(
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;
             CREATE TABLE IF NOT EXISTS views(
               id INTEGER PRIMARY KEY AUTOINCREMENT, time INTEGER NOT NULL, by TEXT NOT NULL,
               west REAL NOT NULL, south REAL NOT NULL, east REAL NOT NULL, north REAL NOT NULL, zoom REAL NOT NULL,
               owner TEXT NOT NULL) STRICT;
             CREATE INDEX IF NOT EXISTS views_by_time ON views(time);",
        )?;
        give_owners(&conn, "views")?;
        Ok(Self { conn, written: 0 })
    }

    fn insert(&self, view: &OfficerView, owner: &str) -> rusqlite::Result<()> {
        let v = &view.viewport;
        let sql = "INSERT INTO views(time,by,west,south,east,north,zoom,owner) VALUES(?1,?2,?3,?4,?5,?6,?7,?8)";
        self.conn.prepare_cached(sql)?.execute(params![
            view.time.0,
            view.by,
            v.west,
            v.south,
            v.east,
            v.north,
            f64::from(v.zoom),
            owner
        ])?;
        Ok(())
    }

    fn prune(&self) -> rusqlite::Result<()> {
        let old = "DELETE FROM views WHERE id <= (SELECT max(id) FROM views) - ?1";
        self.conn.execute(old, [VIEWS_MAX]).map(|_| ())
    }
}

impl ViewStore for Views {
    fn add(&mut self, view: &OfficerView, owner: &str) -> Result<(), AsideError> {
        self.insert(view, owner).map_err(failed(VIEWS))?;
        self.written += 1;
        if self.written.is_multiple_of(VIEWS_PRUNED_EVERY) {
            self.prune().map_err(failed(VIEWS))?;
        }
        Ok(())
    }

    fn newest(&self, after: Timestamp, until: Timestamp) -> Result<Vec<OfficerView>, AsideError> {
        let read = || {
            // A file of before there were identities is not changed by reading it.
            let owner = if has_owners(&self.conn, "views")? {
                "owner"
            } else {
                "by"
            };
            let mut statement = self.conn.prepare_cached(&format!(
                "SELECT by,max(time),west,south,east,north,zoom FROM views
                 WHERE time>?1 AND time<=?2 GROUP BY {owner} ORDER BY by,{owner}"
            ))?;
            let rows = statement.query_map([after.0, until.0], |r| {
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
            })?;
            rows.collect::<Result<Vec<_>, _>>()
        };
        read().map_err(failed(VIEWS))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bookmarks_outlive_their_program_and_are_removed_by_whoever_set_them() {
        let dir = tempfile::tempdir().unwrap();
        let aside = DirectoryAside::of(dir.path());
        let mut b = aside.bookmarks().unwrap();
        let s = Timestamp::from_seconds;
        b.add(s(20), "积水", "王莉", "user:王莉").unwrap();
        b.add(s(10), "", "李", "user:李").unwrap();
        drop(b);
        let mut b = aside.bookmarks().unwrap();
        let list = b.list().unwrap();
        assert_eq!((list.len(), b.count().unwrap()), (2, 2));
        assert_eq!((list[0].by.as_str(), list[1].note.as_str()), ("李", "积水"));
        assert!(!b.remove(list[1].id, "user:李").unwrap());
        assert!(b.remove(list[1].id, "user:王莉").unwrap());
        assert_eq!(b.list().unwrap().len(), 1);
    }

    #[test]
    fn the_newest_view_of_each_officer_is_found() {
        let dir = tempfile::tempdir().unwrap();
        let aside = DirectoryAside::of(dir.path());
        assert!(aside.recorded_views().is_none());
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
        let mut views = aside.views().unwrap();
        for v in &all {
            views.add(v, &format!("user:{}", v.by)).unwrap();
        }
        let read = aside.recorded_views().unwrap();
        let between = |after, until| {
            let s = Timestamp::from_seconds;
            read.newest(s(after), s(until)).unwrap()
        };
        assert_eq!(between(0, 5), []);
        assert_eq!(between(0, 29), [all[2].clone(), all[1].clone()]);
        assert_eq!(between(0, 30), [all[2].clone(), all[3].clone()]);
        assert_eq!(between(25, 625), [all[3].clone()]);
        assert_eq!(between(30, 631), []);
        // Two officers of one name are two.
        let namesake = view(30, "王莉", 118.5);
        views.add(&namesake, "user:wang.2").unwrap();
        let both = between(0, 30);
        assert_eq!((both.len(), both.contains(&namesake)), (3, true));
    }

    #[test]
    fn what_was_kept_before_there_were_identities_stays_its_owners() {
        let dir = tempfile::tempdir().unwrap();
        let old = Connection::open(dir.path().join(BOOKMARKS)).unwrap();
        old.execute_batch(
            "CREATE TABLE bookmarks(
               id INTEGER PRIMARY KEY AUTOINCREMENT, time INTEGER NOT NULL, note TEXT NOT NULL, by TEXT NOT NULL) STRICT;
             INSERT INTO bookmarks(time,note,by) VALUES(5,'','王莉');",
        )
        .unwrap();
        let old = Connection::open(dir.path().join(VIEWS)).unwrap();
        old.execute_batch(
            "CREATE TABLE views(
               id INTEGER PRIMARY KEY AUTOINCREMENT, time INTEGER NOT NULL, by TEXT NOT NULL,
               west REAL NOT NULL, south REAL NOT NULL, east REAL NOT NULL, north REAL NOT NULL, zoom REAL NOT NULL) STRICT;
             INSERT INTO views(time,by,west,south,east,north,zoom) VALUES(5,'王莉',1,1,1,1,1);",
        )
        .unwrap();
        drop(old);
        let aside = DirectoryAside::of(dir.path());
        let seen = |a: &DirectoryAside| {
            let read = a.recorded_views().unwrap();
            read.newest(Timestamp(0), Timestamp(9)).unwrap().len()
        };
        assert_eq!(seen(&aside), 1);
        drop(aside.views().unwrap());
        assert_eq!(seen(&aside), 1);
        drop(aside.bookmarks().unwrap());
        let mut b = aside.bookmarks().unwrap();
        let id = b.list().unwrap()[0].id;
        assert!(!b.remove(id, "user:王莉/2").unwrap());
        assert!(b.remove(id, "user:王莉").unwrap());
    }
}
