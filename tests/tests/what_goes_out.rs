//! The commands that write files, as people start them: what they never do, and what becomes of what is there.

#[allow(dead_code, reason = "the log is enough here")]
mod exported;

use anyhow::{Context, Result, ensure};
use chengtu_tests::program::{nanjing, root, server_program};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

struct Place {
    dir: tempfile::TempDir,
}

impl Place {
    fn new() -> Result<Self> {
        let dir = tempfile::tempdir()?;
        exported::write_log(&nanjing(), &dir.path().join("data"))?;
        Ok(Self { dir })
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn run(&self, arguments: &[&str]) -> Result<Output> {
        let mut command = Command::new(server_program()?);
        let command = command.current_dir(self.dir.path()).args(arguments);
        let command = command.env("LC_ALL", "C");
        Ok(command.stdin(Stdio::null()).output()?)
    }

    fn export(&self, format: &str, out: &str, more: &[&str]) -> Result<Output> {
        let city = nanjing();
        let mut arguments = vec!["export", "--data", "data", "--city"];
        arguments.push(city.to_str().context("a path")?);
        arguments.extend(["--from", "2026-11-22T10:00", "--to", "2026-11-22T10:10"]);
        arguments.extend(["--format", format]);
        arguments.extend(more);
        arguments.push(out);
        self.run(&arguments)
    }

    /// Every file below a folder with its bytes.
    fn files(&self, folder: &str) -> Result<BTreeMap<PathBuf, Vec<u8>>> {
        let mut found = BTreeMap::new();
        let mut folders = vec![self.path(folder)];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder)? {
                let path = entry?.path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    found.insert(path.clone(), std::fs::read(&path)?);
                }
            }
        }
        Ok(found)
    }
}

fn refused(output: &Output, words: &str) -> Result<()> {
    let told = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.code() == Some(1), "{words}: {output:?}");
    ensure!(told.contains(words), "{words}: {told}");
    Ok(())
}

fn done(output: &Output) -> Result<()> {
    ensure!(output.status.success(), "{output:?}");
    Ok(())
}

#[test]
fn an_export_never_goes_onto_the_log() -> Result<()> {
    let place = Place::new()?;
    let before = place.files("data")?;
    let day = before.keys().next().context("a day")?.clone();
    let day = day.to_str().context("a path")?;
    for format in ["geojson", "gpx", "czml", "incident", "csv", "parquet"] {
        for more in [&[][..], &["--replace"]] {
            for out in [day, "data/log-2026-11-23.sqlite", "data/new", "data"] {
                let output = place.export(format, out, more)?;
                let told = String::from_utf8_lossy(&output.stderr).into_owned();
                ensure!(
                    output.status.code() == Some(1),
                    "{format} {out}: {output:?}"
                );
                ensure!(
                    told.contains("nothing is ever written onto that")
                        || told.contains("is a folder"),
                    "{format} {out}: {told}"
                );
            }
        }
    }
    for table in ["cases", "fixes"] {
        let more = ["--table", table, "--replace"];
        refused(&place.export("csv", day, &more)?, "nothing is ever written")?;
        refused(
            &place.export("parquet", day, &more)?,
            "nothing is ever written",
        )?;
    }
    ensure!(place.files("data")? == before, "the log is as it was");
    ensure!(
        std::fs::read_dir(place.dir.path())?.count() == 1,
        "and nothing is left"
    );
    Ok(())
}

