//! Reading OpenStreetMap extracts as a stream: PBF and XML, each possibly gzipped, recognised by content.

mod pbf;
#[cfg(test)]
pub mod pbf_write;
mod proto;
mod xml;

use super::error::ImportError;
use super::format::Format;
use super::progress::Progress;
use flate2::read::MultiGzDecoder;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

/// Tags as the file has them: key, value.
pub type RawTags<'a> = [(&'a str, &'a str)];

/// What a relation's member is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MemberKind {
    /// A single point; areas name one as their label.
    Node,
    /// A line of nodes; areas have them as parts of their outline.
    Way,
    /// A relation within a relation; areas do not use it.
    Relation,
}

/// A member of a relation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Member<'a> {
    /// What it is.
    pub kind: MemberKind,
    /// Its id among its kind.
    pub id: i64,
    /// Its role, e.g. `outer`.
    pub role: &'a str,
}

/// One element of the stream.
#[derive(Clone, Copy, Debug)]
pub enum Element<'a> {
    /// A point. Coordinates in 1e-7 degree, within the world.
    Node {
        id: i64,
        lon_e7: i32,
        lat_e7: i32,
        tags: &'a RawTags<'a>,
    },
    /// A line of nodes.
    Way {
        id: i64,
        refs: &'a [i64],
        /// Where each of the nodes is, for files that write it into the way; else empty. 1e-7 degree.
        places: &'a [(i32, i32)],
        tags: &'a RawTags<'a>,
    },
    /// A group of elements, e.g. the ways of a border.
    Relation {
        id: i64,
        members: &'a [Member<'a>],
        tags: &'a RawTags<'a>,
    },
    /// The rectangle the extract says it covers: west, south, east, north in degrees.
    Bounds([f64; 4]),
    /// What the server that made the file says about it, e.g. that it ran out of time.
    Remark(&'a str),
}

/// Which elements a pass wants; the others may be skipped undecoded.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wanted {
    /// Nodes are visited.
    pub nodes: bool,
    /// Ways are visited.
    pub ways: bool,
    /// Relations, bounds and remarks.
    pub relations: bool,
}

/// An extract on disk that can be read several times.
#[derive(Clone, Debug)]
pub struct Source {
    path: PathBuf,
    size_bytes: u64,
    gzipped: bool,
    format: Format,
}

impl Source {
    /// Opens a file and finds out what it is from its first bytes.
    ///
    /// # Errors
    /// [`ImportError::Read`], [`ImportError::Truncated`], [`ImportError::Foreign`].
    pub fn open(path: &Path) -> Result<Self, ImportError> {
        let read = |source| ImportError::Read {
            path: path.to_owned(),
            source,
        };
        let meta = std::fs::metadata(path).map_err(read)?;
        if meta.is_dir() {
            return Err(ImportError::Foreign {
                path: path.to_owned(),
                found: "is a folder".into(),
            });
        }
        let head = first_bytes(BufReader::new(File::open(path).map_err(read)?)).map_err(read)?;
        let gzipped = head.starts_with(&[0x1f, 0x8b]);
        let head = if gzipped {
            let inner = MultiGzDecoder::new(BufReader::new(File::open(path).map_err(read)?));
            first_bytes(BufReader::new(inner)).map_err(|e| gzip_error(path, &e))?
        } else {
            head
        };
        let format = sniff(&head).map_err(|found| {
            let found = if gzipped {
                format!("holds, gzipped, something that {found}")
            } else {
                found
            };
            ImportError::Foreign {
                path: path.to_owned(),
                found,
            }
        })?;
        Ok(Self {
            path: path.to_owned(),
            size_bytes: meta.len(),
            gzipped,
            format,
        })
    }

    /// Path of the extract.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Its size on disk.
    pub fn size_bytes(&self) -> u64 {
        self.size_bytes
    }

