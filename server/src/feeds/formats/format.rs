use super::row::Found;
use std::io::BufRead;

/// Bytes to be read, wherever they come from.
pub type Input<'r> = Box<dyn BufRead + Send + 'r>;

/// A way to write rows.
pub trait Format: Sync {
    /// Endings of names of its files, in lower case, without `.gz`; empty for a format that is no recording.
    fn suffixes(&self) -> &'static [&'static str] {
        &[]
    }

    /// Media types of its bodies; empty for a format that is not posted.
    fn media_types(&self) -> &'static [&'static str] {
        &[]
    }

    /// True if a body without a useful media type begins in this format. `head`: its beginning without white space.
    fn looks_like(&self, _head: &str) -> bool {
        false
    }

    /// Begins to read.
    ///
    /// # Errors
    /// [`FormatError`] for a beginning that is not this format's, or that the options do not fit.
    fn rows<'r>(
        &self,
        input: Input<'r>,
        options: &FormatOptions,
    ) -> Result<Box<dyn Rows + 'r>, FormatError>;

    /// How whoever writes this format writes degrees; `None` for formats that are in whatever system the feed says.
    fn how_to_write_degrees(&self) -> Option<&'static str> {
        None
    }

    /// Where the data come from; `None` if they do not say so.
    ///
    /// # Errors
    /// As [`Format::rows`].
    fn provenance(&self, _input: Input<'_>) -> Result<Option<String>, FormatError> {
        Ok(None)
    }
}

/// Rows, one after the other; each may borrow from what was read.
pub trait Rows: Send {
    /// The next row; `None` at the end.
    fn next(&mut self) -> Option<Found<'_>>;
}

/// What is to be known of a table that does not say it itself.
#[derive(Clone, Debug, PartialEq)]
pub struct FormatOptions {
    /// Columns by their place in [`FIELDS`](super::FIELDS), as given; what is missing is found by its usual names.
    pub columns: Vec<(usize, String)>,
    /// Character between columns, one byte.
    pub delimiter: u8,
    /// What a speed is multiplied by to give metres a second.
    pub speed_factor: f32,
    /// Encoding of a table; told by its bytes unless given.
    pub encoding: Option<&'static encoding_rs::Encoding>,
    /// Rows beyond are of no interest to whoever reads, except that there are any.
    pub rows_max: usize,
}

impl Default for FormatOptions {
    fn default() -> Self {
        Self {
            columns: Vec::new(),
            delimiter: b',',
            speed_factor: 1.0,
            encoding: None,
            rows_max: usize::MAX,
        }
    }
}

/// Why bytes are not in a format.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FormatError {
    /// Not this format at all, or not this version of it; in words, with the remedy.
    #[error("{0}")]
    Syntax(String),
    /// A table lacks a column.
    #[error(
        "no column {wanted:?} for {field}; the header has: {present}. Name the right ones with --map \"{field}=COLUMN,…\""
    )]
    NoColumn {
        /// What is looked for.
        field: &'static str,
        /// The name that it was looked for by.
        wanted: String,
        /// The columns there are.
        present: String,
    },
}
