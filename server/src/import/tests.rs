//! What the other modules' tests share, and the importer as a whole.

use super::extract::Extract;
use super::progress::Progress;
use super::source::Source;
use std::io::Write;

/// The extract of a piece of OSM XML.
pub fn extract_of(elements: &str) -> Extract {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    write!(file, "<?xml version=\"1.0\"?><osm version=\"0.6\">{elements}</osm>").unwrap();
    let source = Source::open(file.path()).unwrap();
    Extract::read(&source, &Progress::hidden()).unwrap()
}
