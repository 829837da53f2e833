//! A calm synthetic day to begin from: the city of its pack, all units free at their depots, a few ordinary cases.

use crate::access::UNITS_FEED;
use crate::pack::Pack;
use chengtu_engine::city::Language;
use chengtu_engine::command::Observation;
use chengtu_engine::command::{Command, SensorRegistration, UnitRegistration};
use chengtu_engine::decide::{decide, decide_fixes, decide_observations};
use chengtu_engine::drill::{REPORTS_FEED, SENSORS_FEED, Scenario};
use chengtu_engine::geo::{LocalFrame, Metres, Position};
use chengtu_engine::ids::{DepartmentId, FeedId, UnitId};
use chengtu_engine::model::{Actor, Fix, NO_BEARING, Thresholds};
use chengtu_engine::record::{Body, Origin, Record, World};
use chengtu_engine::rejection::Rejection;
use chengtu_engine::roads::RoadGraph;
use chengtu_engine::sim::{Arrivals, CaseRates, Chance, CitySize, StreetPlaces};
use chengtu_engine::state::State;
use chengtu_engine::time::Timestamp;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Units are placed within this distance of their depots, metres.
const ABOUT_M: f64 = 600.0;
/// A unit's place is put on a road within this, metres.
const SNAP_M: f64 = 400.0;

/// A unit and where it starts from.
#[derive(Clone, Debug, PartialEq)]
struct Start {
    call_sign: String,
    call_sign_en: String,
    fleet: String,
    department: DepartmentId,
    skills: Vec<String>,
    home: Position,
}

/// The units of a pack at their depots.
#[derive(Clone, Debug)]
pub struct Depots {
    units: Vec<Start>,
    /// Speed against the road's, by fleet.
    pub speed_factors: BTreeMap<String, f64>,
    /// The language of what is said of the city.
    pub language: Language,
}

impl Depots {
    /// Of a pack. Units are dealt out to their depots in turn.
    pub fn new(pack: &Pack) -> Self {
        let (city, rules) = (&pack.city, pack.rules());
        let department = |key: &str| {
            let at = rules.departments.iter().position(|d| d.key == key);
            DepartmentId(at.unwrap_or(0) as u16)
        };
        let mut units = Vec::new();
        for fleet in &city.fleets {
            let homes: Vec<Position> = fleet
                .depots
                .iter()
                .filter_map(|key| city.depots.iter().find(|d| d.key == *key)?.position())
                .collect();
            for n in 1..=fleet.count {
                let home = homes.get(n as usize % homes.len().max(1));
                units.push(Start {
                    call_sign: format!("{} {n}", fleet.call_sign),
                    call_sign_en: format!("{} {n}", fleet.call_sign_en),
                    fleet: fleet.key.clone(),
                    department: department(&fleet.department),
                    skills: fleet.skills.clone(),
                    home: home.copied().unwrap_or_default(),
                });
            }
        }
        let factors = city.fleets.iter().map(|f| (f.key.clone(), f.speed_factor));
        Self {
            units,
            speed_factors: factors.collect(),
            language: city.language(),
        }
    }

    /// Where units have their round, by their numbers in a state.
    pub fn homes(&self, state: &State) -> BTreeMap<UnitId, Position> {
        let home = |s: &Start| Some((state.unit_called(&s.call_sign)?, s.home));
        self.units.iter().filter_map(home).collect()
    }
}

/// Writes records into a state that no log holds yet.
struct Builder {
    state: State,
    now: Timestamp,
    world: World,
}

impl Builder {
    fn apply(&mut self, actor: Actor, body: Body) {
        self.state.apply(&Record {
            seq: self.state.seq() + 1,
            known_at: self.now,
            world: self.world,
            origin: Origin {
                actor,
                command: None,
            },
            body,
        });
    }

    fn must(&mut self, command: &Command, actor: &Actor) -> Result<(), Rejection> {
        let events = decide(&self.state, command, actor, self.now)?;
        if !events.is_empty() {
            self.apply(actor.clone(), Body::Events(events));
        }
        Ok(())
    }
}

