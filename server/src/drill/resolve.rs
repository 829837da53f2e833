//! Names in a scenario against the city: classes, places, units, districts.

use super::reader::{Table, suggest};
use crate::pack::{Grid, Pack, Place};
use chengtu_engine::city::{Rules, Severity};
use chengtu_engine::geo::{GeoBox, LonLat, Position};
use chengtu_engine::ids::ClassId;
use std::collections::BTreeMap;

/// What of a city a scenario may name.
#[derive(Debug)]
pub struct Gazetteer {
    /// Rules of the city that the scenario is for.
    pub rules: Rules,
    /// Offset of its clock, seconds; of its zone.
    pub(super) zone: jiff::tz::TimeZone,
    places: BTreeMap<String, Position>,
    units: Vec<String>,
    /// Districts: code, name, name in English.
    districts: Vec<(String, String, String)>,
    grid: Grid,
}

impl Gazetteer {
    /// Of a city pack.
    pub fn new(pack: &Pack) -> Self {
        let mut places = BTreeMap::new();
        // Important ones last: they keep the name.
        let mut by_rank: Vec<&Place> = pack.places.iter().collect();
        by_rank.sort_by_key(|p| std::cmp::Reverse(p.rank));
        for p in by_rank {
            if let Ok(at) = LonLat::new(p.lon, p.lat).position() {
                for name in p.alt.iter().chain([&p.name_en, &p.name]) {
                    if !name.is_empty() {
                        places.insert(name.clone(), at);
                    }
                }
            }
        }
        let fleets = pack.city.fleets.iter();
        Self {
            rules: pack.rules(),
            zone: jiff::tz::TimeZone::get(&pack.city.time_zone).unwrap_or(jiff::tz::TimeZone::UTC),
            places,
            units: fleets
                .flat_map(|f| (1..=f.count).map(move |n| format!("{} {n}", f.call_sign)))
                .collect(),
            districts: pack
                .city
                .districts
                .iter()
                .map(|d| (d.code.clone(), d.name.clone(), d.name_en.clone()))
                .collect(),
            grid: pack.grid.clone(),
        }
    }

    /// Names of the districts with the middle of their ground.
    pub(super) fn district_labels(&self) -> Vec<(String, Position)> {
        let middle = |code: &str| {
            let cells = self.grid.cells.iter().filter(|c| c.code.starts_with(code));
            let (mut n, mut lon, mut lat) = (0i64, 0i64, 0i64);
            for c in cells {
                n += 1;
                lon += i64::from(c.bounds.min.lon_e7);
                lat += i64::from(c.bounds.min.lat_e7);
            }
            (n > 0).then(|| Position::new((lon / n) as i32, (lat / n) as i32))
        };
        self.districts
            .iter()
            .filter_map(|(code, name, _)| Some((name.clone(), middle(code)?)))
            .collect()
    }

    /// A class by its code or name.
    fn class_called(&self, word: &str) -> Result<ClassId, String> {
        let classes = &self.rules.classes;
        let named = |name: &str| {
            classes
                .iter()
                .position(|c| c.name == name || c.name_en == name)
        };
        let found = self.rules.class_by_code(word);
        found
            .or_else(|| named(word).map(|at| ClassId(at as u16)))
            .ok_or_else(|| {
                let mut known: Vec<&str> = classes.iter().map(|c| c.name.as_str()).collect();
                known.extend(classes.iter().map(|c| c.code.as_str()));
                format!(
                    "{word:?} is no case class of {}; {}",
                    self.rules.city,
                    suggest(word, &known)
                )
            })
    }

    pub(super) fn class(&self, table: &Table<'_, '_>, key: &'static str) -> Option<ClassId> {
        let word = table.text(key);
        if word.is_empty() {
            return None;
        }
        self.class_called(&word)
            .map_err(|e| table.wrong(key, e))
            .ok()
    }

    pub(super) fn class_maybe(&self, table: &Table<'_, '_>, key: &'static str) -> Option<ClassId> {
        table.has(key).then(|| self.class(table, key)).flatten()
    }

    pub(super) fn mix(&self, table: &Table<'_, '_>, key: &'static str) -> Vec<(ClassId, f64)> {
        let mut mix = Vec::new();
        for (name, weight, offset) in table.weights(key) {
            match self.class_called(&name) {
                Ok(class) => mix.push((class, weight)),
                Err(e) => table.wrong_at(offset, key, e),
            }
        }
        mix
    }

