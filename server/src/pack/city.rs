use super::PackError;
use super::locate::{Step, line_of, line_of_offset};
use chengtu_engine::city::Language;
use chengtu_engine::geo::{GeoBox, LonLat, Position};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::path::Path;

/// `city.toml`: a city as people describe it. Every key is explained in the file that the importer writes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CityConfig {
    /// Version of this file's shape: 1.
    pub format: u32,
    /// The city's name.
    pub name: String,
    /// The city's name in English.
    pub name_en: String,
    /// Language of names and texts: `zh` or `en`.
    pub language: String,
    /// IANA time zone, e.g. `Asia/Shanghai`.
    pub time_zone: String,
    /// File of case classes beside this one.
    pub case_classes: String,
    /// Who must be named wherever the map is shown.
    pub attribution: String,
    /// What of this city is uncertain, simulated or recorded, in words; shown on every screen. May be empty.
    #[serde(default)]
    pub notice: String,
    /// The same in English.
    #[serde(default)]
    pub notice_en: String,
    /// Where the map opens.
    pub centre: Centre,
    /// What the pack covers.
    pub bounds: Bounds,
    /// Limits of decisions.
    pub limits: Limits,
    /// Days that differ from their weekday.
    pub calendar: Calendar,
    /// Districts, in no order; their codes are unique.
    pub districts: Vec<District>,
    /// Bodies that must act.
    pub departments: Vec<Department>,
    /// Places that units start from.
    #[serde(default)]
    pub depots: Vec<Depot>,
    /// Groups of units that can be sent.
    #[serde(default)]
    pub fleets: Vec<Fleet>,
}

/// A point in degrees, WGS 84.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Centre {
    /// Longitude, degrees east.
    pub lon: f64,
    /// Latitude, degrees north.
    pub lat: f64,
}

/// A rectangle in degrees, WGS 84.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bounds {
    /// Western edge, degrees.
    pub west: f64,
    /// Southern edge, degrees.
    pub south: f64,
    /// Eastern edge, degrees.
    pub east: f64,
    /// Northern edge, degrees.
    pub north: f64,
}

/// Limits that decisions keep to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// A report this near to an open case of its class is proposed as its duplicate, metres.
    pub duplicate_radius_m: u32,
    /// … if that case is younger than this, hours.
    pub duplicate_age_h: u32,
    /// A fix or observation further than this in the future is quarantined, seconds.
    pub future_tolerance_s: u32,
    /// Closed cases leave the live map after this, hours.
    pub keep_closed_h: u32,
}

/// Days that differ from their weekday, as `YYYY-MM-DD`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calendar {
    /// Holidays on what would be working days.
    pub holidays: Vec<String>,
    /// 调休: working days on what would be weekends.
    pub make_up_days: Vec<String>,
}

/// A district; cells belong to it by the beginning of their code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct District {
    /// Six digits, the beginning of its cells' codes.
    pub code: String,
    /// Name in the city's own language.
    pub name: String,
    /// Its name in English; may be empty.
    pub name_en: String,
}

/// A body that must act.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Department {
    /// Short key that classes name it by; unique.
    pub key: String,
    /// Name in the city's own language.
    pub name: String,
    /// Its name in English.
    pub name_en: String,
}

/// A place that units start from and return to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Depot {
    /// Short key that fleets name it by; unique.
    pub key: String,
    /// Name in the city's own language.
    pub name: String,
    /// Its name in English.
    pub name_en: String,
    /// Longitude, degrees.
    pub lon: f64,
    /// Latitude, degrees.
    pub lat: f64,
}

/// A group of units that can be sent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fleet {
    /// Short key; unique.
    pub key: String,
    /// Name in the city's own language.
    pub name: String,
    /// Its name in English.
    pub name_en: String,
    /// Key of the department it belongs to.
    pub department: String,
    /// Units are called this and a number from 1, e.g. 排水 10.
    pub call_sign: String,
    /// The same in English.
    pub call_sign_en: String,
    /// How many units, 1 … 999.
    pub count: u32,
    /// What its units can do.
    pub skills: Vec<String>,
    /// Its speed as a part of the road's free speed, 0.1 … 2.
    pub speed_factor: f64,
    /// Keys of its depots; units are dealt out to them in turn.
    pub depots: Vec<String>,
}

