//! Extracts as people really have them: clipped, deleted from, of another country, with a box that is not theirs.

use super::made::{City, imported};
use super::{import, town, xml};
use crate::import::OsmOptions;
use crate::pack::{GRID_FILE, Pack};

fn refused(elements: &str) -> String {
    let (_dir, report) = import("town.osm", xml(elements).as_bytes(), &OsmOptions::default());
    report.unwrap_err().to_string()
}

const FRAME: [f64; 4] = [126.5, 45.7, 126.6, 45.8];

/// Two districts side by side, each larger than the extract, with streets; the western one has two street offices.
fn two_districts() -> City {
    let mut c = City::default();
    c.streets([126.505, 45.705, 126.595, 45.795], 12);
    let west_seat = c.node(126.52, 45.75, &[("place", "suburb"), ("name", "西城府")]);
    let middle = c.line(
        &[
            (126.53, 45.5),
            (126.53, 45.702),
            (126.532, 45.798),
            (126.53, 46.0),
        ],
        &[],
    );
    let ends = |c: &City, way: i64| {
        let from = c.text.find(&format!("<way id=\"{way}\">")).unwrap();
        let refs: Vec<i64> = c.text[from..]
            .split("ref=\"")
            .skip(1)
            .map_while(|r| r.split('"').next()?.parse().ok())
            .collect();
        (refs[0], refs[3])
    };
    let (south, north) = ends(&c, middle);
    let far = |c: &mut City, x: f64| {
        let a = c.node(x, 46.0, &[]);
        let b = c.node(x, 45.5, &[]);
        c.way(&[north, a, b, south], &[])
    };
    let (west, east) = (far(&mut c, 126.0), far(&mut c, 127.0));
    let level = ("admin_level", "6");
    c.border(
        &[middle, west],
        Some(west_seat),
        &[level, ("name", "道里区")],
    );
    c.border(&[middle, east], None, &[level, ("name", "南岗区")]);
    for (i, y) in [45.71, 45.75].into_iter().enumerate() {
        let ring = [
            (126.51, y),
            (126.525, y),
            (126.525, y + 0.03),
            (126.51, y + 0.03),
        ];
        let way = c.ring(&ring, &[]);
        let name = ["经纬街道", "尚志街道"][i];
        let mut tags = vec![("admin_level", "8"), ("name", name)];
        tags.extend((i == 0).then_some(("division_code", "230102011000")));
        c.border(&[way], None, &tags);
    }
    c
}

#[test]
fn districts_that_leave_a_clipped_extract_are_all_there_with_their_codes() {
    let (_dir, report, pack) = imported(&two_districts().clipped(FRAME));
    let districts: Vec<_> = report
        .districts
        .iter()
        .map(|d| (d.code.as_str(), d.name.as_str(), d.official))
        .collect();
    assert_eq!(
        districts,
        [("230102", "道里区", true), ("230103", "南岗区", true)]
    );
    // The western district is the smaller part of the extract, and holds its seat.
    let west = pack
        .grid
        .cells
        .iter()
        .filter(|c| c.code.starts_with("230102"));
    let share = west.count() as f64 / pack.grid.cells.len() as f64;
    assert!((0.26..0.36).contains(&share), "{share}");
}

#[test]
fn street_offices_give_the_middle_digits_and_their_names() {
    let (dir, report, pack) = imported(&two_districts().clipped(FRAME));
    assert_eq!(report.grid.streets, 2);
    let cells = |digits: &str| {
        pack.grid
            .cells
            .iter()
            .filter(|c| c.code.starts_with(digits))
            .count()
    };
    // One has an official number, the other one that is made up.
    assert!(cells("230102011") > 300 && cells("230102901") > 300);
    let zipped = dir.path().join("pack").join("grid.geojson.gz");
    assert!(zipped.is_file() && !dir.path().join("pack").join(GRID_FILE).exists());
}

