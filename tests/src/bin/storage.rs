//! What a fix costs on the disk: the Nanjing traffic at 1 Hz with all its fields, through the real log, beside Parquet
//! with zstd of the same rows.
//!
//! `cargo run -p chengtu-tests --bin storage`
//!
//! The interpreter for Parquet is `CHENGTU_PYTHON`, or that of the environment `scripts/python-env` makes.

use anyhow::{Context, Result, ensure};
use chengtu_engine::city::Calendar;
use chengtu_engine::command::Command;
use chengtu_engine::decide::{decide, decide_fixes};
use chengtu_engine::geo::LonLat;
use chengtu_engine::ids::FeedId;
use chengtu_engine::model::{Actor, Fix, NO_BEARING};
use chengtu_engine::record::{Body, LivePen, Origin};
use chengtu_engine::state::State;
use chengtu_engine::time::Timestamp;
use chengtu_server::feeds::formats::RecordedFix;
use chengtu_server::log::{EmbeddedOptions, EmbeddedStore, Keyframe, LogStore, LogWriter};
use chengtu_server::play::{Item, TableArgs};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// 2026-11-22, 0:00 in Nanjing, and the part of a second at which this player began.
const BEGIN: Timestamp = Timestamp(1_795_276_800_123_456);

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap_or(Path::new("."))
        .to_owned()
}

fn recording() -> Result<Vec<RecordedFix>> {
    let path = root().join("data/nanjing/traffic.ctr");
    let recording = TableArgs::default().recording(&path)?;
    let mut fixes = Vec::new();
    for item in recording.items()? {
        match item {
            Item::Fix { fix, .. } => fixes.push(fix),
            other => anyhow::bail!("{other:?}"),
        }
    }
    Ok(fixes)
}

struct City {
    log: Box<dyn LogWriter>,
    pen: LivePen,
    state: State,
    now: Timestamp,
}

impl City {
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
}

/// Plays the recording so many times, one after another, as the door would take it: the fixes of a second together.
fn play(dir: &Path, fixes: &[RecordedFix], passes: i64, csv: &mut String) -> Result<u64> {
    let options = EmbeddedOptions {
        calendar: Calendar::with_offset(28_800),
        ..EmbeddedOptions::default()
    };
    let mut city = City {
        log: EmbeddedStore::new(dir, options).writer(BEGIN)?,
        pen: LivePen::of_the_live_log(),
        state: State::new(),
        now: BEGIN,
    };
    let feed = FeedId(0);
    let name = "traffic".to_owned();
    city.ask(&Command::RegisterFeed { name }, &Actor::System)?;
    csv.push_str("mover,time_us,lon_e7,lat_e7,bearing_cdeg,speed_cmps,accuracy_dm,known_us\n");
    let length_us = fixes.last().map_or(0, |f| f.time_us) + 1_000_000;
    let mut count = 0;
    let mut keyframe_at = city.now;
    for pass in 0..passes {
        for second in fixes.chunk_by(|a, b| a.time_us == b.time_us) {
            let at_us = BEGIN.0 + pass * length_us + second[0].time_us;
            // A little later than it was, never twice the same.
            city.now = Timestamp(at_us + 41_000 + at_us.rem_euclid(7_919));
            let kinds: BTreeMap<&str, _> = second
                .iter()
                .map(|f| (f.key.as_str(), f.kind.unwrap_or_default()))
                .collect();
            let movers = kinds.into_iter().map(|(k, v)| (k.to_owned(), v)).collect();
            let register = Command::RegisterMovers { feed, movers };
            city.ask(&register, &Actor::Feed(feed))?;
            let mut rows = Vec::with_capacity(second.len());
            for f in second {
                rows.push(Fix {
                    mover: city.state.mover_of(feed, &f.key).context("registered")?,
                    position: LonLat::new(f.lon, f.lat).position()?,
                    bearing_cdeg: f
                        .bearing_deg
                        .map_or(NO_BEARING, |b| (b * 100.0).round() as u16 % 36_000),
                    speed_cmps: f.speed_mps.map_or(0, |s| (s * 100.0).round() as u16),
                    accuracy_dm: 0,
                    fix_time: Timestamp(at_us),
                });
            }
            let decided = decide_fixes(&city.state, feed, &rows, city.now);
            for f in decided.block.iter() {
                let _ = writeln!(
                    csv,
                    "{},{},{},{},{},{},{},{}",
                    f.mover,
                    f.fix_time.0,
                    f.position.lon_e7,
                    f.position.lat_e7,
                    f.bearing_cdeg,
                    f.speed_cmps,
                    f.accuracy_dm,
                    city.now.0
                );
            }
            count += decided.block.len() as u64;
            city.write(&Actor::Feed(feed), Body::Fixes(decided.block))?;
            if city.now.seconds_since(keyframe_at) >= 300.0 {
                keyframe_at = city.now;
                city.log.put_keyframe(&Keyframe::of(&city.state)?)?;
            }
            city.log.commit()?;
        }
    }
    Ok(count)
}

