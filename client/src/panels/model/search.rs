//! The search: places, cases, units, by name, number or initials.

use super::places::Place;
use crate::facts::case;
use crate::facts::unit::status_word;
use crate::i18n::Words;
use chengtu_engine::city::Severity;
use chengtu_engine::geo::LonLat;
use chengtu_engine::ids::{CaseId, UnitId};
use chengtu_engine::model::UnitStatus;
use chengtu_engine::stream::Mirror;
use pinyin::ToPinyin;

/// What a hit leads to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Found {
    /// A place; its rank, 1 … 10, which sets the zoom to fly to.
    Place(LonLat, u8),
    /// A case and how grave it is.
    Case(CaseId, Severity),
    /// A unit and what it is doing.
    Unit(UnitId, UnitStatus),
}

/// A line of the result.
#[derive(Clone, Debug, PartialEq)]
pub struct Hit {
    /// Where it leads.
    pub found: Found,
    /// First line: name or call sign in the user's language; class and address for a case.
    pub title: String,
    /// What it is.
    pub detail: String,
    /// Glyph of the trade, for units.
    pub fleet: String,
    score: u32,
}

/// Most hits shown.
pub const HITS_MAX: usize = 12;

/// Places with what they are found by, prepared once.
#[derive(Clone, Debug, Default)]
pub struct Index {
    places: Vec<Place>,
    keys: Vec<Vec<String>>,
}

impl Index {
    /// Prepares places for searching.
    pub fn new(places: Vec<Place>) -> Self {
        let keys = places
            .iter()
            .map(|p| {
                let names = [&p.name, &p.name_en]
                    .into_iter()
                    .chain(&p.alt)
                    .filter(|n| !n.is_empty());
                names
                    .flat_map(|n| [fold(n), initials(n)])
                    .filter(|k| !k.is_empty())
                    .collect()
            })
            .collect();
        Self { places, keys }
    }

    /// All places, in the order they were given to the index.
    pub fn places(&self) -> &[Place] {
        &self.places
    }
}

/// Lower case without blanks.
fn fold(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_whitespace())
        .flat_map(char::to_lowercase)
        .collect()
}

/// First letters of the pinyin of Chinese characters, `珠江路` → `zjl`; empty where there are none.
pub fn initials(text: &str) -> String {
    if !text.chars().any(|c| c.to_pinyin().is_some()) {
        return String::new();
    }
    text.chars()
        .filter_map(|c| match c.to_pinyin() {
            Some(p) => p.plain().chars().next(),
            None => c.is_ascii_alphanumeric().then(|| c.to_ascii_lowercase()),
        })
        .collect()
}

/// How well a key answers: the whole, its beginning, a part; 0 not at all.
fn score(key: &str, query: &str) -> u32 {
    if key == query {
        400
    } else if key.starts_with(query) {
        300
    } else if key.contains(query) {
        200
    } else {
        0
    }
}

/// Looks everywhere. An empty query finds nothing. Cost: places + cases + units.
pub fn search(index: &Index, mirror: &Mirror, query: &str, words: &Words) -> Vec<Hit> {
    let q = fold(query);
    if q.is_empty() {
        return Vec::new();
    }
    let mut hits: Vec<Hit> = place_hits(index, &q, words)
        .chain(unit_hits(mirror, &q, words))
        .chain(case_hits(mirror, &q, words))
        .collect();
    hits.sort_by(|a, b| {
        b.score
            .cmp(&a.score)
            .then_with(|| a.title.chars().count().cmp(&b.title.chars().count()))
            .then_with(|| a.title.cmp(&b.title))
    });
    hits.dedup_by(|a, b| a.title == b.title && a.detail == b.detail);
    some_of_every_kind(hits)
}

/// The best score of any of the keys; 0 if none fits.
fn best<'a>(keys: impl Iterator<Item = &'a str>, q: &str) -> u32 {
    keys.filter(|k| !k.is_empty())
        .map(|k| score(k, q))
        .max()
        .unwrap_or(0)
}

fn place_hits<'a>(
    index: &'a Index,
    q: &'a str,
    words: &'a Words,
) -> impl Iterator<Item = Hit> + 'a {
    let all = index.places.iter().zip(&index.keys);
    all.filter_map(move |(place, keys)| {
        let s = best(keys.iter().map(String::as_str), q);
        let kind = place_kind(&place.kind, words);
        let detail = if place.district.is_empty() {
            kind.into()
        } else {
            format!("{kind} · {}", place.district)
        };
        (s > 0).then(|| Hit {
            found: Found::Place(place.lon_lat(), place.rank),
            title: words.name(&place.name, &place.name_en).into(),
            detail,
            fleet: String::new(),
            score: s + u32::from(20 - place.rank.min(20)),
        })
    })
}

