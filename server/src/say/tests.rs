use super::catalog::{Catalog, Part, parts, shipped};
use super::of_environment;
use chengtu_engine::city::Language;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

#[test]
fn the_environment_says_which_language_is_read() {
    let of = |set: &[(&str, &str)]| {
        of_environment(|name| {
            let found = set.iter().find(|(n, _)| *n == name);
            found.map(|(_, v)| (*v).to_owned())
        })
    };
    assert_eq!(of(&[("LANG", "zh_CN.UTF-8")]), Language::Zh);
    assert_eq!(of(&[("LANG", "en_GB.UTF-8")]), Language::En);
    assert_eq!(
        of(&[("LC_ALL", "C"), ("LANG", "zh_CN.UTF-8")]),
        Language::En
    );
    assert_eq!(
        of(&[("LC_ALL", ""), ("LC_MESSAGES", "zh_TW")]),
        Language::Zh
    );
    assert_eq!(of(&[]), Language::En);
}

#[test]
fn a_sentence_is_said_in_chinese_with_all_that_stands_in_it() {
    let say = |text: &str| Catalog::shipped().in_chinese(text);
    for (en, zh) in [
        (
            "a.geojson: is there already; name a new file, or give --replace",
            "a.geojson：已经存在；请换一个文件名，或加 --replace",
        ),
        (
            "out/x: cannot be written: No space left on device (os error 28)",
            "out/x：无法写入：磁盘已满（系统错误 28）",
        ),
        (
            "city: /c/city.toml: cannot be read: No such file or directory (os error 2); a city pack is made with `chengtu-server import osm FILE --out DIR`",
            "城市包：/c/city.toml：无法读取：没有这个文件或文件夹（系统错误 2）；城市包用 `chengtu-server import osm FILE --out DIR` 制作",
        ),
        ("nobody has said this", "nobody has said this"),
        ("", ""),
    ] {
        assert_eq!(say(en), zh);
    }
    assert_eq!(
        say("missing     a to b: c\nnothing"),
        "缺失        a 至 b：c\nnothing"
    );
}

fn sources() -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let crates = ["server/src", "engine/src", "trust/src"];
    let mut folders: Vec<PathBuf> = crates.map(|c| root.join(c)).to_vec();
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                found.push((path, joined(&text)));
            }
        }
    }
    found
}

/// A source whose texts are not broken into lines.
fn joined(source: &str) -> String {
    let mut out = String::with_capacity(source.len());
    let mut rest = source;
    while let Some((before, after)) = rest.split_once("\\\n") {
        out.push_str(before);
        rest = after.trim_start();
    }
    out.push_str(rest);
    out.replace("\\\"", "\"")
}

#[test]
fn every_sentence_is_one_that_the_program_says() {
    let sources = sources();
    for sentence in shipped() {
        let gaps = |text: &str| -> BTreeSet<String> {
            let gap = |p: Part| match p {
                Part::Gap(name) => Some(name),
                Part::Text(_) => None,
            };
            parts(text).into_iter().filter_map(gap).collect()
        };
        assert_eq!(gaps(&sentence.en), gaps(&sentence.zh), "{}", sentence.en);
        let texts: Vec<String> = parts(&sentence.en)
            .into_iter()
            .filter_map(|p| match p {
                Part::Text(t) => Some(t),
                Part::Gap(_) => None,
            })
            .collect();
        // What the system says stands in no source of ours.
        let said = sentence.en.contains("(os error")
            || sources
                .iter()
                .any(|(_, text)| texts.iter().all(|t| text.contains(t.as_str())));
        assert!(said, "nobody says {:?}", sentence.en);
        let chinese = |c: char| ('\u{4e00}'..='\u{9fff}').contains(&c) || c == '：';
        assert!(sentence.zh.contains(chinese), "{}", sentence.zh);
    }
}

/// Files whose errors people meet at the command line.
const AT_THE_COMMAND_LINE: [&str; 15] = [
    "accounts/error.rs",
    "export/error.rs",
    "out/error.rs",
    "import/error.rs",
    "import/cases/error.rs",
    "log/error.rs",
    "pack/mod.rs",
    "pack/classes.rs",
    "play/error.rs",
    "drill/store.rs",
    "drill/read.rs",
    "crs/mod.rs",
    "serve/mod.rs",
    "sign_on/error.rs",
    "tls/error.rs",
];

#[test]
fn every_error_of_the_command_line_is_said_in_chinese_too() {
    let mut missing = Vec::new();
    for (path, text) in sources() {
        if !AT_THE_COMMAND_LINE
            .iter()
            .any(|f| path.ends_with(Path::new("server/src").join(f)))
        {
            continue;
        }
        for part in text.split("#[error(").skip(1) {
            let Some(sentence) = part.trim_start().strip_prefix('"') else {
                continue;
            };
            let end = ["\")]", "\",", "\"\n"]
                .iter()
                .filter_map(|end| sentence.find(end))
                .min()
                .unwrap();
            // Each gap is filled with what is no sentence.
            let mut plain = String::new();
            let mut letters = false;
            for p in parts(&sentence[..end]) {
                match p {
                    Part::Text(t) => {
                        letters |= t.contains(|c: char| c.is_ascii_alphabetic());
                        plain.push_str(&t);
                    }
                    Part::Gap(_) => plain.push_str("§§"),
                }
            }
            if letters && Catalog::shipped().in_chinese(&plain) == plain {
                missing.push(plain);
            }
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
}
