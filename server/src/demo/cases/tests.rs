use super::generator::{CaseGenerator, CaseOut};
use super::rhythm::Rhythm;
use crate::demo::Chance;
use crate::pack::Pack;
use chengtu_engine::city::{Language, Severity};
use chengtu_engine::geo::LonLat;
use chengtu_engine::sim::{Arrivals, CitySize, StreetPlaces};
use chengtu_engine::time::Timestamp;
use std::path::Path;
use std::sync::Arc;

/// 2026-11-20 was a Friday: 10 o'clock in Nanjing.
const START: Timestamp = Timestamp(1_795_140_000_000_000);

fn generator(seed: u64) -> (CaseGenerator, Arc<chengtu_engine::city::Rules>) {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../data/nanjing");
    let pack = Pack::open(&dir).expect("the shipped pack opens");
    let rules = Arc::new(pack.rules());
    let graph = pack.roads;
    let size = CitySize::of(&graph, rules.bounds);
    assert_eq!(size.busy_places(), 9);
    let mut chance = Chance::of(seed, "places");
    let land = Arc::new(rules.bounds);
    let places = StreetPlaces::new(graph, land, Language::Zh, size, &mut chance);
    let rates = Rhythm::shipped().unwrap().rates(&rules, 8.0);
    let (places, first) = (Arc::new(places), Some((90.0, 240.0)));
    let arrivals = Arrivals::new(rates, rules.clone(), places, seed, START, first);
    (CaseGenerator::new(arrivals, rules.clone()), rules)
}

fn day(seed: u64) -> Vec<(Timestamp, CaseOut)> {
    let (mut g, _) = generator(seed);
    let end = START.plus_seconds(86_400);
    std::iter::from_fn(|| g.next_case())
        .take_while(|(t, _)| *t < end)
        .collect()
}

#[test]
fn a_day_brings_cases_of_known_classes_inside_the_city_in_order() {
    let (_, rules) = generator(1);
    let cases = day(1);
    assert!((600..1_800).contains(&cases.len()), "{}", cases.len());
    for pair in cases.windows(2) {
        assert!(pair[0].0 <= pair[1].0);
        assert_ne!(pair[0].1.key, pair[1].1.key);
    }
    for (at, c) in &cases {
        assert!(rules.class_by_code(&c.class).is_some(), "{}", c.class);
        let p = LonLat::new(c.lon, c.lat).position().unwrap();
        assert!(rules.bounds.contains(p), "{c:?}");
        assert!(!c.address.is_empty() && !c.note.is_empty(), "{c:?}");
        let occurred: jiff::Timestamp = c.occurred_at.parse().unwrap();
        assert!(occurred.as_microsecond() < at.0 && c.filed_at.is_none());
    }
    let severe = cases
        .iter()
        .filter(|c| c.1.severity == Severity::Severe)
        .count();
    assert!(severe > 0 && severe * 15 < cases.len(), "{severe}");
}

#[test]
fn the_same_seed_and_start_give_the_same_day() {
    assert_eq!(day(2), day(2));
    assert_ne!(day(2), day(3));
}

#[test]
fn reports_about_one_event_come_in_bunches() {
    let cases = day(4);
    let metres = |a: &CaseOut, b: &CaseOut| {
        let p = |c: &CaseOut| LonLat::new(c.lon, c.lat).position().unwrap();
        chengtu_engine::geo::distance_m(p(a), p(b))
    };
    let bunched = cases.windows(8).filter(|w| {
        let same = w
            .iter()
            .filter(|c| c.1.class == w[0].1.class && metres(&c.1, &w[0].1) < 350.0);
        same.count() >= 5
    });
    assert!(bunched.count() >= 10);
}

#[test]
fn a_backlog_has_ages_and_some_of_it_is_overdue() {
    let (mut g, rules) = generator(5);
    let cases = g.backlog(400);
    assert_eq!(cases.len(), 400);
    let mut overdue = 0;
    for c in &cases {
        let filed: jiff::Timestamp = c.filed_at.as_ref().unwrap().parse().unwrap();
        let filed = Timestamp(filed.as_microsecond());
        assert!(filed <= START && c.severity != Severity::Severe);
        let class = rules.class(rules.class_by_code(&c.class).unwrap()).unwrap();
        overdue += usize::from(rules.due(filed, class.limit) <= START);
    }
    assert!((24..70).contains(&overdue), "{overdue}");
}
