use chengtu_trust::{Fingerprint, Refusal, Trust, refusal_in};
use directories::BaseDirs;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

/// How long a server may keep a fetch waiting. The whole of a fetch has no limit: a base map is large and lines are
/// slow.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// Until it takes the connection.
    pub(super) connect: Duration,
    /// Between two pieces of its answer.
    pub(super) silence: Duration,
}

/// What a city's server keeps without fail.
pub(super) const LIMITS: Limits = Limits {
    connect: Duration::from_secs(5),
    silence: Duration::from_secs(20),
};

/// Why a file of a server's pack cannot be had.
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
    /// The server's certificate is not taken.
    #[error("{url}: {refusal}")]
    Certificate {
        /// What was asked for.
        url: String,
        /// Why.
        refusal: Refusal,
    },
    /// TLS cannot be set up.
    #[error("{url}: {source}")]
    Tls {
        /// What was asked for.
        url: String,
        /// What went wrong.
        #[source]
        source: rustls::Error,
    },
    /// The copy cannot be kept.
    #[error("{path}: the file of the pack cannot be kept: {source}")]
    Keep {
        /// Path of the copy.
        path: String,
        /// What the system said.
        #[source]
        source: io::Error,
    },
}

/// What the two sides show each other.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Shown<'a> {
    /// To the server; empty: nothing.
    pub(super) token: &'a str,
    /// The certificate that was confirmed.
    pub(super) pin: Option<Fingerprint>,
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
/// [`FetchError`], also when the server is silent for longer than `limits` say; a half-fetched file is never left
/// under the final name.
pub(super) fn fetch(
    server: &str,
    shown: Shown<'_>,
    file: &str,
    limits: Limits,
) -> Result<PathBuf, FetchError> {
    let url = pack_url(server, file)?;
    let tls = url
        .starts_with("https://")
        .then(|| Trust::new(shown.pin).config());
    let tls = tls.transpose().map_err(|source| FetchError::Tls {
        url: url.clone(),
        source,
    })?;
    let folder =
        cache_dir().join(url.replace(|c: char| !c.is_ascii_alphanumeric() && c != '.', "_"));
    let path = folder.join(file);
    let tag_path = folder.join(format!("{file}.tag"));
    let keep = |source| FetchError::Keep {
        path: path.display().to_string(),
        source,
    };
    let http = |source: reqwest::Error| {
        let url = url.clone();
        match refusal_in(&source) {
            Some(refusal) => FetchError::Certificate { url, refusal },
            None => FetchError::Http { url, source },
        }
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(keep)?;
    let fetched: Result<Option<(bytes::Bytes, Option<String>)>, reqwest::Error> =
        runtime.block_on(async {
            let mut client = reqwest::Client::builder()
                .connect_timeout(limits.connect)
                .read_timeout(limits.silence);
            if let Some(tls) = tls {
                client = client.use_preconfigured_tls(rustls::ClientConfig::clone(&tls));
            }
            let mut request = client.build()?.get(&url);
            if !shown.token.is_empty() {
                request = request.bearer_auth(shown.token);
            }
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
        // A server that shows another certificate is not one that cannot be reached.
        Err(error) if path.is_file() && !error.is_status() && refusal_in(&error).is_none() => {
            tracing::warn!("{url}: {error}; the copy kept from the last time is shown");
            Ok(path)
        }
        Err(error) => Err(http(error)),
    }
}

/// Where fetched files are kept: in the user's cache, or among temporary files if the system names none.
fn cache_dir() -> PathBuf {
    let user = BaseDirs::new().map(|dirs| dirs.cache_dir().to_path_buf());
    user.unwrap_or_else(std::env::temp_dir)
        .join("chengtu/packs")
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
    fn a_server_that_gives_its_files_to_users_alone_is_shown_the_token() {
        use std::io::{Read, Write};
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let server = format!("ws://{}", listener.local_addr().unwrap());
        let asked = std::thread::spawn(move || {
            let (mut line, _) = listener.accept().unwrap();
            let mut head = [0; 4_096];
            let n = line.read(&mut head).unwrap();
            let answer = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";
            line.write_all(answer).unwrap();
            String::from_utf8_lossy(&head[..n]).to_ascii_lowercase()
        });
        let shown = Shown {
            token: "of-a-user",
            pin: None,
        };
        let got = fetch(&server, shown, "keyed.json", LIMITS);
        assert!(got.is_err());
        let asked = asked.join().unwrap();
        assert!(asked.contains("authorization: bearer of-a-user"), "{asked}");
    }

    #[test]
    fn a_server_that_takes_the_connection_and_says_nothing_is_given_up() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let server = format!("ws://{}", listener.local_addr().unwrap());
        let limits = Limits {
            connect: Duration::from_secs(5),
            silence: Duration::from_millis(100),
        };
        let (sender, receiver) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            sender.send(fetch(&server, Shown::default(), "silent.json", limits))
        });
        let answer = receiver.recv_timeout(Duration::from_secs(20));
        let error = answer.expect("an answer in time").unwrap_err();
        assert!(matches!(error, FetchError::Http { .. }), "{error}");
        drop(listener);
    }
}
