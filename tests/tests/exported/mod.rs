//! A small log with one of everything, written as the city writes it.

use anyhow::{Context, Result};
use chengtu_engine::city::{Calendar, Rules};
use chengtu_engine::command::{
    CaseReport, Command, Observation, SensorRegistration, UnitRegistration,
};
use chengtu_engine::decide::{decide, decide_fixes, decide_observations};
use chengtu_engine::geo::{LonLat, Position};
use chengtu_engine::ids::{CaseId, ClassId, DepartmentId, FeedId, MoverId, SensorId, UnitId};
use chengtu_engine::model::{
    Actor, AssignmentTarget, Fix, MoverKind, NO_BEARING, Phenomenon, Thresholds,
};
use chengtu_engine::record::{Body, LivePen, Origin};
use chengtu_engine::state::State;
use chengtu_engine::time::Timestamp;
use chengtu_server::city::City;
use chengtu_server::log::{EmbeddedOptions, EmbeddedStore, Keyframe, LogStore, LogWriter};
use chengtu_server::pack::Pack;
use std::path::Path;

/// 2026-11-22T02:00:00Z: ten in the morning in Nanjing.
pub const BEGIN_S: i64 = 1_795_312_800;
/// How long the log goes on.
pub const SECONDS: i64 = 600;
/// Vehicles, without the one unit.
pub const VEHICLES: u32 = 20;

/// The feeds in the order in which they are registered.
const TAXIS: FeedId = FeedId(0);
const TERMINALS: FeedId = FeedId(1);
const WATER: FeedId = FeedId(2);

pub fn at(s: i64) -> Timestamp {
    Timestamp::from_seconds(BEGIN_S + s)
}

pub fn place(lon: f64, lat: f64) -> Position {
    LonLat::new(lon, lat).position().unwrap_or_default()
}

/// Where vehicle `n` is after `s` seconds: each drives east along its own latitude.
pub fn vehicle(n: u32, s: i64) -> Position {
    place(
        118.770 + f64::from(n) * 0.0005 + s as f64 * 0.00005,
        32.035 + f64::from(n) * 0.001,
    )
}

struct Writer {
    log: Box<dyn LogWriter>,
    state: State,
    pen: LivePen,
}

impl Writer {
    fn put(&mut self, t: Timestamp, actor: Actor, body: Body) -> Result<()> {
        let origin = Origin {
            actor,
            command: None,
        };
        let record = self.pen.write(self.state.seq() + 1, t, origin, body);
        self.log.append(&record)?;
        self.state.apply(&record);
        Ok(())
    }

    fn command(&mut self, t: Timestamp, actor: &Actor, command: Command) -> Result<()> {
        let events = decide(&self.state, &command, actor, t)?;
        self.put(t, actor.clone(), Body::Events(events))
    }

    /// Rules, feeds, vehicles, a unit and a sensor.
    fn register(&mut self, rules: Rules) -> Result<()> {
        let system = Actor::System;
        self.command(at(0), &system, Command::Configure(Box::new(rules)))?;
        for name in ["taxis", "terminals", "water"] {
            let name = name.to_owned();
            self.command(at(0), &system, Command::RegisterFeed { name })?;
        }
        let movers = (0..VEHICLES).map(|n| (format!("苏A·{n:04}"), MoverKind::Taxi));
        let movers = Command::RegisterMovers {
            feed: TAXIS,
            movers: movers.collect(),
        };
        self.command(at(0), &Actor::Feed(TAXIS), movers)?;
        let unit = UnitRegistration {
            call_sign: "排水 1".into(),
            call_sign_en: "DR 1".into(),
            fleet: "drainage".into(),
            department: DepartmentId(2),
            skills: vec!["drainage".into()],
            feed: TERMINALS,
        };
        self.command(at(0), &system, Command::RegisterUnit(unit))?;
        let sensor = SensorRegistration {
            feed: WATER,
            key: "w1".into(),
            name: "龙蟠路隧道 <1>".into(),
            phenomenon: Phenomenon::WaterLevel,
            unit_of_measure: "m".into(),
            position: place(118.790, 32.045),
            thresholds: Some(Thresholds {
                warning: 0.2,
                alarm: 0.4,
            }),
        };
        self.command(at(0), &Actor::Feed(WATER), Command::RegisterSensor(sensor))
    }

