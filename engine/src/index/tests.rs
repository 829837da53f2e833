use super::LazyIndex;
use crate::chance::{STEP, mixed};
use crate::geo::{GeoBox, Position, distance_m};
use std::collections::BTreeMap;

struct Rng(u64);

impl Rng {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(STEP);
        mixed(self.0)
    }

    fn between(&mut self, low: i32, high: i32) -> i32 {
        let span = (i64::from(high) - i64::from(low) + 1) as u64;
        (i64::from(low) + (self.next() % span) as i64) as i32
    }

    fn in_box(&mut self, b: &GeoBox) -> Position {
        Position::new(
            self.between(b.min.lon_e7, b.max.lon_e7),
            self.between(b.min.lat_e7, b.max.lat_e7),
        )
    }
}

fn boxed(west: i32, south: i32, east: i32, north: i32) -> GeoBox {
    GeoBox::new(Position::new(west, south), Position::new(east, north))
}

/// A city, the corners of the world, and a few metres.
fn areas() -> [GeoBox; 5] {
    [
        boxed(1_187_500_000, 320_000_000, 1_188_500_000, 321_000_000),
        boxed(-1_800_000_000, -900_000_000, 1_800_000_000, 900_000_000),
        boxed(1_799_900_000, -100_000, 1_800_000_000, 100_000),
        boxed(-1_800_000_000, 899_000_000, 1_800_000_000, 900_000_000),
        boxed(1_187_500_000, 320_000_000, 1_187_500_020, 320_000_020),
    ]
}

fn check_answers(
    index: &LazyIndex<u32>,
    truth: &BTreeMap<u32, Position>,
    rng: &mut Rng,
    area: &GeoBox,
) {
    index.check();
    assert!(index.iter().eq(truth.iter().map(|(k, p)| (*k, *p))));
    let b = GeoBox::new(rng.in_box(area), rng.in_box(area));
    let expected: Vec<u32> = truth
        .iter()
        .filter(|(_, p)| b.contains(**p))
        .map(|(k, _)| *k)
        .collect();
    assert_eq!(index.in_box(&b), expected);

    let centre = rng.in_box(area);
    let mut by_distance: Vec<(u32, f64)> = truth
        .iter()
        .map(|(k, p)| (*k, distance_m(centre, *p)))
        .collect();
    by_distance.sort_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)));
    let count = rng.between(0, 12) as usize;
    assert_eq!(
        index.nearest(centre, count),
        by_distance[..count.min(by_distance.len())]
    );
    let even: Vec<(u32, f64)> = by_distance
        .iter()
        .filter(|(k, _)| k.is_multiple_of(2))
        .take(count)
        .copied()
        .collect();
    assert_eq!(
        index.nearest_where(centre, count, |k| k.is_multiple_of(2)),
        even
    );

    let radius_m = by_distance
        .get(rng.between(0, 40) as usize)
        .map_or(100.0, |(_, d)| *d);
    by_distance.retain(|(_, d)| *d <= radius_m);
    assert_eq!(index.within(centre, radius_m), by_distance);
}

#[test]
fn random_operations_agree_with_brute_force_everywhere_on_earth() {
    for (number, area) in areas().iter().enumerate() {
        let mut rng = Rng(number as u64);
        let mut index = LazyIndex::with_pad_m(50.0);
        let mut truth = BTreeMap::new();
        for step in 0..6000 {
            let key = rng.next() as u32 % 700;
            // Mostly short steps, so that movers leave territories now and then; sometimes anywhere, or onto another.
            let position = match (rng.next() % 10, truth.get(&key).copied()) {
                (0, _) | (_, None) => rng.in_box(area),
                (1, _) => truth.values().next().copied().unwrap_or_default(),
                (_, Some(p)) => Position::new(
                    p.lon_e7
                        .saturating_add(rng.between(-4000, 4000))
                        .clamp(-1_800_000_000, 1_800_000_000),
                    p.lat_e7
                        .saturating_add(rng.between(-4000, 4000))
                        .clamp(-900_000_000, 900_000_000),
                ),
            };
            match rng.next() % 8 {
                0 => assert_eq!(index.remove(key), truth.remove(&key)),
                1..=3 => {
                    index.insert(key, position);
                    truth.insert(key, position);
                }
                _ => {
                    let known = truth.get_mut(&key).map(|p| *p = position);
                    assert_eq!(index.move_to(key, position), known.is_some());
                }
            }
            assert_eq!(index.position(key), truth.get(&key).copied());
            if step % 40 == 0 {
                check_answers(&index, &truth, &mut rng, area);
            }
        }
        for key in truth.keys() {
            index.remove(*key);
        }
        index.check();
        assert!(index.is_empty() && index.nearest(Position::default(), 3).is_empty());
    }
}

