//! What each reader is sent, byte by byte: random cities, random rules of what is seen, random acts; every message is written
//! in both encodings, read back, and held against a rule that is written here once more, from the words of `docs/security.md`
//! and not from the engine. A rule that is left out of the engine's lens is found.
//!
//! `CHENGTU_SIGHTS` histories where it is set; 100,000 messages are some 60 of them.

#[path = "../../engine/tests/city/mod.rs"]
mod city;
#[path = "../../engine/tests/rng/mod.rs"]
mod rng;

use chengtu_engine::command::{CaseReport, Command};
use chengtu_engine::decide::decide_fixes;
use chengtu_engine::geo::{GeoBox, Position, Viewport};
use chengtu_engine::ids::{AlarmId, CaseId, ClassId, DepartmentId, FeedId, MoverId, UnitId};
use chengtu_engine::model::{
    Actor, AlarmSource, AssignmentTarget, Case, Fix, MoverKind, NO_BEARING, Reporter,
};
use chengtu_engine::record::Body;
use chengtu_engine::sight::{Cell, Cells, DataClass, DataClasses, Holds, Lens, Policy, Sight};
use chengtu_engine::state::State;
use chengtu_engine::stream::{
    Broadcast, Continue, EntityChange, HotspotWatch, Layer, Mirror, ServerMessage, SnapshotReason,
    Subscription, TILE_ZOOM, TileFrame, TilePart, View, Window,
};
use chengtu_protocol::{Encoding, decode_server, encode_server};
use city::{Live, SOUTH_WEST, UNITS};
use rng::{Rng, place};
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Cells across and up; the last columns of the city have none.
const COLUMNS: i32 = 45;
const ROWS: i32 = 40;
const SIDE: i32 = 10_000;

/// The code of the cell of a column and a row: two districts, streets of ten columns, communities of eight rows.
fn code(x: i32, y: i32) -> String {
    let district = if x < 24 { "320102" } else { "320104" };
    format!(
        "{district}{:03}{:03}{:03}",
        x / 10,
        y / 8,
        (x % 10) * 8 + y % 8
    )
}

fn cells() -> Cells {
    let corner =
        |x: i32, y: i32| Position::new(SOUTH_WEST.lon_e7 + x * SIDE, SOUTH_WEST.lat_e7 + y * SIDE);
    let all = (0..ROWS).flat_map(|y| (0..COLUMNS).map(move |x| (x, y)));
    let cell = |(x, y)| Cell {
        code: code(x, y),
        bounds: GeoBox::new(corner(x, y), corner(x + 1, y + 1)),
    };
    Cells::new(all.map(cell).collect())
}

/// The rule once more.
struct Rule<'a> {
    sight: &'a Sight,
    policy: &'a Policy,
    state: &'a State,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Seen {
    Clear,
    Masked,
}

