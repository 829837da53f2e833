//! Seeded histories of a machine's clock: steps, slews, leap seconds, restarts, over midnights and changes of clocks. The
//! running city must keep its order, meet its deadlines, delete nothing early, and tell of everything.
//!
//! `CHENGTU_HISTORIES` sets how many; `make campaign` runs 200.

use super::open;
use super::tick::Doors;
use super::{LiveCity, LiveHandle};
use crate::access::Feed;
use crate::city::City;
use crate::clock::Clock;
use crate::config::Config;
use crate::crs::Crs;
use crate::log::{EmbeddedOptions, EmbeddedStore, LogStore};
use crate::pack::Pack;
use crate::request::{CaseRow, DataRequest, FeedData, Posted, Problems};
use chengtu_engine::chance::Chance;
use chengtu_engine::city::{Calendar, CaseClass, ClockKind, Limit};
use chengtu_engine::geo::Position;
use chengtu_engine::time::Timestamp;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::oneshot;

const S: i64 = 1_000_000;
const DAY: i64 = 86_400 * S;
const STEP_MAX: i64 = 300 * S;
const KEEP_DAYS: u32 = 2;
/// 2026-10-24T20:00Z: four hours before the clocks of half of these cities are put back.
const BEGIN: i64 = 1_792_872_000 * S;

/// True time, and a clock that shows another.
#[derive(Debug)]
struct Machine(Mutex<(i64, i64)>);

impl Machine {
    fn true_time(&self) -> i64 {
        self.0.lock().unwrap().0
    }

    fn error(&self) -> i64 {
        self.0.lock().unwrap().1
    }

    fn pass(&self, us: i64) {
        self.0.lock().unwrap().0 += us;
    }

    fn set_error(&self, us: i64) {
        self.0.lock().unwrap().1 = us;
    }
}

impl Clock for Machine {
    fn now(&self) -> Timestamp {
        let (true_time, error) = *self.0.lock().unwrap();
        Timestamp(true_time + error)
    }

    fn elapsed(&self) -> Duration {
        Duration::from_micros((self.true_time() - BEGIN) as u64)
    }
}

/// When a limit is used up, second by second: 08–12 and 14–18, Monday to Friday.
fn due_by_steps(from: i64, limit: Limit, calendar: &Calendar) -> i64 {
    let amount = i64::from(limit.amount);
    match limit.clock {
        ClockKind::RunningHours => return from + amount * 3_600 * S,
        ClockKind::RunningDays => return from + amount * DAY,
        ClockKind::WorkingHours | ClockKind::WorkingDays => {}
    }
    let hours = if limit.clock == ClockKind::WorkingHours {
        amount
    } else {
        amount * 8
    };
    let works = |t: i64| {
        let offset = calendar.offset_s(Timestamp(t));
        let local = t.div_euclid(S) + i64::from(offset);
        let (day, second) = (local.div_euclid(86_400), local.rem_euclid(86_400));
        let weekday = (day + 3).rem_euclid(7); // 1970-01-01 was a Thursday; 0 is Monday
        let shift =
            (8 * 3_600..12 * 3_600).contains(&second) || (14 * 3_600..18 * 3_600).contains(&second);
        weekday < 5 && shift
    };
    // Working time is reckoned in whole seconds.
    let (mut left, mut t) = (hours * 3_600, from - from.rem_euclid(S));
    while left > 0 {
        left -= i64::from(works(t));
        t += S;
    }
    t
}

/// One city, restarted now and then, and what is expected of it.
struct History<'a> {
    seed: u64,
    chance: Chance,
    dir: &'a Path,
    city: Arc<City>,
    calendar: Calendar,
    machine: Arc<Machine>,
    running: Option<(LiveCity, LiveHandle, Doors)>,
    /// City less true time.
    off: i64,
    /// How far that has been moved since the start, and when that was.
    moved: i64,
    started: i64,
    last_city: i64,
    /// Deadlines by case.
    due: BTreeMap<u64, i64>,
    /// Number of the last record, and the true time, when each day's file was written last.
    written: BTreeMap<String, i64>,
    keys: u32,
}

fn options(calendar: &Calendar) -> EmbeddedOptions {
    EmbeddedOptions {
        keep_days: KEEP_DAYS,
        calendar: calendar.clone(),
        ..EmbeddedOptions::default()
    }
}

