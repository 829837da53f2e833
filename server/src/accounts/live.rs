//! The accounts as a running server knows them: a copy in memory that follows the file.

use super::hashing::Hasher;
use super::lockout::Lockouts;
use super::password::Hashing;
use super::secret::{self, SecretHash};
use super::sessions::SessionRow;
use super::store::{FILE, NewAccount, Store};
use super::{Account, AccountError, Ended, Kind, Pass};
use crate::clock::SharedClock;
use crate::config::AccountsConfig;
use chengtu_engine::time::Timestamp;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How often the file is looked at for what others have changed.
pub const REFRESH_EVERY: Duration = Duration::from_millis(250);
/// How often it is written down when sessions were seen last.
const SEEN_KEPT_EVERY_S: i64 = 30;

/// The accounts of a running server.
#[derive(Debug)]
pub struct Accounts {
    data: PathBuf,
    pub(super) clock: SharedClock,
    pub(super) config: AccountsConfig,
    pub(super) hashing: Hashing,
    pub(super) hasher: Hasher,
    pub(super) lockouts: Lockouts,
    /// A password that nobody has: what is hashed for names that nobody has.
    pub(super) nobodys: String,
    store: Mutex<Option<Arc<Store>>>,
    /// Held while the file is read: an older reading must not come after a newer one.
    reading: Mutex<()>,
    copy: Mutex<Copy>,
}

/// What is known of the file.
#[derive(Debug, Default)]
struct Copy {
    version: Option<i64>,
    accounts: BTreeMap<String, Arc<Account>>,
    secrets: Vec<LiveSecret>,
    sessions: Vec<LiveSession>,
    /// Second at which it was written down last when sessions were seen.
    seen_kept_s: i64,
}

#[derive(Clone, Debug)]
struct LiveSecret {
    account: String,
    hash: SecretHash,
    /// When it opens nothing any more, as it is kept.
    until: Option<Timestamp>,
    /// Second of time that nobody sets from which on it opens nothing.
    until_s: Option<i64>,
    pass: Pass,
}

#[derive(Clone, Debug)]
struct LiveSession {
    row: Arc<SessionRow>,
    /// Second of time that nobody sets at which it began; negative where that was before this server.
    began_s: i64,
    pass: Pass,
}

/// Whose a token is.
#[derive(Clone, Debug)]
pub struct Found {
    /// The account.
    pub account: Arc<Account>,
    /// Ends when the token opens nothing any more.
    pub pass: Pass,
    /// Of a terminal that shares its secret with others: its call sign.
    pub call_sign: Option<String>,
    /// The id of the session, where it is one.
    pub session: Option<String>,
}

/// A session as its owner and administrators are shown it.
#[derive(Clone, Debug)]
pub struct SessionNow {
    /// What is kept of it.
    pub row: Arc<SessionRow>,
    /// Whose it is.
    pub account: Arc<Account>,
    /// Seconds since it was used, and until it ends if it is not used or, at the latest, in any case.
    pub idle_s: i64,
    /// Seconds until it ends at the latest.
    pub left_s: i64,
}

fn seconds_between(from: Timestamp, to: Timestamp) -> i64 {
    (to.0.saturating_sub(from.0) / 1_000_000).max(0)
}

impl Accounts {
    /// Of a data directory; the file is made only when there is something to keep.
    ///
    /// # Errors
    /// [`AccountError`] where a file is there and cannot be read, or the system gives no thread.
    pub fn open(
        data: &Path,
        config: &AccountsConfig,
        clock: SharedClock,
    ) -> Result<Self, AccountError> {
        let hashing = Hashing::of(config)?;
        let hasher = Hasher::start().map_err(|e| AccountError::Hash(e.to_string()))?;
        let nobodys = hashing.hash(&secret::one_time_password()?)?;
        let accounts = Self {
            data: data.to_owned(),
            lockouts: Lockouts::new(clock.clone()),
            clock,
            config: config.clone(),
            hashing,
            hasher,
            nobodys,
            store: Mutex::default(),
            reading: Mutex::default(),
            copy: Mutex::default(),
        };
        accounts.refresh()?;
        Ok(accounts)
    }