impl Rule<'_> {
    fn has(&self, class: DataClass) -> bool {
        self.sight.classes.has(class)
    }

    fn ground(&self, p: Position) -> bool {
        let (x, y) = (
            (p.lon_e7 - SOUTH_WEST.lon_e7).div_euclid(SIDE),
            (p.lat_e7 - SOUTH_WEST.lat_e7).div_euclid(SIDE),
        );
        // The far edges belong to the last cells.
        let (x, y) = (
            if p.lon_e7 == SOUTH_WEST.lon_e7 + COLUMNS * SIDE {
                COLUMNS - 1
            } else {
                x
            },
            if p.lat_e7 == SOUTH_WEST.lat_e7 + ROWS * SIDE {
                ROWS - 1
            } else {
                y
            },
        );
        let has_cell = (0..COLUMNS).contains(&x) && (0..ROWS).contains(&y);
        let inside = match &self.sight.areas {
            None => true,
            Some(areas) => has_cell && areas.iter().any(|a| code(x, y).starts_with(a.as_str())),
        };
        inside && !self.sight.only_held
    }

    fn held(&self, case: &Case) -> bool {
        case.units.iter().any(|u| match self.sight.holds {
            Holds::Nothing => false,
            Holds::Unit(unit) => *u == unit,
            Holds::Department(d) => self.state.unit(*u).is_some_and(|u| u.department == d),
        })
    }

    fn personal(&self, case: &Case) -> bool {
        self.state.reporter(case.id).is_some()
            || self.policy.personal.contains(&case.class)
            || self.policy.sensitive.contains(&case.class)
    }

    fn case(&self, id: CaseId) -> Option<Seen> {
        let case = self.state.case(id)?;
        if self.held(case) {
            return Some(Seen::Clear);
        }
        let sensitive = self.policy.sensitive.contains(&case.class);
        if !self.ground(case.position) || sensitive && !self.has(DataClass::Sensitive) {
            return None;
        }
        let clear = self.has(DataClass::Personal);
        Some(if clear { Seen::Clear } else { Seen::Masked })
    }

    fn unit(&self, id: UnitId) -> bool {
        let Some(unit) = self.state.unit(id) else {
            return false;
        };
        let own = match self.sight.holds {
            Holds::Nothing => false,
            Holds::Unit(own) => own == id,
            Holds::Department(d) => d == unit.department,
        };
        let case = unit.case().and_then(|c| self.state.case(c));
        let held = case.is_some_and(|c| self.held(c));
        let at_case = case.is_some_and(|c| self.case(c.id).is_some());
        let at = self.state.mover(unit.mover).and_then(|m| m.position);
        let here = match at {
            Some(p) => self.ground(p),
            None => self.sight.areas.is_none() && !self.sight.only_held,
        };
        own || held || self.has(DataClass::Internal) && (at_case || here)
    }

    fn mover(&self, id: MoverId) -> bool {
        let Some(mover) = self.state.mover(id) else {
            return false;
        };
        match (mover.unit, mover.position) {
            (Some(unit), _) => self.unit(unit),
            (None, Some(p)) => self.has(DataClass::Internal) && self.ground(p),
            (None, None) => false,
        }
    }

    fn alarm(&self, id: AlarmId) -> bool {
        let Some(alarm) = self.state.alarms().get(&id) else {
            return false;
        };
        match alarm.source {
            AlarmSource::Case(c) if self.state.case(c).is_some() => self.case(c).is_some(),
            AlarmSource::Case(_) => {
                let all = self.has(DataClass::Personal) && self.has(DataClass::Sensitive);
                all && self.ground(alarm.position)
            }
            AlarmSource::Sensor(s) => self
                .state
                .sensor(s)
                .is_some_and(|s| self.ground(s.position)),
        }
    }

    /// What may not stand in the bytes of any message: of cases that are hidden or masked, of units and sensors.
    fn forbidden(&self) -> BTreeSet<Vec<u8>> {
        let mut texts = BTreeSet::new();
        for case in self.state.cases().values() {
            let seen = self.case(case.id);
            if seen.is_none() {
                texts.insert(marker(case.id.0).into_bytes());
            }
            if seen == Some(Seen::Clear) {
                continue;
            }
            texts.insert(telephone(case.id.0).into_bytes());
            texts.insert(name(case.id.0).into_bytes());
            if seen.is_none() || self.personal(case) {
                let at = case.position.lon_lat();
                texts.insert(at.lon_deg.to_le_bytes().to_vec());
                texts.insert(street(case.id.0).into_bytes());
            }
        }
        for unit in self.state.units().iter().filter(|u| !self.unit(u.id)) {
            texts.insert(unit.call_sign.clone().into_bytes());
        }
        let sensors = self.state.sensors().iter();
        for sensor in sensors.filter(|s| !self.ground(s.position)) {
            texts.insert(sensor.name.clone().into_bytes());
        }
        texts
    }
}

fn telephone(case: u64) -> String {
    format!("138{case:08}")
}

fn name(case: u64) -> String {
    format!("王小{case:04}")
}

fn marker(case: u64) -> String {
    format!("案情{case:05}号")
}

fn street(case: u64) -> String {
    format!("平安里{case:05}栋")
}

/// A reader: what they see, what they are said to see, and what they know.
struct Reader {
    sight: Sight,
    window: Option<Window>,
    view: View,
    mirror: Mirror,
    units: BTreeSet<UnitId>,
}

struct City {
    live: Live,
    rng: Rng,
    broadcast: Broadcast,
    readers: Vec<Reader>,
    policy: Arc<Policy>,
    movers: u32,
    /// Messages that were held against the rule.
    messages: usize,
    /// What was wrong, in words.
    wrong: Vec<String>,
}

