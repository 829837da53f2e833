//! Where bytes of the base map come from: a file of the pack, or a server's copy of it kept in a cache.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

/// Reads parts of a file by position; shared between threads.
pub trait ByteSource: Send + Sync {
    /// Reads exactly `length` bytes from `offset`.
    ///
    /// # Errors
    /// What the system said; `UnexpectedEof` beyond the end.
    fn read_at(&self, offset: u64, length: usize) -> io::Result<Vec<u8>>;

    /// What to call it in messages.
    fn name(&self) -> &str;
}

/// A file on this machine, read in place: several threads read at once without a lock.
#[derive(Debug)]
pub struct LocalFile {
    file: File,
    length: u64,
    name: String,
}

impl LocalFile {
    /// Opens a file.
    ///
    /// # Errors
    /// What the system said.
    pub fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let length = file.metadata()?.len();
        Ok(Self {
            file,
            length,
            name: path.display().to_string(),
        })
    }
}

impl ByteSource for LocalFile {
    fn read_at(&self, offset: u64, length: usize) -> io::Result<Vec<u8>> {
        // Checked first, so that a broken directory cannot ask for a buffer of any size.
        if offset
            .checked_add(length as u64)
            .is_none_or(|end| end > self.length)
        {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let mut bytes = vec![0; length];
        #[cfg(unix)]
        std::os::unix::fs::FileExt::read_exact_at(&self.file, &mut bytes, offset)?;
        #[cfg(windows)]
        {
            let mut done = 0;
            while done < length {
                let at = offset + done as u64;
                match std::os::windows::fs::FileExt::seek_read(&self.file, &mut bytes[done..], at)?
                {
                    0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                    n => done += n,
                }
            }
        }
        Ok(bytes)
    }

    fn name(&self) -> &str {
        &self.name
    }
}

/// Why a server's base map cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// The address is none of `ws://`, `wss://`, `http://`, `https://`.
    #[error("{0}: not a server's address; expected ws://host:port")]
    Address(String),
    /// The server could not be asked or answered with an error.
    #[error("{url}: {source}")]
    Http {
        /// What was asked for.
        url: String,
        /// What went wrong.
        #[source]
        source: reqwest::Error,
    },
    /// The copy cannot be kept.
    #[error("{path}: the base map cannot be kept: {source}")]
    Keep {
        /// Where.
        path: String,
        /// What the system said.
        #[source]
        source: io::Error,
    },
}

/// The HTTP address of a pack's file on the server reached by `ws://…`.
///
/// # Errors
/// [`FetchError::Address`].
pub fn pack_url(server: &str, file: &str) -> Result<String, FetchError> {
    let (scheme, rest) = server
        .split_once("://")
        .ok_or_else(|| FetchError::Address(server.into()))?;
    let scheme = match scheme {
        "ws" | "http" => "http",
        "wss" | "https" => "https",
        _ => return Err(FetchError::Address(server.into())),
    };
    let host = rest.split('/').next().unwrap_or_default();
    if host.is_empty() {
        return Err(FetchError::Address(server.into()));
    }
    Ok(format!("{scheme}://{host}/v1/pack/{file}"))
}

/// Fetches a file of the server's pack into the cache and answers its path. A copy already there is kept when
/// the server says it is still the same (length and entity tag), and used when the server cannot be reached.
///
/// Blocks; call it from a thread of its own.
///
/// # Errors
/// [`FetchError`]; a half-fetched file is never left under the final name.
pub fn fetch_pack_file(server: &str, file: &str) -> Result<PathBuf, FetchError> {
    let url = pack_url(server, file)?;
    let folder =
        cache_dir().join(url.replace(|c: char| !c.is_ascii_alphanumeric() && c != '.', "_"));
    let path = folder.join(file);
    let tag_path = folder.join(format!("{file}.tag"));
    let keep = |source| FetchError::Keep {
        path: path.display().to_string(),
        source,
    };
    let http = |source| FetchError::Http {
        url: url.clone(),
        source,
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(keep)?;
    let fetched: Result<Option<(bytes::Bytes, Option<String>)>, reqwest::Error> =
        runtime.block_on(async {
            let mut request = reqwest::Client::new().get(&url);
            if let Ok(tag) = std::fs::read_to_string(&tag_path)
                && path.is_file()
            {
                request = request.header(reqwest::header::IF_NONE_MATCH, tag);
            }
            let answer = request.send().await?;
            if answer.status() == reqwest::StatusCode::NOT_MODIFIED {
                return Ok(None);
            }
            let answer = answer.error_for_status()?;
            let tag = answer
                .headers()
                .get(reqwest::header::ETAG)
                .and_then(|v| v.to_str().ok())
                .map(String::from);
            Ok(Some((answer.bytes().await?, tag)))
        });
    match fetched {
        Ok(None) => Ok(path),
        Ok(Some((bytes, tag))) => {
            std::fs::create_dir_all(&folder).map_err(keep)?;
            let part = folder.join(format!("{file}.{}.part", std::process::id()));
            std::fs::write(&part, &bytes).map_err(keep)?;
            std::fs::rename(&part, &path).map_err(keep)?;
            match tag {
                Some(tag) => std::fs::write(&tag_path, tag).map_err(keep)?,
                None => drop(std::fs::remove_file(&tag_path)),
            }
            Ok(path)
        }
        Err(error) if path.is_file() && !error.is_status() => {
            tracing::warn!("{url}: {error}; the copy kept from the last time is shown");
            Ok(path)
        }
        Err(error) => Err(http(error)),
    }
}

fn cache_dir() -> PathBuf {
    let base = std::env::var_os("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .or_else(|| std::env::var_os("HOME").map(|h| PathBuf::from(h).join(".cache")))
        .or_else(|| std::env::var_os("LOCALAPPDATA").map(PathBuf::from))
        .unwrap_or_else(std::env::temp_dir);
    base.join("chengtu").join("packs")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_server_address_gives_the_pack_address() {
        let url = |s| pack_url(s, "basemap.pmtiles").ok();
        assert_eq!(
            url("ws://127.0.0.1:7300").unwrap(),
            "http://127.0.0.1:7300/v1/pack/basemap.pmtiles"
        );
        assert_eq!(
            url("wss://city.example/v1/ws").unwrap(),
            "https://city.example/v1/pack/basemap.pmtiles"
        );
        for bad in ["127.0.0.1:7300", "ftp://x", "ws://", ""] {
            assert!(url(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn reading_beyond_the_end_is_an_error() {
        let file = tempfile_with(b"0123456789");
        let source = LocalFile::open(&file).unwrap();
        assert_eq!(source.read_at(2, 3).unwrap(), b"234");
        assert!(source.read_at(8, 3).is_err());
        assert!(source.read_at(u64::MAX, usize::MAX).is_err());
        std::fs::remove_file(file).unwrap();
    }

    fn tempfile_with(bytes: &[u8]) -> PathBuf {
        let path = std::env::temp_dir().join(format!("chengtu-source-{}", std::process::id()));
        std::fs::write(&path, bytes).unwrap();
        path
    }
}
