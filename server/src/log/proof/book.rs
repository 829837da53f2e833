//! The book of anchors: what a running server writes down so that others can keep it.

use super::key::ServerKey;
use super::signed::SignedAnchor;
use super::trail::{LINE_RECORDS_MAX, line};
use crate::log::{Anchor, Day};
use chengtu_engine::time::Timestamp;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Seconds between two anchors while records are written; between them the trail tells which record it was.
pub const ANCHOR_EVERY_S: i64 = 300;

/// The last anchor of each day, a line each.
const DAYS: &str = "anchors.txt";

/// Writes a log's anchors into a folder: `anchors.txt` has one line a day, `proof-2026-11-22.txt` one every
/// [`ANCHOR_EVERY_S`] of that day, and the trail between them.
///
/// What cannot be written is tried again with the next anchor; the trail has a gap then.
#[derive(Debug)]
pub struct AnchorBook {
    dir: PathBuf,
    key: ServerKey,
    /// Whose log it is, once a record of it is known.
    last: Option<Anchor>,
    /// The last record that an anchor was written of.
    written: u64,
    /// When the last anchor was written, or the book was opened.
    since: Option<Timestamp>,
    /// Records whose trail is not written yet; they follow one another.
    waiting: Vec<(u64, [u8; 32])>,
}

impl AnchorBook {
    /// A book in a folder, which is made with the first line.
    pub fn new(dir: &Path, key: ServerKey) -> Self {
        Self {
            dir: dir.to_owned(),
            key,
            last: None,
            written: 0,
            since: None,
            waiting: Vec::new(),
        }
    }

    /// Takes note of records that are durable, each with the chain's link at it, `now`, on a day `offset_s` seconds east of
    /// UTC.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn note(
        &mut self,
        epoch: u64,
        links: &[(u64, [u8; 32])],
        now: Timestamp,
        offset_s: i32,
    ) -> io::Result<()> {
        let since = *self.since.get_or_insert(now);
        let Some(&(seq, link)) = links.last() else {
            return Ok(());
        };
        self.last = Some(Anchor { epoch, seq, link });
        for &(seq, link) in links {
            let follows = self.waiting.last().is_none_or(|l| l.0 + 1 == seq);
            if !follows || self.waiting.len() >= LINE_RECORDS_MAX {
                self.write_trail(epoch, now, offset_s)?;
            }
            self.waiting.push((seq, link));
        }
        if now.seconds_since(since) >= ANCHOR_EVERY_S as f64 {
            self.write_last(now, offset_s)?;
        }
        Ok(())
    }

    /// A day has ended with the record of `anchor`.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn day_ended(&mut self, anchor: Anchor, day: Day) -> io::Result<()> {
        let signed = SignedAnchor::new(anchor, &day.name(), &self.key);
        // Durable: it is the one line of a day that is kept for years.
        self.append(DAYS, &signed.to_string())?.sync_all()
    }

    /// Writes an anchor of the last record, where none was written of it yet; the server ends, or wants one.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn write_last(&mut self, now: Timestamp, offset_s: i32) -> io::Result<()> {
        self.since = Some(now);
        let Some(anchor) = self.last.filter(|a| a.seq > self.written) else {
            return Ok(());
        };
        self.write_trail(anchor.epoch, now, offset_s)?;
        let when = jiff::Timestamp::from_microsecond(now.0)
            .map_or_else(|_| format!("{}us", now.0), |t| format!("{t:.0}"));
        let signed = SignedAnchor::new(anchor, &when, &self.key);
        self.append(&of_day(now, offset_s), &signed.to_string())?;
        self.written = anchor.seq;
        Ok(())
    }

    fn write_trail(&mut self, epoch: u64, now: Timestamp, offset_s: i32) -> io::Result<()> {
        // Forgotten even where it cannot be written: memory has an end.
        let waiting = core::mem::take(&mut self.waiting);
        if waiting.is_empty() {
            return Ok(());
        }
        self.append(&of_day(now, offset_s), &line(epoch, &waiting))?;
        Ok(())
    }

    fn append(&self, name: &str, line: &str) -> io::Result<File> {
        std::fs::create_dir_all(&self.dir)?;
        let path = self.dir.join(name);
        let mut file = OpenOptions::new().create(true).append(true).open(path)?;
        file.write_all(format!("{line}\n").as_bytes())?;
        Ok(file)
    }
}

fn of_day(now: Timestamp, offset_s: i32) -> String {
    format!("proof-{}.txt", Day::of(now, offset_s).name())
}

#[cfg(test)]
mod tests {
    use super::super::Published;
    use super::*;

    fn links(from: u64, to: u64) -> Vec<(u64, [u8; 32])> {
        (from..=to).map(|n| (n, [n as u8; 32])).collect()
    }

    #[test]
    fn what_the_book_says_is_read_back_and_every_changed_character_is_found() {
        let dir = tempfile::tempdir().unwrap();
        let key = ServerKey::read_or_make(&dir.path().join("key")).unwrap();
        let public = key.public();
        let folder = dir.path().join("anchors");
        let mut book = AnchorBook::new(&folder, key);
        let t = |s: i64| Timestamp::from_seconds(1_795_362_000 + s);
        book.note(9, &links(1, 100), t(0), 28_800).unwrap();
        book.note(9, &links(101, 110), t(299), 28_800).unwrap();
        assert!(Published::read(&folder, None).is_err(), "no anchor yet");
        book.note(9, &links(111, 120), t(300), 28_800).unwrap();
        book.note(9, &links(121, 121), t(301), 28_800).unwrap();
        let anchor = Anchor {
            epoch: 9,
            seq: 121,
            link: [121; 32],
        };
        book.day_ended(anchor, Day::named("2026-11-22").unwrap())
            .unwrap();
        book.write_last(t(302), 28_800).unwrap();
        book.write_last(t(303), 28_800).unwrap();
        let published = Published::read(&folder, Some(&public)).unwrap();
        let seqs: Vec<u64> = published.anchors.iter().map(|a| a.seq).collect();
        assert_eq!((seqs, published.signed), (vec![121, 120, 121], 3));
        assert_eq!(published.trail.len(), 121);
        let days = folder.join("anchors.txt");
        let text = std::fs::read_to_string(&days).unwrap();
        assert_eq!(text.lines().count(), 1);
        assert!(text.contains(" 2026-11-22 "), "{text}");
        // Whatever is changed in a signed line is found.
        for at in 0..text.trim_end().len() {
            let mut bytes = text.clone().into_bytes();
            bytes[at] ^= 1;
            std::fs::write(&days, &bytes).unwrap();
            assert!(Published::read(&days, Some(&public)).is_err(), "{at}");
        }
        // And one that is not signed, or by somebody else.
        std::fs::write(&days, format!("{anchor}\n")).unwrap();
        assert!(Published::read(&days, None).is_ok());
        let error = Published::read(&days, Some(&public))
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("line 1") && error.contains("not signed"),
            "{error}"
        );
        let other = ServerKey::read_or_make(&dir.path().join("other")).unwrap();
        let signed = SignedAnchor::new(anchor, "2026-11-22", &other);
        std::fs::write(&days, format!("# by hand\n{signed}\n")).unwrap();
        let error = Published::read(&days, Some(&public))
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("line 2") && error.contains(&public.fingerprint()),
            "{error}"
        );
    }
}
