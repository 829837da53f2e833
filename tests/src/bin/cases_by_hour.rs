//! Old cases by hour of the day: the raw rows of a table beside the world that they were imported into.
//!
//! `cases_by_hour TABLE.csv[.gz] AREAS.geojson DATA [ENDS_AFTER_HOURS]`, for the columns of the Taipei hotline. Rows are
//! read here by other means than the import's. Printed: counts by hour from both (they must be equal), the cases open
//! at replayed instants beside those that the rows make (equal too), and significant areas (Getis–Ord Gi*) by day and
//! by night beside the villages' own shares. Ends with an error where something that must be equal is not.

use anyhow::{Context, Result, ensure};
use chengtu_engine::event::Event;
use chengtu_engine::geo::{GeoBox, Position};
use chengtu_engine::hotspot::{HotspotConfig, HotspotField};
use chengtu_engine::record::Body;
use chengtu_engine::replay::History;
use chengtu_engine::state::State;
use chengtu_engine::time::Timestamp;
use chengtu_server::log::LogHistory;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::path::Path;

/// The hours that are called day; the others are night.
const DAY: std::ops::Range<i64> = 7..19;
const HOUR_S: i64 = 3_600;

/// A row as it stands in the table: seconds of local time as if it were UTC, and its village.
struct Raw {
    local_s: i64,
    village: String,
}

fn raw_rows(path: &Path) -> Result<Vec<Raw>> {
    let mut text = String::new();
    let file = std::fs::File::open(path).with_context(|| path.display().to_string())?;
    if path.extension().is_some_and(|e| e == "gz") {
        flate2::read::MultiGzDecoder::new(file).read_to_string(&mut text)?;
    } else {
        std::io::BufReader::new(file).read_to_string(&mut text)?;
    }
    let mut rows = Vec::new();
    for line in text.lines().skip(1) {
        // 2021-01-01T00:03:00,…: of fixed width, and no commas in front of the village.
        let mut fields = line.split(',');
        let time = fields.next().context("no time")?;
        let number = |a: usize, b: usize| -> Result<i64> {
            Ok(time.get(a..b).context("short time")?.parse()?)
        };
        let days = days_from_civil(number(0, 4)?, number(5, 7)?, number(8, 10)?);
        let local_s =
            days * 86_400 + number(11, 13)? * HOUR_S + number(14, 16)? * 60 + number(17, 19)?;
        let village = line
            .split(',')
            .find(|f| f.len() == 11 && f.bytes().all(|b| b.is_ascii_digit()));
        rows.push(Raw {
            local_s,
            village: village.unwrap_or_default().to_owned(),
        });
    }
    Ok(rows)
}

/// Days since 1970-01-01, after Howard Hinnant.
fn days_from_civil(y: i64, m: i64, d: i64) -> i64 {
    let y = y - i64::from(m <= 2);
    let era = y.div_euclid(400);
    let yoe = y.rem_euclid(400);
    let doy = (153 * ((m + 9) % 12) + 2) / 5 + d - 1;
    era * 146_097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719_468
}

fn hour_of(local_s: i64) -> i64 {
    local_s.rem_euclid(86_400) / HOUR_S
}

/// What the imported world says of a case.
struct Reported {
    at: Timestamp,
    local_s: i64,
    position: Position,
}

fn reported(history: &LogHistory) -> Result<(Vec<Reported>, State)> {
    let mut state = State::new();
    let mut all = Vec::new();
    loop {
        let records = history.records(state.seq(), Timestamp(i64::MAX), 65_536)?;
        if records.is_empty() {
            return Ok((all, state));
        }
        for r in records {
            state.apply(&r);
            let offset = state.rules().map_or(0, |c| c.calendar.offset_s(r.known_at));
            if let Body::Events(events) = &r.body {
                for e in events {
                    if let Event::CaseReported { position, .. } = e {
                        all.push(Reported {
                            at: r.known_at,
                            local_s: r.known_at.0.div_euclid(1_000_000) + i64::from(offset),
                            position: *position,
                        });
                    }
                }
            }
        }
    }
}

fn field(bounds: GeoBox) -> Result<HotspotField> {
    let config = HotspotConfig {
        lattice_size_m: 500.0,
        band_m: 1_000.0,
        bandwidth_m: 1_000.0,
        density_cell_m: 250.0,
        ..HotspotConfig::default()
    };
    Ok(HotspotField::new(bounds, config)?)
}

fn hot(cases: &[&Reported], bounds: GeoBox) -> Result<(BTreeSet<u32>, usize, f64, Position)> {
    let mut f = field(bounds)?;
    for (i, c) in cases.iter().enumerate() {
        f.add(i as u64, c.position);
    }
    let found = f.evaluate(0);
    let cells = found.cells.iter().filter(|c| c.z > 0.0).map(|c| c.cell);
    let top = found.ranked.first();
    Ok((
        cells.collect(),
        found.ranked.len(),
        top.map_or(0.0, |h| h.peak_z),
        top.map_or(Position::default(), |h| h.centre),
    ))
}

/// Names of the villages by code, as `district village`.
fn names(path: &Path) -> Result<BTreeMap<String, String>> {
    let layer: serde_json::Value = serde_json::from_slice(&std::fs::read(path)?)?;
    let text = |p: &serde_json::Value, k: &str| p[k].as_str().unwrap_or_default().to_owned();
    let features = layer["features"].as_array().context("features")?;
    Ok(features
        .iter()
        .map(|f| {
            let p = &f["properties"];
            (
                text(p, "VILLCODE"),
                format!("{}{}", text(p, "TOWNNAME"), text(p, "VILLNAME")),
            )
        })
        .collect())
}

