//! Whether a log is what was written: every checksum, the order, the chain, keyframes and index of every day.

use super::chain::{self, Link};
use super::days::{Days, version_of};
use super::files::{file_of, meta};
use super::folding::Folding;
use super::index::{self, MomentRow};
use super::rows::{self, KeyframeHead, Stretch};
use super::verify_anchors::Strayed;
use crate::log::{Anchor, LogError, Published};
use chengtu_engine::archive::decode_record;
use chengtu_engine::record::{Body, Record};
use chengtu_engine::replay::MomentReader;
use chengtu_engine::time::Timestamp;
use rusqlite::Connection;
use std::collections::VecDeque;
use std::path::{Path, PathBuf};

/// Something that is not what was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The file that it is in.
    pub path: PathBuf,
    /// First and last record that it touches, where that is known.
    pub records: Option<(u64, u64)>,
    /// From when to when, where that is known.
    pub times: Option<(Timestamp, Timestamp)>,
    /// What, in words.
    pub words: String,
}

/// What was looked at, and what was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verified {
    /// Days with a file.
    pub days: u64,
    /// Records that are what was written.
    pub records: u64,
    /// Positions in those records.
    pub fixes: u64,
    /// Segments among them.
    pub segments: u64,
    /// Keyframes that are what was written.
    pub keyframes: u64,
    /// Those of them that are what the records before them fold to.
    pub folded: u64,
    /// Anchors that the log holds.
    pub anchors: u64,
    /// Which log it is, [`crate::log::LogWriter::epoch`]; `None` where no file says so.
    pub epoch: Option<u64>,
    /// The last record and the chain's end there; the same number on two copies says that they are the same.
    pub end: Option<(u64, [u8; 32])>,
    /// What is not what was written, in the order of the files.
    pub findings: Vec<Finding>,
    /// Keyframes that are what was written and that this program cannot read: folding passes them over, which costs
    /// nothing but time.
    pub unreadable: Vec<Finding>,
    /// What may be what was written, and nothing here proves it: states that no record is left to fold from, keyframes of
    /// formats that kept them outside the chain, anchors of days that are gone.
    pub unproven: Vec<Finding>,
}

impl Verified {
    /// The log's end as an anchor; `None` where the chain has no end.
    pub fn anchor(&self) -> Option<Anchor> {
        let ((seq, link), epoch) = self.end.zip(self.epoch)?;
        Some(Anchor { epoch, seq, link })
    }
}

/// One pass over a directory.
pub(super) struct Pass {
    pub(super) done: Verified,
    days: Days,
    path: PathBuf,
    /// The chain so far; `None` after damage.
    pub(super) link: Option<Link>,
    pub(super) epoch: Option<i64>,
    /// What was published of the log; anchors that no record has been held against yet.
    pub(super) published: Published,
    pub(super) strayed: Strayed,
    pub(super) folding: Folding,
    /// Keyframes of the day that the chain has not come to.
    pub(super) keyframes: VecDeque<KeyframeHead>,
    /// The first record that is there.
    pub(super) first: Option<u64>,
}

/// See [`super::EmbeddedStore::verify_published`].
pub(super) fn verify(dir: &Path, published: &Published) -> Result<Verified, LogError> {
    let days = Days::of(dir);
    let mut pass = Pass {
        done: Verified::default(),
        days: Days::of(dir),
        path: dir.to_owned(),
        link: None,
        epoch: None,
        published: published.clone(),
        strayed: Strayed::default(),
        folding: Folding::default(),
        keyframes: VecDeque::new(),
        first: None,
    };
    let mut next: Option<u64> = None;
    for day in days.list()? {
        pass.path = file_of(dir, day);
        pass.done.days += 1;
        let file = match days.open(day) {
            Ok(file) => file,
            Err(error) => {
                pass.find(None, None, error.to_string());
                pass.lose();
                continue;
            }
        };
        match pass.day(&file, next) {
            Ok(after) => next = Some(after),
            Err(error) => {
                pass.find(None, None, error.to_string());
                pass.lose();
            }
        }
    }
    for day in days.not_begun()? {
        pass.path = file_of(dir, day);
        let words = "holds nothing: it was made ahead for its day, or what it held is gone";
        pass.done.unproven.push(Finding {
            path: pass.path.clone(),
            records: None,
            times: None,
            words: words.to_owned(),
        });
    }
    pass.done.epoch = pass.epoch.map(|e| e as u64);
    pass.published_left();
    Ok(pass.done)
}

