//! Seeking in a long log: writes a day of a synthetic city through the real log, as fast as it can, and on its way
//! measures how long a seek to a random instant takes, in a log of 1 h, 3 h, 6 h, 12 h and 24 h. At instants whose
//! digest was noted while writing, the replayed state is held against it.
//!
//! `cargo run -p chengtu-tests --bin seek -- --vehicles 5000 --fixes 100000000 --svg docs/pictures/seek.svg`
//!
//! The day has no pauses: `--fixes` of them are spread evenly over 24 hours, and `--hours` cuts it short.

use anyhow::{Context, Result, ensure};
use chengtu_engine::chance::{STEP, mixed};
use chengtu_engine::city::{Calendar, CaseClass, CaseKind, ClockKind, Limit, Rules, Severity};
use chengtu_engine::command::{CaseReport, Command};
use chengtu_engine::decide::decide;
use chengtu_engine::geo::{GeoBox, Position};
use chengtu_engine::ids::{ClassId, DepartmentId, FeedId, MoverId};
use chengtu_engine::model::{Actor, Fix, MoverKind};
use chengtu_engine::record::{Body, FixBlock, LivePen, Origin};
use chengtu_engine::replay::{History, Player, TimeBasis, TimeControl};
use chengtu_engine::state::State;
use chengtu_engine::time::Timestamp;
use chengtu_server::log::{EmbeddedOptions, EmbeddedStore, Keyframe, LogStore, LogWriter};
use chengtu_tests::options::Options as Given;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// 2026-11-22, 0:00 in Nanjing.
const MIDNIGHT: Timestamp = Timestamp::from_seconds(1_795_276_800);
const OFFSET_S: i32 = 8 * 3_600;
const SOUTH_WEST: Position = Position::new(1_186_500_000, 319_200_000);
const EXTENT_E7: (u64, u64) = (2_500_000, 2_200_000);

struct Options {
    vehicles: u32,
    fixes: u64,
    hours: u32,
    seeks: usize,
    data: Option<PathBuf>,
    svg: Option<PathBuf>,
}

fn options() -> Result<Options> {
    let given = Given::read(&["vehicles", "fixes", "hours", "seeks", "data", "svg"])?;
    let o = Options {
        vehicles: given.get("vehicles", 5_000)?,
        fixes: given.get("fixes", 100_800_000)?,
        hours: given.get("hours", 24)?,
        seeks: given.get("seeks", 400)?,
        data: given.path("data"),
        svg: given.path("svg"),
    };
    ensure!(
        o.vehicles > 0 && (1..=24).contains(&o.hours),
        "no vehicles, or more than a day"
    );
    Ok(o)
}

/// Random numbers from a seed.
struct Rng(u64);

impl Rng {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(STEP);
        mixed(self.0)
    }

    fn below(&mut self, n: u64) -> u64 {
        self.next() % n.max(1)
    }

    fn place(&mut self) -> Position {
        Position::new(
            SOUTH_WEST.lon_e7 + self.below(EXTENT_E7.0) as i32,
            SOUTH_WEST.lat_e7 + self.below(EXTENT_E7.1) as i32,
        )
    }
}

/// A vehicle that keeps its way for a while, at changing speed, and then turns.
struct Vehicle {
    lon_deg: f64,
    lat_deg: f64,
    bearing_cdeg: u16,
    speed_cmps: u16,
    told: Timestamp,
}

impl Vehicle {
    /// Where it is by now; a receiver's error of about half a metre included.
    fn drive(&mut self, now: Timestamp, rng: &mut Rng) -> Fix {
        let s = now.seconds_since(self.told).min(60.0);
        self.told = now;
        if rng.below(12) == 0 {
            let turn = [9_000, 27_000, 1_300, 34_700][rng.below(4) as usize];
            self.bearing_cdeg = ((u32::from(self.bearing_cdeg) + turn) % 36_000) as u16;
        }
        let change = rng.below(300) as i32 - 150;
        self.speed_cmps = (i32::from(self.speed_cmps) + change).clamp(0, 1_800) as u16 / 10 * 10;
        let (sin, cos) = (f64::from(self.bearing_cdeg) / 100.0)
            .to_radians()
            .sin_cos();
        let way_m = f64::from(self.speed_cmps) / 100.0 * s;
        self.lon_deg += way_m * sin / 94_400.0;
        self.lat_deg += way_m * cos / 110_900.0;
        let error = |rng: &mut Rng| (rng.below(11) as f64 - 5.0) * 1e-6;
        let place = |deg: f64, error: f64| ((deg + error) * 1e6).round() as i32 * 10;
        Fix {
            mover: MoverId(0),
            position: Position::new(
                place(self.lon_deg, error(rng)),
                place(self.lat_deg, error(rng)),
            ),
            bearing_cdeg: self.bearing_cdeg,
            speed_cmps: self.speed_cmps,
            accuracy_dm: 5,
            fix_time: now,
        }
    }
}

