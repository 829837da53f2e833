//! The search: places, cases, units, sensors, cells of the unit grid and coordinates; by name, number, department or
//! initials.

use super::coordinates;
use super::places::Place;
use crate::facts::case;
use crate::facts::sensor::{phenomenon_words, state_words};
use crate::facts::unit::status_word;
use crate::i18n::Words;
use crate::live::Grid;
use chengtu_engine::city::{DepartmentInfo, Severity};
use chengtu_engine::geo::LonLat;
use chengtu_engine::ids::{CaseId, DepartmentId, SensorId, UnitId};
use chengtu_engine::model::{SensorState, UnitStatus};
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
    /// A sensor and its state.
    Sensor(SensorId, SensorState),
    /// The middle of a cell of the unit grid.
    Cell(LonLat),
    /// Coordinates.
    Spot(LonLat),
}

impl Found {
    /// Which kind it is, for the room that each kind has among the hits.
    fn kind(&self) -> usize {
        match self {
            Self::Place(..) => 0,
            Self::Case(..) => 1,
            Self::Unit(..) => 2,
            Self::Sensor(..) => 3,
            Self::Cell(_) => 4,
            Self::Spot(_) => 5,
        }
    }
}

/// Lines that each kind keeps, however many of another there are.
const ROOM: [usize; 6] = [HITS_MAX / 2, HITS_MAX / 2, HITS_MAX / 3, HITS_MAX / 3, 3, 2];

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

    /// A district by its own name, in the words of the user where it is known.
    fn district<'a>(&'a self, name: &'a str, words: &Words) -> &'a str {
        let is_it = |p: &&Place| p.kind == "district" && p.name == name;
        let known = self.places.iter().find(is_it);
        known.map_or(name, |p| words.name(&p.name, &p.name_en))
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

/// Where is searched.
#[derive(Clone, Copy)]
pub struct Sources<'a> {
    /// Places of the pack.
    pub index: &'a Index,
    /// The unit grid.
    pub grid: &'a Grid,
    /// Cases, units and sensors.
    pub mirror: &'a Mirror,
    /// The user's language.
    pub words: &'a Words,
}

/// Looks everywhere. An empty query finds nothing. Cost: places + cases + units + sensors + cells.
pub fn search(sources: Sources<'_>, query: &str) -> Vec<Hit> {
    let q = fold(query);
    if q.is_empty() {
        return Vec::new();
    }
    let Sources {
        index,
        grid,
        mirror,
        words,
    } = sources;
    let mut hits: Vec<Hit> = place_hits(index, &q, words)
        .chain(unit_hits(mirror, &q, words))
        .chain(case_hits(mirror, &q, words))
        .chain(sensor_hits(mirror, &q, words))
        .chain(cell_hits((grid, index), &q, words))
        .chain(spot_hits(mirror, query, words))
        .collect();
    hits.sort_by(|a, b| {
        b.score
            .cmp(&a.score)
            .then_with(|| a.title.chars().count().cmp(&b.title.chars().count()))
            .then_with(|| a.title.cmp(&b.title))
    });
    hits.dedup_by(|a, b| a.title == b.title && a.detail == b.detail && a.found == b.found);
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
            format!("{kind} · {}", index.district(&place.district, words))
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
        let own = best(keys.iter().map(String::as_str), q);
        let department = department(mirror, u.department);
        let of = department.map_or(0, |d| {
            let keys = [fold(&d.name), fold(&d.name_en), initials(&d.name)];
            best(keys.iter().map(String::as_str), q)
        });
        // Who is called so comes before whose department is.
        let s = if own > 0 { own + 30 } else { of / 2 };
        let status = status_word(u.status, words);
        let detail = match department {
            Some(d) => format!("{status} · {}", words.name(&d.name, &d.name_en)),
            None => status.into(),
        };
        (s > 0).then(|| Hit {
            found: Found::Unit(u.id, u.status),
            title: words.name(&u.call_sign, &u.call_sign_en).into(),
            detail,
            fleet: u.fleet.clone(),
            score: s,
        })
    })
}

fn department(mirror: &Mirror, id: DepartmentId) -> Option<&DepartmentInfo> {
    let all = &mirror.hello.as_ref()?.city.departments;
    all.get(usize::from(id.0))
}