impl History<'_> {
    fn start(&mut self) {
        let store = Arc::new(EmbeddedStore::new(self.dir, options(&self.calendar)));
        let config = Arc::new(Config::default());
        let recovered = open(store, self.machine.clone()).unwrap();
        let begun = recovered.begin(self.city.clone(), config, &[]);
        self.running = Some(begun.unwrap());
        self.moved = 0;
        self.started = self.machine.true_time();
        let clock = self.clock_now();
        let shown = self.machine.now().0;
        // A start believes its clock, but for a log that is ahead of it.
        let known = self.running.as_ref().unwrap().0.state.known_at().0;
        assert_eq!(clock, shown.max(known), "seed {}", self.seed);
        self.off = clock - self.machine.true_time();
        self.last_city = clock;
    }

    fn clock_now(&self) -> i64 {
        self.running.as_ref().unwrap().1.clock.now().0
    }

    fn stop(&mut self) {
        let (mut city, ..) = self.running.take().unwrap();
        city.end();
    }

    fn tick(&mut self) {
        let (city, _, doors) = self.running.as_mut().unwrap();
        assert!(city.tick(doors).is_continue());
        let seen = city.now().0;
        assert!(seen >= self.last_city, "seed {}: time ran back", self.seed);
        self.last_city = seen;
        let off = seen - self.machine.true_time();
        self.moved += (off - self.off).abs();
        self.off = off;
        // However the clock was set: since the start no more than the longest step, and as much a day.
        let passed = self.machine.true_time() - self.started;
        let bound = STEP_MAX + passed / 288 + 2 * S;
        assert!(
            self.moved <= bound,
            "seed {}: moved by {}",
            self.seed,
            self.moved
        );
        self.check_deadlines();
        self.check_files();
    }

    fn check_deadlines(&self) {
        let (city, ..) = self.running.as_ref().unwrap();
        if !city.ticks.is_multiple_of(super::tick::TICKS_PER_SECOND) {
            return;
        }
        for case in city.state.cases().values() {
            let Some(due) = self.due.get(&case.id.0) else {
                continue;
            };
            assert_eq!(case.due_at, Some(Timestamp(*due)), "seed {}", self.seed);
            let late = city.state.known_at().0.max(self.last_city) >= *due;
            assert_eq!(case.overdue, late, "seed {}: case {}", self.seed, case.id);
        }
    }

    /// What is gone must have been old by true time.
    fn check_files(&mut self) {
        let mut there: Vec<String> = std::fs::read_dir(self.dir)
            .unwrap()
            .flatten()
            .map(|e| e.file_name().to_string_lossy().into_owned())
            .filter(|n| n.starts_with("log-") && n.ends_with(".sqlite"))
            .collect();
        there.sort();
        let now = self.machine.true_time();
        for (name, written) in &self.written {
            // Nine tenths of the days between, and what was followed of the clock meanwhile.
            let old = DAY * i64::from(KEEP_DAYS - 1) * 9 / 10 - 1_800 * S;
            assert!(
                there.contains(name) || now - written >= old,
                "seed {}: {name} was written {} s ago and is gone",
                self.seed,
                (now - written) / S
            );
        }
        self.written.retain(|name, _| there.contains(name));
        let today = Timestamp(self.last_city);
        let today = crate::log::Day::of(today, self.calendar.offset_s(today)).name();
        let name = format!("log-{today}.sqlite");
        if there.contains(&name) {
            self.written.insert(name, now);
        }
    }

    fn report(&mut self) {
        let works = |c: ClockKind| matches!(c, ClockKind::WorkingHours | ClockKind::WorkingDays);
        // Working time over a change of clocks has tests of its own, beside the calendar.
        let changing = self.calendar.offsets.len() > 1;
        let classes: Vec<&CaseClass> = self
            .city
            .rules
            .classes
            .iter()
            .filter(|c| !changing || !works(c.limit.clock))
            .collect();
        let class = classes[self.chance.below(classes.len())];
        let (code, limit) = (class.code.clone(), class.limit);
        self.keys += 1;
        let (lon, lat) = self.city.info.centre;
        let row = CaseRow {
            row: 1,
            key: format!("k{}", self.keys),
            class: code,
            severity: None,
            position: Position::new((lon * 1e7) as i32, (lat * 1e7) as i32),
            address: "x".to_owned(),
            note: String::new(),
            occurred_at: None,
            filed_at: None,
        };
        let (reply, answer) = oneshot::channel();
        let feed = Arc::new(Feed {
            name: "cases".to_owned(),
            crs: Crs::Wgs84,
        });
        let data = FeedData::Cases(vec![row]);
        let (_, handle, _) = self.running.as_ref().unwrap();
        let posted = Posted {
            door: "cases",
            data,
            unread: Problems::default(),
        };
        let ask = DataRequest::Feed {
            feed,
            posted,
            reply,
        };
        handle.data.try_send(ask).unwrap();
        self.tick();
        let taken = answer.blocking_recv().unwrap().unwrap();
        assert_eq!(
            (taken.accepted, taken.cases.len()),
            (1, 1),
            "seed {}",
            self.seed
        );
        let (city, ..) = self.running.as_ref().unwrap();
        let case = city.state.case(taken.cases[0]).unwrap();
        let filed = case.filed_at.unwrap().0;
        assert!(
            (self.last_city - filed).abs() < 10 * S,
            "seed {}",
            self.seed
        );
        let due = due_by_steps(filed, limit, &self.calendar);
        self.due.insert(case.id.0, due);
    }

    /// Sets the clock, and expects to be told where it is worth it.
    fn set(&mut self, error: i64) {
        let by_us = error - self.machine.error();
        self.machine.set_error(error);
        let (_, handle, _) = self.running.as_ref().unwrap();
        let before = handle.status.clock();
        self.tick();
        let (_, handle, _) = self.running.as_ref().unwrap();
        let after = handle.status.clock();
        let apart = self.machine.now().0 - self.last_city;
        if apart.abs() > STEP_MAX + S {
            let trouble = after.trouble.clone().unwrap_or_default();
            assert!(
                trouble.contains("goes on without it"),
                "seed {}: {apart} apart, told {after:?}",
                self.seed
            );
        }
        // Half a second and more is told, each step once.
        let told = u64::from(by_us.abs() >= S / 2);
        assert_eq!(
            after.events,
            before.events + told,
            "seed {}: set by {by_us}, told {after:?}",
            self.seed
        );
    }

    fn act(&mut self) {
        let seconds = |c: &mut Chance, n: usize| c.below(n) as i64 * S;
        match self.chance.below(12) {
            0 => {
                let by = seconds(&mut self.chance, 240) - 120 * S;
                self.set(self.machine.error() + by);
            }
            1 => {
                let by = (seconds(&mut self.chance, 400 * 86_400) + 600 * S)
                    * if self.chance.below(3) == 0 { -1 } else { 1 };
                self.set(by);
            }
            2 => self.set(self.machine.error() - S),
            3..6 => self.set(0),
            6 => {
                // A slew: a clock that gains or loses a second in a minute.
                for _ in 0..10 {
                    self.machine.set_error(self.machine.error() + S / 6);
                    self.machine.pass(10 * S);
                    self.tick();
                }
            }
            7 => {
                self.stop();
                self.machine.pass(seconds(&mut self.chance, 7_200));
                if self.chance.below(4) > 0 {
                    self.machine.set_error(0);
                }
                self.start();
            }
            _ => self.report(),
        }
        // Now and then half a day; mostly minutes.
        let ticks = if self.chance.below(6) == 0 { 400 } else { 20 };
        for _ in 0..ticks {
            self.machine.pass(seconds(&mut self.chance, 120) + S / 10);
            self.tick();
        }
    }

    /// The order of all that is kept.
    fn check_log(&self) {
        let store = EmbeddedStore::new(self.dir, options(&self.calendar));
        let done = store.verify().unwrap();
        assert_eq!(done.findings, [], "seed {}", self.seed);
        let history = store.history().unwrap();
        let (mut seq, mut known_at) = (0, Timestamp::MIN);
        loop {
            let some = history.records(seq, Timestamp::MAX, 1_000).unwrap();
            if some.is_empty() {
                break;
            }
            for r in some {
                assert!(r.known_at >= known_at && (seq == 0 || r.seq == seq + 1));
                (seq, known_at) = (r.seq, r.known_at);
            }
        }
    }
}

