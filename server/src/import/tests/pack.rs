//! What a pack holds, and that it is the same whatever the file looked like.

use super::{gzipped, import, town, xml};
use crate::import::OsmOptions;
use crate::import::source::pbf_write::{Style, pbf_from_xml};
use crate::pack::{BASEMAP_FILE, CITY_FILE, GRID_FILE, PLACES_FILE, Pack, ROADS_FILE};
use std::collections::BTreeSet;

fn pack_of(elements: &str) -> (tempfile::TempDir, Pack) {
    let (dir, report) = import("town.osm", xml(elements).as_bytes(), &OsmOptions::default());
    report.unwrap();
    let pack = Pack::open(&dir.path().join("pack")).unwrap();
    (dir, pack)
}

#[test]
fn every_format_gives_the_same_bytes() {
    let text = xml(&town(118.0, 32.0));
    let pbf = |plain_nodes, zstd| {
        let style = Style {
            plain_nodes,
            zstd,
            ..Style::default()
        };
        pbf_from_xml(&text, style)
    };
    let places_in_ways = Style {
        places_in_ways: true,
        ..Style::default()
    };
    let files = [
        ("a.osm", text.clone().into_bytes()),
        ("b.osm", text.clone().into_bytes()),
        ("a.osm.gz", gzipped(text.as_bytes())),
        ("a.osm.pbf", pbf(false, None)),
        ("plain.osm.pbf", pbf(true, Some(false))),
        ("zstd.osm.pbf", pbf(false, Some(true))),
        ("ways.osm.pbf", pbf_from_xml(&text, places_in_ways)),
        ("a.osm.pbf.gz", gzipped(&pbf(false, None))),
        ("no_extension", gzipped(&pbf(false, None))),
    ];
    let packs: Vec<_> = files
        .iter()
        .map(|(name, bytes)| import(name, bytes, &OsmOptions::default()))
        .collect();
    for name in [CITY_FILE, BASEMAP_FILE, ROADS_FILE, PLACES_FILE, GRID_FILE] {
        let bytes = |i: usize| std::fs::read(packs[i].0.path().join("pack").join(name)).unwrap();
        for (i, (file, _)) in files.iter().enumerate() {
            assert!(bytes(0) == bytes(i), "{name} of {file}");
        }
    }
}

#[test]
fn the_order_of_the_file_does_not_matter() {
    let text = town(118.0, 32.0);
    let (nodes, rest) = text.split_at(text.find("<way").unwrap());
    let (a, _) = pack_of(&text);
    let (b, _) = pack_of(&format!("{rest}{nodes}"));
    for name in [CITY_FILE, BASEMAP_FILE, ROADS_FILE, PLACES_FILE, GRID_FILE] {
        let bytes =
            |d: &tempfile::TempDir| std::fs::read(d.path().join("pack").join(name)).unwrap();
        assert!(bytes(&a) == bytes(&b), "{name}");
    }
}

#[test]
fn the_town_is_all_there() {
    let (_dir, pack) = pack_of(&town(118.0, 32.0));
    assert_eq!(
        (pack.city.name.as_str(), pack.city.name_en.as_str()),
        ("测试市", "Testville")
    );
    assert_eq!(pack.city.time_zone, "Asia/Shanghai");
    let names: BTreeSet<_> = pack
        .places
        .iter()
        .map(|p| (p.kind.as_str(), p.name.as_str()))
        .collect();
    for expected in [
        ("road", "人民路"),
        ("road", "解放路"),
        ("road", "东巷"),
        ("public", "市医院"),
        ("park", "人民公园"),
        ("water", "镜湖"),
        ("station", "人民广场"),
        ("district", "测试市"),
    ] {
        assert!(
            names.contains(&expected),
            "{expected:?} is not in {names:?}"
        );
    }
    assert_eq!(pack.places.iter().filter(|p| p.name == "解放路").count(), 1);
    assert!(pack.places.iter().any(|p| p.name_en == "People's Road"));
    // Four drivable streets that cross; the footway is no road for vehicles.
    assert_eq!(pack.roads.names(), ["人民路", "解放路", "西街", "中街"]);
    assert_eq!(pack.roads.edge_count(), 8);
    let units: u32 = pack.city.fleets.iter().map(|f| f.count).sum();
    assert_eq!(units, 6, "a unit of each fleet for four streets");
    let bounds = pack.city.bounds.geo_box().unwrap();
    assert!(
        pack.city
            .depots
            .iter()
            .all(|d| bounds.contains(d.position().unwrap()))
    );
}

