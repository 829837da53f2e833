//! The page.

use super::source::{self, Constant, grouped};
use super::table::{Beyond, INNER, Limit, SECTIONS};
use super::words;
use chengtu_protocol::codes;
use chengtu_server::config::Config;
use std::collections::BTreeMap;
use std::fmt::Write;

const HEAD: &str = "<!-- Made from the code by the test `limits` of chengtu-server. Change the code and its table \
(`server/tests/limits/table.rs`), then write this page anew with `CHENGTU_BLESS=1`. -->

# Limits

Nothing that comes through a door is taken without end. For each limit: its default; what is done beyond it, with the
number that programs read ([`protocol.md`](protocol.md)) or the status of HTTP, and the words that people read; and what
counts it in `/metrics`. What has a name with a dot is set in [`server.toml`](server.example.toml); the others are fixed,
their names are those of the constants in the code. Feeds and other programs are answered in English; the Chinese is what
the map shows, and what `chengtu-server` says on a terminal in that language.
";

/// The whole page.
pub fn document() -> String {
    let constants = source::constants();
    let fields = source::fields();
    let config = toml::Value::try_from(Config::default()).expect("TOML");
    let mut out = HEAD.to_owned();
    for section in SECTIONS {
        let _ = write!(
            out,
            "\n## {}\n\n| limit | default | what it bounds | beyond it | counted by |\n|---|---|---|---|---|\n",
            section.title
        );
        for limit in section.limits {
            let (value, doc) = told(limit, &constants, &fields, &config);
            let _ = writeln!(
                out,
                "| {} | {value} | {} | {} | {} |",
                name(limit.at),
                cell(&doc),
                beyond(limit),
                counted(limit)
            );
        }
    }
    out.push_str(
        "\n## Not on this page\n\nConstants of the inside, which refuse nothing to anybody:",
    );
    for (at, why) in INNER {
        let _ = write!(out, "\n- {}: {why}", name(at));
    }
    out.push('\n');
    out
}

/// A constant's name stands first, and where it is in the code behind it.
fn name(at: &str) -> String {
    match at.split_once(' ') {
        Some((file, constant)) => format!("`{constant}`, `{file}`"),
        None => format!("`{at}`"),
    }
}

fn told(
    limit: &Limit,
    constants: &BTreeMap<String, Constant>,
    fields: &BTreeMap<String, String>,
    config: &toml::Value,
) -> (String, String) {
    if let Some(constant) = constants.get(limit.at) {
        return (constant.value.clone(), constant.doc.clone());
    }
    let (section, key) = limit.at.split_once('.').expect("section.key");
    let value = &config[section][key];
    let value = value.as_integer().map(|n| n as f64).or(value.as_float());
    let value = value.map_or_else(|| config[section][key].to_string(), grouped);
    (value, fields[limit.at].clone())
}

/// Without what only the documentation of code understands.
fn cell(doc: &str) -> String {
    let mut out = String::new();
    let mut rest = doc;
    while let Some((before, after)) = rest.split_once("[`") {
        out.push_str(before);
        let Some((inner, behind)) = after.split_once("`]") else {
            rest = after;
            break;
        };
        let last = inner.rsplit("::").next().unwrap_or(inner);
        let _ = write!(out, "`{last}`");
        rest = match behind.strip_prefix('(').and_then(|b| b.split_once(')')) {
            Some((_, b)) => b,
            None => behind,
        };
    }
    out.push_str(rest);
    out.replace('|', "\\|")
}

fn beyond(limit: &Limit) -> String {
    let all = limit.beyond.iter().map(|b| {
        let what = match b {
            Beyond::Code(code, _) => format!("**{}**", codes::number(*code)),
            Beyond::Status(status, _) => format!("HTTP **{status}**"),
            Beyond::Close(code, _) => format!("closed with **{code}**"),
            Beyond::Done(what) => return (*what).to_owned(),
        };
        b.told().map_or(what.clone(), |t| {
            let (en, zh) = words::both(t);
            format!("{what} “{}” / {}", cell(&en), cell(&zh))
        })
    });
    all.collect::<Vec<_>>().join("; ")
}

fn counted(limit: &Limit) -> String {
    let all = limit.counted.iter().map(|m| format!("`{m}`"));
    let all: Vec<String> = all.collect();
    if all.is_empty() {
        "—".to_owned()
    } else {
        all.join(", ")
    }
}
