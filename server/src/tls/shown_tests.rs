use super::*;
use crate::clock::Clock;
use crate::tls::{Plan, development};
use chengtu_engine::time::Timestamp;
use std::net::IpAddr;
use std::path::Path;
use std::sync::atomic::{AtomicI64, Ordering};

/// A clock that shows what it is told, seconds since 1970.
#[derive(Debug)]
struct Told(AtomicI64);

impl Clock for Told {
    fn now(&self) -> Timestamp {
        Timestamp::from_seconds(self.0.load(Ordering::Relaxed))
    }
}

/// 2026-06-01.
const TODAY_S: i64 = 1_780_272_000;
const YEAR_S: i64 = 365 * 86_400;

struct Bench {
    dir: tempfile::TempDir,
    clock: Arc<Told>,
    pair: Pair,
}

impl Bench {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let pair = Pair {
            cert: dir.path().join("cert.pem"),
            key: dir.path().join("key.pem"),
        };
        let bench = Self {
            clock: Arc::new(Told(AtomicI64::new(TODAY_S))),
            pair,
            dir,
        };
        let (cert, key) = made(2025, 2027);
        bench.put(&cert, &key);
        bench
    }

    fn put(&self, cert: &str, key: &str) {
        std::fs::write(&self.pair.cert, cert).unwrap();
        std::fs::write(&self.pair.key, key).unwrap();
    }

    fn open(&self) -> Result<Tls, TlsError> {
        Tls::open(self.pair.clone(), false, self.clock.clone())
    }

    fn error(&self) -> String {
        self.open().unwrap_err().to_string()
    }
}

/// A certificate and its key in PEM, from the first day of a year to that of another.
fn made(from: i32, until: i32) -> (String, String) {
    let mut asked = rcgen::CertificateParams::new(vec!["city.example".to_owned()]).unwrap();
    asked.not_before = rcgen::date_time_ymd(from, 1, 1);
    asked.not_after = rcgen::date_time_ymd(until, 1, 1);
    let key = rcgen::KeyPair::generate().unwrap();
    let cert = asked.self_signed(&key).unwrap();
    (cert.pem(), key.serialize_pem())
}

#[test]
fn what_cannot_be_used_is_told_with_its_file() {
    let bench = Bench::new();
    bench.open().unwrap();
    let (cert, key) = made(2025, 2027);
    let (_, other_key) = made(2025, 2027);
    let unreadable = cert.replace("MII", "MIJ");
    for (cert, key, words) in [
        (
            &*cert,
            &*other_key,
            "key.pem: the key does not fit the certificate",
        ),
        ("", &*key, "cert.pem: no certificate in PEM"),
        ("hello", &*key, "cert.pem: no certificate in PEM"),
        (&*key, &*key, "cert.pem: no certificate in PEM"),
        (&*cert, "", "key.pem: no private key in PEM"),
        (&*cert, &*cert, "key.pem: no private key in PEM"),
        (&*unreadable, &*key, "cert.pem: "),
        (
            &*cert,
            "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
            "key.pem: cannot be used",
        ),
    ] {
        bench.put(cert, key);
        let error = bench.error();
        assert!(error.contains(words), "{words:?}: {error}");
        assert!(!error.contains("BEGIN PRIVATE"), "{error}");
    }
    std::fs::remove_file(&bench.pair.key).unwrap();
    assert!(bench.error().contains("key.pem: cannot be read"));
    drop(bench.dir);
}

#[test]
fn an_expired_certificate_is_used_at_the_start_and_said() {
    let bench = Bench::new();
    let tls = bench.open().unwrap();
    let left = tls.status().seconds_left;
    assert!(left > 180 * 86_400 && tls.status().trouble.is_none());
    bench.clock.0.fetch_add(YEAR_S, Ordering::Relaxed);
    assert_eq!(tls.status().seconds_left, left - YEAR_S);
    let trouble = bench.open().unwrap().status().trouble.unwrap();
    assert!(
        trouble.contains("has expired, on 2027-01-01T00:00:00Z"),
        "{trouble}"
    );
    bench.clock.0.store(TODAY_S - 3 * YEAR_S, Ordering::Relaxed);
    let trouble = tls.status().trouble.unwrap();
    assert!(trouble.contains("not valid before 2025-01-01"), "{trouble}");
}

