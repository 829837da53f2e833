//! The words of the program keep to the glossary, and both languages are whole.

use super::{Lang, Words};

const GLOSSARY: &str = include_str!("../../../docs/words.md");

/// Chinese and English of every row.
fn rows() -> Vec<(&'static str, &'static str)> {
    let cells = |line: &'static str| -> Option<(&'static str, &'static str)> {
        let mut cells = line.strip_prefix('|')?.split('|').map(str::trim);
        Some((cells.next()?, cells.next()?))
    };
    let rows = GLOSSARY.lines().filter_map(cells);
    rows.filter(|(zh, en)| is_chinese(zh) && *en != "English")
        .collect()
}

fn is_chinese(text: &str) -> bool {
    text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c))
}

fn both() -> [Words; 2] {
    [Lang::Zh, Lang::En].map(|lang| Words::shipped(lang).expect("the shipped words"))
}

#[test]
fn one_thing_has_one_word_in_both_languages() {
    let rows = rows();
    assert!(rows.len() > 15, "{rows:?}");
    let [zh, en] = both();
    let mut wrong = Vec::new();
    for key in zh.keys() {
        for (own, english) in &rows {
            let says = en.t(key).to_lowercase();
            if zh.t(key).contains(own) && !says.contains(english) {
                wrong.push(format!(
                    "{key}: {:?} without {english:?}: {says:?}",
                    zh.t(key)
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Keys whose words are figures, signs and names alone.
const WITHOUT_LETTERS: [&str; 10] = [
    "alarms.note",
    "figure.loading",
    "notice.more",
    "reason.join",
    "wall.sensor",
    "wall.unit_status",
    "map.nearest_because",
    "welcome.dispatch",
    "welcome.help",
    "welcome.search",
];

#[test]
fn nothing_is_left_in_the_other_language() {
    let [zh, en] = both();
    for key in zh.keys() {
        if key != "keys.language" {
            assert!(!is_chinese(en.t(key)), "{key}: {}", en.t(key));
        }
        let whole = is_chinese(zh.t(key)) || WITHOUT_LETTERS.contains(&key);
        assert!(whole, "{key}: {}", zh.t(key));
    }
}

#[test]
fn english_words_inside_a_line_are_not_capitalised() {
    let [_, en] = both();
    // Names of keys, and of things that have a name.
    let names = [
        "Enter", "Esc", "English", "Ctrl", "Chengtu", "K", "D", "J", "R",
    ];
    for key in en.keys() {
        let text = en.t(key);
        let words = text.split_whitespace().collect::<Vec<_>>();
        for pair in words.windows(2) {
            let begins =
                pair[0].ends_with(['.', ':', '·', '?', '(', '–', '；']) || pair[0].starts_with('{');
            let word = pair[1].trim_matches(|c: char| !c.is_alphanumeric());
            let capital = word.chars().next().is_some_and(char::is_uppercase) && word.len() > 1;
            let shout = word.chars().all(|c| !c.is_lowercase());
            assert!(
                !capital || begins || shout || names.contains(&word),
                "{key}: {text:?} has {word:?}"
            );
        }
    }
}
