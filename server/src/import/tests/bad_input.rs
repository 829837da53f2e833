//! Every kind of bad input: a clear error, and the old pack as it was.

use super::{gzipped, import, import_in, town, xml};
use crate::import::OsmOptions;
use crate::import::source::pbf_write::{Style, blob, pbf_from_xml};
use crate::pack::{CITY_FILE, Pack};

/// Imports something bad over a good pack: the error must hold `words`, the pack must stay.
fn check(name: &str, bytes: &[u8], words: &[&str]) {
    check_with(name, bytes, &OsmOptions::default(), words);
}

fn check_with(name: &str, bytes: &[u8], options: &OsmOptions, words: &[&str]) {
    let (dir, good) = import(
        "good.osm",
        xml(&town(118.0, 32.0)).as_bytes(),
        &OsmOptions::default(),
    );
    good.unwrap();
    let city = std::fs::read(dir.path().join("pack").join(CITY_FILE)).unwrap();
    std::fs::write(dir.path().join(name), bytes).unwrap();
    let error = import_in(dir.path(), name, options)
        .expect_err(name)
        .to_string();
    for word in words {
        assert!(error.contains(word), "{name}: {word:?} is not in {error:?}");
    }
    assert_eq!(
        std::fs::read(dir.path().join("pack").join(CITY_FILE)).unwrap(),
        city
    );
    Pack::open(&dir.path().join("pack")).unwrap();
    let left: Vec<_> = std::fs::read_dir(dir.path())
        .unwrap()
        .flatten()
        .map(|e| e.file_name())
        .collect();
    assert_eq!(
        left.len(),
        if name == "good.osm" { 2 } else { 3 },
        "{left:?}"
    );
}

#[test]
fn truncated_files_are_told_as_such() {
    let text = xml(&town(118.0, 32.0));
    for part in [3, 2] {
        check(
            "cut.osm",
            &text.as_bytes()[..text.len() * (part - 1) / part],
            &["cut.osm", "truncated"],
        );
    }
    check(
        "cut.osm",
        &text.as_bytes()[..text.len() - 8],
        &["truncated"],
    );
    let zipped = gzipped(text.as_bytes());
    check(
        "cut.osm.gz",
        &zipped[..zipped.len() / 2],
        &["cut.osm.gz", "gzip", "truncated"],
    );
    check(
        "cut.osm.gz",
        &zipped[..zipped.len() - 4],
        &["gzip", "truncated"],
    );
    let pbf = pbf_from_xml(&text, Style::default());
    for length in [pbf.len() / 2, pbf.len() - 1, 70] {
        check(
            "cut.osm.pbf",
            &pbf[..length],
            &["cut.osm.pbf", "PBF", "truncated"],
        );
    }
}

#[test]
fn a_pbf_cut_in_the_length_of_a_block_is_truncated_too() {
    let text = xml(&town(118.0, 32.0));
    let mut pbf = pbf_from_xml(&text, Style::default());
    pbf.extend([0, 0, 1]);
    check("cut.osm.pbf", &pbf, &["truncated"]);
}

#[test]
fn foreign_files_are_named_for_what_they_are() {
    check(
        "map.osm",
        b"\x89PNG\r\n\x1a\n0000",
        &["map.osm", "PNG", ".osm.pbf"],
    );
    check("map.osm", b"{\"type\": \"FeatureCollection\"}", &["JSON"]);
    check("map.osm", b"", &["empty file"]);
    check("map.osm", b"<?xml version=\"1.0\"?><gpx></gpx>", &["<gpx>"]);
    check(
        "map.osm",
        b"<?xml version=\"1.0\"?><osmChange version=\"0.6\"/>",
        &["osmChange"],
    );
    check(
        "map.osm.gz",
        &gzipped(b"PK\x03\x04zip"),
        &["gzipped", "ZIP"],
    );
    check("map.osm.bz2", b"BZh91AY&SY", &["bzip2", "unpack"]);
}

#[test]
fn extracts_with_nothing_to_drive_on_are_refused() {
    check("empty.osm", xml("").as_bytes(), &["empty"]);
    check(
        "nodes.osm",
        xml("<node id=\"1\" lon=\"1\" lat=\"1\"/>").as_bytes(),
        &["no road", "highway"],
    );
    let foot = "<node id=\"1\" lon=\"1\" lat=\"1\"/><node id=\"2\" lon=\"1.001\" lat=\"1\"/>\
                <way id=\"1\"><nd ref=\"1\"/><nd ref=\"2\"/><tag k=\"highway\" v=\"footway\"/></way>";
    check("foot.osm", xml(foot).as_bytes(), &["no road"]);
    let no_nodes =
        "<way id=\"1\"><nd ref=\"1\"/><nd ref=\"2\"/><tag k=\"highway\" v=\"primary\"/></way>";
    check(
        "ways.osm",
        xml(no_nodes).as_bytes(),
        &["no road", "2 references to missing nodes"],
    );
}

