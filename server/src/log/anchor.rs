use std::fmt;
use std::str::FromStr;

/// First words of an anchor: what it is, and the version of its form.
const BEGIN: &str = "chengtu-anchor 1";

/// The head of a log at one moment, to be kept where whoever can write the log cannot: on paper, at another office, in a
/// monitoring system. A log that says something else at this record was rewritten, one that ends before it was cut.
///
/// Written as one line: `chengtu-anchor 1 EPOCH RECORD LINK`, numbers in decimal, the link in 64 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Anchor {
    /// Which log, [`super::LogWriter::epoch`].
    pub epoch: u64,
    /// Number of a record.
    pub seq: u64,
    /// The chain's link at that record: BLAKE3 over all records and keyframes before it and the record itself.
    pub link: [u8; 32],
}

/// Why a line is no anchor.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{line:?} is no anchor; one is written like \"{BEGIN} EPOCH RECORD LINK\"")]
pub struct NoAnchor {
    /// The line.
    pub line: String,
}

/// Bytes in hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    use fmt::Write;
    bytes.iter().fold(String::new(), |mut hex, b| {
        let _ = write!(hex, "{b:02x}");
        hex
    })
}

/// `N` bytes of as many pairs of hexadecimal digits; `None` for anything else.
pub(super) fn bytes_of_hex<const N: usize>(digits: &str) -> Option<[u8; N]> {
    if digits.len() != 2 * N || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    let mut bytes = [0; N];
    for (byte, at) in bytes.iter_mut().zip((0..2 * N).step_by(2)) {
        *byte = u8::from_str_radix(&digits[at..at + 2], 16).ok()?;
    }
    Some(bytes)
}

impl fmt::Display for Anchor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{BEGIN} {} {} {}", self.epoch, self.seq, hex(&self.link))
    }
}

impl FromStr for Anchor {
    type Err = NoAnchor;

    fn from_str(line: &str) -> Result<Self, NoAnchor> {
        let read = || {
            let mut parts = line.trim().strip_prefix(BEGIN)?.split_ascii_whitespace();
            let (epoch, seq) = (parts.next()?, parts.next()?);
            let link = bytes_of_hex(parts.next()?)?;
            if parts.next().is_some() {
                return None;
            }
            Some(Self {
                epoch: epoch.parse().ok()?,
                seq: seq.parse().ok()?,
                link,
            })
        };
        read().ok_or_else(|| NoAnchor {
            line: line.to_owned(),
        })
    }
}

impl Anchor {
    /// The anchors of a file, one a line; empty lines and what follows a `#` say nothing.
    ///
    /// # Errors
    /// [`NoAnchor`] for the first line that is none.
    pub fn read_all(text: &str) -> Result<Vec<Self>, NoAnchor> {
        text.lines()
            .map(|line| line.split('#').next().unwrap_or_default().trim())
            .filter(|line| !line.is_empty())
            .map(str::parse)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn anchors_are_read_as_they_were_written_and_nothing_else_is_one() {
        let anchor = Anchor {
            epoch: 9_007_199_254_740_991,
            seq: 90_210,
            link: core::array::from_fn(|i| (i * 7) as u8),
        };
        let line = anchor.to_string();
        assert!(line.starts_with("chengtu-anchor 1 9007199254740991 90210 00070e15"));
        assert_eq!(line.parse(), Ok(anchor));
        let text = format!("# of November\n\n  {line}  # read by telephone\n{line}\n");
        assert_eq!(Anchor::read_all(&text), Ok(vec![anchor, anchor]));
        for bad in [
            "",
            "chengtu-anchor 2 1 1 00",
            &line[..line.len() - 1],
            &format!("{line}00"),
            &format!("{line} 1"),
            &line.replace("90210", "-1"),
            &line.replace("00070e", "00070é"),
        ] {
            assert!(bad.parse::<Anchor>().is_err(), "{bad}");
        }
    }
}