fn rules() -> Rules {
    Rules {
        city: "南京".to_owned(),
        city_en: "Nanjing".to_owned(),
        bounds: GeoBox::new(
            SOUTH_WEST,
            Position::new(
                SOUTH_WEST.lon_e7 + EXTENT_E7.0 as i32,
                SOUTH_WEST.lat_e7 + EXTENT_E7.1 as i32,
            ),
        ),
        classes: vec![CaseClass {
            code: "C0101".to_owned(),
            kind: CaseKind::Component,
            group: String::new(),
            name: "井盖".to_owned(),
            name_en: "Manhole".to_owned(),
            severity: Severity::Normal,
            limit: Limit {
                amount: 2,
                clock: ClockKind::RunningHours,
            },
            department: DepartmentId(0),
            skill: String::new(),
        }],
        departments: vec![chengtu_engine::city::Department {
            key: "works".to_owned(),
            name: "市政".to_owned(),
            name_en: "Works".to_owned(),
        }],
        calendar: Calendar::with_offset(OFFSET_S),
        duplicate_radius_m: 0,
        duplicate_age_s: 0,
        future_tolerance_s: 60,
        keep_closed_s: 3_600,
    }
}

struct City {
    log: Box<dyn LogWriter>,
    pen: LivePen,
    state: State,
    vehicles: Vec<Vehicle>,
    rng: Rng,
    now: Timestamp,
    next: usize,
    rows_since_keyframe: u64,
    keyframe_at: Timestamp,
    fixes: u64,
    /// Instants with the record and the digest there.
    noted: Vec<(Timestamp, u64, u64)>,
}

impl City {
    fn new(dir: &Path, vehicles: u32) -> Result<Self> {
        let options = EmbeddedOptions {
            calendar: Calendar::with_offset(OFFSET_S),
            ..EmbeddedOptions::default()
        };
        let log = EmbeddedStore::new(dir, options).writer(MIDNIGHT)?;
        let mut rng = Rng(20_261_122);
        let mut city = Self {
            log,
            pen: LivePen::of_the_live_log(),
            state: State::new(),
            vehicles: Vec::new(),
            now: MIDNIGHT,
            next: 0,
            rows_since_keyframe: 0,
            keyframe_at: MIDNIGHT,
            fixes: 0,
            noted: Vec::new(),
            rng: Rng(0),
        };
        for _ in 0..vehicles {
            let p = rng.place().lon_lat();
            city.vehicles.push(Vehicle {
                lon_deg: p.lon_deg,
                lat_deg: p.lat_deg,
                bearing_cdeg: rng.below(3_600) as u16 * 10,
                speed_cmps: 800,
                told: MIDNIGHT,
            });
        }
        city.rng = rng;
        city.ask(&Command::Configure(Box::new(rules())), &Actor::System)?;
        let name = "traffic".to_owned();
        city.ask(&Command::RegisterFeed { name }, &Actor::System)?;
        let kinds = [MoverKind::Taxi, MoverKind::Bus, MoverKind::Van];
        let movers = (0..vehicles)
            .map(|i| (format!("苏A·{i:05}"), kinds[i as usize % 3]))
            .collect();
        let feed = FeedId(0);
        city.ask(
            &Command::RegisterMovers { feed, movers },
            &Actor::Feed(feed),
        )?;
        Ok(city)
    }

    fn write(&mut self, actor: &Actor, body: Body) -> Result<()> {
        let origin = Origin {
            actor: actor.clone(),
            command: None,
        };
        let record = self.pen.write(self.state.seq() + 1, self.now, origin, body);
        self.log.append(&record)?;
        self.state.apply(&record);
        Ok(())
    }

    fn ask(&mut self, command: &Command, actor: &Actor) -> Result<()> {
        let events = decide(&self.state, command, actor, self.now)?;
        if !events.is_empty() {
            self.write(actor, Body::Events(events))?;
        }
        Ok(())
    }

