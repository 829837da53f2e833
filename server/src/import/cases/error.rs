use crate::crs::CrsError;
use crate::import::ImportError;
use crate::log::LogError;
use crate::out::OutError;
use crate::pack::PackError;
use std::io;
use std::path::PathBuf;

/// Why old cases could not be imported. Nothing has changed then, unless the error says so.
#[derive(Debug, thiserror::Error)]
pub enum CasesError {
    /// A file cannot be read.
    #[error("{}: cannot be read: {source}", path.display())]
    Read {
        /// Path of the table.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// A file or folder cannot be written.
    #[error("{}: cannot be written: {source}", path.display())]
    Write {
        /// Path of the table.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// The list of unusable rows is not written where it was to be.
    #[error(transparent)]
    Out(#[from] OutError),
    /// The command line asks for what cannot be.
    #[error("{0}")]
    Asked(String),
    /// A table without the columns that the mapping names.
    #[error("{}: there is no column {column:?} for {field}; its columns are: {columns}", path.display())]
    Column {
        /// Path of the table.
        path: PathBuf,
        /// The column looked for.
        column: String,
        /// The field that it was to fill.
        field: &'static str,
        /// What there is.
        columns: String,
    },
    /// A layer of areas that is none.
    #[error("{}: {detail}", path.display())]
    Areas {
        /// Path of the layer of areas.
        path: PathBuf,
        /// What is wrong and where.
        detail: String,
    },
    /// The list of classes.
    #[error("{}: {detail}", path.display())]
    Classes {
        /// Path of the list of classes.
        path: PathBuf,
        /// What is wrong and where.
        detail: String,
    },
    /// The reference system.
    #[error(transparent)]
    Crs(#[from] CrsError),
    /// No row could be used.
    #[error("not one row can be used ({bad} are wrong, see {errors}): {reasons}; first: {first}", errors = errors.display())]
    NoRows {
        /// How many rows are wrong.
        bad: usize,
        /// The file that lists them.
        errors: PathBuf,
        /// What is wrong, with counts.
        reasons: String,
        /// What is wrong with the first.
        first: String,
    },
    /// The log goes on where these cases lie before.
    #[error(
        "line {line}: this case is of {opened}, and the log in {data} already reaches to {last}: a log is never written into its past; \
         import all files at once into a new --data directory", data = data.display()
    )]
    Earlier {
        /// The first such row.
        line: u64,
        /// When it was opened.
        opened: String,
        /// The last record's time.
        last: String,
        /// Directory of the log.
        data: PathBuf,
    },
    /// The log is of another city.
    #[error(
        "{}: this log was written with other case classes than {}; use its own city, or a new --data directory",
        data.display(), city.display()
    )]
    OtherCity {
        /// Directory of the log.
        data: PathBuf,
        /// The city pack.
        city: PathBuf,
    },
    /// The engine refuses a case that the table's reading let pass.
    #[error("line {line}: {source}")]
    Refused {
        /// Line of the row in its table, from 1.
        line: u64,
        /// Why the row is refused.
        #[source]
        source: chengtu_engine::rejection::Rejection,
    },
    /// The city pack.
    #[error("city: {0}")]
    Pack(#[from] Box<PackError>),
    /// Making a city pack.
    #[error("making the city: {0}")]
    City(#[from] ImportError),
    /// The log cannot be read or written.
    #[error("data: {0}")]
    Log(#[from] LogError),
}
