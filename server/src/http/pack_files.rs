//! The city pack's files, whole or by range, so that a client needs nothing but the server's address.

use crate::pack;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::stream;
use std::io::SeekFrom;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::fs::File;
use tokio::io::{AsyncReadExt, AsyncSeekExt};

/// What may be fetched, and as what.
const FILES: [(&str, &str); 7] = [
    (pack::CITY_FILE, "application/toml"),
    (pack::BASEMAP_FILE, "application/vnd.pmtiles"),
    (pack::ROADS_FILE, "application/octet-stream"),
    (pack::PLACES_FILE, "application/json"),
    (pack::GRID_FILE, "application/geo+json"),
    (pack::CLASSES_FILE, "text/csv; charset=utf-8"),
    (pack::PROVENANCE_FILE, "text/markdown; charset=utf-8"),
];

const CHUNK: usize = 64 * 1024;

/// Part of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Range {
    Whole,
    /// First and last byte, included.
    Part(u64, u64),
    /// Outside the file.
    Wrong,
}

/// Reads a `Range` header of one range; what is not understood is answered with the whole file, as RFC 9110 says.
fn range_of(text: Option<&str>, size: u64) -> Range {
    let Some(spec) = text.and_then(|t| t.trim().strip_prefix("bytes=")) else {
        return Range::Whole;
    };
    let Some((first, last)) = spec.split_once('-').filter(|_| !spec.contains(',')) else {
        return Range::Whole;
    };
    let (first, last) = (first.trim(), last.trim());
    let bounds = if first.is_empty() {
        match last.parse::<u64>() {
            Ok(0) => return Range::Wrong,
            Ok(n) => (size.saturating_sub(n), size.saturating_sub(1)),
            Err(_) => return Range::Whole,
        }
    } else {
        let Ok(from) = first.parse::<u64>() else {
            return Range::Whole;
        };
        let to = if last.is_empty() {
            size.saturating_sub(1)
        } else {
            match last.parse::<u64>() {
                Ok(to) => to.min(size.saturating_sub(1)),
                Err(_) => return Range::Whole,
            }
        };
        (from, to)
    };
    if bounds.0 >= size || bounds.0 > bounds.1 {
        Range::Wrong
    } else {
        Range::Part(bounds.0, bounds.1)
    }
}

/// True where whoever asks can unzip: `gzip` or anything is named, and not as worth nothing.
fn accepts_gzip(headers: &HeaderMap) -> bool {
    let named = headers
        .get_all(header::ACCEPT_ENCODING)
        .iter()
        .filter_map(|h| h.to_str().ok())
        .flat_map(|h| h.split(','));
    named
        .map(|coding| coding.split_once(';').unwrap_or((coding, "")))
        .filter(|(name, _)| matches!(name.trim(), "gzip" | "x-gzip" | "*"))
        .any(|(_, weight)| {
            let weight = weight.trim().strip_prefix("q=").map(str::parse::<f64>);
            weight.is_none_or(|w| w.is_ok_and(|w| w > 0.0))
        })
}

/// A file that is stored zipped, for somebody who cannot unzip it.
async fn unzipped(dir: &std::path::Path, name: &str, kind: &'static str) -> Response {
    let (dir, name) = (dir.to_owned(), name.to_owned());
    let read = tokio::task::spawn_blocking(move || pack::files::read(&dir, &name)).await;
    match read {
        Ok(Ok((_, bytes))) => ([(header::CONTENT_TYPE, kind)], bytes).into_response(),
        _ => (StatusCode::INTERNAL_SERVER_ERROR, "the file cannot be read").into_response(),
    }
}