fn sight(rng: &mut Rng) -> Sight {
    let areas = match rng.below(8) {
        0 | 1 => None,
        2 => Some(vec!["32".to_owned()]),
        3 => Some(vec!["320102".to_owned()]),
        4 => Some(vec!["320104003".to_owned(), "320102000".to_owned()]),
        5 => Some(vec!["320102001002".to_owned()]),
        6 => Some(vec![code(rng.below(45) as i32, rng.below(40) as i32)]),
        _ => Some(vec!["99".to_owned()]),
    };
    let classes = DataClass::ALL.into_iter().filter(|_| rng.chance(55));
    let classes: DataClasses = classes.collect();
    Sight {
        areas: areas.map(|a| a.into_iter().collect()),
        holds: match rng.below(3) {
            0 => Holds::Nothing,
            1 => Holds::Department(DepartmentId(rng.below(2) as u16)),
            _ => Holds::Unit(UnitId(rng.below(u64::from(UNITS)) as u32)),
        },
        only_held: rng.chance(25),
        classes,
    }
}

/// Of a rule of what is seen the one that is in force.
type Broken = fn(&Sight) -> Sight;

impl City {
    fn new(seed: u64, broken: Option<Broken>) -> Self {
        let mut rng = Rng(seed);
        let live = Live::new();
        let class = |rng: &mut Rng| {
            let some = (0..4).filter(|_| rng.chance(30)).map(ClassId);
            some.collect::<BTreeSet<_>>()
        };
        let policy = Arc::new(Policy {
            personal: class(&mut rng),
            sensitive: class(&mut rng),
        });
        let cells = Arc::new(cells());
        let readers = (1..=6u32).map(|number| {
            let sight = sight(&mut rng);
            let used = broken.map_or(sight.clone(), |b| b(&sight));
            let lens = Lens::new(used, cells.clone(), policy.clone(), TILE_ZOOM);
            let none = HotspotWatch::default();
            let window = Window::new(number, lens, &live.state, live.now, none);
            Reader {
                view: looking(&mut rng),
                window: Some(window),
                mirror: Mirror::new(),
                units: BTreeSet::new(),
                sight,
            }
        });
        Self {
            readers: readers.collect(),
            broadcast: Broadcast::new(&live.state, HotspotWatch::default(), 100),
            live,
            rng,
            policy,
            movers: 0,
            messages: 0,
            wrong: Vec::new(),
        }
    }

    fn happen(&mut self) {
        match self.rng.below(10) {
            0..6 => self.command(),
            6..9 => self.fixes(),
            _ => {
                let by = [5, 60, 4_000][self.rng.below(3) as usize];
                self.live.now = self.live.now.plus_seconds(by);
                self.live.must(Command::Tick, &Actor::System);
            }
        }
        self.live.now = self.live.now.plus_seconds(1);
    }

    fn command(&mut self) {
        let rng = &mut self.rng;
        let unit = UnitId(rng.below(u64::from(UNITS)) as u32);
        let next = self.live.state.cases().keys().last().map_or(1, |c| c.0 + 1);
        let case = CaseId(1 + rng.below(next));
        let operator = Actor::Operator("甲".to_owned());
        let (command, actor) = match rng.below(10) {
            0..3 => {
                let report = CaseReport {
                    class: ClassId(rng.below(4) as u16),
                    severity: None,
                    position: place(rng),
                    address: street(next),
                    note: format!("{}，{}，{}", marker(next), name(next), telephone(next)),
                    occurred_at: self.live.now,
                    filed_at: None,
                    key: format!("k{}", rng.next()),
                };
                (Command::ReportCase(report), Actor::Feed(FeedId(1)))
            }
            3..5 => {
                let target = AssignmentTarget::Case(case);
                let expected_s = None;
                let dispatch = Command::DispatchUnit {
                    unit,
                    target,
                    expected_s,
                };
                (dispatch, operator)
            }
            5 => (Command::ArriveOnScene { unit }, Actor::Unit(unit)),
            6 => (Command::RecallUnit { unit }, operator),
            7 => {
                let note = "处理完毕".to_owned();
                (Command::ReportHandled { unit, note }, Actor::Unit(unit))
            }
            8 => {
                let into = CaseId(1 + rng.below(next));
                (Command::BundleCase { case, into }, operator)
            }
            _ => {
                let reason = format!("误报，见{}", marker(case.0));
                (Command::VoidCase { case, reason }, operator)
            }
        };
        let reported = matches!(command, Command::ReportCase(_));
        let done = self.live.submit(&command, &actor, None).is_ok();
        if reported && done {
            // The name stands in the note: whoever sees the note masked must know it to mask it.
            let reporter = Reporter {
                name: name(next),
                telephone: telephone(next),
            };
            let case = CaseId(next);
            let named = Command::NameReporter { case, reporter };
            let _ = self
                .live
                .submit(&named, &Actor::Operator("甲".to_owned()), None);
        }
    }