fn unit_hits<'a>(
    mirror: &'a Mirror,
    q: &'a str,
    words: &'a Words,
) -> impl Iterator<Item = Hit> + 'a {
    mirror.units.values().filter_map(move |u| {
        let keys = [
            fold(&u.call_sign),
            fold(&u.call_sign_en),
            initials(&u.call_sign),
        ];
        let s = best(keys.iter().map(String::as_str), q);
        (s > 0).then(|| Hit {
            found: Found::Unit(u.id, u.status),
            title: words.name(&u.call_sign, &u.call_sign_en).into(),
            detail: status_word(u.status, words).into(),
            fleet: u.fleet.clone(),
            score: s + 30,
        })
    })
}

fn case_hits<'a>(
    mirror: &'a Mirror,
    q: &'a str,
    words: &'a Words,
) -> impl Iterator<Item = Hit> + 'a {
    let open = mirror.cases.values().filter(|c| c.stage.is_open());
    open.filter_map(move |c| {
        let class = case::class(mirror, c);
        let keys = [
            format!("#{}", c.id),
            c.id.to_string(),
            class.map(|k| fold(&k.name)).unwrap_or_default(),
            class.map(|k| fold(&k.name_en)).unwrap_or_default(),
            class.map(|k| initials(&k.name)).unwrap_or_default(),
            fold(&c.address),
            fold(&c.note),
        ];
        let s = best(keys.iter().map(String::as_str), q);
        (s > 0).then(|| Hit {
            found: Found::Case(c.id, c.severity),
            title: format!("{} · {}", case::class_name(mirror, c, words), c.address),
            detail: format!("#{} · {}", c.id, case::state_words(mirror, c, words)),
            fleet: String::new(),
            score: s + 10 - c.severity as u32,
        })
    })
}

/// As many hits as are shown, best first: every kind keeps a few lines, however many of another there are.
fn some_of_every_kind(hits: Vec<Hit>) -> Vec<Hit> {
    let mut room = [HITS_MAX / 2, HITS_MAX / 2, HITS_MAX / 3];
    let (mut kept, mut rest) = (Vec::new(), Vec::new());
    for hit in hits {
        let kind = match hit.found {
            Found::Place(..) => 0,
            Found::Case(..) => 1,
            Found::Unit(..) => 2,
        };
        if room[kind] > 0 {
            room[kind] -= 1;
            kept.push(hit);
        } else {
            rest.push(hit);
        }
    }
    kept.extend(rest);
    kept.truncate(HITS_MAX);
    kept.sort_by_key(|h| std::cmp::Reverse(h.score));
    kept
}

fn place_kind<'a>(kind: &str, words: &'a Words) -> &'a str {
    words.t(match kind {
        "road" => "place.road",
        "district" => "place.district",
        "quarter" => "place.quarter",
        "station" => "place.station",
        "square" => "place.square",
        "park" => "place.park",
        "water" => "place.water",
        "public" => "place.public",
        "landmark" => "place.landmark",
        "building" => "place.building",
        "bus_stop" => "place.bus_stop",
        _ => "place.other",
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Lang;
    use crate::panels::model::sample;

    fn titles(query: &str) -> Vec<String> {
        let words = Words::shipped(Lang::Zh).unwrap();
        search(
            &Index::new(sample::places()),
            &sample::city(),
            query,
            &words,
        )
        .into_iter()
        .map(|h| h.title)
        .collect()
    }

    #[test]
    fn roads_are_found_by_name_part_english_and_initials() {
        for query in [
            "珠江路",
            "珠江",
            "江路",
            "zjl",
            "ZJL",
            "zhujiang",
            "Zhujiang R",
        ] {
            assert!(
                titles(query).contains(&"珠江路".to_string()),
                "{query}: {:?}",
                titles(query)
            );
        }
        assert!(titles("").is_empty() && titles("   ").is_empty() && titles("无此处").is_empty());
    }

    #[test]
    fn cases_and_units_are_found_too() {
        assert_eq!(titles("排水 10")[0], "排水 10");
        assert_eq!(titles("ps10")[0], "排水 10");
        assert!(titles("井盖")[0].contains("污水井盖"));
        assert!(titles(&format!("#{}", sample::COVER))[0].contains("污水井盖"));
        assert!(titles("路").len() <= HITS_MAX);
    }
}