/// The city on a calm day, one second before the drill begins.
///
/// # Errors
/// A pack whose rules or units do not hold together.
pub fn calm_day(
    pack_rules: &chengtu_engine::city::Rules,
    depots: &Depots,
    roads: &Arc<RoadGraph>,
    scenario: &Scenario,
    world: World,
) -> Result<State, Rejection> {
    let now = scenario.start.time().plus_seconds(-1);
    let mut b = Builder {
        state: State::new(),
        now,
        world,
    };
    b.must(
        &Command::Configure(Box::new(pack_rules.clone())),
        &Actor::System,
    )?;
    for name in [REPORTS_FEED, UNITS_FEED] {
        let name = name.to_owned();
        b.must(&Command::RegisterFeed { name }, &Actor::System)?;
    }
    let feed = b.state.feed(UNITS_FEED).unwrap_or(FeedId(0));
    for unit in &depots.units {
        let registration = UnitRegistration {
            call_sign: unit.call_sign.clone(),
            call_sign_en: unit.call_sign_en.clone(),
            fleet: unit.fleet.clone(),
            department: unit.department,
            skills: unit.skills.clone(),
            feed,
        };
        b.must(&Command::RegisterUnit(registration), &Actor::System)?;
    }
    let mut fixes = Vec::new();
    for (at, unit) in depots.units.iter().enumerate() {
        let mover = b.state.units()[at].mover;
        let mut chance = Chance::of(scenario.seed, &unit.call_sign);
        let about = Metres {
            east_m: chance.between(-ABOUT_M, ABOUT_M),
            north_m: chance.between(-ABOUT_M, ABOUT_M),
        };
        let wish = LocalFrame::new(unit.home).position(about);
        let on_road = roads.snap(wish, SNAP_M).map(|p| p.position);
        let inside = on_road.filter(|p| pack_rules.bounds.contains(*p));
        fixes.push(Fix {
            mover,
            position: inside.unwrap_or(unit.home),
            bearing_cdeg: NO_BEARING,
            speed_cmps: 0,
            accuracy_dm: 30,
            fix_time: now,
        });
    }
    let decided = decide_fixes(&b.state, feed, &fixes, now);
    b.apply(Actor::Feed(feed), Body::Fixes(decided.block));
    open_cases(&mut b, depots.language, roads, scenario)?;
    let mut state = b.state;
    install_sensors(&mut state, scenario, world, now)?;
    Ok(state)
}

/// Cases that are open already when the drill begins.
fn open_cases(
    b: &mut Builder,
    language: Language,
    roads: &Arc<RoadGraph>,
    scenario: &Scenario,
) -> Result<(), Rejection> {
    let Some(feed) = b.state.feed(REPORTS_FEED) else {
        return Ok(());
    };
    if scenario.open_cases == 0 {
        return Ok(());
    }
    let Some(rules) = b.state.rules().cloned() else {
        return Ok(());
    };
    let mix = &scenario.mix;
    let (classes, row) = if mix.is_empty() {
        let all = rules.classes.len();
        let ids = (0..all).map(|c| chengtu_engine::ids::ClassId(c as u16));
        (ids.collect(), vec![1.0; all])
    } else {
        mix.iter().copied().unzip()
    };
    let mut chance = Chance::of(scenario.seed, "backlog");
    let (size, land) = (CitySize::of(roads, rules.bounds), Arc::new(rules.bounds));
    let roads = Arc::clone(roads);
    let places = Arc::new(StreetPlaces::new(roads, land, language, size, &mut chance));
    let rules = Arc::new(rules);
    let rates = CaseRates::new(classes, vec![row]);
    let mut arrivals = Arrivals::new(rates, rules, places, scenario.seed ^ 1, b.now, None);
    for report in arrivals.backlog(scenario.open_cases as usize) {
        // A street may lie outside the city's bounds: then nobody reports from there.
        match b.must(&Command::ReportCase(report), &Actor::Feed(feed)) {
            Ok(()) | Err(Rejection::OutsideCity) => {}
            Err(e) => return Err(e),
        }
    }
    // No alarm is left over from before.
    let alarms: Vec<_> = b.state.alarms().keys().copied().collect();
    for alarm in alarms {
        b.must(&Command::AcknowledgeAlarm { alarm }, &Actor::System)?;
    }
    Ok(())
}

/// Sets up the sensors of a scenario, at rest, in any state.
///
/// # Errors
/// [`Rejection`] where the state does not take them.
pub fn install_sensors(
    state: &mut State,
    scenario: &Scenario,
    world: World,
    now: Timestamp,
) -> Result<(), Rejection> {
    if scenario.sensors.is_empty() {
        return Ok(());
    }
    let mut b = Builder {
        state: std::mem::take(state),
        now,
        world,
    };
    let name = SENSORS_FEED.to_owned();
    b.must(&Command::RegisterFeed { name }, &Actor::System)?;
    let feed = b.state.feed(SENSORS_FEED).unwrap_or(FeedId(0));
    let mut readings = Vec::new();
    for s in &scenario.sensors {
        let registration = SensorRegistration {
            feed,
            key: s.key.clone(),
            name: s.name.clone(),
            phenomenon: s.phenomenon,
            unit_of_measure: s.unit_of_measure.clone(),
            position: s.position,
            thresholds: Some(Thresholds {
                warning: s.warning,
                alarm: s.alarm,
            }),
        };
        b.must(&Command::RegisterSensor(registration), &Actor::System)?;
        if let Some(sensor) = b.state.sensor_of(feed, &s.key) {
            readings.push(Observation {
                sensor,
                phenomenon_time: now,
                value: Some(s.rest),
            });
        }
    }
    let decided = decide_observations(&b.state, feed, &readings, now);
    b.apply(
        Actor::Feed(feed),
        Body::Observations(decided.taken, decided.events),
    );
    *state = b.state;
    Ok(())
}