    fn fixes(&mut self) {
        let feed = FeedId(1);
        if self.movers < 24 {
            self.movers += 8;
            let names = (0..self.movers).map(|i| (format!("v{i}"), MoverKind::Taxi));
            let movers = names.collect();
            let register = Command::RegisterMovers { feed, movers };
            self.live.must(register, &Actor::Feed(feed));
        }
        for feed in [FeedId(0), FeedId(1)] {
            let all = self.live.state.movers().len() as u64;
            let now = self.live.now;
            let rng = &mut self.rng;
            let state = &self.live.state;
            let of_feed = |id: &MoverId| state.mover(*id).is_some_and(|m| m.feed == feed);
            let ids: Vec<_> = (0..10).map(|_| MoverId(rng.below(all) as u32)).collect();
            let fixes: Vec<Fix> = ids
                .into_iter()
                .filter(of_feed)
                .map(|mover| Fix {
                    mover,
                    position: place(&mut self.rng),
                    bearing_cdeg: NO_BEARING,
                    speed_cmps: 0,
                    accuracy_dm: 30,
                    fix_time: now,
                })
                .collect();
            let decided = decide_fixes(&self.live.state, feed, &fixes, self.live.now);
            if !decided.block.is_empty() {
                let body = Body::Fixes(decided.block);
                self.live.append(&Actor::Feed(feed), None, body);
            }
        }
    }

    fn end_tick(&mut self) {
        let changes = core::mem::take(&mut self.live.changes);
        let state = &self.live.state;
        // Whoever comes to a world has its rates be gathered at once.
        let views = self.readers.iter().map(|r| &r.view);
        self.broadcast.set_rates(views, true);
        self.broadcast.note(state, changes);
        let whole = self.broadcast.end_tick(state, self.live.now, true);
        for reader in &mut self.readers {
            let Some(mut window) = reader.window.take() else {
                continue;
            };
            if self.rng.chance(3) {
                reader.view = looking(&mut self.rng);
            }
            let mut tick = window.tick(&whole);
            let update = reader.view.end_tick(&tick);
            let mut told: Vec<_> = update
                .map(|u| tick.message(&reader.view, u))
                .into_iter()
                .collect();
            told.extend(tick.coarse(&reader.view));
            let rule = Rule {
                sight: &reader.sight,
                policy: &self.policy,
                state,
            };
            for m in told {
                self.messages += 1;
                let wrong = &mut self.wrong;
                hold(&rule, &reader.mirror, &reader.units, &m, &mut |w| {
                    wrong.push(w);
                });
                if let ServerMessage::Snapshot { .. } = &m {
                    reader.units.clear();
                }
                if let Err(e) = reader.mirror.apply(&m) {
                    self.wrong.push(e.to_string());
                }
                reader.units.extend(reader.mirror.units.keys());
                let tiles = reader.view.tiles();
                reader.mirror.keep_tiles(|tile| tiles.contains(&tile));
            }
            let difference = difference(&tick, reader);
            self.wrong.extend(difference);
            drop(tick);
            reader.window = Some(window);
        }
    }
}

fn looking(rng: &mut Rng) -> View {
    let (a, b) = (place(rng).lon_lat(), place(rng).lon_lat());
    let wide = if rng.chance(20) { 3.0 } else { 0.0 };
    let all = [Layer::Movers, Layer::Units, Layer::Cases, Layer::Sensors];
    let mut view = View::new(Continue::Afresh(SnapshotReason::Subscribed));
    view = view.with_histories(rng.chance(80)).with_persons(true);
    view.subscribe(Subscription {
        viewport: Some(Viewport {
            west: a.lon_deg.min(b.lon_deg) - wide,
            south: a.lat_deg.min(b.lat_deg) - wide,
            east: a.lon_deg.max(b.lon_deg) + wide,
            north: a.lat_deg.max(b.lat_deg) + wide,
            zoom: 14.0,
        }),
        layers: all.into_iter().filter(|_| rng.chance(85)).collect(),
        rate_hz: [10.0, 10.0, 5.0][rng.below(3) as usize],
    });
    view
}

