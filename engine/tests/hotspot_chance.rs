//! How often chance alone makes a hotspot, and how often a real gathering is found.

use chengtu_engine::chance::Chance;
use chengtu_engine::geo::{GeoBox, LocalFrame, Metres, Position};
use chengtu_engine::hotspot::{HotspotConfig, HotspotField, Hotspots};

/// A city of some shape: its places, 100 m apart.
struct City {
    frame: LocalFrame,
    extent: GeoBox,
    places: Vec<Metres>,
    /// Without any case.
    empty: HotspotField,
}

impl City {
    /// `width_m` × `height_m` with a river of no city through it.
    fn new(width_m: f64, height_m: f64) -> Self {
        let frame = LocalFrame::new(Position::new(1_187_900_000, 320_500_000));
        let corner = |sign: f64| Metres {
            east_m: sign * width_m / 2.0,
            north_m: sign * height_m / 2.0,
        };
        let extent = GeoBox::new(frame.position(corner(-1.0)), frame.position(corner(1.0)));
        let mut places = Vec::new();
        let steps = |length_m: f64| (0..(length_m / 100.0) as i32).map(f64::from);
        for row in steps(height_m) {
            for col in steps(width_m) {
                let at = Metres {
                    east_m: (col + 0.5) * 100.0 - width_m / 2.0,
                    north_m: (row + 0.5) * 100.0 - height_m / 2.0,
                };
                // A river 900 m wide from the south-west to the north-east.
                if (at.east_m / width_m - at.north_m / height_m).abs() * width_m > 450.0 {
                    places.push(at);
                }
            }
        }
        let ground: Vec<Position> = places.iter().map(|m| frame.position(*m)).collect();
        let config = HotspotConfig::for_extent(width_m, height_m);
        let empty = HotspotField::new(extent, config, &ground).expect("a field");
        Self {
            frame,
            extent,
            places,
            empty,
        }
    }

    fn anywhere(&self, chance: &mut Chance) -> Metres {
        let cell = self.places[chance.below(self.places.len())];
        Metres {
            east_m: cell.east_m + chance.between(-50.0, 50.0),
            north_m: cell.north_m + chance.between(-50.0, 50.0),
        }
    }

    fn hotspots(&self, cases: &[Metres]) -> Hotspots {
        let mut field = self.empty.clone();
        for (id, case) in (0..).zip(cases) {
            field.add(id, self.frame.position(*case));
        }
        field.evaluate(0).clone()
    }
}

/// Seeded worlds; `CHENGTU_HISTORIES` of them where it is set.
fn worlds() -> u64 {
    let asked = std::env::var("CHENGTU_HISTORIES").ok();
    asked.and_then(|n| n.parse().ok()).unwrap_or(250)
}

#[test]
fn cases_that_are_anywhere_by_chance_make_no_hotspot() {
    let rate = HotspotConfig::default().significance;
    // A small centre, a city, and one with as many cases as cells.
    for (width_m, height_m, cases) in [
        (4_000.0, 3_300.0, 130),
        (12_000.0, 9_000.0, 594),
        (4_000.0, 3_300.0, 900),
    ] {
        let city = City::new(width_m, height_m);
        let worlds = worlds();
        let mut with_any = 0;
        for seed in 0..worlds {
            let chance = &mut Chance::new(seed);
            let cases: Vec<Metres> = (0..cases).map(|_| city.anywhere(chance)).collect();
            with_any += u32::from(!city.hotspots(&cases).ranked.is_empty());
        }
        let share = f64::from(with_any) / worlds as f64;
        // Three standard errors of a share of 5 % above it.
        let error = (rate * (1.0 - rate) / worlds as f64).sqrt();
        println!(
            "{cases} cases on {} cells: {with_any} of {worlds} worlds have a hotspot",
            city.places.len()
        );
        assert!(
            share <= rate + 3.0 * error,
            "{share} of worlds with {cases} cases"
        );
    }
}

#[test]
fn gatherings_of_a_crossing_of_blocks_and_of_a_quarter_are_found() {
    let city = City::new(12_000.0, 9_000.0);
    let worlds = worlds() / 5;
    for (radius_m, cases, least) in [(40.0, 6, 0.9), (200.0, 12, 0.9), (700.0, 40, 0.9)] {
        let (mut found, mut areas) = (0, 0);
        for seed in 0..worlds {
            let chance = &mut Chance::new(9_000 + seed);
            let mut all: Vec<Metres> = (0..300).map(|_| city.anywhere(chance)).collect();
            let centre = city.anywhere(chance);
            for _ in 0..cases {
                let (angle, distance) = (
                    chance.between(0.0, 6.283),
                    radius_m * chance.between(0.0, 1.0).sqrt(),
                );
                all.push(Metres {
                    east_m: centre.east_m + angle.cos() * distance,
                    north_m: centre.north_m + angle.sin() * distance,
                });
            }
            let hotspots = city.hotspots(&all).ranked;
            areas += hotspots.len();
            found += u64::from(hotspots.iter().any(|h| {
                let at = city.frame.metres(h.centre);
                at.distance_m(centre) < radius_m.max(150.0) && h.cases >= cases / 2
            }));
        }
        println!(
            "{cases} cases within {radius_m} m: found in {found} of {worlds} worlds, {areas} areas in all"
        );
        assert!(
            found as f64 >= least * worlds as f64,
            "{cases} within {radius_m} m: {found} of {worlds}"
        );
        // One gathering is one area, but for what chance adds.
        assert!(
            areas as f64 <= 1.15 * worlds as f64,
            "{areas} areas in {worlds} worlds"
        );
    }
}

#[test]
fn a_river_is_no_city() {
    let city = City::new(4_000.0, 3_300.0);
    let whole = HotspotField::new(city.extent, *city.empty.config(), &[]).expect("a field");
    assert!(city.empty.counts().cells() < whole.counts().cells() * 95 / 100);
}

#[test]
fn a_city_of_any_size_is_watched() {
    for km in [1.0, 20.0, 60.0, 150.0, 900.0] {
        let config = HotspotConfig::for_extent(km * 1e3, km * 1e3);
        let frame = LocalFrame::new(Position::new(1_187_900_000, 320_500_000));
        let corner = |m: f64| {
            let m = Metres {
                east_m: m,
                north_m: m,
            };
            frame.position(m)
        };
        let extent = GeoBox::new(corner(-km * 500.0), corner(km * 500.0));
        let field =
            HotspotField::new(extent, config, &[]).unwrap_or_else(|e| panic!("{km} km: {e}"));
        assert!(
            field.lattice().len() < 300_000 && field.density().shape()[0] < 1_200,
            "{km} km"
        );
    }
}
