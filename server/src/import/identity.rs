//! What a city is called, where it is in time, and in which language its names are written.

use super::admin::Survey;
use super::extract::Extract;
use super::tags::TagView;
use super::zone;
use chengtu_engine::geo::{GeoBox, Position};
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::path::Path;

/// A city's name, time zone and language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Name in the city's own language.
    pub name: String,
    /// Its name in English.
    pub name_en: String,
    /// IANA time zone.
    pub time_zone: String,
    /// How the time zone was found.
    pub time_zone_rule: &'static str,
    /// `zh` or `en`.
    pub language: &'static str,
}

/// What the user says of a city; taken as it is.
#[derive(Clone, Copy, Debug, Default)]
pub struct Said<'a> {
    /// Its name.
    pub name: Option<&'a str>,
    /// Its name in English.
    pub name_en: Option<&'a str>,
    /// IANA time zone.
    pub time_zone: Option<&'a str>,
}

/// Finds out what can be found.
pub fn find(
    extract: &Extract,
    survey: &Survey<'_>,
    bounds: GeoBox,
    file: &Path,
    said: Said<'_>,
) -> Identity {
    let han = names_are_han(extract);
    let found = city_name(extract, bounds)
        .or_else(|| subject_name(survey))
        .or_else(|| border_name(extract, survey))
        .or_else(|| place_name(extract, bounds, "town"))
        .or_else(|| address_name(extract))
        .or_else(|| surrounding_name(survey))
        .or_else(|| place_name(extract, bounds, "village"))
        .or_else(|| place_name(extract, bounds, "hamlet"));
    let (own, english) = found.unwrap_or_else(|| (file_name(file), None));
    let (own, english) = match said.name {
        Some(name) if name != own => (name.to_owned(), None),
        _ => {
            let english = english.or_else(|| english_name(extract, survey, &own));
            (own, english)
        }
    };
    let (here, rule) = zone::of(middle(bounds), han);
    let chinese = han && zone::writes_chinese(&here);
    let (zone, rule) = said
        .time_zone
        .map_or((here, rule), |z| (z.to_owned(), "given"));
    Identity {
        name_en: said
            .name_en
            .map(str::to_owned)
            .or(english)
            .unwrap_or_else(|| own.clone()),
        name: own,
        language: if chinese { "zh" } else { "en" },
        time_zone: zone,
        time_zone_rule: rule,
    }
}

fn middle(bounds: GeoBox) -> Position {
    Position::new(
        i32::midpoint(bounds.min.lon_e7, bounds.max.lon_e7),
        i32::midpoint(bounds.min.lat_e7, bounds.max.lat_e7),
    )
}

/// A name and, where it is mapped, its English form.
type Found = (String, Option<String>);

fn named(tags: TagView<'_>) -> Option<Found> {
    let name = tags.get("name")?;
    Some((name.to_owned(), tags.get("name:en").map(str::to_owned)))
}

/// The most important named city inside the extent.
fn city_name(extract: &Extract, bounds: GeoBox) -> Option<Found> {
    place_name(extract, bounds, "city")
}

/// The most important named settlement of a kind: of most people, then nearest to the top of the state. Districts that are
/// mapped as cities are none.
fn place_name(extract: &Extract, bounds: GeoBox, kind: &str) -> Option<Found> {
    let candidates = extract.points.iter().filter_map(|p| {
        let tags = extract.point_tags(p);
        let fits = tags.is("place", kind) && bounds.contains(p.position);
        let district = tags.is("china_class", "district") || tags.is("capital", "6");
        let found = named(tags).filter(|_| fits && !district)?;
        let people = tags.number("population").unwrap_or(0.0) as u64;
        let seat = match tags.get("capital") {
            Some("yes") => 2,
            Some(level) => level.parse().unwrap_or(11_u8),
            None => 11,
        };
        Some(((Reverse(people), seat, p.id), found))
    });
    candidates.min_by_key(|(order, _)| *order).map(|(_, f)| f)
}

/// The administrative area that the extract is of.
fn subject_name(survey: &Survey<'_>) -> Option<Found> {
    named(survey.subject()?.tags)
}

/// The smallest municipality or county that nearly all of the streets lie in, also where its border is cut: rather that than
/// the one hamlet in a corner.
fn surrounding_name(survey: &Survey<'_>) -> Option<Found> {
    /// Levels from counties down to municipalities.
    const LEVELS: std::ops::RangeInclusive<u8> = 5..=8;
    /// Nearly all of the streets.
    const NEARLY_ALL: f64 = 0.9;
    let around = survey
        .areas
        .iter()
        .filter(|a| a.is_known() && LEVELS.contains(&a.level) && a.share >= NEARLY_ALL);
    let smallest = around.min_by_key(|a| (a.extent(), Reverse(a.level)))?;
    named(smallest.tags)
}

