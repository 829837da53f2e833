//! What `export` writes, read by other people's programs: DuckDB, pandas, GDAL, Cesium.

mod exported;
use anyhow::{Context, Result, ensure};
use chengtu_engine::time::Timestamp;
use chengtu_server::export::{
    Area, ExportError, ExportOptions, ExportReport, Format, Stretch, Table, export,
};
use chengtu_server::out::OutError;
use chengtu_tests::program::{nanjing, root};
use exported::{SECONDS, VEHICLES, at, vehicle, write_log};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;

struct Place {
    dir: tempfile::TempDir,
}

impl Place {
    fn new() -> Result<Self> {
        let dir = tempfile::tempdir()?;
        write_log(&nanjing(), &dir.path().join("data"))?;
        Ok(Self { dir })
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn options(&self, format: Format, out: &str) -> ExportOptions {
        ExportOptions {
            data: self.path("data"),
            stretch: Stretch {
                from: at(100),
                to: at(SECONDS),
            },
            area: Area::All,
            format,
            table: None,
            names: false,
            out: self.path(out),
            replace: false,
            inputs: Vec::new(),
        }
    }

    fn write(&self, format: Format, out: &str) -> Result<ExportReport> {
        Ok(export(&self.options(format, out))?)
    }
}

fn output(command: &mut Command) -> Result<Value> {
    let out = command.output().with_context(|| format!("{command:?}"))?;
    ensure!(
        out.status.success(),
        "{}{}",
        String::from_utf8_lossy(&out.stdout),
        String::from_utf8_lossy(&out.stderr)
    );
    let text = String::from_utf8(out.stdout)?;
    Ok(serde_json::from_str(
        text.lines().last().context("no answer")?,
    )?)
}

/// Last line of a script that makes an environment; `None` if it says that it cannot be had.
fn environment(script: &str) -> Result<Option<String>> {
    let out = Command::new(root().join("scripts").join(script)).output()?;
    if out.status.code() == Some(3) {
        return Ok(None);
    }
    ensure!(
        out.status.success(),
        "{script}: {}",
        String::from_utf8_lossy(&out.stderr)
    );
    let text = String::from_utf8(out.stdout)?;
    Ok(text.lines().last().map(|l| l.trim().to_owned()))
}

fn python() -> Result<String> {
    if let Ok(python) = std::env::var("CHENGTU_PYTHON") {
        return Ok(python);
    }
    environment("python-env")?.context("scripts/python-env names no interpreter")
}

/// Positions known in the stretch, both its ends included: every second of every vehicle, every tenth of the unit.
const FIXES: i64 = (SECONDS - 100 + 1) * VEHICLES as i64 + (SECONDS - 100) / 10 + 1;

#[test]
fn duckdb_pandas_and_gdal_read_what_was_written() -> Result<()> {
    let place = Place::new()?;
    let report = place.write(Format::Parquet, "tables")?;
    assert_eq!(
        (
            report.cases,
            report.fixes as i64,
            report.sensors,
            report.dispatches
        ),
        (2, FIXES, 1, 1)
    );
    place.write(Format::Geojson, "all.geojson")?;
    place.write(Format::Gpx, "all.gpx")?;
    let script = root().join("tests/peers/read_exports.py");
    let found = output(Command::new(python()?).arg(script).arg(place.dir.path()))?;
    println!("{found:#}");

    let rows = |reader: &str, table: &str| found[reader][table]["rows"].as_i64();
    for reader in ["duckdb", "pandas"] {
        assert_eq!(rows(reader, "fixes"), Some(FIXES), "{reader}");
        assert_eq!(rows(reader, "cases"), Some(2), "{reader}");
        assert_eq!(rows(reader, "observations"), Some(9), "{reader}");
        assert_eq!(rows(reader, "dispatches"), Some(1), "{reader}");
        assert_eq!(
            rows(reader, "alarms"),
            Some(report.alarms as i64),
            "{reader}"
        );
    }
    let types = &found["duckdb"]["fixes"]["types"];
    assert_eq!(types["fix_time"], "TIMESTAMP WITH TIME ZONE");
    assert_eq!(types["lon"], "DOUBLE");
    assert_eq!(types["key"], "VARCHAR");
    // Every longitude to the last digit.
    let vehicles: i64 = (100..=SECONDS)
        .flat_map(|s| (0..VEHICLES).map(move |n| i64::from(vehicle(n, s).lon_e7)))
        .sum();
    let unit: i64 = (100..=SECONDS)
        .filter(|s| s % 10 == 0)
        .map(|s| i64::from(exported::place(118.780 + s as f64 * 0.00002, 32.044).lon_e7))
        .sum();
    let sums = &found["duckdb"]["fixes"]["sums"];
    assert_eq!(sums[0].as_i64(), Some(vehicles + unit));
    assert_eq!(sums[1].as_i64(), Some(at(100).0));
    assert_eq!(sums[2].as_i64(), Some(at(SECONDS).0));
    assert_eq!(
        sums[3].as_i64(),
        Some(250 * i64::from(VEHICLES)),
        "bearings unknown"
    );
    // All stages of the case that was handled, those before the stretch too, and no name.
    let joined = found["duckdb"]["joined"].as_array().context("joined")?;
    let stages: Vec<&str> = joined.iter().filter_map(|r| r[1].as_str()).collect();
    for stage in ["reported", "filed", "in_progress", "handled", "closed"] {
        assert!(stages.contains(&stage), "{stage}: {stages:?}");
    }
    assert!(joined.iter().any(|r| r[2] == "duty officer"));
    assert!(!found.to_string().contains("周岚"));

    let gdal = &found["gdal"];
    assert_eq!(
        gdal["geojson"]["what"]["track"].as_i64(),
        Some(i64::from(VEHICLES) + 1)
    );
    assert_eq!(gdal["geojson"]["what"]["case"], 2);
    assert_eq!(gdal["geojson"]["what"]["dispatch"], 1);
    assert_eq!(
        gdal["gpx"]["tracks"].as_i64(),
        Some(i64::from(VEHICLES) + 1)
    );
    assert_eq!(gdal["gpx"]["track_points"].as_i64(), Some(FIXES));
    assert_eq!(
        gdal["gpx"]["waypoints"].as_i64(),
        Some(2 + 1 + report.alarms as i64)
    );
    Ok(())
}

#[test]
fn cesium_reads_the_czml() -> Result<()> {
    let place = Place::new()?;
    place.write(Format::Czml, "all.czml")?;
    let packets: Value = serde_json::from_slice(&std::fs::read(place.path("all.czml"))?)?;
    let packets = packets.as_array().context("a list")?;
    assert_eq!(packets[0]["id"], "document");
    assert_eq!(packets[0]["version"], "1.0");
    // Descriptions are HTML: what somebody has written is text in it.
    let case = packets.iter().find(|p| p["id"] == "case/1");
    let words = case.and_then(|c| c["description"].as_str());
    let words = words.context("a description")?;
    assert!(words.contains("&lt;script&gt;"), "{words}");
    assert!(
        !words.contains("<script") && words.contains("<br>"),
        "{words}"
    );
    let ids: std::collections::BTreeSet<_> = packets.iter().map(|p| p["id"].as_str()).collect();
    assert_eq!(ids.len(), packets.len(), "ids are unique");
    let Some(dir) = environment("node-env")? else {
        println!("no npm: only the structure was looked at");
        return Ok(());
    };
    let script = root().join("tests/peers/read_czml.mjs");
    let found = output(
        Command::new("node")
            .arg(script)
            .arg(dir)
            .arg(place.path("all.czml")),
    )?;
    assert_eq!(
        found["kinds"]["mover"].as_i64(),
        Some(i64::from(VEHICLES) + 1)
    );
    assert_eq!(found["kinds"]["case"], 2);
    // Half-way between its first and its last fix a vehicle is between them.
    let mover = &found["movers"]["mover/3"];
    let (first, last) = (vehicle(3, 100).lon_lat(), vehicle(3, SECONDS).lon_lat());
    let half = f64::midpoint(first.lon_deg, last.lon_deg);
    assert!(
        (mover["lon"].as_f64().context("lon")? - half).abs() < 1e-6,
        "{mover}"
    );
    // A case that was closed is not there any more.
    let closed = found["cases"].as_array().context("cases")?;
    assert!(
        closed.iter().any(|c| c["to"]
            .as_str()
            .is_some_and(|t| t.starts_with("2026-11-22T02:07:30"))),
        "{closed:?}"
    );
    Ok(())
}

#[test]
fn an_area_and_one_table_cut_what_is_written() -> Result<()> {
    let place = Place::new()?;
    let mut options = place.options(Format::Csv, "cases.csv");
    options.table = Some(Table::Cases);
    options.area = Area::parse("118.78,32.04,118.80,32.05")?;
    let report = export(&options)?;
    assert_eq!((report.cases, report.sensors), (1, 1));
    assert!(report.fixes > 0 && (report.fixes as i64) < FIXES);
    let text = std::fs::read_to_string(place.path("cases.csv"))?;
    let mut rows = csv::Reader::from_reader(text.as_bytes());
    let header = rows.headers()?.clone();
    let row = rows.records().next().context("a row")??;
    let get = |name: &str| {
        header
            .iter()
            .position(|h| h == name)
            .and_then(|i| row.get(i))
    };
    assert_eq!(get("address"), Some("珠江路 & \"中山路\""));
    assert_eq!(get("stage"), Some("closed"));
    // A spreadsheet calculates nothing that somebody has written.
    let note = get("note").context("a note")?;
    assert!(note.starts_with("'=HYPERLINK("), "{note}");
    assert_eq!(get("occurred_at"), Some("2026-11-22T02:00:25Z"));

    let file = place.path("area.geojson");
    std::fs::write(
        &file,
        r#"{"type":"Polygon","coordinates":[[[118.75,32.03],[118.77,32.03],[118.75,32.05],[118.75,32.03]]]}"#,
    )?;
    options.area = Area::parse(&file.to_string_lossy())?;
    options.replace = true;
    assert_eq!(export(&options)?.cases, 1);
    let text = std::fs::read_to_string(place.path("cases.csv"))?;
    assert!(
        text.contains("118.76") && !text.contains("118.785"),
        "{text}"
    );
    // With names where they are asked for.
    options.area = Area::All;
    options.names = true;
    options.table = Some(Table::Stages);
    export(&options)?;
    assert!(std::fs::read_to_string(place.path("cases.csv"))?.contains("周岚"));
    Ok(())
}

#[test]
fn what_cannot_be_exported_is_refused_in_words_and_leaves_nothing() -> Result<()> {
    let place = Place::new()?;
    let refused = |change: &dyn Fn(&mut ExportOptions), word: &str| {
        let mut options = place.options(Format::Geojson, "x.geojson");
        change(&mut options);
        let text = export(&options)
            .err()
            .map(|e| e.to_string())
            .unwrap_or_default();
        assert!(text.contains(word), "{word}: {text}");
        assert!(!Path::new(&options.out).exists());
    };
    refused(
        &|o| {
            o.stretch = Stretch {
                from: at(50),
                to: at(20),
            }
        },
        "does not lie after",
    );
    refused(
        &|o| {
            o.stretch = Stretch {
                from: at(50),
                to: at(50),
            }
        },
        "does not lie after",
    );
    refused(
        &|o| {
            o.stretch = Stretch {
                from: at(90_000),
                to: at(90_001),
            }
        },
        "the log holds 2026-11-22T02:00:00Z to 2026-11-22T02:10:00Z",
    );
    refused(&|o| o.data = place.path("nowhere"), "holds no log");
    let nowhere = Area::parse("10,10,11,11")?;
    refused(
        &|o| o.area = nowhere.clone(),
        "nothing is known of that stretch in that area",
    );
    for (area, word) in [
        ("1,2,3", "four numbers"),
        ("118.8,32,118.7,33", "west must lie"),
        ("118,95,119,96", "outside the world"),
        ("missing.geojson", "cannot be read"),
    ] {
        let text = Area::parse(area)
            .err()
            .map(|e| e.to_string())
            .unwrap_or_default();
        assert!(text.contains(word), "{area}: {text}");
    }
    // Longer than the log: what there is, and it says so.
    let mut options = place.options(Format::Geojson, "x.geojson");
    options.stretch = Stretch {
        from: at(-100),
        to: at(100_000),
    };
    let shorter = export(&options)?.shorter.context("told")?;
    assert!(shorter.contains("only"), "{shorter}");
    // Nor does a clock go on for thousands of years where the log ends.
    options.stretch.to = Timestamp(253_402_300_799_000_000);
    options.format = Format::Czml;
    options.out = place.path("x.czml");
    export(&options)?;
    let packets: Value = serde_json::from_slice(&std::fs::read(place.path("x.czml"))?)?;
    let clock = &packets[0]["clock"]["interval"];
    assert_eq!(clock, "2026-11-22T02:00:00Z/2026-11-22T02:10:00Z");
    assert!(matches!(
        export(&ExportOptions {
            out: place.path("no/such/folder/x"),
            ..options
        }),
        Err(ExportError::Out(OutError::Write { .. }))
    ));
    Ok(())
}
