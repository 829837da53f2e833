//! What earlier versions wrote beside a log's days opens for ever: drills' logs and incident files.
//!
//! `golden/` holds a small one of every released format. The ignored tests make those of the present format where there
//! are none.

use chengtu_engine::archive::Segment;
use chengtu_engine::drill::{DrillEvent, ScoreView, Tally, attempts, score};
use chengtu_engine::incident::{Incident, Manifest};
use chengtu_engine::replay::{History, Player, TimeBasis};
use chengtu_engine::roads::RoadGraph;
use chengtu_engine::state::State;
use chengtu_engine::time::Timestamp;
use chengtu_server::drill::{DrillLog, Ground, parse, play, practised, report};
use chengtu_server::log::{EmbeddedStore, LogStore};
use chengtu_server::pack::Pack;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

fn golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden")
        .join(name)
}

fn nanjing() -> Pack {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../data/nanjing");
    Pack::open(&dir).expect("the pack that ships")
}

/// The score as text that no change of a type's name touches.
fn points(score: &ScoreView) -> String {
    let mut text = format!("total {:.6}\n", score.total);
    for row in &score.rows {
        let _ = writeln!(text, "{:.6} of {:.6}", row.points, row.of);
    }
    text
}

#[test]
fn roads_of_version_1_open_and_are_written_as_they_were() {
    let bytes = fs::read(golden("roads-v1/roads.bin")).expect("roads of version 1");
    let roads = RoadGraph::decode(&bytes).expect("version 1 is read");
    assert_eq!((roads.node_count(), roads.edge_count()), (351, 503));
    assert!(roads.surroundings().is_empty());
    assert_eq!(roads.encode(), bytes);
}

#[test]
fn a_drill_of_every_version_is_scored_and_reported_as_it_was() {
    let dir = golden("drill-v1");
    let expected = fs::read_to_string(dir.join("expected.txt")).expect("what is expected");
    let log = DrillLog::read(&dir).expect("its log");
    assert_eq!(log.missing, "");
    let beginning = log.beginning().expect("its beginning");
    let mut state = State::decode(&beginning.state).expect("its city");
    let begin = state.digest();
    let last = attempts(&log.entries).pop().expect("an attempt");
    for entry in &last {
        if let DrillEvent::Record(record) = &entry.what {
            state.apply(record);
        }
    }
    let tally = Tally::of(
        &beginning.scenario,
        &State::decode(&beginning.state).expect("its city"),
        last.iter().copied(),
    );
    let mut found = format!(
        "entries {}\ncity {begin:016x} to {:016x}\n",
        log.entries.len(),
        state.digest()
    );
    found += &points(&score(&beginning.scenario, &tally));
    assert_eq!(found, expected);
    let page = report(7, &log.entries, &Ground::new(&nanjing())).expect("a report");
    assert!(page.contains("甲") && page.contains("污水井盖"), "{page}");
}

const SCENARIO: &str = r#"format = 1
title = "甲"
title_en = "A"
summary = "乙"
summary_en = "B"
brief = "丙"
brief_en = "C"

[start]
calm = "2026-07-14T17:15:00"
duration = "0:05:00"

[[sensors]]
key = "W1"
name = "水位"
place = "北门桥"

[[areas]]
district = "鼓楼区"

[[injects]]
key = "hole"
at = "0:00:20"
title = "井盖"
title_en = "Cover"
kind = "report"
class = "污水井盖"
place = "新街口广场"

[[injects]]
key = "water"
at = "0:01:00"
title = "积水"
title_en = "Flood"
kind = "flood"
sensors = ["W1"]
to = 0.9
over = "0:01:00"

[[goals]]
title = "到场"
title_en = "There"
kind = "arrive_within"
inject = "hole"
within = "0:12:00"
"#;

