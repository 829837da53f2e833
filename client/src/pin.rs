//! The certificate that a person has confirmed for the server shown: one cell for the line, the city's files and the settings.

use chengtu_trust::Fingerprint;
use std::sync::{Arc, Mutex, PoisonError};

/// The certificate that is taken for the server's, whoever vouches for it; `None`: one for which this machine's roots vouch.
#[derive(Clone, Debug, Default)]
pub struct Pin(Arc<Mutex<Option<Fingerprint>>>);

impl Pin {
    /// As given on the command line, or remembered.
    pub fn new(pin: Option<Fingerprint>) -> Self {
        Self(Arc::new(Mutex::new(pin)))
    }

    /// The certificate to be shown from the next connection on.
    pub fn get(&self) -> Option<Fingerprint> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A person has confirmed this certificate.
    pub fn confirm(&self, shown: Fingerprint) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(shown);
    }
}

/// What a server's certificate is remembered by: its host and port as in its address; `None` for one of plain text.
pub fn remembered_as(server: &str) -> Option<String> {
    let (scheme, rest) = server.trim().split_once("://")?;
    let host = rest.split('/').next().filter(|h| !h.is_empty())?;
    let secure = ["wss", "https"]
        .iter()
        .any(|s| scheme.eq_ignore_ascii_case(s));
    secure.then(|| host.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_is_remembered_by_host_and_port_and_only_where_there_is_one() {
        let of = |s| remembered_as(s);
        assert_eq!(
            of("wss://City.example:7300/v1/ws").unwrap(),
            "city.example:7300"
        );
        assert_eq!(of("https://city.example").unwrap(), "city.example");
        for plain in ["ws://h:1", "http://h", "h:7300", "wss://", ""] {
            assert_eq!(of(plain), None, "{plain}");
        }
    }

    #[test]
    fn what_is_confirmed_is_known_wherever_the_cell_is() {
        let cell = Pin::default();
        let of_the_line = cell.clone();
        assert_eq!(of_the_line.get(), None);
        let shown = Fingerprint::of(b"certificate");
        cell.confirm(shown);
        assert_eq!(of_the_line.get(), Some(shown));
    }
}
