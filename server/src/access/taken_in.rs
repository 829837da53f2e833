//! What a configuration lists of users and feeds, taken into the accounts of a server that has some: everybody stays who
//! they are, and their tokens open as before.

use super::directory::ids;
use super::secret::fingerprint;
use super::{PrincipalId, UNITS_FEED};
use crate::accounts::{
    Account, AccountError, Accounts, Kind, NewAccount, Store, check_display_name, log_in_name_from,
};
use crate::clock::{Clock, SystemClock};
use crate::config::{Config, UserConfig};
use chengtu_engine::permission::Role;
use chengtu_engine::time::Timestamp;
use std::collections::BTreeMap;

/// In whose name it is done.
const BY: &str = "configuration";

/// One account, and the tokens that open it.
struct Line {
    kind: Kind,
    new: NewAccount,
    tokens: Vec<String>,
}

/// Takes in what is not there yet. An account that is there stays as it is, with the secrets that it has: what was
/// rotated or disabled must not come back with the file.
///
/// # Errors
/// [`AccountError`] of the first that cannot be kept.
pub(super) fn take_in(accounts: &Accounts, config: &Config) -> Result<(), AccountError> {
    let lines = lines(config);
    if lines.is_empty() {
        return Ok(());
    }
    let store = accounts.store_made()?;
    let now = SystemClock.now();
    let mut taken = 0;
    for (id, line) in lines {
        if accounts.account(&id).is_some() {
            continue;
        }
        let account = add(&store, line.kind, &line.new, now)?;
        for token in &line.tokens {
            store.add_secret(&account, token, None, (BY, now))?;
        }
        taken += 1;
    }
    accounts.refresh_now(&store)?;
    if taken > 0 {
        tracing::warn!(
            accounts = taken,
            "users and feeds of the configuration were taken into the accounts; their tokens open as before, and their lines can leave the file"
        );
    } else {
        tracing::warn!(
            "[[users]] and [[feeds]] of the configuration are of no account any more: the accounts have them; take the lines out of the file"
        );
    }
    Ok(())
}

/// The accounts that the configuration lists, by their ids.
fn lines(config: &Config) -> BTreeMap<String, Line> {
    let mut all = BTreeMap::new();
    for (user, id) in config.users.iter().zip(ids(&config.users)) {
        let (id, line) = match user.role {
            Role::Operator | Role::Viewer => {
                (PrincipalId::user(&id).as_str().to_owned(), person(user))
            }
            Role::Unit | Role::Feed => (
                PrincipalId::unit(&user.unit).as_str().to_owned(),
                terminal(user),
            ),
        };
        put(&mut all, id, line, &user.token);
    }
    for feed in &config.feeds {
        let line = Line {
            kind: Kind::Feed,
            new: NewAccount {
                name: format!("feed-{}", feed.name),
                speaks_for: feed.name.clone(),
                crs: feed.crs.clone(),
                ..NewAccount::default()
            },
            tokens: Vec::new(),
        };
        let id = PrincipalId::feed(&feed.name).as_str().to_owned();
        put(&mut all, id, line, &feed.token);
    }
    all
}

fn put(all: &mut BTreeMap<String, Line>, id: String, line: Line, token: &str) {
    let known = all.entry(id.clone()).or_insert(line);
    known.new.id = Some(id);
    known.tokens.push(token.to_owned());
}

fn person(user: &UserConfig) -> Line {
    let said = [
        ("replay", user.may_replay),
        ("direct_drills", user.may_direct),
    ];
    let exceptions = said
        .into_iter()
        .filter_map(|(word, granted)| Some((word.to_owned(), granted?)));
    let named = if user.id.is_empty() {
        &user.name
    } else {
        &user.id
    };
    let marked = || format!("user-{}", fingerprint(&user.token));
    Line {
        kind: Kind::Person,
        new: NewAccount {
            name: log_in_name_from(named).unwrap_or_else(marked),
            // A name that could not be shown rightly is not shown.
            display: check_display_name(&user.name).unwrap_or_default(),
            roles: vec![user.role.as_str().to_owned()],
            exceptions: exceptions.collect(),
            ..NewAccount::default()
        },
        tokens: Vec::new(),
    }
}

fn terminal(user: &UserConfig) -> Line {
    let of_all = user.unit == "*";
    let named = if of_all { UNITS_FEED } else { &user.unit };
    let named = log_in_name_from(&format!("unit-{named}"));
    Line {
        kind: Kind::Terminal,
        new: NewAccount {
            name: named.unwrap_or_else(|| format!("unit-{}", fingerprint(&user.token))),
            display: check_display_name(&user.name).unwrap_or_default(),
            speaks_for: user.unit.clone(),
            ..NewAccount::default()
        },
        tokens: Vec::new(),
    }
}

/// Makes an account, under another log-in name where its own is taken.
fn add(
    store: &Store,
    kind: Kind,
    new: &NewAccount,
    now: Timestamp,
) -> Result<Account, AccountError> {
    let mut n = 2;
    let mut named = new.clone();
    loop {
        match store.add(kind, named.clone(), BY, now) {
            Err(AccountError::NameTaken(_)) if n < 10_000 => {
                named.name = format!("{}-{n}", new.name);
                n += 1;
            }
            other => return other,
        }
    }
}