#[test]
fn an_export_replaces_only_what_it_is_told_to() -> Result<()> {
    let place = Place::new()?;
    done(&place.export("geojson", "a.geojson", &[])?)?;
    let first = std::fs::read(place.path("a.geojson"))?;
    std::fs::write(place.path("a.geojson"), "a letter")?;
    refused(&place.export("geojson", "a.geojson", &[])?, "--replace")?;
    ensure!(std::fs::read_to_string(place.path("a.geojson"))? == "a letter");
    done(&place.export("geojson", "a.geojson", &["--replace"])?)?;
    ensure!(std::fs::read(place.path("a.geojson"))? == first);
    let mut rights = std::fs::metadata(place.path("a.geojson"))?.permissions();
    rights.set_readonly(true);
    std::fs::set_permissions(place.path("a.geojson"), rights)?;
    refused(
        &place.export("gpx", "a.geojson", &["--replace"])?,
        "read-only",
    )?;
    for more in [&[][..], &["--replace"]] {
        refused(&place.export("gpx", "/dev/null", more)?, "device")?;
        refused(&place.export("incident", "/dev/null", more)?, "device")?;
    }
    {
        use std::os::unix::fs::FileTypeExt;
        ensure!(std::fs::metadata("/dev/null")?.file_type().is_char_device());
    }
    // The area that is read is not what is replaced.
    let area = r#"{"type":"Polygon","coordinates":[[[118.7,32.0],[118.9,32.0],[118.9,32.2],[118.7,32.0]]]}"#;
    std::fs::write(place.path("area.geojson"), area)?;
    let more = ["--area", "area.geojson", "--replace"];
    refused(
        &place.export("geojson", "area.geojson", &more)?,
        "is what is read here",
    )?;
    ensure!(std::fs::read_to_string(place.path("area.geojson"))? == area);
    Ok(())
}

#[test]
fn tables_are_replaced_as_one_or_not_at_all() -> Result<()> {
    let place = Place::new()?;
    done(&place.export("csv", "tables", &[])?)?;
    let first = place.files("tables")?;
    ensure!(first.len() == 7, "{:?}", first.keys());
    refused(&place.export("csv", "tables", &[])?, "holds files")?;
    // One of them cannot be: none is.
    let mut rights = std::fs::metadata(place.path("tables/alarms.csv"))?.permissions();
    rights.set_readonly(true);
    std::fs::set_permissions(place.path("tables/alarms.csv"), rights.clone())?;
    refused(
        &place.export("csv", "tables", &["--replace", "--names"])?,
        "read-only",
    )?;
    // The stretch holds nothing: none is.
    let nowhere = ["--replace", "--area", "10,10,11,11"];
    refused(&place.export("csv", "tables", &nowhere)?, "read-only")?;
    #[expect(clippy::permissions_set_readonly_false, reason = "a file of this test")]
    rights.set_readonly(false);
    std::fs::set_permissions(place.path("tables/alarms.csv"), rights)?;
    refused(
        &place.export("csv", "tables", &nowhere)?,
        "nothing is known",
    )?;
    ensure!(place.files("tables")? == first);
    done(&place.export("csv", "tables", &["--replace", "--names"])?)?;
    ensure!(place.files("tables")? != first, "now with names");
    refused(
        &place.export("parquet", "tables", &["--replace"])?,
        "as well",
    )?;
    Ok(())
}

#[test]
fn a_minus_is_standard_output() -> Result<()> {
    let place = Place::new()?;
    for format in ["geojson", "gpx", "czml", "incident"] {
        let output = place.export(format, "-", &[])?;
        done(&output)?;
        done(&place.export(format, format, &[])?)?;
        ensure!(
            output.stdout == std::fs::read(place.path(format))?,
            "{format}"
        );
        let told = String::from_utf8_lossy(&output.stderr);
        ensure!(told.contains("positions"), "{told}");
    }
    let one = place.export("parquet", "-", &["--table", "fixes"])?;
    done(&one)?;
    ensure!(one.stdout.starts_with(b"PAR1") && one.stdout.ends_with(b"PAR1"));
    refused(
        &place.export("csv", "-", &[])?,
        "do not go to standard output",
    )?;
    let nothing = place.export("geojson", "-", &["--area", "10,10,11,11"])?;
    refused(&nothing, "nothing is known")?;
    ensure!(nothing.stdout.is_empty());
    Ok(())
}

