//! Old cases by hour of the day: the raw rows of a table beside the world that they were imported into.
//!
//! `cases_by_hour TABLE.csv[.gz] AREAS.geojson DATA [ENDS_AFTER_HOURS]`, for the columns of the Taipei hotline. Rows
//! are read here by other means than the import's. Printed: counts by hour from both (they must be equal), the cases
//! open at replayed instants beside those that the rows make (equal too), and significant areas (Getis–Ord Gi*) by day
//! and by night beside the villages' own shares. Ends with an error where something that must be equal is not.

use anyhow::{Context, Result, ensure};
use chengtu_engine::event::Event;
use chengtu_engine::geo::{GeoBox, Position};
use chengtu_engine::hotspot::{HotspotConfig, HotspotField};
use chengtu_engine::record::Body;
use chengtu_engine::replay::History;
use chengtu_engine::state::State;
use chengtu_engine::time::Timestamp;
use chengtu_server::log::{EmbeddedStore, LogStore};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::path::Path;

/// The hours that are called day, and those that are not called night either.
const DAY: std::ops::Range<i64> = 8..18;
const BETWEEN: [std::ops::Range<i64>; 2] = [6..8, 18..22];
const HOUR_S: i64 = 3_600;

/// A row of the table: seconds of local time as if it were UTC, and its village.
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

fn reported(history: &dyn History) -> Result<(Vec<Reported>, State)> {
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

/// Significant cells of some cases.
struct Heat {
    field: HotspotField,
    cases: usize,
    /// Cells of the grid that are significantly hot.
    cells: BTreeSet<u32>,
    hotspots: usize,
    peak_z: f64,
    strongest_at: Position,
}

impl Heat {
    fn of(cases: &[&Reported], bounds: GeoBox) -> Result<Self> {
        let config = HotspotConfig {
            lattice_size_m: 250.0,
            bands_m: [500.0, 1_000.0, 2_000.0],
            bandwidth_m: 500.0,
            density_cell_m: 125.0,
            ..HotspotConfig::default()
        };
        let mut field = HotspotField::new(bounds, config, &[])?;
        for (i, c) in cases.iter().enumerate() {
            field.add(i as u64, c.position);
        }
        let found = field.evaluate(0).clone();
        let top = found.ranked.first();
        Ok(Self {
            field,
            cases: cases.len(),
            cells: found
                .ranked
                .iter()
                .flat_map(|h| h.cells.iter().copied())
                .collect(),
            hotspots: found.ranked.len(),
            peak_z: top.map_or(0.0, |h| h.z),
            strongest_at: top.map_or(Position::default(), |h| h.centre),
        })
    }

    /// Gi* z-scores of all cells.
    fn z(&self) -> Vec<f64> {
        let cells = 0..self.field.lattice().len() as u32;
        cells.map(|c| self.field.counts().z_score(0, c)).collect()
    }

    fn cell(&self, p: Position) -> Option<usize> {
        let at = self.field.frame().metres(p);
        self.field.lattice().cell_at(at).map(|c| c as usize)
    }
}

/// Pearson's correlation of pairs.
fn correlation(pairs: &[(f64, f64)]) -> f64 {
    let n = pairs.len().max(1) as f64;
    let (mx, my) = (
        pairs.iter().map(|p| p.0).sum::<f64>() / n,
        pairs.iter().map(|p| p.1).sum::<f64>() / n,
    );
    let (mut xy, mut xx, mut yy) = (0.0, 0.0, 0.0);
    for (x, y) in pairs {
        xy += (x - mx) * (y - my);
        xx += (x - mx) * (x - mx);
        yy += (y - my) * (y - my);
    }
    xy / (xx * yy).sqrt().max(f64::MIN_POSITIVE)
}

/// Names of the villages by code, as `district village`, and the middles of their corners.
fn villages(path: &Path) -> Result<(BTreeMap<String, String>, BTreeMap<String, Position>)> {
    let layer: serde_json::Value = serde_json::from_slice(&std::fs::read(path)?)?;
    let text = |p: &serde_json::Value, k: &str| p[k].as_str().unwrap_or_default().to_owned();
    let (mut names, mut middles) = (BTreeMap::new(), BTreeMap::new());
    for f in layer["features"].as_array().context("features")? {
        let p = &f["properties"];
        let code = text(p, "VILLCODE");
        names.insert(code.clone(), text(p, "TOWNNAME") + &text(p, "VILLNAME"));
        let ring = f
            .pointer("/geometry/coordinates/0/0")
            .and_then(|r| r.as_array());
        let ring = ring.context("a ring")?;
        let mean = |axis: usize| {
            let sum: f64 = ring.iter().filter_map(|c| c[axis].as_f64()).sum();
            sum / ring.len() as f64
        };
        middles.insert(
            code,
            chengtu_engine::geo::LonLat::new(mean(0), mean(1)).position()?,
        );
    }
    Ok((names, middles))
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
    let (names, centres) = villages(Path::new(areas))?;
    let history = EmbeddedStore::at(Path::new(data)).history()?;
    let (world, end) = reported(&history)?;
    let bounds = end.rules().context("a city without rules")?.bounds;
    compare_hours(&raw, &world, bounds)?;
    compare_open_cases(&raw, &world, &history, ends_after_s)?;
    compare_day_and_night(&raw, &world, bounds, &names, &centres)
}

/// Prints each hour; as many rows as cases of the world must fall into it.
fn compare_hours(raw: &[Raw], world: &[Reported], bounds: GeoBox) -> Result<()> {
    println!("hour   rows  world  hot cells  hotspots  peak z  strongest at");
    for hour in 0..24 {
        let rows = raw.iter().filter(|r| hour_of(r.local_s) == hour).count();
        let cases: Vec<&Reported> = world
            .iter()
            .filter(|c| hour_of(c.local_s) == hour)
            .collect();
        let heat = Heat::of(&cases, bounds)?;
        let (spots, z, at) = (heat.hotspots, heat.peak_z, heat.strongest_at.lon_lat());
        println!(
            "{hour:>4} {rows:>6} {:>6} {:>10} {spots:>9} {z:>7.1}  {:.4}, {:.4}",
            cases.len(),
            heat.cells.len(),
            at.lon_deg,
            at.lat_deg
        );
        ensure!(
            rows == cases.len(),
            "hour {hour}: {rows} rows, {} in the world",
            cases.len()
        );
    }
    Ok(())
}

/// At some fifty replayed instants as many cases must be open as the rows say.
fn compare_open_cases(
    raw: &[Raw],
    world: &[Reported],
    history: &dyn History,
    ends_after_s: i64,
) -> Result<()> {
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
    Ok(())
}

/// True by day, false by night, `None` between the two.
fn is_day(local_s: i64) -> Option<bool> {
    let hour = hour_of(local_s);
    let between = BETWEEN.iter().any(|b| b.contains(&hour));
    (!between).then(|| DAY.contains(&hour))
}

/// A part of the day: the significant areas of its cases, and each village's share of its rows in per cent.
struct Part<'r> {
    heat: Heat,
    shares: BTreeMap<&'r str, f64>,
}

