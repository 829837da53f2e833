use super::Settings;
use directories::BaseDirs;
use std::path::{Path, PathBuf};

/// Why settings cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// Reading or writing.
    #[error("{path}: the settings cannot be {verb}: {source}")]
    Io {
        /// The settings file that was meant.
        path: String,
        /// `read` or `written`.
        verb: &'static str,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// Not what this program writes.
    #[error("{path}: the settings are damaged: {source}")]
    Damaged {
        /// The settings file that was meant.
        path: String,
        /// Where and what.
        #[source]
        source: Box<toml::de::Error>,
    },
    /// Cannot be written as TOML.
    #[error("the settings cannot be put into words: {0}")]
    Encode(#[from] toml::ser::Error),
}

/// Where settings are kept: the user's configuration folder; `None` where the system names none.
pub fn config_file() -> Option<PathBuf> {
    Some(BaseDirs::new()?.config_dir().join("chengtu/settings.toml"))
}

/// Reads settings; a file that is not there is no error.
///
/// # Errors
/// [`SettingsError`] naming the file.
pub fn load(file: &Path) -> Result<Settings, SettingsError> {
    let path = || file.display().to_string();
    let text = match std::fs::read_to_string(file) {
        Ok(text) => text,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Settings::default()),
        Err(source) => {
            return Err(SettingsError::Io {
                path: path(),
                verb: "read",
                source,
            });
        }
    };
    toml::from_str(&text).map_err(|source| SettingsError::Damaged {
        path: path(),
        source: Box::new(source),
    })
}

/// Writes settings aside and renames, so that a cut leaves the old ones whole.
///
/// # Errors
/// [`SettingsError`] naming the file.
pub fn save(file: &Path, settings: &Settings) -> Result<(), SettingsError> {
    let io = |source| SettingsError::Io {
        path: file.display().to_string(),
        verb: "written",
        source,
    };
    let text = toml::to_string_pretty(settings)?;
    if let Some(dir) = file.parent() {
        std::fs::create_dir_all(dir).map_err(io)?;
    }
    let aside = file.with_extension("toml.part");
    std::fs::write(&aside, text).map_err(io)?;
    std::fs::rename(&aside, file).map_err(io)
}

#[cfg(test)]
mod tests {
    use super::super::View;
    use super::*;
    use crate::i18n::Lang;

    fn folder(name: &str) -> PathBuf {
        let dir =
            std::env::temp_dir().join(format!("chengtu-settings-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&dir);
        dir
    }

    #[test]
    fn what_is_saved_is_read_again() {
        let dir = folder("round");
        let file = dir.join("deeper/settings.toml");
        assert_eq!(load(&file).unwrap(), Settings::default());
        let mut settings = Settings::default();
        settings.set_lang(Lang::En);
        settings.layers.density = false;
        settings.text_size = Some(1.25);
        let view = View {
            lon_deg: 118.79,
            lat_deg: 32.05,
            zoom: 15.5,
            pitch_deg: 50.0,
            bearing_deg: 330.0,
        };
        settings.views.insert("南京".into(), view);
        let pin = chengtu_trust::Fingerprint::of(b"certificate");
        settings.set_pin("wss://city.example:7300", pin);
        settings.set_pin("ws://plain.example:7300", pin);
        assert_eq!(settings.pins.len(), 1);
        save(&file, &settings).unwrap();
        assert_eq!(load(&file).unwrap(), settings);
        assert_eq!(load(&file).unwrap().lang(), Some(Lang::En));
        let read = load(&file).unwrap();
        assert_eq!(read.pin_of("https://city.example:7300/"), Some(pin));
        assert_eq!(read.pin_of("wss://city.example"), None);
        std::fs::remove_dir_all(dir).unwrap();
    }

    #[test]
    fn a_damaged_file_is_told_by_name_and_an_older_one_is_filled_up() {
        let dir = folder("bad");
        std::fs::create_dir_all(&dir).unwrap();
        let file = dir.join("settings.toml");
        for bad in [
            "language = 3",
            "layers = \"all\"",
            "\u{0}\u{1}garbage",
            "[views",
        ] {
            std::fs::write(&file, bad).unwrap();
            let error = load(&file).unwrap_err().to_string();
            assert!(
                error.contains("settings.toml") && error.contains("damaged"),
                "{error}"
            );
        }
        std::fs::write(&file, "language = \"en\"\ntext_size = 900.0\n").unwrap();
        assert_eq!(load(&file).unwrap().text_size().unwrap().factor(), 2.0);
        std::fs::write(&file, "language = \"en\"\n").unwrap();
        assert_eq!(load(&file).unwrap().text_size(), None);
        assert_eq!(load(&file).unwrap().lang(), Some(Lang::En));
        std::fs::remove_dir_all(dir).unwrap();
    }
}