#[test]
fn a_neighbours_districts_are_not_the_citys_own() {
    // A small state whose parishes are level 7, between two large ones whose provinces are level 6.
    let mut c = City::default();
    c.streets([1.41, 42.51, 1.59, 42.69], 12);
    let corner = |c: &mut City, x: f64, y: f64| c.node(x, y, &[]);
    let [sw, se, ne, nw] =
        [(1.4, 42.5), (1.6, 42.5), (1.6, 42.7), (1.4, 42.7)].map(|(x, y)| corner(&mut c, x, y));
    let [s, n] = [(1.5, 42.5), (1.5, 42.7)].map(|(x, y)| corner(&mut c, x, y));
    let west = c.way(&[s, sw, nw, n], &[]);
    let east = c.way(&[n, ne, se, s], &[]);
    let middle = c.way(&[s, n], &[]);
    c.border(
        &[west, east],
        None,
        &[("admin_level", "2"), ("name", "Smallstate")],
    );
    c.border(
        &[west, middle],
        None,
        &[("admin_level", "7"), ("name", "Westparish")],
    );
    c.border(
        &[east, middle],
        None,
        &[("admin_level", "7"), ("name", "Eastparish")],
    );
    // Of the neighbours only this border is here, and ways that are not.
    c.border(
        &[west, 9_001],
        None,
        &[("admin_level", "6"), ("name", "Bigprovince")],
    );
    c.border(
        &[east, 9_002],
        None,
        &[("admin_level", "6"), ("name", "Otherprovince")],
    );
    c.node(1.45, 42.6, &[("place", "village"), ("name", "Littleplace")]);
    c.bounds([1.38, 42.48, 1.62, 42.72]);
    let (_dir, report, pack) = imported(&c.text);
    let names: Vec<_> = report.districts.iter().map(|d| d.name.as_str()).collect();
    assert_eq!(names, ["Westparish", "Eastparish"]);
    assert_eq!(pack.city.name, "Smallstate");
    assert_eq!(pack.city.time_zone, "Europe/Andorra");
}

#[test]
fn the_name_is_the_named_citys_and_its_english_name_may_stand_at_the_border() {
    let cities = |c: &mut City| {
        c.streets([37.6, 55.7, 37.62, 55.72], 3);
        c.node(37.601, 55.701, &[("place", "city")]);
        c.node(37.602, 55.702, &[("place", "village"), ("name", "Деревня")]);
        c.node(
            37.61,
            55.71,
            &[
                ("place", "city"),
                ("name", "Москва"),
                ("population", "13000000"),
            ],
        );
    };
    let mut c = City::default();
    cities(&mut c);
    let way = c.line(&[(37.59, 55.69), (37.63, 55.69), (37.63, 55.73)], &[]);
    let tags = [
        ("admin_level", "4"),
        ("name", "Москва"),
        ("name:en", "Moscow"),
    ];
    c.border(&[way, 9_001], None, &tags);
    let (_dir, report, _pack) = imported(&c.text);
    let found = (
        report.identity.name.as_str(),
        report.identity.name_en.as_str(),
    );
    assert_eq!(found, ("Москва", "Moscow"));
}

#[test]
fn a_nameless_city_does_not_hide_a_named_town() {
    let mut c = City::default();
    c.streets([118.78, 32.04, 118.79, 32.05], 3);
    c.node(118.781, 32.041, &[("place", "city")]);
    c.node(118.782, 32.041, &[("place", "town"), ("name", "真镇")]);
    assert_eq!(imported(&c.text).2.city.name, "真镇");
}

#[test]
fn kanji_in_japan_are_not_chinese() {
    let text = town(130.4, 33.59);
    let (_dir, _, pack) = imported(&text);
    assert_eq!(
        (pack.city.time_zone.as_str(), pack.city.language.as_str()),
        ("Asia/Tokyo", "en")
    );
}

#[test]
fn what_is_deleted_is_not_there() {
    let kept = town(118.0, 32.0);
    let gone = "<node id=\"900\" version=\"2\" visible=\"false\"/><way id=\"901\" visible=\"false\"/>\
                <way id=\"902\" action=\"delete\"><nd ref=\"1\"/><nd ref=\"7\"/>\
                <tag k=\"highway\" v=\"primary\"/><tag k=\"name\" v=\"废路\"/></way>";
    let (_dir, report, pack) = imported(&format!("{kept}{gone}"));
    assert_eq!(report.read.ways, imported(&kept).1.read.ways);
    assert!(!pack.roads.names().contains(&"废路".to_owned()));
}

#[test]
fn a_download_that_broke_off_is_refused_in_the_servers_words() {
    let remark = "<remark> runtime error: Query timed out in \"query\" at line 4. </remark>";
    assert!(refused(remark).contains("Query timed out"));
    assert!(refused(&format!("{}{remark}", town(118.0, 32.0))).contains("smaller area"));
}

