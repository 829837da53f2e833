use super::*;
use crate::accounts::log_in::{choose, reset};
use crate::accounts::{LogIn, LogInError};
use crate::clock::Clock;
use std::net::IpAddr;
use std::sync::atomic::{AtomicI64, Ordering};

pub(in crate::accounts) const PASSWORD: &str = "tide lantern copper walnut";

/// A clock whose two readings are set apart.
#[derive(Debug, Default)]
pub(in crate::accounts) struct SetClock {
    pub wall_s: AtomicI64,
    pub elapsed_s: AtomicI64,
}

impl Clock for SetClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.wall_s.load(Ordering::Relaxed) * 1_000_000)
    }

    fn elapsed(&self) -> Duration {
        Duration::from_secs(self.elapsed_s.load(Ordering::Relaxed) as u64)
    }
}

impl SetClock {
    /// Both go on.
    pub fn pass(&self, s: i64) {
        self.wall_s.fetch_add(s, Ordering::Relaxed);
        self.elapsed_s.fetch_add(s, Ordering::Relaxed);
    }
}

/// Cheap hashing.
pub(in crate::accounts) fn cheap() -> AccountsConfig {
    AccountsConfig {
        argon2_memory_kib: 64,
        argon2_passes: 1,
        ..AccountsConfig::default()
    }
}

pub(in crate::accounts) struct Made {
    pub accounts: Arc<Accounts>,
    pub clock: Arc<SetClock>,
    pub dir: tempfile::TempDir,
}

/// A server whose account `li` has [`PASSWORD`].
pub(in crate::accounts) fn made() -> Made {
    let dir = tempfile::tempdir().unwrap();
    let clock = Arc::new(SetClock::default());
    clock.pass(1_700_000_000);
    let accounts = Arc::new(Accounts::open(dir.path(), &cheap(), clock.clone()).unwrap());
    assert!(!accounts.any() && !dir.path().join(FILE).exists());
    let store = accounts.store_made().unwrap();
    let new = NewAccount {
        name: "li".to_owned(),
        display: "李".to_owned(),
        roles: vec!["dispatcher".to_owned()],
        ..NewAccount::default()
    };
    let li = store.add(Kind::Person, new, "test", clock.now()).unwrap();
    let by = ("test", clock.now());
    choose(&store, &accounts.hashing, &li, PASSWORD, by).unwrap();
    accounts.refresh_now(&store).unwrap();
    Made {
        accounts,
        clock,
        dir,
    }
}

pub(in crate::accounts) fn ask(password: &str) -> LogIn {
    LogIn {
        name: "Li".to_owned(),
        password: password.to_owned(),
        address: Some(IpAddr::from([10, 0, 0, 1])),
        client: "test".to_owned(),
        ..LogIn::default()
    }
}

/// Another program on the same file, as the command line is.
fn other(made: &Made) -> Store {
    Store::open(made.dir.path()).unwrap()
}

#[tokio::test]
async fn a_disabled_account_opens_nothing_and_whoever_is_there_learns_of_it() {
    let made = made();
    let token = made.accounts.log_in(ask(PASSWORD)).await.unwrap().token;
    let found = made.accounts.whose(&token).unwrap().unwrap();
    assert_eq!(
        (found.account.name.as_str(), found.pass.why()),
        ("li", None)
    );
    let store = other(&made);
    let li = store.named("LI").unwrap();
    let disabled = Account {
        disabled: true,
        ..li.clone()
    };
    store
        .set(&disabled, "disabled", "test", made.clock.now())
        .unwrap();
    assert_eq!(found.pass.why(), None, "not looked yet");
    made.accounts.refresh().unwrap();
    assert_eq!(found.pass.why(), Some(Ended::Disabled));
    assert!(made.accounts.whose(&token).unwrap().is_none());
    let refused = made.accounts.log_in(ask(PASSWORD)).await;
    assert!(matches!(refused, Err(LogInError::Disabled)), "{refused:?}");
    // Enabled again, the old token opens nothing, and a new one does.
    store.set(&li, "enabled", "test", made.clock.now()).unwrap();
    made.accounts.refresh().unwrap();
    assert!(made.accounts.whose(&token).unwrap().is_none());
    assert!(made.accounts.log_in(ask(PASSWORD)).await.is_ok());
}

