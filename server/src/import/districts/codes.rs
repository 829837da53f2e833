//! Official codes of districts (GB/T 2260), by tag or by name and city.

use crate::import::extract::Extract;
use crate::import::tags::TagView;
use std::collections::{BTreeMap, BTreeSet};

/// Provinces (2 digits), cities (4) and districts (6) by code.
const DIVISIONS: &str = include_str!("../../../../data/standards/divisions.csv");
/// What a match is worth: two districts of one city outweigh its name, which outweighs its province's.
const OF_NAME: u32 = 10;
const OF_CITY: u32 = 8;
const OF_PROVINCE: u32 = 4;
/// A city is believed from this on: two of its districts, or one and its own name.
const BELIEVED: u32 = OF_NAME + OF_CITY;

/// The code that a tag gives, all its digits.
pub fn tagged(tags: TagView<'_>) -> Option<&str> {
    let keys = ["division_code", "ref:GB", "ref:GB2260", "gb2260", "gb_code"];
    let code = keys.iter().find_map(|k| tags.get(k))?;
    let digits = code.bytes().all(|b| b.is_ascii_digit());
    (digits && code.len() >= 6).then_some(code)
}

fn rows() -> impl Iterator<Item = (&'static str, &'static str)> {
    DIVISIONS.lines().skip(1).filter_map(|l| l.split_once(','))
}

/// Names of what the city may belong to: its own, and those of areas and addresses that say so.
pub fn surroundings(extract: &Extract, city: &str) -> BTreeSet<String> {
    let mut names: BTreeSet<String> = BTreeSet::new();
    names.insert(city.to_owned());
    for relation in &extract.relations {
        let tags = extract.relation_tags(relation);
        let above = tags.number("admin_level").is_some_and(|l| l < 6.0);
        if above && tags.is("boundary", "administrative") {
            names.extend(tags.get("name").map(str::to_owned));
        }
    }
    let of_ways = extract.ways.iter().map(|w| extract.way_tags(w));
    for tags in of_ways.chain(extract.points.iter().map(|p| extract.point_tags(p))) {
        for key in ["addr:city", "addr:province"] {
            if let Some(name) = tags.get(key).filter(|n| !names.contains(*n)) {
                names.insert(name.to_owned());
            }
        }
    }
    names
}

/// The official code of each district, where it has one.
pub fn official(districts: &[TagView<'_>], surroundings: &BTreeSet<String>) -> Vec<Option<String>> {
    let names: Vec<&str> = districts
        .iter()
        .map(|t| t.get("name").unwrap_or_default())
        .collect();
    let city = city_of(&names, surroundings);
    let mut of_name: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (code, name) in rows().filter(|(c, _)| c.len() == 6) {
        of_name.entry(name).or_default().push(code);
    }
    let by_name = |name: &str| {
        let codes = of_name.get(name)?;
        let here = codes
            .iter()
            .find(|c| city.is_some_and(|p| c.starts_with(p)));
        // A name that there is once needs no city.
        let only = codes.first().filter(|_| codes.len() == 1 && city.is_none());
        here.or(only).map(|c| (*c).to_owned())
    };
    districts
        .iter()
        .zip(&names)
        .map(|(tags, name)| {
            let own = tagged(*tags).map(|c| c[..6].to_owned());
            own.or_else(|| by_name(name))
        })
        .collect()
}

/// First four digits of the city that these districts are most likely of.
fn city_of(districts: &[&str], surroundings: &BTreeSet<String>) -> Option<&'static str> {
    let known = |name: &str| {
        surroundings.contains(name)
            || name
                .strip_suffix('市')
                .is_some_and(|short| surroundings.contains(short))
    };
    let mut worth: BTreeMap<&'static str, u32> = BTreeMap::new();
    for (code, name) in rows().filter(|(c, n)| c.len() == 6 && districts.contains(n)) {
        let _ = name;
        *worth.entry(&code[..4]).or_default() += OF_NAME;
    }
    for (code, name) in rows() {
        let of_province = code.len() == 2 && known(name);
        for (city, worth) in &mut worth {
            if *city == code && known(name) {
                *worth += OF_CITY;
            } else if of_province && city.starts_with(code) {
                // A municipality is city and province in one.
                *worth += if name.ends_with('市') {
                    OF_CITY
                } else {
                    OF_PROVINCE
                };
            }
        }
    }
    let best = worth.iter().max_by_key(|(_, worth)| **worth)?;
    let alone = worth.values().filter(|w| *w == best.1).count() == 1;
    (*best.1 >= BELIEVED && alone).then_some(*best.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::tags::{Strings, Tags};

    fn codes(names: &[&str], around: &[&str]) -> Vec<Option<String>> {
        let mut strings = Strings::default();
        let tags: Vec<Tags> = names
            .iter()
            .map(|n| Tags::keep(&[("name", *n)], &mut strings))
            .collect();
        let views: Vec<_> = tags.iter().map(|t| t.view(&strings)).collect();
        official(&views, &around.iter().map(|s| (*s).to_owned()).collect())
    }

    fn check(names: &[&str], around: &[&str], expected: &[Option<&str>]) {
        let found = codes(names, around);
        let found: Vec<_> = found.iter().map(Option::as_deref).collect();
        assert_eq!(found, expected, "{names:?} in {around:?}");
    }

    #[test]
    fn a_name_that_several_cities_have_goes_by_its_city() {
        check(&["鼓楼区"], &["南京"], &[Some("320106")]);
        check(&["鼓楼区"], &["徐州市"], &[Some("320302")]);
        check(&["鼓楼区"], &[], &[None]);
        check(&["朝阳区"], &["北京市"], &[Some("110105")]);
    }

    #[test]
    fn districts_of_one_city_tell_each_other_which_it_is() {
        check(
            &["道里区", "南岗区", "自造区"],
            &[],
            &[Some("230102"), Some("230103"), None],
        );
    }

    #[test]
    fn a_code_that_is_mapped_wins() {
        let mut strings = Strings::default();
        let tags = Tags::keep(
            &[("name", "道里区"), ("division_code", "230102005000")],
            &mut strings,
        );
        let found = official(&[tags.view(&strings)], &BTreeSet::new());
        assert_eq!(found, [Some("230102".to_owned())]);
    }
}
