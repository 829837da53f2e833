use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// How connections are encrypted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TlsConfig {
    /// PEM file of the certificate, its own first, then those of its issuers; empty: none. A relative path counts from
    /// the configuration's folder.
    pub cert: PathBuf,
    /// PEM file of its private key.
    pub key: PathBuf,
    /// A proxy in front of the server does TLS, so it may speak plain text on an address that is not this machine's own.
    pub plain_behind_proxy: bool,
}

impl TlsConfig {
    /// True where a certificate is named.
    pub fn is_given(&self) -> bool {
        !self.cert.as_os_str().is_empty()
    }

    /// Counts relative paths from the folder of the configuration at `path`.
    pub(super) fn beside(&mut self, path: &Path) {
        let folder = path.parent().unwrap_or(Path::new(""));
        for file in [&mut self.cert, &mut self.key] {
            if !file.as_os_str().is_empty() {
                *file = folder.join(&*file);
            }
        }
    }

    /// What cannot be: the key, its value, and what would be right.
    pub(super) fn fault(&self) -> Option<(&'static str, String, &'static str)> {
        let key_given = !self.key.as_os_str().is_empty();
        let shown = |p: &Path| p.display().to_string();
        match (self.is_given(), key_given) {
            (true, false) => {
                let text = "goes with the certificate; name the PEM file of its private key";
                Some(("tls.key", shown(&self.key), text))
            }
            (false, true) => {
                let text = "goes with the key; name the PEM file of its certificate";
                Some(("tls.cert", shown(&self.cert), text))
            }
            (true, true) if self.plain_behind_proxy => {
                let text =
                    "leave it out where a certificate is named: then the server does TLS itself";
                Some(("tls.plain_behind_proxy", "true".to_owned(), text))
            }
            _ => None,
        }
    }
}
