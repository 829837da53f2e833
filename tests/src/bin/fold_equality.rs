//! Fold equality: a day of live work, decided by the engine and kept by the real log, with digests noted live at random
//! instants; and a replay of that log, in another process, that must have the same digests there.
//!
//! `cargo run -p chengtu-tests --bin fold_equality -- record DIR`, then `… -- replay DIR`.

use anyhow::{Context, Result, bail, ensure};
use chengtu_engine::chance::{STEP, mixed};
use chengtu_engine::command::{CaseReport, Command, UnitRegistration};
use chengtu_engine::decide::{decide, decide_fixes};
use chengtu_engine::geo::Position;
use chengtu_engine::ids::{
    AlarmId, CaseId, ClassId, CommandId, DepartmentId, FeedId, MoverId, UnitId,
};
use chengtu_engine::model::{Actor, AssignmentTarget, Fix, MoverKind, Stage, UnitStatus};
use chengtu_engine::record::{Body, LivePen, Origin};
use chengtu_engine::replay::{Player, TimeBasis, TimeControl};
use chengtu_engine::state::State;
use chengtu_engine::time::Timestamp;
use chengtu_server::city::City;
use chengtu_server::log::{EmbeddedOptions, EmbeddedStore, Keyframe, LogStore, LogWriter};
use chengtu_server::pack::Pack;
use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::time::Instant;

const VEHICLES: u32 = 5_000;
const DAY_S: i64 = 86_400;
/// Each vehicle reports its position once in so many seconds.
const FIX_EVERY_S: i64 = 60;
/// A case comes about once in so many seconds: some 3,300 a day.
const CASE_EVERY_S: u64 = 26;
const KEYFRAME_EVERY_S: i64 = 300;
const INSTANTS: usize = 1_000;
/// 2026-11-22T12:00:00Z: the day's file changes in the middle, at the city's midnight.
const BEGIN_S: i64 = 1_795_348_800;
const UNITS: FeedId = FeedId(0);
const TRAFFIC: FeedId = FeedId(1);

struct Rng(u64);

impl Rng {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_add(STEP);
        mixed(self.0) % n.max(1)
    }
}

/// The running city as its server keeps it, without the waiting.
struct Live {
    city: City,
    state: State,
    log: Box<dyn LogWriter>,
    pen: LivePen,
    now: Timestamp,
    rng: Rng,
    commands: u64,
}

impl Live {
    fn append(&mut self, actor: &Actor, command: Option<CommandId>, body: Body) -> Result<()> {
        let origin = Origin {
            actor: actor.clone(),
            command,
        };
        let record = self.pen.write(self.state.seq() + 1, self.now, origin, body);
        self.log.append(&record)?;
        self.state.apply(&record);
        Ok(())
    }

    fn submit(&mut self, command: &Command, actor: &Actor) -> Result<bool> {
        let Ok(events) = decide(&self.state, command, actor, self.now) else {
            return Ok(false);
        };
        if !events.is_empty() {
            self.commands += 1;
            let id = matches!(actor, Actor::Operator(_)).then_some(CommandId(self.commands, 1));
            self.append(actor, id, Body::Events(events))?;
        }
        Ok(true)
    }

    fn place(&mut self) -> Position {
        let b = self.city.rules.bounds;
        let lon = self.rng.below((b.max.lon_e7 - b.min.lon_e7) as u64) as i32;
        let lat = self.rng.below((b.max.lat_e7 - b.min.lat_e7) as u64) as i32;
        Position::new(b.min.lon_e7 + lon, b.min.lat_e7 + lat)
    }

    fn set_up(&mut self) -> Result<()> {
        let rules = Box::new(self.city.rules.clone());
        self.submit(&Command::Configure(rules), &Actor::System)?;
        for name in ["units", "traffic"] {
            let name = name.to_owned();
            self.submit(&Command::RegisterFeed { name }, &Actor::System)?;
        }
        for seed in self.city.units.clone() {
            let registration = UnitRegistration {
                call_sign: seed.call_sign,
                call_sign_en: seed.call_sign_en,
                fleet: seed.fleet,
                department: DepartmentId(0),
                skills: seed.skills,
                feed: UNITS,
            };
            self.submit(&Command::RegisterUnit(registration), &Actor::System)?;
        }
        let movers = (0..VEHICLES).map(|i| (format!("car-{i}"), MoverKind::Taxi));
        let command = Command::RegisterMovers {
            feed: TRAFFIC,
            movers: movers.collect(),
        };
        self.submit(&command, &Actor::Feed(TRAFFIC))?;
        Ok(())
    }

