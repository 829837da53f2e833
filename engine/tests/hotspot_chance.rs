//! How often chance alone makes a hotspot, and how often a real gathering is found.

use chengtu_engine::chance::Chance;
use chengtu_engine::geo::{GeoBox, LocalFrame, Metres, Position};
use chengtu_engine::hotspot::{HotspotConfig, HotspotField, Hotspots};

/// Where in its extent there is city.
#[derive(Clone, Copy, Debug)]
enum Shape {
    /// Everywhere but in a river 900 m wide from the south-west to the north-east.
    River,
    /// A round town with a lake of half its width in it.
    Ring,
    /// Every fourth block of 400 m.
    Blocks,
}

impl Shape {
    /// `x`, `y`: parts of the extent from its middle, −½ … ½.
    fn has(self, at: Metres, width_m: f64, height_m: f64) -> bool {
        let (x, y) = (at.east_m / width_m, at.north_m / height_m);
        let block = |m: f64| (m / 400.0).floor() as i64;
        match self {
            Self::River => (x - y).abs() * width_m > 450.0,
            Self::Ring => (0.0625..=0.25).contains(&(x * x + y * y)),
            Self::Blocks => block(at.east_m) & 1 == 0 && block(at.north_m) & 1 == 0,
        }
    }
}

/// A city of some shape: its places, 100 m apart.
struct City {
    frame: LocalFrame,
    extent: GeoBox,
    places: Vec<Metres>,
    /// Without any case.
    empty: HotspotField,
}