impl Bounds {
    /// As exact positions; `None` where the corners are no places or in the wrong order.
    pub fn geo_box(&self) -> Option<GeoBox> {
        let min = LonLat::new(self.west, self.south).position().ok()?;
        let max = LonLat::new(self.east, self.north).position().ok()?;
        (min.lon_e7 < max.lon_e7 && min.lat_e7 < max.lat_e7).then(|| GeoBox::new(min, max))
    }
}

impl Depot {
    /// Where it is; `None` where its degrees are no place.
    pub fn position(&self) -> Option<Position> {
        LonLat::new(self.lon, self.lat).position().ok()
    }
}

/// Where something makes no sense, and what to do.
type Fault = (Vec<Step>, String);

/// A key of an item of a list.
fn at(list: &'static str, i: usize, key: &'static str) -> Vec<Step> {
    vec![Step::Key(list), Step::Item(i), Step::Key(key)]
}

fn fail(steps: Vec<Step>, detail: String) -> Result<(), Fault> {
    Err((steps, detail))
}

impl CityConfig {
    /// The language of what is said of the city.
    pub fn language(&self) -> Language {
        Language::of_code(&self.language)
    }

    /// How many units it has, all fleets together.
    pub fn units(&self) -> u32 {
        self.fleets.iter().map(|f| f.count).sum()
    }

    /// Reads and checks a `city.toml`.
    ///
    /// # Errors
    /// [`PackError::City`] naming file, line and key.
    pub fn parse(path: &Path, bytes: &[u8]) -> Result<Self, PackError> {
        let error = |line, key: &str, detail: String| PackError::City {
            path: path.to_owned(),
            line,
            key: key.into(),
            detail,
        };
        let text = std::str::from_utf8(bytes).map_err(|e| {
            let before = String::from_utf8_lossy(&bytes[..e.valid_up_to()]);
            let line = line_of_offset(&before, before.len());
            error(line, "text", "is not UTF-8; save the file as UTF-8".into())
        })?;
        let city: Self = toml::from_str(text).map_err(|e| {
            let line = e.span().map_or(1, |s| line_of_offset(text, s.start));
            let key = e.span().map_or("", |s| {
                text.lines()
                    .nth(line_of_offset(text, s.start) - 1)
                    .unwrap_or("")
            });
            error(
                line,
                key.split('=').next().unwrap_or("").trim(),
                e.message().to_owned(),
            )
        })?;
        city.check().map_err(|(steps, detail)| {
            let key = steps.iter().map(Step::to_string).collect::<String>();
            error(line_of(text, &steps), key.trim_start_matches('.'), detail)
        })?;
        Ok(city)
    }

    /// The first thing that makes no sense: where, and what to do.
    fn check(&self) -> Result<(), Fault> {
        self.check_head()?;
        self.check_days()?;
        self.check_districts()?;
        self.check_keys()?;
        self.check_depots()?;
        self.check_fleets()
    }

    fn check_head(&self) -> Result<(), Fault> {
        let top = |key: &'static str| vec![Step::Key(key)];
        if self.format != 1 {
            return fail(
                top("format"),
                format!("is {}; this program reads format 1", self.format),
            );
        }
        if self.name.is_empty() {
            return fail(top("name"), "is empty; give the city's name".into());
        }
        if !["zh", "en"].contains(&self.language.as_str()) {
            return fail(
                top("language"),
                format!("is {:?}; write \"zh\" or \"en\"", self.language),
            );
        }
        if jiff::tz::TimeZone::get(&self.time_zone).is_err() {
            return fail(
                top("time_zone"),
                format!(
                    "there is no time zone {:?}; write one like \"Asia/Shanghai\"",
                    self.time_zone
                ),
            );
        }
        if LonLat::new(self.centre.lon, self.centre.lat)
            .position()
            .is_err()
        {
            return fail(
                top("centre"),
                "is not a place on Earth; write degrees, lon −180…180, lat −90…90".into(),
            );
        }
        if self.bounds.geo_box().is_none() {
            return fail(
                top("bounds"),
                "west must lie west of east and south of north, in degrees".into(),
            );
        }
        Ok(())
    }