#[test]
fn every_command_that_writes_keeps_the_same_rule() -> Result<()> {
    let place = Place::new()?;
    let before = place.files("data")?;
    let day = before.keys().next().context("a day")?.clone();
    let day = day.to_str().context("a path")?;
    let city = nanjing();
    let city = city.to_str().context("a path")?;
    std::fs::write(place.path("letter"), "dear all")?;
    std::fs::write(
        place.path("rows.csv"),
        "key,time,lon,lat\na,1609430580,118.78,32.04\na,1609430590,118.79,32.04\n",
    )?;
    std::fs::write(place.path("town.osm"), "<osm version=\"0.6\"></osm>")?;
    let scenario = root().join("data/nanjing/drills/rush-hour.toml");
    let scenario = scenario.to_str().context("a path")?;
    done(&place.run(&["drill", "run", scenario, "--city", city, "--out", "drill"])?)?;
    let drill = place.files("drill")?;

    let records = ["record", "rows.csv", "--out"];
    let compares = ["drill", "compare", "drill", "drill", "--out"];
    let reports = ["drill", "report", "drill", "--city", city, "--out"];
    for command in [&records[..], &compares, &reports] {
        for replace in [&[][..], &["--replace"]] {
            let to = |out: &str| {
                let all = [command, &[out], replace].concat();
                place.run(&all)
            };
            refused(&to(day)?, "nothing is ever written onto that")?;
            refused(&to("drill/drill.log")?, "nothing is ever written onto that")?;
            refused(&to("/dev/null")?, "device")?;
        }
        refused(&place.run(&[command, &["letter"]].concat())?, "--replace")?;
        let name = format!("{}-{}", command[0], command[1].len());
        done(&place.run(&[command, &[&name]].concat())?)?;
        done(&place.run(&[command, &[&name, "--replace"]].concat())?)?;
    }
    refused(
        &place.run(&[&records[..], &["rows.csv", "--replace"]].concat())?,
        "is what is read",
    )?;
    refused(
        &place.run(&["import", "osm", "town.osm", "--out", "data/city"])?,
        "nothing is ever written",
    )?;
    // A drill's own report is made again; nothing else of it is touched.
    done(&place.run(&["drill", "report", "drill", "--city", city])?)?;
    let again = place.files("drill")?;
    ensure!(again == drill, "the report of the same log is the same");
    refused(
        &place.run(&["drill", "run", scenario, "--city", city, "--out", "drill"])?,
        "drill",
    )?;
    ensure!(place.files("drill")? == drill);
    ensure!(place.files("data")? == before);
    ensure!(std::fs::read_to_string(place.path("letter"))? == "dear all");
    Ok(())
}

#[test]
fn errors_and_reports_are_in_the_readers_language() -> Result<()> {
    let place = Place::new()?;
    let zh = ["--lang", "zh", "--table", "cases"];
    let output = place.export("csv", "cases.csv", &zh)?;
    done(&output)?;
    let told = String::from_utf8(output.stdout)?;
    ensure!(told.contains("已导出      案件 2"), "{told}");
    refused(
        &place.export("csv", "cases.csv", &zh)?,
        "已经存在；请换一个文件名，或加 --replace",
    )?;
    refused(
        &place.export("csv", "cases.csv", &zh[2..])?,
        "is there already",
    )?;
    Ok(())
}

#[test]
fn a_log_on_a_terminal_moves_no_cursor() -> Result<()> {
    let place = Place::new()?;
    let output = place.run(&["log", "--data", "data", "--from", "2026-11-21T24:00"])?;
    done(&output)?;
    let text = String::from_utf8(output.stdout)?;
    ensure!(text.lines().count() > 5, "{text}");
    ensure!(
        !text.contains(|c: char| c.is_control() && c != '\n'),
        "{text}"
    );
    let wrong = place.run(&["log", "--data", "data", "--from", "99999999999999999999"])?;
    refused(&wrong, "too large a number for a time")?;
    // What is recommended is an option that there is.
    let wrong = place.run(&["log", "--data", "data", "--from", "3/4/2026"])?;
    refused(&wrong, "write it like")?;
    ensure!(!String::from_utf8_lossy(&wrong.stderr).contains("--time-format"));
    Ok(())
}