/// A city; `changing`: one whose clocks are put back at 2026-10-25T01:00Z, and forward three days later.
fn city(changing: bool) -> Arc<City> {
    let pack = Path::new(env!("CARGO_MANIFEST_DIR")).join("../data/nanjing");
    let mut city = City::new(Pack::open(&pack).unwrap(), "", "");
    city.rules.calendar.days.clear();
    if changing {
        let change = Timestamp(BEGIN + 5 * 3_600 * S);
        city.rules.calendar.offsets = vec![
            (Timestamp::MIN, 7_200),
            (change, 3_600),
            (Timestamp(change.0 + 3 * DAY), 7_200),
        ];
    }
    Arc::new(city)
}

fn live_through(seed: u64, city: &Arc<City>) {
    let calendar = city.rules.calendar.clone();
    let dir = tempfile::tempdir().unwrap();
    let mut h = History {
        seed,
        chance: Chance::new(seed),
        dir: dir.path(),
        city: city.clone(),
        calendar,
        machine: Arc::new(Machine(Mutex::new((BEGIN, 0)))),
        running: None,
        off: 0,
        moved: 0,
        started: BEGIN,
        last_city: 0,
        due: BTreeMap::new(),
        written: BTreeMap::new(),
        keys: 0,
    };
    h.start();
    for _ in 0..40 {
        h.act();
    }
    // A clock that is right for long enough is the city's again, if the city is not ahead of it.
    h.set(0);
    for _ in 0..3_000 {
        h.machine.pass(60 * S);
        h.tick();
    }
    if h.off.abs() <= STEP_MAX / 2 {
        assert_eq!(h.off, 0, "seed {seed}");
    }
    h.stop();
    h.check_log();
}

#[test]
fn seeded_histories_of_the_clock_keep_order_deadlines_and_days() {
    let histories = std::env::var("CHENGTU_HISTORIES").ok();
    let histories: u64 = histories.and_then(|n| n.parse().ok()).unwrap_or(6);
    let cities = [city(true), city(false)];
    for seed in 1..=histories {
        live_through(seed, &cities[(seed % 2) as usize]);
    }
}
