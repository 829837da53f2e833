//! A layer of areas, and places inside them for cases of which only the area is known.

use super::rows::whole_code;
use super::{CasesError, Language};
use crate::encoding::Decoded;
use crate::feeds::formats::{json_fault, json_values};
use crate::import::places::label_point;
use crate::import::rings::{self, Polygon, Ring};
use chengtu_engine::chance::{STEP, mixed};
use chengtu_engine::geo::{GeoBox, LonLat, Position};
use geojson::{Feature, GeometryValue};
use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

/// Tries to hit an area inside its rectangle; a shape so thin that all miss gets its label's place.
const TRIES: u64 = 4_096;

/// Which properties of the layer say what.
#[derive(Clone, Debug, Default)]
pub struct AreaNames {
    /// Holds the code.
    pub code: String,
    /// Holds the name.
    pub name: Option<String>,
    /// Holds the name in English.
    pub name_en: Option<String>,
    /// Holds the name of what it belongs to, e.g. the district.
    pub group: Option<String>,
}

/// One area of the layer, e.g. a village.
#[derive(Clone, Debug)]
pub struct Area {
    /// Its code; unique in the layer. `None`: the layer has it without one; it is ground like any other, but no row names
    /// it.
    pub code: Option<String>,
    /// Its name; the code where there is none, empty where it has neither.
    pub name: String,
    /// Its name in English; may be empty.
    pub name_en: String,
    /// What it belongs to; may be empty.
    pub group: String,
    /// Polygons that it is made of.
    pub polygons: Vec<Polygon>,
    bounds: GeoBox,
}

/// How a case is placed in its area.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Spread {
    /// Each at a place of its own, the same at every import.
    #[default]
    Spread,
    /// All at the place of the area's label.
    Middle,
}

/// A layer of areas by code.
#[derive(Clone, Debug, Default)]
pub struct Areas {
    /// In the order of the layer.
    pub list: Vec<Area>,
    /// Names or codes of areas whose geometry is null.
    pub without_ground: Vec<String>,
    /// Features that cannot be read, each with its place in the layer and the reason.
    pub unreadable: Vec<String>,
    by_code: BTreeMap<String, usize>,
}

impl Areas {
    /// Reads a GeoJSON layer (WGS 84, as GeoJSON is).
    ///
    /// # Errors
    /// [`CasesError::Areas`] where nothing of it is an area; one that cannot be read is told in
    /// [`unreadable`](Self::unreadable).
    pub fn read(path: &Path, names: &AreaNames) -> Result<Self, CasesError> {
        let bytes = std::fs::read(path).map_err(|source| CasesError::Read {
            path: path.to_owned(),
            source,
        })?;
        Self::parse(&bytes, names).map_err(|detail| CasesError::Areas {
            path: path.to_owned(),
            detail,
        })
    }

    fn parse(bytes: &[u8], names: &AreaNames) -> Result<Self, String> {
        let mut text = Vec::new();
        // Reading out of memory does not fail.
        let _ = Decoded::new(bytes, None).0.read_to_end(&mut text);
        let text = text.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&text);
        let mut areas = Self::default();
        for (i, value) in json_values(text).into_iter().enumerate() {
            let read = value.map_err(str::to_owned).and_then(feature_of);
            let read = read.and_then(|feature| Ok((area(&feature, names)?, feature)));
            let (area, feature) = match read {
                Ok(read) => read,
                Err(why) => {
                    areas.unreadable.push(format!("feature {}: {why}", i + 1));
                    continue;
                }
            };
            let Some(area) = area else {
                let shown = [names.name.as_deref(), Some(names.code.as_str())];
                let shown = shown.into_iter().flatten().find_map(|p| said(&feature, p));
                areas.without_ground.extend(shown);
                continue;
            };
            let next = areas.list.len();
            // The parts of one area may be in several features.
            let known = area.code.as_ref().and_then(|c| areas.by_code.get(c));
            if let Some(at) = known {
                let known = &mut areas.list[*at];
                known.bounds = around(known.bounds, area.bounds);
                known.polygons.extend(area.polygons);
            } else {
                areas.by_code.extend(area.code.clone().map(|c| (c, next)));
                areas.list.push(area);
            }
        }
        if areas.list.is_empty() {
            return Err(match areas.unreadable.as_slice() {
                [] => "holds no area; a FeatureCollection of polygons is expected".into(),
                [first, ..] => {
                    let all = areas.unreadable.len();
                    format!("none of its {all} features can be read as an area; {first}")
                }
            });
        }
        if areas.by_code.is_empty() {
            return Err(format!(
                "no area has a code: {:?} is null or empty in all {}; name another property with --area-code",
                names.code,
                areas.list.len()
            ));
        }
        Ok(areas)
    }

    /// What areas without a code are called: by their name, or by their place in the layer.
    pub fn without_code(&self) -> Vec<String> {
        let called = |(i, a): (usize, &Area)| {
            if a.name.is_empty() {
                format!("feature {}", i + 1)
            } else {
                a.name.clone()
            }
        };
        let all = self.list.iter().enumerate();
        all.filter(|(_, a)| a.code.is_none()).map(called).collect()
    }

    /// The language that most of the names are written in.
    pub fn language(&self) -> Language {
        let han = |a: &&Area| a.name.chars().any(|c| matches!(c, '\u{4e00}'..='\u{9fff}'));
        if self.list.iter().filter(han).count() * 2 > self.list.len() {
            Language::Zh
        } else {
            Language::En
        }
    }

    /// The area of a code.
    pub fn get(&self, code: &str) -> Option<&Area> {
        let at = self.by_code.get(code);
        let at = at.or_else(|| self.by_code.get(whole_code(code)))?;
        self.list.get(*at)
    }

    /// What all areas together cover.
    pub fn bounds(&self) -> GeoBox {
        let first = self
            .list
            .first()
            .map_or(GeoBox::new(Position::default(), Position::default()), |a| {
                a.bounds
            });
        self.list.iter().fold(first, |b, a| around(b, a.bounds))
    }
}

