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

/// From this part of the streets on, what bears the city's name is the city that the extract is of.
const MOST_OF_IT: f64 = 0.5;
/// A neighbour that holds more than this of the streets is a district beside the city's own.
const NEIGHBOUR: f64 = 0.01;
/// Where nothing coarser parts a city, no more parts than this do.
const MOST_WARDS: usize = 250;

/// The districts of a city of this name; none where no level parts it.
pub fn districts<'s, 'e>(survey: &'s Survey<'e>, city: &str) -> Vec<&'s Area<'e>> {
    let choice = Choice {
        survey,
        subject: survey.subject(),
    };
    if let Some(areas) = in_china(choice.of_level(CHINA), survey) {
        return areas;
    }
    let whole = choice.good(3, MOST).or_else(|| choice.good(2, MOST));
    let own = choice.city(city).and_then(|city| choice.parts_of(city));
    own.or(whole)
        .or_else(|| choice.good(2, MOST_WARDS))
        .unwrap_or_default()
}

/// The areas that districts are chosen from.
struct Choice<'s, 'e> {
    survey: &'s Survey<'e>,
    /// What the extract is of.
    subject: Option<&'s Area<'e>>,
}

impl<'s, 'e> Choice<'s, 'e> {
    /// True for an area that may part the city, and is no neighbour's corner.
    fn own(&self, area: &Area<'_>) -> bool {
        let of_subject = |s: &Area<'_>| {
            s.relation.id != area.relation.id && self.survey.overlap(area, &[s]) >= 0.5
        };
        area.is_known() && area.share >= CORNER && self.subject.is_none_or(of_subject)
    }

    fn of_level(&self, level: u8) -> Vec<&'s Area<'e>> {
        let areas = self.survey.areas.iter().filter(|a| a.level == level);
        areas.filter(|a| self.own(a)).collect()
    }

    /// The areas of a level that part the extract.
    fn parts(&self, level: u8) -> Vec<&'s Area<'e>> {
        let mut areas = self.of_level(level);
        areas.retain(|a| a.share <= CITY);
        let above = LEVELS.take_while(|l| *l < level);
        self.fill(&mut areas, above, CORNER);
        areas
    }

    /// Where areas leave a hole, one of another level may fill it: the City of London among the boroughs.
    fn fill(&self, areas: &mut Vec<&'s Area<'e>>, levels: impl Iterator<Item = u8>, least: f64) {
        let fits = |a: &&Area<'_>| a.share <= CITY && a.share >= least;
        for other in levels.flat_map(|l| self.of_level(l)).filter(fits) {
            if !areas.is_empty() && self.survey.overlap(other, areas) < 0.1 {
                areas.push(other);
            }
        }
    }

    /// The highest level whose areas part the extract, so many of them.
    fn good(&self, least: usize, most: usize) -> Option<Vec<&'s Area<'e>>> {
        LEVELS.map(|level| self.parts(level)).find(|areas| {
            (least..=most).contains(&areas.len()) && self.survey.share_of(areas) >= COVERED
        })
    }

    /// The area that is the city: of those with its name, the smallest that holds most of the streets.
    fn city(&self, name: &str) -> Option<&'s Area<'e>> {
        let called = |a: &&Area<'_>| {
            a.name() == name || bare(a.name()) == name || a.tags.is("name:en", name)
        };
        let areas = self.survey.areas.iter();
        areas
            .filter(|a| a.is_known() && a.share >= MOST_OF_IT && a.level <= 9)
            .filter(called)
            .min_by_key(|a| (a.extent(), std::cmp::Reverse(a.level)))
    }

    /// The areas of the first level below the city's that parts it, with the neighbours that the extract reaches into;
    /// `None` where none does.
    fn parts_of(&self, city: &Area<'_>) -> Option<Vec<&'s Area<'e>>> {
        let inside =
            |a: &&Area<'_>| a.share <= city.share * CITY && self.survey.overlap(a, &[city]) >= 0.9;
        let parts = |level: u8| {
            let mut areas = self.of_level(level);
            areas.retain(inside);
            let above = (city.level + 1..level).flat_map(|l| self.of_level(l));
            for other in above.filter(inside) {
                if !areas.is_empty() && self.survey.overlap(other, &areas) < 0.1 {
                    areas.push(other);
                }
            }
            areas
        };
        let covers = |areas: &Vec<&Area<'_>>, least: usize| {
            (least..=MOST).contains(&areas.len())
                && self.survey.share_of(areas) >= city.share * COVERED
        };
        let below = || (city.level + 1..=*LEVELS.end()).map(parts);
        let several = below().find(|areas| covers(areas, 3));
        let mut found = several.or_else(|| below().find(|areas| covers(areas, 2)))?;
        // Of the neighbours the levels at which they are towns of their own: the city's, then the levels around it.
        let around = (city.level..=8).chain((*LEVELS.start()..city.level).rev());
        self.fill(&mut found, around, NEIGHBOUR);
        Some(found)
    }
}

/// A name without what offices write around it: Greater London is what everybody calls London.
fn bare(name: &str) -> &str {
    const BEFORE: [&str; 6] = [
        "Greater ",
        "City of ",
        "Stadt ",
        "Landeshauptstadt ",
        "Ville de ",
        "Comune di ",
    ];
    const BEHIND: [&str; 6] = [
        " City",
        " Urban",
        " Municipality",
        " kommun",
        " kommune",
        "市",
    ];
    let inner = BEFORE.iter().find_map(|w| name.strip_prefix(w));
    let inner = inner.or_else(|| BEHIND.iter().find_map(|w| name.strip_suffix(w)));
    inner.unwrap_or(name)
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
