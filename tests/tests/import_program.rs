//! The importer as people start it: what it says, and how it ends.

use anyhow::{Context, Result, ensure};
use chengtu_tests::program::{root, server_program};
use std::path::Path;
use std::process::{Command, Output};

fn run(dir: &Path, arguments: &[&str]) -> Result<Output> {
    let mut command = Command::new(server_program()?);
    Ok(command.current_dir(dir).args(arguments).output()?)
}

/// An OSM file with one street over two nodes, of a kind.
fn street(kind: &str) -> String {
    format!(
        "<osm version=\"0.6\"><node id=\"1\" lon=\"11.5\" lat=\"48.1\"/><node id=\"2\" lon=\"11.501\" lat=\"48.1\"/>\
         <way id=\"1\"><nd ref=\"1\"/><nd ref=\"2\"/><tag k=\"highway\" v=\"{kind}\"/></way></osm>"
    )
}

#[test]
fn a_map_of_nothing_is_an_error_that_programs_notice() -> Result<()> {
    let dir = tempfile::tempdir()?;
    let remark = "<osm version=\"0.6\"><remark> runtime error: out of memory </remark></osm>";
    let cases: [(&str, &[&str], &str); 5] = [
        ("<osm version=\"0.6\"></osm>", &[], "empty"),
        (
            "<osm version=\"0.6\"><bounds minlon=\"1\" minlat=\"1\" maxlon=\"2\" maxlat=\"2\"/></osm>",
            &[],
            "empty",
        ),
        (&street("footway"), &[], "highway"),
        (
            &street("residential"),
            &["--bounds", "20,10,21,11"],
            "--bounds 20,10,21,11",
        ),
        (remark, &[], "smaller area"),
    ];
    for (text, more, words) in cases {
        std::fs::write(dir.path().join("town.osm"), text)?;
        let mut arguments = vec!["import", "osm", "town.osm", "--out", "pack"];
        arguments.extend(more);
        let output = run(dir.path(), &arguments)?;
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        ensure!(
            !output.status.success() && output.status.code().is_some(),
            "{words}: {:?}",
            output.status
        );
        ensure!(told.contains(words), "{words}: {told}");
        ensure!(
            words.starts_with("--") || told.contains("town.osm"),
            "{told}"
        );
        ensure!(
            !dir.path().join("pack").exists(),
            "{words}: something was written"
        );
        let left: Vec<_> = std::fs::read_dir(dir.path())?
            .flatten()
            .map(|e| e.file_name())
            .collect();
        ensure!(left.len() == 1, "{left:?}");
    }
    // The same street for vehicles makes a city.
    std::fs::write(dir.path().join("town.osm"), street("residential"))?;
    let output = run(dir.path(), &["import", "osm", "town.osm", "--out", "pack"])?;
    ensure!(output.status.success(), "{output:?}");
    Ok(())
}

/// Words that begin with `--` in a text.
fn options(text: &str) -> Vec<String> {
    let part = |c: char| c.is_ascii_lowercase() || c == '-';
    let mut found: Vec<String> = text
        .split("--")
        .skip(1)
        .map(|rest| rest.chars().take_while(|c| part(*c)).collect())
        .collect();
    found.sort();
    found.dedup();
    found
}

#[test]
fn what_the_readme_says_of_another_city_is_what_the_importer_takes() -> Result<()> {
    let dir = tempfile::tempdir()?;
    let mut known = String::new();
    for kind in ["osm", "areas"] {
        let help = run(dir.path(), &["import", kind, "--help"])?;
        known += &String::from_utf8_lossy(&help.stdout);
    }
    let known = options(&known);
    for (file, title) in [
        ("README.en.md", "## Another city\n"),
        ("README.md", "## 换一座城市\n"),
    ] {
        let text = std::fs::read_to_string(root().join(file))?;
        let section = text
            .split(title)
            .nth(1)
            .with_context(|| format!("{title} in {file}"))?;
        let section = section.split("\n## ").next().unwrap_or_default();
        for words in [
            "geofabrik.de",
            "bbbike.org",
            "complete_ways",
            "chengtu-server import osm",
        ] {
            ensure!(section.contains(words), "{file}: {words}");
        }
        let said = options(section);
        for option in ["bounds", "name", "name-en", "time-zone"] {
            ensure!(said.iter().any(|o| o == option), "{file}: --{option}");
        }
        // Those of the program that cuts extracts are its own.
        let strange = said
            .iter()
            .filter(|o| !["strategy", "bbox"].contains(&o.as_str()));
        for option in strange {
            ensure!(known.contains(option), "{file}: there is no --{option}");
        }
    }
    Ok(())
}
