//! Old logs open for ever: a small data directory of every released format lies in `golden/`.
//!
//! `cargo test -p chengtu-server --test old_logs -- --ignored` makes one of the present format where there is none.

use chengtu_engine::city::{
    Calendar, CaseClass, CaseKind, ClockKind, Department, Limit, Rules, Severity,
};
use chengtu_engine::command::{
    CaseReport, Command, Observation, SensorRegistration, UnitRegistration,
};
use chengtu_engine::decide::{decide, decide_fixes, decide_observations};
use chengtu_engine::geo::{GeoBox, Position};
use chengtu_engine::ids::{
    AlarmId, CaseId, ClassId, CommandId, DepartmentId, FeedId, MoverId, SensorId, UnitId,
};
use chengtu_engine::model::{
    Actor, AssignmentTarget, Fix, MoverKind, NO_BEARING, Phenomenon, Thresholds,
};
use chengtu_engine::record::{Body, LivePen, Origin};
use chengtu_engine::state::{STATE_VERSION, State};
use chengtu_engine::time::Timestamp;
use chengtu_server::log::cli::LogArgs;
use chengtu_server::log::{
    EmbeddedOptions, EmbeddedStore, Keyframe, LogStore, LogWriter, SCHEMA_VERSION, recover,
};
use std::path::{Path, PathBuf};

fn golden() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden")
}

/// A copy, so that opening changes nothing in the repository.
fn copied(from: &Path) -> tempfile::TempDir {
    let to = tempfile::tempdir().expect("a directory");
    copy_files(from, to.path(), |_| true);
    to
}

fn copy_files(from: &Path, to: &Path, wanted: impl Fn(&str) -> bool) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a golden log") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().expect("a name").to_string_lossy();
        if wanted(&name) {
            std::fs::copy(&path, to.join(&*name)).expect("a copy");
        }
    }
}

fn versions() -> Vec<PathBuf> {
    let mut all: Vec<PathBuf> = std::fs::read_dir(golden())
        .expect("golden logs")
        .map(|e| e.expect("an entry").path())
        .filter(|p| p.is_dir())
        .filter(|p| {
            p.file_name()
                .is_some_and(|n| n.to_string_lossy().starts_with("log-"))
        })
        .collect();
    all.sort();
    all
}

#[test]
fn a_log_of_every_version_folds_to_the_city_that_it_was() {
    let all = versions();
    assert!(!all.is_empty(), "there are golden logs");
    for from in all {
        let expected = std::fs::read_to_string(from.join("digest.txt")).expect("its digest");
        let dir = copied(&from);
        for time in 0..2 {
            let store = EmbeddedStore::at(dir.path());
            let log = store.writer(Timestamp::default()).expect("it opens");
            let state = recover(&store, &*log).expect("it folds").state;
            let found = format!("seq {} digest {:016x}", state.seq(), state.digest());
            assert_eq!(expected.trim(), found, "{} time {time}", from.display());
            if from.to_string_lossy().ends_with("-retained") {
                // Its first days are gone: without the keyframe that it begins with there is no city.
                let gone = log.read_from(1, 1).expect_err("the first records are gone");
                assert!(gone.to_string().contains("record 1 is missing"), "{gone}");
                continue;
            }
            // Not only from the newest keyframe: from the first record too.
            let mut state = State::new();
            loop {
                let records = log.read_from(state.seq() + 1, 100).expect("it is whole");
                if records.is_empty() {
                    break;
                }
                for record in &records {
                    state.apply(record);
                }
            }
            let found = format!("seq {} digest {:016x}", state.seq(), state.digest());
            assert_eq!(expected.trim(), found, "{} from 1", from.display());
        }
    }
}

/// What `verify` says of a directory, in one line.
fn verified(dir: &Path) -> String {
    let done = EmbeddedStore::at(dir)
        .verify()
        .expect("it is looked through");
    assert_eq!(done.findings, [], "{}", dir.display());
    let (seq, link) = done.end.expect("an end");
    let hex = link
        .iter()
        .fold(String::new(), |hex, b| hex + &format!("{b:02x}"));
    format!(
        "records {} positions {} segments {} keyframes {} chain at {seq} {hex}\n",
        done.records, done.fixes, done.segments, done.keyframes
    )
}

