//! The engine may use what is listed here and nothing else: no runtime, no I/O, no window.

const ALLOWED: [&str; 6] = ["crc32c", "libm", "postcard", "serde", "thiserror", "zstd"];

#[test]
fn the_engine_depends_on_nothing_but_the_list() {
    let manifest = include_str!("../Cargo.toml");
    let section = manifest
        .split("[dependencies]")
        .nth(1)
        .expect("a dependencies section");
    let section = section.split("\n[").next().unwrap_or_default();
    let used: Vec<&str> = section
        .lines()
        .filter_map(|line| line.split(['.', '=', ' ']).next())
        .filter(|name| !name.is_empty() && !name.starts_with('#'))
        .collect();
    for name in &used {
        assert!(
            ALLOWED.contains(name),
            "engine/Cargo.toml uses {name}, which is not on the list in this test"
        );
    }
    assert!(used.contains(&"serde"), "the list was read: {used:?}");
}

/// Names of times, as a field, a local or a method's result ends.
const TIMES: [&str; 18] = [
    "time", "_at", "at", "now", "since", "from", "to", "until", "start", "end", "begin", "target",
    "due", "before", "after", "earlier", "later", "t",
];

/// True where a line adds to, subtracts from or multiplies the number in a time.
fn is_raw_arithmetic(line: &str) -> bool {
    let code = line.split("//").next().unwrap_or_default();
    let words: Vec<&str> = code.split_whitespace().collect();
    let is_time = |word: &str| {
        let word = word.trim_matches(|c: char| !c.is_alphanumeric() && c != '_');
        let Some(of) = word.strip_suffix(".0") else {
            return false;
        };
        let name = of
            .trim_end_matches("()")
            .rsplit(['.', '(', '&', '*'])
            .next();
        let name = name.unwrap_or_default();
        TIMES
            .iter()
            .any(|t| name == *t || (t.len() > 1 && name.ends_with(&format!("_{t}"))))
    };
    let is_operator = |word: &str| matches!(word, "+" | "-" | "*" | "+=" | "-=" | "*=");
    (1..words.len()).any(|i| {
        is_operator(words[i])
            && (is_time(words[i - 1]) || words.get(i + 1).is_some_and(|w| is_time(w)))
    })
}

#[test]
fn times_are_added_and_subtracted_by_their_methods_only() {
    for raw in [
        "let a = record.known_at.0 - self.from_us;",
        "places.push(Timestamp(target.0 - distance));",
        "x + self.now().0",
        "t.0 += 5;",
    ] {
        assert!(is_raw_arithmetic(raw), "{raw}");
    }
    for fine in [
        "CaseId(self.last.case.0 + 1)",
        "a.seconds_since(b) + 1.0",
        "// t.0 + 1",
    ] {
        assert!(!is_raw_arithmetic(fine), "{fine}");
    }
    let mut files = vec![std::path::PathBuf::from("src")];
    let mut read = 0;
    while let Some(path) = files.pop() {
        if path.is_dir() {
            let entries = std::fs::read_dir(&path).expect("a folder of sources");
            files.extend(entries.map(|e| e.expect("an entry").path()));
        } else if path.extension().is_some_and(|e| e == "rs") && !path.ends_with("src/time.rs") {
            let text = std::fs::read_to_string(&path).expect("a source");
            let code = text
                .split("#[cfg(test)]\nmod tests")
                .next()
                .unwrap_or_default();
            for (number, line) in (1..).zip(code.lines()) {
                let at = format!("{}:{number}: {line}", path.display());
                assert!(!is_raw_arithmetic(line), "{at}");
            }
            read += 1;
        }
    }
    assert!(read > 100, "{read} files were read");
}

/// The code of a file's `impl State` blocks.
fn state_impls(text: &str) -> Vec<&str> {
    let blocks = text.split("\nimpl State {").skip(1);
    blocks
        .map(|b| b.split("\n}\n").next().unwrap_or(b))
        .collect()
}

#[test]
fn only_the_fold_writes_a_state() {
    let planted = "use x;\nimpl State {\n    fn set(&mut self) {}\n}\nimpl Other {\n}\n";
    assert!(state_impls(planted)[0].contains("&mut self"));
    let mut blocks = 0;
    for entry in std::fs::read_dir("src/state").expect("a folder of sources") {
        let path = entry.expect("an entry").path();
        if path.is_dir() || path.ends_with("cut.rs") {
            continue;
        }
        let text = std::fs::read_to_string(&path).expect("a source");
        for block in state_impls(&text) {
            assert!(!block.contains("&mut self"), "{} writes", path.display());
            blocks += 1;
        }
    }
    assert!(blocks >= 5, "{blocks} blocks were read");
}
