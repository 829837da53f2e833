use super::*;
use crate::config::Config;
use crate::crs::Crs;
use chengtu_engine::permission::{Permission, Role};
use std::path::Path;

fn access(text: &str, loopback: bool) -> Access {
    Access::new(&Config::parse(text, Path::new("t")).unwrap(), loopback)
}

const TEXT: &str = "
    [[feeds]]\nname = 'a'\ntoken = 'ta'\n[[feeds]]\nname = 'b'\ntoken = 'tb'\ncrs = 'gcj02'
    [[users]]\nname = 'Li'\nrole = 'operator'\ntoken = 'op'
    [[users]]\nname = 'T'\nrole = 'unit'\ntoken = 'ts'\nunit = '*'";

#[test]
fn tokens_open_what_they_are_for_and_nothing_else() {
    let a = access(TEXT, true);
    let li = a.authenticate("op").unwrap();
    assert_eq!((li.name.as_str(), li.role()), ("Li", Role::Operator));
    let terminal = a.authenticate("ts/排水 10").unwrap();
    assert_eq!(
        (terminal.name.as_str(), terminal.role()),
        ("排水 10", Role::Unit)
    );
    let feed = a.authenticate("tb").unwrap().part;
    assert!(matches!(feed, Part::Feed(f) if f.crs == Crs::Gcj02));
    for wrong in ["ops", "o", "OP", "xx/排水 10", "unit:排水 10", "feed:a"] {
        assert_eq!(a.authenticate(wrong), Err(AccessError::Wrong), "{wrong}");
    }
    assert_eq!(a.authenticate(""), Err(AccessError::Missing));
    assert_eq!(a.feed("a", Some("ta")).unwrap().name, "a");
    assert_eq!(a.feed("a", None), Err(AccessError::Missing));
    assert_eq!(a.feed("a", Some("zz")), Err(AccessError::Wrong));
    assert_eq!(a.feed("a", Some("tb")), Err(AccessError::OtherFeed));
    assert_eq!(a.feed("c", Some("tb")), Err(AccessError::NoSuchFeed));
}

#[test]
fn an_unconfigured_server_is_open_to_its_own_machine_only() {
    let own = access("", true);
    assert_eq!(own.authenticate("").unwrap().part, Part::Operator);
    assert_eq!(
        own.authenticate("unit:排水 1").unwrap(),
        Principal::terminal("排水 1")
    );
    assert!(own.feed("anything", None).is_ok());
    let operator = own.authenticate("operator:viewer:Li").unwrap();
    assert_ne!(operator.id, own.authenticate("viewer:Li").unwrap().id);
    let world = access("", false);
    assert!(world.authenticate("").is_err() && world.feed("anything", None).is_err());
}

#[test]
fn open_never_holds_once_any_user_or_feed_is_configured_or_the_word_is_taken_back() {
    let user = "[[users]]\nname = 'Li'\nrole = 'operator'\ntoken = 'op'";
    let feed = "[[feeds]]\nname = 'a'\ntoken = 'ta'";
    for text in [user, feed, "open = false", &format!("open = true\n{user}")] {
        let a = access(text, true);
        for token in [
            "",
            "feed:a",
            "feed:b",
            "unit:x",
            "viewer:x",
            "operator:x",
            "x",
        ] {
            assert!(a.authenticate(token).is_err(), "{text}: {token:?}");
        }
        for (name, token) in [("a", None), ("b", None), ("b", Some(""))] {
            assert!(a.feed(name, token).is_err(), "{text}: {name}");
        }
    }
}

#[test]
fn guests_names_are_short_and_feeds_names_plain_on_sockets_too() {
    let own = access("", true);
    assert!(own.authenticate("feed:taxis_1.b-c").is_ok());
    let long = format!("feed:{}", "N".repeat(65));
    for token in ["feed:", "feed:a b", "feed:出租", "feed:a/b", long.as_str()] {
        assert!(own.authenticate(token).is_err(), "{token}");
    }
    assert!(
        own.authenticate(&format!("operator:{}", "长".repeat(60)))
            .is_err()
    );
    assert!(
        own.authenticate(&format!("operator:{}", "长".repeat(55)))
            .is_ok()
    );
}

#[test]
fn namesakes_are_two_people_and_stay_who_they_are() {
    let user = |name: &str, token: &str, more: &str| {
        format!("[[users]]\nname = '{name}'\nrole = 'operator'\ntoken = '{token}'\n{more}\n")
    };
    let text = user("Li", "one", "") + &user("Li", "two", "") + &user("Wang", "three", "");
    let a = access(&text, false);
    let id = |a: &Access, token: &str| a.authenticate(token).unwrap().id;
    assert_ne!(id(&a, "one"), id(&a, "two"));
    // A name of its own needs no mark: what was kept under it before stays its owner's.
    assert_eq!(id(&a, "three"), PrincipalId::user("Wang"));
    // The order of the configuration does not matter.
    let other = access(&(user("Li", "two", "") + &user("Li", "one", "")), false);
    assert_eq!(id(&a, "one"), id(&other, "one"));
    // An id set in the configuration outlives a change of token and of name.
    let mine = access(&user("Li", "one", "id = 'li.1'"), false);
    assert_eq!(id(&mine, "one"), PrincipalId::user("li.1"));
    let clash = user("Li", "one", "id = 'x'") + &user("Wang", "two", "id = 'x'");
    let error = Config::parse(&clash, Path::new("t")).unwrap_err();
    assert!(error.to_string().contains("users[1].id"), "{error}");
    // Nobody takes a name as an id that somebody else goes by.
    let taken = access(
        &(user("Li", "one", "") + &user("Wang", "two", "id = 'Li'")),
        false,
    );
    assert_ne!(id(&taken, "one"), id(&taken, "two"));
}

#[test]
fn rights_are_the_roles_unless_the_configuration_says_otherwise() {
    let user = |role: &str, more: &str| {
        let text = format!("[[users]]\nname = 'x'\nrole = '{role}'\ntoken = 't'\n{more}");
        access(&text, false).authenticate("t").unwrap().rights
    };
    assert_eq!(user("operator", ""), Role::Operator.rights());
    assert_eq!(user("viewer", ""), Role::Viewer.rights());
    let kept_out = user("operator", "may_replay = false");
    assert!(!kept_out.has(Permission::Replay) && kept_out.has(Permission::DirectDrills));
    assert!(user("viewer", "may_direct = true").has(Permission::DirectDrills));
}