#[test]
fn bulk_holds_the_same_as_one_by_one_and_goes_on_from_there() {
    for (number, area) in areas().iter().enumerate() {
        let mut rng = Rng(50 + number as u64);
        for count in [0, 1, 43, 45, 700, 5000] {
            let mut truth: BTreeMap<u32, Position> =
                (0..count).map(|k| (k, rng.in_box(area))).collect();
            let twice = truth.keys().map(|k| (*k, area.min)).chain(truth.clone());
            let mut index = LazyIndex::bulk(twice.collect::<Vec<_>>(), 50.0);
            check_answers(&index, &truth, &mut rng, area);
            for _ in 0..count {
                let key = rng.next() as u32 % count;
                let position = rng.in_box(area);
                truth.insert(key, position);
                assert!(index.move_to(key, position));
            }
            check_answers(&index, &truth, &mut rng, area);
        }
    }
}

#[test]
fn thousands_in_one_place_can_still_be_told_apart() {
    let here = Position::new(1_187_900_000, 320_500_000);
    let mut index = LazyIndex::new();
    for key in 0..5000u32 {
        index.insert(key, here);
    }
    index.check();
    assert_eq!(index.in_box(&GeoBox::new(here, here)).len(), 5000);
    let nearest: Vec<u32> = index.nearest(here, 3).into_iter().map(|(k, _)| k).collect();
    assert_eq!(nearest, [0, 1, 2]);
    for key in 0..5000u32 {
        assert_eq!(index.remove(key), Some(here));
    }
    index.check();
}

#[test]
fn a_slot_stays_with_its_mover() {
    let mut index = LazyIndex::new();
    let slots: Vec<_> = (0..100u32)
        .map(|k| index.insert(k, Position::new(k as i32 * 9000, 0)))
        .collect();
    for (k, slot) in slots.iter().enumerate() {
        assert_eq!(index.slot(k as u32), Some(*slot));
        index.move_slot(*slot, Position::new(k as i32, 77));
    }
    assert_eq!(index.position(42), Some(Position::new(42, 77)));
    index.remove(42);
    index.move_slot(slots[42], Position::new(0, 0));
    assert_eq!((index.position(42), index.len()), (None, 99));
    index.check();
}

#[test]
fn one_who_drives_far_out_does_not_spoil_the_territories_of_the_others() {
    let area = areas()[0];
    let mut rng = Rng(9);
    let mut index = LazyIndex::bulk((0..2000u32).map(|k| (k, rng.in_box(&area))), 50.0);
    let leaves_before = index.tree.leaf_count();
    let mut p = index.position(7).unwrap_or_default();
    for _ in 0..3000 {
        p.lon_e7 += 3000;
        index.move_to(7, p);
    }
    index.check();
    assert!(index.tree.leaf_count() <= leaves_before + 2);
    let widest = index
        .tree
        .territories
        .iter()
        .map(|b| i64::from(b.max[0]) - i64::from(b.min[0]))
        .max();
    assert!(widest < Some(2_000_000), "{widest:?}");
}

#[test]
fn an_impossible_radius_or_pad_is_harmless() {
    let mut index = LazyIndex::with_pad_m(f64::NAN);
    index.insert(1u32, Position::default());
    assert!(index.within(Position::default(), f64::NAN).is_empty());
    assert!(index.within(Position::default(), -1.0).is_empty());
    assert_eq!(index.within(Position::default(), f64::INFINITY), [(1, 0.0)]);
}
