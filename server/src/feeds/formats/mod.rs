//! Formats: bytes to rows of data. A format knows how rows are written and nothing else: not where the bytes come from,
//! not the reference system, not what is too much.
//!
//! A new format is a module with a [`Format`] and a line in [`FORMATS`]; every transport, `play` and `record` have it
//! then.

pub mod compact;
mod csv;
mod faults;
mod format;
mod geojson;
mod kinds;
mod ndjson;
mod recorded;
mod row;
mod sentinels;
mod sumo;
mod tags;
mod told;
mod values;

pub use csv::{FIELDS, parse_columns};
pub use faults::of_json as json_fault;
pub use format::{Format, FormatError, FormatOptions, Input, Rows};
pub use kinds::{NotListed, kind_named};
pub(super) use kinds::{kind_meant, listed};
pub use recorded::RecordedFix;
pub use row::{Field, Found, Row, Scalar, WrongType};
pub use sentinels::{bearing_deg, not_negative, says_nothing};
pub use told::{TOLD_MAX, Told};
pub use values::json_values;

/// All formats. Of two that would take the same bytes the first does.
pub static FORMATS: [&dyn Format; 4] = [&sumo::Sumo, &csv::Csv, &ndjson::Ndjson, &compact::Compact];

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

/// Media types that say nothing of what is in a body. Not among them: `text/plain`, as web pages from anywhere may post.
const UNTELLING: [&str; 4] = [
    "",
    "application/json",
    "application/octet-stream",
    "application/x-www-form-urlencoded",
];

/// Bytes at the beginning of a body that its format is recognised by.
const HEAD_BYTES: usize = 512;

/// The format of a body: from the content type, and where that says nothing useful, from its look; what looks like
/// nothing else is JSON. None for a type that is something else altogether.
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
        // Whatever JSON it is said to be, it is read as the one that it is.
        for said in ["application/x-ndjson", "application/geo+json"] {
            assert_eq!(first_key(Some(said), geo).as_deref(), Some("g"));
            assert_eq!(first_key(Some(said), row).as_deref(), Some("a"));
        }
        assert!(by_content(Some("image/png"), row).is_none());
        assert!(by_content(Some("text/plain; charset=utf-8"), row).is_none());
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
            "e.geojson",
        ] {
            assert!(by_file_name(name).is_some(), "{name}");
        }
        assert!(by_file_name("e.png").is_none() && by_file_name("gz").is_none());
        assert!(known_suffixes().contains(".csv"));
    }
}
