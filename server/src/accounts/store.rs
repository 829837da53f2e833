//! What is kept of accounts: read and changed by the server and by the command line.

use super::names::{check_area, check_display_name, check_log_in_name, folded};
use super::outbox::note;
use super::secret::{self, SecretHash};
use super::{Account, AccountError, Kind, schema};
use chengtu_engine::time::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Name of the file in the data directory.
pub const FILE: &str = "accounts.sqlite";

/// The accounts of a data directory.
#[derive(Debug)]
pub struct Store {
    path: PathBuf,
    conn: Mutex<Connection>,
}

/// An account that is to be made.
#[derive(Clone, Debug, Default)]
pub struct NewAccount {
    /// Who it is; `None`: made of the name.
    pub id: Option<String>,
    /// What is typed to log in.
    pub name: String,
    /// What others are shown; empty: the name.
    pub display: String,
    /// Words of the table of roles; of people alone.
    pub roles: Vec<String>,
    /// Key of a department.
    pub department: String,
    /// Prefixes of grid codes.
    pub areas: Vec<String>,
    /// Of a feed its name, of a terminal its call sign or `*`.
    pub speaks_for: String,
    /// Of a feed: its reference system.
    pub crs: String,
    /// Permissions beside its roles.
    pub exceptions: Vec<(String, bool)>,
    /// The password must be changed before it opens anything.
    pub must_change: bool,
}

const COLUMNS: &str = "id, name, display, kind, roles, department, areas, speaks_for, crs, exceptions, disabled, must_change, created_at, changed_at";

fn words(text: &str) -> Vec<String> {
    text.split(' ')
        .filter(|w| !w.is_empty())
        .map(str::to_owned)
        .collect()
}

fn read(row: &Row<'_>) -> rusqlite::Result<Account> {
    let kind: String = row.get(3)?;
    let (roles, areas): (String, String) = (row.get(4)?, row.get(6)?);
    let exceptions: String = row.get(9)?;
    let exception = |w: String| {
        let name = w.trim_start_matches(['+', '-']).to_owned();
        (name, w.starts_with('+'))
    };
    Ok(Account {
        id: row.get(0)?,
        name: row.get(1)?,
        display: row.get(2)?,
        // A word that is not known opens least.
        kind: kind.parse().unwrap_or(Kind::Feed),
        roles: words(&roles),
        department: row.get(5)?,
        areas: words(&areas),
        speaks_for: row.get(7)?,
        crs: row.get(8)?,
        exceptions: words(&exceptions).into_iter().map(exception).collect(),
        disabled: row.get(10)?,
        must_change: row.get(11)?,
        created_at: Timestamp(row.get(12)?),
        changed_at: Timestamp(row.get(13)?),
    })
}

impl Store {
    /// Opens the accounts of a data directory; makes both where they are not there.
    ///
    /// # Errors
    /// [`AccountError`] names the file.
    pub fn open(data: &Path) -> Result<Self, AccountError> {
        let path = data.join(FILE);
        let conn = Mutex::new(schema::open(&path)?);
        Ok(Self { path, conn })
    }