/// A city or town whose border is here and whose name stands at the border alone.
fn border_name(extract: &Extract, survey: &Survey<'_>) -> Option<Found> {
    let cities = survey.areas.iter().filter(|a| {
        matches!(a.tags.get("place"), Some("city" | "town")) && !a.name().ends_with('区')
    });
    let largest = cities.max_by(|a, b| a.share.total_cmp(&b.share));
    let of_survey = largest.and_then(|a| named(a.tags));
    // An area, e.g. of a borough without streets at its border.
    of_survey.or_else(|| {
        let ways = extract.ways.iter().map(|w| extract.way_tags(w));
        ways.filter(|t| t.is("place", "city")).find_map(named)
    })
}

/// The English name of a thing of this name that has one.
fn english_name(extract: &Extract, survey: &Survey<'_>, name: &str) -> Option<String> {
    let of_borders = survey.areas.iter().map(|a| a.tags);
    let of_relations = extract
        .relations
        .iter()
        .map(|r| extract.relation_tags(r))
        .filter(|t| t.has("boundary") || t.has("place"));
    let of_points = extract
        .points
        .iter()
        .map(|p| extract.point_tags(p))
        .filter(|t| t.has("place"));
    let mut all = of_borders.chain(of_relations).chain(of_points);
    all.find_map(|t| t.get("name:en").filter(|_| t.is("name", name)))
        .or_else(|| english_city_name(name))
        .map(str::to_owned)
}

/// The city that most addresses name, without the ending 市.
fn address_name(extract: &Extract) -> Option<Found> {
    let mut votes: BTreeMap<&str, u32> = BTreeMap::new();
    let of_ways = extract.ways.iter().map(|w| extract.way_tags(w));
    for tags in of_ways.chain(extract.points.iter().map(|p| extract.point_tags(p))) {
        if let Some(city) = tags.get("addr:city") {
            let short = city
                .strip_suffix('市')
                .filter(|s| s.chars().count() >= 2)
                .unwrap_or(city);
            *votes.entry(short).or_default() += 1;
        }
    }
    let (name, _) = votes
        .into_iter()
        .max_by_key(|(name, n)| (*n, Reverse(*name)))?;
    Some((name.to_owned(), None))
}

/// English names of the cities whose extracts are most often imported; others can be given with `--name-en`.
fn english_city_name(name: &str) -> Option<&'static str> {
    let known = [
        ("南京", "Nanjing"),
        ("北京", "Beijing"),
        ("上海", "Shanghai"),
        ("广州", "Guangzhou"),
        ("深圳", "Shenzhen"),
        ("杭州", "Hangzhou"),
        ("苏州", "Suzhou"),
        ("成都", "Chengdu"),
        ("重庆", "Chongqing"),
        ("武汉", "Wuhan"),
        ("西安", "Xi'an"),
        ("天津", "Tianjin"),
        ("青岛", "Qingdao"),
        ("长沙", "Changsha"),
        ("合肥", "Hefei"),
        ("无锡", "Wuxi"),
        ("宁波", "Ningbo"),
        ("厦门", "Xiamen"),
        ("福州", "Fuzhou"),
        ("济南", "Jinan"),
        ("哈尔滨", "Harbin"),
        ("沈阳", "Shenyang"),
        ("长春", "Changchun"),
        ("大连", "Dalian"),
        ("郑州", "Zhengzhou"),
        ("昆明", "Kunming"),
    ];
    known.iter().find(|(n, _)| *n == name).map(|(_, e)| *e)
}

fn file_name(file: &Path) -> String {
    let name = file
        .file_name()
        .map(|n| n.to_string_lossy().into_owned())
        .unwrap_or_default();
    let stem = name.split('.').next().unwrap_or_default();
    if stem.is_empty() {
        "city".to_owned()
    } else {
        stem.to_owned()
    }
}

/// True where most names hold Han characters and no kana or Hangul.
fn names_are_han(extract: &Extract) -> bool {
    let of_ways = extract.ways.iter().map(|w| extract.way_tags(w));
    let names = of_ways
        .chain(extract.points.iter().map(|p| extract.point_tags(p)))
        .filter_map(|t| t.get("name"));
    let (mut chinese, mut all) = (0_u64, 0_u64);
    for name in names {
        let other = name
            .chars()
            .any(|c| matches!(c, '\u{3040}'..='\u{30ff}' | '\u{ac00}'..='\u{d7af}'));
        let han = name.chars().any(|c| matches!(c, '\u{4e00}'..='\u{9fff}'));
        chinese += u64::from(han && !other);
        all += 1;
    }
    chinese * 2 > all
}