    fn copy(&self) -> MutexGuard<'_, Copy> {
        self.copy.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The second of time that nobody sets.
    pub(super) fn now_s(&self) -> i64 {
        i64::try_from(self.clock.elapsed().as_secs()).unwrap_or(i64::MAX)
    }

    /// The file; `None` where there is none yet.
    ///
    /// # Errors
    /// It is there and cannot be opened.
    pub fn store(&self) -> Result<Option<Arc<Store>>, AccountError> {
        let mut store = self.store.lock().unwrap_or_else(PoisonError::into_inner);
        if store.is_none() && self.data.join(FILE).exists() {
            *store = Some(Arc::new(Store::open(&self.data)?));
        }
        Ok(store.clone())
    }

    /// The file, made where there is none.
    ///
    /// # Errors
    /// It cannot be made or opened.
    pub fn store_made(&self) -> Result<Arc<Store>, AccountError> {
        let mut store = self.store.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(store) = &*store {
            return Ok(store.clone());
        }
        let made = Arc::new(Store::open(&self.data)?);
        *store = Some(made.clone());
        Ok(made)
    }

    /// True once there is any account.
    pub fn any(&self) -> bool {
        !self.copy().accounts.is_empty()
    }

    /// Every account, by id.
    pub fn all(&self) -> Vec<Arc<Account>> {
        self.copy().accounts.values().cloned().collect()
    }

    /// An account by its id.
    pub fn account(&self, id: &str) -> Option<Arc<Account>> {
        self.copy().accounts.get(id).cloned()
    }

    /// True for a feed that an account speaks for.
    pub fn has_feed(&self, name: &str) -> bool {
        let copy = self.copy();
        let mut feeds = copy.accounts.values().filter(|a| a.kind == Kind::Feed);
        feeds.any(|a| a.speaks_for == name)
    }

    /// Names of the feeds that accounts speak for.
    pub fn feeds(&self) -> Vec<String> {
        let copy = self.copy();
        let feeds = copy.accounts.values().filter(|a| a.kind == Kind::Feed);
        feeds.map(|a| a.speaks_for.clone()).collect()
    }

    /// Whose a token is; `None`: nobody's. Costs a comparison with every secret and session, whosever it is.
    ///
    /// # Errors
    /// Why it opens nothing, where it did once.
    pub fn whose(&self, token: &str) -> Result<Option<Found>, Ended> {
        let hash = secret::hash(token);
        let shared = token
            .split_once('/')
            .map(|(secret, call_sign)| (secret::hash(secret), call_sign));
        let now_s = self.now_s();
        let copy = self.copy();
        let mut found = None;
        for s in &copy.secrets {
            let Some(account) = copy.accounts.get(&s.account) else {
                continue;
            };
            let of_all = account.kind == Kind::Terminal && account.speaks_for == "*";
            let (shown, call_sign) = match (&shared, of_all) {
                (Some((hash, call_sign)), true) => (hash, Some((*call_sign).to_owned())),
                (_, false) => (&hash, None),
                (None, true) => continue,
            };
            if secret::same(shown, &s.hash) {
                let over = s.until_s.is_some_and(|until| now_s >= until);
                let why = s.pass.why().or(over.then_some(Ended::Disabled));
                found = Some((account.clone(), s.pass.clone(), why, call_sign, None));
            }
        }
        for s in &copy.sessions {
            let Some(account) = copy.accounts.get(&s.row.account) else {
                continue;
            };
            if secret::same(&hash, &s.row.hash) {
                let why = s.pass.why().or_else(|| self.expired(s, now_s));
                let id = Some(s.row.id.clone());
                found = Some((account.clone(), s.pass.clone(), why, None, id));
            }
        }
        let Some((account, pass, why, call_sign, session)) = found else {
            return Ok(None);
        };
        let disabled = account.disabled.then_some(Ended::Disabled);
        if let Some(why) = why.or(disabled) {
            return Err(why);
        }
        pass.touch(now_s);
        Ok(Some(Found {
            account,
            pass,
            call_sign,
            session,
        }))
    }

    /// A socket that was let in by a pass is in use.
    pub fn seen(&self, pass: &Pass) {
        pass.touch(self.now_s());
    }

