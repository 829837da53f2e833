use super::*;
use crate::accounts::live::tests::{PASSWORD, ask, cheap, made};

#[tokio::test]
async fn a_name_that_nobody_has_is_answered_as_a_wrong_password() {
    let made = made();
    for (name, password) in [
        ("li", "wrong"),
        ("wang", PASSWORD),
        ("", ""),
        ("li", ""),
        ("li", &"x".repeat(10_000)),
    ] {
        let asked = LogIn {
            name: name.to_owned(),
            ..ask(password)
        };
        let answer = made.accounts.log_in(asked).await;
        assert!(
            matches!(answer, Err(LogInError::Wrong)),
            "{name}: {answer:?}"
        );
    }
}

#[tokio::test]
async fn after_a_few_wrong_passwords_even_the_right_one_waits_and_not_from_elsewhere() {
    let made = made();
    let mut wrong = 0;
    let wait = loop {
        match made.accounts.log_in(ask("wrong")).await {
            Err(LogInError::Wrong) => wrong += 1,
            Err(LogInError::Locked(wait)) => break wait,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(wrong, crate::accounts::lockout::WRONG_FREE_MAX);
    let right = made.accounts.log_in(ask(PASSWORD)).await;
    let Err(held) = right else {
        panic!("let in while it is locked");
    };
    assert_eq!(held.retry_after_s(), Some(wait.as_secs()));
    let elsewhere = LogIn {
        address: Some(IpAddr::from([10, 0, 0, 2])),
        ..ask(PASSWORD)
    };
    assert!(made.accounts.log_in(elsewhere).await.is_ok());
    made.clock.pass(wait.as_secs() as i64);
    assert!(made.accounts.log_in(ask(PASSWORD)).await.is_ok());
    // It is noted once, and with no name of nobody.
    let store = made.accounts.store().unwrap().unwrap();
    let mut locked = 0;
    let count = |changes: &[crate::accounts::AccountChange]| {
        locked = changes.iter().filter(|c| c.what["did"] == "locked").count();
        Ok(())
    };
    store.take_changes(100, count).unwrap().unwrap();
    assert_eq!(locked, 1);
}

#[tokio::test]
async fn a_password_is_hashed_anew_where_the_parameters_have_changed() {
    let made = made();
    let store = made.accounts.store().unwrap().unwrap();
    let kept = || store.password("user:li").unwrap().unwrap();
    let before = kept();
    let first = made.accounts.log_in(ask(PASSWORD)).await.unwrap();
    assert_eq!(kept(), before, "nothing has changed");
    let config = AccountsConfig {
        argon2_passes: 3,
        ..cheap()
    };
    let clock = made.clock.clone();
    let next = Arc::new(Accounts::open(made.dir.path(), &config, clock).unwrap());
    assert!(next.log_in(ask("wrong")).await.is_err());
    assert_eq!(kept(), before);
    next.log_in(ask(PASSWORD)).await.unwrap();
    assert!(kept().contains("m=64,t=3,p=1") && kept() != before);
    // Nobody is thrown out by it.
    assert!(next.whose(&first.token).unwrap().is_some());
    assert!(next.log_in(ask(PASSWORD)).await.is_ok());
}

#[tokio::test]
async fn a_new_password_ends_the_other_sessions_and_one_account_has_only_so_many() {
    let made = made();
    let old = made.accounts.log_in(ask(PASSWORD)).await.unwrap();
    let new = LogIn {
        new_password: Some("seven gulls over a quiet pier".to_owned()),
        ..ask(PASSWORD)
    };
    let now = made.accounts.log_in(new).await.unwrap();
    assert!(made.accounts.whose(&old.token).unwrap().is_none());
    assert!(made.accounts.whose(&now.token).unwrap().is_some());
    let again = ask("seven gulls over a quiet pier");
    for _ in 0..crate::accounts::sessions::SESSIONS_OF_ONE_MAX + 3 {
        made.clock.pass(1);
        made.accounts.log_in(again.clone()).await.unwrap();
    }
    let count = made.accounts.sessions(Some("user:li")).len();
    assert_eq!(count as u32, crate::accounts::sessions::SESSIONS_OF_ONE_MAX);
    assert!(
        made.accounts.whose(&now.token).unwrap().is_none(),
        "the oldest went"
    );
    assert!(made.accounts.sessions(Some("user:wang")).is_empty());
}
