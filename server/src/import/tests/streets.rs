//! Streets as the map's makers describe them: turns that are forbidden, levels, and water between them.

use super::{import, nd, tag, xml};
use crate::import::OsmOptions;
use crate::pack::Pack;
use chengtu_engine::geo::{Metres, Position};
use chengtu_engine::roads::{BankKind, Search};
use std::fmt::Write;

/// A town of streets 100 m apart about 126.63° E, 45.75° N, in ground metres.
struct Town {
    text: String,
    relations: String,
    frame: chengtu_engine::geo::LocalFrame,
    next: i64,
}

impl Town {
    fn new() -> Self {
        Self {
            text: String::new(),
            relations: String::new(),
            frame: chengtu_engine::geo::LocalFrame::new(Position::new(1_266_300_000, 457_500_000)),
            next: 0,
        }
    }

    fn place(&self, east_m: f64, north_m: f64) -> Position {
        self.frame.position(Metres { east_m, north_m })
    }

    fn node(&mut self, east_m: f64, north_m: f64) -> i64 {
        self.next += 1;
        let p = self.place(east_m, north_m).lon_lat();
        let _ = write!(
            self.text,
            "<node id=\"{}\" lon=\"{:.7}\" lat=\"{:.7}\"/>",
            self.next, p.lon_deg, p.lat_deg
        );
        self.next
    }

    fn way(&mut self, refs: &[i64], tags: &[(&str, &str)]) -> i64 {
        self.next += 1;
        let refs: String = refs.iter().map(nd).collect();
        let tags: String = tags.iter().map(tag).collect();
        let _ = write!(self.text, "<way id=\"{}\">{refs}{tags}</way>", self.next);
        self.next
    }

    fn area(&mut self, corners: &[(f64, f64)], tags: &[(&str, &str)]) -> i64 {
        let mut refs: Vec<i64> = corners.iter().map(|(x, y)| self.node(*x, *y)).collect();
        refs.push(refs[0]);
        self.way(&refs, tags)
    }

    fn relation(&mut self, members: &[(&str, i64, &str)], tags: &[(&str, &str)]) {
        self.next += 1;
        let mut text = String::new();
        for (kind, id, role) in members {
            let _ = write!(
                text,
                "<member type=\"{kind}\" ref=\"{id}\" role=\"{role}\"/>"
            );
        }
        text.extend(tags.iter().map(tag));
        let _ = write!(
            self.relations,
            "<relation id=\"{}\">{text}</relation>",
            self.next
        );
    }

    fn imported(&self) -> (Pack, String) {
        let text = xml(&format!("{}{}", self.text, self.relations));
        let (dir, report) = import("town.osm", text.as_bytes(), &OsmOptions::default());
        let report = report.unwrap().to_string();
        (Pack::open(&dir.path().join("pack")).unwrap(), report)
    }
}

#[test]
fn forbidden_turns_come_with_the_streets_and_what_is_left_out_is_told() {
    let mut town = Town::new();
    let street = [("highway", "residential")];
    let at: Vec<i64> = [
        (0.0, 0.0),
        (100.0, 0.0),
        (200.0, 0.0),
        (100.0, 100.0),
        (200.0, 100.0),
    ]
    .iter()
    .map(|(x, y)| town.node(*x, *y))
    .collect();
    let west = town.way(&[at[0], at[1]], &street);
    let east = town.way(&[at[1], at[2]], &street);
    let north = town.way(&[at[1], at[3]], &street);
    town.way(&[at[2], at[4], at[3]], &street);
    let turn = [
        ("way", west, "from"),
        ("node", at[1], "via"),
        ("way", north, "to"),
    ];
    let kind = ("type", "restriction");
    town.relation(&turn, &[kind, ("restriction", "no_left_turn")]);
    town.relation(
        &turn,
        &[
            kind,
            ("restriction:conditional", "no_left_turn @ (22:00-06:00)"),
        ],
    );
    town.relation(
        &turn,
        &[
            kind,
            ("restriction", "no_right_turn"),
            ("except", "emergency"),
        ],
    );
    let broken = [("way", west, "from"), ("way", east, "to")];
    town.relation(&broken, &[kind, ("restriction", "no_right_turn")]);
    let (pack, report) = town.imported();
    let told = "turns       1 forbidden; left out: 1 at certain times only, 1 not for vehicles on duty, 1 that fit no roads here";
    assert!(report.contains(told), "{report}");
    let seconds = |from: (f64, f64), to: (f64, f64)| {
        let snap = |(x, y)| pack.roads.snap(town.place(x, y), 10.0).unwrap();
        let way = pack
            .roads
            .route(snap(from), snap(to), &mut Search::new())
            .unwrap();
        (way.length_m / 10.0).round() * 10.0
    };
    assert_eq!(seconds((0.0, 0.0), (100.0, 100.0)), 400.0);
    assert_eq!(seconds((100.0, 100.0), (0.0, 0.0)), 200.0);
    assert_eq!(seconds((200.0, 0.0), (100.0, 100.0)), 200.0);
}

