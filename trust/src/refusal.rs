use super::Fingerprint;
use std::error::Error;

/// Why a server's certificate is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Nobody whom this machine trusts vouches for it, and no person has confirmed it.
    #[error(
        "the server shows a certificate that nobody vouches for ({why}); its SHA-256 fingerprint is {shown}. Hold it against what the server says at its start; if it is the same, connect with --pin {shown}"
    )]
    Unknown {
        /// Of the certificate that was shown.
        shown: Fingerprint,
        /// What is missing.
        why: String,
    },
    /// Another one was confirmed.
    #[error(
        "the server's certificate is not the one that was confirmed: {pinned} was, {shown} is shown. Somebody may stand in between, or the server was given a new one: ask who runs it, and if it is right connect with --pin {shown}"
    )]
    Changed {
        /// Of the certificate that was confirmed.
        pinned: Fingerprint,
        /// Of the certificate that was shown.
        shown: Fingerprint,
    },
}

impl Refusal {
    /// The fingerprint of the certificate that was shown.
    pub fn shown(&self) -> Fingerprint {
        match self {
            Self::Unknown { shown, .. } | Self::Changed { shown, .. } => *shown,
        }
    }
}

/// The refusal that made a connection fail, somewhere behind an error; `None` where it was something else.
pub fn refusal_in(error: &(dyn Error + 'static)) -> Option<Refusal> {
    if let Some(refusal) = error.downcast_ref::<Refusal>() {
        return Some(refusal.clone());
    }
    if let Some(rustls::Error::InvalidCertificate(rustls::CertificateError::Other(other))) =
        error.downcast_ref()
    {
        return refusal_in(&*other.0);
    }
    // An error of input and output names what is behind its content as its source, not the content.
    if let Some(inner) = error.downcast_ref::<std::io::Error>()
        && let Some(content) = inner.get_ref()
    {
        return refusal_in(content);
    }
    refusal_in(error.source()?)
}