impl Pass {
    pub(super) fn find(
        &mut self,
        records: Option<(u64, u64)>,
        times: Option<(Timestamp, Timestamp)>,
        words: String,
    ) {
        self.done.findings.push(Finding {
            path: self.path.clone(),
            records,
            times,
            words,
        });
    }

    /// After damage neither the chain nor the state is known.
    fn lose(&mut self) {
        self.link = None;
        self.folding.lose();
    }

    pub(super) fn unproven(&mut self, seq: u64, words: String) {
        self.done.unproven.push(Finding {
            path: self.path.clone(),
            records: Some((seq, seq)),
            times: None,
            words,
        });
    }

    /// Looks through a day; gives the number that the next day must begin with.
    fn day(&mut self, conn: &Connection, expected: Option<u64>) -> rusqlite::Result<u64> {
        let before = self.done.findings.len();
        self.structure(conn)?;
        let epoch = meta(conn, "epoch")?;
        if self.epoch.is_some() && epoch != self.epoch {
            self.find(
                None,
                None,
                "belongs to another log: its epoch differs".to_owned(),
            );
        }
        self.epoch = epoch;
        let after = meta(conn, "after_seq")?.unwrap_or(0).max(0) as u64;
        let version = version_of(conn)?;
        let sealed = version >= 2;
        let expected = expected.unwrap_or(after + 1);
        if after + 1 != expected {
            let words = format!(
                "records {expected} to {after} are missing: a day's file is gone or was cut"
            );
            self.find(Some((expected, after)), None, words);
            self.lose();
        }
        if sealed {
            self.begin_link(conn, after, epoch.unwrap_or(0) as u64);
        } else {
            self.link = None;
        }
        self.keyframes = rows::keyframe_heads(conn, version)?.into();
        let held = self.held_keyframes();
        self.begin_folding(conn, after, &held)?;
        let mut reader = match rows::keyframe_at(conn, after)?.map(|k| k.state()) {
            Some(Ok(state)) => Some(MomentReader::of(&state)),
            // What is damaged before it would make the index look wrong.
            _ if !self.done.findings.is_empty() => None,
            _ => self.days.reader_at(after).ok(),
        };
        let (mut moments, mut late) = (Vec::new(), Vec::new());
        let mut times = Vec::new();
        let mut next = after + 1;
        while let Some(stretch) = rows::stretch_from(conn, next, sealed)? {
            if stretch.0 > next {
                let from = times.last().map_or(stretch.2, |t: &(u64, Timestamp)| t.1);
                let words = format!("records {next} to {} are missing", stretch.0 - 1);
                self.find(Some((next, stretch.0 - 1)), Some((from, stretch.2)), words);
                self.lose();
                self.skip_keyframes(stretch.0);
            }
            self.first.get_or_insert(stretch.0);
            let records = self.stretch(conn, stretch, sealed)?;
            next = stretch.1 + 1;
            for r in &records {
                self.fold(conn, r, &held)?;
                times.push((r.seq, r.known_at));
                let here = reader.as_mut().map(|m| m.read(r)).unwrap_or_default();
                moments.extend(index::moment_rows(r, &here));
                late.extend(index::late_row(r));
            }
        }
        // Those that were put behind the last record: the next day goes on from there.
        self.mix_keyframes(conn, u64::MAX)?;
        self.look_at_keyframes(conn, &times)?;
        if sealed && self.done.findings.len() == before && reader.is_some() {
            self.index(conn, &moments, &late)?;
        }
        Ok(next)
    }

