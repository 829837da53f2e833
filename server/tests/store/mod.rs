//! A city that writes its log, faster than time passes.
#![allow(dead_code)] // Each test takes what it needs.

pub mod memory;

use chengtu_engine::archive::Segment;
use chengtu_engine::city::{
    Calendar, CaseClass, CaseKind, ClockKind, Department, Limit, Rules, Severity,
};
use chengtu_engine::command::{CaseReport, Command};
use chengtu_engine::decide::{decide, decide_fixes};
use chengtu_engine::geo::{GeoBox, Position};
use chengtu_engine::ids::{ClassId, CommandId, DepartmentId, FeedId, MoverId};
use chengtu_engine::model::{Actor, Fix, MoverKind};
use chengtu_engine::record::{Body, LivePen, Origin, Record};
use chengtu_engine::state::State;
use chengtu_engine::time::Timestamp;
use chengtu_server::log::{EmbeddedOptions, EmbeddedStore, Keyframe, LogStore, LogWriter};
use std::path::Path;

pub const OFFSET_S: i32 = 8 * 3_600;
/// 2026-11-22, 23:40 in Nanjing.
pub const BEGIN: Timestamp = Timestamp::from_seconds(1_795_362_000);

pub struct Writer {
    pub state: State,
    pub log: Box<dyn LogWriter>,
    pub now: Timestamp,
    pub kept: Vec<Record>,
    /// Sequence number and digest after every second.
    pub digests: Vec<(u64, Timestamp, u64)>,
    vehicles: u32,
    commands: u64,
}

fn rules() -> Rules {
    Rules {
        city: "试验城".to_owned(),
        city_en: "Testing".to_owned(),
        bounds: GeoBox::new(
            Position::new(1_187_700_000, 320_300_000),
            Position::new(1_188_200_000, 320_700_000),
        ),
        classes: vec![CaseClass {
            code: "C0101".to_owned(),
            kind: CaseKind::Component,
            group: "公用设施".to_owned(),
            name: "井盖".to_owned(),
            name_en: "Manhole".to_owned(),
            severity: Severity::Severe,
            limit: Limit {
                amount: 1,
                clock: ClockKind::RunningHours,
            },
            department: DepartmentId(0),
            skill: String::new(),
        }],
        departments: vec![Department {
            key: "drainage".into(),
            name: "排水".into(),
            name_en: "Drainage".into(),
        }],
        calendar: Calendar::with_offset(OFFSET_S),
        duplicate_radius_m: 50,
        duplicate_age_s: 86_400,
        future_tolerance_s: 60,
        keep_closed_s: 3_600,
    }
}

/// The log of a directory whose days begin at the city's midnight.
pub fn in_directory(dir: &Path) -> EmbeddedStore {
    let options = EmbeddedOptions {
        calendar: Calendar::with_offset(OFFSET_S),
        ..EmbeddedOptions::default()
    };
    EmbeddedStore::new(dir, options)
}

impl Writer {
    pub fn new(dir: &Path, vehicles: u32) -> Self {
        Self::on(&in_directory(dir), vehicles)
    }

    pub fn on(store: &dyn LogStore, vehicles: u32) -> Self {
        let log = store.writer(BEGIN).expect("it opens");
        let mut w = Self {
            state: State::new(),
            log,
            now: BEGIN,
            kept: Vec::new(),
            digests: Vec::new(),
            vehicles,
            commands: 0,
        };
        w.ask(&Command::Configure(Box::new(rules())), &Actor::System);
        for name in ["units", "traffic"] {
            let name = name.to_owned();
            w.ask(&Command::RegisterFeed { name }, &Actor::System);
        }
        let movers = (0..vehicles)
            .map(|i| (format!("v{i}"), MoverKind::Taxi))
            .collect();
        let feed = FeedId(1);
        w.ask(
            &Command::RegisterMovers { feed, movers },
            &Actor::Feed(feed),
        );
        w
    }

    fn write(&mut self, actor: &Actor, command: Option<CommandId>, body: Body) {
        let origin = Origin {
            actor: actor.clone(),
            command,
        };
        let pen = LivePen::of_the_live_log();
        let record = pen.write(self.state.seq() + 1, self.now, origin, body);
        self.log.append(&record).expect("it is written");
        self.state.apply(&record);
        self.kept.push(record.record().clone());
    }

    fn ask(&mut self, command: &Command, actor: &Actor) {
        let events = decide(&self.state, command, actor, self.now)
            .unwrap_or_else(|e| panic!("{command:?}: {e}"));
        self.commands += 1;
        if !events.is_empty() {
            let id = CommandId(self.commands, 5);
            self.write(actor, Some(id), Body::Events(events));
        }
    }

    fn fixes(&mut self, second: i32) {
        let feed = FeedId(1);
        let fixes: Vec<Fix> = (0..self.vehicles)
            .map(|m| {
                let late_s = i64::from((second + m as i32) % 97 == 0) * 40;
                Fix {
                    mover: MoverId(m),
                    position: Position::new(
                        1_187_800_000 + m as i32 * 900 + second * 140,
                        320_400_000 + m as i32 * 500 - second * (m % 7) as i32 * 10,
                    ),
                    bearing_cdeg: (9_000 + m % 100 * 10) as u16,
                    speed_cmps: 1_310 + (second % 9) as u16,
                    accuracy_dm: 0,
                    fix_time: self.now.plus_seconds(-late_s),
                }
            })
            .collect();
        let decided = decide_fixes(&self.state, feed, &fixes, self.now);
        if !decided.block.is_empty() {
            self.write(&Actor::Feed(feed), None, Body::Fixes(decided.block));
        }
    }

    /// So many seconds of the city: fixes each second, a case every twenty, a keyframe every hundred.
    pub fn live(&mut self, seconds: i32) {
        for _ in 0..seconds {
            self.now = self.now.plus_seconds(1);
            let second = ((self.now.0 - BEGIN.0) / 1_000_000) as i32;
            self.log
                .roll_over(self.now, &self.state)
                .expect("a new day");
            self.fixes(second);
            if second % 20 == 3 {
                let report = CaseReport {
                    class: ClassId(0),
                    severity: None,
                    position: Position::new(1_187_800_000 + second * 700 % 380_000, 320_500_000),
                    address: String::new(),
                    note: "井盖缺失".to_owned(),
                    occurred_at: self.now.plus_seconds(-700),
                    filed_at: None,
                    key: String::new(),
                };
                let officer = Actor::Operator("王莉".to_owned());
                self.ask(&Command::ReportCase(report), &officer);
            }
            self.ask(&Command::Tick, &Actor::System);
            if second % 100 == 0 {
                let keyframe = Keyframe::of(&self.state).expect("a keyframe");
                self.log.put_keyframe(&keyframe).expect("it is kept");
            }
            self.log.commit().expect("it is durable");
            self.digests
                .push((self.state.seq(), self.now, self.state.digest()));
        }
    }

    /// Appends what is never committed.
    pub fn uncommitted(&mut self) {
        self.now = self.now.plus_seconds(1);
        self.fixes(7);
    }

    /// Lets what has been sealed be swapped in.
    pub fn settle(&mut self) {
        for _ in 0..50 {
            std::thread::sleep(std::time::Duration::from_millis(10));
            self.log.commit().expect("it is durable");
        }
    }
}

/// Bytes of these records as one segment, to know what is expected.
pub fn sealed_bytes(records: &[Record]) -> usize {
    Segment::of(records)
        .expect("they follow one another")
        .size()
}