    /// A severity by its word.
    pub(super) fn severity(table: &Table<'_, '_>, key: &'static str) -> Option<Severity> {
        let word = table.text_maybe(key)?;
        let severity = match word.as_str() {
            "severe" | "特急" => Severity::Severe,
            "urgent" | "紧急" => Severity::Urgent,
            "normal" | "一般" => Severity::Normal,
            "slight" | "轻微" => Severity::Slight,
            other => {
                let known = ["severe", "urgent", "normal", "slight"];
                table.wrong(
                    key,
                    format!("{other:?} is no severity; {}", suggest(other, &known)),
                );
                return None;
            }
        };
        Some(severity)
    }

    /// A place by its name in the city's search index.
    pub(super) fn place_called(&self, name: &str) -> Result<Position, String> {
        let Some(at) = self.places.get(name) else {
            let known: Vec<&str> = self.places.keys().map(String::as_str).collect();
            return Err(format!(
                "{} has no place called {name:?}; {}, or give lon and lat",
                self.rules.city,
                suggest(name, &known).replace("there are", "its places are")
            ));
        };
        self.inside(*at)
    }

    fn inside(&self, p: Position) -> Result<Position, String> {
        if self.rules.bounds.contains(p) {
            return Ok(p);
        }
        let (at, b) = (p.lon_lat(), self.rules.bounds);
        let (low, high) = (b.min.lon_lat(), b.max.lon_lat());
        Err(format!(
            "{:.5}, {:.5} lies outside {}, which covers lon {:.4} … {:.4}, lat {:.4} … {:.4}",
            at.lon_deg,
            at.lat_deg,
            self.rules.city,
            low.lon_deg,
            high.lon_deg,
            low.lat_deg,
            high.lat_deg
        ))
    }

    /// `place = "name"`, or `lon` and `lat`.
    pub(super) fn place(&self, table: &Table<'_, '_>) -> Option<Position> {
        if let Some(name) = table.text_maybe("place") {
            return self
                .place_called(&name)
                .map_err(|e| table.wrong("place", e))
                .ok();
        }
        if !table.has("lon") && !table.has("lat") {
            table.wrong(
                "place",
                "is missing; name a place of the city, or give lon and lat",
            );
            return None;
        }
        let lon = table.number_needed("lon", -180.0, 180.0)?;
        let lat = table.number_needed("lat", -90.0, 90.0)?;
        let at = LonLat::new(lon, lat).position().ok()?;
        self.inside(at).map_err(|e| table.wrong("lon", e)).ok()
    }

    pub(super) fn unit(&self, table: &Table<'_, '_>, key: &'static str) -> String {
        let word = table.text(key);
        if !word.is_empty() && !self.units.contains(&word) {
            let known: Vec<&str> = self.units.iter().map(String::as_str).collect();
            table.wrong(
                key,
                format!(
                    "{} has no unit called {word:?}; {}",
                    self.rules.city,
                    suggest(&word, &known)
                ),
            );
        }
        word
    }

    /// The name of a district with its ground, by code or name.
    pub(super) fn district(&self, word: &str) -> Result<(String, String, Vec<GeoBox>), String> {
        let found = self
            .districts
            .iter()
            .find(|(code, zh, en)| code == word || zh == word || en == word);
        let Some((code, zh, en)) = found else {
            let known: Vec<&str> = self.districts.iter().map(|(_, n, _)| n.as_str()).collect();
            return Err(format!(
                "{} has no district {word:?}; {}",
                self.rules.city,
                suggest(word, &known)
            ));
        };
        let cells = self.grid.cells.iter().filter(|c| c.code.starts_with(code));
        Ok((zh.clone(), en.clone(), rows(cells.map(|c| c.bounds))))
    }
}

/// Rectangles side by side in one row become one.
fn rows(boxes: impl Iterator<Item = GeoBox>) -> Vec<GeoBox> {
    let mut sorted: Vec<GeoBox> = boxes.collect();
    sorted.sort_by_key(|b| (b.min.lat_e7, b.max.lat_e7, b.min.lon_e7));
    let mut merged: Vec<GeoBox> = Vec::new();
    for b in sorted {
        match merged.last_mut() {
            Some(last)
                if (last.min.lat_e7, last.max.lat_e7) == (b.min.lat_e7, b.max.lat_e7)
                    && b.min.lon_e7 <= last.max.lon_e7 + 2 =>
            {
                last.max.lon_e7 = last.max.lon_e7.max(b.max.lon_e7);
            }
            _ => merged.push(b),
        }
    }
    merged
}