fn sensor_hits<'a>(
    mirror: &'a Mirror,
    q: &'a str,
    words: &'a Words,
) -> impl Iterator<Item = Hit> + 'a {
    mirror.sensors.values().filter_map(move |sensor| {
        let keys = [
            fold(&sensor.name),
            initials(&sensor.name),
            fold(&sensor.key),
        ];
        let measured = phenomenon_words(sensor.phenomenon, words);
        let kinds = [fold(measured), initials(measured)];
        let own = best(keys.iter().map(String::as_str), q);
        let s = own.max(best(kinds.iter().map(String::as_str), q) / 2);
        (s > 0).then(|| Hit {
            found: Found::Sensor(sensor.id, sensor.state),
            title: sensor.name.clone(),
            detail: format!(
                "{measured} · {} · {}",
                state_words(sensor.state, words),
                sensor.key
            ),
            fleet: String::new(),
            score: s + 20,
        })
    })
}

/// Fewest digits of a cell's code that are searched for.
const CODE_MIN: usize = 6;

fn cell_hits<'a>(
    (grid, index): (&'a Grid, &'a Index),
    q: &'a str,
    words: &'a Words,
) -> impl Iterator<Item = Hit> + 'a {
    let is_code = q.len() >= CODE_MIN && q.bytes().all(|b| b.is_ascii_digit());
    let cells = grid.cells().iter().filter(move |_| is_code);
    cells.filter_map(move |cell| {
        let s = score(&cell.code, q);
        let middle = cell.middle().filter(|_| s > 0)?;
        let kind = words.t("search.cell");
        Some(Hit {
            found: Found::Cell(middle),
            title: cell.code.clone(),
            detail: match cell.district.as_str() {
                "" => kind.into(),
                district => format!("{kind} · {}", index.district(district, words)),
            },
            fleet: String::new(),
            score: s,
        })
    })
}

fn spot_hits(mirror: &Mirror, query: &str, words: &Words) -> Vec<Hit> {
    let centre = mirror.hello.as_ref().map_or((0.0, 0.0), |h| h.city.centre);
    let places = coordinates::read(query, LonLat::new(centre.0, centre.1));
    let hit = |(i, at): (usize, LonLat)| {
        let side =
            |v: f64, plus: &'static str, minus: &'static str| if v < 0.0 { minus } else { plus };
        let (lon, lat) = (at.lon_deg, at.lat_deg);
        Hit {
            found: Found::Spot(at),
            title: format!(
                "{:.5}° {}, {:.5}° {}",
                lat.abs(),
                side(lat, "N", "S"),
                lon.abs(),
                side(lon, "E", "W")
            ),
            detail: words.t("search.coordinates").into(),
            fleet: String::new(),
            score: 1_000 - i as u32,
        }
    };
    places.into_iter().enumerate().map(hit).collect()
}

fn case_hits<'a>(
    mirror: &'a Mirror,
    q: &'a str,
    words: &'a Words,
) -> impl Iterator<Item = Hit> + 'a {
    mirror.cases.values().filter_map(move |c| {
        let class = case::class(mirror, c);
        let keys = [
            format!("#{}", c.id),
            c.id.to_string(),
            class.map(|k| fold(&k.name)).unwrap_or_default(),
            class.map(|k| fold(&k.name_en)).unwrap_or_default(),
            class.map(|k| initials(&k.name)).unwrap_or_default(),
            fold(&c.address),
            initials(&c.address),
            fold(&c.note),
        ];
        let s = best(keys.iter().map(String::as_str), q);
        (s > 0).then(|| Hit {
            found: Found::Case(c.id, c.severity),
            title: format!("{} · {}", case::class_name(mirror, c, words), c.address),
            detail: format!("#{} · {}", c.id, case::state_words(mirror, c, words)),
            fleet: String::new(),
            // What is closed or void comes after what is open.
            score: if c.stage.is_open() {
                s + 10 - c.severity as u32
            } else {
                s / 2
            },
        })
    })
}

