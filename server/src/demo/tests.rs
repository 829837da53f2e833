//! Cities of different sizes, made for the purpose: what the demo makes of each.

use super::cases::{CaseGenerator, Rhythm};
use super::{Chance, CityLand, crews, sensors};
use crate::import::{OsmOptions, Progress, import_osm};
use crate::pack::Pack;
use chengtu_engine::geo::{LonLat, Position};
use chengtu_engine::sim::{Arrivals, CitySize, Land, Load, Scales, StreetPlaces};
use chengtu_engine::time::Timestamp;
use std::fmt::Write;
use std::sync::Arc;

/// Degrees of a metre, at the equator, where the made cities lie.
const DEGREES: f64 = 1.0 / 111_320.0;
/// North-western corner.
const CORNER: (f64, f64) = (10.0, 0.6);
/// The city's bounds lie so far around its streets.
const MARGIN_M: f64 = 60.0;

/// A city of `n` by `n` streets `step_m` apart, with a river through its middle, parted by meridians into `districts`.
/// Every third street leads on for a kilometre beyond the city's bounds.
struct Made {
    n: usize,
    step_m: f64,
    districts: usize,
}

impl Made {
    fn side(&self) -> f64 {
        (self.n - 1) as f64 * self.step_m * DEGREES
    }

    fn osm(&self) -> String {
        let mut osm = Osm::default();
        self.streets(&mut osm);
        let (west, north) = CORNER;
        let (side, margin) = (self.side(), MARGIN_M * DEGREES);
        // The river fills the middle third of the space between two rows.
        let (middle, half) = (self.river(), self.step_m * DEGREES / 6.0);
        let river = osm.ring([west, middle - half, west + side, middle + half]);
        osm.way(
            &river,
            "<tag k=\"natural\" v=\"water\"/><tag k=\"name\" v=\"River\"/>",
        );
        for d in 0..self.districts {
            let edge = |k: usize| match k {
                0 => west - margin,
                k if k == self.districts => west + side + margin,
                k => west + side * k as f64 / self.districts as f64,
            };
            let ring = osm.ring([edge(d), north - side - margin, edge(d + 1), north + margin]);
            osm.district(&ring, &format!("Ward {d}"));
        }
        osm.file([
            west - margin,
            north - side - margin,
            west + side + margin,
            north + margin,
        ])
    }

    /// Latitude of the middle of the river.
    fn river(&self) -> f64 {
        CORNER.1 - ((self.n / 2) as f64 - 0.5) * self.step_m * DEGREES
    }

    fn streets(&self, osm: &mut Osm) {
        let (n, step) = (self.n, self.step_m * DEGREES);
        let (west, north) = CORNER;
        let grid: Vec<Vec<u32>> = (0..n)
            .map(|row| {
                let lat = north - row as f64 * step;
                let columns = 0..n;
                columns
                    .map(|c| osm.node(west + c as f64 * step, lat))
                    .collect()
            })
            .collect();
        for (i, row) in grid.iter().enumerate() {
            let mut refs = row.clone();
            if i % 3 == 0 {
                let beyond = west + self.side() + 1_000.0 * DEGREES;
                refs.push(osm.node(beyond, north - i as f64 * step));
            }
            osm.way(&refs, &street(&format!("Row {i}")));
            let column: Vec<u32> = grid.iter().map(|r| r[i]).collect();
            osm.way(&column, &street(&format!("Column {i}")));
        }
    }

    fn pack(&self) -> (tempfile::TempDir, Pack) {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("made.osm");
        std::fs::write(&file, self.osm()).unwrap();
        let out = dir.path().join("pack");
        import_osm(&file, &out, &OsmOptions::default(), &Progress::hidden()).unwrap();
        let pack = Pack::open(&out).unwrap();
        (dir, pack)
    }
}

/// An OpenStreetMap file in the making.
#[derive(Default)]
struct Osm {
    nodes: String,
    ways: String,
    relations: String,
    next: u32,
}

impl Osm {
    fn id(&mut self) -> u32 {
        self.next += 1;
        self.next
    }

    fn node(&mut self, lon: f64, lat: f64) -> u32 {
        let id = self.id();
        let _ = write!(
            self.nodes,
            "<node id=\"{id}\" lon=\"{lon:.7}\" lat=\"{lat:.7}\"/>"
        );
        id
    }

    /// Corners of a rectangle: west, south, east, north.
    fn ring(&mut self, [west, south, east, north]: [f64; 4]) -> Vec<u32> {
        let corners = [(west, south), (east, south), (east, north), (west, north)];
        let mut ring: Vec<u32> = corners.iter().map(|(x, y)| self.node(*x, *y)).collect();
        ring.push(ring[0]);
        ring
    }

    fn way(&mut self, refs: &[u32], tags: &str) -> u32 {
        let id = self.id();
        let _ = write!(self.ways, "<way id=\"{id}\">");
        for r in refs {
            let _ = write!(self.ways, "<nd ref=\"{r}\"/>");
        }
        let _ = write!(self.ways, "{tags}</way>");
        id
    }

