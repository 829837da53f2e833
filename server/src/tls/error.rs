use std::path::PathBuf;

/// Why a certificate cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read.
    #[error("{path}: cannot be read: {source}", path = path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: std::io::Error,
    },
    /// No certificate in the file.
    #[error(
        "{path}: no certificate in PEM stands in it (a text between -----BEGIN CERTIFICATE----- and -----END CERTIFICATE-----)",
        path = path.display()
    )]
    NoCertificate {
        /// The file.
        path: PathBuf,
    },
    /// No private key in the file.
    #[error(
        "{path}: no private key in PEM stands in it; one that is kept behind a password must be written without it first",
        path = path.display()
    )]
    NoKey {
        /// The file.
        path: PathBuf,
    },
    /// A certificate or key that makes no sense, or is of a kind that is not known.
    #[error("{path}: cannot be used: {why}", path = path.display())]
    Unusable {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// They belong to different pairs.
    #[error(
        "{key}: the key does not fit the certificate {cert}; name the two that were made together",
        key = key.display(),
        cert = cert.display()
    )]
    KeyDoesNotFit {
        /// File of the certificate.
        cert: PathBuf,
        /// File of the key.
        key: PathBuf,
    },
    /// A certificate whose days are over.
    #[error("{path}: has expired, on {when}", path = path.display())]
    Expired {
        /// File of the certificate.
        path: PathBuf,
        /// Since when, UTC.
        when: String,
    },
    /// A certificate whose days have not begun.
    #[error("{path}: is not valid before {when}", path = path.display())]
    NotYet {
        /// File of the certificate.
        path: PathBuf,
        /// From when on, UTC.
        when: String,
    },
    /// A development certificate cannot be made or kept.
    #[error("{path}: the development certificate cannot be kept: {source}", path = path.display())]
    Keep {
        /// The file.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: std::io::Error,
    },
    /// A development certificate cannot be made.
    #[error("no development certificate can be made: {0}")]
    Make(String),
    /// The library of TLS refuses what it was built with.
    #[error("TLS cannot be set up: {0}")]
    SetUp(String),
}
