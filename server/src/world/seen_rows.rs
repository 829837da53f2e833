use chengtu_engine::command::Observation;
use chengtu_engine::model::Fix;
use chengtu_engine::time::Timestamp;
use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};

/// Rows that one part of the memory holds; it has held up to twice as many before it forgets the older half. About 10
/// bytes each.
const REMEMBERED: usize = 1_000_000;
/// What comes so much after its time is of a backlog, seconds: it is remembered apart, so that what drives does not push
/// it out.
const BACKLOG_AFTER_S: i64 = 60;

/// Fixes and readings that were taken lately, by whose they are, their time and what they say, so that a logger that sends
/// its whole day again and again brings each row once. A mover's own memory in the state is of its last eight fixes. Lasts
/// while the server runs.
#[derive(Debug, Default)]
pub(super) struct SeenRows {
    prints: RandomState,
    driving: Generations,
    backlog: Generations,
}

/// What a row is remembered by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Print(u64);

#[derive(Debug, Default)]
struct Generations {
    young: HashSet<Print>,
    old: HashSet<Print>,
}

impl Generations {
    fn has(&self, print: Print) -> bool {
        self.young.contains(&print) || self.old.contains(&print)
    }

    fn add(&mut self, print: Print) {
        if self.young.len() >= REMEMBERED {
            self.old = core::mem::take(&mut self.young);
        }
        self.young.insert(print);
    }
}

impl SeenRows {
    /// A fix is known by its mover, time and place.
    pub fn of_fix(&self, fix: &Fix) -> Print {
        let Fix {
            mover,
            position,
            fix_time,
            ..
        } = fix;
        let what = (mover.0, fix_time.0, position.lon_e7, position.lat_e7);
        Print(self.prints.hash_one(what))
    }

    /// A reading is known by its sensor, time and value.
    pub fn of_reading(&self, o: &Observation) -> Print {
        let value = o.value.map(f64::to_bits);
        let what = (o.sensor.0, o.phenomenon_time.0, value);
        Print(self.prints.hash_one(what))
    }

    /// True for what was taken.
    pub fn has(&self, print: Print) -> bool {
        self.driving.has(print) || self.backlog.has(print)
    }

    /// Remembers what is taken at `now` and is of `time`.
    pub fn add(&mut self, print: Print, time: Timestamp, now: Timestamp) {
        if time < now.plus_seconds(-BACKLOG_AFTER_S) {
            self.backlog.add(print);
        } else {
            self.driving.add(print);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chengtu_engine::geo::Position;
    use chengtu_engine::ids::MoverId;

    fn fix(mover: u32, at: i64) -> Fix {
        Fix {
            mover: MoverId(mover),
            position: Position::new(1_187_900_000, 320_500_000),
            bearing_cdeg: 0,
            speed_cmps: 0,
            accuracy_dm: 0,
            fix_time: Timestamp::from_seconds(at),
        }
    }

    #[test]
    fn a_backlog_is_remembered_whatever_drives_meanwhile_and_memory_has_an_end() {
        let mut seen = SeenRows::default();
        let now = Timestamp::from_seconds(1_000_000);
        let take = |seen: &mut SeenRows, f: Fix| seen.add(seen.of_fix(&f), f.fix_time, now);
        for i in 0..100 {
            take(&mut seen, fix(1, i * 30));
        }
        for i in 0..=2 * REMEMBERED as u32 {
            take(&mut seen, fix(2 + i, 999_999));
        }
        let has = |f: Fix| seen.has(seen.of_fix(&f));
        assert!((0..100).all(|i| has(fix(1, i * 30))));
        assert!(!has(fix(2, 999_999)), "the first of what drove");
        assert!(has(fix(2 + 2 * REMEMBERED as u32, 999_999)));
        assert!(!has(fix(2, 30)) && !has(fix(1, 31)));
        let held = [&seen.driving.young, &seen.driving.old].map(HashSet::len);
        assert!(held.iter().all(|n| *n <= REMEMBERED), "{held:?}");
    }
}
