//! Cities whose state parts them at other levels than China's: what parts *this* city gives its districts.

use super::extract_of;
use super::made::{City, imported};
use crate::import::border::{Sea, Stands, sea};
use crate::import::rings;
use chengtu_engine::geo::{GeoBox, LonLat, Position};
use std::collections::BTreeSet;

/// The rectangle of a made city, and one around it in which its neighbours lie.
const CITY: [f64; 4] = [11.43, 48.04, 11.67, 48.21];
const AROUND: [f64; 4] = [11.4, 48.02, 11.7, 48.23];

fn place(c: &mut City, [w, s, e, n]: [f64; 4], name: &str) {
    let tags = [("place", "city"), ("name", name), ("population", "900000")];
    c.node(f64::midpoint(w, e), f64::midpoint(s, n), &tags);
}

/// Names of the districts, in alphabetical order, and how many areas part them.
fn districts(c: &City) -> (Vec<String>, usize) {
    let (_dir, report, _pack) = imported(&c.text);
    let names: BTreeSet<String> = report.districts.iter().map(|d| d.name.clone()).collect();
    (names.into_iter().collect(), report.grid.streets)
}

/// `name 1`, `name 2` …
fn numbered(name: &str, count: usize) -> Vec<String> {
    let mut all: Vec<String> = (1..=count).map(|i| format!("{name} {i}")).collect();
    all.sort();
    all
}

#[test]
fn a_german_city_is_parted_by_its_boroughs_and_not_by_the_towns_around_it() {
    let mut c = City::default();
    c.net(AROUND, 40);
    place(&mut c, CITY, "München");
    c.area([10.0, 47.0, 13.0, 50.0], "4", "Bayern");
    c.area([10.5, 47.5, 12.5, 49.0], "5", "Oberbayern");
    c.area(CITY, "6", "München");
    c.areas(CITY, (3, 2), "9", "Bezirk");
    c.areas(CITY, (6, 4), "10", "Bezirksteil");
    // Towns of the country district around it, which is cut: its own border is not whole here.
    for (i, x) in [11.4, 11.67].into_iter().enumerate() {
        c.areas(
            [x, 48.04, x + 0.03, 48.21],
            (1, 3),
            "8",
            ["Weststadt", "Oststadt"][i],
        );
    }
    c.bounds(AROUND);
    let (names, streets) = districts(&c);
    let towns = numbered("Oststadt", 3)
        .into_iter()
        .chain(numbered("Weststadt", 3));
    let mut expected: Vec<String> = numbered("Bezirk", 6).into_iter().chain(towns).collect();
    expected.sort();
    assert_eq!((names, streets), (expected, 24));
}

#[test]
fn a_russian_city_is_parted_by_its_okrugs_and_these_by_districts() {
    let whole = |c: &mut City| {
        c.areas(CITY, (3, 1), "5", "округ");
        c.areas(CITY, (6, 2), "8", "район");
        c.area([11.43, 48.02, 11.67, 48.04], "6", "Люберцы");
    };
    let mut c = City::default();
    c.net(AROUND, 40);
    place(&mut c, CITY, "Москва");
    c.area(CITY, "4", "Москва");
    whole(&mut c);
    c.bounds(AROUND);
    let (names, streets) = districts(&c);
    assert!(
        numbered("округ", 3).iter().all(|n| names.contains(n)),
        "{names:?}"
    );
    assert!(
        !names
            .iter()
            .any(|n| n.starts_with("район") || n == "Москва"),
        "{names:?}"
    );
    assert_eq!(streets, 12);
    // Of one okrug alone the districts are its own.
    let mut c = City::default();
    let okrug = [11.43, 48.04, 11.51, 48.21];
    c.net(okrug, 30);
    place(&mut c, okrug, "Москва");
    c.area(CITY, "4", "Москва");
    whole(&mut c);
    c.bounds(okrug);
    assert_eq!(
        districts(&c).0,
        ["район 1", "район 2", "район 7", "район 8"]
    );
}

#[test]
fn an_indian_city_is_parted_by_its_wards_or_where_they_are_too_many_by_what_divides_it() {
    let city = |wards: (u32, u32)| {
        let mut c = City::default();
        c.net(AROUND, 40);
        place(&mut c, CITY, "Bengaluru");
        c.area([11.0, 47.8, 12.0, 48.5], "5", "Bengaluru Urban");
        c.areas([11.4, 48.02, 11.7, 48.23], (2, 1), "6", "Taluk");
        c.area(CITY, "8", "Bengaluru");
        c.areas(CITY, wards, "10", "Ward");
        c.bounds(AROUND);
        districts(&c).0
    };
    let few = city((4, 3));
    assert!(
        numbered("Ward", 12).iter().all(|n| few.contains(n)),
        "{few:?}"
    );
    assert!(!few.contains(&"Bengaluru".to_owned()), "{few:?}");
    assert_eq!(city((10, 10)), numbered("Taluk", 2));
}