#[tokio::test]
async fn a_clock_that_is_set_during_a_session_neither_ends_nor_prolongs_it() {
    let made = made();
    let (idle, max) = (cheap().session_idle_s as i64, cheap().session_max_s as i64);
    let token = made.accounts.log_in(ask(PASSWORD)).await.unwrap().token;
    let opens = || matches!(made.accounts.whose(&token), Ok(Some(_)));
    for jump in [400 * 86_400, -900 * 86_400, 86_400] {
        made.clock.wall_s.fetch_add(jump, Ordering::Relaxed);
        made.accounts.refresh().unwrap();
        assert!(opens(), "{jump}");
    }
    // Used now and then it lasts as long as sessions may, whatever the clock shows.
    let mut lasted = 0;
    while lasted + idle - 1 < max {
        lasted += idle - 1;
        made.clock.elapsed_s.fetch_add(idle - 1, Ordering::Relaxed);
        made.clock.wall_s.fetch_sub(100, Ordering::Relaxed);
        made.accounts.refresh().unwrap();
        assert!(opens(), "after {lasted} s");
    }
    let pass = made.accounts.whose(&token).unwrap().unwrap().pass;
    made.clock
        .elapsed_s
        .fetch_add(max - lasted, Ordering::Relaxed);
    assert_eq!(made.accounts.whose(&token).err(), Some(Ended::Expired));
    made.accounts.refresh().unwrap();
    assert_eq!(pass.why(), Some(Ended::Expired));
    assert!(made.accounts.sessions(None).is_empty());

    let token = made.accounts.log_in(ask(PASSWORD)).await.unwrap().token;
    made.clock.elapsed_s.fetch_add(idle, Ordering::Relaxed);
    assert_eq!(made.accounts.whose(&token).err(), Some(Ended::Expired));
}

#[tokio::test]
async fn a_session_outlives_the_server_and_is_as_old_as_it_was() {
    let made = made();
    let max = cheap().session_max_s as i64;
    let token = made.accounts.log_in(ask(PASSWORD)).await.unwrap().token;
    for _ in 0..10 {
        made.clock.pass(max / 20);
        made.accounts.whose(&token).unwrap().unwrap();
        made.accounts.refresh().unwrap();
    }
    let again = |wall_s: i64| {
        let clock = Arc::new(SetClock::default());
        clock.wall_s.store(wall_s, Ordering::Relaxed);
        Accounts::open(made.dir.path(), &cheap(), clock).unwrap()
    };
    let now = made.clock.wall_s.load(Ordering::Relaxed);
    let next = again(now + 60);
    assert!(matches!(next.whose(&token), Ok(Some(_))));
    let left = next.sessions(None)[0].left_s;
    assert!((max / 2 - 120..=max / 2).contains(&left), "{left}");
    // A clock set back makes it no younger.
    let back = again(now - 300 * 86_400);
    let left = back.sessions(None)[0].left_s;
    assert!((max / 2 - 120..=max / 2 + 60).contains(&left), "{left}");
    // The token itself is nowhere.
    for entry in std::fs::read_dir(made.dir.path()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        let held = bytes.windows(token.len()).any(|w| w == token.as_bytes());
        assert!(!held, "the token is kept");
    }
}

#[tokio::test]
async fn secrets_are_rotated_with_an_overlap_by_time_that_nobody_sets() {
    let made = made();
    let store = other(&made);
    let new = NewAccount {
        name: "taxis".to_owned(),
        speaks_for: "taxis".to_owned(),
        crs: "gcj02".to_owned(),
        ..NewAccount::default()
    };
    let now = || made.clock.now();
    let feed = store.add(Kind::Feed, new, "test", now()).unwrap();
    let first = store.rotate(&feed, 0, "test", now()).unwrap();
    made.accounts.refresh().unwrap();
    assert_eq!(feed.id, "feed:taxis");
    let opens = |secret: &str| matches!(made.accounts.whose(secret), Ok(Some(_)));
    assert!(opens(&first));
    let second = store.rotate(&feed, 600, "test", now()).unwrap();
    made.accounts.refresh().unwrap();
    assert!(opens(&first) && opens(&second));
    let pass = made.accounts.whose(&first).unwrap().unwrap().pass;
    made.clock.wall_s.fetch_sub(86_400, Ordering::Relaxed);
    made.clock.elapsed_s.fetch_add(599, Ordering::Relaxed);
    made.accounts.refresh().unwrap();
    assert!(opens(&first));
    made.clock.elapsed_s.fetch_add(1, Ordering::Relaxed);
    assert!(!opens(&first) && opens(&second));
    made.accounts.refresh().unwrap();
    assert!(pass.why().is_some(), "a connection of the old one ends");
    // At once, where no overlap is wanted.
    made.clock.wall_s.fetch_add(86_400 + 600, Ordering::Relaxed);
    let third = store.rotate(&feed, 0, "test", now()).unwrap();
    made.accounts.refresh().unwrap();
    assert!(!opens(&second) && opens(&third));
}

