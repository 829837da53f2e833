//! Which of several roads side by side, or one above the other, is meant.

use super::super::oracle::GridBuilder;
use super::super::{RoadGraph, Search, Surroundings};
use crate::geo::Position;

/// Two carriageways 20 m apart, east along the south and west along the north, joined at both ends; a street of two ways
/// crosses above them.
fn avenue() -> (RoadGraph, impl Fn(f64, f64) -> Position) {
    let mut grid = GridBuilder::new(2, 1, 400.0);
    let (north_west, north_east) = (grid.node_at(0.0, 20.0), grid.node_at(400.0, 20.0));
    let (below, above) = (grid.node_at(200.0, -150.0), grid.node_at(200.0, 170.0));
    grid.edge(0, 1, 10.0, true);
    grid.edge(north_east, north_west, 10.0, true);
    grid.edge(1, north_east, 10.0, false);
    grid.edge(north_west, 0, 10.0, false);
    grid.edge(below, above, 10.0, false);
    grid.edge(below, 0, 10.0, false);
    grid.edge(above, north_east, 10.0, false);
    let frame = crate::geo::LocalFrame::new(grid.offset(0.0, 0.0));
    let place = move |east_m, north_m| frame.position(crate::geo::Metres { east_m, north_m });
    let levels = Surroundings {
        levels: vec![(4, 1)],
        ..Surroundings::default()
    };
    (grid.build().with(levels).unwrap(), place)
}

#[test]
fn a_vehicle_is_on_the_carriageway_that_it_drives_along() {
    let (graph, place) = avenue();
    let search = Search::new();
    let snapped = |x, y, bearing_deg| {
        let found = graph.snap_vehicle(place(x, y), bearing_deg, 100.0, &search);
        found.unwrap().edge
    };
    for off_m in [-4.0, 0.0, 6.0, 12.0, 16.0] {
        assert_eq!(snapped(100.0, off_m, Some(92.0)), 0, "{off_m}");
        assert_eq!(snapped(100.0, 20.0 - off_m, Some(268.0)), 1, "{off_m}");
    }
    // Without a bearing the nearest; far from the other way no bearing carries it over there.
    assert_eq!(
        (snapped(100.0, 6.0, None), snapped(100.0, 14.0, None)),
        (0, 1)
    );
    assert_eq!(snapped(100.0, -20.0, Some(f64::NAN)), 0);
    assert_eq!(snapped(100.0, 60.0, Some(90.0)), 0);
}

#[test]
fn over_a_crossing_of_two_levels_the_vehicle_that_crosses_is_on_the_bridge() {
    let (graph, place) = avenue();
    let search = Search::new();
    let edge = |bearing_deg| {
        let found = graph.snap_vehicle(place(202.0, 1.0), bearing_deg, 100.0, &search);
        found.unwrap().edge
    };
    assert_eq!(edge(Some(90.0)), 0);
    assert_eq!(edge(Some(2.0)), 4);
    assert_eq!(edge(Some(181.0)), 4);
}

#[test]
fn a_case_under_a_bridge_is_on_the_ground_and_one_on_it_is_on_the_bridge() {
    let (graph, place) = avenue();
    let edge = |x, y| graph.snap(place(x, y), 100.0).unwrap().edge;
    assert_eq!(edge(200.0, 4.0), 0);
    assert_eq!(edge(201.0, 18.0), 1);
    assert_eq!(edge(200.0, 50.0), 4);
    assert_eq!(edge(203.0, -40.0), 4);
    assert_eq!((graph.level(4), graph.level(0), graph.level(99)), (1, 0, 0));
}
