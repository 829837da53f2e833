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
const WITHOUT_LETTERS: [&str; 11] = [
    "alarms.note",
    "figure.loading",
    "notice.more",
    "reason.join",
    "users.areas_hint",
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

/// Words that say nothing to an officer, and words for a thing that has another one in the glossary.
const UNSAID: [&str; 10] = [
    "p99", "p95", "z =", " z ", "想定", "剧本", "预案", "场景", "警报", "报警",
];

/// "z 8.2" and "p99" stood in an officer's panel, and a scenario had three words.
#[test]
fn no_figure_of_statistics_and_no_second_word_is_said() {
    for words in both() {
        for key in words.keys() {
            let text = format!(" {} ", words.t(key).to_lowercase());
            let said = UNSAID.iter().find(|w| text.contains(*w));
            assert_eq!(said, None, "{key}: {text:?}");
        }
    }
}

/// "道路 35.4 倍": of what, nobody could tell. And a place and what is read there were one word.
#[test]
fn a_figure_says_what_it_is_of_and_stands_apart_from_names() {
    let [zh, en] = both();
    for (words, of) in [(&zh, "直线"), (&en, "by air")] {
        for key in words.keys().filter(|k| words.t(k).contains("{times}")) {
            assert!(words.t(key).contains(of), "{key}: {}", words.t(key));
        }
        let named = |k: &&str| words.t(k).contains("{name}") || words.t(k).contains("{sensor}");
        for key in words.keys().filter(named) {
            assert!(!words.t(key).contains("}{"), "{key}: {}", words.t(key));
        }
    }
}