    fn district(&mut self, ring: &[u32], name: &str) {
        let (border, id) = (self.way(ring, ""), self.id());
        let _ = write!(
            self.relations,
            "<relation id=\"{id}\"><member type=\"way\" ref=\"{border}\" role=\"outer\"/>\
             <tag k=\"type\" v=\"boundary\"/><tag k=\"boundary\" v=\"administrative\"/>\
             <tag k=\"admin_level\" v=\"8\"/><tag k=\"name\" v=\"{name}\"/></relation>"
        );
    }

    fn file(&self, [west, south, east, north]: [f64; 4]) -> String {
        let (nodes, ways, relations) = (&self.nodes, &self.ways, &self.relations);
        format!(
            "<?xml version=\"1.0\"?>\n<osm version=\"0.6\"><bounds minlon=\"{west:.7}\" minlat=\"{south:.7}\" \
             maxlon=\"{east:.7}\" maxlat=\"{north:.7}\"/>{nodes}{ways}{relations}</osm>\n"
        )
    }
}

fn street(name: &str) -> String {
    format!("<tag k=\"highway\" v=\"residential\"/><tag k=\"name\" v=\"{name}\"/>")
}

fn at(lon: f64, lat: f64) -> Position {
    LonLat::new(lon, lat).position().unwrap()
}

/// The districts that these places lie in, and a complaint about the first that lies nowhere.
fn districts_of(land: &CityLand, places: impl Iterator<Item = Position>) -> Vec<String> {
    let mut found: Vec<String> = places
        .map(|p| {
            assert!(land.holds(p), "{:?} is no land of the city", p.lon_lat());
            land.district(p).expect("a district").to_owned()
        })
        .collect();
    found.sort_unstable();
    found.dedup();
    found
}

#[tokio::test]
async fn a_city_of_any_size_has_what_befits_it_everywhere_and_nothing_is_refused() {
    // Streets from 4 to 1,250 km.
    for (n, step_m, districts, units) in [
        (4, 150.0, 1, 5..=6),
        (12, 200.0, 2, 18..=24),
        (30, 250.0, 4, 90..=112),
        (40, 400.0, 5, 200..=240),
    ] {
        let made = Made {
            n,
            step_m,
            districts,
        };
        let (_dir, pack) = made.pack();
        let rules = Arc::new(pack.rules());
        let land = Arc::new(CityLand::of(&pack).await);
        let all = land.districts();
        assert_eq!(
            (all.len(), pack.city.districts.len()),
            (districts, districts)
        );
        assert!(
            units.contains(&pack.city.units()),
            "{} units of {n}",
            pack.city.units()
        );
        let load = Load::of(pack.city.units());

        let bank = CORNER.0 + made.side() / 2.0;
        let water = at(bank, made.river());
        assert!(
            rules.bounds.contains(water) && !land.holds(water),
            "the river is no land"
        );

        let depots = || pack.city.depots.iter();
        let place = |d: &crate::pack::Depot| d.position().unwrap();
        assert!(depots().all(|d| rules.bounds.contains(place(d))));
        let patrols = depots().filter(|d| d.key.starts_with("patrol")).map(place);
        assert_eq!(districts_of(&land, patrols), all, "patrols of {n}");
        let nowhere = crate::play::ServerAddress::new("", None).unwrap();
        let crews = crews::terminals(
            &pack.city,
            &pack.roads,
            &nowhere,
            Scales::default(),
            1,
            |_| String::new(),
        );
        assert_eq!(crews.len() as u32, pack.city.units());
        assert!(
            crews
                .iter()
                .all(|(_, c)| rules.bounds.contains(c.position()))
        );

        let size = CitySize::of(&pack.roads, rules.bounds);
        let mut chance = Chance::of(1, "places");
        let (roads, ground) = (Arc::clone(&pack.roads), Arc::clone(&land) as Arc<dyn Land>);
        let places = StreetPlaces::new(roads, ground, pack.city.language(), size, &mut chance);
        let sensors = sensors::spread(&places, &land, load.sensors as usize, 1);
        assert_eq!(sensors.len() as u32, load.sensors);
        assert_eq!(districts_of(&land, sensors.iter().map(|s| s.position)), all);

        let rates = Rhythm::shipped().unwrap().rates(&rules, load.case_rate);
        let start = Timestamp(1_795_140_000_000_000);
        let arrivals = Arrivals::new(rates, rules.clone(), Arc::new(places), 1, start, None);
        let mut generator = CaseGenerator::new(arrivals, rules.clone());
        let mut cases = generator.backlog(load.open_cases as usize);
        assert_eq!(cases.len() as u32, load.open_cases);
        cases.extend((0..300).filter_map(|_| Some(generator.next_case()?.1)));
        assert_eq!(cases.len() as u32, load.open_cases + 300);
        assert_eq!(
            districts_of(&land, cases.iter().map(|c| at(c.lon, c.lat))),
            all
        );
        assert!(
            cases
                .iter()
                .all(|c| rules.class_by_code(&c.class).is_some())
        );
    }
}
