use super::super::Anchor;
use super::super::anchor::{bytes_of_hex, hex};
use super::key::{PublicKey, ServerKey};
use std::fmt;

/// First words of a signed anchor: what it is, and the version of its form.
const BEGIN: &str = "chengtu-anchor 2";

/// An [`Anchor`] with its moment, signed by the server that gave it.
///
/// Written as one line: `chengtu-anchor 2 EPOCH RECORD LINK WHEN KEY SIGNATURE`. WHEN is a day, `2026-11-22`, for the last
/// record of that day, or a moment, `2026-11-22T15:59:59Z`; KEY the fingerprint of the server's key; SIGNATURE an
/// Ed25519 signature of all before its blank, in 128 hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedAnchor {
    /// What is signed.
    pub anchor: Anchor,
    /// The day whose last record it is, or the moment at which it was the last.
    pub when: String,
    /// Fingerprint of the key.
    pub key: String,
    signature: [u8; 64],
}

impl SignedAnchor {
    /// Signs an anchor; `when` must have no blank.
    pub fn new(anchor: Anchor, when: &str, key: &ServerKey) -> Self {
        let fingerprint = key.public().fingerprint();
        let signature = key.sign(said(&anchor, when, &fingerprint).as_bytes());
        Self {
            anchor,
            when: when.to_owned(),
            key: fingerprint,
            signature,
        }
    }

    /// Whether a key has signed this.
    pub fn is_of(&self, key: &PublicKey) -> bool {
        let said = said(&self.anchor, &self.when, &self.key);
        key.has_signed(said.as_bytes(), &self.signature)
    }

    /// A line as one; `None` where it is something else.
    pub(super) fn of_line(line: &str) -> Option<Self> {
        let rest = line.strip_prefix(BEGIN)?;
        let parts: Vec<&str> = rest.split_ascii_whitespace().collect();
        let &[epoch, seq, link, when, key, signature] = &parts[..] else {
            return None;
        };
        let signed = Self {
            anchor: Anchor {
                epoch: epoch.parse().ok()?,
                seq: seq.parse().ok()?,
                link: bytes_of_hex(link)?,
            },
            when: when.to_owned(),
            key: key.to_owned(),
            signature: bytes_of_hex(signature)?,
        };
        // As it was written to the letter: nothing about it may be changed unseen.
        (signed.to_string() == line).then_some(signed)
    }
}

/// What is signed.
fn said(anchor: &Anchor, when: &str, key: &str) -> String {
    let Anchor { epoch, seq, link } = anchor;
    format!("{BEGIN} {epoch} {seq} {} {when} {key}", hex(link))
}

impl fmt::Display for SignedAnchor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let said = said(&self.anchor, &self.when, &self.key);
        write!(f, "{said} {}", hex(&self.signature))
    }
}
