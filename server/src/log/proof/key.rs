//! The server's key: it signs anchors, so that whoever reads one knows which server gave it.

use super::super::anchor::{bytes_of_hex, hex};
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use std::fmt;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The file cannot be read or made.
    #[error("{}: {source}; the server makes its key here at its first start", path.display())]
    File {
        /// The key's file.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// The file holds something else.
    #[error(
        "{}: this is no key of a server, which is 64 hexadecimal digits; put the key back from a copy, or move the file away to have another made", path.display()
    )]
    Content {
        /// The key's file.
        path: PathBuf,
    },
    /// A text is no public key.
    #[error(
        "{0:?} is no public key; it is written in 64 hexadecimal digits, as `chengtu-server key` prints it"
    )]
    Public(String),
}

/// An Ed25519 key that signs. Whoever has its file can sign as this server.
pub struct ServerKey(SigningKey);

impl fmt::Debug for ServerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ServerKey({})", self.public().fingerprint())
    }
}

impl ServerKey {
    /// The key of a file.
    ///
    /// # Errors
    /// [`KeyError`], also where there is no file.
    pub fn read(path: &Path) -> Result<Self, KeyError> {
        let text = std::fs::read_to_string(path).map_err(at(path))?;
        let seed = bytes_of_hex::<32>(text.trim());
        let seed = seed.ok_or_else(|| KeyError::Content {
            path: path.to_owned(),
        })?;
        Ok(Self(SigningKey::from_bytes(&seed)))
    }

    /// The key of a file, which is made where there is none, for this user alone to read.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn read_or_make(path: &Path) -> Result<Self, KeyError> {
        match Self::read(path) {
            Err(KeyError::File { source, .. }) if source.kind() == io::ErrorKind::NotFound => {}
            other => return other,
        }
        let mut seed = [0; 32];
        getrandom::fill(&mut seed).map_err(|e| at(path)(e.into()))?;
        if let Some(dir) = path.parent().filter(|d| !d.as_os_str().is_empty()) {
            std::fs::create_dir_all(dir).map_err(at(path))?;
        }
        match write_new(path, &format!("{}\n", hex(&seed))) {
            Ok(()) => Ok(Self(SigningKey::from_bytes(&seed))),
            // Somebody else was quicker: theirs it is.
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => Self::read(path),
            Err(e) => Err(at(path)(e)),
        }
    }

    /// What others hold signatures against.
    pub fn public(&self) -> PublicKey {
        PublicKey(self.0.verifying_key())
    }

    /// Signs some bytes.
    pub fn sign(&self, bytes: &[u8]) -> [u8; 64] {
        self.0.sign(bytes).to_bytes()
    }

    /// A secret for another purpose, which says nothing of the key.
    pub fn secret_for(&self, context: &str) -> [u8; 32] {
        blake3::derive_key(context, self.0.as_bytes())
    }
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> KeyError {
    let path = path.to_owned();
    move |source| KeyError::File { path, source }
}

/// Whole or not at all, and never onto what is there.
fn write_new(path: &Path, text: &str) -> io::Result<()> {
    let dir = path.parent().filter(|d| !d.as_os_str().is_empty());
    let mut made = tempfile::NamedTempFile::new_in(dir.unwrap_or(Path::new(".")))?;
    made.write_all(text.as_bytes())?;
    made.as_file().sync_all()?;
    // A temporary file is its maker's alone: 0600.
    made.persist_noclobber(path).map_err(|e| e.error)?;
    Ok(())
}

/// The public half of a server's key, written in 64 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PublicKey(VerifyingKey);

impl PublicKey {
    /// 16 hexadecimal digits to know it by, as they stand in each anchor.
    pub fn fingerprint(&self) -> String {
        let hash = blake3::hash(self.0.as_bytes());
        hex(&hash.as_bytes()[..8])
    }

    /// Whether a signature of some bytes is this key's.
    pub fn has_signed(&self, bytes: &[u8], signature: &[u8; 64]) -> bool {
        let signature = Signature::from_bytes(signature);
        self.0.verify_strict(bytes, &signature).is_ok()
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(self.0.as_bytes()))
    }
}

impl FromStr for PublicKey {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        let bytes = bytes_of_hex::<32>(text.trim());
        let key = bytes.and_then(|b| VerifyingKey::from_bytes(&b).ok());
        key.map(Self)
            .ok_or_else(|| KeyError::Public(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_made_once_for_its_user_alone_and_read_from_then_on() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("new/server-key");
        assert!(ServerKey::read(&path).is_err());
        let made = ServerKey::read_or_make(&path).unwrap();
        let read = ServerKey::read_or_make(&path).unwrap();
        assert_eq!(made.public(), read.public());
        assert_eq!(
            made.public().to_string().parse::<PublicKey>().unwrap(),
            read.public()
        );
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = std::fs::metadata(&path).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        let seen = format!("{made:?}");
        let seed = std::fs::read_to_string(&path).unwrap();
        assert!(!seen.contains(seed.trim()), "{seen}");
        assert_ne!(made.secret_for("a"), made.secret_for("b"));
        std::fs::write(&path, "xyz").unwrap();
        let error = ServerKey::read_or_make(&path).unwrap_err().to_string();
        assert!(error.contains("no key of a server"), "{error}");
    }

    #[test]
    fn only_the_keys_own_signature_of_these_bytes_is_taken() {
        let dir = tempfile::tempdir().unwrap();
        let [a, b] = ["a", "b"].map(|n| ServerKey::read_or_make(&dir.path().join(n)).unwrap());
        let signature = a.sign(b"words");
        assert!(a.public().has_signed(b"words", &signature));
        assert!(!a.public().has_signed(b"word", &signature));
        assert!(!b.public().has_signed(b"words", &signature));
        for at in 0..64 {
            let mut turned = signature;
            turned[at] ^= 1;
            assert!(!a.public().has_signed(b"words", &turned), "{at}");
        }
        assert_ne!(a.public().fingerprint(), b.public().fingerprint());
        assert!("00".parse::<PublicKey>().is_err());
    }
}
