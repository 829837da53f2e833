//! What the chain and the fold say of keyframes, while a log is verified.

use super::chain;
use super::folding::Held;
use super::rows::{self, KeyframeHead};
use super::verify::Pass;
use chengtu_engine::record::Record;
use rusqlite::Connection;
use std::collections::BTreeMap;

/// Keyframes of a day by their records; true for those that stand in the chain.
pub(super) type InChain = BTreeMap<u64, bool>;

impl Pass {
    /// The day's keyframes, as folding comes to them.
    pub(super) fn held_keyframes(&self) -> InChain {
        self.keyframes
            .iter()
            .map(|k| (k.seq, k.chained.is_some()))
            .collect()
    }

    /// Takes the keyframes that were put before record `before` into the chain, as it holds them.
    pub(super) fn mix_keyframes(&mut self, conn: &Connection, before: u64) -> rusqlite::Result<()> {
        while let Some(KeyframeHead { seq, chained }) = self.keyframes.front().copied() {
            let Some((after, link)) = chained else {
                self.keyframes.pop_front();
                continue;
            };
            if after >= before {
                break;
            }
            self.keyframes.pop_front();
            let Some(here) = self.link else { continue };
            // One that is damaged is found where keyframes are looked at; the chain goes on behind it.
            if let Some(keyframe) = rows::keyframe_at(conn, seq)? {
                let next = chain::next_keyframe(&here, &keyframe, after);
                if next != link {
                    let words = format!(
                        "keyframe at record {seq}: the chain is broken: not the keyframe that was kept here"
                    );
                    self.find(Some((seq, seq)), None, words);
                }
            }
            self.link = Some(link);
        }
        Ok(())
    }

    /// Passes over keyframes that were put before a record: the links behind it hold them.
    pub(super) fn skip_keyframes(&mut self, before: u64) {
        while self
            .keyframes
            .front()
            .is_some_and(|k| k.chained.is_none_or(|(after, _)| after < before))
        {
            self.keyframes.pop_front();
        }
    }

    /// Begins to fold with the first record of a log, and holds a day's first keyframe against what was folded.
    pub(super) fn begin_folding(
        &mut self,
        conn: &Connection,
        after: u64,
        keyframes: &InChain,
    ) -> rusqlite::Result<()> {
        if after == 0 {
            self.folding.begin();
        }
        self.hold_keyframe(conn, after, keyframes)
    }

    /// Folds a record, and holds the keyframe there against the state.
    pub(super) fn fold(
        &mut self,
        conn: &Connection,
        record: &Record,
        keyframes: &InChain,
    ) -> rusqlite::Result<()> {
        self.folding.apply(record);
        self.hold_keyframe(conn, record.seq, keyframes)
    }

    fn hold_keyframe(
        &mut self,
        conn: &Connection,
        seq: u64,
        keyframes: &InChain,
    ) -> rusqlite::Result<()> {
        let Some(chained) = keyframes.get(&seq).copied() else {
            return Ok(());
        };
        let Some(keyframe) = rows::keyframe_at(conn, seq)? else {
            return Ok(());
        };
        match self.folding.hold(&keyframe) {
            Held::Same => self.done.folded += 1,
            Held::Differs => {
                let words =
                    format!("keyframe at record {seq}: it is not the city that its records make");
                self.find(
                    Some((seq, seq)),
                    Some((keyframe.known_at, keyframe.known_at)),
                    words,
                );
            }
            Held::Taken => {
                let by = if chained {
                    "only the chain holds it, and that only against an anchor"
                } else {
                    "its format kept it outside the chain, only its checksum holds it"
                };
                let words = format!(
                    "keyframe at record {seq}: the records before it are not here to fold it from; {by}"
                );
                self.unproven(seq, words);
            }
            Held::Unreadable => {}
        }
        Ok(())
    }
}
