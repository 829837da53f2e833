//! Sessions as they are kept: who is logged in, from where, since when.

use super::AccountError;
use super::outbox::note;
use super::secret::SecretHash;
use super::store::Store;
use chengtu_engine::time::Timestamp;
use rusqlite::params;
use serde_json::json;

/// Sessions that one account may have; the one that was seen longest ago ends for a new one.
pub(super) const SESSIONS_OF_ONE_MAX: u32 = 32;

/// A session as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionRow {
    /// What it is called by; of no use to whoever knows it.
    pub id: String,
    /// Whose it is.
    pub account: String,
    /// The hash of its token.
    pub(super) hash: SecretHash,
    /// When it began, by the clock of then.
    pub created_at: Timestamp,
    /// When it was used last, by the clock of then.
    pub seen_at: Timestamp,
    /// How long it had lasted then, seconds, by time that nobody sets.
    pub age_s: i64,
    /// From where it was begun.
    pub address: String,
    /// The program, as it calls itself.
    pub client: String,
}

impl Store {
    /// Every session.
    pub(super) fn sessions(&self) -> Result<Vec<SessionRow>, AccountError> {
        self.with(|conn| {
            let mut rows = conn.prepare_cached(
                "SELECT id, account, hash, created_at, seen_at, age_s, address, client FROM sessions ORDER BY created_at, id",
            )?;
            let read = rows.query_map([], |r| {
                Ok(SessionRow {
                    id: r.get(0)?,
                    account: r.get(1)?,
                    hash: r.get(2)?,
                    created_at: Timestamp(r.get(3)?),
                    seen_at: Timestamp(r.get(4)?),
                    age_s: r.get(5)?,
                    address: r.get(6)?,
                    client: r.get(7)?,
                })
            })?;
            read.collect()
        })
    }

    /// Keeps a session that begins; of too many of the account the ones seen longest ago end.
    pub(super) fn begin_session(&self, s: &SessionRow) -> Result<(), AccountError> {
        self.change(|conn| {
            conn.execute(
                "INSERT INTO sessions VALUES(?1,?2,?3,?4,?5,?6,?7,?8)",
                params![
                    s.id,
                    s.account,
                    s.hash,
                    s.created_at.0,
                    s.seen_at.0,
                    s.age_s,
                    s.address,
                    s.client
                ],
            )?;
            conn.execute(
                "DELETE FROM sessions WHERE account = ?1 AND id <> ?2 AND id NOT IN (
                   SELECT id FROM sessions WHERE account = ?1 ORDER BY seen_at DESC, created_at DESC LIMIT ?3)",
                params![s.account, s.id, SESSIONS_OF_ONE_MAX],
            )?;
            let what = json!({
                "did": "logged_in", "account": s.account, "session": s.id, "address": s.address, "client": s.client,
            });
            note(conn, s.created_at, &s.account, &what)
        })
    }

    /// Ends sessions; `did` says how. Gives how many there were.
    pub(super) fn end_sessions(
        &self,
        ids: &[&str],
        did: &str,
        (by, now): (&str, Timestamp),
    ) -> Result<usize, AccountError> {
        self.change(|conn| {
            let mut ended = 0;
            for id in ids {
                let gone = conn.execute("DELETE FROM sessions WHERE id = ?1", [id])?;
                if gone > 0 {
                    note(conn, now, by, &json!({"did": did, "session": id}))?;
                }
                ended += gone;
            }
            Ok(ended)
        })
    }

    /// Keeps when sessions were seen last, and how long they have lasted: id, time, seconds.
    pub(super) fn keep_seen(&self, seen: &[(String, Timestamp, i64)]) -> Result<(), AccountError> {
        self.change(|conn| {
            for (id, at, age_s) in seen {
                conn.prepare_cached("UPDATE sessions SET seen_at = ?2, age_s = ?3 WHERE id = ?1")?
                    .execute(params![id, at.0, age_s])?;
            }
            Ok(())
        })
    }

    /// Notes something that happened to nobody's session, as that a name was locked.
    pub(super) fn note_event(
        &self,
        at: Timestamp,
        by: &str,
        what: &serde_json::Value,
    ) -> Result<(), AccountError> {
        self.with(|conn| note(conn, at, by, what))
    }
}
