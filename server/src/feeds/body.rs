//! Bodies: their limits, their packing, and what they are.

use std::io::Read;

/// Why a body is not taken.
#[derive(Debug, thiserror::Error)]
pub(super) enum BodyError {
    /// Too large after unpacking.
    #[error("the body is larger than {0} bytes when unpacked (limits.body_unpacked_bytes_max)")]
    TooLarge(usize),
    /// Not gzip.
    #[error("the body says gzip and is not: {0}")]
    Gzip(#[source] std::io::Error),
    /// Another packing.
    #[error("Content-Encoding {0:?} is not taken; use gzip or none")]
    Encoding(String),
}

/// The body as it was before packing.
pub(super) fn unpack(
    body: Vec<u8>,
    encoding: Option<&str>,
    max: usize,
) -> Result<Vec<u8>, BodyError> {
    match encoding.map(str::to_ascii_lowercase).as_deref() {
        None | Some("" | "identity") if body.len() > max => Err(BodyError::TooLarge(max)),
        None | Some("" | "identity") => Ok(body),
        Some("gzip" | "x-gzip") => {
            let mut out = Vec::new();
            let limited = flate2::read::MultiGzDecoder::new(body.as_slice());
            limited
                .take(max as u64 + 1)
                .read_to_end(&mut out)
                .map_err(BodyError::Gzip)?;
            if out.len() > max {
                return Err(BodyError::TooLarge(max));
            }
            Ok(out)
        }
        Some(other) => Err(BodyError::Encoding(other.to_owned())),
    }
}

/// How rows are written in a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// One JSON object a line.
    Ndjson,
    /// A feature collection or a feature.
    GeoJson,
}

/// From the content type; where it says nothing useful, from the first object of the body: one whose `type` is a
/// GeoJSON word before its first line ends is GeoJSON. `None` for a type that is something else altogether.
pub(super) fn format_of(content_type: Option<&str>, body: &[u8]) -> Option<Format> {
    let kind = content_type.unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    match kind.to_ascii_lowercase().as_str() {
        "application/geo+json" | "application/vnd.geo+json" => Some(Format::GeoJson),
        "application/x-ndjson"
        | "application/ndjson"
        | "application/jsonl"
        | "application/json-seq" => Some(Format::Ndjson),
        ""
        | "application/json"
        | "text/plain"
        | "application/octet-stream"
        | "application/x-www-form-urlencoded" => Some(sniff(body)),
        _ => None,
    }
}

fn sniff(body: &[u8]) -> Format {
    let head = String::from_utf8_lossy(&body[..body.len().min(512)]);
    let squeezed: String = head.chars().filter(|c| !c.is_whitespace()).collect();
    let is_geo = ["FeatureCollection", "Feature"]
        .iter()
        .any(|t| squeezed.contains(&format!("\"type\":\"{t}\"")));
    if is_geo || squeezed.starts_with("{\"features\":") {
        Format::GeoJson
    } else {
        Format::Ndjson
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn a_bomb_stops_at_the_limit() {
        let mut e = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        e.write_all(&vec![b'x'; 1 << 20]).unwrap();
        let packed = e.finish().unwrap();
        assert!(packed.len() < 5_000);
        let error = unpack(packed.clone(), Some("gzip"), 1 << 19).unwrap_err();
        assert!(matches!(error, BodyError::TooLarge(_)));
        assert_eq!(
            unpack(packed, Some("gzip"), 1 << 20).unwrap().len(),
            1 << 20
        );
        assert!(matches!(
            unpack(b"no".to_vec(), Some("gzip"), 9),
            Err(BodyError::Gzip(_))
        ));
        assert!(matches!(
            unpack(vec![], Some("br"), 9),
            Err(BodyError::Encoding(_))
        ));
    }

    #[test]
    fn formats_are_told_by_type_then_by_look() {
        let geo = b"{ \"type\": \"FeatureCollection\", \"features\": []}";
        let row = b"{\"key\":\"a\"}\n{\"key\":\"b\"}";
        assert_eq!(format_of(None, geo), Some(Format::GeoJson));
        assert_eq!(
            format_of(Some("application/json; charset=utf-8"), row),
            Some(Format::Ndjson)
        );
        assert_eq!(
            format_of(Some("application/x-ndjson"), geo),
            Some(Format::Ndjson)
        );
        assert_eq!(format_of(Some("image/png"), row), None);
    }
}
