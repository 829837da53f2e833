use super::Rgba8;
use bevy::prelude::Resource;
use std::{collections::BTreeMap, path::Path, sync::Arc};
use toml::{Table, Value};

/// The design tokens: every colour, size, width and time of the screen, by dotted path (`unit.available`).
///
/// The shipped file is complete; a city's own file may replace any value in it by one of the same kind.
/// A key that is not in the shipped file is a mistake in the program, not in the input: the `try_` forms
/// return it as an error, the plain forms log it and answer with a colour nobody can overlook, or zero.
#[derive(Resource, Clone, Debug)]
pub struct Tokens {
    root: Arc<Table>,
    /// Which file a key was last set by, for messages; keys not in here come from the first file.
    overridden: Arc<BTreeMap<String, String>>,
    file: Arc<str>,
}

/// Why a token cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// The file cannot be read.
    #[error("{file}: cannot read the design tokens: {source}")]
    Read {
        /// The file as named by the caller.
        file: String,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The file is not TOML.
    #[error("{file}: not a valid TOML file: {source}")]
    Parse {
        /// The file as named by the caller.
        file: String,
        /// Where and what, in the parser's words.
        #[source]
        source: Box<toml::de::Error>,
    },
    /// No such key.
    #[error("{file}: there is no token `{key}`")]
    Missing {
        /// The file that should hold it.
        file: String,
        /// The dotted path asked for.
        key: String,
    },
    /// The value is of another kind than what is asked for.
    #[error("{file}: token `{key}` is {found}, expected {expected}")]
    Kind {
        /// The file that set it.
        file: String,
        /// The dotted path asked for.
        key: String,
        /// What was expected, in words.
        expected: &'static str,
        /// The value found.
        found: String,
    },
}

const SHIPPED: &str = include_str!("../../../assets/tokens.toml");
const MISSING: Rgba8 = Rgba8([255, 0, 255, 255]);

impl Tokens {
    /// The tokens the program ships with.
    ///
    /// # Errors
    /// [`TokenError::Parse`] when the file built into the program is broken.
    pub fn shipped() -> Result<Self, TokenError> {
        Self::parse(SHIPPED, "assets/tokens.toml")
    }

    /// Reads a complete token file.
    ///
    /// # Errors
    /// [`TokenError::Parse`] naming `file`.
    pub fn parse(text: &str, file: &str) -> Result<Self, TokenError> {
        Ok(Self {
            root: Arc::new(table(text, file)?),
            overridden: Arc::default(),
            file: file.into(),
        })
    }

    /// Replaces what a city's own file at `path` sets.
    ///
    /// # Errors
    /// [`TokenError`] when the file cannot be read, is not TOML, names a key that does not exist or gives it
    /// a value of another kind; nothing is replaced then.
    pub fn override_from(&self, path: &Path) -> Result<Self, TokenError> {
        let file = path.display().to_string();
        let text = std::fs::read_to_string(path).map_err(|source| TokenError::Read {
            file: file.clone(),
            source,
        })?;
        self.override_with(&text, &file)
    }

    /// Replaces what a city's own file sets; see [`Tokens::override_from`].
    ///
    /// # Errors
    /// As [`Tokens::override_from`], except reading.
    pub fn override_with(&self, text: &str, file: &str) -> Result<Self, TokenError> {
        let mut root = (*self.root).clone();
        let mut overridden = (*self.overridden).clone();
        merge(&mut root, &table(text, file)?, "", file, &mut overridden)?;
        Ok(Self {
            root: Arc::new(root),
            overridden: Arc::new(overridden),
            file: self.file.clone(),
        })
    }

    fn value(&self, key: &str) -> Result<&Value, TokenError> {
        let missing = || TokenError::Missing {
            file: self.file.to_string(),
            key: key.into(),
        };
        let mut parts = key.split('.');
        let mut value = self
            .root
            .get(parts.next().unwrap_or_default())
            .ok_or_else(missing)?;
        for part in parts {
            value = match value {
                Value::Table(t) => t.get(part),
                Value::Array(a) => part.parse::<usize>().ok().and_then(|i| a.get(i)),
                _ => None,
            }
            .ok_or_else(missing)?;
        }
        Ok(value)
    }

