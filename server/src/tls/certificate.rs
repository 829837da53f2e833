use super::TlsError;
use chengtu_engine::time::Timestamp;
use chengtu_trust::Fingerprint;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Where a certificate and its key lie.
#[derive(Clone, Debug)]
pub(super) struct Pair {
    pub cert: PathBuf,
    pub key: PathBuf,
}

/// What lies there, as it was read.
#[derive(Debug)]
pub(super) struct Bytes {
    cert: Vec<u8>,
    key: Vec<u8>,
    /// Changes with either of them.
    pub hash: blake3::Hash,
}

/// A certificate with the key that fits it.
#[derive(Clone, Debug)]
pub(super) struct Certificate {
    pub key: Arc<CertifiedKey>,
    pub fingerprint: Fingerprint,
    /// First and last moment that it holds.
    pub from: Timestamp,
    pub until: Timestamp,
}

impl Pair {
    /// Reads both files.
    pub fn bytes(&self) -> Result<Bytes, TlsError> {
        let read = |path: &Path| {
            std::fs::read(path).map_err(|source| TlsError::Read {
                path: path.to_owned(),
                source,
            })
        };
        let (cert, key) = (read(&self.cert)?, read(&self.key)?);
        let mut hash = blake3::Hasher::new();
        hash.update(blake3::hash(&cert).as_bytes());
        hash.update(blake3::hash(&key).as_bytes());
        Ok(Bytes {
            cert,
            key,
            hash: hash.finalize(),
        })
    }

    /// Makes a certificate of what was read. Its days are not looked at.
    pub fn certificate(&self, bytes: &Bytes) -> Result<Certificate, TlsError> {
        let no_certificate = || TlsError::NoCertificate {
            path: self.cert.clone(),
        };
        let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(&bytes.cert)
            .collect::<Result<_, _>>()
            .map_err(|_| no_certificate())?;
        let own = chain.first().ok_or_else(no_certificate)?;
        let fingerprint = Fingerprint::of(own);
        let (from, until) = self.days(own)?;
        let key = PrivateKeyDer::from_pem_slice(&bytes.key).map_err(|_| TlsError::NoKey {
            path: self.key.clone(),
        })?;
        let unusable = |e: rustls::Error| TlsError::Unusable {
            path: self.key.clone(),
            why: e.to_string(),
        };
        let provider = ring::default_provider().key_provider;
        let key = provider.load_private_key(key).map_err(unusable)?;
        let key = CertifiedKey::new(chain, key);
        match key.keys_match() {
            Ok(()) => Ok(Certificate {
                key: Arc::new(key),
                fingerprint,
                from,
                until,
            }),
            Err(rustls::Error::InconsistentKeys(_)) => Err(TlsError::KeyDoesNotFit {
                cert: self.cert.clone(),
                key: self.key.clone(),
            }),
            Err(e) => Err(TlsError::Unusable {
                path: self.cert.clone(),
                why: e.to_string(),
            }),
        }
    }

    fn days(&self, own: &CertificateDer<'_>) -> Result<(Timestamp, Timestamp), TlsError> {
        let read = x509_parser::parse_x509_certificate(own);
        let (_, read) = read.map_err(|e| TlsError::Unusable {
            path: self.cert.clone(),
            why: format!("it is no certificate: {e}"),
        })?;
        let days = read.validity();
        let at = |t: x509_parser::time::ASN1Time| Timestamp::from_seconds(t.timestamp());
        Ok((at(days.not_before), at(days.not_after)))
    }

    /// Refuses a certificate whose days are over or have not begun.
    pub fn in_its_days(&self, certificate: &Certificate, now: Timestamp) -> Result<(), TlsError> {
        let path = self.cert.clone();
        if certificate.until < now {
            let when = told(certificate.until);
            Err(TlsError::Expired { path, when })
        } else if now < certificate.from {
            let when = told(certificate.from);
            Err(TlsError::NotYet { path, when })
        } else {
            Ok(())
        }
    }
}

/// A time for people, UTC.
pub(super) fn told(time: Timestamp) -> String {
    jiff::Timestamp::from_microsecond(time.0).map_or_else(|_| time.0.to_string(), |t| t.to_string())
}