    /// Streams the wanted elements in the file's order. Memory: one block (PBF) or element (XML).
    ///
    /// # Errors
    /// Whatever is wrong with the file, or the first error that `visit` returns.
    pub fn read<F>(
        &self,
        wanted: Wanted,
        progress: &Progress,
        mut visit: F,
    ) -> Result<(), ImportError>
    where
        F: FnMut(Element<'_>) -> Result<(), ImportError>,
    {
        let file = File::open(&self.path).map_err(|source| ImportError::Read {
            path: self.path.clone(),
            source,
        })?;
        let counted = BufReader::with_capacity(1 << 18, progress.count(file));
        let mut plain: Box<dyn BufRead> = if self.gzipped {
            Box::new(BufReader::with_capacity(
                1 << 18,
                MultiGzDecoder::new(counted),
            ))
        } else {
            Box::new(counted)
        };
        match self.format {
            Format::Pbf => pbf::read(self, &mut plain, wanted, &mut visit),
            _ => xml::read(self, &mut plain, wanted, &mut visit),
        }
    }

    fn corrupt(&self, place: impl Into<String>, detail: impl Into<String>) -> ImportError {
        ImportError::Corrupt {
            path: self.path.clone(),
            format: self.format,
            place: place.into(),
            detail: detail.into(),
        }
    }

    fn truncated(&self, detail: impl Into<String>) -> ImportError {
        ImportError::Truncated {
            path: self.path.clone(),
            format: self.format,
            detail: detail.into(),
        }
    }

    fn io(&self, error: io::Error) -> ImportError {
        if self.gzipped {
            gzip_error(&self.path, &error)
        } else if error.kind() == io::ErrorKind::UnexpectedEof {
            self.truncated("unexpected end of file")
        } else {
            ImportError::Read {
                path: self.path.clone(),
                source: error,
            }
        }
    }

    /// An exact position from nano-degrees, or the error that names the node.
    fn position(&self, id: i64, lon_deg: f64, lat_deg: f64) -> Result<(i32, i32), ImportError> {
        match chengtu_engine::geo::LonLat::new(lon_deg, lat_deg).position() {
            Ok(p) => Ok((p.lon_e7, p.lat_e7)),
            Err(_) => Err(ImportError::OutsideWorld {
                path: self.path.clone(),
                id,
                lon_deg,
                lat_deg,
            }),
        }
    }
}

fn gzip_error(path: &Path, error: &io::Error) -> ImportError {
    let path = path.to_owned();
    if error.kind() == io::ErrorKind::UnexpectedEof {
        ImportError::Truncated {
            path,
            format: Format::Gzip,
            detail: "unexpected end of file".into(),
        }
    } else {
        ImportError::Corrupt {
            path,
            format: Format::Gzip,
            place: "its compressed data".into(),
            detail: error.to_string(),
        }
    }
}

fn first_bytes(reader: impl Read) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    reader.take(512).read_to_end(&mut head)?;
    Ok(head)
}

/// Recognises the format by a file's first bytes, or says what the file looks like instead.
fn sniff(head: &[u8]) -> Result<Format, String> {
    if head.is_empty() {
        return Err("is an empty file".into());
    }
    if head.get(4..15).is_some_and(|b| b == b"\x0a\x09OSMHeader")
        || head.get(6..15) == Some(b"OSMHeader")
    {
        return Ok(Format::Pbf);
    }
    let known: [(&[u8], &str); 9] = [
        (b"\x89PNG", "is a PNG image"),
        (b"\xff\xd8\xff", "is a JPEG image"),
        (b"%PDF", "is a PDF document"),
        (b"PK\x03\x04", "is a ZIP archive: unpack it first"),
        (b"BZh", "is a bzip2 file: unpack it first"),
        (b"\xfd7zXZ", "is an xz file: unpack it first"),
        (b"\x28\xb5\x2f\xfd", "is a Zstandard file: unpack it first"),
        (b"SQLite format 3", "is an SQLite database"),
        (b"PMTiles", "is a PMTiles archive of finished tiles"),
    ];
    if let Some((_, what)) = known.iter().find(|(magic, _)| head.starts_with(magic)) {
        return Err((*what).into());
    }
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    let text = &text[text
        .iter()
        .position(|b| !b.is_ascii_whitespace())
        .unwrap_or(text.len())..];
    match text.first() {
        Some(b'<')
            if text.to_ascii_lowercase().starts_with(b"<html")
                || text.starts_with(b"<!DOCTYPE") =>
        {
            Err("is a web page".into())
        }
        Some(b'<') => Ok(Format::Xml),
        Some(b'{' | b'[') => Err("is JSON".into()),
        _ if head.is_ascii() => Err("is a text file".into()),
        _ => Err("is a file of an unknown kind".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_told_by_their_first_bytes() {
        assert_eq!(
            sniff(b"\0\0\0\x0d\x0a\x09OSMHeader\x18\x7c"),
            Ok(Format::Pbf)
        );
        assert_eq!(sniff(b"<?xml version='1.0'?><osm>"), Ok(Format::Xml));
        assert_eq!(
            sniff(b"\xef\xbb\xbf \n<osm version='0.6'>"),
            Ok(Format::Xml)
        );
        for (head, word) in [
            (&b"\x89PNG\r\n\x1a\n"[..], "PNG"),
            (b"{\"type\":1}", "JSON"),
            (b"BZh91AY", "bzip2"),
            (b"<!DOCTYPE html>", "web page"),
            (b"hello", "text"),
            (b"", "empty"),
        ] {
            let found = sniff(head).unwrap_err();
            assert!(found.contains(word), "{found}");
        }
    }
}
