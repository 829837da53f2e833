//! The table of permissions in `docs/security.md` is made of the code: what each allows, which commands need it, and which of
//! the shipped roles have it.
//!
//! `CHENGTU_BLESS=1 cargo test -p chengtu-server --test security` writes it anew.

use chengtu_engine::permission::{Permission, Role};
use chengtu_server::config::Config;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/security.md");
/// What stands between these is written by this test.
const BEGIN: &str = "<!-- made from the code: begin -->\n";
const END: &str = "<!-- made from the code: end -->";

fn source(file: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../engine/src/permission");
    std::fs::read_to_string(path.join(file)).expect("the source")
}

/// A name in `snake_case`.
fn word(name: &str) -> String {
    let mut word = String::new();
    for (i, c) in name.chars().enumerate() {
        if c.is_ascii_uppercase() && i > 0 {
            word.push('_');
        }
        word.push(c.to_ascii_lowercase());
    }
    word
}

/// The names that follow a path, as `Self::`.
fn names<'a>(text: &'a str, path: &str) -> Vec<&'a str> {
    let after = text.split(path).skip(1);
    let name = |rest: &'a str| {
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric());
        &rest[..end.unwrap_or(rest.len())]
    };
    after.map(name).collect()
}

/// Commands by the name of the permission that each needs.
fn commands() -> BTreeMap<String, Vec<String>> {
    let text = source("needs.rs");
    let table = text.split("match self {").nth(1).expect("the table");
    let mut all: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut waiting = Vec::new();
    // Each arm ends with its permission, which names end before.
    for part in table.split("Self::").skip(1) {
        waiting.extend(
            names(&format!("Self::{part}"), "Self::")
                .iter()
                .map(|n| word(n)),
        );
        if let Some(permission) = names(part, "Permission::").first() {
            let of = all.entry((*permission).to_owned()).or_default();
            of.append(&mut waiting);
        }
    }
    assert!(waiting.is_empty(), "arms without a permission: {waiting:?}");
    all
}

/// What a permission allows, by its name.
fn meanings() -> BTreeMap<String, String> {
    let text = source("rights.rs");
    let kinds = text
        .split("pub enum Permission {")
        .nth(1)
        .expect("the permissions");
    let kinds = kinds.split("\n}").next().unwrap_or_default();
    let mut all = BTreeMap::new();
    let mut said = Vec::new();
    for line in kinds.lines().map(str::trim) {
        match (line.strip_prefix("/// "), line.strip_suffix(',')) {
            (Some(words), _) => said.push(words),
            (None, Some(name)) => {
                all.insert(name.to_owned(), said.join(" "));
                said.clear();
            }
            _ => {}
        }
    }
    all
}

fn table() -> String {
    let (commands, meanings) = (commands(), meanings());
    let roles = Config::default().role_table();
    let mut out =
        String::from("| permission | allows | commands | shipped roles |\n|---|---|---|---|\n");
    for permission in Permission::ALL {
        let name = format!("{permission:?}");
        let needing = commands.get(&name).map_or(String::new(), |c| c.join(", "));
        let mut having: Vec<&str> = roles
            .words()
            .filter(|w| roles.rights(w).is_some_and(|r| r.has(permission)))
            .collect();
        // What programs take part as is no role of people.
        for (role, program) in [(Role::Unit, "*terminals*"), (Role::Feed, "*feeds*")] {
            if role.rights().has(permission) {
                having.push(program);
            }
        }
        let meaning = meanings.get(&name).expect("what it allows");
        // Writing to a string cannot fail.
        let _ = writeln!(
            out,
            "| `{}` | {meaning} | {needing} | {} |",
            word(&name),
            having.join(", ")
        );
    }
    out
}

#[test]
fn the_table_of_permissions_is_what_the_code_says() {
    let page = std::fs::read_to_string(PAGE).expect("the page");
    let (before, rest) = page.split_once(BEGIN).expect("where the table begins");
    let (said, after) = rest.split_once(END).expect("where the table ends");
    let now = table();
    if said != now && std::env::var_os("CHENGTU_BLESS").is_some() {
        std::fs::write(PAGE, format!("{before}{BEGIN}{now}{END}{after}")).expect("the page");
        return;
    }
    let differs = said.lines().zip(now.lines()).find(|(a, b)| a != b);
    assert!(
        said == now,
        "docs/security.md says permissions that are no longer so: {differs:?}; write them anew with CHENGTU_BLESS=1"
    );
}

#[test]
fn every_permission_is_told_of_and_every_command_stands_with_one() {
    let (commands, meanings) = (commands(), meanings());
    assert_eq!(meanings.len(), Permission::ALL.len());
    let known: Vec<String> = Permission::ALL.iter().map(|p| format!("{p:?}")).collect();
    assert!(
        commands.keys().all(|name| known.contains(name)),
        "{commands:?}"
    );
    assert_eq!(
        commands["SendUnits"],
        ["dispatch_unit", "recall_unit", "reassign_case"]
    );
    assert_eq!(commands.values().map(Vec::len).sum::<usize>(), 25);
    assert!(meanings.values().all(|m| m.ends_with('.')), "{meanings:?}");
}

/// Every path that the page names is one of the repository, and every test one of its file.
#[test]
fn the_tests_that_the_page_names_are_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let page = std::fs::read_to_string(PAGE).expect("the page");
    let mut named = 0;
    for quoted in page.split('`').skip(1).step_by(2) {
        let Some((file, test)) = quoted.split_once(".rs ") else {
            continue;
        };
        let text = std::fs::read_to_string(root.join(format!("{file}.rs"))).expect(quoted);
        assert!(text.contains(&format!("fn {test}(")), "{quoted}");
        named += 1;
    }
    assert!(named > 10, "{named} tests are named");
}