/// Streets on both banks of a river of two pieces, an island in it, and a bridge; a pond.
fn riverside() -> Town {
    let mut town = Town::new();
    let street = [("highway", "residential")];
    let mut banks = Vec::new();
    for y in [0.0, 300.0] {
        let xs = [0.0, 200.0, 400.0, 700.0];
        let nodes: Vec<i64> = xs.iter().map(|x| town.node(*x, y)).collect();
        town.way(&nodes, &street);
        banks.push(nodes);
    }
    let (south, north) = (town.node(200.0, 40.0), town.node(200.0, 260.0));
    town.way(&[banks[0][1], south], &street);
    town.way(
        &[south, north],
        &[
            ("highway", "residential"),
            ("bridge", "yes"),
            ("layer", "2"),
        ],
    );
    town.way(&[north, banks[1][1]], &street);
    let water = [("natural", "water"), ("water", "river")];
    let seam: Vec<i64> = [(350.0, 20.0), (350.0, 280.0)]
        .iter()
        .map(|(x, y)| town.node(*x, *y))
        .collect();
    let west: Vec<i64> = [(-400.0, 280.0), (-400.0, 20.0)]
        .iter()
        .map(|(x, y)| town.node(*x, *y))
        .collect();
    let outer = town.way(&[seam[0], seam[1], west[0], west[1], seam[0]], &[]);
    let island = [(20.0, 100.0), (120.0, 100.0), (120.0, 200.0), (20.0, 200.0)];
    let inner = town.area(&island, &[]);
    let kind = ("type", "multipolygon");
    let members = [("way", outer, "outer"), ("way", inner, "inner")];
    town.relation(&members, &[kind, water[0], water[1]]);
    let east: Vec<i64> = [(1_100.0, 20.0), (1_100.0, 280.0)]
        .iter()
        .map(|(x, y)| town.node(*x, *y))
        .collect();
    town.way(&[seam[0], east[0], east[1], seam[1], seam[0]], &water);
    let pond = [
        (500.0, -60.0),
        (560.0, -60.0),
        (560.0, -20.0),
        (500.0, -20.0),
    ];
    town.area(&pond, &[("natural", "water")]);
    let pool = [
        (600.0, -60.0),
        (610.0, -60.0),
        (610.0, -50.0),
        (600.0, -50.0),
    ];
    town.area(&pool, &[("natural", "water")]);
    town
}

#[test]
fn water_comes_with_the_streets_and_nobody_is_sent_across() {
    let town = riverside();
    let (pack, _) = town.imported();
    let banks = &pack.roads.surroundings().banks;
    let of = |kind| banks.iter().filter(|b| b.kind == kind).count();
    // Both pieces of the river, each without the seam, the island, and the pond; the pool bars nothing.
    assert_eq!(
        (of(BankKind::Wide), of(BankKind::Pond), of(BankKind::Course)),
        (3, 1, 0)
    );
    let snap = |x, y| {
        let found = pack.roads.snap(town.place(x, y), 400.0)?;
        Some(town.frame.metres(found.position))
    };
    for x in [-20.0, 330.0, 349.0, 351.0, 600.0, 690.0] {
        assert!(snap(x, 18.0).unwrap().north_m < 1.0, "{x}");
        assert!(snap(x, 282.0).unwrap().north_m > 299.0, "{x}");
    }
    assert_eq!(snap(70.0, 150.0), None, "an island without a street");
    let on_bridge = snap(204.0, 150.0).unwrap();
    assert!((on_bridge.east_m - 200.0).abs() < 0.5 && (on_bridge.north_m - 150.0).abs() < 0.5);
    let found = pack.roads.snap(town.place(204.0, 150.0), 10.0).unwrap();
    assert_eq!(pack.roads.level(found.edge), 2);
}

#[test]
fn a_river_that_is_only_a_line_is_crossed_where_nothing_else_is_near() {
    let mut town = riverside();
    let line: Vec<i64> = [(0.0, -100.0), (300.0, -103.0), (600.0, -100.0)]
        .iter()
        .map(|(x, y)| town.node(*x, *y))
        .collect();
    town.way(&line, &[("waterway", "river")]);
    let sewer = [("waterway", "canal"), ("tunnel", "culvert")];
    town.way(&line, &sewer);
    let (pack, _) = town.imported();
    let courses = pack.roads.surroundings().banks.iter();
    let courses: Vec<_> = courses.filter(|b| b.kind == BankKind::Course).collect();
    assert_eq!(courses.len(), 1);
    assert_eq!(
        courses[0].line.len(),
        2,
        "as few points as show where it runs"
    );
    let found = pack.roads.snap(town.place(300.0, -150.0), 400.0).unwrap();
    assert!((found.distance_m - 150.0).abs() < 1.0);
}