impl City {
    fn new(shape: Shape, width_m: f64, height_m: f64) -> Self {
        let frame = LocalFrame::new(Position::new(1_187_900_000, 320_500_000));
        let corner = |sign: f64| Metres {
            east_m: sign * width_m / 2.0,
            north_m: sign * height_m / 2.0,
        };
        let extent = GeoBox::new(frame.position(corner(-1.0)), frame.position(corner(1.0)));
        let steps = |length_m: f64| (0..(length_m / 100.0) as i32).map(f64::from);
        let middle = |step: f64, length_m: f64| (step + 0.5) * 100.0 - length_m / 2.0;
        let all = steps(height_m).flat_map(|row| {
            steps(width_m).map(move |col| Metres {
                east_m: middle(col, width_m),
                north_m: middle(row, height_m),
            })
        });
        let places: Vec<Metres> = all.filter(|m| shape.has(*m, width_m, height_m)).collect();
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
    asked.and_then(|n| n.parse().ok()).unwrap_or(100)
}

#[test]
fn cases_that_are_anywhere_by_chance_make_no_hotspot() {
    let rate = HotspotConfig::default().significance;
    for (shape, width_m, height_m, cases) in [
        (Shape::River, 4_000.0, 3_300.0, 130),
        (Shape::River, 4_000.0, 3_300.0, 900),
        (Shape::Ring, 6_000.0, 6_000.0, 40),
        (Shape::Ring, 6_000.0, 6_000.0, 4_000),
        (Shape::Blocks, 9_000.0, 2_400.0, 250),
        (Shape::River, 12_000.0, 9_000.0, 594),
        (Shape::River, 20_000.0, 20_000.0, 3_000),
    ] {
        let city = City::new(shape, width_m, height_m);
        let worlds = worlds();
        let mut with_any = 0;
        for seed in 0..worlds {
            let chance = &mut Chance::new(seed);
            let cases: Vec<Metres> = (0..cases).map(|_| city.anywhere(chance)).collect();
            with_any += u32::from(!city.hotspots(&cases).ranked.is_empty());
        }
        println!(
            "{cases} cases on {} cells ({shape:?}): {with_any} of {worlds} worlds have a hotspot",
            city.places.len()
        );
        assert!(
            f64::from(with_any) <= rate * worlds as f64,
            "{with_any} of {worlds} worlds with {cases} cases"
        );
    }
}

/// A world with cases anywhere, and more in a circle; the middle of that.
fn with_a_gathering(
    city: &City,
    seed: u64,
    anywhere: u32,
    gathered: u32,
    radius_m: f64,
) -> (Vec<Metres>, Metres) {
    let chance = &mut Chance::new(seed);
    let mut all: Vec<Metres> = (0..anywhere).map(|_| city.anywhere(chance)).collect();
    let centre = city.anywhere(chance);
    for _ in 0..gathered {
        let (angle, distance) = (
            chance.between(0.0, core::f64::consts::TAU),
            radius_m * libm::sqrt(chance.between(0.0, 1.0)),
        );
        all.push(Metres {
            east_m: centre.east_m + libm::cos(angle) * distance,
            north_m: centre.north_m + libm::sin(angle) * distance,
        });
    }
    (all, centre)
}

#[test]
fn gatherings_of_a_crossing_of_blocks_and_of_a_quarter_are_found() {
    let city = City::new(Shape::River, 12_000.0, 9_000.0);
    let worlds = worlds();
    for (anywhere, radius_m, cases, least) in [
        (300, 40.0, 6, 0.9),
        (300, 200.0, 12, 0.9),
        (300, 700.0, 40, 0.9),
        (594, 40.0, 8, 0.9),
        (594, 200.0, 14, 0.9),
        (594, 700.0, 50, 0.9),
    ] {
        let (mut found, mut areas, mut whole) = (0, 0, 0.0);
        for seed in 0..worlds {
            let (all, centre) = with_a_gathering(&city, 9_000 + seed, anywhere, cases, radius_m);
            let hotspots = city.hotspots(&all).ranked;
            areas += hotspots.len();
            let it = hotspots.iter().find(|h| {
                let at = city.frame.metres(h.centre);
                at.distance_m(centre) < radius_m.max(150.0) && h.cases >= cases / 2
            });
            found += u64::from(it.is_some());
            whole += it.map_or(0.0, |h| f64::from(h.cases) / f64::from(cases));
        }
        println!(
            "{cases} cases within {radius_m} m beside {anywhere}: found in {found} of {worlds} worlds, {:.0} % of it, {areas} areas in all",
            whole / found as f64 * 100.0
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
fn a_few_cases_beside_each_other_are_no_hotspot_and_many_have_a_sober_figure() {
    let city = City::new(Shape::River, 12_000.0, 9_000.0);
    for seed in 0..20 {
        for few in 2..HotspotConfig::default().cases_min {
            let (mut all, centre) = with_a_gathering(&city, seed, 0, few, 60.0);
            let chance = &mut Chance::new(seed);
            // The rest of the city is calm.
            let far = (0..40).map(|_| city.anywhere(chance));
            all.extend(far.filter(|m| m.distance_m(centre) > 1_500.0));
            assert_eq!(city.hotspots(&all).ranked, [], "{few} cases");
        }
        let (all, centre) = with_a_gathering(&city, seed, 594, 16, 40.0);
        let first = city.hotspots(&all).ranked.swap_remove(0);
        assert!(city.frame.metres(first.centre).distance_m(centre) < 150.0);
        assert!(
            first.cases >= 12 && first.expected < 2.0 && first.q < 1e-6 && first.z < 14.0,
            "{first:?}"
        );
    }
}

#[test]
fn two_gatherings_are_two_areas_and_a_street_of_cases_is_one() {
    let city = City::new(Shape::River, 12_000.0, 9_000.0);
    for seed in 0..20 {
        let chance = &mut Chance::new(77 + seed);
        let mut all: Vec<Metres> = (0..300).map(|_| city.anywhere(chance)).collect();
        let around = |east_m: f64, north_m: f64, chance: &mut Chance| Metres {
            east_m: east_m + chance.between(-60.0, 60.0),
            north_m: north_m + chance.between(-60.0, 60.0),
        };
        // Two crossings, and a street of 1.2 km north of the river.
        for _ in 0..10 {
            all.push(around(4_000.0, -3_000.0, chance));
            all.push(around(4_000.0, -1_500.0, chance));
        }
        for i in 0..24 {
            all.push(around(-4_000.0 + f64::from(i) * 50.0, 3_000.0, chance));
        }
        let found = city.hotspots(&all).ranked;
        let at = |east_m: f64, north_m: f64| {
            let m = Metres { east_m, north_m };
            let near = |c: &Position| city.frame.metres(*c).distance_m(m) < 300.0;
            found.iter().filter(|h| near(&h.centre)).count()
        };
        let two = (at(4_000.0, -3_000.0), at(4_000.0, -1_500.0));
        assert_eq!(two, (1, 1), "seed {seed}");
        let street: Vec<u32> = found
            .iter()
            .filter(|h| city.frame.metres(h.centre).north_m > 2_000.0)
            .map(|h| h.cases)
            .collect();
        assert!(
            street.len() == 1 && street[0] >= 16,
            "seed {seed}: {street:?}"
        );
    }
}

#[test]
fn a_river_is_no_city() {
    let city = City::new(Shape::River, 4_000.0, 3_300.0);
    let whole = HotspotField::new(city.extent, *city.empty.config(), &[]).expect("a field");
    assert!(city.empty.counts().cells() < whole.counts().cells() * 95 / 100);
}

#[test]
fn a_city_of_any_size_has_hotspots() {
    // 10,000 km² are 100 km a side; the smallest is a market place.
    for km in [0.1, 1.0, 20.0, 60.0, 100.0, 150.0, 900.0] {
        let config = HotspotConfig::for_extent(km * 1e3, km * 1e3);
        let frame = LocalFrame::new(Position::new(1_187_900_000, 320_500_000));
        let at = |east_m: f64, north_m: f64| frame.position(Metres { east_m, north_m });
        let half_m = km * 500.0;
        let extent = GeoBox::new(at(-half_m, -half_m), at(half_m, half_m));
        let mut field =
            HotspotField::new(extent, config, &[]).unwrap_or_else(|e| panic!("{km} km: {e}"));
        assert!(
            field.lattice().len() < 300_000 && field.density().shape()[0] < 1_200,
            "{km} km"
        );
        let chance = &mut Chance::new(3);
        let mut anywhere = |half_m: f64| chance.between(-half_m, half_m);
        for id in 0..100 {
            let (east_m, north_m) = (anywhere(half_m), anywhere(half_m));
            field.add(id, at(east_m, north_m));
        }
        for id in 100..115 {
            field.add(id, at(half_m * 0.3 + anywhere(50.0), anywhere(50.0)));
        }
        let found = field.evaluate(0).ranked.first().map(|h| (h.cases, h.q));
        if km >= 1.0 {
            assert!(
                matches!(found, Some((13.., q)) if q < 1e-2),
                "{km} km: {found:?}"
            );
        } else {
            assert_eq!(found, None, "in a place of one cell nothing gathers");
        }
    }
}
