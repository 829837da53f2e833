use std::collections::BTreeMap;
use std::fmt::Write;

/// First words of a line of a trail: what it is, and the version of its form.
const BEGIN: &str = "chengtu-trail 1";

/// Records of one line of a trail at most.
pub(super) const LINE_RECORDS_MAX: usize = 64;

/// Two bytes of the link of each record: too little to prove anything, enough to tell at which record a log became
/// another one, where an anchor behind it shows that it did.
///
/// Written in lines, `chengtu-trail 1 EPOCH FIRST xxxx xxxx …`: four hexadecimal digits a record, from FIRST on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trail {
    by_record: BTreeMap<(u64, u64), u16>,
}

fn mark(link: &[u8; 32]) -> u16 {
    u16::from_be_bytes([link[0], link[1]])
}

impl Trail {
    /// Whether the record of a log is the one that the trail knows; `None` where it knows none.
    pub fn knows(&self, epoch: u64, seq: u64, link: &[u8; 32]) -> Option<bool> {
        Some(*self.by_record.get(&(epoch, seq))? == mark(link))
    }

    /// Whether it knows a record of another log than this.
    pub fn is_of_another(&self, epoch: u64) -> bool {
        let ends = [
            self.by_record.first_key_value(),
            self.by_record.last_key_value(),
        ];
        ends.into_iter().flatten().any(|((e, _), _)| *e != epoch)
    }

    /// The last record that it knows; `None` where it knows none.
    pub fn last(&self) -> Option<u64> {
        self.by_record.last_key_value().map(|((_, seq), _)| *seq)
    }

    /// How many records it knows.
    pub fn len(&self) -> usize {
        self.by_record.len()
    }

    /// True where it knows none.
    pub fn is_empty(&self) -> bool {
        self.by_record.is_empty()
    }

    /// Takes in a line; false where it is something else.
    pub(super) fn take_line(&mut self, line: &str) -> bool {
        self.take(line).is_some()
    }

    fn take(&mut self, line: &str) -> Option<()> {
        let mut parts = line.strip_prefix(BEGIN)?.split_ascii_whitespace();
        let epoch = parts.next()?.parse().ok()?;
        let first: u64 = parts.next()?.parse().ok()?;
        let mut read = Vec::new();
        for part in parts {
            let digit = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
            let whole = part.len() == 4 && part.bytes().all(digit);
            read.push(u16::from_str_radix(part, 16).ok().filter(|_| whole)?);
        }
        for (n, mark) in (0u64..).zip(read) {
            self.by_record.insert((epoch, first.checked_add(n)?), mark);
        }
        Some(())
    }
}

/// A line of a trail: the records of `links`, which follow one another.
pub(super) fn line(epoch: u64, links: &[(u64, [u8; 32])]) -> String {
    let first = links.first().map_or(0, |l| l.0);
    let mut line = format!("{BEGIN} {epoch} {first}");
    for (_, link) in links {
        let _ = write!(line, " {:04x}", mark(link));
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trail_knows_each_of_its_records_and_no_other() {
        let link = |n: u8| [n; 32];
        let links: Vec<(u64, [u8; 32])> = (10..20).map(|n| (n, link(n as u8))).collect();
        let mut trail = Trail::default();
        assert!(trail.take_line(&line(7, &links)));
        assert_eq!(trail.len(), 10);
        assert_eq!(trail.knows(7, 12, &link(12)), Some(true));
        assert_eq!(trail.knows(7, 12, &link(13)), Some(false));
        assert_eq!(trail.knows(7, 20, &link(20)), None);
        assert_eq!(trail.knows(8, 12, &link(12)), None, "another log's");
        assert_eq!((trail.last(), trail.is_of_another(7)), (Some(19), false));
        assert!(trail.is_of_another(8));
        for bad in [
            "",
            "chengtu-trail 2 7 10 0a0a",
            "chengtu-trail 1 7",
            "chengtu-trail 1 7 x 0a0a",
            "chengtu-trail 1 7 1 0a0",
            "chengtu-trail 1 7 1 +a0a",
            "chengtu-trail 1 7 1 0A0a",
            "chengtu-trail 1 7 18446744073709551615 0a0a 0b0b",
        ] {
            assert!(!Trail::default().take_line(bad), "{bad}");
        }
    }
}
