//! A pack that people have edited: what is wrong is said with file, line and key.

use super::*;
use std::path::Path;

const CITY: &str = r#"format = 1
name = "测试"
name_en = "Test"
language = "zh"
time_zone = "Asia/Shanghai"
case_classes = "case_classes.csv"
attribution = "© OpenStreetMap contributors"
centre = { lon = 118.78, lat = 32.04 }
bounds = { west = 118.7, south = 32.0, east = 118.9, north = 32.1 }

[limits]
duplicate_radius_m = 50
duplicate_age_h = 24
future_tolerance_s = 60
keep_closed_h = 24

[calendar]
holidays = ["2026-10-01"]
make_up_days = []

[[districts]]
code = "320102"
name = "玄武区"
name_en = ""

[[departments]]
key = "drainage"
name = "排水"
name_en = "Drainage"

[[depots]]
key = "d1"
name = "站"
name_en = "Depot"
lon = 118.78
lat = 32.04

[[fleets]]
key = "drainage"
name = "排水抢修"
name_en = "Drainage crews"
department = "drainage"
call_sign = "排水"
call_sign_en = "DR"
count = 10
skills = ["drainage"]
speed_factor = 0.9
depots = ["d1"]
"#;

/// Changes one line of a good `city.toml`; the error must name the line and hold the words.
fn check(from: &str, to: &str, words: &[&str]) {
    assert_eq!(CITY.matches(from).count(), 1, "{from}");
    let text = CITY.replace(from, to);
    let line = 1 + CITY[..CITY.find(from).unwrap()].matches('\n').count();
    let error = CityConfig::parse(Path::new("city.toml"), text.as_bytes())
        .unwrap_err()
        .to_string();
    assert!(
        error.starts_with(&format!("city.toml:{line}: ")),
        "line {line} expected: {error}"
    );
    for word in words {
        assert!(error.contains(word), "{word:?} is not in {error:?}");
    }
}

#[test]
fn a_good_description_is_read() {
    let city = CityConfig::parse(Path::new("city.toml"), CITY.as_bytes()).unwrap();
    assert_eq!(city.fleets[0].count, 10);
    assert_eq!(city.calendar.holidays, ["2026-10-01"]);
}

#[test]
fn mistakes_are_told_by_line_and_key() {
    check("format = 1", "format = 2", &["format", "format 1"]);
    check(
        "language = \"zh\"",
        "language = \"xx\"",
        &["language", "\"zh\" or \"en\""],
    );
    check(
        "time_zone = \"Asia/Shanghai\"",
        "time_zone = \"Asia/Nanjing\"",
        &["time_zone", "Asia/Nanjing"],
    );
    check("name = \"测试\"", "name = \"\"", &["name", "empty"]);
    check(
        "centre = { lon = 118.78, lat = 32.04 }",
        "centre = { lon = 32, lat = 118.0 }",
        &["centre", "Earth"],
    );
    check(
        "bounds = { west = 118.7",
        "bounds = { west = 119.7",
        &["bounds", "west"],
    );
    check(
        "holidays = [\"2026-10-01\"]",
        "holidays = [\"1 October\"]",
        &["calendar.holidays[0]", "YYYY-MM-DD"],
    );
    check(
        "code = \"320102\"",
        "code = \"3201\"",
        &["districts[0].code", "six digits"],
    );
    check(
        "department = \"drainage\"",
        "department = \"roads\"",
        &["fleets[0].department", "roads", "known: drainage"],
    );
    check("count = 10", "count = 0", &["fleets[0].count", "1 … 999"]);
    check(
        "speed_factor = 0.9",
        "speed_factor = 9.0",
        &["fleets[0].speed_factor"],
    );
    check(
        "depots = [\"d1\"]",
        "depots = [\"d2\"]",
        &["fleets[0].depots", "\"d2\"", "known: d1"],
    );
}

#[test]
fn the_line_of_an_unknown_key_is_its_own() {
    let text = CITY.replace("keep_closed_h = 24", "keep_closed_h = 24\nkeep_open_h = 3");
    let error = CityConfig::parse(Path::new("city.toml"), text.as_bytes())
        .unwrap_err()
        .to_string();
    assert!(
        error.starts_with("city.toml:16: keep_open_h: unknown field"),
        "{error}"
    );
}

#[test]
fn text_that_is_no_toml_or_no_utf8_is_told_by_line() {
    let parse = |bytes: &[u8]| {
        CityConfig::parse(Path::new("city.toml"), bytes)
            .unwrap_err()
            .to_string()
    };
    assert!(
        parse(CITY.replace("count = 10", "count = ten").as_bytes()).starts_with("city.toml:45: ")
    );
    assert!(parse(b"format = 1\nname = \"\xff\"").starts_with("city.toml:2: "));
}

#[test]
fn a_folder_that_is_no_pack_says_how_to_make_one() {
    let dir = tempfile::tempdir().unwrap();
    let error = Pack::open(dir.path()).unwrap_err().to_string();
    assert!(
        error.contains("city.toml") && error.contains("import osm"),
        "{error}"
    );
}

#[test]
fn a_grid_that_people_have_broken_names_the_cell() {
    let cell = |code: &str, ring: &str| {
        format!(
            "{{\"type\":\"FeatureCollection\",\"features\":[{{\"type\":\"Feature\",\"properties\":{{\"code\":\"{code}\",\"district\":\"x\"}},\
                 \"geometry\":{{\"type\":\"Polygon\",\"coordinates\":[{ring}]}}}}]}}"
        )
    };
    let good = "[[118.0,32.0],[118.1,32.0],[118.1,32.1],[118.0,32.1],[118.0,32.0]]";
    assert_eq!(
        Grid::parse(cell("320102001001001", good).as_bytes())
            .unwrap()
            .cells
            .len(),
        1
    );
    let skew = "[[118.0,32.0],[118.1,32.05],[118.1,32.1],[118.0,32.1],[118.0,32.0]]";
    for (code, ring, word) in [
        ("320102", good, "15 digits"),
        ("320102001001001", skew, "rectangle"),
        ("32010200100100x", good, "15 digits"),
    ] {
        let error = Grid::parse(cell(code, ring).as_bytes()).unwrap_err();
        assert!(error.contains(word) && error.contains(code), "{error}");
    }
}