#[tokio::test]
async fn what_an_account_may_is_that_of_now_and_changes_are_handed_out_once_they_are_kept() {
    let made = made();
    let token = made.accounts.log_in(ask(PASSWORD)).await.unwrap().token;
    let before = made.accounts.whose(&token).unwrap().unwrap();
    let store = other(&made);
    let li = store.named("li").unwrap();
    let moved = Account {
        areas: vec!["320102".to_owned()],
        ..li
    };
    store
        .set(&moved, "changed", "test", made.clock.now())
        .unwrap();
    made.accounts.refresh().unwrap();
    assert_eq!(before.pass.why(), Some(Ended::Changed));
    let after = made.accounts.whose(&token).unwrap().unwrap();
    assert_eq!(after.account.areas, ["320102"]);
    assert_eq!(after.pass.why(), None, "it may come again");
    let ended = made
        .accounts
        .end_session(&after.session.unwrap(), "user:li");
    assert!(ended.unwrap());
    assert_eq!(after.pass.why(), Some(Ended::LoggedOut));

    let did = |changes: &[crate::accounts::AccountChange]| -> Vec<String> {
        let word = |c: &crate::accounts::AccountChange| c.what["did"].as_str().unwrap().to_owned();
        changes.iter().map(word).collect()
    };
    let refused = store.take_changes(100, |_| Err("the log is full".to_owned()));
    assert_eq!(refused.unwrap(), Err("the log is full".to_owned()));
    let taken = store.take_changes(100, |changes| {
        let expected = [
            "added",
            "password_set",
            "logged_in",
            "changed",
            "session_ended",
        ];
        assert_eq!(did(changes), expected);
        let text = format!("{changes:?}");
        assert!(!text.contains(PASSWORD) && !text.contains("argon2") && !text.contains(&token));
        Ok(())
    });
    assert_eq!(taken.unwrap(), Ok(5));
    assert_eq!(store.take_changes(100, |_| Ok(())).unwrap(), Ok(0));
}

#[test]
fn the_first_administrator_must_change_the_password() {
    let dir = tempfile::tempdir().unwrap();
    let clock = Arc::new(SetClock::default());
    let accounts = Arc::new(Accounts::open(dir.path(), &cheap(), clock.clone()).unwrap());
    let (name, password) = accounts.first_administrator().unwrap();
    assert!(accounts.any());
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let log_in = |password: &str, new: Option<&str>| {
        let ask = LogIn {
            name: name.clone(),
            password: password.to_owned(),
            new_password: new.map(str::to_owned),
            ..LogIn::default()
        };
        runtime.block_on(accounts.log_in(ask))
    };
    let first = log_in(&password, None);
    assert!(matches!(first, Err(LogInError::MustChange)), "{first:?}");
    let same = log_in(&password, Some(&password));
    assert!(matches!(same, Err(LogInError::Weak(_))), "{same:?}");
    let weak = log_in(&password, Some("admin2026"));
    assert!(matches!(weak, Err(LogInError::Weak(_))), "{weak:?}");
    let changed = log_in(&password, Some(PASSWORD)).unwrap();
    assert!(accounts.whose(&changed.token).unwrap().is_some());
    assert!(matches!(log_in(&password, None), Err(LogInError::Wrong)));
    assert!(log_in(PASSWORD, None).is_ok());
    // Reset: what was logged in ends.
    let store = accounts.store_made().unwrap();
    let admin = store.named("admin").unwrap();
    reset(&store, &accounts.hashing, &admin, ("test", clock.now())).unwrap();
    accounts.refresh_now(&store).unwrap();
    assert!(accounts.whose(&changed.token).unwrap().is_none());
}