fn around(a: GeoBox, b: GeoBox) -> GeoBox {
    GeoBox::new(
        Position::new(
            a.min.lon_e7.min(b.min.lon_e7),
            a.min.lat_e7.min(b.min.lat_e7),
        ),
        Position::new(
            a.max.lon_e7.max(b.max.lon_e7),
            a.max.lat_e7.max(b.max.lat_e7),
        ),
    )
}

/// A property as text; `None` where it is missing, null or empty.
fn said(feature: &Feature, property: &str) -> Option<String> {
    let text = match feature.property(property)? {
        serde_json::Value::String(s) => s.trim().to_owned(),
        // Programs that know no whole numbers write 101.0 for the code 101.
        serde_json::Value::Number(n) => {
            let text = n.to_string();
            text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
        }
        _ => return None,
    };
    Some(text).filter(|t| !t.is_empty())
}

/// The feature of a text.
fn feature_of(text: &[u8]) -> Result<Feature, String> {
    let read: Result<Feature, serde_json::Error> = serde_json::from_slice(text);
    read.map_err(|e| match e.classify() {
        serde_json::error::Category::Data => "is no feature, or its geometry is none".to_owned(),
        _ => json_fault(&e, text),
    })
}

/// The area of a feature; `None` where its geometry is null.
fn area(feature: &Feature, names: &AreaNames) -> Result<Option<Area>, String> {
    let code = said(feature, &names.code);
    if feature.property(&names.code).is_none() {
        let has: Vec<_> = feature
            .properties
            .iter()
            .flat_map(|p| p.keys().map(String::as_str))
            .collect();
        return Err(format!(
            "has no property {:?}; it has: {}",
            names.code,
            has.join(", ")
        ));
    }
    let Some(geometry) = &feature.geometry else {
        return Ok(None);
    };
    let called = code.clone().unwrap_or_else(|| "without a code".into());
    let polygons = polygons(Some(&geometry.value)).map_err(|e| format!("area {called} {e}"))?;
    let mut corners = polygons.iter().flat_map(|p| &p.outer);
    let first = corners
        .next()
        .ok_or_else(|| format!("area {called} covers nothing"))?;
    let bounds = corners.fold(GeoBox::new(*first, *first), |b, p| {
        around(b, GeoBox::new(*p, *p))
    });
    let property = |name: &Option<String>| name.as_deref().and_then(|n| said(feature, n));
    Ok(Some(Area {
        name: property(&names.name)
            .or_else(|| code.clone())
            .unwrap_or_default(),
        name_en: property(&names.name_en).unwrap_or_default(),
        group: property(&names.group).unwrap_or_default(),
        code,
        polygons,
        bounds,
    }))
}

/// The polygons of a geometry.
///
/// # Errors
/// In words: it is none, or has a corner that is no place on Earth.
pub(crate) fn polygons(geometry: Option<&GeometryValue>) -> Result<Vec<Polygon>, String> {
    let parts: Vec<_> = match geometry {
        Some(GeometryValue::Polygon { coordinates }) => vec![coordinates],
        Some(GeometryValue::MultiPolygon { coordinates }) => coordinates.iter().collect(),
        _ => return Err("is no polygon".into()),
    };
    let mut polygons = Vec::new();
    for part in parts {
        let mut read = Vec::new();
        for ring in part {
            let mut positions: Ring = Vec::with_capacity(ring.len());
            for c in ring {
                let c = c.as_slice();
                let (x, y) = (c.first().copied(), c.get(1).copied());
                let (Some(lon), Some(lat)) = (x, y) else {
                    return Err("has a corner without two numbers".into());
                };
                let p = LonLat::new(lon, lat).position();
                let p = p.map_err(|e| format!("has a corner that is no place: {e}"))?;
                if positions.last() != Some(&p) {
                    positions.push(p);
                }
            }
            if positions.len() > 1 && positions.first() == positions.last() {
                positions.pop();
            }
            read.push(positions);
        }
        let mut read = read.into_iter();
        if let Some(outer) = read.next().filter(|r| r.len() >= 3) {
            let holes = read.filter(|r| r.len() >= 3).collect();
            polygons.push(Polygon { outer, holes });
        }
    }
    Ok(polygons)
}

