use chengtu_engine::command::Observation;
use chengtu_engine::model::Fix;
use chengtu_engine::time::Timestamp;
use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};

/// Rows of a backlog that are remembered at least; twice as many at most. 10 bytes each while there is a backlog.
/// What a hash table of 2^20 places holds before it grows.
const BACKLOG_MAX: usize = (1 << 20) / 8 * 7;
/// Rows that are remembered of what drives, 8 bytes each.
const DRIVING_MAX: usize = 1 << 20;
/// Rows that share a place of what drives: about as many as one read from memory brings.
const WAYS: usize = 8;
/// What comes so much after its time is of a backlog, seconds: it is remembered apart, so that what drives does not push
/// it out.
const BACKLOG_AFTER_S: i64 = 60;

/// Fixes and readings that were taken lately, by whose they are, their time and what they say, so that a logger that sends
/// its whole day again and again brings each row once. A mover's own memory in the state is of its last eight fixes. Lasts
/// while the server runs.
#[derive(Debug, Default)]
pub(super) struct SeenRows {
    prints: RandomState,
    driving: Lines,
    backlog: Generations,
}

/// What a row is remembered by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Print(u64);

/// The latest prints of each place, latest first. Every fix goes through it: it is laid out once, never grows, and costs
/// hardly more than one read from memory. What shares a place with more than [`WAYS`] later ones is forgotten.
#[derive(Debug)]
struct Lines(Vec<[u64; WAYS]>);

impl Default for Lines {
    fn default() -> Self {
        // Pages that nothing was written to take no memory.
        Self(vec![[0; WAYS]; DRIVING_MAX / WAYS])
    }
}

impl Lines {
    fn place(&self, print: Print) -> usize {
        print.0 as usize % self.0.len()
    }

    fn has(&self, print: Print) -> bool {
        self.0[self.place(print)].contains(&print.0)
    }

    fn add(&mut self, print: Print) {
        let place = self.place(print);
        let line = &mut self.0[place];
        line.copy_within(..WAYS - 1, 1);
        line[0] = print.0;
    }
}

/// Exact: whatever was added lately is known, and the older half is forgotten at once.
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
        if self.young.len() >= BACKLOG_MAX {
            core::mem::swap(&mut self.young, &mut self.old);
            self.young.clear();
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
        let drove = 4 * DRIVING_MAX as u32;
        for i in 0..drove {
            take(&mut seen, fix(2 + i, 999_999));
        }
        let has = |f: Fix| seen.has(seen.of_fix(&f));
        assert!((0..100).all(|i| has(fix(1, i * 30))));
        let known = |from: u32, to: u32| (from..to).filter(|i| has(fix(2 + i, 999_999))).count();
        // Of the latest quarter of what there is room for nearly all, of what came long before nearly nothing.
        let latest = DRIVING_MAX as u32 / 4;
        assert!(known(drove - latest, drove) as f64 > 0.999 * f64::from(latest));
        assert!(known(0, latest) < latest as usize / 100);
        assert!(!has(fix(2, 30)) && !has(fix(1, 31)));
        assert_eq!(seen.driving.0.len() * WAYS, DRIVING_MAX);
    }

    #[test]
    fn the_older_half_of_a_backlog_is_forgotten_at_last() {
        let mut seen = SeenRows::default();
        let now = Timestamp::from_seconds(10_000_000);
        let rows = 2 * BACKLOG_MAX as i64;
        for at in 0..=rows {
            let f = fix(1, at);
            seen.add(seen.of_fix(&f), f.fix_time, now);
        }
        let has = |at: i64| seen.has(seen.of_fix(&fix(1, at)));
        assert!(!has(0) && !has(BACKLOG_MAX as i64 - 1));
        assert!((BACKLOG_MAX as i64..=rows).all(has));
        let held = [&seen.backlog.young, &seen.backlog.old].map(HashSet::capacity);
        assert_eq!(held, [BACKLOG_MAX; 2], "never grown beyond");
    }
}
