use std::io::Read;

/// Why a body is not taken.
#[derive(Debug, thiserror::Error)]
pub enum BodyError {
    /// Larger than this many bytes after unpacking.
    #[error("the body is larger than {0} bytes when unpacked (limits.body_unpacked_bytes_max)")]
    TooLarge(usize),
    /// Said to be gzip, and damaged or not.
    #[error("the body says gzip and is not: {0}")]
    Gzip(#[source] std::io::Error),
    /// Packed in a way that is not known.
    #[error("Content-Encoding {0:?} is not taken; use gzip or none")]
    Encoding(String),
}

/// The body as it was before packing, at most `max` bytes.
///
/// # Errors
/// [`BodyError`].
pub fn unpack(body: Vec<u8>, encoding: Option<&str>, max: usize) -> Result<Vec<u8>, BodyError> {
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
}
