//! What tests of TLS share: certificates made for the test, clients that insist on something, and hellos of programs that are too
//! old.

use anyhow::{Context, Result, bail};
use chengtu_trust::{Fingerprint, Trust};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ProtocolVersion};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// A certificate and its key in a folder, as a configuration names them.
pub struct Files {
    cert: PathBuf,
    key: PathBuf,
}

impl Files {
    /// In `dir`, with a certificate that holds today.
    pub fn new(dir: &Path) -> Result<Self> {
        let files = Self {
            cert: dir.join("cert.pem"),
            key: dir.join("key.pem"),
        };
        files.renew(2020, 2060)?;
        Ok(files)
    }

    /// Puts another certificate there, from the first day of a year to that of another.
    pub fn renew(&self, from: i32, until: i32) -> Result<Fingerprint> {
        let mut asked = rcgen::CertificateParams::new(vec!["localhost".to_owned()])?;
        asked.not_before = rcgen::date_time_ymd(from, 1, 1);
        asked.not_after = rcgen::date_time_ymd(until, 1, 1);
        let key = rcgen::KeyPair::generate()?;
        let cert = asked.self_signed(&key)?;
        std::fs::write(&self.key, key.serialize_pem())?;
        std::fs::write(&self.cert, cert.pem())?;
        self.fingerprint()
    }

    /// Damages the certificate's file.
    pub fn damage(&self) -> Result<()> {
        Ok(std::fs::write(&self.cert, "-----BEGIN")?)
    }

    /// Of the certificate that lies there.
    pub fn fingerprint(&self) -> Result<Fingerprint> {
        fingerprint_in(&self.cert)
    }

    /// The part of a configuration that names them.
    pub fn config(&self) -> String {
        format!(
            "[tls]\ncert = '{}'\nkey = '{}'\n",
            self.cert.display(),
            self.key.display()
        )
    }
}

/// Of the first certificate in a PEM file.
pub fn fingerprint_in(file: &Path) -> Result<Fingerprint> {
    let cert = CertificateDer::from_pem_file(file);
    let cert = cert.with_context(|| file.display().to_string())?;
    Ok(Fingerprint::of(&cert))
}

/// A client that takes this one certificate.
pub fn pinned(pin: Fingerprint) -> Result<Arc<ClientConfig>> {
    Ok(Trust::new(Some(pin)).config()?)
}

/// A client that takes any certificate, and offers these versions and protocols alone.
pub fn offering(
    versions: &[&'static rustls::SupportedProtocolVersion],
    protocols: &[&str],
) -> Result<Arc<ClientConfig>> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_protocol_versions(versions)?;
    let mut config = builder
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Anybody))
        .with_no_client_auth();
    let protocols = protocols.iter().map(|p| p.as_bytes().to_vec());
    config.alpn_protocols = protocols.collect();
    Ok(Arc::new(config))
}

/// Opens TLS to a server.
pub async fn connect(address: SocketAddr, tls: Arc<ClientConfig>) -> Result<TlsStream<TcpStream>> {
    let line = TcpStream::connect(address).await?;
    let name = ServerName::try_from("localhost")?;
    Ok(TlsConnector::from(tls).connect(name, line).await?)
}

/// The certificate that a server shows to whoever connects now.
pub async fn shown(address: SocketAddr) -> Result<Fingerprint> {
    let tls = offering(&[&rustls::version::TLS13], &[])?;
    let line = connect(address, tls).await?;
    let certificates = line.get_ref().1.peer_certificates();
    let own = certificates.and_then(<[_]>::first);
    Ok(Fingerprint::of(own.context("no certificate")?))
}

/// What became of a connection, as both sides agreed.
pub fn agreed(line: &TlsStream<TcpStream>) -> (Option<ProtocolVersion>, Option<Vec<u8>>) {
    let (_, session) = line.get_ref();
    let protocol = session.alpn_protocol().map(<[u8]>::to_vec);
    (session.protocol_version(), protocol)
}

/// What a server says to a hello.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said {
    /// It goes on.
    Hello,
    /// It ends with an alert of this number (RFC 5246, 7.2.2): 40 no cipher, 70 no version.
    Alert(u8),
}

/// Says hello as programs did before TLS 1.3: with one version and these ciphers.
pub async fn hello(address: SocketAddr, version: u16, ciphers: &[u16]) -> Result<Said> {
    let mut line = TcpStream::connect(address).await?;
    line.write_all(&old_hello(version, ciphers)).await?;
    let mut head = [0; 7];
    let read = tokio::time::timeout(Duration::from_secs(10), line.read_exact(&mut head));
    read.await.context("no word to a hello")??;
    match head[0] {
        21 => Ok(Said::Alert(head[6])),
        22 => Ok(Said::Hello),
        other => bail!("a record of kind {other}"),
    }
}

/// The bytes of such a hello.
pub fn old_hello(version: u16, ciphers: &[u16]) -> Vec<u8> {
    let with_length = |bytes: &[u8]| {
        let mut out = (bytes.len() as u16).to_be_bytes().to_vec();
        out.extend_from_slice(bytes);
        out
    };
    let words = |words: &[u16]| -> Vec<u8> { words.iter().flat_map(|w| w.to_be_bytes()).collect() };
    let mut extensions = Vec::new();
    for (kind, body) in [
        // Groups X25519 and P-256; points as they are; signatures; one master secret a session; no renegotiation.
        (10_u16, with_length(&words(&[0x1d, 0x17]))),
        (11, vec![1, 0]),
        (13, with_length(&words(&[0x0403, 0x0804, 0x0401]))),
        (23, vec![]),
        (0xff01, vec![0]),
    ] {
        extensions.extend_from_slice(&kind.to_be_bytes());
        extensions.extend(with_length(&body));
    }
    let mut body = version.to_be_bytes().to_vec();
    body.extend_from_slice(&[7; 32]);
    body.push(0);
    body.extend(with_length(&words(ciphers)));
    body.extend_from_slice(&[1, 0]);
    body.extend(with_length(&extensions));
    let mut message = vec![1, 0];
    message.extend(with_length(&body));
    let mut record = vec![22, 3, 1];
    record.extend(with_length(&message));
    record
}

/// Takes any certificate.
#[derive(Debug)]
struct Anybody;

impl rustls::client::danger::ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: rustls::pki_types::UnixTime,
    ) -> Result<rustls::client::danger::ServerCertVerified, rustls::Error> {
        Ok(rustls::client::danger::ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &rustls::DigitallySignedStruct,
    ) -> Result<rustls::client::danger::HandshakeSignatureValid, rustls::Error> {
        Ok(rustls::client::danger::HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &rustls::DigitallySignedStruct,
    ) -> Result<rustls::client::danger::HandshakeSignatureValid, rustls::Error> {
        Ok(rustls::client::danger::HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<rustls::SignatureScheme> {
        let provider = rustls::crypto::ring::default_provider();
        provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}
