//! What is said of a limit, in both languages: by the map from its own words, by programs from the catalogue of commands.

use super::table::Told;
use toml::Value;

const EN: &str = include_str!("../../../assets/locales/en.toml");
const ZH: &str = include_str!("../../../assets/locales/zh.toml");
const COMMANDS: &str = include_str!("../../../assets/locales/commands.toml");

fn key(file: &str, key: &str) -> String {
    let file: Value = toml::from_str(file).expect("TOML");
    let (section, name) = key.split_once('.').expect("section.key");
    let word = file.get(section).and_then(|s| s.get(name));
    let word = word.and_then(Value::as_str);
    word.unwrap_or_else(|| panic!("no words for {key}"))
        .to_owned()
}

/// English and Chinese.
pub fn both(told: Told) -> (String, String) {
    match told {
        Told::Shown(name) => (key(EN, name), key(ZH, name)),
        Told::Said(begin) => {
            let file: Value = toml::from_str(COMMANDS).expect("TOML");
            let said = file["said"].as_array().expect("sentences");
            let text = |s: &Value, language: &str| s[language].as_str().unwrap_or("").to_owned();
            let mut found = said.iter().filter(|s| text(s, "en").starts_with(begin));
            let one = found.next();
            let one = one.unwrap_or_else(|| panic!("nobody says {begin:?}"));
            assert!(found.next().is_none(), "{begin:?} begins several sentences");
            (text(one, "en"), text(one, "zh"))
        }
    }
}