#[test]
fn londons_boroughs_are_its_districts_and_the_city_of_london_is_one_of_them() {
    let mut c = City::default();
    c.net(CITY, 40);
    place(&mut c, CITY, "London");
    c.area([11.0, 47.8, 12.0, 48.5], "5", "Greater London");
    let [w, s, e, n] = CITY;
    c.areas([w, s, 11.58, n], (2, 2), "8", "London Borough of Camden");
    c.areas(
        [11.58, 48.1, e, n],
        (1, 2),
        "8",
        "London Borough of Hackney",
    );
    c.area([11.58, s, e, 48.1], "6", "City of London");
    c.bounds(CITY);
    let mut expected = numbered("London Borough of Camden", 4);
    expected.extend(numbered("London Borough of Hackney", 2));
    expected.push("City of London".into());
    expected.sort();
    assert_eq!(districts(&c).0, expected);
}

#[test]
fn a_city_that_is_one_town_among_several_does_not_take_their_place() {
    // Half of the streets and more are in other towns: the extract is of all of them.
    let mut c = City::default();
    c.net(AROUND, 40);
    place(&mut c, CITY, "Porto");
    let [w, s, e, n] = AROUND;
    let third = (e - w) / 3.0;
    for (i, name) in ["Matosinhos", "Porto", "Gondomar"].into_iter().enumerate() {
        let west = w + third * i as f64;
        c.area([west, s, west + third, n], "7", name);
    }
    c.areas([w + third, s, w + 2.0 * third, n], (2, 2), "8", "Freguesia");
    c.bounds(AROUND);
    let (names, streets) = districts(&c);
    assert_eq!(names, ["Gondomar", "Matosinhos", "Porto"]);
    assert_eq!(streets, 4);
}

/// Helsinki's shape: a coast with a deep bay and a narrow inlet, islands before it, the sea to the south; towns to its
/// west and east.
fn by_the_sea() -> City {
    let mut c = City::default();
    c.net([11.4, 48.12, 11.7, 48.23], 30);
    place(&mut c, CITY, "Helsinki");
    let city = [11.47, 47.9, 11.63, 48.25];
    c.area(city, "8", "Helsinki");
    c.areas(city, (3, 1), "9", "suurpiiri");
    c.areas(city, (6, 2), "10", "kaupunginosa");
    c.area([11.3, 47.9, 11.47, 48.25], "8", "Espoo");
    c.area([11.63, 47.9, 11.75, 48.25], "8", "Vantaa");
    // The land lies to the left.
    let coast = [
        (11.3, 48.1),
        (11.5, 48.1),
        (11.5, 48.17),
        (11.52, 48.17),
        (11.52, 48.11),
        (11.58, 48.11),
        (11.581, 48.2),
        (11.583, 48.2),
        (11.584, 48.1),
        (11.75, 48.1),
    ];
    c.line(&coast, &[("natural", "coastline")]);
    let island = [
        (11.54, 48.05),
        (11.56, 48.05),
        (11.56, 48.07),
        (11.54, 48.07),
    ];
    c.ring(&island, &[("natural", "coastline")]);
    c.bounds(AROUND);
    c
}

#[test]
fn a_finnish_city_is_parted_by_its_great_districts_and_its_bays_are_water() {
    let c = by_the_sea();
    let (names, streets) = districts(&c);
    let mut expected = numbered("suurpiiri", 3);
    expected.extend(["Espoo".to_owned(), "Vantaa".to_owned()]);
    expected.sort();
    assert_eq!((names, streets), (expected, 12));

    let extract = extract_of(&c.text);
    let at = |lon, lat| LonLat::new(lon, lat).position().unwrap();
    let bounds = GeoBox::new(at(AROUND[0], AROUND[1]), at(AROUND[2], AROUND[3]));
    let Sea::Known(water) = sea(&extract, bounds, &Stands::of(&extract, bounds)) else {
        panic!("there is a sea");
    };
    let wet = |p: Position| {
        water
            .iter()
            .any(|w| rings::contains(&w.outer, p) && !w.holes.iter().any(|h| rings::contains(h, p)))
    };
    for (lon, lat) in [
        (11.42, 48.05),
        (11.51, 48.15),
        (11.582, 48.19),
        (11.68, 48.03),
        (11.53, 48.06),
    ] {
        assert!(wet(at(lon, lat)), "{lon} {lat} is water");
    }
    for (lon, lat) in [
        (11.42, 48.11),
        (11.49, 48.15),
        (11.55, 48.12),
        (11.55, 48.06),
        (11.59, 48.19),
        (11.69, 48.22),
    ] {
        assert!(!wet(at(lon, lat)), "{lon} {lat} is land");
    }
}