#[test]
fn a_rectangle_that_is_not_the_towns_is_not_believed() {
    let text = town(118.0, 32.0);
    let with = |bounds: [f64; 4]| {
        let mut c = City::default();
        c.text.clone_from(&text);
        c.bounds(bounds);
        imported(&c.text)
    };
    for far in [[73.5, 18.0, 135.1, 53.6], [11.0, 48.0, 11.1, 48.1]] {
        let (_dir, report, pack) = with(far);
        assert_eq!(report.grid.cell_m, 100);
        assert!(report.tiles < 60 && !report.notes.is_empty(), "{report}");
        let bounds = pack.city.bounds.geo_box().unwrap();
        assert!(
            bounds.max.lon_e7 - bounds.min.lon_e7 < 400_000,
            "{bounds:?}"
        );
    }
    // Two rectangles are one around both.
    let halves = "<bounds minlon=\"118.0\" minlat=\"32.0\" maxlon=\"118.004\" maxlat=\"32.008\"/>\
                  <bounds minlon=\"118.004\" minlat=\"32.0\" maxlon=\"118.008\" maxlat=\"32.008\"/>";
    let (_dir, _, pack) = imported(&format!("{halves}{text}"));
    assert_eq!(
        pack.city.bounds.geo_box().unwrap().max.lon_e7,
        1_180_080_000
    );
    assert_eq!(
        pack.city.bounds.geo_box().unwrap().min.lon_e7,
        1_180_000_000
    );
}

/// A town on both sides of 180°, with a street and a seat on each, and one street across the line.
fn on_both_sides() -> City {
    let mut c = City::default();
    c.net([179.97, -16.81, 179.99, -16.79], 5);
    c.net([-179.99, -16.81, -179.98, -16.8], 3);
    c.line(
        &[(179.99, -16.8), (-179.99, -16.8), (-179.98, -16.8)],
        &[("highway", "primary"), ("name", "Line Road")],
    );
    let town = |name| [("place", "town"), ("name", name)];
    c.node(179.98, -16.8, &town("Somosomo"));
    c.node(
        -179.985,
        -16.805,
        &[("place", "village"), ("name", "Naqara")],
    );
    c
}

#[test]
fn a_town_on_both_sides_of_180_degrees_keeps_both() {
    let c = on_both_sides();
    let (dir, report, pack) = imported(&c.text);
    assert!(report.tiles < 60, "{report}");
    assert!(pack.city.bounds.west > 179.0 && pack.city.bounds.east <= 180.0);
    assert!(report.to_string().contains("pack-west"), "{report}");
    let other = Pack::open(&dir.path().join("pack-west")).unwrap();
    assert!(other.city.bounds.west >= -180.0 && other.city.bounds.east < -179.0);
    assert_eq!(
        (other.city.name.as_str(), other.city.time_zone.as_str()),
        ("Somosomo", "Pacific/Fiji")
    );
    assert!(other.places.iter().any(|p| p.name == "Naqara"));
    assert!(pack.roads.edge_count() > 20 && other.roads.edge_count() > 8);
    assert!(other.roads.names().contains(&"Line Road".to_owned()));
    for pack in [&pack, &other] {
        assert!(pack.grid.cells.len() < 2_000);
        pack.rules().check().unwrap();
    }
}

#[test]
fn of_a_town_on_both_sides_of_180_degrees_the_one_that_is_asked_for_is_taken() {
    let options = OsmOptions {
        bounds: Some("-180,-16.9,-179.9,-16.7".into()),
        ..OsmOptions::default()
    };
    let (dir, report) = import("town.osm", xml(&on_both_sides().text).as_bytes(), &options);
    let report = report.unwrap().to_string();
    assert!(!report.contains("180°"), "{report}");
    let pack = Pack::open(&dir.path().join("pack")).unwrap();
    assert_eq!(pack.city.name, "Naqara");
    assert!(pack.city.bounds.east <= -179.9 && !dir.path().join("pack-west").exists());
}

#[test]
fn what_the_edge_cuts_beyond_repair_is_named() {
    let mut c = City::default();
    c.streets([126.505, 45.705, 126.595, 45.795], 6);
    c.ring(
        &[
            (126.59, 45.75),
            (126.7, 45.75),
            (126.7, 45.76),
            (126.59, 45.76),
        ],
        &[("building", "yes"), ("name", "断楼")],
    );
    let (_dir, report, _) = imported(&c.clipped(FRAME));
    assert!(report.lost.names.contains(&"断楼".to_owned()), "{report}");
}