#[test]
fn coordinates_off_the_earth_name_their_node() {
    for (lon, lat) in [("1187000", "32"), ("118", "91"), ("NaN", "1"), ("1", "inf")] {
        let node = format!("<node id=\"77\" lon=\"{lon}\" lat=\"{lat}\"/>");
        check(
            "off.osm",
            xml(&(node + &town(118.0, 32.0))).as_bytes(),
            &["node 77", "longitude"],
        );
    }
}

#[test]
fn broken_elements_say_where() {
    check(
        "bad.osm",
        xml("<node id=\"x\" lon=\"1\" lat=\"1\"/>").as_bytes(),
        &["id=\"x\"", "byte"],
    );
    check(
        "bad.osm",
        xml("<node id=\"1\" lat=\"1\"/>").as_bytes(),
        &["no attribute lon"],
    );
    check(
        "bad.osm",
        xml("<node id=\"99999999999999999999\" lon=\"1\" lat=\"1\"/>").as_bytes(),
        &["64 bits"],
    );
    check(
        "bad.osm",
        xml("<node id=\"1\" lon=\"1\" lat=\"1\"></way>").as_bytes(),
        &["bad.osm"],
    );
    check(
        "bad.osm",
        xml("<relation id=\"1\"><member type=\"dog\" ref=\"1\" role=\"\"/></relation>").as_bytes(),
        &["dog"],
    );
}

#[test]
fn damaged_pbf_blocks_are_refused_without_panic() {
    let good = pbf_from_xml(
        &xml(&town(118.0, 32.0)),
        Style {
            zstd: Some(false),
            ..Style::default()
        },
    );
    // Every byte of the body in turn, turned over: an error or a pack, never a panic.
    let dir = tempfile::tempdir().unwrap();
    for at in (40..good.len()).step_by(7) {
        let mut bad = good.clone();
        bad[at] ^= 0xff;
        std::fs::write(dir.path().join("bad.osm.pbf"), &bad).unwrap();
        let _ = import_in(dir.path(), "bad.osm.pbf", &OsmOptions::default());
    }
    let mut noise = good[..20].to_vec();
    blob(
        &mut noise,
        "OSMData",
        b"\xff\xff\xff\xff\xff",
        Style::default(),
    );
    check("bad.osm.pbf", &noise, &["PBF"]);
    let mut huge = Vec::new();
    blob(&mut huge, "OSMHeader", b"", Style::default());
    huge.extend([0x7f, 0xff, 0xff, 0xff, 0]);
    check("huge.osm.pbf", &huge, &["block header of 2147483647 bytes"]);
}

#[test]
fn options_that_make_no_sense_say_what_to_write() {
    let text = xml(&town(118.0, 32.0));
    let with = |bounds: &str| OsmOptions {
        bounds: Some(bounds.into()),
        ..OsmOptions::default()
    };
    check_with(
        "good.osm",
        text.as_bytes(),
        &with("1,2,3"),
        &["four numbers"],
    );
    check_with("good.osm", text.as_bytes(), &with("5,2,3,4"), &["west"]);
    check_with("good.osm", text.as_bytes(), &with("5,2,6,4"), &["no road"]);
    let zone = OsmOptions {
        time_zone: Some("Mars/Olympus".into()),
        ..OsmOptions::default()
    };
    check_with(
        "good.osm",
        text.as_bytes(),
        &zone,
        &["Mars/Olympus", "IANA"],
    );
}

#[test]
fn a_table_of_case_classes_that_does_not_parse_names_its_row() {
    let dir = tempfile::tempdir().unwrap();
    let table = dir.path().join("classes.csv");
    std::fs::write(&table, "kind,big_code,big_name,small_code,small_name,condition_no,time_limit\n部件,01,a,01,b,1,随时\n").unwrap();
    let options = OsmOptions {
        case_classes: Some(table),
        ..OsmOptions::default()
    };
    check_with(
        "good.osm",
        xml(&town(118.0, 32.0)).as_bytes(),
        &options,
        &["classes.csv", "row 2", "随时"],
    );
    let options = OsmOptions {
        case_classes: Some("/nowhere/classes.csv".into()),
        ..OsmOptions::default()
    };
    check_with(
        "good.osm",
        xml(&town(118.0, 32.0)).as_bytes(),
        &options,
        &["/nowhere/classes.csv", "cannot be read"],
    );
}

#[test]
fn missing_files_and_unwritable_places_are_named() {
    let dir = tempfile::tempdir().unwrap();
    let error = import_in(dir.path(), "none.osm", &OsmOptions::default())
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("none.osm") && error.contains("cannot be read"),
        "{error}"
    );
    let error = import_in(dir.path(), "", &OsmOptions::default())
        .unwrap_err()
        .to_string();
    assert!(error.contains("folder"), "{error}");
    // A file where a folder should be cannot be written into, whoever asks.
    std::fs::write(dir.path().join("good.osm"), xml(&town(118.0, 32.0))).unwrap();
    std::fs::write(dir.path().join("pack"), "a file").unwrap();
    let error = import_in(dir.path(), "good.osm", &OsmOptions::default())
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("pack") && error.contains("cannot be written"),
        "{error}"
    );
    assert_eq!(std::fs::read(dir.path().join("pack")).unwrap(), b"a file");
}
