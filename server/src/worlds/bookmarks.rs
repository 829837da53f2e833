//! Moments that people want to find again, kept beside the log and not in it: they are no part of the city.

use super::Refusal;
use crate::codes;
use chengtu_engine::replay::{Bookmark, BookmarkChange};
use chengtu_engine::time::Timestamp;
use rusqlite::{Connection, params};
use std::path::Path;

/// Most bookmarks; a list of all is sent at once.
const COUNT_MAX: usize = 10_000;
/// Longest note, characters.
const NOTE_CHARS_MAX: usize = 500;

/// The bookmarks of a data directory.
pub(super) struct Bookmarks {
    conn: Connection,
}

fn failed(error: rusqlite::Error) -> Refusal {
    Refusal::new(
        codes::NO_PAST,
        format!("bookmarks.sqlite in the data directory: {error}"),
    )
}

impl Bookmarks {
    /// Opens them, or begins with none.
    ///
    /// # Errors
    /// [`Refusal`] when the file cannot be used.
    pub fn open(data: &Path) -> Result<Self, Refusal> {
        let conn = Connection::open(data.join("bookmarks.sqlite")).map_err(failed)?;
        conn.execute_batch(
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;
             CREATE TABLE IF NOT EXISTS bookmarks(
               id INTEGER PRIMARY KEY AUTOINCREMENT, time INTEGER NOT NULL, note TEXT NOT NULL, by TEXT NOT NULL) STRICT;",
        )
        .map_err(failed)?;
        Ok(Self { conn })
    }

    /// All of them, oldest moment first.
    ///
    /// # Errors
    /// [`Refusal`] when the file cannot be read.
    pub fn list(&self) -> Result<Vec<Bookmark>, Refusal> {
        let mut statement = self
            .conn
            .prepare_cached("SELECT id,time,note,by FROM bookmarks ORDER BY time,id")
            .map_err(failed)?;
        let rows = statement.query_map([], |r| {
            Ok(Bookmark {
                id: r.get(0)?,
                time: Timestamp(r.get(1)?),
                note: r.get(2)?,
                by: r.get(3)?,
            })
        });
        rows.and_then(Iterator::collect).map_err(failed)
    }

    /// Sets or removes one, durably.
    ///
    /// # Errors
    /// [`Refusal`]: too many, too long, somebody else's, or the file cannot be written.
    pub fn change(&self, by: &str, change: &BookmarkChange) -> Result<(), Refusal> {
        match change {
            BookmarkChange::Add { time, note } => {
                let count: usize = self
                    .conn
                    .query_row("SELECT count(*) FROM bookmarks", [], |r| r.get(0))
                    .map_err(failed)?;
                if count >= COUNT_MAX {
                    let text = format!(
                        "there are {COUNT_MAX} bookmarks, the most that are kept; remove some"
                    );
                    return Err(Refusal::new(codes::NOT_PERMITTED, text));
                }
                if note.chars().count() > NOTE_CHARS_MAX {
                    let text = format!("a bookmark's note has at most {NOTE_CHARS_MAX} characters");
                    return Err(Refusal::new(codes::BAD_MESSAGE, text));
                }
                self.conn
                    .execute(
                        "INSERT INTO bookmarks(time,note,by) VALUES(?1,?2,?3)",
                        params![time.0, note, by],
                    )
                    .map_err(failed)?;
            }
            BookmarkChange::Remove(id) => {
                let removed = self
                    .conn
                    .execute(
                        "DELETE FROM bookmarks WHERE id=?1 AND by=?2",
                        params![id, by],
                    )
                    .map_err(failed)?;
                if removed == 0 {
                    let text = format!("there is no bookmark {id} of yours");
                    return Err(Refusal::new(codes::NOT_PERMITTED, text));
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bookmarks_outlive_their_program_and_are_removed_by_whoever_set_them() {
        let dir = tempfile::tempdir().unwrap();
        let add = |s: i64, note: &str| BookmarkChange::Add {
            time: Timestamp::from_seconds(s),
            note: note.to_owned(),
        };
        let b = Bookmarks::open(dir.path()).unwrap();
        b.change("王莉", &add(20, "积水")).unwrap();
        b.change("李", &add(10, "")).unwrap();
        assert_eq!(
            b.change("王莉", &add(1, &"长".repeat(501)))
                .unwrap_err()
                .code,
            601
        );
        drop(b);
        let b = Bookmarks::open(dir.path()).unwrap();
        let list = b.list().unwrap();
        assert_eq!(list.len(), 2);
        assert_eq!((list[0].by.as_str(), list[1].note.as_str()), ("李", "积水"));
        assert_eq!(
            b.change("李", &BookmarkChange::Remove(list[1].id))
                .unwrap_err()
                .code,
            607
        );
        b.change("王莉", &BookmarkChange::Remove(list[1].id))
            .unwrap();
        assert_eq!(b.list().unwrap().len(), 1);
    }
}