#[test]
fn a_map_says_the_citys_name_where_nobody_has_mapped_a_label() {
    let text = town(118.0, 32.0);
    let options = OsmOptions {
        name: Some("彼城".into()),
        ..OsmOptions::default()
    };
    let (dir, report) = import("town.osm", xml(&text).as_bytes(), &options);
    report.unwrap();
    let pack = Pack::open(&dir.path().join("pack")).unwrap();
    let label = pack.places.iter().find(|p| p.name == "彼城").unwrap();
    assert_eq!((label.kind.as_str(), label.rank), ("district", 1));
}

#[test]
fn a_district_is_named_once_and_within_its_border() {
    // Two boroughs of a town by the sea; the south and the east of the extract are nobody's.
    let mut c = City::default();
    let [w, s, e, n] = [7.40, 43.70, 7.46, 43.76];
    c.net([w, 43.73, 7.44, n], 20);
    c.node(7.41, 43.74, &[("place", "town"), ("name", "Ville")]);
    c.area([w, 43.73, 7.42, n], "10", "Ouest");
    c.area([7.42, 43.73, 7.44, n], "10", "Est");
    c.node(7.405, 43.755, &[("place", "suburb"), ("name", "Ouest")]);
    c.bounds([w, s, e, n]);
    let (_dir, _report, pack) = imported(&c.text);
    let labels = |name: &str| {
        let all = pack.places.iter().filter(|p| p.name == name);
        all.map(|p| (p.kind.as_str(), p.lon, p.lat))
            .collect::<Vec<_>>()
    };
    assert_eq!(labels("Ouest"), [("district", 7.405, 43.755)]);
    let east = labels("Est");
    assert_eq!((east.len(), east[0].0), (1, "district"));
    let (_, lon, lat) = east[0];
    assert!(
        (7.425..7.435).contains(&lon) && (43.74..43.75).contains(&lat),
        "{east:?}"
    );
}

#[test]
fn a_hamlet_in_a_corner_does_not_give_a_county_its_name() {
    let hamlet = || {
        let mut c = City::default();
        c.net([-8.5, 41.1, -8.4, 41.2], 15);
        let tags = [("place", "hamlet"), ("name", "Aldeia de Couce")];
        c.node(-8.49, 41.19, &tags);
        c.bounds([-8.5, 41.1, -8.4, 41.2]);
        c
    };
    // Of the municipality's border half is here.
    let mut c = hamlet();
    let half = c.line(
        &[(-8.45, 41.3), (-8.3, 41.3), (-8.3, 41.0), (-8.45, 41.0)],
        &[],
    );
    let tags = [("admin_level", "7"), ("name", "Valongo")];
    c.border(&[half, 9_001], None, &tags);
    let whole = c.ring(
        &[(-8.6, 41.0), (-8.3, 41.0), (-8.3, 41.3), (-8.6, 41.3)],
        &[],
    );
    let tags = [("admin_level", "6"), ("name", "Porto")];
    c.border(&[whole, 9_002], None, &tags);
    assert_eq!(imported(&c.text).2.city.name, "Porto");
    // Without anything around it the hamlet is all there is.
    assert_eq!(imported(&hamlet().text).2.city.name, "Aldeia de Couce");
}

#[test]
fn a_sea_that_cannot_be_known_is_told_and_not_drawn() {
    // A coast the wrong way around, with the whole town on its right.
    let coast = |points: &[(f64, f64)]| {
        let mut c = City::default();
        c.net([7.41, 43.72, 7.44, 43.74], 12);
        c.line(points, &[("natural", "coastline")]);
        c.bounds([7.40, 43.70, 7.45, 43.75]);
        imported(&c.text).1.to_string()
    };
    let (west, east) = ((7.39, 43.71), (7.46, 43.71));
    assert!(
        !coast(&[west, east]).contains("coast"),
        "the sea lies in the south"
    );
    let told = coast(&[east, west]);
    assert!(
        told.contains("which side of it is sea cannot be known"),
        "{told}"
    );
    assert!(told.contains("complete ways"), "what to do is said: {told}");
}