    /// One second: its share of the fixes, now and then a case.
    fn second(&mut self, rows: u64) -> Result<()> {
        self.now = self.now.plus_seconds(1);
        let mut left = rows as usize;
        while left > 0 {
            // Twice round in a second would be the same fix again.
            let n = left.min(self.vehicles.len() - self.next);
            left -= n;
            let mut block = FixBlock::with_capacity(FeedId(0), n);
            for i in self.next..self.next + n {
                let fix = self.vehicles[i].drive(self.now, &mut self.rng);
                block.push(Fix {
                    mover: MoverId(i as u32),
                    ..fix
                });
            }
            self.next = (self.next + n) % self.vehicles.len();
            self.fixes += n as u64;
            self.rows_since_keyframe += n as u64;
            self.write(&Actor::Feed(FeedId(0)), Body::Fixes(block))?;
        }
        let second = (self.now.0 - MIDNIGHT.0) / 1_000_000;
        if second % 28 == 0 {
            let report = CaseReport {
                class: ClassId(0),
                severity: None,
                position: self.rng.place(),
                address: "中山东路".to_owned(),
                note: "井盖松动".to_owned(),
                occurred_at: self.now.plus_seconds(-90),
                filed_at: None,
                key: String::new(),
            };
            self.ask(
                &Command::ReportCase(report),
                &Actor::Operator("值班员".to_owned()),
            )?;
        }
        self.ask(&Command::Tick, &Actor::System)?;
        // As the running city does it.
        let movers = self.state.movers().len() as u64;
        let due = self.rows_since_keyframe >= 131_072.max(16 * movers)
            || self.now.seconds_since(self.keyframe_at) >= 300.0;
        if due {
            self.log.put_keyframe(&Keyframe::of(&self.state)?)?;
            self.rows_since_keyframe = 0;
            self.keyframe_at = self.now;
        }
        if second % 10 == 0 {
            self.log.commit()?;
        }
        if self.rng.below(300) == 0 {
            self.log.commit()?;
            self.noted
                .push((self.now, self.state.seq(), self.state.digest()));
        }
        Ok(())
    }
}

#[derive(Clone, Copy)]
struct Measured {
    hours: u32,
    fixes: u64,
    bytes: u64,
    p50_ms: f64,
    p99_ms: f64,
    worst_ms: f64,
    folds: usize,
}

fn measure(dir: &Path, city: &mut City, hours: u32, seeks: usize) -> Result<Measured> {
    city.log.commit()?;
    let history = EmbeddedStore::at(dir).history()?;
    let (from, to) = history.span()?.context("an empty log")?;
    let (mut player, _) = Player::new(history, from, 0.0, TimeBasis::Known)?;
    let mut rng = Rng(u64::from(hours) + 7);
    let mut ms = Vec::with_capacity(seeks);
    let mut folds = 0;
    for i in 0..seeks {
        // Every fourth to an instant whose digest is known, the others anywhere.
        let noted = city.noted.get(rng.below(city.noted.len() as u64) as usize);
        let (at, expected) = if let Some((at, seq, digest)) = noted.filter(|_| i % 4 == 0) {
            (*at, Some((*seq, *digest)))
        } else {
            let us = rng.below((to.0 - from.0) as u64) as i64;
            (Timestamp(from.0 + us), None)
        };
        let began = Instant::now();
        player.control(TimeControl::Seek(at))?;
        ms.push(began.elapsed().as_secs_f64() * 1e3);
        if let Some(expected) = expected {
            let found = (player.state().seq(), player.state().digest());
            ensure!(
                found == expected,
                "at {at:?} record and digest are {found:?}, live they were {expected:?}"
            );
            folds += 1;
        }
    }
    ms.sort_by(f64::total_cmp);
    let at = |q: f64| ms[((ms.len() - 1) as f64 * q).round() as usize];
    let mut bytes = 0;
    for entry in std::fs::read_dir(dir)? {
        bytes += entry?.metadata()?.len();
    }
    Ok(Measured {
        hours,
        fixes: city.fixes,
        bytes,
        p50_ms: at(0.5),
        p99_ms: at(0.99),
        worst_ms: at(1.0),
        folds,
    })
}

/// A line of the plot: its name, its colour and its value.
type Line = (&'static str, &'static str, fn(&Measured) -> f64);