/// In what a reader at the fastest rate differs from what a fresh snapshot would show them.
fn difference(tick: &chengtu_engine::stream::Tick<'_>, reader: &Reader) -> Option<String> {
    if reader.view.classes() != [0, 0] {
        return None;
    }
    let whole = |tile| (*tick.tile(TilePart::Whole(tile))).clone();
    let mut fresh = Mirror::new();
    fresh
        .apply(&tick.snapshot(&reader.view, SnapshotReason::Asked, whole))
        .ok()?;
    let m = &reader.mirror;
    let movers = |m: &Mirror| -> Vec<_> {
        m.movers()
            .map(|v| (v.id, v.position, v.kind, v.unit))
            .collect()
    };
    let same = [
        ("cases", m.cases == fresh.cases),
        ("histories", m.histories == fresh.histories),
        ("persons", m.persons == fresh.persons),
        ("units", m.units == fresh.units),
        ("sensors", m.sensors == fresh.sensors),
        ("alarms", m.alarms == fresh.alarms),
        ("movers", movers(m) == movers(&fresh)),
    ];
    let (what, _) = same.iter().find(|(_, same)| !same)?;
    Some(format!(
        "{what} differ from a fresh snapshot: {:?}",
        reader.sight
    ))
}

/// Holds a message against the rule, as bytes and as what is read of them.
fn hold(
    rule: &Rule<'_>,
    known: &Mirror,
    known_units: &BTreeSet<UnitId>,
    message: &ServerMessage,
    wrong: &mut impl FnMut(String),
) {
    let forbidden = rule.forbidden();
    for encoding in Encoding::ALL {
        let bytes = encode_server(encoding, message);
        for text in &forbidden {
            if bytes.windows(text.len()).any(|w| w == text) {
                wrong(format!(
                    "{encoding:?}: {:?} stands in it",
                    String::from_utf8_lossy(text)
                ));
            }
        }
        // Tiles are rows in JSON, which nobody reads back but scripts: here as a script does.
        let read = match encoding {
            Encoding::Binary => decode_server(encoding, &bytes),
            Encoding::Json => {
                let read: Value = serde_json::from_slice(&bytes).expect("JSON");
                for id in movers_of(&read).filter(|id| !rule.mover(*id)) {
                    wrong(format!("mover {} is told to {:?}", id.0, rule.sight));
                }
                decode_server(encoding, &encode_server(encoding, &without_tiles(message)))
            }
        };
        match read {
            Ok(read) => read_and_hold(rule, known, known_units, &read, wrong),
            Err(e) => wrong(e.to_string()),
        }
    }
}

/// The vehicles of a message in JSON.
fn movers_of(message: &Value) -> impl Iterator<Item = MoverId> {
    let parts = message.as_object().into_iter().flat_map(|m| m.values());
    let tiles = parts.filter_map(|m| m["tiles"].as_array()).flatten();
    let rows = tiles.filter_map(|t| t["moved"].as_array()).flatten();
    rows.filter_map(|r| Some(MoverId(r["id"].as_u64()? as u32)))
}

fn without_tiles(message: &ServerMessage) -> ServerMessage {
    let mut message = message.clone();
    match &mut message {
        ServerMessage::Snapshot { tiles, .. } => tiles.clear(),
        ServerMessage::Frame(frame) => frame.tiles.clear(),
        _ => {}
    }
    message
}

