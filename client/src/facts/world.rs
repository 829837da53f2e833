//! What a world is called: on frames, bars, the map and walls.

use crate::i18n::Lang;
use crate::look::Tokens;

/// The words of a world, by its name among the tokens.
pub fn world_words<'t>(tokens: &'t Tokens, name: &'t str, lang: Lang) -> &'t str {
    let key = match lang {
        Lang::Zh => "words",
        Lang::En => "words_en",
    };
    let words = tokens.try_words(&format!("world_form.{name}.{key}"));
    words.unwrap_or(name)
}

/// The name that a world's words begin with: a word in English, or one in each language.
pub fn short(words: &str) -> &str {
    let others = usize::from(!words.is_ascii());
    let mut ends = words.match_indices(' ').map(|(i, _)| i).skip(others);
    ends.next().map_or(words, |end| &words[..end])
}
