//! What was published of a log, read back to hold the log against it.

use super::key::PublicKey;
use super::{SignedAnchor, Trail};
use crate::log::{Anchor, NoAnchor};
use std::path::{Path, PathBuf};

/// Most bytes of the files that are read of what was published: some ten years of anchors and trails of a busy city.
const PUBLISHED_BYTES_MAX: u64 = 4 << 30;

/// Anchors and trails of a log, as they were kept elsewhere.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Published {
    /// Heads that the log had.
    pub anchors: Vec<Anchor>,
    /// What tells, between them, at which record the log became another one.
    pub trail: Trail,
    /// How many of the anchors are signed by the key that was given.
    pub signed: usize,
}

/// Why what was published cannot be held against anything.
#[derive(Debug, thiserror::Error)]
pub enum PublishedError {
    /// A file cannot be read.
    #[error("{}: {source}", path.display())]
    File {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: std::io::Error,
    },
    /// A line is neither an anchor nor part of a trail.
    #[error("{}, line {line}: {source}", path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// Number of the line, from 1.
        line: usize,
        /// What is wrong with it.
        #[source]
        source: NoAnchor,
    },
    /// An anchor without a signature, where signatures are asked for.
    #[error("{}, line {line}: this anchor is not signed, and a key was given to hold signatures against", path.display())]
    NotSigned {
        /// The file.
        path: PathBuf,
        /// Number of the line, from 1.
        line: usize,
    },
    /// A signature that is not the key's.
    #[error(
        "{}, line {line}: the signature is not that of the key {wanted}; the line says {said}: it was changed, or another server gave it", path.display()
    )]
    Signature {
        /// The file.
        path: PathBuf,
        /// Number of the line, from 1.
        line: usize,
        /// Fingerprint of the key that was given.
        wanted: String,
        /// Fingerprint that the line says.
        said: String,
    },
    /// There is nothing to hold a log against.
    #[error("{}: there is no anchor in it", path.display())]
    Nothing {
        /// The file or folder.
        path: PathBuf,
    },
    /// The files are larger than anything that a server writes here.
    #[error("{}: more than {max} bytes; name the file of the days in question", path.display())]
    TooLarge {
        /// The file or folder.
        path: PathBuf,
        /// The most that is read.
        max: u64,
    },
}

impl Published {
    /// What is in a file, or in all `.txt` files of a folder, a line each; empty lines and what follows a `#` say nothing.
    /// With a `key`, every anchor must be signed by it.
    ///
    /// # Errors
    /// [`PublishedError`] for the first line that is none of these, or is not signed as it should be.
    pub fn read(path: &Path, key: Option<&PublicKey>) -> Result<Self, PublishedError> {
        let at = |path: &Path| {
            let path = path.to_owned();
            |source| PublishedError::File { path, source }
        };
        let mut files = Vec::new();
        if path.is_dir() {
            for entry in std::fs::read_dir(path).map_err(at(path))? {
                let file = entry.map_err(at(path))?.path();
                if file.extension().is_some_and(|e| e == "txt") {
                    files.push(file);
                }
            }
            files.sort();
        } else {
            files.push(path.to_owned());
        }
        let mut published = Self::default();
        let mut bytes = 0;
        for file in &files {
            bytes += std::fs::metadata(file).map_err(at(file))?.len();
            if bytes > PUBLISHED_BYTES_MAX {
                let (path, max) = (path.to_owned(), PUBLISHED_BYTES_MAX);
                return Err(PublishedError::TooLarge { path, max });
            }
            let text = std::fs::read_to_string(file).map_err(at(file))?;
            published.take_text(&text, file, key)?;
        }
        if published.anchors.is_empty() {
            return Err(PublishedError::Nothing {
                path: path.to_owned(),
            });
        }
        Ok(published)
    }

    fn take_text(
        &mut self,
        text: &str,
        path: &Path,
        key: Option<&PublicKey>,
    ) -> Result<(), PublishedError> {
        for (line, text) in (1..).zip(text.lines()) {
            let text = said(text).trim();
            if text.is_empty() || self.trail.take_line(text) {
                continue;
            }
            if let Some(signed) = SignedAnchor::of_line(text) {
                if let Some(key) = key {
                    if !signed.is_of(key) {
                        return Err(PublishedError::Signature {
                            path: path.to_owned(),
                            line,
                            wanted: key.fingerprint(),
                            said: signed.key,
                        });
                    }
                    self.signed += 1;
                }
                self.anchors.push(signed.anchor);
                continue;
            }
            let path = path.to_owned();
            match (text.parse(), key) {
                (Ok(anchor), None) => self.anchors.push(anchor),
                (Ok(_), Some(_)) => return Err(PublishedError::NotSigned { path, line }),
                (Err(source), _) => return Err(PublishedError::Line { path, line, source }),
            }
        }
        Ok(())
    }
}

/// A line without its remark, which is the whole line or has a blank after its `#`. A digit or letter that became a `#` makes
/// no remark: nothing may be hidden by one changed character.
fn said(line: &str) -> &str {
    let begins = |(at, _): &(usize, &str)| {
        let rest = &line[at + 1..];
        let whole = line[..*at].trim().is_empty() && !rest.starts_with("hengtu-");
        whole || rest.is_empty() || rest.starts_with(char::is_whitespace)
    };
    let remark = line.match_indices('#').find(begins);
    remark.map_or(line, |(at, _)| &line[..at])
}

impl From<&[Anchor]> for Published {
    fn from(anchors: &[Anchor]) -> Self {
        Self {
            anchors: anchors.to_vec(),
            ..Self::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::said;

    #[test]
    fn a_remark_is_a_line_or_follows_a_blank_and_hides_nothing() {
        for (line, expected) in [
            ("a b", "a b"),
            ("# noon", ""),
            ("  #noon", "  "),
            ("a b  # read by telephone", "a b  "),
            ("a b #", "a b "),
            ("#hengtu-anchor 2 1", "#hengtu-anchor 2 1"),
            ("a #bcd e", "a #bcd e"),
            ("a b#c # d", "a b#c "),
        ] {
            assert_eq!(said(line), expected);
        }
    }
}