/// Part of the union that two sets have in common.
fn common<T: Ord>(a: &BTreeSet<T>, b: &BTreeSet<T>) -> f64 {
    let union = a.union(b).count().max(1);
    a.intersection(b).count() as f64 / union as f64
}

fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().collect();
    let [_, table, areas, data, ..] = args.as_slice() else {
        anyhow::bail!("usage: cases_by_hour TABLE AREAS DATA [ENDS_AFTER_HOURS]");
    };
    let ends_after_s = args.get(4).map_or(Ok(24), |h| h.parse::<i64>())? * HOUR_S;
    let raw = raw_rows(Path::new(table))?;
    let names = names(Path::new(areas))?;
    let history = LogHistory::open(Path::new(data))?;
    let (world, end) = reported(&history)?;
    let bounds = end.rules().context("a city without rules")?.bounds;

    println!("hour   rows  world  hot cells  hotspots  peak z  strongest at");
    for hour in 0..24 {
        let rows = raw.iter().filter(|r| hour_of(r.local_s) == hour).count();
        let cases: Vec<&Reported> = world
            .iter()
            .filter(|c| hour_of(c.local_s) == hour)
            .collect();
        let (cells, spots, z, at) = hot(&cases, bounds)?;
        let at = at.lon_lat();
        println!(
            "{hour:>4} {rows:>6} {:>6} {:>10} {spots:>9} {z:>7.1}  {:.4}, {:.4}",
            cases.len(),
            cells.len(),
            at.lon_deg,
            at.lat_deg
        );
        ensure!(
            rows == cases.len(),
            "hour {hour}: {rows} rows, {} in the world",
            cases.len()
        );
    }

    let mut checked = 0;
    for c in world.iter().step_by((world.len() / 50).max(1)) {
        let t = c.at.plus_seconds(1);
        let mut state = history.state_before(t)?;
        for r in history.records(state.seq(), t, usize::MAX)? {
            state.apply(&r);
        }
        let open = state.cases().values().filter(|c| c.stage.is_open()).count();
        let local = c.local_s + 1;
        let rows = raw
            .iter()
            .filter(|r| r.local_s <= local && r.local_s + ends_after_s > local)
            .count();
        ensure!(
            open == rows,
            "at {}: {open} open in the replay, {rows} by the rows",
            t.0
        );
        checked += 1;
    }
    println!("\nopen cases at {checked} replayed instants: as the rows say, all of them");

    let is_day = |local_s: i64| DAY.contains(&hour_of(local_s));
    let part = |day: bool| {
        world
            .iter()
            .filter(|c| is_day(c.local_s) == day)
            .collect::<Vec<_>>()
    };
    let (day, night) = (hot(&part(true), bounds)?, hot(&part(false), bounds)?);
    let shares = |day: bool| {
        let mut n: BTreeMap<&str, f64> = BTreeMap::new();
        let rows: Vec<_> = raw.iter().filter(|r| is_day(r.local_s) == day).collect();
        for r in &rows {
            *n.entry(r.village.as_str()).or_default() += 100.0 / rows.len() as f64;
        }
        n
    };
    let (by_day, by_night) = (shares(true), shares(false));
    println!(
        "\nday {}–{} h: {} cases, {} hot cells in {} hotspots, peak z {:.1}\nnight:     {} cases, {} hot cells in {} hotspots, peak z {:.1}",
        DAY.start,
        DAY.end,
        part(true).len(),
        day.0.len(),
        day.1,
        day.2,
        part(false).len(),
        night.0.len(),
        night.1,
        night.2
    );
    let top = |n: &BTreeMap<&str, f64>| {
        let mut all: Vec<_> = n.iter().map(|(v, s)| (*s, (*v).to_owned())).collect();
        all.sort_by(|a, b| b.0.total_cmp(&a.0));
        all.truncate(20);
        all
    };
    let (top_day, top_night) = (top(&by_day), top(&by_night));
    let set = |t: &[(f64, String)]| t.iter().map(|(_, v)| v.clone()).collect::<BTreeSet<_>>();
    println!(
        "in common, day and night: {:.0} % of the 20 busiest villages (rows), {:.0} % of the hot cells (world)",
        100.0 * common(&set(&top_day), &set(&top_night)),
        100.0 * common(&day.0, &night.0)
    );
    println!("\nbusiest by day (share of the day's rows, of the night's)   busiest by night");
    let share = |n: &BTreeMap<&str, f64>, v: &str| n.get(v).copied().unwrap_or(0.0);
    let name = |v: &str| names.get(v).cloned().unwrap_or_else(|| v.to_owned());
    for ((_, d), (_, n)) in top_day.iter().zip(&top_night).take(10) {
        println!(
            "{} {:.2} % {:.2} %\t\t{} {:.2} % {:.2} %",
            name(d),
            share(&by_day, d),
            share(&by_night, d),
            name(n),
            share(&by_day, n),
            share(&by_night, n)
        );
    }
    ensure!(
        day.0 != night.0,
        "the hotspots of day and night are the same"
    );
    Ok(())
}
