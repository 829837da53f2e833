//! What a city is called, where it is in time, and in which language its names are written.

use super::extract::Extract;
use super::tags::TagView;
use chengtu_engine::geo::{GeoBox, Position};
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

/// Finds out what can be found; values given by the user are taken as they are.
pub fn find(
    extract: &Extract,
    bounds: GeoBox,
    file: &Path,
    name: Option<&str>,
    name_en: Option<&str>,
    time_zone: Option<&str>,
) -> Identity {
    let chinese = names_are_chinese(extract);
    let found = place_name(extract, bounds).or_else(|| address_name(extract));
    let found = found.unwrap_or_else(|| (file_name(file), file_name(file)));
    let (own, english) = match name {
        Some(name) if name != found.0 => (name.to_owned(), name.to_owned()),
        _ => found,
    };
    let (zone, rule) =
        time_zone.map_or_else(|| zone_of(bounds, chinese), |z| (z.to_owned(), "given"));
    Identity {
        name: own,
        name_en: name_en.map_or(english, str::to_owned),
        time_zone: zone,
        time_zone_rule: rule,
        language: if chinese { "zh" } else { "en" },
    }
}

/// The most important settlement mapped inside the extent.
fn place_name(extract: &Extract, bounds: GeoBox) -> Option<(String, String)> {
    let weight = |tags: TagView<'_>| match tags.get("place")? {
        _ if tags.is("china_class", "district") => None,
        "city" => Some(0),
        "town" => Some(1),
        "village" => Some(2),
        _ => None,
    };
    let cities = extract
        .points
        .iter()
        .filter(|p| bounds.contains(p.position))
        .filter_map(|p| {
            let tags = extract.point_tags(p);
            Some((weight(tags)?, p.id, tags))
        });
    let (_, _, tags) = cities.min_by_key(|(w, id, _)| (*w, *id))?;
    let name = tags.get("name")?;
    Some((
        name.to_owned(),
        tags.get("name:en").unwrap_or(name).to_owned(),
    ))
}

/// The city that most addresses name, without the ending 市.
fn address_name(extract: &Extract) -> Option<(String, String)> {
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
        .max_by_key(|(name, n)| (*n, std::cmp::Reverse(*name)))?;
    let english = english_city_name(name).unwrap_or(name);
    Some((name.to_owned(), english.to_owned()))
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
fn names_are_chinese(extract: &Extract) -> bool {
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

/// A coarse rule: China keeps one time from 73° to 135° E; elsewhere the sun decides, 15 degrees an hour.
fn zone_of(bounds: GeoBox, chinese: bool) -> (String, &'static str) {
    let middle = Position::new(
        i32::midpoint(bounds.min.lon_e7, bounds.max.lon_e7),
        i32::midpoint(bounds.min.lat_e7, bounds.max.lat_e7),
    )
    .lon_lat();
    if chinese
        && (73.0..=135.0).contains(&middle.lon_deg)
        && (18.0..=54.0).contains(&middle.lat_deg)
    {
        return (
            "Asia/Shanghai".into(),
            "Chinese names between 73° and 135° E",
        );
    }
    let hours = libm::round(middle.lon_deg / 15.0).clamp(-12.0, 12.0) as i32;
    // The sign of Etc zones is turned around: Etc/GMT-8 is eight hours ahead of Greenwich.
    let zone = if hours == 0 {
        "Etc/GMT".to_owned()
    } else {
        format!("Etc/GMT{:+}", -hours)
    };
    (
        zone,
        "by longitude only, without summer time; give --time-zone to say better",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(lon: i32, lat: i32, chinese: bool, expected: &str) {
        let at = |d: i32| Position::new((lon + d) * 10_000_000, (lat + d) * 10_000_000);
        let (zone, _) = zone_of(GeoBox::new(at(0), at(1)), chinese);
        assert_eq!(zone, expected);
        assert!(jiff::tz::TimeZone::get(&zone).is_ok(), "{zone}");
    }

    #[test]
    fn zones_follow_the_sun_outside_china() {
        check(118, 32, true, "Asia/Shanghai");
        check(139, 35, false, "Etc/GMT-9");
        check(151, -34, false, "Etc/GMT-10");
        check(-47, -24, false, "Etc/GMT+3");
        check(0, 51, false, "Etc/GMT");
    }
}