/// Name and bytes of each Parquet file that the peer made of the rows.
fn parquet(dir: &Path, csv: &str) -> Result<Vec<(String, u64)>> {
    let rows = dir.join("rows.csv");
    std::fs::write(&rows, csv)?;
    let python = if let Some(python) = std::env::var_os("CHENGTU_PYTHON") {
        PathBuf::from(python)
    } else {
        let made = std::process::Command::new(root().join("scripts/python-env")).output()?;
        ensure!(
            made.status.success(),
            "scripts/python-env failed: {}",
            String::from_utf8_lossy(&made.stderr)
        );
        let text = String::from_utf8(made.stdout)?;
        text.lines().last().context("no interpreter")?.trim().into()
    };
    let output = std::process::Command::new(python)
        .arg(root().join("tests/peers/parquet_size.py"))
        .arg(&rows)
        .arg(dir)
        .output()?;
    ensure!(
        output.status.success(),
        "parquet_size.py failed ({}): {}",
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout)?
        .lines()
        .map(|line| {
            let (bytes, name) = line.split_once(' ').context("bytes and name")?;
            Ok((name.to_owned(), bytes.parse()?))
        })
        .collect()
}

fn main() -> Result<()> {
    let fixes = recording()?;
    let dir = tempfile::tempdir()?;
    let data = dir.path().join("data");
    let mut csv = String::new();
    let passes = 6;
    let count = play(&data, &fixes, passes, &mut csv)?;
    let bytes_in = |data: &Path| -> Result<u64> {
        let mut bytes = 0;
        for entry in std::fs::read_dir(data)? {
            let entry = entry?;
            if entry.path().extension().is_some_and(|e| e == "sqlite") {
                bytes += entry.metadata()?.len();
            }
        }
        Ok(bytes)
    };
    let store = EmbeddedStore::at(&data);
    store.compact(|_| {})?;
    let whole = bytes_in(&data)?;
    let history = store.log_history()?;
    let segments = history.segment_bytes()?;
    println!(
        "Nanjing traffic at 1 Hz, {passes} times over: {count} fixes of {} s, all fields",
        fixes.last().map_or(0, |f| f.time_us / 1_000_000) * passes
    );
    println!("| kept as | bytes | bytes a fix |");
    println!("|---|---|---|");
    let row = |name: &str, bytes: u64| {
        println!("| {name} | {bytes} | {:.2} |", bytes as f64 / count as f64);
    };
    row("records in segments, heads and links included", segments);
    row("the whole data directory: with keyframes and index", whole);
    for (name, bytes) in parquet(dir.path(), &csv)? {
        row(&name, bytes);
    }
    ensure!(
        (whole as f64) <= 6.0 * count as f64,
        "more than 6 bytes a fix"
    );
    Ok(())
}
