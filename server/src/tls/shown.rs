use super::TlsError;
use super::certificate::{Certificate, Pair, told};
use crate::clock::SharedClock;
use chengtu_engine::time::Timestamp;
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::version::{TLS12, TLS13};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use tokio_rustls::TlsAcceptor;

/// The certificate that is shown to who connects, and what became of the last look at its files.
#[derive(Debug)]
pub struct Tls {
    pair: Pair,
    development: bool,
    clock: SharedClock,
    shown: RwLock<Shown>,
}

/// What the server says of its certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsStatus {
    /// SHA-256 of the certificate.
    pub fingerprint: String,
    /// Last moment that it holds, UTC.
    pub until: String,
    /// Seconds until then; negative once it has expired.
    pub seconds_left: i64,
    /// The server made it for itself.
    pub development: bool,
    /// What is not as it should be, in words.
    pub trouble: Option<String>,
}

struct Shown {
    acceptor: TlsAcceptor,
    certificate: Certificate,
    hash: blake3::Hash,
    /// Why what lies in the files now is not taken.
    refused: Option<String>,
    /// What was said of its days.
    days_said: Option<Days>,
}

/// Where the present is in the days of a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Days {
    NotYet,
    Within,
    Ending,
    Over,
}

/// Before its end so many seconds, a certificate is said to end: two weeks.
const ENDING_S: i64 = 14 * 86_400;

impl std::fmt::Debug for Shown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut shown = f.debug_struct("Shown");
        shown.field("fingerprint", &self.certificate.fingerprint);
        shown.finish_non_exhaustive()
    }
}

impl Shown {
    /// A new table of sessions with each certificate: nobody resumes one that was begun with another.
    fn of(certificate: Certificate, hash: blake3::Hash) -> Result<Self, TlsError> {
        let provider = Arc::new(ring::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&TLS13, &TLS12])
            .map_err(|e| TlsError::SetUp(e.to_string()))?
            .with_no_client_auth()
            .with_cert_resolver(Arc::new(One(certificate.key.clone())));
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self {
            acceptor: TlsAcceptor::from(Arc::new(config)),
            certificate,
            hash,
            refused: None,
            days_said: None,
        })
    }

    fn seconds_left(&self, now: Timestamp) -> i64 {
        self.certificate
            .until
            .0
            .saturating_sub(now.0)
            .div_euclid(1_000_000)
    }

    fn days(&self, now: Timestamp) -> Days {
        if now < self.certificate.from {
            return Days::NotYet;
        }
        match self.seconds_left(now) {
            left if left < 0 => Days::Over,
            left if left < ENDING_S => Days::Ending,
            _ => Days::Within,
        }
    }

    fn trouble(&self, now: Timestamp) -> Option<String> {
        let until = told(self.certificate.until);
        let of_days = match self.days(now) {
            Days::Over => Some(format!("the certificate has expired, on {until}; renew it")),
            Days::NotYet => {
                let from = told(self.certificate.from);
                Some(format!("the certificate is not valid before {from}"))
            }
            Days::Within | Days::Ending => None,
        };
        self.refused.clone().or(of_days)
    }

    /// Says once what is to be said of its days, and keeps the figures.
    fn tell(&mut self, now: Timestamp) {
        let days = self.days(now);
        let left = self.seconds_left(now);
        metrics::gauge!("chengtu_tls_certificate_seconds_left").set(left as f64);
        let trouble = if self.trouble(now).is_some() {
            1.0
        } else {
            0.0
        };
        metrics::gauge!("chengtu_tls_trouble").set(trouble);
        if self.days_said.replace(days) == Some(days) {
            return;
        }
        let until = told(self.certificate.until);
        match days {
            Days::Within => {}
            Days::Ending => tracing::warn!("the certificate ends on {until}; renew it before"),
            Days::Over | Days::NotYet => {
                let words = self.trouble(now).unwrap_or_default();
                tracing::warn!("{words}; who connects will be told so by their program");
            }
        }
    }
}

/// One certificate for everybody.
#[derive(Debug)]
struct One(Arc<CertifiedKey>);

impl ResolvesServerCert for One {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.clone())
    }
}

impl Tls {
    /// Reads the certificate that is to be shown.
    ///
    /// # Errors
    /// [`TlsError`] naming the file. That its days are over is no error, and is said.
    pub(super) fn open(
        pair: Pair,
        development: bool,
        clock: SharedClock,
    ) -> Result<Self, TlsError> {
        let bytes = pair.bytes()?;
        let mut shown = Shown::of(pair.certificate(&bytes)?, bytes.hash)?;
        shown.tell(clock.now());
        Ok(Self {
            pair,
            development,
            clock,
            shown: RwLock::new(shown),
        })
    }

    fn shown(&self) -> RwLockReadGuard<'_, Shown> {
        self.shown.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn shown_mut(&self) -> RwLockWriteGuard<'_, Shown> {
        self.shown.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// What a new connection is taken in with.
    pub(crate) fn acceptor(&self) -> TlsAcceptor {
        self.shown().acceptor.clone()
    }

    /// What is shown, and what is wrong with it.
    pub fn status(&self) -> TlsStatus {
        let now = self.clock.now();
        let shown = self.shown();
        TlsStatus {
            fingerprint: shown.certificate.fingerprint.to_string(),
            until: told(shown.certificate.until),
            seconds_left: shown.seconds_left(now),
            development: self.development,
            trouble: shown.trouble(now),
        }
    }

    /// Looks at the files: another certificate in them is taken if it can be used today, else the one before goes on and it
    /// is said why. Open connections keep what they were opened with. Reads two files.
    pub fn look(&self) {
        let now = self.clock.now();
        let found = self.find(now);
        let mut shown = self.shown_mut();
        match found {
            Ok(Some(new)) => {
                let fingerprint = new.certificate.fingerprint;
                tracing::info!(%fingerprint, until = %told(new.certificate.until), "a new certificate is shown");
                metrics::counter!("chengtu_tls_reloads_total", "result" => "taken").increment(1);
                *shown = new;
            }
            Ok(None) => {
                if shown.refused.take().is_some() {
                    tracing::info!("the certificate's files are as they were");
                }
            }
            Err(error) => {
                let words = format!("{error}; the certificate before it goes on");
                if shown.refused.as_ref() != Some(&words) {
                    tracing::warn!("{words}");
                    metrics::counter!("chengtu_tls_reloads_total", "result" => "refused")
                        .increment(1);
                }
                shown.refused = Some(words);
            }
        }
        shown.tell(now);
    }

    /// What lies in the files; `None`: what is shown already.
    fn find(&self, now: Timestamp) -> Result<Option<Shown>, TlsError> {
        let bytes = self.pair.bytes()?;
        if bytes.hash == self.shown().hash {
            return Ok(None);
        }
        let certificate = self.pair.certificate(&bytes)?;
        self.pair.in_its_days(&certificate, now)?;
        Shown::of(certificate, bytes.hash).map(Some)
    }
}

#[cfg(test)]
#[path = "shown_tests.rs"]
mod tests;
