//! A small town whose streets have English names, as an extract and as a city pack with a drill.

use anyhow::{Context, Result};
use chengtu_server::import::{OsmOptions, Progress, import_osm};
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// Streets each way.
const N: usize = 7;
/// Degrees between them, west-east and south-north: about 120 m.
const STEP: (f64, f64) = (0.0017, 0.0011);
/// South-western corner.
const CORNER: (f64, f64) = (-0.1500, 51.5000);

const NAMES: [&str; 2 * N] = [
    "Laystall Street",
    "Mill Lane",
    "High Street",
    "Church Road",
    "Bridge Street",
    "Station Road",
    "Park View",
    "King Street",
    "Queen Street",
    "Abbey Walk",
    "Market Street",
    "Orchard Way",
    "Castle Hill",
    "Dock Road",
];

/// The town as OpenStreetMap has it; `names` of its streets and its own.
pub fn osm(town: &str, names: &[&str]) -> String {
    let (mut nodes, mut ways) = (String::new(), String::new());
    let id = |column: usize, row: usize| row * N + column + 1;
    for row in 0..N {
        for column in 0..N {
            let lon = CORNER.0 + column as f64 * STEP.0;
            let lat = CORNER.1 + row as f64 * STEP.1;
            let id = id(column, row);
            let _ = write!(
                nodes,
                "<node id=\"{id}\" lon=\"{lon:.7}\" lat=\"{lat:.7}\"/>"
            );
        }
    }
    for i in 0..N {
        let across: Vec<usize> = (0..N).map(|c| id(c, i)).collect();
        let along: Vec<usize> = (0..N).map(|r| id(i, r)).collect();
        for (way, refs) in [(i, across), (N + i, along)] {
            let name = names[way];
            let _ = write!(ways, "<way id=\"{}\">", way + 1);
            for r in refs {
                let _ = write!(ways, "<nd ref=\"{r}\"/>");
            }
            let _ = write!(
                ways,
                "<tag k=\"highway\" v=\"residential\"/><tag k=\"name\" v=\"{name}\"/></way>"
            );
        }
    }
    let (lon, lat) = (CORNER.0 + 3.2 * STEP.0, CORNER.1 + 3.2 * STEP.1);
    let _ = write!(
        nodes,
        "<node id=\"900\" lon=\"{lon:.7}\" lat=\"{lat:.7}\"><tag k=\"place\" v=\"city\"/><tag k=\"name\" v=\"{town}\"/></node>"
    );
    format!("<?xml version=\"1.0\"?>\n<osm version=\"0.6\">{nodes}{ways}</osm>\n")
}

/// A drill in the town's own language.
pub const DRILL: &str = r#"
format = 1
title = "Burst main"
title_en = "Burst main"
summary = "A main bursts in the middle of the town."
summary_en = "A main bursts in the middle of the town."
brief = "Tuesday afternoon; look at the water first."
brief_en = "Tuesday afternoon; look at the water first."
[start]
calm = "2026-07-14T15:00:00"
duration = "0:20:00"
seed = 5
[cases]
per_hour = 60
open = 6
[[roles]]
name = "Dispatcher"
name_en = "Dispatcher"
[[sensors]]
key = "W1"
name = "Water on Mill Lane"
place = "Mill Lane"
[[areas]]
name = "West of the town"
name_en = "West of the town"
west = -0.1510
south = 51.4990
east = -0.1460
north = 51.5080
[[injects]]
key = "main"
at = "0:01:00"
title = "Water rises on Mill Lane"
title_en = "Water rises on Mill Lane"
kind = "flood"
sensors = ["W1"]
to = 0.9
over = "0:03:00"
closes = ["Mill Lane"]
[injects.truth]
class = "Flooded road"
severity = "severe"
units = 2
text = "A main has burst"
text_en = "A main has burst"
[[injects]]
key = "call"
at = "0:02:00"
title = "A citizen calls"
title_en = "A citizen calls"
kind = "report"
class = "Flooded road"
place = "High Street"
note = "Water up to the ankles"
[[injects]]
key = "many"
at = "0:04:00"
title = "Thirty reports of one bin"
title_en = "Thirty reports of one bin"
kind = "storm"
class = "Spill on the road"
place = "Castle Hill"
note = "A bin has fallen over"
count = 30
within = "0:03:00"
[[injects]]
key = "false"
at = "0:06:00"
title = "A false report"
title_en = "A false report"
kind = "report"
class = "Emergency"
place = "King Street"
note = "A bag left alone"
[injects.truth]
real = false
text = "A bag of rain capes"
text_en = "A bag of rain capes"
[[injects]]
key = "radio"
at = "0:08:00"
title = "A crew is lost"
title_en = "A crew is lost"
kind = "unit_fails"
unit = "SAN 1"
[[goals]]
title = "A crew sent within 5 minutes"
title_en = "A crew sent within 5 minutes"
kind = "dispatch_within"
inject = "main"
within = "0:05:00"
[[goals]]
title = "A unit in the west half of the time"
title_en = "A unit in the west half of the time"
kind = "cover_at_least"
area = "West of the town"
percent = 50
"#;

/// Imports the town into `dir`; its pack and what the importer says.
///
/// # Errors
/// What cannot be written or imported.
pub fn pack(dir: &Path) -> Result<(PathBuf, String)> {
    imported(dir, "Testbury", &NAMES)
}

/// A town with these names, imported.
///
/// # Errors
/// What cannot be written or imported.
pub fn imported(dir: &Path, town: &str, names: &[&str]) -> Result<(PathBuf, String)> {
    let file = dir.join("town.osm");
    std::fs::write(&file, osm(town, names))?;
    let out = dir.join("pack");
    let report = import_osm(&file, &out, &OsmOptions::default(), &Progress::hidden())
        .context("the town is imported")?;
    Ok((out, report.to_string()))
}