#[test]
#[ignore = "writes into the repository; run once for each new format"]
fn make_a_golden_drill_of_the_present_version() {
    let dir = golden("drill-v1");
    assert!(!dir.exists(), "{} is there already", dir.display());
    let ground = Ground::new(&nanjing());
    let scenario = parse("a", SCENARIO, &ground.names).expect("a scenario");
    let mut team = practised(&ground.names);
    let played = play(&ground, scenario, &mut team, Some(&dir)).expect("it is played");
    let log = DrillLog::read(&dir).expect("its log");
    let beginning = log.beginning().expect("its beginning");
    let begin = State::decode(&beginning.state).expect("its city").digest();
    let mut text = format!(
        "entries {}\ncity {begin:016x} to {:016x}\n",
        played.entries.len(),
        played.digest
    );
    text += &points(&played.score);
    fs::write(dir.join("expected.txt"), text).expect("it is written");
}

/// What a replay of an incident shows every forty seconds.
fn shown(incident: &Incident) -> String {
    let history = incident.history().expect("its past");
    let (from, to) = history.span().expect("a span").expect("records");
    let mut text = format!("from {} to {}\n", from.0, to.0);
    let moments = history.moments(None, from, to, usize::MAX, false);
    let _ = writeln!(text, "moments {}", moments.expect("moments").len());
    for s in 0..10 {
        let at = from.plus_seconds(40 * s).min(to);
        let history = incident.history().expect("its past");
        let (player, _) = Player::new(history, at, 0.0, TimeBasis::Known).expect("a player");
        let state = player.state();
        let _ = writeln!(text, "{} {:016x}", state.seq(), state.digest());
    }
    text
}

#[test]
fn an_incident_file_of_every_version_is_replayed_as_it_was() {
    let dir = golden("incident-v1");
    let expected = fs::read_to_string(dir.join("expected.txt")).expect("what is expected");
    let bytes = fs::read(dir.join("a.incident")).expect("the file");
    let incident = Incident::decode(&bytes).expect("it opens");
    assert_eq!(incident.manifest.title, "暴雨");
    assert_eq!(
        incident.rules().map(|r| r.city),
        Some("试验城".to_owned()),
        "the city's rules"
    );
    assert_eq!(incident.files, [("places.json".to_owned(), b"[]".to_vec())]);
    assert_eq!(shown(&incident), expected);
}

#[test]
#[ignore = "writes into the repository; run once for each new format"]
fn make_a_golden_incident_of_the_present_version() {
    let dir = golden("incident-v1");
    assert!(!dir.exists(), "{} is there already", dir.display());
    let log = tempfile::tempdir().expect("a directory");
    for day in ["log-2026-11-22.sqlite", "log-2026-11-23.sqlite"] {
        fs::copy(golden("log-v2").join(day), log.path().join(day)).expect("a copy");
    }
    let history = EmbeddedStore::at(log.path()).history().expect("a log");
    let (first, _) = history.span().expect("a span").expect("records");
    let (from, to) = (first.plus_seconds(30), first.plus_seconds(270));
    let mut start = history.state_before(from).expect("a keyframe");
    for record in history
        .records(start.seq(), from, usize::MAX)
        .expect("records")
    {
        start.apply(&record);
    }
    let records = history
        .records(start.seq(), to, usize::MAX)
        .expect("records");
    let incident = Incident {
        manifest: Manifest {
            title: "暴雨".to_owned(),
            made_by: "chengtu-server 0.1.0".to_owned(),
            from,
            to,
            centre: (118.8, 32.05),
            gaps: vec![(Timestamp(1), Timestamp(2), "lost".to_owned())],
            ..Manifest::default()
        },
        start,
        segments: records
            .chunks(200)
            .map(|c| Segment::of(c).expect("they follow one another"))
            .collect(),
        later: Vec::new(),
        files: vec![("places.json".to_owned(), b"[]".to_vec())],
    };
    fs::create_dir_all(&dir).expect("a folder");
    fs::write(dir.join("a.incident"), incident.encode().expect("bytes")).expect("it is written");
    fs::write(dir.join("expected.txt"), shown(&incident)).expect("it is written");
}
