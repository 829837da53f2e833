use super::{Fingerprint, Refusal};
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::version::{TLS12, TLS13};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, OtherError, RootCertStore,
    SignatureScheme,
};
use std::sync::{Arc, OnceLock};

/// Whom a connection is opened to: a server that this machine's roots vouch for, or the one whose certificate was
/// confirmed.
#[derive(Clone, Debug, Default)]
pub struct Trust {
    pin: Option<Fingerprint>,
}

impl Trust {
    /// This machine's roots alone, or with `pin` that one certificate alone, whatever name and days stand in it.
    pub fn new(pin: Option<Fingerprint>) -> Self {
        Self { pin }
    }

    /// What TLS is opened with: versions 1.2 and 1.3, HTTP/1.1.
    ///
    /// # Errors
    /// None with the ciphers that are built in; rustls cannot know that.
    pub fn config(&self) -> Result<Arc<ClientConfig>, Error> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let roots = system_roots();
        let verifier = WebPkiServerVerifier::builder_with_provider(roots, provider.clone()).build();
        let verifier = Verifier {
            pin: self.pin,
            // Without any root there is nobody to vouch.
            roots: verifier.ok(),
            provider: provider.clone(),
        };
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&TLS13, &TLS12])?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier))
            .with_no_client_auth();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Arc::new(config))
    }
}

/// The roots of this machine, read once.
fn system_roots() -> Arc<RootCertStore> {
    static ROOTS: OnceLock<Arc<RootCertStore>> = OnceLock::new();
    let read = || {
        let found = rustls_native_certs::load_native_certs();
        for error in &found.errors {
            tracing::debug!(%error, "a root certificate of this machine cannot be read");
        }
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(found.certs);
        Arc::new(roots)
    };
    ROOTS.get_or_init(read).clone()
}

#[derive(Debug)]
struct Verifier {
    pin: Option<Fingerprint>,
    roots: Option<Arc<WebPkiServerVerifier>>,
    provider: Arc<CryptoProvider>,
}

fn refused(refusal: Refusal) -> Error {
    CertificateError::Other(OtherError(Arc::new(refusal))).into()
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let shown = Fingerprint::of(end_entity);
        if let Some(pinned) = self.pin {
            return if pinned == shown {
                Ok(ServerCertVerified::assertion())
            } else {
                Err(refused(Refusal::Changed { pinned, shown }))
            };
        }
        let Some(roots) = &self.roots else {
            let why = "this machine has no root certificates".to_owned();
            return Err(refused(Refusal::Unknown { shown, why }));
        };
        roots
            .verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
            .map_err(|error| match error {
                Error::InvalidCertificate(why) => refused(Refusal::Unknown {
                    shown,
                    why: in_words(&why),
                }),
                other => other,
            })
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, cert, dss, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, cert, dss, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        let algorithms = &self.provider.signature_verification_algorithms;
        algorithms.supported_schemes()
    }
}

fn in_words(why: &CertificateError) -> String {
    match why {
        CertificateError::UnknownIssuer => "its issuer is not known here".to_owned(),
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            "it has expired".to_owned()
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "its days have not begun; is this machine's clock right?".to_owned()
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "it is another name's".to_owned()
        }
        other => format!("{other}"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::refusal_in;
    use super::*;
    use std::io;

    fn shown_to(pin: Option<Fingerprint>, certificate: &CertificateDer<'_>) -> Result<(), Error> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let verifier = Verifier {
            pin,
            roots: WebPkiServerVerifier::builder_with_provider(system_roots(), provider.clone())
                .build()
                .ok(),
            provider,
        };
        let name = ServerName::try_from("city.example").unwrap();
        let now = UnixTime::now();
        let taken = verifier.verify_server_cert(certificate, &[], &name, &[], now);
        taken.map(|_| ())
    }

    fn certificate() -> CertificateDer<'static> {
        let made = rcgen::generate_simple_self_signed(vec!["city.example".to_owned()]).unwrap();
        made.cert.der().clone()
    }

    #[test]
    fn a_certificate_that_nobody_vouches_for_is_refused_with_its_fingerprint_until_it_is_confirmed()
    {
        let certificate = certificate();
        let fingerprint = Fingerprint::of(&certificate);
        let error = shown_to(None, &certificate).unwrap_err();
        let refusal = refusal_in(&error).unwrap();
        assert_eq!(refusal.shown(), fingerprint);
        let words = refusal.to_string();
        assert!(words.contains(&format!("--pin {fingerprint}")), "{words}");
        assert_eq!(shown_to(Some(fingerprint), &certificate), Ok(()));
    }

    #[test]
    fn another_certificate_than_the_confirmed_one_is_refused_in_words_behind_any_error() {
        let (one, other) = (certificate(), certificate());
        let pinned = Fingerprint::of(&one);
        let error = shown_to(Some(pinned), &other).unwrap_err();
        let wrapped = io::Error::other(io::Error::other(error));
        let shown = Fingerprint::of(&other);
        let refusal = Refusal::Changed { pinned, shown };
        assert_eq!(refusal_in(&wrapped), Some(refusal));
        assert_eq!(refusal_in(&io::Error::other("cable")), None);
    }
}
