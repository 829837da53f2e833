//! `docs/limits.md` is made of the code: every limit with its default, what is answered beyond it, in which words, and what
//! counts it. A number of the configuration, or a constant that bounds something, that stands in no table here fails.
//!
//! `CHENGTU_BLESS=1 cargo test -p chengtu-server --test limits` writes the page anew.

#[path = "limits/page.rs"]
mod page;
#[path = "limits/source.rs"]
mod source;
#[path = "limits/table.rs"]
mod table;
#[path = "limits/words.rs"]
mod words;

use chengtu_server::config::Config;
use std::collections::BTreeSet;
use table::{INNER, SECTIONS};

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/limits.md");

/// Every limit of the table.
fn listed() -> impl Iterator<Item = &'static table::Limit> {
    SECTIONS.iter().flat_map(|s| s.limits)
}

#[test]
fn the_page_of_limits_is_what_the_code_says() {
    let now = page::document();
    let said = std::fs::read_to_string(PAGE).unwrap_or_default();
    if said != now && std::env::var_os("CHENGTU_BLESS").is_some() {
        std::fs::write(PAGE, now).expect("the page");
        return;
    }
    let differs = said.lines().zip(now.lines()).find(|(a, b)| a != b);
    assert!(
        said == now,
        "docs/limits.md is not what the code says: {differs:?}; write it anew with CHENGTU_BLESS=1"
    );
}

#[test]
fn every_number_of_the_configuration_stands_in_the_table() {
    let config = toml::Value::try_from(Config::default()).expect("TOML");
    let mut missing = Vec::new();
    for (section, keys) in config.as_table().expect("sections") {
        for (key, value) in keys.as_table().into_iter().flatten() {
            let name = format!("{section}.{key}");
            let is_number = value.is_integer() || value.is_float();
            if is_number && !listed().any(|l| l.at == name) {
                missing.push(name);
            }
        }
    }
    assert!(missing.is_empty(), "tell what is beyond: {missing:#?}");
}

#[test]
fn every_constant_that_bounds_something_stands_in_the_table() {
    let constants = source::constants();
    let mut missing = Vec::new();
    for at in constants.keys().filter(|at| source::bounds(at)) {
        let is_inner = INNER.iter().any(|(inner, _)| at.starts_with(inner));
        if !is_inner && !listed().any(|l| l.at == at) {
            missing.push(at.clone());
        }
    }
    assert!(
        missing.is_empty(),
        "a limit, or of the inside: {missing:#?}"
    );
}

#[test]
fn the_table_names_nothing_that_is_not_there_and_nothing_twice() {
    let constants = source::constants();
    let config = source::fields();
    let mut seen = BTreeSet::new();
    for limit in listed() {
        assert!(seen.insert(limit.at), "{} twice", limit.at);
        let known = constants.contains_key(limit.at) || config.contains_key(limit.at);
        assert!(known, "there is no {}", limit.at);
    }
    for (inner, _) in INNER {
        let any = constants.keys().any(|at| at.starts_with(inner));
        assert!(any, "there is no {inner}");
    }
}

#[test]
fn every_metric_of_the_table_is_one_that_the_server_counts() {
    let counted = source::metrics();
    for limit in listed() {
        for metric in limit.counted.iter().filter(|m| m.starts_with("chengtu_")) {
            let name = metric.split('{').next().unwrap_or_default();
            assert!(counted.contains(name), "{}: nobody counts {name}", limit.at);
        }
    }
}

#[test]
fn every_refusal_has_a_metric_and_words_in_both_languages() {
    for limit in listed() {
        for beyond in limit.beyond {
            if let Some(told) = beyond.told() {
                let (en, zh) = words::both(told);
                assert!(!en.is_empty() && !zh.is_empty(), "{}", limit.at);
                let counted = !limit.counted.is_empty();
                assert!(counted, "{}: nothing counts its refusals", limit.at);
            }
        }
    }
}

/// What the page would say of a constant, told wrong, is found.
#[test]
fn constants_are_read_as_the_compiler_reads_them() {
    let constants = source::constants();
    let value = |at: &str| constants[at].value.as_str();
    assert_eq!(value("server/src/door/accept.rs HEAD_BYTES_MAX"), "65,536");
    assert_eq!(
        value("server/src/worlds/fork/open.rs AHEAD_S_MAX"),
        "21,600"
    );
    assert_eq!(value("server/src/world/tick.rs DATA_UNTIL"), "75 ms");
    assert_eq!(value("server/src/world/durable.rs PATIENCE"), "10,000 ms");
    assert_eq!(
        value("engine/src/replay/clock.rs SPEED_RANGE"),
        "-60 … 3,600"
    );
}