    /// SQLite's own look at its pages.
    fn structure(&mut self, conn: &Connection) -> rusqlite::Result<()> {
        let mut statement = conn.prepare("PRAGMA integrity_check(5)")?;
        let found = statement.query_map([], |r| r.get::<_, String>(0))?;
        for line in found.collect::<Result<Vec<_>, _>>()? {
            if line != "ok" {
                self.find(None, None, format!("the file is damaged: {line}"));
            }
        }
        Ok(())
    }

    /// The link before a day's first record must be the link at the end of the day before.
    fn begin_link(&mut self, conn: &Connection, after: u64, epoch: u64) {
        let sql = "SELECT link FROM links WHERE seq=?1";
        let Ok(begin) = conn.query_row(sql, [after as i64], |r| r.get::<_, Link>(0)) else {
            self.find(None, None, "the chain's beginning is missing".to_owned());
            self.link = None;
            return;
        };
        let expected = if after == 0 {
            Some(chain::start(epoch))
        } else {
            self.link
        };
        if expected.is_some_and(|e| e != begin) {
            let words = "the chain is broken at the beginning of the day".to_owned();
            self.find(Some((after, after)), None, words);
        }
        self.link = Some(begin);
    }

    /// The records of a stretch that are what was written.
    fn stretch(
        &mut self,
        conn: &Connection,
        stretch: Stretch,
        sealed: bool,
    ) -> rusqlite::Result<Vec<Record>> {
        let (first, last, from, to) = stretch;
        let kept = if sealed {
            rows::segment_of(conn, first)?
        } else {
            None
        };
        let (records, link) = if let Some(kept) = kept {
            let records = if kept.is_whole() {
                kept.segment.records().map_err(|e| e.to_string())
            } else {
                Err("checksum".to_owned())
            };
            self.done.segments += u64::from(records.is_ok());
            (records, Some(kept.link))
        } else {
            let sql = if sealed {
                "SELECT seq,known_at,kind,head,body,crc,link FROM records WHERE seq=?1"
            } else {
                "SELECT seq,known_at,kind,head,body,crc,NULL FROM records WHERE seq=?1"
            };
            let (seq, known_at, encoded, link) =
                conn.prepare_cached(sql)?.query_row([first as i64], |row| {
                    let (seq, known_at, encoded) = rows::read_record(row)?;
                    Ok((seq, known_at, encoded, row.get::<_, Option<Vec<u8>>>(6)?))
                })?;
            let record = decode_record(seq, known_at, &encoded);
            (record.map(|r| vec![r]).map_err(|e| e.to_string()), link)
        };
        let link: Option<Link> = link.and_then(|l| l.try_into().ok());
        let which = if first == last {
            format!("record {first}")
        } else {
            format!("records {first} to {last}")
        };
        match records {
            Ok(records) => {
                self.chain(conn, &records, link, &which, (from, to))?;
                self.done.records += records.len() as u64;
                for r in &records {
                    if let Body::Fixes(block) = &r.body {
                        self.done.fixes += block.len() as u64;
                    }
                }
                Ok(records)
            }
            Err(what) => {
                let words = format!("{which}: {what}");
                self.find(Some((first, last)), Some((from, to)), words);
                self.lose();
                self.skip_keyframes(last);
                self.link = link;
                Ok(Vec::new())
            }
        }
    }

    fn chain(
        &mut self,
        conn: &Connection,
        records: &[Record],
        link: Option<Link>,
        which: &str,
        times: (Timestamp, Timestamp),
    ) -> rusqlite::Result<()> {
        if self.link.is_some() {
            for r in records {
                self.mix_keyframes(conn, r.seq)?;
                let Some(here) = self.link else { break };
                match chain::next(&here, r) {
                    Ok(next) => {
                        self.link = Some(next);
                        self.hold_published(r.seq, next);
                    }
                    Err(error) => self.find(Some((r.seq, r.seq)), Some(times), error.to_string()),
                }
            }
            if link != self.link {
                let numbers = records.first().zip(records.last());
                let numbers = numbers.map(|(a, b)| (a.seq, b.seq));
                let words =
                    format!("{which}: the chain is broken: not the records that were written here");
                self.find(numbers, Some(times), words);
            }
        }
        if let Some(last) = records.last() {
            self.skip_keyframes(last.seq);
            self.done.end = link.map(|link| (last.seq, link)).or(self.done.end);
        }
        self.link = link;
        Ok(())
    }