/// As many hits as are shown, best first: every kind keeps a few lines, however many of another there are.
fn some_of_every_kind(hits: Vec<Hit>) -> Vec<Hit> {
    let mut room = ROOM;
    let (mut kept, mut rest) = (Vec::new(), Vec::new());
    for hit in hits {
        let kind = hit.found.kind();
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

    fn hits_in(mirror: &Mirror, grid: &Grid, query: &str) -> Vec<Hit> {
        let words = Words::shipped(Lang::Zh).unwrap();
        let sources = Sources {
            index: &Index::new(sample::places()),
            grid,
            mirror,
            words: &words,
        };
        search(sources, query)
    }

    fn hits(query: &str) -> Vec<Hit> {
        hits_in(&sample::city(), &Grid::default(), query)
    }

    fn titles(query: &str) -> Vec<String> {
        hits(query).into_iter().map(|h| h.title).collect()
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

    #[test]
    fn sensors_are_found_by_name_initials_key_and_what_they_measure() {
        for query in ["北门桥水位", "bmqsw", "water-0", "BMQ"] {
            let found = hits(query);
            let sensor = |h: &Hit| matches!(h.found, Found::Sensor(id, _) if id == sample::WATER);
            assert!(found.iter().any(sensor), "{query}: {found:?}");
        }
        let words = Words::shipped(Lang::Zh).unwrap();
        let measured = phenomenon_words(chengtu_engine::model::Phenomenon::WaterLevel, &words);
        let all = hits(measured);
        assert!(all.iter().any(|h| matches!(h.found, Found::Sensor(..))));
    }

    #[test]
    fn units_are_found_by_their_department() {
        let mut mirror = sample::city();
        let only = *mirror.units.keys().next().unwrap();
        mirror.units.retain(|id, _| *id == only);
        // Nothing of its department is in what it is called.
        let unit = mirror.units.get_mut(&only).unwrap();
        (unit.call_sign, unit.call_sign_en) = ("〇一".into(), "Zero One".into());
        let of = unit.department;
        let department = department(&mirror, of).unwrap().clone();
        for query in [
            department.name.clone(),
            initials(&department.name),
            department.name_en.clone(),
        ] {
            let found = hits_in(&mirror, &Grid::default(), &query);
            let it = |h: &Hit| matches!(h.found, Found::Unit(id, _) if id == only);
            assert!(found.iter().any(it), "{query}: {found:?}");
        }
    }

    #[test]
    fn closed_and_void_cases_are_found_after_open_ones() {
        let mut mirror = sample::city();
        let void = mirror.cases.get_mut(&sample::COVER).unwrap();
        void.stage = chengtu_engine::model::Stage::Void;
        let found = hits_in(&mirror, &Grid::default(), &format!("#{}", sample::COVER));
        assert!(matches!(found[0].found, Found::Case(id, _) if id == sample::COVER));
        let open = |h: &Hit| match h.found {
            Found::Case(id, _) => Some(mirror.cases[&id].stage.is_open()),
            _ => None,
        };
        let stages: Vec<bool> = hits_in(&mirror, &Grid::default(), "路")
            .iter()
            .filter_map(open)
            .collect();
        assert!(stages.is_sorted_by(|a, b| a >= b), "{stages:?}");
    }

    #[test]
    fn cells_are_found_by_their_code_and_places_by_their_coordinates() {
        let bounds = [118.755, 32.058, 118.757, 32.060];
        let grid = Grid::of("320106001001001", "鼓楼区", bounds);
        for query in ["320106001001001", "320106", "001001"] {
            let found = hits_in(&sample::city(), &grid, query);
            let at = found.iter().find_map(|h| match h.found {
                Found::Cell(at) => Some(at),
                _ => None,
            });
            let at = at.unwrap_or_else(|| panic!("{query}: {found:?}"));
            assert!((at.lon_deg - 118.756).abs() < 1e-4 && (at.lat_deg - 32.059).abs() < 1e-4);
        }
        for query in ["118.785,32.044", "32.044, 118.785"] {
            let first = &hits(query)[0];
            let Found::Spot(at) = first.found else {
                panic!("{query}: {first:?}")
            };
            assert!((at.lon_deg - 118.785).abs() < 1e-9, "{query}");
            assert_eq!(first.title, "32.04400° N, 118.78500° E");
        }
    }
    #[test]
    fn districts_are_named_in_the_language_of_the_desk() {
        let place = |name: &str, name_en: &str, kind: &str, district: &str| Place {
            name: name.into(),
            name_en: name_en.into(),
            alt: Vec::new(),
            kind: kind.into(),
            rank: 1,
            lon: 118.78,
            lat: 32.04,
            district: district.into(),
        };
        let index = Index::new(vec![
            place("玄武区", "Xuanwu District", "district", ""),
            place("珠江路", "Zhujiang Road", "road", "玄武区"),
        ]);
        for (lang, named) in [(Lang::Zh, "玄武区"), (Lang::En, "Xuanwu District")] {
            let words = Words::shipped(lang).unwrap();
            let sources = Sources {
                index: &index,
                grid: &Grid::default(),
                mirror: &Mirror::new(),
                words: &words,
            };
            let hits = search(sources, "zjl");
            assert!(hits[0].detail.ends_with(named), "{hits:?}");
        }
    }
}
