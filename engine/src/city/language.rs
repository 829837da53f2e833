use serde::{Deserialize, Serialize};

/// The language that a city's data is written in: descriptions, addresses, call signs, names of people.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// Chinese.
    #[default]
    Zh,
    /// English, and whatever else is written in another script: its streets keep their names, the words around them
    /// are English.
    En,
}

impl Language {
    /// As `city.toml` writes it; whatever is not Chinese is English.
    pub fn of_code(code: &str) -> Self {
        if code == "zh" { Self::Zh } else { Self::En }
    }

    /// As `city.toml` writes it.
    pub fn code(self) -> &'static str {
        self.of("zh", "en")
    }

    /// The one of two that is in this language.
    pub fn of<T>(self, zh: T, en: T) -> T {
        match self {
            Self::Zh => zh,
            Self::En => en,
        }
    }
}