/// One file of the pack.
pub(super) async fn get(
    State(dir): State<Arc<PathBuf>>,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Response {
    let Some((name, kind)) = FILES.iter().find(|(n, _)| *n == name) else {
        let known: Vec<_> = FILES.iter().map(|(n, _)| *n).collect();
        let text = format!(
            "no such file in a city pack; there are {}",
            known.join(", ")
        );
        return (StatusCode::NOT_FOUND, text).into_response();
    };
    let (path, zipped) = pack::files::find(&dir, name);
    if zipped && !accepts_gzip(&headers) {
        return unzipped(&dir, name, kind).await;
    }
    let Ok(mut file) = File::open(path).await else {
        return (StatusCode::NOT_FOUND, "this pack has no such file").into_response();
    };
    let Ok(meta) = file.metadata().await else {
        return (StatusCode::INTERNAL_SERVER_ERROR, "the file cannot be read").into_response();
    };
    let size = meta.len();
    // A part of a zipped file would be of no use to anybody.
    let wanted = headers
        .get(header::RANGE)
        .filter(|_| !zipped)
        .and_then(|h| h.to_str().ok());
    let (status, first, length) = match range_of(wanted, size) {
        Range::Whole => (StatusCode::OK, 0, size),
        Range::Part(first, last) => (StatusCode::PARTIAL_CONTENT, first, last - first + 1),
        Range::Wrong => {
            let all = [(header::CONTENT_RANGE, format!("bytes */{size}"))];
            return (StatusCode::RANGE_NOT_SATISFIABLE, all, "").into_response();
        }
    };
    if first > 0 && file.seek(SeekFrom::Start(first)).await.is_err() {
        return (StatusCode::INTERNAL_SERVER_ERROR, "the file cannot be read").into_response();
    }
    let body = Body::from_stream(stream::try_unfold(
        (file, length),
        |(mut file, left)| async move {
            if left == 0 {
                return Ok::<_, std::io::Error>(None);
            }
            let mut chunk = vec![0; CHUNK.min(usize::try_from(left).unwrap_or(CHUNK))];
            let n = file.read(&mut chunk).await?;
            if n == 0 {
                return Err(std::io::ErrorKind::UnexpectedEof.into());
            }
            chunk.truncate(n);
            Ok(Some((Bytes::from(chunk), (file, left - n as u64))))
        },
    ));
    let mut response = (status, body).into_response();
    let h = response.headers_mut();
    h.insert(header::CONTENT_TYPE, header::HeaderValue::from_static(kind));
    if zipped {
        h.insert(
            header::CONTENT_ENCODING,
            header::HeaderValue::from_static("gzip"),
        );
    } else {
        h.insert(
            header::ACCEPT_RANGES,
            header::HeaderValue::from_static("bytes"),
        );
    }
    h.insert(header::CONTENT_LENGTH, length.into());
    if status == StatusCode::PARTIAL_CONTENT {
        let range = format!("bytes {first}-{}/{size}", first + length - 1);
        if let Ok(v) = range.parse() {
            h.insert(header::CONTENT_RANGE, v);
        }
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zipped_file_is_given_zipped_only_to_those_who_can_unzip() {
        for (text, expected) in [
            (None, false),
            (Some("gzip"), true),
            (Some("deflate, gzip;q=0.5"), true),
            (Some("br, *"), true),
            (Some("gzip;q=0"), false),
            (Some("identity"), false),
        ] {
            let mut headers = HeaderMap::new();
            if let Some(text) = text {
                headers.insert(header::ACCEPT_ENCODING, text.parse().unwrap());
            }
            assert_eq!(accepts_gzip(&headers), expected, "{text:?}");
        }
    }

    #[tokio::test]
    async fn a_zipped_grid_comes_as_what_it_holds() {
        use std::io::Write;
        let dir = tempfile::tempdir().unwrap();
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        packer.write_all(b"{\"features\":[]}").unwrap();
        let zipped = packer.finish().unwrap();
        std::fs::write(dir.path().join("grid.geojson.gz"), &zipped).unwrap();
        let ask = async |accept: Option<&str>| {
            let mut headers = HeaderMap::new();
            if let Some(accept) = accept {
                headers.insert(header::ACCEPT_ENCODING, accept.parse().unwrap());
            }
            let dir = State(Arc::new(dir.path().to_owned()));
            let response = get(dir, Path(pack::GRID_FILE.to_owned()), headers).await;
            let coding = response.headers().get(header::CONTENT_ENCODING).cloned();
            let body = axum::body::to_bytes(response.into_body(), 1 << 20).await;
            (coding.is_some(), body.unwrap().to_vec())
        };
        assert_eq!(ask(Some("gzip")).await, (true, zipped));
        assert_eq!(ask(None).await, (false, b"{\"features\":[]}".to_vec()));
    }

    #[test]
    fn ranges_as_rfc_9110_has_them() {
        for (text, expected) in [
            (None, Range::Whole),
            (Some("bytes=0-9"), Range::Part(0, 9)),
            (Some("bytes=90-"), Range::Part(90, 99)),
            (Some("bytes=-5"), Range::Part(95, 99)),
            (Some("bytes=-500"), Range::Part(0, 99)),
            (Some("bytes=50-500"), Range::Part(50, 99)),
            (Some("bytes=100-"), Range::Wrong),
            (Some("bytes=9-3"), Range::Wrong),
            (Some("bytes=-0"), Range::Wrong),
            (Some("bytes=0-1,5-6"), Range::Whole),
            (Some("lines=1-2"), Range::Whole),
            (Some("bytes=a-b"), Range::Whole),
        ] {
            assert_eq!(range_of(text, 100), expected, "{text:?}");
        }
    }
}
