//! A sync fails, and what was refused cannot be noted: nobody knows what the next start will find.

use super::{Stepped, accepted, codes, still};
use crate::log::{Anchor, Keyframe, LogError, LogWriter};
use chengtu_engine::code::Code;
use chengtu_engine::record::{LiveRecord, Record};
use chengtu_engine::state::State;
use chengtu_engine::time::Timestamp;

/// A log whose next commit breaks, in the way that is told.
struct Breaks {
    log: Box<dyn LogWriter>,
    how: fn() -> LogError,
}

impl LogWriter for Breaks {
    fn epoch(&self) -> u64 {
        self.log.epoch()
    }

    fn last_seq(&self) -> u64 {
        self.log.last_seq()
    }

    fn roll_over(&mut self, now: Timestamp, state: &State) -> Result<bool, LogError> {
        self.log.roll_over(now, state)
    }

    fn append(&mut self, record: &LiveRecord) -> Result<(), LogError> {
        self.log.append(record)
    }

    fn put_keyframe(&mut self, keyframe: &Keyframe) -> Result<(), LogError> {
        self.log.put_keyframe(keyframe)
    }

    fn commit(&mut self) -> Result<(), LogError> {
        self.log.take_back()?;
        Err((self.how)())
    }

    fn anchor(&self) -> Option<Anchor> {
        self.log.anchor()
    }

    fn read_from(&self, seq: u64, limit: usize) -> Result<Vec<Record>, LogError> {
        self.log.read_from(seq, limit)
    }
}

/// What a command is answered whose commit breaks.
fn answered(how: fn() -> LogError) -> Vec<Code> {
    let dir = tempfile::tempdir().unwrap();
    let mut s = Stepped::on(dir.path(), still());
    s.report();
    s.tick();
    assert_eq!(accepted(&s.said()), 1);
    let other = Stepped::on(tempfile::tempdir().unwrap().path(), still());
    let log = core::mem::replace(&mut s.city.log, other.city.log);
    s.city.log = Box::new(Breaks { log, how });
    s.report();
    s.tick();
    let said = s.said();
    assert_eq!(accepted(&said), 0, "{said:?}");
    assert_eq!(
        s.city.state.cases().len(),
        1,
        "what is shown is what is safe"
    );
    codes(&said)
}

#[test]
fn a_refusal_after_a_failed_sync_that_could_not_be_noted_says_that_nobody_knows() {
    let unsure = || LogError::Unsure {
        place: "log".to_owned(),
        source: "the note cannot be synced".into(),
    };
    assert!(answered(unsure).contains(&Code::NotKnown));
    // Noted, it is refused for good: the next start takes it out.
    let noted = || LogError::Storage {
        place: "log".to_owned(),
        source: "a sync failed".into(),
    };
    let codes = answered(noted);
    assert!(codes.contains(&Code::Stopped) && !codes.contains(&Code::NotKnown));
}
