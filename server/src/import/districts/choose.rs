//! Which administrative areas part this city.

use crate::import::admin::{Area, Survey};

/// Levels at which districts are found: from parts of a state down to quarters.
const LEVELS: std::ops::RangeInclusive<u8> = 5..=10;
/// The level of districts in China, whatever else is mapped.
const CHINA: u8 = 6;
/// The part of a city's streets that its districts must hold together.
const COVERED: f64 = 0.6;
/// Less than this of a city's streets is a neighbour's corner.
const CORNER: f64 = 0.002;
/// An area that holds more than this is the city, not a part of it.
const CITY: f64 = 0.95;
/// More districts than this are too fine to be called so.
const MOST: usize = 60;

/// The districts of a city; none where no level parts it.
pub fn districts<'s, 'e>(survey: &'s Survey<'e>) -> Vec<&'s Area<'e>> {
    let subject = survey.subject();
    let own = |a: &&Area<'_>| {
        a.is_known()
            && a.share >= CORNER
            && subject
                .is_none_or(|s| s.relation.id != a.relation.id && survey.overlap(a, &[s]) >= 0.5)
    };
    let of_level = |level: u8| {
        let areas = survey.areas.iter().filter(|a| a.level == level);
        areas.filter(own).collect::<Vec<_>>()
    };
    if let Some(areas) = in_china(of_level(CHINA), survey) {
        return areas;
    }
    let parts = |level: u8| {
        let mut areas = of_level(level);
        areas.retain(|a| a.share <= CITY);
        // Where these leave a hole, an area of a level above may fill it: the City of London among the boroughs.
        let fits = |a: &&Area<'_>| own(a) && a.share <= CITY;
        for above in LEVELS
            .take_while(|l| *l < level)
            .flat_map(of_level)
            .filter(fits)
        {
            if !areas.is_empty() && survey.overlap(above, &areas) < 0.1 {
                areas.push(above);
            }
        }
        areas
    };
    let good = |least: usize| {
        LEVELS.map(parts).find(|areas| {
            (least..=MOST).contains(&areas.len()) && survey.share_of(areas) >= COVERED
        })
    };
    good(3).or_else(|| good(2)).unwrap_or_default()
}

/// Districts and counties of China, by how they are called; also one alone.
fn in_china<'s, 'e>(areas: Vec<&'s Area<'e>>, survey: &Survey<'_>) -> Option<Vec<&'s Area<'e>>> {
    let chinese = |a: &&Area<'_>| a.name().ends_with(['区', '县', '市', '旗']);
    let all = !areas.is_empty() && areas.iter().all(chinese);
    (all && survey.share_of(&areas) >= COVERED).then_some(areas)
}

/// The areas within districts whose borders are known: street offices, wards; of the first level below them that has
/// several.
pub fn parts<'s, 'e>(survey: &'s Survey<'e>, districts: &[&Area<'_>]) -> Vec<&'s Area<'e>> {
    let Some(level) = districts.iter().map(|d| d.level).max() else {
        return Vec::new();
    };
    let of_level = |level: u8| {
        let areas = survey.areas.iter().filter(|a| a.level == level);
        areas.filter(|a| a.is_known()).collect::<Vec<_>>()
    };
    (level + 1..=10)
        .map(of_level)
        .find(|areas| areas.len() >= 2)
        .unwrap_or_default()
}