#[test]
fn logs_with_a_chain_are_what_was_written() {
    for name in [
        "log-v2",
        "log-v2-sealed",
        "log-v2-retained",
        "log-v3",
        "log-v3-sealed",
        "log-v3-retained",
    ] {
        let from = golden().join(name);
        let expected = std::fs::read_to_string(from.join("verified.txt")).expect("its chain");
        let dir = copied(&from);
        assert_eq!(verified(dir.path()), expected, "{name}");
        // Sealing them, too, changes nothing of what they say.
        EmbeddedStore::at(dir.path())
            .compact(|_| {})
            .expect("it is made small");
        let sealed = verified(dir.path());
        let end = |line: &str| line.split("chain").last().map(str::to_owned);
        assert_eq!(end(&sealed), end(&expected), "{name} sealed");
    }
}

#[test]
fn what_a_state_is_encoded_as_has_not_changed_without_a_new_version() {
    let mut seen = 0;
    for dir in versions().iter().map(|from| copied(from)) {
        for entry in std::fs::read_dir(dir.path()).expect("a golden log") {
            let path = entry.expect("an entry").path();
            if path.extension().is_none_or(|e| e != "sqlite") {
                continue;
            }
            let conn = rusqlite::Connection::open(&path).expect("a file");
            let mut found = conn
                .prepare("SELECT state FROM keyframes")
                .expect("keyframes");
            let states = found
                .query_map([], |r| r.get::<_, Vec<u8>>(0))
                .expect("states");
            for packed in states.map(|s| s.expect("a state")) {
                let (_, body) = packed.split_at(8);
                let plain = zstd::decode_all(body).expect("unpacked");
                let state = State::decode(&plain).expect("a state of version 1");
                let again = state.encode().expect("bytes");
                // Fails? Then raise STATE_VERSION, keep the former layout with a conversion, and compare it instead.
                assert_eq!(STATE_VERSION, 5);
                // A state of version 4 is one of version 3 where nothing of what 4 adds is there to say.
                if plain.starts_with(b"CTSTATE\n\x03") {
                    assert_eq!(again, plain, "today's form");
                    seen += 1;
                    continue;
                }
                // A head, what version 1 was, and the histories.
                assert_eq!(&again[12..12 + plain.len()], &plain[..]);
                let back = State::decode(&again).expect("a state of today");
                assert_eq!(back.histories(), state.histories());
                assert!(state.histories().keys().eq(state.cases().keys()));
                for (case, history) in state.cases().values().zip(state.histories().values()) {
                    let told = history.entries.iter().map(|e| (e.at, e.by.clone()));
                    let stages = case.history.iter().map(|h| (h.at, h.by.clone()));
                    assert!(told.eq(stages), "all that it knew is told");
                }
                seen += 1;
            }
        }
    }
    assert!(seen >= 10, "{seen} keyframes");
}

/// A city that writes its log.
struct Writer {
    state: State,
    log: Box<dyn LogWriter>,
    now: Timestamp,
    commands: u64,
}

impl Writer {
    fn write(&mut self, actor: &Actor, command: Option<CommandId>, body: Body) {
        let origin = Origin {
            actor: actor.clone(),
            command,
        };
        let pen = LivePen::of_the_live_log();
        let record = pen.write(self.state.seq() + 1, self.now, origin, body);
        self.log.append(&record).expect("it is written");
        self.state.apply(&record);
    }

    fn ask(&mut self, command: &Command, actor: &Actor) {
        let events = decide(&self.state, command, actor, self.now)
            .unwrap_or_else(|e| panic!("{command:?}: {e}"));
        self.commands += 1;
        let id = CommandId(self.commands, 77);
        if !events.is_empty() {
            self.write(actor, Some(id), Body::Events(events));
        }
    }

    fn fixes(&mut self, second: i32) {
        let feed = FeedId(1);
        let fixes: Vec<Fix> = (0..12u32)
            .filter(|m| (second + *m as i32) % 5 != 0)
            .map(|m| {
                let turn = (second / 20 + m as i32) % 2;
                // Every seventh comes late, and now and then one comes long after the others.
                let late_s = if (second + m as i32) % 41 == 0 {
                    95
                } else {
                    i64::from(m % 7 == 0) * 3
                };
                Fix {
                    mover: MoverId(2 + m),
                    position: Position::new(
                        1_187_800_000 + m as i32 * 9_000 + second * 140 * turn,
                        320_500_000 + m as i32 * 5_000 + second * 120 * (1 - turn),
                    ),
                    bearing_cdeg: if m == 3 {
                        NO_BEARING
                    } else {
                        (9_000 * turn) as u16
                    },
                    speed_cmps: 1_310 + (second % 9) as u16,
                    accuracy_dm: if m % 2 == 0 { 0 } else { 35 },
                    fix_time: Timestamp(self.now.plus_seconds(-late_s).0 - i64::from(m) * 1_700),
                }
            })
            .collect();
        let decided = decide_fixes(&self.state, feed, &fixes, self.now);
        assert!(!decided.block.is_empty());
        self.write(&Actor::Feed(feed), None, Body::Fixes(decided.block));
    }

