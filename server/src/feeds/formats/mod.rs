//! Formats: bytes to rows of data. A format knows how rows are written and nothing else: not where the bytes come from,
//! not the reference system, not what is too much.
//!
//! A new one is a module with a [`Format`] and a line in [`FORMATS`]; every transport, `play` and `record` have it then.

pub mod compact;
mod csv;
mod geojson;
mod kinds;
mod ndjson;
mod recorded;
mod row;
mod sumo;

pub use csv::{FIELDS, parse_columns};
pub use kinds::kind_named;
pub use recorded::RecordedFix;
pub(super) use recorded::kind_exactly;
pub use row::{Field, Found, Row, Scalar};

use std::io::BufRead;

/// All formats. Of two that would take the same bytes the first does.
pub static FORMATS: [&dyn Format; 5] = [
    &sumo::Sumo,
    &csv::Csv,
    &ndjson::Ndjson,
    &compact::Compact,
    &geojson::GeoJson,
];

/// Bytes to be read, wherever they come from.
pub type Input<'r> = Box<dyn BufRead + Send + 'r>;

/// A way to write rows.
pub trait Format: Sync {
    /// Endings of names of its files, in lower case, without `.gz`; none for what is no recording.
    fn suffixes(&self) -> &'static [&'static str] {
        &[]
    }

    /// Media types of its bodies; none for what is not posted.
    fn media_types(&self) -> &'static [&'static str] {
        &[]
    }

    /// True where the beginning of a body of no telling media type is in this format. `head`: without white space.
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

    /// Where the data come from, where they say so.
    ///
    /// # Errors
    /// As [`Format::rows`].
    fn provenance(&self, _input: Input<'_>) -> Result<Option<String>, FormatError> {
        Ok(None)
    }
}

/// Rows, one after the other; each may borrow from what was read.
pub trait Rows: Send {
    /// What comes next; none at the end.
    fn next(&mut self) -> Option<Found<'_>>;
}

/// What is to be known of a table that does not say it itself.
#[derive(Clone, Debug, PartialEq)]
pub struct FormatOptions {
    /// Columns by their place in [`FIELDS`], as given; what is missing is found by its usual names.
    pub columns: Vec<(usize, String)>,
    /// Between columns.
    pub delimiter: u8,
    /// What a speed is multiplied by to give metres a second.
    pub speed_factor: f32,
}

impl Default for FormatOptions {
    fn default() -> Self {
        Self {
            columns: Vec::new(),
            delimiter: b',',
            speed_factor: 1.0,
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

/// The format of a file, by its name, packed with gzip or not.
pub fn by_file_name(name: &str) -> Option<&'static dyn Format> {
    let name = name.to_lowercase();
    let name = name.strip_suffix(".gz").unwrap_or(&name);
    let ends = |f: &&&'static dyn Format| f.suffixes().iter().any(|s| name.ends_with(s));
    FORMATS.iter().find(ends).copied()
}

/// Endings of names of files that can be read, for people.
pub fn known_suffixes() -> String {
    let all = FORMATS.iter().filter_map(|f| f.suffixes().first());
    all.copied().collect::<Vec<_>>().join(", ")
}

/// Media types that say nothing of what is in a body.
const UNTELLING: [&str; 5] = [
    "",
    "application/json",
    "text/plain",
    "application/octet-stream",
    "application/x-www-form-urlencoded",
];

/// Bytes of a body that are looked at to tell its format.
const HEAD_BYTES: usize = 512;

/// The format of a body: from the content type, and where that says nothing useful, from its look; what looks like
/// nothing else is NDJSON. None for a type that is something else altogether.
pub fn by_content(content_type: Option<&str>, body: &[u8]) -> Option<&'static dyn Format> {
    let kind = content_type.unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    let kind = kind.to_ascii_lowercase();
    let said = FORMATS.iter().find(|f| f.media_types().contains(&&*kind));
    if let Some(format) = said {
        return Some(*format);
    }
    if !UNTELLING.contains(&&*kind) {
        return None;
    }
    let head = String::from_utf8_lossy(&body[..body.len().min(HEAD_BYTES)]);
    let head: String = head.chars().filter(|c| !c.is_whitespace()).collect();
    let looks = FORMATS.iter().find(|f| f.looks_like(&head));
    Some(looks.copied().unwrap_or(&ndjson::Ndjson))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first row of a body as its format reads it.
    fn first_key(content_type: Option<&str>, body: &[u8]) -> Option<String> {
        let format = by_content(content_type, body)?;
        let mut rows = format
            .rows(Box::new(body), &FormatOptions::default())
            .ok()?;
        match rows.next()? {
            Found::Row { row, .. } => row.name(Field::Key).map(std::borrow::Cow::into_owned),
            _ => None,
        }
    }

    #[test]
    fn formats_are_told_by_type_then_by_look() {
        let geo = b"{ \"type\": \"FeatureCollection\", \"features\": [{\"type\":\"Feature\",\"id\":\"g\"}]}";
        let row = b"{\"key\":\"a\"}\n{\"key\":\"b\"}";
        assert_eq!(first_key(None, geo).as_deref(), Some("g"));
        let json = Some("application/json; charset=utf-8");
        assert_eq!(first_key(json, row).as_deref(), Some("a"));
        assert_eq!(first_key(json, geo).as_deref(), Some("g"));
        // Said to be NDJSON: then it is read as that, and its one line has no key.
        assert_eq!(first_key(Some("application/x-ndjson"), geo), None);
        assert!(by_content(Some("image/png"), row).is_none());
    }

    #[test]
    fn files_are_told_by_name_packed_or_not() {
        for name in [
            "a.fcd.xml",
            "A.CSV.gz",
            "b.tsv",
            "c.ndjson",
            "c.jsonl.gz",
            "d.ctr",
        ] {
            assert!(by_file_name(name).is_some(), "{name}");
        }
        assert!(by_file_name("e.png").is_none() && by_file_name("gz").is_none());
        assert!(known_suffixes().contains(".csv"));
    }
}
