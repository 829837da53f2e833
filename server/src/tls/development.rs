//! A certificate that the server makes for itself, so that nothing crosses a network in plain text before there is a real
//! one. Nobody vouches for it: clients pin it by its fingerprint.

use super::TlsError;
use super::certificate::Pair;
use chengtu_engine::time::Timestamp;
use rcgen::{CertificateParams, DnType, KeyPair, date_time_ymd};
use std::io::Write;
use std::net::IpAddr;
use std::path::Path;

/// Folder in the data directory.
const FOLDER: &str = "tls";
/// How long a development certificate holds, years. Another one has another fingerprint, so it holds for long.
const YEARS: i16 = 10;

/// The development certificate of a data directory; made where there is none. Of the two files either both are used or
/// both are made.
///
/// - `address`: where the server listens
/// - `hosts`: names that it goes by
pub(super) fn pair_in(
    data: &Path,
    address: IpAddr,
    hosts: &[String],
    now: Timestamp,
) -> Result<Pair, TlsError> {
    let folder = data.join(FOLDER);
    let pair = Pair {
        cert: folder.join("dev-cert.pem"),
        key: folder.join("dev-key.pem"),
    };
    if pair.cert.is_file() && pair.key.is_file() {
        return Ok(pair);
    }
    let (cert, key) =
        make(&names(address, hosts), now).map_err(|e| TlsError::Make(e.to_string()))?;
    let keep = |path: &Path| {
        let path = path.to_owned();
        move |source| TlsError::Keep { path, source }
    };
    std::fs::create_dir_all(&folder).map_err(keep(&folder))?;
    write(&pair.key, &key, true).map_err(keep(&pair.key))?;
    write(&pair.cert, &cert, false).map_err(keep(&pair.cert))?;
    Ok(pair)
}

/// What may stand for this server in an address.
fn names(address: IpAddr, hosts: &[String]) -> Vec<String> {
    let mut names = vec![
        "localhost".to_owned(),
        "127.0.0.1".to_owned(),
        "::1".to_owned(),
    ];
    if !address.is_unspecified() {
        names.push(address.to_string());
    }
    names.extend(
        rustix::system::uname()
            .nodename()
            .to_str()
            .ok()
            .map(str::to_owned),
    );
    names.extend(hosts.iter().cloned());
    names.retain(|n| !n.is_empty() && n.is_ascii());
    names.sort();
    names.dedup();
    names
}

/// A certificate and its key, in PEM.
fn make(names: &[String], now: Timestamp) -> Result<(String, String), rcgen::Error> {
    let mut asked = CertificateParams::new(names)?;
    let day = jiff::Timestamp::from_microsecond(now.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    let day = day.to_zoned(jiff::tz::TimeZone::UTC).date();
    // From the first of the month before: a desk's clock may be behind.
    let from = day.saturating_sub(jiff::Span::new().months(1));
    let at = |year: i16| date_time_ymd(i32::from(year), from.month() as u8, 1);
    asked.not_before = at(from.year());
    asked.not_after = at(from.year().saturating_add(YEARS));
    let name = "Chengtu development certificate";
    asked.distinguished_name.push(DnType::CommonName, name);
    let key = KeyPair::generate()?;
    let cert = asked.self_signed(&key)?;
    Ok((cert.pem(), key.serialize_pem()))
}

/// Writes a file aside and renames it, so that it is there whole or not at all.
fn write(path: &Path, text: &str, secret: bool) -> std::io::Result<()> {
    let aside = path.with_extension("part");
    let _ = std::fs::remove_file(&aside);
    let mut options = std::fs::File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    if secret {
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    }
    let mut file = options.open(&aside)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    std::fs::rename(&aside, path)
}