    fn expired(&self, s: &LiveSession, now_s: i64) -> Option<Ended> {
        let (max, idle) = (self.config.session_max_s, self.config.session_idle_s);
        let over = |since: i64, most: u64| now_s.saturating_sub(since) >= most as i64;
        (over(s.began_s, max) || over(s.pass.seen_s(), idle)).then_some(Ended::Expired)
    }

    /// Sessions of an account, or all.
    pub fn sessions(&self, of: Option<&str>) -> Vec<SessionNow> {
        let now_s = self.now_s();
        let copy = self.copy();
        let theirs = copy
            .sessions
            .iter()
            .filter(|s| of.is_none_or(|id| s.row.account == id));
        let now = theirs.filter_map(|s| {
            let account = copy.accounts.get(&s.row.account)?.clone();
            let idle_s = now_s.saturating_sub(s.pass.seen_s()).max(0);
            let left_s = self.config.session_max_s as i64 - now_s.saturating_sub(s.began_s);
            Some(SessionNow {
                row: s.row.clone(),
                account,
                idle_s,
                left_s,
            })
        });
        now.collect()
    }

    /// Ends a session; false where there is none. `by`: id of an account.
    ///
    /// # Errors
    /// [`AccountError::Database`].
    pub fn end_session(&self, id: &str, by: &str) -> Result<bool, AccountError> {
        let Some(store) = self.store()? else {
            return Ok(false);
        };
        let ended = store.end_sessions(&[id], "session_ended", (by, self.clock.now()))?;
        self.reload(&store)?;
        Ok(ended > 0)
    }

    /// Follows the file, ends what has expired, and writes down now and then when sessions were seen. Blocks for as long as
    /// a small database takes.
    ///
    /// # Errors
    /// [`AccountError`]; what was known stays known.
    pub fn refresh(&self) -> Result<(), AccountError> {
        let Some(store) = self.store()? else {
            return Ok(());
        };
        let version = store.version()?;
        if self.copy().version != Some(version) {
            self.reload(&store)?;
            self.copy().version = Some(version);
        }
        self.end_expired(&store)?;
        self.keep_seen(&store)
    }

    fn end_expired(&self, store: &Store) -> Result<(), AccountError> {
        let now_s = self.now_s();
        let mut over = Vec::new();
        {
            let mut copy = self.copy();
            for s in &copy.secrets {
                if s.until_s.is_some_and(|until| now_s >= until) {
                    s.pass.end(Ended::Disabled);
                }
            }
            copy.sessions.retain(|s| {
                let expired = self.expired(s, now_s);
                if let Some(why) = expired {
                    s.pass.end(why);
                    over.push(s.row.clone());
                }
                expired.is_none()
            });
        }
        let ids: Vec<&str> = over.iter().map(|r| r.id.as_str()).collect();
        if !ids.is_empty() {
            store.end_sessions(&ids, "session_expired", ("server", self.clock.now()))?;
        }
        Ok(())
    }

    fn keep_seen(&self, store: &Store) -> Result<(), AccountError> {
        let (now_s, now) = (self.now_s(), self.clock.now());
        let seen: Vec<(String, Timestamp, i64)> = {
            let mut copy = self.copy();
            let since = copy.seen_kept_s;
            if now_s - since < SEEN_KEPT_EVERY_S {
                return Ok(());
            }
            copy.seen_kept_s = now_s;
            let used = copy.sessions.iter().filter(|s| s.pass.seen_s() >= since);
            let kept = used.map(|s| {
                let ago_us = (now_s - s.pass.seen_s()).max(0) * 1_000_000;
                let at = Timestamp(now.0.saturating_sub(ago_us));
                (s.row.id.clone(), at, now_s - s.began_s)
            });
            kept.collect()
        };
        if seen.is_empty() {
            return Ok(());
        }
        store.keep_seen(&seen)
    }

