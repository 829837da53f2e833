//! An import takes as much more time and memory as the city is larger.

use chengtu_server::import::{OsmOptions, Progress, import_osm};
use chengtu_server::pack::Pack;
use chengtu_tests::made_up;
use chengtu_tests::measure::processor_s;
use std::path::Path;

/// Processor seconds of the quickest of three imports, and the pack.
fn imported(blocks: u32, dir: &Path) -> (f64, Pack) {
    let (file, out) = (dir.join("city.osm.pbf"), dir.join("pack"));
    made_up::write(blocks, &file).expect("an extract");
    let mut best_s = f64::INFINITY;
    for _ in 0..3 {
        let begun_s = processor_s(std::process::id()).expect("its threads");
        import_osm(&file, &out, &OsmOptions::default(), &Progress::hidden()).expect("an import");
        let spent_s = processor_s(std::process::id()).expect("its threads") - begun_s;
        best_s = best_s.min(spent_s);
    }
    (best_s, Pack::open(&out).expect("a pack"))
}

#[test]
fn a_city_four_times_as_large_takes_about_four_times_as_long() {
    let dirs = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let (small_s, small) = imported(49, dirs[0].path());
    let (large_s, large) = imported(196, dirs[1].path());
    // What grows with the square of the size would take sixteen times as long.
    let times = large_s / small_s;
    assert!(times < 7.0, "{small_s} s, then {large_s} s: {times} times");
    let edges = |pack: &Pack| pack.roads.edge_count() as f64;
    assert!((3.9..4.2).contains(&(edges(&large) / edges(&small))));
    let (few, many) = (small.roads.surroundings(), large.roads.surroundings());
    assert_eq!((few.turns.len(), many.turns.len()), (13, 49));
    assert!(!few.banks.is_empty() && many.banks.len() > few.banks.len());
    assert!(large.places.len() > 3 * small.places.len());
    assert_eq!(
        (small.city.districts.len(), large.city.districts.len()),
        (4, 16)
    );
}
