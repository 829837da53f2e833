//! What happened in a drill's present attempt, carried on from one question to the next: whoever asks for all of it again
//! and again costs the drill's clock no more than what is new.

use chengtu_engine::drill::{DrillEntry, DrillEvent, attempts};
use chengtu_engine::record::{Body, FixBlock, Record};
use chengtu_engine::replay::{HistoryError, MemoryHistory};
use chengtu_engine::state::State;
use chengtu_engine::time::Timestamp;

/// What a drill's log holds so far, with the moments and marks of it; states are not kept, for nobody asks for them here.
#[derive(Debug, Default)]
pub(super) struct DrillPast {
    /// All of it, in order.
    pub entries: Vec<DrillEntry>,
    history: Option<MemoryHistory>,
    /// Entries that are in the history.
    read: usize,
}

impl DrillPast {
    /// The past of the last attempt, which began at `start`.
    ///
    /// # Errors
    /// [`HistoryError`] where a record does not follow the one before it.
    pub fn history(&mut self, start: &State) -> Result<&MemoryHistory, HistoryError> {
        let new = self.entries.get(self.read..).unwrap_or_default();
        let rewound = |e: &DrillEntry| matches!(e.what, DrillEvent::Rewound { .. });
        self.read = self.entries.len();
        let known = self.history.take().filter(|_| !new.iter().any(rewound));
        let history = if let Some(mut history) = known {
            let records = new.iter().filter_map(told_of);
            history.extend(records.collect(), Timestamp::MIN, None)?;
            history
        } else {
            let attempt = attempts(&self.entries).pop().unwrap_or_default();
            let records = attempt.into_iter().filter_map(told_of);
            MemoryHistory::new(start.clone(), records.collect(), usize::MAX)?
        };
        Ok(self.history.insert(history))
    }
}

/// A record without its positions, of which the time line says nothing and which are most of it.
fn told_of(entry: &DrillEntry) -> Option<Record> {
    let DrillEvent::Record(record) = &entry.what else {
        return None;
    };
    let body = match &record.body {
        Body::Fixes(_) => Body::Fixes(FixBlock::default()),
        other => other.clone(),
    };
    Some(Record {
        seq: record.seq,
        known_at: record.known_at,
        world: record.world,
        origin: record.origin.clone(),
        body,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use chengtu_engine::city::Severity;
    use chengtu_engine::event::Event;
    use chengtu_engine::geo::Position;
    use chengtu_engine::ids::{AlarmId, SensorId};
    use chengtu_engine::model::{Actor, AlarmSource};
    use chengtu_engine::record::{Origin, World};
    use chengtu_engine::replay::Timeline;

    const BEGAN: i64 = 1_800_000_000;

    fn entry(s: i64, what: DrillEvent) -> DrillEntry {
        let time = Timestamp::from_seconds(BEGAN + s);
        DrillEntry { time, what }
    }

    /// An alarm that is raised as record `seq`, `s` seconds after the beginning.
    fn alarm(seq: u64, s: i64) -> DrillEntry {
        let raised = Event::AlarmRaised {
            alarm: AlarmId(seq),
            source: AlarmSource::Sensor(SensorId(0)),
            severity: Severity::Severe,
            position: Position::new(1_187_900_000, 320_500_000),
        };
        let record = Record {
            seq,
            known_at: Timestamp::from_seconds(BEGAN + s),
            world: World::Drill(1),
            origin: Origin {
                actor: Actor::System,
                command: None,
            },
            body: Body::Events(vec![raised]),
        };
        entry(s, DrillEvent::Record(Box::new(record)))
    }

    /// Seconds of the marks of all time, and how many alarms its bars count.
    fn told(past: &mut DrillPast) -> (Vec<i64>, u32) {
        let history = past.history(&State::new()).unwrap();
        let all_time = (Timestamp(i64::MIN), Timestamp(i64::MAX));
        let line = Timeline::read(history, &[], 1, all_time, 2_000).unwrap();
        let counted = line.bars.iter().map(|b| b.alarms).sum();
        let marks = line.marks.iter();
        let seconds = marks.map(|m| m.time.0 / 1_000_000 - BEGAN);
        (seconds.collect(), counted)
    }

    #[test]
    fn a_drills_timeline_over_all_time_is_told_carried_on_and_begun_anew_after_a_rewind() {
        let mut past = DrillPast {
            entries: vec![alarm(1, 10), alarm(2, 20)],
            ..DrillPast::default()
        };
        assert_eq!(told(&mut past), (vec![10, 20], 2));
        assert_eq!(told(&mut past), (vec![10, 20], 2), "asked again");
        past.entries
            .push(entry(25, DrillEvent::Note("n".to_owned())));
        past.entries.push(alarm(3, 30));
        assert_eq!(told(&mut past), (vec![10, 20, 30], 3));
        let (to, keep) = (Timestamp::from_seconds(BEGAN + 15), 1);
        past.entries
            .push(entry(31, DrillEvent::Rewound { to, keep }));
        assert_eq!(told(&mut past), (vec![10], 1));
        past.entries.push(alarm(2, 40));
        assert_eq!(told(&mut past), (vec![10, 40], 2));
    }
}
