//! What the other modules' tests share, and the importer as a whole.

mod anyplace;
mod bad_input;
mod made;
mod pack;
mod streets;
mod structures;

use super::extract::Extract;
use super::progress::Progress;
use super::source::Source;
use super::{ImportError, ImportReport, OsmOptions, import_osm};
use std::io::Write;
use std::path::Path;

/// The extract of a piece of OSM XML.
pub fn extract_of(elements: &str) -> Extract {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(xml(elements).as_bytes()).unwrap();
    let source = Source::open(file.path()).unwrap();
    Extract::read(&source, &Progress::hidden()).unwrap()
}

/// A reference of a way to a node.
pub fn nd(id: impl std::fmt::Display) -> String {
    format!("<nd ref=\"{id}\"/>")
}

/// A `tag` element of an OSM file.
pub fn tag((key, value): &(&str, &str)) -> String {
    format!("<tag k=\"{key}\" v=\"{value}\"/>")
}

/// Elements as an OSM file.
pub fn xml(elements: &str) -> String {
    format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<osm version=\"0.6\">{elements}</osm>\n")
}

/// A town of four streets, a pond with an island, a park, buildings and a metro station; `lon`, `lat` its corner.
#[expect(clippy::too_many_lines, reason = "one town, element by element")]
pub fn town(lon: f64, lat: f64) -> String {
    use std::fmt::Write;
    let mut out = String::new();
    // A raster of 5 × 5 nodes 200 m apart, numbered row by row from the south-west.
    for i in 0..25 {
        let (x, y) = (f64::from(i % 5) * 0.002, f64::from(i / 5) * 0.002);
        let _ = write!(
            out,
            "<node id=\"{}\" lon=\"{:.7}\" lat=\"{:.7}\"/>",
            i + 1,
            lon + x,
            lat + y
        );
    }
    // Corners of squares: 100 + 10 n …: the n-th square of side 0.0005 degrees.
    for n in 0..8 {
        let (x, y, side) = (
            0.0003 + f64::from(n % 4) * 0.002,
            0.0003 + f64::from(n / 4) * 0.002,
            if n == 1 { 0.0002 } else { 0.0008 },
        );
        for (k, (dx, dy)) in [(0.0, 0.0), (side, 0.0), (side, side), (0.0, side)]
            .iter()
            .enumerate()
        {
            let (inset, id) = (if n == 1 { -0.0017 } else { 0.0 }, 100 + 10 * n + k as i32);
            let _ = write!(
                out,
                "<node id=\"{id}\" lon=\"{:.7}\" lat=\"{:.7}\"/>",
                lon + x + dx + inset,
                lat + y + dy + inset.abs() / 8.0
            );
        }
    }
    let _ = write!(
        out,
        "<node id=\"200\" lon=\"{:.7}\" lat=\"{:.7}\"><tag k=\"place\" v=\"city\"/><tag k=\"name\" v=\"测试市\"/>\
         <tag k=\"name:en\" v=\"Testville\"/></node>\
         <node id=\"201\" lon=\"{:.7}\" lat=\"{:.7}\"><tag k=\"amenity\" v=\"hospital\"/><tag k=\"name\" v=\"市医院\"/></node>",
        lon + 0.004,
        lat + 0.004,
        lon + 0.005,
        lat + 0.005
    );
    let mut way = |id: i32, refs: &[i32], tags: &[(&str, &str)]| {
        let refs: String = refs.iter().map(nd).collect::<Vec<_>>().concat();
        let tags: String = tags.iter().map(tag).collect::<Vec<_>>().concat();
        let _ = write!(out, "<way id=\"{id}\">{refs}{tags}</way>");
    };
    let square = |n: i32| {
        [
            100 + 10 * n,
            101 + 10 * n,
            102 + 10 * n,
            103 + 10 * n,
            100 + 10 * n,
        ]
    };
    way(
        1,
        &[1, 2, 3, 4, 5],
        &[
            ("highway", "primary"),
            ("name", "人民路"),
            ("name:en", "People's Road"),
        ],
    );
    way(
        2,
        &[11, 12, 13],
        &[("highway", "secondary"), ("name", "解放路")],
    );
    way(
        3,
        &[13, 14, 15],
        &[("highway", "secondary"), ("name", "解放路")],
    );
    way(
        4,
        &[1, 6, 11, 16, 21],
        &[
            ("highway", "residential"),
            ("name", "西街"),
            ("oneway", "yes"),
        ],
    );
    way(
        5,
        &[3, 8, 13, 18, 23],
        &[("highway", "residential"), ("name", "中街")],
    );
    way(
        6,
        &[5, 10, 15, 20, 25],
        &[("highway", "footway"), ("name", "东巷")],
    );
    way(10, &square(0), &[]);
    way(11, &square(1), &[]);
    way(
        12,
        &square(2),
        &[("building", "yes"), ("building:levels", "6")],
    );
    way(13, &square(3), &[("building", "yes")]);
    way(14, &square(4), &[("leisure", "park"), ("name", "人民公园")]);
    way(
        15,
        &square(5),
        &[
            ("building", "yes"),
            ("layer", "-1"),
            ("railway", "station"),
            ("name", "人民广场"),
        ],
    );
    out.push_str(
        "<relation id=\"1\"><member type=\"way\" ref=\"10\" role=\"outer\"/><member type=\"way\" ref=\"11\" role=\"inner\"/>\
         <tag k=\"type\" v=\"multipolygon\"/><tag k=\"natural\" v=\"water\"/><tag k=\"name\" v=\"镜湖\"/></relation>",
    );
    out
}

/// Writes `bytes` as `name` in a new folder and imports it into `pack` beside it.
fn import(
    name: &str,
    bytes: &[u8],
    options: &OsmOptions,
) -> (tempfile::TempDir, Result<ImportReport, ImportError>) {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join(name), bytes).unwrap();
    let report = import_in(dir.path(), name, options);
    (dir, report)
}

fn import_in(dir: &Path, name: &str, options: &OsmOptions) -> Result<ImportReport, ImportError> {
    import_osm(
        &dir.join(name),
        &dir.join("pack"),
        options,
        &Progress::hidden(),
    )
}

fn gzipped(bytes: &[u8]) -> Vec<u8> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packer.write_all(bytes).unwrap();
    packer.finish().unwrap()
}
