//! What commands say on the terminal, in the reader's language.
//!
//! Errors and reports are written in English where they arise; `assets/locales/commands.toml` says each of their sentences in
//! Chinese. What it does not know is said as it is.

mod catalog;

use catalog::Catalog;
use chengtu_engine::city::Language;
use std::fmt::Display;
use std::sync::OnceLock;

/// Chosen once, by the command line.
static LANGUAGE: OnceLock<Language> = OnceLock::new();

/// The language of the terminal's reader, as the command line takes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Lang {
    /// 中文
    Zh,
    /// English
    En,
}

/// Sets the language of everything that is said from now on: `asked`, or that of the environment.
pub fn choose(asked: Option<Lang>) {
    let language = match asked {
        Some(Lang::Zh) => Language::Zh,
        Some(Lang::En) => Language::En,
        None => of_environment(|name| std::env::var(name).ok()),
    };
    let _ = LANGUAGE.set(language);
}

/// As POSIX has it: the first of these that is set decides.
fn of_environment(variable: impl Fn(&str) -> Option<String>) -> Language {
    let set = ["LC_ALL", "LC_MESSAGES", "LANG"]
        .into_iter()
        .filter_map(variable)
        .find(|v| !v.is_empty());
    match set {
        Some(locale) if locale.to_ascii_lowercase().starts_with("zh") => Language::Zh,
        _ => Language::En,
    }
}

/// A text in the reader's language.
pub fn words(text: &dyn Display) -> String {
    words_in(LANGUAGE.get().copied().unwrap_or(Language::En), text)
}

/// A text in a language.
pub fn words_in(language: Language, text: &dyn Display) -> String {
    let text = text.to_string();
    match language {
        Language::Zh => Catalog::shipped().in_chinese(&text),
        Language::En => text,
    }
}

#[cfg(test)]
mod tests;