    fn kind(&self, key: &str, expected: &'static str, found: &Value) -> TokenError {
        let file = self
            .overridden
            .get(key)
            .map_or(&*self.file, String::as_str)
            .to_string();
        TokenError::Kind {
            file,
            key: key.into(),
            expected,
            found: found.to_string(),
        }
    }

    /// The colour at a dotted path; items of a list by their number (`ramp.density.0`).
    ///
    /// # Errors
    /// [`TokenError::Missing`] or [`TokenError::Kind`], naming key and file.
    pub fn try_color(&self, key: &str) -> Result<Rgba8, TokenError> {
        let value = self.value(key)?;
        value
            .as_str()
            .and_then(Rgba8::from_hex)
            .ok_or_else(|| self.kind(key, "a colour as \"#RRGGBB\" or \"#RRGGBBAA\"", value))
    }

    /// The number at a dotted path.
    ///
    /// # Errors
    /// As [`Tokens::try_color`].
    pub fn try_number(&self, key: &str) -> Result<f32, TokenError> {
        let value = self.value(key)?;
        number(value).ok_or_else(|| self.kind(key, "a number", value))
    }

    /// The list of numbers at a dotted path (widths by zoom, `[size, line height]` of a type level).
    ///
    /// # Errors
    /// As [`Tokens::try_color`].
    pub fn try_numbers(&self, key: &str) -> Result<Vec<f32>, TokenError> {
        let value = self.value(key)?;
        value
            .as_array()
            .and_then(|items| items.iter().map(number).collect())
            .ok_or_else(|| self.kind(key, "a list of numbers", value))
    }

    /// The list of colours at a dotted path (ramps).
    ///
    /// # Errors
    /// As [`Tokens::try_color`].
    pub fn try_colors(&self, key: &str) -> Result<Vec<Rgba8>, TokenError> {
        let value = self.value(key)?;
        value
            .as_array()
            .and_then(|items| {
                items
                    .iter()
                    .map(|v| v.as_str().and_then(Rgba8::from_hex))
                    .collect()
            })
            .ok_or_else(|| self.kind(key, "a list of colours", value))
    }

    /// The words at a dotted path.
    ///
    /// # Errors
    /// As [`Tokens::try_color`].
    pub fn try_words(&self, key: &str) -> Result<&str, TokenError> {
        let value = self.value(key)?;
        value.as_str().ok_or_else(|| self.kind(key, "text", value))
    }

    /// The colour at a dotted path; a missing one is logged and magenta.
    pub fn color(&self, key: &str) -> Rgba8 {
        self.try_color(key).unwrap_or_else(|error| {
            tracing::error!("{error}");
            MISSING
        })
    }

    /// The number at a dotted path; a missing one is logged and 0.
    pub fn number(&self, key: &str) -> f32 {
        self.try_number(key).unwrap_or_else(|error| {
            tracing::error!("{error}");
            0.0
        })
    }

    /// The list of numbers at a dotted path; a missing one is logged and empty.
    pub fn numbers(&self, key: &str) -> Vec<f32> {
        self.try_numbers(key).unwrap_or_else(|error| {
            tracing::error!("{error}");
            Vec::new()
        })
    }

    /// The list of colours at a dotted path; a missing one is logged and empty.
    pub fn colors(&self, key: &str) -> Vec<Rgba8> {
        self.try_colors(key).unwrap_or_else(|error| {
            tracing::error!("{error}");
            Vec::new()
        })
    }

    /// Size and line height, both logical pixels, of a type level (`type.desk.row`).
    pub fn text(&self, key: &str) -> [f32; 2] {
        let pair = self.numbers(key);
        [
            pair.first().copied().unwrap_or(13.0),
            pair.get(1).copied().unwrap_or(18.0),
        ]
    }

    /// A time of `[motion]` in seconds (`motion.hover` is in milliseconds).
    pub fn seconds(&self, key: &str) -> f32 {
        self.number(key) / 1000.0
    }
}