    fn lock(&self) -> MutexGuard<'_, Connection> {
        self.conn.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does something with the file.
    pub(super) fn with<T>(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, AccountError> {
        work(&self.lock()).map_err(|source| AccountError::Database {
            path: self.path.clone(),
            source,
        })
    }

    /// Does something as a whole or not at all, and before anybody else.
    pub(super) fn change<T>(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, AccountError> {
        self.with(|conn| {
            conn.execute_batch("BEGIN IMMEDIATE")?;
            let done = work(conn).and_then(|t| conn.execute_batch("COMMIT").map(|()| t));
            if done.is_err() {
                let _ = conn.execute_batch("ROLLBACK");
            }
            done
        })
    }

    /// A number that is another one whenever somebody else has changed the file.
    pub(super) fn version(&self) -> Result<i64, AccountError> {
        self.with(|conn| conn.pragma_query_value(None, "data_version", |r| r.get(0)))
    }

    /// Every account, by name.
    ///
    /// # Errors
    /// [`AccountError::Database`].
    pub fn accounts(&self) -> Result<Vec<Account>, AccountError> {
        self.with(|conn| {
            let sql = format!("SELECT {COLUMNS} FROM accounts ORDER BY folded");
            let mut rows = conn.prepare_cached(&sql)?;
            rows.query_map([], read)?.collect()
        })
    }

    /// The account of a log-in name.
    ///
    /// # Errors
    /// [`AccountError::NoAccount`], [`AccountError::Database`].
    pub fn named(&self, name: &str) -> Result<Account, AccountError> {
        let found = self.with(|conn| {
            let sql = format!("SELECT {COLUMNS} FROM accounts WHERE folded = ?1");
            conn.query_row(&sql, [folded(name)], read).optional()
        })?;
        found.ok_or_else(|| AccountError::NoAccount(name.to_owned()))
    }

    /// Makes an account that opens nothing yet.
    ///
    /// # Errors
    /// Names and areas that cannot be, or a name that is taken; nothing was made.
    pub fn add(
        &self,
        kind: Kind,
        new: NewAccount,
        by: &str,
        now: Timestamp,
    ) -> Result<Account, AccountError> {
        let name = check_log_in_name(&new.name)?;
        let display = match new.display.trim() {
            "" => name.clone(),
            given => check_display_name(given)?,
        };
        new.areas.iter().try_for_each(|a| check_area(a))?;
        let id = match new.id {
            Some(id) => id,
            None => self.free_id(kind, &name, &new.speaks_for)?,
        };
        let account = Account {
            id,
            name,
            display,
            kind,
            roles: new.roles,
            department: new.department.trim().to_owned(),
            areas: new.areas,
            speaks_for: new.speaks_for,
            crs: new.crs,
            exceptions: new.exceptions,
            disabled: false,
            must_change: new.must_change,
            created_at: now,
            changed_at: now,
        };
        let added = self.change(|conn| {
            let key = folded(&account.name);
            let taken = "SELECT count(*) FROM accounts WHERE folded = ?1 OR id = ?2";
            let taken: i64 = conn.query_row(taken, params![key, account.id], |r| r.get(0))?;
            if taken > 0 {
                return Ok(false);
            }
            insert(conn, &account, &key)?;
            note(conn, now, by, &told("added", &account))?;
            Ok(true)
        })?;
        if added {
            Ok(account)
        } else {
            Err(AccountError::NameTaken(account.name))
        }
    }

    /// An id that nobody has had: what a service speaks for, or a person's first log-in name.
    fn free_id(&self, kind: Kind, name: &str, speaks_for: &str) -> Result<String, AccountError> {
        let plain = match kind {
            Kind::Person => super::person_id(name),
            Kind::Feed => format!("feed:{speaks_for}"),
            Kind::Terminal => format!("unit:{speaks_for}"),
        };
        let had = self.with(|conn| {
            let sql = "SELECT count(*) FROM accounts WHERE id = ?1";
            conn.query_row(sql, [&plain], |r| r.get::<_, i64>(0))
        })?;
        if had == 0 {
            return Ok(plain);
        }
        Ok(format!("{plain}/{}", secret::handle()?))
    }

    /// Writes an account as it is now; its sessions go on or end as the server finds.
    ///
    /// # Errors
    /// As [`Self::add`].
    pub fn set(
        &self,
        account: &Account,
        did: &str,
        by: &str,
        now: Timestamp,
    ) -> Result<(), AccountError> {
        let name = check_log_in_name(&account.name)?;
        let display = check_display_name(&account.display)?;
        account.areas.iter().try_for_each(|a| check_area(a))?;
        let account = Account {
            name,
            display,
            changed_at: now,
            ..account.clone()
        };
        let set = self.change(|conn| {
            let key = folded(&account.name);
            let taken = "SELECT count(*) FROM accounts WHERE folded = ?1 AND id <> ?2";
            let taken: i64 = conn.query_row(taken, params![key, account.id], |r| r.get(0))?;
            if taken > 0 {
                return Ok(false);
            }
            update(conn, &account, &key)?;
            if account.disabled {
                conn.execute("DELETE FROM sessions WHERE account = ?1", [&account.id])?;
            }
            note(conn, now, by, &told(did, &account))?;
            Ok(true)
        })?;
        if set {
            Ok(())
        } else {
            Err(AccountError::NameTaken(account.name))
        }
    }

    /// Sets a password that was hashed; `one_time`: it must be changed before it opens anything. Every session of the account
    /// ends, and a token that it had.
    ///
    /// # Errors
    /// [`AccountError::Database`].
    pub(super) fn set_password(
        &self,
        account: &str,
        phc: &str,
        one_time: bool,
        (by, now): (&str, Timestamp),
    ) -> Result<(), AccountError> {
        self.change(|conn| {
            conn.execute(
                "INSERT OR REPLACE INTO passwords VALUES(?1, ?2, ?3)",
                params![account, phc, now.0],
            )?;
            conn.execute(
                "UPDATE accounts SET must_change = ?2, changed_at = ?3 WHERE id = ?1",
                params![account, one_time, now.0],
            )?;
            conn.execute("DELETE FROM sessions WHERE account = ?1", [account])?;
            // Of people only those have secrets whose tokens stood in a configuration.
            conn.execute("DELETE FROM secrets WHERE account = ?1", [account])?;
            let what = json!({"did": "password_set", "account": account, "one_time": one_time});
            note(conn, now, by, &what)
        })
    }

    /// The same password, hashed with other parameters; nothing else changes.
    pub(super) fn rehash(&self, account: &str, old: &str, new: &str) -> Result<(), AccountError> {
        let sql = "UPDATE passwords SET phc = ?3 WHERE account = ?1 AND phc = ?2";
        self.with(|conn| conn.execute(sql, params![account, old, new]))?;
        Ok(())
    }

    /// How an account's password is kept; `None` where it has none.
    pub(super) fn password(&self, account: &str) -> Result<Option<String>, AccountError> {
        let sql = "SELECT phc FROM passwords WHERE account = ?1";
        self.with(|conn| conn.query_row(sql, [account], |r| r.get(0)).optional())
    }

    /// Gives a service a new secret, which is shown this once; those before open nothing any more `overlap_s` seconds from
    /// now on.
    ///
    /// # Errors
    /// [`AccountError::WrongKind`] for a person; [`AccountError::Database`].
    pub fn rotate(
        &self,
        account: &Account,
        overlap_s: u32,
        by: &str,
        now: Timestamp,
    ) -> Result<String, AccountError> {
        let mark = match account.kind {
            Kind::Person => {
                return Err(AccountError::WrongKind {
                    name: account.name.clone(),
                    kind: account.kind.as_str(),
                    why: "people have passwords, set a new one with `user reset`",
                });
            }
            Kind::Feed => "ctf",
            Kind::Terminal => "ctt",
        };
        let made = secret::secret(mark)?;
        self.add_secret(account, &made, Some(overlap_s), (by, now))?;
        Ok(made)
    }

    /// Has a secret open an account; `overlap_s`: those before end so much later, `None`: they go on.
    pub(crate) fn add_secret(
        &self,
        account: &Account,
        secret: &str,
        overlap_s: Option<u32>,
        (by, now): (&str, Timestamp),
    ) -> Result<(), AccountError> {
        let hash = secret::hash(secret);
        self.change(|conn| {
            if let Some(overlap_s) = overlap_s {
                let until = now.0.saturating_add(i64::from(overlap_s) * 1_000_000);
                conn.execute(
                    "UPDATE secrets SET valid_until = ?2 WHERE account = ?1 AND (valid_until IS NULL OR valid_until > ?2)",
                    params![account.id, until],
                )?;
                conn.execute("DELETE FROM secrets WHERE valid_until < ?1", [now.0])?;
            }
            let made = conn.execute(
                "INSERT OR IGNORE INTO secrets(account, hash, valid_from, valid_until) VALUES(?1, ?2, ?3, NULL)",
                params![account.id, hash, now.0],
            )?;
            if made == 0 {
                return Ok(());
            }
            let what = json!({"did": "secret_made", "account": account.id, "overlap_s": overlap_s});
            note(conn, now, by, &what)
        })
    }

    /// Every secret: of which account, its hash, and when it opens nothing any more.
    pub(super) fn secrets(&self) -> Result<Vec<KeptSecret>, AccountError> {
        self.with(|conn| {
            let mut rows =
                conn.prepare_cached("SELECT account, hash, valid_until FROM secrets ORDER BY n")?;
            let read = rows.query_map([], |r| {
                Ok(KeptSecret {
                    account: r.get(0)?,
                    hash: r.get(1)?,
                    until: r.get::<_, Option<i64>>(2)?.map(Timestamp),
                })
            })?;
            read.collect()
        })
    }
}

/// A secret as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct KeptSecret {
    pub account: String,
    pub hash: SecretHash,
    pub until: Option<Timestamp>,
}

/// What is told of a change of an account.
fn told(did: &str, account: &Account) -> serde_json::Value {
    json!({
        "did": did,
        "account": account.id,
        "name": account.name,
        "display": account.display,
        "kind": account.kind.as_str(),
        "roles": account.roles,
        "department": account.department,
        "areas": account.areas,
        "speaks_for": account.speaks_for,
        "disabled": account.disabled,
    })
}

fn joined(exceptions: &[(String, bool)]) -> String {
    let sign = |granted: bool| if granted { '+' } else { '-' };
    let all: Vec<String> = exceptions
        .iter()
        .map(|(word, granted)| format!("{}{word}", sign(*granted)))
        .collect();
    all.join(" ")
}

fn insert(conn: &Connection, a: &Account, key: &str) -> rusqlite::Result<usize> {
    conn.execute(
        "INSERT INTO accounts VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15)",
        params![
            a.id,
            a.name,
            key,
            a.display,
            a.kind.as_str(),
            a.roles.join(" "),
            a.department,
            a.areas.join(" "),
            a.speaks_for,
            a.crs,
            joined(&a.exceptions),
            a.disabled,
            a.must_change,
            a.created_at.0,
            a.changed_at.0,
        ],
    )
}

fn update(conn: &Connection, a: &Account, key: &str) -> rusqlite::Result<usize> {
    conn.execute(
        "UPDATE accounts SET name=?2, folded=?3, display=?4, roles=?5, department=?6, areas=?7, speaks_for=?8, crs=?9,
         exceptions=?10, disabled=?11, changed_at=?12 WHERE id=?1",
        params![
            a.id,
            a.name,
            key,
            a.display,
            a.roles.join(" "),
            a.department,
            a.areas.join(" "),
            a.speaks_for,
            a.crs,
            joined(&a.exceptions),
            a.disabled,
            a.changed_at.0,
        ],
    )
}
