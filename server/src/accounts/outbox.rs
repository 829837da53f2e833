//! What was changed about accounts and who logged in: kept until somebody takes it into the city's log.

use super::AccountError;
use super::store::Store;
use chengtu_engine::time::Timestamp;
use rusqlite::{Connection, params};

/// Changes that are kept while nobody takes them; of more the oldest go.
const CHANGES_KEPT_MAX: i64 = 100_000;

/// Something that happened to an account.
#[derive(Clone, Debug, PartialEq)]
pub struct AccountChange {
    /// Counts the changes of a file, without gaps but for those that were forgotten.
    pub n: i64,
    /// When.
    pub at: Timestamp,
    /// Who did it: the id of an account, or `command line`.
    pub by: String,
    /// What, as `{"did": "disabled", "account": "user:wang.li", …}`; never a password or a secret.
    pub what: serde_json::Value,
}

/// Notes a change, within the transaction that makes it.
pub(super) fn note(
    conn: &Connection,
    at: Timestamp,
    by: &str,
    what: &serde_json::Value,
) -> rusqlite::Result<()> {
    conn.execute(
        "INSERT INTO changes(at, by, what) VALUES(?1, ?2, ?3)",
        params![at.0, by, what.to_string()],
    )?;
    let n = conn.last_insert_rowid();
    conn.execute("DELETE FROM changes WHERE n <= ?1", [n - CHANGES_KEPT_MAX])?;
    Ok(())
}

impl Store {
    /// Hands the oldest changes, at most `max`, to `take`, and forgets them where it says that it has kept them. What was
    /// handed out and not forgotten, because the program ended between, is handed out again under its number. Gives how many
    /// there were.
    ///
    /// # Errors
    /// [`AccountError::Database`]; what `take` says in words.
    pub fn take_changes(
        &self,
        max: u32,
        take: impl FnOnce(&[AccountChange]) -> Result<(), String>,
    ) -> Result<Result<usize, String>, AccountError> {
        let changes = self.with(|conn| {
            let mut rows =
                conn.prepare_cached("SELECT n, at, by, what FROM changes ORDER BY n LIMIT ?1")?;
            let read = rows.query_map([max], |r| {
                let what: String = r.get(3)?;
                Ok(AccountChange {
                    n: r.get(0)?,
                    at: Timestamp(r.get(1)?),
                    by: r.get(2)?,
                    what: serde_json::from_str(&what).unwrap_or_default(),
                })
            })?;
            read.collect::<rusqlite::Result<Vec<_>>>()
        })?;
        let Some(last) = changes.last().map(|c| c.n) else {
            return Ok(Ok(0));
        };
        if let Err(why) = take(&changes) {
            return Ok(Err(why));
        }
        self.with(|conn| conn.execute("DELETE FROM changes WHERE n <= ?1", [last]))?;
        Ok(Ok(changes.len()))
    }
}