    fn reading(&mut self, value: Option<f64>) {
        let readings = [Observation {
            sensor: SensorId(0),
            phenomenon_time: self.now.plus_seconds(-1),
            value,
        }];
        let d = decide_observations(&self.state, FeedId(1), &readings, self.now);
        self.write(
            &Actor::Feed(FeedId(1)),
            None,
            Body::Observations(d.taken, d.events),
        );
    }
}

fn rules() -> Rules {
    let class = |code: &str, severity, hours| CaseClass {
        code: code.to_owned(),
        kind: CaseKind::Component,
        group: "公用设施".to_owned(),
        name: "井盖".to_owned(),
        name_en: "Manhole".to_owned(),
        severity,
        limit: Limit {
            amount: hours,
            clock: ClockKind::RunningHours,
        },
        department: DepartmentId(0),
        skill: String::new(),
    };
    Rules {
        city: "试验城".to_owned(),
        city_en: "Testing".to_owned(),
        bounds: GeoBox::new(
            Position::new(1_187_700_000, 320_300_000),
            Position::new(1_188_200_000, 320_700_000),
        ),
        classes: vec![
            class("C0101", Severity::Severe, 1),
            class("C0102", Severity::Normal, 2),
        ],
        departments: vec![Department {
            key: "drainage".into(),
            name: "排水".into(),
            name_en: "Drainage".into(),
        }],
        calendar: Calendar::with_offset(8 * 3_600),
        duplicate_radius_m: 50,
        duplicate_age_s: 86_400,
        future_tolerance_s: 60,
        keep_closed_s: 3_600,
    }
}

fn set_up(w: &mut Writer) {
    w.ask(&Command::Configure(Box::new(rules())), &Actor::System);
    for name in ["units", "traffic"] {
        let name = name.to_owned();
        w.ask(&Command::RegisterFeed { name }, &Actor::System);
    }
    for i in 0..2 {
        let registration = UnitRegistration {
            call_sign: format!("排水 {i:02}"),
            call_sign_en: format!("Drainage {i:02}"),
            fleet: "drainage".to_owned(),
            department: DepartmentId(0),
            skills: vec!["manhole".to_owned()],
            feed: FeedId(0),
        };
        w.ask(&Command::RegisterUnit(registration), &Actor::System);
    }
    let sensor = SensorRegistration {
        feed: FeedId(1),
        key: "level-0".to_owned(),
        name: "水位".to_owned(),
        phenomenon: Phenomenon::WaterLevel,
        unit_of_measure: "m".to_owned(),
        position: Position::new(1_187_850_000, 320_500_000),
        thresholds: Some(Thresholds {
            warning: 0.4,
            alarm: 0.8,
        }),
    };
    w.ask(&Command::RegisterSensor(sensor), &Actor::System);
    let movers = (0..12)
        .map(|i| (format!("苏A·{i:03}"), MoverKind::Taxi))
        .collect();
    let feed = FeedId(1);
    w.ask(
        &Command::RegisterMovers { feed, movers },
        &Actor::Feed(feed),
    );
}

/// One step of a case's life every few seconds.
fn life(w: &mut Writer, second: i32) {
    let officer = Actor::Operator("王莉".to_owned());
    let crew = Actor::Unit(UnitId(0));
    let case = CaseId(1 + second as u64 / 60);
    match second % 60 {
        3 => w.ask(
            &Command::ReportCase(CaseReport {
                class: ClassId((second / 60 % 2) as u16),
                severity: None,
                position: Position::new(1_187_800_000 + second * 700, 320_500_000),
                address: "中山东路 1 号".to_owned(),
                note: "井盖缺失".to_owned(),
                occurred_at: w.now.plus_seconds(-240),
                filed_at: None,
                key: String::new(),
            }),
            &officer,
        ),
        8 => w.ask(
            &Command::DispatchUnit {
                unit: UnitId(0),
                target: AssignmentTarget::Case(case),
                expected_s: Some(300),
            },
            &officer,
        ),
        11 => w.ask(&Command::AcknowledgeAssignment { unit: UnitId(0) }, &crew),
        30 => w.ask(&Command::ArriveOnScene { unit: UnitId(0) }, &crew),
        40 => w.ask(
            &Command::ReportHandled {
                unit: UnitId(0),
                note: "已更换".to_owned(),
            },
            &crew,
        ),
        45 => w.ask(
            &Command::CheckCase {
                case,
                passed: second % 120 < 60,
            },
            &officer,
        ),
        _ => {}
    }
    match second % 50 {
        5 => w.reading(Some(0.3)),
        15 => w.reading(Some(0.95)),
        25 => w.reading(None),
        35 => w.reading(Some(0.2)),
        _ => {}
    }
    if second == 70 {
        let alarm = AlarmId(1);
        w.ask(&Command::AcknowledgeAlarm { alarm }, &officer);
    }
}