#[test]
fn the_grid_covers_the_town_without_gaps() {
    let (_dir, pack) = pack_of(&town(118.0, 32.0));
    let bounds = pack.city.bounds.geo_box().unwrap();
    let covering = |p| {
        pack.grid
            .cells
            .iter()
            .filter(|c| c.bounds.contains(p))
            .count()
    };
    assert!(covering(bounds.min) >= 1 && covering(bounds.max) >= 1);
    let area: i64 = pack
        .grid
        .cells
        .iter()
        .map(|c| {
            i64::from(c.bounds.max.lon_e7 - c.bounds.min.lon_e7)
                * i64::from(c.bounds.max.lat_e7 - c.bounds.min.lat_e7)
        })
        .sum();
    let min = |f: fn(&crate::pack::GridCell) -> i32| {
        i64::from(pack.grid.cells.iter().map(f).min().unwrap())
    };
    let max = |f: fn(&crate::pack::GridCell) -> i32| {
        i64::from(pack.grid.cells.iter().map(f).max().unwrap())
    };
    let width = max(|c| c.bounds.max.lon_e7) - min(|c| c.bounds.min.lon_e7);
    let height = max(|c| c.bounds.max.lat_e7) - min(|c| c.bounds.min.lat_e7);
    assert_eq!(area, width * height);
}

#[test]
fn rules_come_from_the_pack() {
    let (_dir, pack) = pack_of(&town(118.0, 32.0));
    let rules = pack.rules();
    rules.check().unwrap();
    assert_eq!(rules.classes.len(), 190);
    assert_eq!(
        rules
            .calendar
            .offset_s(chengtu_engine::time::Timestamp::from_seconds(1_800_000_000)),
        8 * 3_600
    );
    let class = rules.class(rules.class_by_code("E0506").unwrap()).unwrap();
    assert_eq!(
        (class.name.as_str(), class.skill.as_str()),
        ("道路积水", "drainage")
    );
    assert_eq!(rules.department(class.department).unwrap().key, "drainage");
}

#[test]
fn other_countries_and_the_south_work() {
    for (lon, lat, zone) in [
        (151.2, -33.87, "Australia/Sydney"),
        (-70.66, -33.45, "America/Santiago"),
        (0.0, 0.0, "Etc/GMT"),
        (179.99, 71.0, "Asia/Anadyr"),
    ] {
        let elements = town(lon, lat)
            .replace("人民路", "First Street")
            .replace("解放路", "Main Street")
            .replace("西街", "West Street")
            .replace("中街", "Mid Street")
            .replace("东巷", "East Lane")
            .replace("测试市", "Testville")
            .replace("市医院", "Hospital");
        let (_dir, pack) = pack_of(&elements);
        assert_eq!(
            (pack.city.time_zone.as_str(), pack.city.language.as_str()),
            (zone, "en")
        );
        assert_eq!(pack.roads.names().len(), 4);
        assert!(pack.grid.cells.len() >= 27);
    }
}

#[test]
fn ways_that_miss_nodes_are_shortened_and_counted() {
    let elements = town(118.0, 32.0).replace("<node id=\"2\" ", "<node id=\"9002\" ");
    let (_dir, report) = import(
        "edge.osm",
        xml(&elements).as_bytes(),
        &OsmOptions::default(),
    );
    let report = report.unwrap();
    assert_eq!(
        (report.read.missing_nodes, report.read.dropped_ways),
        (1, 0)
    );
    assert!(report.to_string().contains("1 references to nodes"));
}

#[test]
fn ids_of_any_size_and_sign_work() {
    let huge = town(118.0, 32.0)
        .replace("<node id=\"13\"", "<node id=\"9223372036854775807\"")
        .replace("ref=\"13\"", "ref=\"9223372036854775807\"")
        .replace("<node id=\"3\"", "<node id=\"-5\"")
        .replace("ref=\"3\"", "ref=\"-5\"");
    let (_dir, pack) = pack_of(&huge);
    assert_eq!(pack.roads.edge_count(), 8);
}

#[test]
fn bounds_cut_a_city_out_of_a_larger_extract() {
    let both = format!(
        "{}{}",
        town(118.0, 32.0),
        town(119.0, 33.0)
            .replace("id=\"", "id=\"7")
            .replace("ref=\"", "ref=\"7")
    );
    let options = OsmOptions {
        bounds: Some("118.9,32.9,119.1,33.1".into()),
        name: Some("彼城".into()),
        ..OsmOptions::default()
    };
    let (dir, report) = import("both.osm", xml(&both).as_bytes(), &options);
    assert_eq!(report.unwrap().road_names, 4);
    let pack = Pack::open(&dir.path().join("pack")).unwrap();
    assert_eq!(pack.city.name, "彼城");
    assert!(pack.places.iter().all(|p| p.lon > 118.9));
}

#[test]
fn the_shipped_pack_of_nanjing_opens() {
    let dir = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../data/nanjing");
    let pack = Pack::open(&dir).unwrap();
    pack.rules().check().unwrap();
    assert_eq!(
        (pack.city.name.as_str(), pack.classes.classes.len()),
        ("南京", 190)
    );
    let districts: Vec<_> = pack
        .city
        .districts
        .iter()
        .map(|d| (d.code.as_str(), d.name.as_str()))
        .collect();
    assert_eq!(
        districts,
        [
            ("320102", "玄武区"),
            ("320104", "秦淮区"),
            ("320106", "鼓楼区")
        ]
    );
    assert_eq!(
        (pack.roads.edge_count(), pack.grid.cells.len()),
        (503, 1_428)
    );
    for name in ["中山东路", "新街口", "总统府", "南京图书馆", "秦淮区"] {
        assert!(pack.places.iter().any(|p| p.name == name), "{name}");
    }
}