    fn check_days(&self) -> Result<(), Fault> {
        for (list, days) in [
            ("holidays", &self.calendar.holidays),
            ("make_up_days", &self.calendar.make_up_days),
        ] {
            if let Some(i) = days
                .iter()
                .position(|d| d.parse::<jiff::civil::Date>().is_err())
            {
                let steps = vec![Step::Key("calendar"), Step::Key(list), Step::Item(i)];
                return fail(
                    steps,
                    format!("{:?} is not a day; write YYYY-MM-DD", days[i]),
                );
            }
        }
        Ok(())
    }

    fn check_districts(&self) -> Result<(), Fault> {
        let mut codes = BTreeSet::new();
        for (i, d) in self.districts.iter().enumerate() {
            if d.code.len() != 6 || !d.code.bytes().all(|b| b.is_ascii_digit()) {
                return fail(
                    at("districts", i, "code"),
                    format!("{:?} is not six digits", d.code),
                );
            }
            if !codes.insert(&d.code) {
                return fail(
                    at("districts", i, "code"),
                    format!("{} stands twice", d.code),
                );
            }
        }
        Ok(())
    }

    fn check_depots(&self) -> Result<(), Fault> {
        for (i, depot) in self.depots.iter().enumerate() {
            if depot.position().is_none() {
                return fail(
                    at("depots", i, "lon"),
                    "lon and lat are not a place on Earth".into(),
                );
            }
        }
        Ok(())
    }

    fn check_fleets(&self) -> Result<(), Fault> {
        for (i, f) in self.fleets.iter().enumerate() {
            if !self.departments.iter().any(|d| d.key == f.department) {
                let known: Vec<_> = self.departments.iter().map(|d| d.key.as_str()).collect();
                return fail(
                    at("fleets", i, "department"),
                    format!(
                        "there is no department {:?}; known: {}",
                        f.department,
                        known.join(", ")
                    ),
                );
            }
            if !(1..=999).contains(&f.count) {
                return fail(
                    at("fleets", i, "count"),
                    format!("is {}; write 1 … 999", f.count),
                );
            }
            if !(0.1..=2.0).contains(&f.speed_factor) {
                return fail(
                    at("fleets", i, "speed_factor"),
                    format!("is {}; write 0.1 … 2.0", f.speed_factor),
                );
            }
            if f.depots.is_empty() {
                return fail(
                    at("fleets", i, "depots"),
                    "is empty; name at least one depot".into(),
                );
            }
            if let Some(unknown) = f
                .depots
                .iter()
                .find(|d| !self.depots.iter().any(|k| k.key == **d))
            {
                let known: Vec<_> = self.depots.iter().map(|d| d.key.as_str()).collect();
                return fail(
                    at("fleets", i, "depots"),
                    format!("there is no depot {unknown:?}; known: {}", known.join(", ")),
                );
            }
        }
        Ok(())
    }

    /// Keys that must be there and differ.
    fn check_keys(&self) -> Result<(), Fault> {
        let lists: [(&'static str, Vec<&str>); 3] = [
            (
                "departments",
                self.departments.iter().map(|d| d.key.as_str()).collect(),
            ),
            (
                "depots",
                self.depots.iter().map(|d| d.key.as_str()).collect(),
            ),
            (
                "fleets",
                self.fleets.iter().map(|f| f.key.as_str()).collect(),
            ),
        ];
        for (list, keys) in lists {
            let mut seen = BTreeSet::new();
            for (i, key) in keys.iter().enumerate() {
                let steps = vec![Step::Key(list), Step::Item(i), Step::Key("key")];
                if key.is_empty() {
                    return Err((steps, "is empty; give it a short name".into()));
                }
                if !seen.insert(*key) {
                    return Err((
                        steps,
                        format!("{key:?} stands twice; every key of {list} must differ"),
                    ));
                }
            }
        }
        if self.departments.is_empty() {
            return Err((
                vec![Step::Key("departments")],
                "is empty; cases need a department that acts".into(),
            ));
        }
        Ok(())
    }
}
