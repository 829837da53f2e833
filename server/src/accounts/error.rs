use super::strength::Weak;
use std::path::PathBuf;

/// Why something about accounts was not done.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// The file cannot be opened, read or written.
    #[error("{path}: accounts cannot be read or written: {source}", path = path.display())]
    Database {
        /// The file.
        path: PathBuf,
        /// What SQLite says.
        #[source]
        source: rusqlite::Error,
    },
    /// The directory or the file cannot be made.
    #[error("{path}: cannot be made: {source}", path = path.display())]
    Io {
        /// File or directory.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: std::io::Error,
    },
    /// A newer program has written the file.
    #[error(
        "{path}: is of format {found}, this program knows {known}; use the newer program",
        path = path.display()
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its format.
        found: i64,
        /// Ours.
        known: i64,
    },
    /// A name that nobody can log in with.
    #[error(
        "the name {0:?} cannot be used: 1 to 64 letters, digits and . _ - @, beginning with a letter or digit"
    )]
    Name(String),
    /// A name that people would be shown wrongly.
    #[error(
        "the name {name:?} cannot be shown: {why}; use 1 to 64 characters without control characters, marks of direction and < > &"
    )]
    Display {
        /// The name.
        name: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// Somebody else has the name.
    #[error("there is an account of the name {0:?} already")]
    NameTaken(String),
    /// Nobody has the name.
    #[error("there is no account of the name {0:?}; `chengtu-server user list` names all")]
    NoAccount(String),
    /// No prefix of a grid code.
    #[error(
        "the area {0:?} is no grid code: write its first 2, 4, 6, 9, 12 or 15 digits (province, city, district, street, community, cell)"
    )]
    Area(String),
    /// No such role.
    #[error("there is no role {word:?}; roles are {known}")]
    Role {
        /// The word.
        word: String,
        /// Those that there are.
        known: String,
    },
    /// A feed or terminal has no password, and a person no secret.
    #[error("{name} is an account for a {kind}: {why}")]
    WrongKind {
        /// Its log-in name.
        name: String,
        /// What it is for.
        kind: &'static str,
        /// What follows.
        why: &'static str,
    },
    /// A password that is too easily guessed.
    #[error("the password is too weak: {0}")]
    Weak(Weak),
    /// The system has no random numbers.
    #[error("the system gives no random numbers: {0}")]
    Random(String),
    /// Argon2 did not do its work.
    #[error("the password cannot be hashed: {0}")]
    Hash(String),
    /// Of a person the parts that only services have were given, or the other way round.
    #[error("{0}")]
    Parts(&'static str),
}
