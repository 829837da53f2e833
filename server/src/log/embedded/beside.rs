//! What commands do beside a server, written down before they do it, until the server has it in the log.

use crate::log::AsideError;
use chengtu_engine::audit::Audit;
use chengtu_engine::event::Event;
use chengtu_engine::ids::CommandId;
use rusqlite::{Connection, OpenFlags, params};
use std::path::Path;
use std::time::Duration;

const FILE: &str = "audit.sqlite";

/// How long a command waits for another one that writes.
const COMMAND_PATIENCE: Duration = Duration::from_secs(5);
/// The city must not stand still for a command that writes: it looks again a second later.
const CITY_PATIENCE: Duration = Duration::from_millis(20);
/// Acts that are taken into the log at once; more follow a second later.
const TAKEN_MAX: i64 = 256;

/// What an identity of a command begins with; nobody who was let in over the network has such a one.
const MACHINE: &str = "machine:";

fn failed<E: Into<Box<dyn std::error::Error + Send + Sync>>>(
    dir: &Path,
) -> impl FnOnce(E) -> AsideError {
    AsideError::at(dir.join(FILE).display().to_string())
}

fn open(dir: &Path, patience: Duration) -> rusqlite::Result<Connection> {
    let conn = Connection::open(dir.join(FILE))?;
    conn.busy_timeout(patience)?;
    conn.execute_batch(
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;
         CREATE TABLE IF NOT EXISTS book(id INTEGER PRIMARY KEY CHECK(id=1), number INTEGER NOT NULL) STRICT;
         CREATE TABLE IF NOT EXISTS acts(id INTEGER PRIMARY KEY AUTOINCREMENT, event BLOB NOT NULL) STRICT;",
    )?;
    Ok(conn)
}

/// Writes an act down; durable when this returns. A running server takes it into the log within seconds, else the next one
/// does.
///
/// # Errors
/// When the data directory cannot be written: then it must not be done.
pub(in crate::log) fn write_down(dir: &Path, audit: &Audit) -> Result<(), AsideError> {
    let mut audit = audit.clone();
    if !audit.who.starts_with(MACHINE) {
        audit.who.insert_str(0, MACHINE);
    }
    let event = Event::Audited(Box::new(audit));
    let event = postcard::to_stdvec(&event).map_err(failed(dir))?;
    let random = getrandom::u64().map_err(failed(dir))?;
    let write = || {
        let conn = open(dir, COMMAND_PATIENCE)?;
        // A number that no other such file has, so that what is in the log is known by it.
        conn.execute(
            "INSERT OR IGNORE INTO book VALUES(1, ?1)",
            [(random >> 11) as i64],
        )?;
        conn.execute("INSERT INTO acts(event) VALUES(?1)", params![event])
    };
    write().map(|_| ()).map_err(failed(dir))
}

/// The oldest acts that are written down, each under an id of its own; none where no command ever wrote any.
///
/// # Errors
/// When the file cannot be read, or holds an act that this program does not know.
pub(super) fn written_down(dir: &Path) -> Result<Vec<(CommandId, Audit)>, AsideError> {
    let path = dir.join(FILE);
    if !path.exists() {
        return Ok(Vec::new());
    }
    let read = || {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let conn = Connection::open_with_flags(&path, flags)?;
        conn.busy_timeout(CITY_PATIENCE)?;
        let sql =
            "SELECT book.number, acts.id, acts.event FROM acts, book ORDER BY acts.id LIMIT ?1";
        let mut statement = conn.prepare(sql)?;
        let rows = statement.query_map([TAKEN_MAX], |r| {
            let id = CommandId(r.get::<_, i64>(0)? as u64, r.get::<_, i64>(1)? as u64);
            Ok((id, r.get::<_, Vec<u8>>(2)?))
        })?;
        rows.collect::<rusqlite::Result<Vec<_>>>()
    };
    let mut acts = Vec::new();
    for (id, event) in read().map_err(failed(dir))? {
        match postcard::from_bytes(&event) {
            Ok(Event::Audited(audit)) if audit.who.starts_with(MACHINE) => acts.push((id, *audit)),
            _ => {
                let words = format!("act {} is of no form that this program knows", id.1);
                return Err(failed(dir)(words));
            }
        }
    }
    Ok(acts)
}

/// These acts are in the log: they go.
///
/// # Errors
/// When the file cannot be written.
pub(super) fn taken(dir: &Path, ids: &[CommandId]) -> Result<(), AsideError> {
    let remove = || {
        let mut conn = open(dir, CITY_PATIENCE)?;
        let all = conn.transaction()?;
        for id in ids {
            let sql = "DELETE FROM acts WHERE id=?2 AND (SELECT number FROM book)=?1";
            all.execute(sql, [id.0 as i64, id.1 as i64])?;
        }
        all.commit()
    };
    remove().map_err(failed(dir))
}

#[cfg(test)]
mod tests {
    use super::*;
    use chengtu_engine::audit::AuditAct;
    use chengtu_engine::time::Timestamp;

    fn act(who: &str, what: &str) -> Audit {
        Audit {
            who: who.to_owned(),
            from: String::new(),
            at: Timestamp(5),
            act: AuditAct::AccountChanged {
                account: "li".to_owned(),
                what: what.to_owned(),
            },
        }
    }

    #[test]
    fn what_is_written_down_waits_in_order_under_ids_of_its_own_until_it_is_taken() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(written_down(dir.path()).unwrap(), []);
        for what in ["added", "reset", "disabled"] {
            write_down(dir.path(), &act("machine:root", what)).unwrap();
        }
        write_down(dir.path(), &act("user:boss", "forged")).unwrap();
        let found = written_down(dir.path()).unwrap();
        let acts: Vec<&Audit> = found.iter().map(|f| &f.1).collect();
        let of_machine = |what| act("machine:root", what);
        let forged = act("machine:user:boss", "forged");
        assert_eq!(
            acts,
            [
                &of_machine("added"),
                &of_machine("reset"),
                &of_machine("disabled"),
                &forged
            ]
        );
        taken(dir.path(), &[found[0].0, found[1].0]).unwrap();
        let left = written_down(dir.path()).unwrap();
        assert_eq!(left, found[2..]);
        // Another file's ids are others, and numbers are never given twice.
        taken(dir.path(), &[CommandId(found[2].0.0 + 1, found[2].0.1)]).unwrap();
        assert_eq!(written_down(dir.path()).unwrap().len(), 2);
        taken(dir.path(), &[left[0].0, left[1].0]).unwrap();
        write_down(dir.path(), &act("machine:root", "added")).unwrap();
        let again = written_down(dir.path()).unwrap();
        assert!(again.len() == 1 && again[0].0.1 > left[1].0.1);
    }

    #[test]
    fn what_is_of_no_known_form_is_told_and_a_directory_that_cannot_be_written_refuses() {
        let dir = tempfile::tempdir().unwrap();
        write_down(dir.path(), &act("machine:root", "added")).unwrap();
        let conn = Connection::open(dir.path().join(FILE)).unwrap();
        conn.execute("UPDATE acts SET event=x'00'", []).unwrap();
        let error = written_down(dir.path()).unwrap_err().to_string();
        assert!(
            error.contains("audit.sqlite") && error.contains("act 1"),
            "{error}"
        );
        let nowhere = dir.path().join("none");
        assert!(write_down(&nowhere, &act("machine:root", "added")).is_err());
    }
}