impl Area {
    /// True inside one of its parts and in none of its holes.
    pub fn contains(&self, p: Position) -> bool {
        self.polygons
            .iter()
            .any(|a| rings::contains(&a.outer, p) && !a.holes.iter().any(|h| rings::contains(h, p)))
    }

    /// Place of its label: inside its largest part.
    pub fn label(&self) -> Position {
        let largest = self
            .polygons
            .iter()
            .max_by_key(|p| rings::doubled_area(&p.outer).abs());
        largest.map(label_point).unwrap_or_default()
    }

    /// A place inside, the same for the same key.
    ///
    /// Points of a sequence seeded by the key are tried until one lies inside, so that many keys fill the area evenly.
    pub fn place(&self, key: &str, spread: Spread) -> Position {
        if spread == Spread::Middle {
            return self.label();
        }
        let seed = fingerprint(key.as_bytes());
        let within = |low: i32, high: i32, random: u32| {
            let width = (i64::from(high) - i64::from(low)) as u64;
            (i64::from(low) + ((width * u64::from(random)) >> 32) as i64) as i32
        };
        (0..TRIES)
            .map(|n| {
                let r = mixed(seed.wrapping_add(n.wrapping_mul(STEP)));
                let b = self.bounds;
                Position::new(
                    within(b.min.lon_e7, b.max.lon_e7, (r >> 32) as u32),
                    within(b.min.lat_e7, b.max.lat_e7, r as u32),
                )
            })
            .find(|p| self.contains(*p))
            .unwrap_or_else(|| self.label())
    }
}

