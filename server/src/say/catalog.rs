//! Sentences with gaps in them, and the same in Chinese.

use serde::Deserialize;
use std::sync::OnceLock;

const SHIPPED: &str = include_str!("../../../assets/locales/commands.toml");
/// A sentence within a sentence within a sentence is enough: an error, its cause, and what the system says.
const DEPTH_MAX: usize = 5;

/// One sentence as the catalogue's file has it; what stands in braces may be anything.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Sentence {
    pub en: String,
    pub zh: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    said: Vec<Sentence>,
}

/// A part of a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// What stands there.
    Text(String),
    /// Name of what may be anything.
    Gap(String),
}

/// A sentence's parts.
pub(super) fn parts(sentence: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut rest = sentence;
    while let Some((text, more)) = rest.split_once('{') {
        let Some((gap, after)) = more.split_once('}') else {
            break;
        };
        if !text.is_empty() {
            parts.push(Part::Text(text.to_owned()));
        }
        parts.push(Part::Gap(gap.to_owned()));
        rest = after;
    }
    if !rest.is_empty() {
        parts.push(Part::Text(rest.to_owned()));
    }
    parts
}

struct Pattern {
    en: Vec<Part>,
    zh: Vec<Part>,
    /// Bytes that are no gap: of several that fit, the one that says most is meant.
    weight: usize,
}

/// All sentences.
pub(super) struct Catalog {
    patterns: Vec<Pattern>,
}

impl Catalog {
    /// The sentences of the program.
    pub fn shipped() -> &'static Self {
        static CATALOG: OnceLock<Catalog> = OnceLock::new();
        CATALOG.get_or_init(|| Self::of(&sentences(SHIPPED)))
    }

    fn of(sentences: &[Sentence]) -> Self {
        let mut patterns: Vec<Pattern> = sentences
            .iter()
            .map(|s| {
                let en = parts(&s.en);
                let text = |p: &Part| match p {
                    Part::Text(t) => t.len(),
                    Part::Gap(_) => 0,
                };
                Pattern {
                    weight: en.iter().map(text).sum(),
                    en,
                    zh: parts(&s.zh),
                }
            })
            .collect();
        patterns.sort_by_key(|p| core::cmp::Reverse(p.weight));
        Self { patterns }
    }

    /// A text in Chinese, line by line; what is not known stays as it is.
    pub fn in_chinese(&self, text: &str) -> String {
        let lines: Vec<String> = text.split('\n').map(|l| self.said(l, 0)).collect();
        lines.join("\n")
    }

    fn said(&self, text: &str, depth: usize) -> String {
        if depth == DEPTH_MAX || text.is_empty() {
            return text.to_owned();
        }
        let found = self
            .patterns
            .iter()
            .find_map(|p| Some((p, filled(&p.en, text)?)));
        let Some((pattern, gaps)) = found else {
            return text.to_owned();
        };
        let part = |p: &Part| match p {
            Part::Text(t) => t.clone(),
            Part::Gap(name) => gaps
                .iter()
                .find(|(gap, _)| gap == name)
                .map_or(String::new(), |(_, value)| self.said(value, depth + 1)),
        };
        pattern.zh.iter().map(part).collect()
    }
}

/// What stands in the gaps of a sentence, where a text is that sentence.
fn filled<'p, 't>(parts: &'p [Part], text: &'t str) -> Option<Vec<(&'p str, &'t str)>> {
    let Some((part, more)) = parts.split_first() else {
        return text.is_empty().then(Vec::new);
    };
    match part {
        Part::Text(t) => filled(more, text.strip_prefix(t.as_str())?),
        Part::Gap(name) => {
            let Some(Part::Text(next)) = more.first() else {
                return more.is_empty().then(|| vec![(name.as_str(), text)]);
            };
            text.match_indices(next.as_str()).find_map(|(at, _)| {
                let mut rest = filled(more, &text[at..])?;
                rest.push((name.as_str(), &text[..at]));
                Some(rest)
            })
        }
    }
}

/// The sentences of a catalogue's file.
pub(super) fn sentences(file: &str) -> Vec<Sentence> {
    toml::from_str::<File>(file).map_or_else(|_| Vec::new(), |f| f.said)
}

/// The file that ships.
#[cfg(test)]
pub(super) fn shipped() -> Vec<Sentence> {
    sentences(SHIPPED)
}
