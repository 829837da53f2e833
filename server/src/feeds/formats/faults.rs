//! What is wrong with a text that should be JSON, in words for people.

use serde_json::error::Category;

/// So many characters around a fault are shown.
const SHOWN_CHARS: usize = 24;

/// Why a text cannot be read, of what the reader says of it.
pub fn of_json(error: &serde_json::Error, text: &[u8]) -> String {
    if std::str::from_utf8(text).is_err() {
        return "has letters that are not UTF-8".to_owned();
    }
    let said = error.to_string();
    match error.classify() {
        // Our own words, with a place behind them that is of no use in a line; or the reader's, of another type.
        Category::Data => {
            let end = said.rfind(" at line ").unwrap_or(said.len());
            match said[..end].split_once(", expected ") {
                Some((_, meant)) => format!(
                    "has something else where {meant} belongs (near {:?})",
                    near(error, text)
                ),
                None => said[..end].to_owned(),
            }
        }
        Category::Eof => "breaks off: a bracket or a quote is not closed".to_owned(),
        Category::Io => "cannot be read any further".to_owned(),
        Category::Syntax => {
            let near = near(error, text);
            let mut words = near.split(|c: char| !c.is_alphabetic());
            if words.any(|w| ["NaN", "nan", "Infinity", "inf"].contains(&w)) {
                return format!(
                    "NaN and Infinity are no numbers in JSON (near {near:?}); leave the field out, or send null"
                );
            }
            format!("{} (near {near:?})", what(&said))
        }
    }
}

fn what(said: &str) -> &'static str {
    const WORDS: [(&str, &str); 8] = [
        ("number out of range", "has a number that is too large"),
        ("recursion limit", "is nested too deeply"),
        (
            "control character",
            "has a line break or a control character within quotes",
        ),
        ("key must be a string", "has a name without quotes"),
        ("trailing comma", "has a comma too many"),
        ("lone leading surrogate", "has half a letter written as \\u"),
        ("unexpected end of hex", "has half a letter written as \\u"),
        ("invalid number", "has a number that is none"),
    ];
    let found = WORDS.iter().find(|(begin, _)| said.starts_with(begin));
    found.map_or("is no JSON", |(_, words)| words)
}

/// What stands where the reader stopped.
fn near(error: &serde_json::Error, text: &[u8]) -> String {
    let mut lines = text.split(|b| *b == b'\n');
    let line = lines
        .nth(error.line().saturating_sub(1))
        .unwrap_or_default();
    let line = String::from_utf8_lossy(line);
    let mut begin = error.column().saturating_sub(8).min(line.len());
    while !line.is_char_boundary(begin) {
        begin -= 1;
    }
    line[begin..].chars().take(SHOWN_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> String {
        let error = serde_json::from_str::<serde_json::Value>(text).unwrap_err();
        of_json(&error, text.as_bytes())
    }

    #[test]
    fn faults_are_told_in_words_of_our_own() {
        for (text, expected) in [
            (r#"{"key":"a","lon":NaN}"#, "NaN"),
            (r#"{"key":"a","lon":-Infinity}"#, "NaN and Infinity"),
            (r#"{"key":"a","lon":1e999}"#, "too large"),
            (r#"{"key":"a","lon":118"#, "not closed"),
            (r#"{"key":"a",}"#, "comma"),
            ("{key:1}", "without quotes"),
            ("{\"key\":\"a\tb\"}", "control character"),
            (r#"{"key":"\ud800"}"#, "\\u"),
            ("{'key':1}", "without quotes"),
            ("garbage", "no JSON"),
        ] {
            let said = said(text);
            assert!(said.contains(expected), "{text}: {said}");
            assert!(
                !said.contains("line 1 column") && !said.contains("expected"),
                "{said}"
            );
        }
        let deep = "[".repeat(1_000);
        assert!(said(&deep).contains("deeply"), "{}", said(&deep));
    }
}