#[test]
#[ignore = "writes into the repository; run once for each new format"]
fn make_a_golden_log_of_the_present_version() {
    let dir = golden().join(format!("log-v{SCHEMA_VERSION}"));
    assert!(!dir.exists(), "{} is there already", dir.display());
    let midnight = Timestamp::from_seconds(1_795_363_200); // 2026-11-22T16:00:00Z, 0:00 in Nanjing
    let now = midnight.plus_seconds(-150);
    let options = EmbeddedOptions {
        calendar: Calendar::with_offset(8 * 3_600),
        ..EmbeddedOptions::default()
    };
    let mut w = Writer {
        state: State::new(),
        log: EmbeddedStore::new(&dir, options)
            .writer(now)
            .expect("an empty directory"),
        now,
        commands: 0,
    };
    set_up(&mut w);
    for second in 0..300 {
        w.now = now.plus_seconds(i64::from(second));
        w.log.roll_over(w.now, &w.state).expect("a new day");
        w.fixes(second);
        life(&mut w, second);
        w.ask(&Command::Tick, &Actor::System);
        if second % 100 == 99 {
            let keyframe = Keyframe::of(&w.state).expect("a keyframe");
            w.log.put_keyframe(&keyframe).expect("it is kept");
        }
        w.log.commit().expect("it is durable");
    }
    let line = format!("seq {} digest {:016x}\n", w.state.seq(), w.state.digest());
    drop(w.log);
    std::fs::remove_file(dir.join("lock")).expect("the lock");
    std::fs::write(dir.join("digest.txt"), line).expect("the digest");
    let sealed = golden().join(format!("log-v{SCHEMA_VERSION}-sealed"));
    let retained = golden().join(format!("log-v{SCHEMA_VERSION}-retained"));
    copy_files(&dir, &sealed, |_| true);
    EmbeddedStore::at(&sealed)
        .compact(|_| {})
        .expect("it is made small");
    std::fs::remove_file(sealed.join("lock")).expect("the lock");
    copy_files(&dir, &retained, |name| name != "log-2026-11-22.sqlite");
    for dir in [dir, sealed, retained] {
        std::fs::write(dir.join("verified.txt"), verified(&dir)).expect("what it holds");
    }
}

#[test]
fn the_log_of_a_case_is_told_in_words() {
    let dir = copied(&golden().join("log-v1"));
    let told = |case, from: Option<&str>, json| {
        let args = LogArgs {
            data: dir.path().to_owned(),
            case,
            from: from.map(str::to_owned),
            to: None,
            json,
            fixes: false,
        };
        let mut out = Vec::new();
        args.print(&mut out).expect("it is told");
        String::from_utf8(out).expect("text")
    };
    let text = told(Some(1), None, false);
    for words in [
        "2026-11-22T23:57:33.000+08:00 #",
        "operator 王莉: case 1 reported: C0101 井盖, Severe",
        "unit 0 \"排水 00\" sent to case 1, expected in 300 s",
        "unit 0 \"排水 00\" is there",
        "case 1 closed",
    ] {
        assert!(text.contains(words), "{words} in\n{text}");
    }
    assert!(!text.contains("case 2"), "{text}");
    assert!(told(None, Some("2026-11-23 00:00:00"), false).contains("case 4 reported"));
    assert!(!told(None, Some("2026-11-23 00:00:00"), false).contains("case 1 reported"));
    let first = told(Some(2), None, true);
    let first: serde_json::Value =
        serde_json::from_str(first.lines().next().expect("a line")).expect("JSON");
    assert_eq!(first["body"]["events"][0]["case_reported"]["case"], 2);
}