fn read_and_hold(
    rule: &Rule<'_>,
    known: &Mirror,
    known_units: &BTreeSet<UnitId>,
    message: &ServerMessage,
    wrong: &mut impl FnMut(String),
) {
    let (changes, tiles): (&[EntityChange], &[TileFrame]) = match message {
        ServerMessage::Snapshot { changes, tiles, .. } => (changes, tiles),
        ServerMessage::Frame(frame) => (&frame.changes, &frame.tiles),
        ServerMessage::Coarse { tiles, .. } => {
            let counted: u32 = tiles.iter().flat_map(|t| &t.counts).map(|(_, n)| n).sum();
            let seen = |(n, m): (u32, &chengtu_engine::model::Mover)| {
                m.unit.is_none() && rule.mover(MoverId(n))
            };
            let all = (0..).zip(rule.state.movers()).filter(|m| seen(*m)).count();
            if counted as usize > all {
                wrong(format!(
                    "{counted} vehicles are counted of {all} that are seen"
                ));
            }
            return;
        }
        other => return wrong(format!("{other:?}")),
    };
    for change in changes {
        let may = match change {
            EntityChange::Case(c) => {
                let inner = rule.has(DataClass::Internal)
                    || rule.state.case(c.id).is_some_and(|c| rule.held(c));
                if !(inner || c.units.is_empty() && c.note.is_empty()) {
                    wrong(format!("case {}: what is internal", c.id));
                }
                let same = c.maybe_same_as.is_none_or(|c| rule.case(c).is_some());
                rule.case(c.id).is_some() && same
            }
            EntityChange::History { case, .. } => rule.case(*case).is_some(),
            EntityChange::Person { case, person } => match rule.case(*case) {
                Some(Seen::Clear) => !person.masked,
                Some(Seen::Masked) => person.masked,
                None => false,
            },
            EntityChange::CaseGone(c) => known.cases.contains_key(c) || known.cases.is_empty(),
            EntityChange::Unit(u) => {
                let task = u.assignment.as_ref().and_then(|a| a.case);
                rule.unit(u.id) && task.is_none_or(|c| rule.case(c).is_some())
            }
            EntityChange::UnitGone(u) => known_units.contains(u) || known_units.is_empty(),
            EntityChange::Sensor(s) => rule
                .state
                .sensor(s.id)
                .is_some_and(|s| rule.ground(s.position)),
            EntityChange::Reading { sensor, .. } => rule
                .state
                .sensor(*sensor)
                .is_some_and(|s| rule.ground(s.position)),
            EntityChange::Alarm(a) => rule.alarm(a.id),
            EntityChange::AlarmGone(a) => known.alarms.contains_key(a) || known.alarms.is_empty(),
        };
        if !may {
            wrong(format!("{change:?} is told to {:?}", rule.sight));
        }
    }
    for row in tiles.iter().flat_map(TileFrame::rows) {
        if !rule.mover(row.id) {
            wrong(format!("mover {} is told to {:?}", row.id.0, rule.sight));
        }
    }
}

/// How many messages were held against the rule, and what was wrong.
fn history(seed: u64, broken: Option<Broken>) -> (usize, Vec<String>) {
    let mut city = City::new(seed, broken);
    for _ in 0..120 {
        city.happen();
        if city.rng.chance(70) {
            city.end_tick();
        }
    }
    for _ in 0..3 {
        city.end_tick();
    }
    (city.messages, city.wrong)
}

fn histories() -> u64 {
    let asked = std::env::var("CHENGTU_SIGHTS").ok();
    asked.map_or(40, |n| n.parse().expect("a number of histories"))
}

#[test]
fn nobody_is_sent_a_byte_of_what_they_may_not_see() {
    let mut messages = 0;
    for seed in 0..histories() {
        let (held, wrong) = history(seed, None);
        messages += held;
        assert!(
            wrong.is_empty(),
            "history {seed}: {:#?}",
            &wrong[..wrong.len().min(5)]
        );
    }
    println!("{messages} messages, nothing forbidden");
    assert!(messages > 40 * 100);
}

#[test]
fn a_rule_that_is_left_out_is_found() {
    let broken: [(&str, Broken); 4] = [
        ("areas", |s| Sight {
            areas: None,
            ..s.clone()
        }),
        ("held alone", |s| Sight {
            only_held: false,
            ..s.clone()
        }),
        ("personal", |s| Sight {
            classes: s.classes.and(DataClasses::of([DataClass::Personal])),
            ..s.clone()
        }),
        ("sensitive", |s| Sight {
            classes: s.classes.and(DataClasses::of([DataClass::Sensitive])),
            ..s.clone()
        }),
    ];
    for (rule, broken) in broken {
        let found = (0..10).map(|seed| history(seed, Some(broken)).1.len());
        assert!(
            found.sum::<usize>() > 0,
            "without the rule about {rule} nothing is found"
        );
    }
}