/// FNV-1a of 64 bits.
pub fn fingerprint(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |h, b| {
        (h ^ u64::from(*b)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> AreaNames {
        AreaNames {
            code: "CODE".into(),
            name: Some("NAME".into()),
            name_en: None,
            group: None,
        }
    }

    const HORSESHOE: &str = r#"{"type":"FeatureCollection","features":[{"type":"Feature",
        "properties":{"CODE":7,"NAME":"弯里"},"geometry":{"type":"Polygon","coordinates":
        [[[0,0],[0.3,0],[0.3,0.3],[0.2,0.3],[0.2,0.1],[0.1,0.1],[0.1,0.3],[0,0.3],[0,0]],
         [[0.01,0.01],[0.05,0.01],[0.05,0.05],[0.01,0.05],[0.01,0.01]]]}}]}"#;

    #[test]
    fn every_place_lies_inside_and_comes_again() {
        let areas = Areas::parse(HORSESHOE.as_bytes(), &names()).unwrap();
        let area = areas.get("7").unwrap();
        let mut west = 0;
        for n in 0..500 {
            let key = format!("case {n}");
            let p = area.place(&key, Spread::Spread);
            assert!(area.contains(p), "{p:?}");
            assert_eq!(p, area.place(&key, Spread::Spread));
            west += i32::from(p.lon_e7 < 1_000_000 && p.lat_e7 > 1_000_000);
        }
        // The western leg is 0.02 of 0.0684 square degrees.
        assert!(
            (110..190).contains(&west),
            "{west} of 500 in the western leg"
        );
        assert!(area.contains(area.place("x", Spread::Middle)));
    }

    #[test]
    fn layers_of_other_programs_are_read() {
        let text = format!(
            "\u{feff}{}",
            HORSESHOE.replace("\"CODE\":7", "\"CODE\":7.0")
        );
        let names = AreaNames {
            name_en: Some("EN".into()),
            ..names()
        };
        let areas = Areas::parse(
            text.replace("\"NAME\"", "\"EN\":\"Bend\",\"NAME\"")
                .as_bytes(),
            &names,
        );
        let areas = areas.unwrap();
        assert_eq!(areas.get("7").unwrap().name_en, "Bend");
        assert_eq!(areas.language(), Language::Zh);
        let english = Areas::parse(HORSESHOE.replace("弯里", "Bend").as_bytes(), &self::names());
        assert_eq!(english.unwrap().language(), Language::En);
    }

    #[test]
    fn one_feature_that_cannot_be_read_stops_no_layer() {
        let more = |feature: &str| {
            format!(
                "{},{feature}]}}",
                HORSESHOE.trim_end().strip_suffix("]}").unwrap()
            )
        };
        let place =
            r#""geometry":{"type":"Polygon","coordinates":[[[1,0],[1.1,0],[1.1,0.1],[1,0]]]}"#;
        for (feature, words) in [
            (format!(r#"{{"type":"Feature","properties":{{"NAME":"x"}},{place}}}"#), "no property"),
            (format!(r#"{{"type":"Feature","properties":{{"CODE":1,"W":NaN}},{place}}}"#), "NaN"),
            (r#"{"type":"Feature","properties":{"CODE":1},"geometry":{"type":"Point","coordinates":[1,2]}}"#.into(), "polygon"),
            (r#"{"type":"Feature","properties":{"CODE":1},"geometry":{"type":"Polygon","coordinates":[[[1,"a"]]]}}"#.into(), "geometry"),
            (r#"{"type":"Feature","properties":{"CODE":1},"geometry":{"type":"Polygon","coordinates":[[[1,95],[1,96],[2,95]]]}}"#.into(), "place"),
            (r#"{"type":"Feature","properties":{"CODE":1"#.into(), "bracket"),
        ] {
            let areas = Areas::parse(more(&feature).as_bytes(), &names()).unwrap();
            assert_eq!(areas.list.len(), 1, "{feature}");
            let told = &areas.unreadable[0];
            assert!(told.starts_with("feature 2") && told.contains(words), "{told}");
        }
        let error = Areas::parse(
            b"{\"type\":\"FeatureCollection\",\"features\":[{}]}",
            &names(),
        );
        let error = error.unwrap_err();
        assert!(error.contains("feature 1"), "{error}");
        assert!(Areas::parse(b"", &names()).unwrap_err().contains("no area"));
        // Codes of a table that a program without whole numbers has written; a layer as an office writes it.
        let gbk = encoding_rs::GBK
            .encode(&HORSESHOE.replace("弯里", "井盖破损请速处理"))
            .0
            .into_owned();
        let areas = Areas::parse(&gbk, &names()).unwrap();
        assert_eq!(areas.get("7.0").unwrap().name, "井盖破损请速处理");
    }

    #[test]
    fn an_area_without_a_code_is_ground_that_no_row_names() {
        let more = |properties: &str, geometry: &str| {
            let feature = format!(
                "{{\"type\":\"Feature\",\"properties\":{properties},\"geometry\":{geometry}}}"
            );
            format!(
                "{},{feature}]}}",
                HORSESHOE.trim_end().strip_suffix("]}").unwrap()
            )
        };
        let square =
            r#"{"type":"Polygon","coordinates":[[[1,0],[1.1,0],[1.1,0.1],[1,0.1],[1,0]]]}"#;
        for (properties, called) in [
            (r#"{"CODE":null,"NAME":"未编定"}"#, "未编定"),
            (r#"{"CODE":"","NAME":"未编定"}"#, "未编定"),
            (r#"{"CODE":null,"NAME":null}"#, "feature 2"),
        ] {
            let areas = Areas::parse(more(properties, square).as_bytes(), &names()).unwrap();
            assert_eq!(
                (areas.list.len(), areas.without_code()),
                (2, vec![called.to_owned()])
            );
            assert_eq!(areas.bounds().max.lon_e7, 11_000_000);
            assert!(areas.get("7").is_some() && areas.get("").is_none());
        }
        // One that has a code and no ground is told.
        let areas = Areas::parse(
            more(r#"{"CODE":8,"NAME":"飞地"}"#, "null").as_bytes(),
            &names(),
        );
        let areas = areas.unwrap();
        assert_eq!(
            (areas.list.len(), areas.without_ground),
            (1, vec!["飞地".to_owned()])
        );
        let none = HORSESHOE.replace("\"CODE\":7", "\"CODE\":null");
        let e = Areas::parse(none.as_bytes(), &names()).unwrap_err();
        assert!(
            e.contains("no area has a code") && e.contains("--area-code"),
            "{e}"
        );
    }

    #[test]
    fn what_is_no_layer_is_told() {
        for (text, word) in [
            ("{}", "no feature"),
            (r#"{"type":"FeatureCollection","features":[]}"#, "no area"),
            (
                r#"{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"ID":1},"geometry":null}]}"#,
                "it has: ID",
            ),
            (
                r#"{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"CODE":1},"geometry":{"type":"Point","coordinates":[1,2]}}]}"#,
                "no polygon",
            ),
            (
                r#"{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"CODE":1},"geometry":{"type":"Polygon","coordinates":[[[305000,2770000],[305001,2770000],[305001,2770001],[305000,2770000]]]}}]}"#,
                "outside the world",
            ),
        ] {
            let e = Areas::parse(text.as_bytes(), &names()).unwrap_err();
            assert!(e.contains(word), "{e}");
        }
    }
}
