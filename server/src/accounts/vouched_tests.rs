use super::*;
use crate::accounts::live::tests::made;
use crate::accounts::{Ended, Store};

fn zhou() -> Vouched {
    Vouched {
        issuer: "https://login.example".to_owned(),
        subject: "u-17".to_owned(),
        login: "zhou".to_owned(),
        display: "周岚".to_owned(),
        roles: vec!["dispatcher".to_owned()],
        ..Vouched::default()
    }
}

fn store(accounts: &Accounts) -> Arc<Store> {
    accounts.store().unwrap().unwrap()
}

#[test]
fn an_account_is_made_at_the_first_log_in_and_is_what_the_provider_says_at_each() {
    let made = made();
    let first = made.accounts.vouch(&zhou()).unwrap();
    assert_eq!((first.name.as_str(), &*first.display), ("zhou", "周岚"));
    assert!(first.is_vouched() && !first.must_change);
    let begun = made
        .accounts
        .begin_vouched(&first.id, None, "test".to_owned());
    let begun = begun.unwrap();
    // The same again changes nothing; another role ends what was let in with the one before.
    assert_eq!(made.accounts.vouch(&zhou()).unwrap().id, first.id);
    assert!(made.accounts.whose(&begun.token).unwrap().is_some());
    let pass = made.accounts.whose(&begun.token).unwrap().unwrap().pass;
    let moved = Vouched {
        login: "zhou.lan".to_owned(),
        roles: vec!["viewer".to_owned()],
        ..zhou()
    };
    let after = made.accounts.vouch(&moved).unwrap();
    assert_eq!((after.id.as_str(), &*after.name), (&*first.id, "zhou"));
    assert_eq!(after.roles, ["viewer"]);
    assert_eq!(pass.why(), Some(Ended::Changed));
}

#[test]
fn who_somebody_is_is_issuer_and_subject_and_never_a_name() {
    let made = made();
    // A name that an account with a password has brings nobody into it.
    let named = Vouched {
        login: "li".to_owned(),
        ..zhou()
    };
    let stranger = made.accounts.vouch(&named).unwrap();
    assert_eq!(&*stranger.name, "li-2");
    assert_ne!(stranger.id, "user:li");
    let elsewhere = Vouched {
        issuer: "https://other.example".to_owned(),
        ..named.clone()
    };
    let other = made.accounts.vouch(&elsewhere).unwrap();
    assert_eq!(&*other.name, "li-3");
    // A name that could not be shown or typed is not taken.
    let odd = Vouched {
        subject: "u-18".to_owned(),
        login: "\u{202e}".to_owned(),
        display: "<b>Li</b>".to_owned(),
        ..zhou()
    };
    let odd = made.accounts.vouch(&odd).unwrap();
    assert!(odd.name.starts_with("user-sso-") && odd.display == odd.name);
}

#[tokio::test]
async fn nobody_logs_in_with_a_password_that_was_never_set() {
    let made = made();
    made.accounts.vouch(&zhou()).unwrap();
    for password in ["", "zhou"] {
        let ask = LogIn {
            name: "zhou".to_owned(),
            password: password.to_owned(),
            ..LogIn::default()
        };
        let answer = made.accounts.log_in(ask).await;
        assert!(matches!(answer, Err(LogInError::Wrong)), "{answer:?}");
    }
}

#[test]
fn what_is_disabled_here_stays_so_whatever_the_provider_says() {
    let made = made();
    let account = made.accounts.vouch(&zhou()).unwrap();
    let disabled = Account {
        disabled: true,
        ..(*account).clone()
    };
    let now = made.accounts.clock.now();
    store(&made.accounts)
        .set(&disabled, "disabled", "test", now)
        .unwrap();
    for error in [
        made.accounts.vouch(&zhou()).map(drop),
        // Also where the provider had vouched before it was disabled.
        made.accounts
            .begin_vouched(&account.id, None, String::new())
            .map(drop),
        made.accounts
            .begin_vouched("user:sso/nobody", None, String::new())
            .map(drop),
    ] {
        assert!(matches!(error, Err(LogInError::Disabled)), "{error:?}");
    }
}

#[test]
fn an_address_that_shows_many_wrong_secrets_waits_and_right_ones_do_not_count() {
    let made = made();
    let from = Some(IpAddr::from([10, 0, 0, 9]));
    for n in 0..100 {
        let shown = made.accounts.shown(&format!("right{n}"), from).unwrap();
        made.accounts.was_right(&shown);
    }
    let wrong = (0..100).take_while(|n| made.accounts.shown(&format!("w{n}"), from).is_ok());
    assert_eq!(
        wrong.count(),
        crate::accounts::lockout::ADDRESS_WRONG_FREE_MAX as usize
    );
    assert!(
        made.accounts
            .shown("x", Some(IpAddr::from([10, 0, 0, 8])))
            .is_ok()
    );
}