    /// What people do in a second.
    fn work(&mut self) -> Result<()> {
        let officer = Actor::Operator("王莉".to_owned());
        if self.rng.below(CASE_EVERY_S) == 0 {
            let report = CaseReport {
                class: ClassId(self.rng.below(self.city.rules.classes.len() as u64) as u16),
                severity: None,
                position: self.place(),
                address: String::new(),
                note: "报告".to_owned(),
                occurred_at: self.now.plus_seconds(-(self.rng.below(90) as i64)),
                filed_at: None,
                key: String::new(),
            };
            self.submit(&Command::ReportCase(report), &officer)?;
        }
        let open: Vec<(CaseId, Stage)> = self
            .state
            .cases()
            .values()
            .rev()
            .filter(|c| matches!(c.stage, Stage::Filed | Stage::Handled))
            .take(20)
            .map(|c| (c.id, c.stage))
            .collect();
        let units = self.state.units().len() as u64;
        for _ in 0..2 {
            let unit = UnitId(self.rng.below(units) as u32);
            let status = self.state.unit(unit).map(|u| u.status);
            let command = match status {
                Some(UnitStatus::Assigned) => Command::AcknowledgeAssignment { unit },
                Some(UnitStatus::EnRoute) => Command::ArriveOnScene { unit },
                Some(UnitStatus::OnScene) => Command::ReportHandled {
                    unit,
                    note: "已处置".to_owned(),
                },
                _ if open.is_empty() => continue,
                _ => {
                    let (case, stage) = open[self.rng.below(open.len() as u64) as usize];
                    let command = if stage == Stage::Handled {
                        let passed = self.rng.below(10) > 0;
                        Command::CheckCase { case, passed }
                    } else {
                        Command::DispatchUnit {
                            unit,
                            target: AssignmentTarget::Case(case),
                            expected_s: Some(600),
                        }
                    };
                    self.submit(&command, &officer)?;
                    continue;
                }
            };
            self.submit(&command, &Actor::Unit(unit))?;
        }
        let alarms: Vec<AlarmId> = self.state.alarms().keys().copied().collect();
        if self.rng.below(60) == 0 && !alarms.is_empty() {
            let alarm = alarms[self.rng.below(alarms.len() as u64) as usize];
            self.submit(&Command::AcknowledgeAlarm { alarm }, &officer)?;
        }
        self.submit(&Command::Tick, &Actor::System)?;
        Ok(())
    }

    /// A sixtieth of the traffic reports its position; now and then a vehicle was out of coverage.
    fn traffic(&mut self, second: i64) -> Result<()> {
        let first = self.state.movers().len() as u32 - VEHICLES;
        let mut fixes = Vec::new();
        for i in (0..VEHICLES).filter(|i| i64::from(*i) % FIX_EVERY_S == second % FIX_EVERY_S) {
            let late_s = if self.rng.below(50) == 0 { 300 } else { 0 };
            let age = self.rng.below(1_000_000) as i64;
            fixes.push(Fix {
                mover: MoverId(first + i),
                position: self.place(),
                bearing_cdeg: self.rng.below(36_000) as u16,
                speed_cmps: self.rng.below(2_000) as u16,
                accuracy_dm: 50,
                fix_time: Timestamp(self.now.plus_seconds(-late_s).0 - age),
            });
        }
        let decision = decide_fixes(&self.state, TRAFFIC, &fixes, self.now);
        if decision.block.is_empty() {
            return Ok(());
        }
        self.append(&Actor::Feed(TRAFFIC), None, Body::Fixes(decision.block))
    }
}

