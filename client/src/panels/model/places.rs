//! The city pack's named places.

use crate::i18n::Words;
use chengtu_engine::geo::LonLat;
use serde::Deserialize;

/// A named thing of the city, an entry of the pack's `places.json`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Place {
    /// Name in the city's own language.
    pub name: String,
    /// Name in English; may be empty.
    pub name_en: String,
    /// Alternative names: searched, never shown.
    pub alt: Vec<String>,
    /// `road`, `district`, `park` …
    pub kind: String,
    /// 1 most important … 10 least.
    pub rank: u8,
    /// Longitude, degrees, east positive.
    pub lon: f64,
    /// Latitude, degrees, north positive.
    pub lat: f64,
    /// District; may be empty.
    pub district: String,
}

impl Place {
    /// Where it is on the ground.
    pub fn lon_lat(&self) -> LonLat {
        LonLat::new(self.lon, self.lat)
    }
}

/// Reads `places.json`; entries that lie nowhere are left out.
///
/// # Errors
/// What is wrong with the file, with line and column.
pub fn read(bytes: &[u8]) -> Result<Vec<Place>, serde_json::Error> {
    let mut places: Vec<Place> = serde_json::from_slice(bytes)?;
    places.retain(|p| !p.name.is_empty() && p.lon_lat().position().is_ok());
    Ok(places)
}

/// The place nearest to a position, for addresses of new cases: named things within `within_m`.
pub fn nearest(places: &[Place], at: LonLat, within_m: f64) -> Option<(&Place, f64)> {
    let origin = at.position().ok()?;
    places
        .iter()
        .filter(|p| p.kind != "district" && p.kind != "quarter")
        .filter_map(|p| {
            Some((
                p,
                chengtu_engine::geo::distance_m(origin, p.lon_lat().position().ok()?),
            ))
        })
        .filter(|(_, d)| *d <= within_m)
        .min_by(|a, b| a.1.total_cmp(&b.1))
}

/// A place nearer than this gives a spot its address, metres.
const NEAR_M: f64 = 250.0;

/// The address of a spot, after the place next to it; empty where there is none.
pub fn address_near(places: &[Place], at: LonLat, words: &Words) -> String {
    nearest(places, at, NEAR_M).map_or(String::new(), |(p, _)| {
        words.f("menu.near", &[("place", words.name(&p.name, &p.name_en))])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_packs_places_are_read_and_broken_ones_told() {
        let text = r#"[{"name":"珠江路","name_en":"Zhujiang Road","kind":"road","rank":3,"lon":118.79,"lat":32.05},
                       {"name":"","kind":"poi","rank":9,"lon":1,"lat":1},{"name":"x","kind":"poi","rank":9,"lon":500,"lat":1}]"#;
        let places = read(text.as_bytes()).unwrap();
        assert_eq!(places.len(), 1);
        assert!(read(b"[{]").unwrap_err().to_string().contains("line 1"));
        let (place, metres) = nearest(&places, LonLat::new(118.7901, 32.05), 50.0).unwrap();
        assert!(place.name == "珠江路" && metres < 12.0);
        assert!(nearest(&places, LonLat::new(118.8, 32.05), 50.0).is_none());
    }
}