fn table(text: &str, file: &str) -> Result<Table, TokenError> {
    text.parse::<Table>().map_err(|source| TokenError::Parse {
        file: file.into(),
        source: Box::new(source),
    })
}

fn number(value: &Value) -> Option<f32> {
    match value {
        Value::Integer(v) => Some(*v as f32),
        Value::Float(v) => Some(*v as f32),
        _ => None,
    }
}

/// Writes `from` over `into`, key by key; a key must exist and keep its kind.
fn merge(
    into: &mut Table,
    from: &Table,
    path: &str,
    file: &str,
    overridden: &mut BTreeMap<String, String>,
) -> Result<(), TokenError> {
    for (name, new) in from {
        let key = if path.is_empty() {
            name.clone()
        } else {
            format!("{path}.{name}")
        };
        let Some(old) = into.get_mut(name) else {
            return Err(TokenError::Missing {
                file: file.into(),
                key,
            });
        };
        if let (Value::Table(old), Value::Table(new)) = (&mut *old, new) {
            merge(old, new, &key, file, overridden)?;
        } else if let Some(expected) = differs(old, new) {
            return Err(TokenError::Kind {
                file: file.into(),
                key,
                expected,
                found: new.to_string(),
            });
        } else {
            *old = new.clone();
            overridden.insert(key, file.into());
        }
    }
    Ok(())
}

/// What was expected, when `new` cannot replace `old`.
fn differs(old: &Value, new: &Value) -> Option<&'static str> {
    let color = |v: &Value| v.as_str().is_some_and(|s| Rgba8::from_hex(s).is_some());
    match (old, new) {
        _ if color(old) => (!color(new)).then_some("a colour as \"#RRGGBB\" or \"#RRGGBBAA\""),
        _ if number(old).is_some() => number(new).is_none().then_some("a number"),
        (Value::String(_), Value::String(_)) => None,
        (Value::String(_), _) => Some("text"),
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            a.iter().zip(b).find_map(|(a, b)| differs(a, b))
        }
        (Value::Array(_), _) => Some("a list of the same length"),
        (Value::Table(_), _) => Some("a table"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shipped_tokens_answer_by_dotted_path() {
        let t = Tokens::shipped().unwrap();
        assert_eq!(
            t.try_color("unit.available").unwrap(),
            Rgba8([0x52, 0xc0, 0x8c, 255])
        );
        assert_eq!(t.try_number("size.case_radius").unwrap(), 8.2);
        assert_eq!(t.text("type.desk.row"), [13.5, 18.0]);
        assert_eq!(
            t.try_color("ramp.density.1").unwrap(),
            Rgba8([0x6a, 0x2e, 0x16, 255])
        );
        assert_eq!(t.numbers("road.trunk.width_px").len(), 5);
        assert_eq!(t.colors("ramp.z").len(), 7);
    }

    #[test]
    fn a_wrong_key_or_kind_names_key_and_file() {
        let t = Tokens::shipped().unwrap();
        let missing = t.try_color("unit.sleeping").unwrap_err().to_string();
        assert!(
            missing.contains("unit.sleeping") && missing.contains("assets/tokens.toml"),
            "{missing}"
        );
        let kind = t.try_number("unit.available").unwrap_err().to_string();
        assert!(
            kind.contains("unit.available") && kind.contains("a number"),
            "{kind}"
        );
    }

    #[test]
    fn a_city_replaces_values_but_not_their_kind() {
        let t = Tokens::shipped().unwrap();
        let own = t
            .override_with("[ground]\nwater = \"#001122\"\n", "city.toml")
            .unwrap();
        assert_eq!(own.color("ground.water"), Rgba8([0, 0x11, 0x22, 255]));
        assert_eq!(own.color("ground.land"), t.color("ground.land"));
        for bad in [
            "[ground]\nwater = 3",
            "[ground]\nwatter = \"#001122\"",
            "ground = 1",
            "[road.trunk]\nwidth_px = [1, 2]",
        ] {
            let error = t.override_with(bad, "city.toml").unwrap_err().to_string();
            assert!(error.contains("city.toml"), "{error}");
        }
    }
}
