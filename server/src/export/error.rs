use crate::log::{AsideError, LogError};
use crate::out::OutError;
use crate::pack::PackError;
use chengtu_engine::replay::HistoryError;
use std::path::PathBuf;

/// Why nothing was exported.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The command line asks for what cannot be.
    #[error("{0}")]
    Asked(String),
    /// The city pack.
    #[error("city: {0}")]
    Pack(#[from] Box<PackError>),
    /// The log cannot be read.
    #[error("data: {0}")]
    Log(#[from] LogError),
    /// A record of the past.
    #[error("data: {0}")]
    History(#[from] HistoryError),
    /// The directory holds no log.
    #[error("{}: holds no log", path.display())]
    NoLog {
        /// Path of the directory.
        path: PathBuf,
    },
    /// The end before the beginning.
    #[error(
        "--from {from} --to {to}: the end does not lie after the beginning; a stretch of time is needed"
    )]
    Order {
        /// First moment that was asked for.
        from: String,
        /// Last moment that was asked for.
        to: String,
    },
    /// Outside the log.
    #[error(
        "--from {from} --to {to}: the log holds {first} to {last}; nothing of it lies in that stretch"
    )]
    Outside {
        /// First moment that was asked for.
        from: String,
        /// Last moment that was asked for.
        to: String,
        /// The log's first moment.
        first: String,
        /// The log's last moment.
        last: String,
    },
    /// The stretch is empty.
    #[error("nothing is known of that stretch{of_area}: no case, position, reading or alarm")]
    Nothing {
        /// Words about the area; empty without one.
        of_area: &'static str,
    },
    /// The log does not learn of it.
    #[error("nothing was exported, as that cannot be written down in the log's directory: {0}")]
    NotWrittenDown(#[source] AsideError),
    /// A file to read.
    #[error("{}: cannot be read: {source}", path.display())]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: std::io::Error,
    },
    /// Where it was to be written.
    #[error(transparent)]
    Out(#[from] OutError),
}