#[test]
fn a_certificate_that_cannot_be_used_is_not_taken_and_the_one_before_goes_on() {
    let bench = Bench::new();
    let tls = bench.open().unwrap();
    let first = tls.status().fingerprint;
    let (good, good_key) = made(2026, 2028);
    let (_, other_key) = made(2026, 2028);
    let (old, old_key) = made(2020, 2021);
    let (early, early_key) = made(2030, 2031);
    for (cert, key, words) in [
        ("", &*good_key, "no certificate in PEM"),
        (&*good, &*other_key, "does not fit"),
        (&*old, &*old_key, "has expired, on 2021-01-01"),
        (&*early, &*early_key, "is not valid before 2030-01-01"),
    ] {
        bench.put(cert, key);
        tls.look();
        let status = tls.status();
        assert_eq!(status.fingerprint, first, "{words}");
        let trouble = status.trouble.unwrap();
        assert!(
            trouble.contains(words) && trouble.contains("goes on"),
            "{trouble}"
        );
    }
    std::fs::remove_file(&bench.pair.cert).unwrap();
    tls.look();
    let status = tls.status();
    assert_eq!(status.fingerprint, first);
    assert!(status.trouble.unwrap().contains("cannot be read"));
    bench.put(&good, &good_key);
    tls.look();
    let status = tls.status();
    assert!(
        status.fingerprint != first && status.trouble.is_none(),
        "{status:?}"
    );
    // What was too early is taken in its time.
    bench.put(&early, &early_key);
    tls.look();
    assert!(tls.status().trouble.is_some());
    bench.clock.0.fetch_add(4 * YEAR_S, Ordering::Relaxed);
    tls.look();
    let later = tls.status();
    assert!(
        later.fingerprint != status.fingerprint && later.trouble.is_none(),
        "{later:?}"
    );
}

#[test]
fn a_development_certificate_is_made_once_and_its_key_is_its_owners_alone() {
    let dir = tempfile::tempdir().unwrap();
    let address: IpAddr = "10.0.0.7".parse().unwrap();
    let hosts = ["city.example".to_owned(), "城.example".to_owned()];
    let now = Timestamp::from_seconds(TODAY_S);
    let open = || {
        let pair = development::pair_in(dir.path(), address, &hosts, now).unwrap();
        let clock = Arc::new(Told(AtomicI64::new(TODAY_S)));
        Tls::open(pair, true, clock).unwrap().status()
    };
    let made = open();
    assert!(made.development && made.trouble.is_none(), "{made:?}");
    assert!(made.seconds_left > 9 * YEAR_S, "{made:?}");
    assert_eq!(open(), made, "the same at the next start");
    let files = dir.path().join("tls");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(files.join("dev-key.pem")).unwrap();
        assert_eq!(mode.permissions().mode() & 0o777, 0o600);
    }
    let text = names_in(&files.join("dev-cert.pem"));
    for name in ["localhost", "10.0.0.7", "city.example", "::1"] {
        assert!(text.contains(name), "{name}: {text}");
    }
    // Of half a pair another whole one is made.
    std::fs::remove_file(files.join("dev-key.pem")).unwrap();
    assert_ne!(open().fingerprint, made.fingerprint);
}

/// The names that a certificate stands for.
fn names_in(path: &Path) -> String {
    use rustls::pki_types::CertificateDer;
    use rustls::pki_types::pem::PemObject;
    use x509_parser::extensions::GeneralName;
    let der = CertificateDer::from_pem_file(path).unwrap();
    let (_, read) = x509_parser::parse_x509_certificate(&der).unwrap();
    let names = read.subject_alternative_name().unwrap().unwrap();
    let name = |n: &GeneralName<'_>| match n {
        GeneralName::DNSName(name) => (*name).to_owned(),
        GeneralName::IPAddress(bytes) => match <[u8; 4]>::try_from(*bytes) {
            Ok(bytes) => IpAddr::from(bytes).to_string(),
            Err(_) => IpAddr::from(<[u8; 16]>::try_from(*bytes).unwrap()).to_string(),
        },
        other => format!("{other:?}"),
    };
    let all: Vec<String> = names.value.general_names.iter().map(name).collect();
    all.join(" ")
}

#[test]
fn plain_text_is_for_this_machine_or_a_proxy_that_is_said_to_be_there() {
    let clock: SharedClock = Arc::new(Told(AtomicI64::new(TODAY_S)));
    let plan = |text: &str, address: &str| {
        let config = crate::config::Config::parse(text, Path::new("t")).unwrap();
        Plan::of(&config, address.parse().unwrap(), &clock)
    };
    for own in ["127.0.0.1", "::1", "127.3.2.1", "::ffff:127.0.0.1"] {
        assert!(matches!(plan("", own), Ok(Plan::Plain)), "{own}");
    }
    for network in ["0.0.0.0", "10.0.0.7", "::"] {
        assert!(
            matches!(plan("", network), Ok(Plan::Development { .. })),
            "{network}"
        );
        let proxy = plan("[tls]\nplain_behind_proxy = true", network);
        assert!(matches!(proxy, Ok(Plan::Plain)), "{network}");
    }
    let bench = Bench::new();
    let given = format!(
        "[tls]\ncert = '{}'\nkey = '{}'",
        bench.pair.cert.display(),
        bench.pair.key.display()
    );
    assert!(matches!(plan(&given, "127.0.0.1"), Ok(Plan::Given(_))));
    std::fs::remove_file(&bench.pair.cert).unwrap();
    assert!(plan(&given, "127.0.0.1").is_err());
}
