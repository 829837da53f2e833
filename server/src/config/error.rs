use std::path::PathBuf;

/// What is wrong with a configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("{path}: {source}", path = path.display())]
    Read {
        /// Path of the configuration.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: std::io::Error,
    },
    /// Not TOML, or a key that is not known.
    #[error("{path}: {text}", path = path.display())]
    Syntax {
        /// Path of the configuration.
        path: PathBuf,
        /// Line and column, and what is wrong there.
        text: String,
    },
    /// A value that cannot be.
    #[error("{path}{line}: {key} = {value}: {text}", path = path.display(), line = at(*line))]
    Value {
        /// Path of the configuration.
        path: PathBuf,
        /// Where the key stands; `None` where it is left out.
        line: Option<usize>,
        /// Key with its section, as `limits.requests_max`.
        key: String,
        /// The value in the file.
        value: String,
        /// What is wrong and what would be right.
        text: String,
    },
}

fn at(line: Option<usize>) -> String {
    line.map_or_else(String::new, |line| format!(":{line}"))
}