    fn look_at_keyframes(
        &mut self,
        conn: &Connection,
        times: &[(u64, Timestamp)],
    ) -> rusqlite::Result<()> {
        let mut statement =
            conn.prepare("SELECT seq,known_at,state,crc FROM keyframes ORDER BY seq")?;
        let mut found = statement.query([])?;
        while let Some(row) = found.next()? {
            let known_at = Timestamp(row.get(1)?);
            let (seq, what) = match rows::read_keyframe(row)? {
                Err(seq) => (seq, "checksum".to_owned()),
                Ok(k) => match k.state() {
                    Ok(_) if fits(k.seq, k.known_at, times) => {
                        self.done.keyframes += 1;
                        continue;
                    }
                    Ok(_) => (k.seq, "its time is not that of its record".to_owned()),
                    Err(why) if why.is_newer() => {
                        self.done.unreadable.push(Finding {
                            path: self.path.clone(),
                            records: Some((k.seq, k.seq)),
                            times: Some((known_at, known_at)),
                            words: format!(
                                "keyframe at record {}: {why}; folding begins at an older one, which only takes longer",
                                k.seq
                            ),
                        });
                        continue;
                    }
                    Err(why) => (k.seq, why.to_string()),
                },
            };
            let words = format!("keyframe at record {seq}: {what}");
            self.find(Some((seq, seq)), Some((known_at, known_at)), words);
        }
        Ok(())
    }

    fn index(
        &mut self,
        conn: &Connection,
        moments: &[MomentRow],
        late: &[(i64, i64, i64, i64)],
    ) -> rusqlite::Result<()> {
        let mut statement = conn.prepare(
            "SELECT seq,n,time,occurred_at,kind,thing,other,severity,by FROM moments ORDER BY seq,n",
        )?;
        let found = statement.query_map([], |r| {
            Ok((
                r.get(0)?,
                r.get(1)?,
                r.get(2)?,
                r.get(3)?,
                r.get(4)?,
                r.get(5)?,
                r.get(6)?,
                r.get(7)?,
                r.get(8)?,
            ))
        })?;
        let found: Vec<MomentRow> = found.collect::<Result<_, _>>()?;
        let mut statement =
            conn.prepare("SELECT seq,known_at,occurred_at,class FROM late ORDER BY seq")?;
        let found_late =
            statement.query_map([], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?)))?;
        let found_late: Vec<(i64, i64, i64, i64)> = found_late.collect::<Result<_, _>>()?;
        // A server that is writing may have gone on meanwhile: what is beyond our last record is left.
        let end = self.done.end.map_or(i64::MAX, |e| e.0 as i64);
        let differs = |seqs: (Option<i64>, Option<i64>)| seqs.0.or(seqs.1).is_some();
        let moment = first_difference(moments, &found, |r| r.0, end);
        let late = first_difference(late, &found_late, |r| r.0, end);
        for (name, seqs) in [("moments", moment), ("late records", late)] {
            if differs(seqs) {
                let seq = seqs.0.or(seqs.1).unwrap_or(0) as u64;
                let words = format!(
                    "the index of {name} is not that of the records, first at record {seq}"
                );
                self.find(Some((seq, seq)), None, words);
            }
        }
        Ok(())
    }
}

/// Numbers of the records where two lists first differ.
fn first_difference<T: PartialEq>(
    a: &[T],
    b: &[T],
    seq: impl Fn(&T) -> i64,
    end: i64,
) -> (Option<i64>, Option<i64>) {
    let same = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    let at = |list: &[T]| list.get(same).map(&seq).filter(|s| *s <= end);
    (at(a), at(b))
}

/// A keyframe, whose time is that of its state, must not be earlier than the record it includes last.
fn fits(seq: u64, known_at: Timestamp, times: &[(u64, Timestamp)]) -> bool {
    let record = times.binary_search_by_key(&seq, |t| t.0);
    record.map_or(true, |at| times[at].1 <= known_at)
}
