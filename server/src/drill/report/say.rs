//! The report's words: both languages in a Chinese city, English alone in any other.

use chengtu_engine::city::Language;
use maud::{Markup, html};

/// Says things in the languages of a city.
#[derive(Clone, Copy, Debug)]
pub(super) struct Say(pub Language);

impl Say {
    /// Chinese and English in one line, or English alone.
    pub fn line(self, zh: &str, en: &str) -> String {
        match self.0 {
            Language::Zh => format!("{zh} {en}"),
            Language::En => en.to_owned(),
        }
    }

    /// The city's own language where one is enough.
    pub fn one<'a>(self, zh: &'a str, en: &'a str) -> &'a str {
        self.0.of(zh, en)
    }

    /// A word of the program's, its English form beside it, or English alone.
    pub fn word(self, zh: &str, en: &str) -> Markup {
        pair(self.one(zh, en), en)
    }

    /// Names one after the other.
    pub fn list(self, names: &[String]) -> String {
        names.join(self.one("、", ", "))
    }
}

/// A text in the city's own language with its English form beside it, once where they are alike.
pub(super) fn pair(own: &str, en: &str) -> Markup {
    html! {
        @if own == en || en.is_empty() { (own) } @else { (own) small { (en) } }
    }
}