    /// What the feeds bring in second `s`: all vehicles, the unit every ten seconds, the sensor every minute.
    fn feeds(&mut self, s: i64) -> Result<()> {
        let fix = |mover, position| Fix {
            mover,
            position,
            bearing_cdeg: if s % 2 == 0 { 9_000 } else { NO_BEARING },
            speed_cmps: 470,
            accuracy_dm: 50,
            fix_time: at(s),
        };
        let rows: Vec<Fix> = (0..VEHICLES)
            .map(|n| fix(MoverId(n), vehicle(n, s)))
            .collect();
        let block = decide_fixes(&self.state, TAXIS, &rows, at(s)).block;
        self.put(at(s), Actor::Feed(TAXIS), Body::Fixes(block))?;
        if s % 10 == 0 {
            let carries = self.state.unit(UnitId(0)).context("the unit")?.mover;
            let own = [fix(carries, place(118.780 + s as f64 * 0.00002, 32.044))];
            let block = decide_fixes(&self.state, TERMINALS, &own, at(s)).block;
            self.put(at(s), Actor::Feed(TERMINALS), Body::Fixes(block))?;
        }
        if s % 60 == 0 {
            let reading = Observation {
                sensor: SensorId(0),
                phenomenon_time: at(s),
                value: Some(s as f64 / 1_000.0),
            };
            let d = decide_observations(&self.state, WATER, &[reading], at(s));
            let body = Body::Observations(d.taken, d.events);
            self.put(at(s), Actor::Feed(WATER), body)?;
        }
        Ok(())
    }

    /// What people do in second `s`: a case is reported, handled and checked, another is reported.
    fn people(&mut self, s: i64) -> Result<()> {
        let officer = Actor::Operator("周岚".into());
        let unit = UnitId(0);
        let crew = Actor::Unit(unit);
        let case = |n: u64, lon: f64, lat: f64| {
            Command::ReportCase(CaseReport {
                class: ClassId(n as u16),
                severity: None,
                position: place(lon, lat),
                address: "珠江路 & \"中山路\"".into(),
                note: "=HYPERLINK(\"http://x\",\"积水\")\n<script>alert(1)</script>".into(),
                occurred_at: at(s - 5),
                filed_at: None,
                key: String::new(),
            })
        };
        let (actor, command) = match s {
            30 => (&officer, case(1, 118.785, 32.044)),
            40 => {
                let dispatch = Command::DispatchUnit {
                    unit,
                    target: AssignmentTarget::Case(CaseId(1)),
                    expected_s: Some(120),
                };
                (&officer, dispatch)
            }
            45 => (&crew, Command::AcknowledgeAssignment { unit }),
            200 => (&crew, Command::ArriveOnScene { unit }),
            220 => (&officer, case(3, 118.760, 32.031)),
            400 => {
                let note = "已疏通".to_owned();
                (&crew, Command::ReportHandled { unit, note })
            }
            450 => {
                let check = Command::CheckCase {
                    case: CaseId(1),
                    passed: true,
                };
                (&officer, check)
            }
            _ => return Ok(()),
        };
        self.command(at(s), actor, command)
    }
}

/// Writes the log into `data`; the state at its end.
pub fn write_log(city: &Path, data: &Path) -> Result<State> {
    let rules = City::new(Pack::open(city)?, "", "").rules;
    let options = EmbeddedOptions {
        calendar: Calendar::with_offset(8 * 3_600),
        ..EmbeddedOptions::default()
    };
    let log = EmbeddedStore::new(data, options).writer(at(0))?;
    let mut w = Writer {
        log,
        state: State::new(),
        pen: LivePen::of_the_live_log(),
    };
    w.register(rules)?;
    for s in 1..=SECONDS {
        w.feeds(s)?;
        w.people(s)?;
        if s % 100 == 0 {
            w.log.put_keyframe(&Keyframe::of(&w.state)?)?;
        }
    }
    w.log.commit()?;
    Ok(w.state)
}