impl<'r> Part<'r> {
    fn of(day: bool, raw: &'r [Raw], world: &[Reported], bounds: GeoBox) -> Result<Self> {
        let cases = world.iter().filter(|c| is_day(c.local_s) == Some(day));
        let rows: Vec<_> = raw
            .iter()
            .filter(|r| is_day(r.local_s) == Some(day))
            .collect();
        let mut shares: BTreeMap<&str, f64> = BTreeMap::new();
        for r in &rows {
            *shares.entry(r.village.as_str()).or_default() += 100.0 / rows.len() as f64;
        }
        let heat = Heat::of(&cases.collect::<Vec<_>>(), bounds)?;
        Ok(Self { heat, shares })
    }

    fn share(&self, village: &str) -> f64 {
        self.shares.get(village).copied().unwrap_or(0.0)
    }

    /// The twenty villages with the largest shares.
    fn busiest(&self) -> BTreeSet<&'r str> {
        let mut all: Vec<_> = self.shares.iter().map(|(v, s)| (*s, *v)).collect();
        all.sort_by(|a, b| b.0.total_cmp(&a.0));
        all.into_iter().take(20).map(|(_, v)| v).collect()
    }

    fn print(&self, word: &str) {
        println!(
            "{word}: {} cases, {} hot cells in {} hotspots, peak z {:.1}",
            self.heat.cases,
            self.heat.cells.len(),
            self.heat.hotspots,
            self.heat.peak_z
        );
    }
}

/// Where a village's share of the rows rises at night, so must its z-score in the world.
fn compare_day_and_night(
    raw: &[Raw],
    world: &[Reported],
    bounds: GeoBox,
    names: &BTreeMap<String, String>,
    centres: &BTreeMap<String, Position>,
) -> Result<()> {
    let day = Part::of(true, raw, world, bounds)?;
    let night = Part::of(false, raw, world, bounds)?;
    println!();
    day.print("day   (8–18 h)");
    night.print("night (22–6 h)");
    println!(
        "in common, day and night: {:.0} % of the 20 busiest villages (rows), {:.0} % of the hot cells (world)",
        100.0 * common(&day.busiest(), &night.busiest()),
        100.0 * common(&day.heat.cells, &night.heat.cells)
    );

    let (z_day, z_night) = (day.heat.z(), night.heat.z());
    let mut pairs = Vec::new();
    println!("\nvillage              rows by day  by night    z by day  by night");
    let mut villages: Vec<(f64, &str)> = names
        .keys()
        .map(|v| (night.share(v) - day.share(v), v.as_str()))
        .collect();
    villages.sort_by(|a, b| b.0.total_cmp(&a.0));
    for (i, (rise, village)) in villages.iter().enumerate() {
        let Some(cell) = centres.get(*village).and_then(|p| day.heat.cell(*p)) else {
            continue;
        };
        pairs.push((*rise, z_night[cell] - z_day[cell]));
        if i < 6 || i + 6 >= villages.len() {
            println!(
                "{:<12} {:>12.2} % {:>7.2} % {:>11.1} {:>9.1}",
                names.get(*village).map_or("", String::as_str),
                day.share(village),
                night.share(village),
                z_day[cell],
                z_night[cell]
            );
        }
    }
    let r = correlation(&pairs);
    println!(
        "\nchange from day to night of a village's share of the rows and of its z-score in the world: r = {r:.2} ({} villages)",
        pairs.len()
    );
    ensure!(
        day.heat.cells != night.heat.cells,
        "the hotspots of day and night are the same"
    );
    ensure!(r > 0.5, "the world's hotspots do not follow the rows");
    Ok(())
}