/// Seek times over log length, for people.
fn svg(all: &[Measured]) -> String {
    use std::fmt::Write;
    let (left, top, width, height) = (60.0, 20.0, 480.0, 240.0);
    let most = all.iter().map(|m| m.p99_ms).fold(250.0, f64::max);
    let x = |h: u32| left + width * f64::from(h) / 24.0;
    let y = |ms: f64| top + height * (1.0 - ms / most);
    let mut out = String::from(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 600 320\" font-family=\"sans-serif\" font-size=\"12\" fill=\"#333\">\n<rect width=\"600\" height=\"320\" fill=\"#fff\"/>\n",
    );
    for ms in [0.0, 60.0, 125.0, 250.0] {
        let (y, dash) = (
            y(ms),
            if ms == 60.0 || ms == 250.0 {
                "4 4"
            } else {
                "1 0"
            },
        );
        let _ = writeln!(
            out,
            "<path d=\"M{left} {y:.1}h{width}\" stroke=\"#bbb\" stroke-dasharray=\"{dash}\"/><text x=\"8\" y=\"{:.1}\">{ms} ms</text>",
            y + 4.0
        );
    }
    let lines: [Line; 2] = [
        ("p50", "#1f6fb2", |m| m.p50_ms),
        ("p99", "#b2501f", |m| m.p99_ms),
    ];
    for (name, colour, of) in lines {
        let points: Vec<String> = all
            .iter()
            .map(|m| format!("{:.1},{:.1}", x(m.hours), y(of(m))))
            .collect();
        let _ = writeln!(
            out,
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>",
            points.join(" ")
        );
        if let Some(m) = all.last() {
            let (x, y) = (x(m.hours) + 6.0, y(of(m)) + 4.0);
            let _ = writeln!(
                out,
                "<text x=\"{x:.1}\" y=\"{y:.1}\" fill=\"{colour}\">{name}</text>"
            );
        }
    }
    for m in all {
        let (x, y) = (x(m.hours), top + height + 18.0);
        let _ = writeln!(
            out,
            "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"middle\">{} h</text>",
            m.hours
        );
    }
    let fixes = all.last().map_or(0, |m| m.fixes) / 1_000_000;
    let _ = writeln!(
        out,
        "<text x=\"300\" y=\"308\" text-anchor=\"middle\">length of the log; {fixes} million fixes at its end; dashed: what is asked for</text>\n</svg>"
    );
    out
}

fn main() -> Result<()> {
    let o = options()?;
    let kept;
    let dir = if let Some(dir) = &o.data {
        ensure!(
            !dir.exists(),
            "{}: name a directory that is not there yet",
            dir.display()
        );
        dir.clone()
    } else {
        kept = tempfile::tempdir()?;
        kept.path().to_owned()
    };
    let mut city = City::new(&dir, o.vehicles)?;
    let began = Instant::now();
    let mut writing_s = 0.0;
    let mut all: Vec<Measured> = Vec::new();
    println!("| log | fixes | bytes a fix | seek p50 | p99 | worst | digests compared |");
    println!("|---|---|---|---|---|---|---|");
    let mut told = Instant::now();
    for second in 1..=u64::from(o.hours) * 3_600 {
        let written = Instant::now();
        let due = o.fixes * second / 86_400;
        city.second(due - city.fixes)?;
        writing_s += written.elapsed().as_secs_f64();
        let hours = (second / 3_600) as u32;
        if second % 3_600 == 0 && ([1, 3, 6, 12, 24].contains(&hours) || hours == o.hours) {
            let m = measure(&dir, &mut city, hours, o.seeks)?;
            println!(
                "| {} h | {} | {:.2} | {:.1} ms | {:.1} ms | {:.1} ms | {} |",
                m.hours,
                m.fixes,
                m.bytes as f64 / m.fixes as f64,
                m.p50_ms,
                m.p99_ms,
                m.worst_ms,
                m.folds
            );
            all.push(m);
        }
        if told.elapsed().as_secs() >= 20 {
            told = Instant::now();
            let s = began.elapsed().as_secs();
            eprintln!("{} fixes after {s} s", city.fixes);
        }
    }
    println!(
        "{} fixes of {} vehicles written in {writing_s:.0} s",
        city.fixes, o.vehicles
    );
    if let Some(path) = &o.svg {
        std::fs::write(path, svg(&all))?;
        println!("{}", path.display());
    }
    Ok(())
}