    /// Makes the administrator of a server that has no account yet; gives the name, and a password for one use.
    ///
    /// # Errors
    /// [`AccountError`] where it cannot be kept.
    pub fn first_administrator(&self) -> Result<(String, String), AccountError> {
        let store = self.store_made()?;
        let by = ("server", self.clock.now());
        let new = NewAccount {
            name: "admin".to_owned(),
            roles: vec!["administrator".to_owned()],
            must_change: true,
            ..NewAccount::default()
        };
        let account = store.add(Kind::Person, new, by.0, by.1)?;
        let password = super::log_in::reset(&store, &self.hashing, &account, by)?;
        self.reload(&store)?;
        Ok((account.name, password))
    }

    /// Knows at once what this program itself has changed by `store`.
    ///
    /// # Errors
    /// As [`Self::refresh`].
    pub fn refresh_now(&self, store: &Store) -> Result<(), AccountError> {
        self.reload(store)
    }

    /// Reads the file, and ends the passes of whoever may not be here any more.
    pub(super) fn reload(&self, store: &Store) -> Result<(), AccountError> {
        let _reading = self.reading.lock().unwrap_or_else(PoisonError::into_inner);
        let accounts: BTreeMap<String, Arc<Account>> = store
            .accounts()?
            .into_iter()
            .map(|a| (a.id.clone(), Arc::new(a)))
            .collect();
        let (secrets, sessions) = (store.secrets()?, store.sessions()?);
        let (now_s, now) = (self.now_s(), self.clock.now());
        let mut copy = self.copy();
        let before = core::mem::take(&mut copy.accounts);
        // Why a pass of an account ends; `None`: it goes on.
        let ends = |account: &str| match (before.get(account), accounts.get(account)) {
            (_, None) => Some(Ended::Disabled),
            (_, Some(new)) if new.disabled => Some(Ended::Disabled),
            (Some(old), Some(new)) if !old.stands_as(new) => Some(Ended::Changed),
            _ => None,
        };
        let old_secrets = core::mem::take(&mut copy.secrets);
        for kept in secrets {
            let old = old_secrets.iter().find(|s| s.hash == kept.hash);
            // What was found of it first holds, whatever is done to the clock.
            let same = old.filter(|o| o.until == kept.until);
            let until_s = kept.until.map(|until| now_s + seconds_between(now, until));
            let pass = next_pass(old.map(|o| &o.pass), ends(&kept.account), now_s);
            copy.secrets.push(LiveSecret {
                account: kept.account,
                hash: kept.hash,
                until: kept.until,
                until_s: same.map_or(until_s, |o| o.until_s),
                pass,
            });
        }
        for old in old_secrets {
            if !copy.secrets.iter().any(|s| s.hash == old.hash) {
                old.pass.end(Ended::Disabled);
            }
        }
        let old_sessions = core::mem::take(&mut copy.sessions);
        for row in sessions {
            let old = old_sessions.iter().find(|s| s.row.id == row.id);
            let age_s = row.age_s.max(seconds_between(row.created_at, now));
            let began_s = old.map_or(now_s - age_s, |o| o.began_s);
            let seen_s = now_s - seconds_between(row.seen_at, now);
            let seen_s = old.map_or(seen_s, |o| o.pass.seen_s());
            let pass = next_pass(old.map(|o| &o.pass), ends(&row.account), seen_s);
            let row = Arc::new(row);
            copy.sessions.push(LiveSession { row, began_s, pass });
        }
        for old in old_sessions {
            if !copy.sessions.iter().any(|s| s.row.id == old.row.id) {
                let why = ends(&old.row.account).filter(|w| *w == Ended::Disabled);
                old.pass.end(why.unwrap_or(Ended::LoggedOut));
            }
        }
        copy.accounts = accounts;
        Ok(())
    }
}

/// The pass with which a token goes on: the one before, unless that has ended.
fn next_pass(old: Option<&Pass>, ends: Option<Ended>, seen_s: i64) -> Pass {
    match (old, ends) {
        (Some(old), None) => old.clone(),
        (Some(old), Some(Ended::Disabled)) => {
            old.end(Ended::Disabled);
            // Enabled again, it opens with a pass of its own.
            Pass::new(seen_s)
        }
        (Some(old), Some(why)) => {
            old.end(why);
            Pass::new(seen_s)
        }
        (None, _) => Pass::new(seen_s),
    }
}

#[cfg(test)]
#[path = "live_tests.rs"]
pub(super) mod tests;