fn record(dir: &Path) -> Result<()> {
    let began = Instant::now();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let city = City::new(Pack::open(&root.join("data/nanjing"))?, "", "");
    let begin = Timestamp::from_seconds(BEGIN_S);
    let options = EmbeddedOptions {
        day_bytes_max: 1 << 40,
        calendar: city.rules.calendar.clone(),
        ..EmbeddedOptions::default()
    };
    let log = EmbeddedStore::new(&dir.join("log"), options).writer(begin)?;
    let mut live = Live {
        state: State::new(),
        log,
        pen: LivePen::of_the_live_log(),
        now: begin,
        rng: Rng(1),
        commands: 0,
        city,
    };
    live.set_up()?;
    let mut chosen = BTreeSet::new();
    let mut rng = Rng(2);
    while chosen.len() < INSTANTS {
        chosen.insert(1 + rng.below(DAY_S as u64) as i64);
    }
    let mut notes = String::new();
    for second in 1..=DAY_S {
        live.now = begin.plus_seconds(second);
        live.log.roll_over(live.now, &live.state)?;
        live.traffic(second)?;
        live.work()?;
        if second % KEYFRAME_EVERY_S == 0 {
            let keyframe = Keyframe::of(&live.state)?;
            live.log.put_keyframe(&keyframe)?;
        }
        if second % 600 == 0 {
            live.log.commit()?;
        }
        if chosen.contains(&second) {
            // Noted somewhere within the second that the record made the present.
            let inside = Timestamp(live.now.0 + rng.below(999_999) as i64);
            let (seq, digest) = (live.state.seq(), live.state.digest());
            writeln!(notes, "{} {seq} {digest}", inside.0)?;
        }
    }
    live.log.commit()?;
    std::fs::write(dir.join("notes"), &notes)?;
    let last = live.state.cases().keys().next_back();
    let cases = last.map_or(0, |c| c.0);
    ensure!(cases >= 3_000, "only {cases} cases came");
    println!(
        "recorded a day in {:.1} s: {} records, {VEHICLES} vehicles, {cases} cases, {} digests noted",
        began.elapsed().as_secs_f64(),
        live.state.seq(),
        chosen.len()
    );
    Ok(())
}

fn replay(dir: &Path) -> Result<()> {
    let notes = std::fs::read_to_string(dir.join("notes"))?;
    let mut noted = Vec::new();
    for line in notes.lines() {
        let mut words = line.split(' ');
        let mut word = || words.next().context("three numbers a line");
        let time = Timestamp(word()?.parse()?);
        noted.push((time, word()?.parse::<u64>()?, word()?.parse::<u64>()?));
    }
    // In an order of its own, so that seeks go to and fro.
    let mut rng = Rng(u64::from(std::process::id()));
    for i in (1..noted.len()).rev() {
        noted.swap(i, rng.below(i as u64 + 1) as usize);
    }
    let history = EmbeddedStore::at(&dir.join("log")).history()?;
    let (at, _, _) = noted.first().context("notes")?;
    let (mut player, _) = Player::new(history, *at, 0.0, TimeBasis::Known)?;
    let began = Instant::now();
    let (mut equal, mut took_ms) = (0, Vec::new());
    for (time, seq, digest) in &noted {
        let seek = Instant::now();
        player.control(TimeControl::Seek((*time).min(player.clock().to)))?;
        took_ms.push(seek.elapsed().as_secs_f64() * 1e3);
        let state = player.state();
        if (state.seq(), state.digest()) == (*seq, *digest) {
            equal += 1;
        } else {
            println!(
                "differs at {}: record {} instead of {seq}",
                time.0,
                state.seq()
            );
        }
    }
    took_ms.sort_by(f64::total_cmp);
    println!(
        "process {}: {equal} of {} digests equal; {:.1} s, seeks median {:.1} ms, p99 {:.1} ms",
        std::process::id(),
        noted.len(),
        began.elapsed().as_secs_f64(),
        took_ms[took_ms.len() / 2],
        took_ms[took_ms.len() * 99 / 100]
    );
    ensure!(
        equal == noted.len() && equal >= INSTANTS,
        "not all are equal"
    );
    Ok(())
}

fn main() -> Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["record", dir] => record(&PathBuf::from(dir)),
        ["replay", dir] => replay(&PathBuf::from(dir)),
        _ => bail!("say `record DIR` or `replay DIR`"),
    }
}
