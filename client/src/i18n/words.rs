use crate::i18n::Lang;
use bevy::prelude::Resource;
use std::collections::BTreeMap;
use std::sync::Arc;
use toml::{Table, Value};

const ZH: &str = include_str!("../../../assets/locales/zh.toml");
const EN: &str = include_str!("../../../assets/locales/en.toml");

/// Why a table of words cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum WordsError {
    /// The table is not valid TOML.
    #[error("{file}: not a valid TOML file: {source}")]
    Parse {
        /// The table of words.
        file: &'static str,
        /// Where and what.
        #[source]
        source: Box<toml::de::Error>,
    },
    /// A value that is not text.
    #[error("{file}: `{key}` must be text")]
    NotText {
        /// The table of words.
        file: &'static str,
        /// The key with dots between its parts.
        key: String,
    },
}

/// The words of one language.
#[derive(Resource, Clone, Debug)]
pub struct Words {
    lang: Lang,
    table: Arc<BTreeMap<String, String>>,
}

impl Words {
    /// The shipped words of a language.
    ///
    /// # Errors
    /// [`WordsError`] when the table built into the program is broken; a test keeps it from being so.
    pub fn shipped(lang: Lang) -> Result<Self, WordsError> {
        let (text, file) = match lang {
            Lang::Zh => (ZH, "assets/locales/zh.toml"),
            Lang::En => (EN, "assets/locales/en.toml"),
        };
        let root = text.parse::<Table>().map_err(|source| WordsError::Parse {
            file,
            source: Box::new(source),
        })?;
        let mut table = BTreeMap::new();
        flatten(&root, "", file, &mut table)?;
        Ok(Self {
            lang,
            table: Arc::new(table),
        })
    }

    /// The language of these words.
    pub fn lang(&self) -> Lang {
        self.lang
    }

    /// True in Chinese.
    pub fn is_zh(&self) -> bool {
        self.lang == Lang::Zh
    }

    /// The words of a key. A key that is not there is a mistake in the program: it is logged and shown as it is.
    pub fn t<'a>(&'a self, key: &'a str) -> &'a str {
        self.table.get(key).map_or_else(
            || {
                tracing::error!("no words for `{key}` in {:?}", self.lang);
                key
            },
            String::as_str,
        )
    }

    /// The words of a key with `{name}` replaced by its value.
    pub fn f(&self, key: &str, values: &[(&str, &str)]) -> String {
        let mut text = self.t(key).to_string();
        for (name, value) in values {
            text = text.replace(&format!("{{{name}}}"), value);
        }
        text
    }

    /// The words of a key with `{n}` replaced by a number.
    pub fn n(&self, key: &str, n: impl ToString) -> String {
        self.f(key, &[("n", &n.to_string())])
    }

    /// What the server says in English, in the user's language; as it is where there are no words of ours for it.
    pub fn said(&self, text: &str) -> String {
        if self.is_zh() {
            return super::said::in_chinese(text);
        }
        // It stands alone here, and begins a line.
        let mut chars = text.chars();
        let first = chars.next().map(char::to_uppercase);
        first.into_iter().flatten().chain(chars).collect()
    }

    /// The one of two names that fits the language; the other where it is empty.
    pub fn name<'a>(&self, own: &'a str, english: &'a str) -> &'a str {
        if (self.is_zh() && !own.is_empty()) || english.is_empty() {
            own
        } else {
            english
        }
    }

    /// All keys, sorted.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.table.keys().map(String::as_str)
    }
}

fn flatten(
    from: &Table,
    path: &str,
    file: &'static str,
    into: &mut BTreeMap<String, String>,
) -> Result<(), WordsError> {
    for (name, value) in from {
        let key = if path.is_empty() {
            name.clone()
        } else {
            format!("{path}.{name}")
        };
        match value {
            Value::Table(table) => flatten(table, &key, file, into)?,
            Value::String(text) => {
                into.insert(key, text.clone());
            }
            _ => return Err(WordsError::NotText { file, key }),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use std::path::Path;

    fn places(text: &str) -> BTreeSet<&str> {
        text.split('{')
            .skip(1)
            .filter_map(|rest| Some(rest.split_once('}')?.0))
            .collect()
    }

    #[test]
    fn both_languages_say_everything_with_the_same_values() {
        let (zh, en) = (
            Words::shipped(Lang::Zh).unwrap(),
            Words::shipped(Lang::En).unwrap(),
        );
        let keys = |w: &Words| w.keys().map(str::to_string).collect::<BTreeSet<_>>();
        let (a, b) = (keys(&zh), keys(&en));
        assert_eq!(
            a.difference(&b).collect::<Vec<_>>(),
            Vec::<&String>::new(),
            "missing in English"
        );
        assert_eq!(
            b.difference(&a).collect::<Vec<_>>(),
            Vec::<&String>::new(),
            "missing in Chinese"
        );
        for key in zh.keys() {
            assert!(
                !zh.t(key).is_empty() && !en.t(key).is_empty(),
                "{key} is empty"
            );
            assert_eq!(places(zh.t(key)), places(en.t(key)), "values of {key}");
        }
    }

    fn sources(dir: &Path, into: &mut String) {
        for entry in std::fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                sources(&path, into);
            } else if path.extension().is_some_and(|e| e == "rs") {
                into.push_str(&std::fs::read_to_string(&path).unwrap());
            }
        }
    }

    /// Every literal key that the program asks for is there, and every key that is there is asked for.
    #[test]
    fn every_key_asked_for_exists_and_none_is_idle() {
        let words = Words::shipped(Lang::Zh).unwrap();
        let mut code = String::new();
        for dir in ["facts", "panels", "live", "wall", "input", "i18n"] {
            sources(
                &Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(dir),
                &mut code,
            );
        }
        for call in [".t(\"", ".f(\"", ".n(\""] {
            for rest in code.split(call).skip(1) {
                let key = rest.split('"').next().unwrap_or_default();
                assert!(words.table.contains_key(key), "no words for {key}");
            }
        }
        for key in words.keys() {
            assert!(code.contains(&format!("\"{key}\"")), "{key} is not used");
        }
    }

    #[test]
    fn values_take_their_places_and_names_fall_back() {
        let words = Words::shipped(Lang::En).unwrap();
        assert_eq!(words.name("排水", ""), "排水");
        assert_eq!(words.name("排水", "Drainage"), "Drainage");
        assert!(words.n("queue.hidden", 12).contains("12"));
    }
}
