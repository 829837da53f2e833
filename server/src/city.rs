//! A city as the server knows it beforehand: what its pack says, in the shapes that the world needs.

use crate::config::PrivacyConfig;
use crate::drill::Ground;
use crate::pack::Pack;
use chengtu_engine::city::{CityInfo, Continued, Language, Rules};
use chengtu_engine::geo::Position;
use chengtu_engine::ids::{ClassId, DepartmentId};
use chengtu_engine::roads::RoadGraph;
use chengtu_engine::sight::{Cell, Cells, Policy};
use std::sync::Arc;

/// What the world needs of a city pack.
#[derive(Debug)]
pub struct City {
    /// What decisions read.
    pub rules: Rules,
    /// What clients are sent in the greeting.
    pub info: CityInfo,
    /// The language of its data.
    pub language: Language,
    /// Road graph of the pack, for routes, rankings and addresses.
    pub roads: Arc<RoadGraph>,
    /// What drills need of it.
    pub ground: Arc<Ground>,
    /// Units to register at start.
    pub units: Vec<UnitSeed>,
    /// Its unit grid: who may see which part of it, and what stands for a person's point.
    pub cells: Arc<Cells>,
    /// Which of its cases are about one person.
    pub policy: Arc<Policy>,
    /// Classes that are no longer in the pack's table: cases of them go on, new ones are not taken.
    pub gone: Vec<ClassId>,
    /// Named places, for words about a position.
    places: Vec<(Position, String)>,
}

/// A class that the configuration names and the city does not have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0} names the case class {1:?}, which this city does not have; codes stand in its classes.csv"
)]
pub struct UnknownClass(&'static str, String);

/// A unit as the pack describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnitSeed {
    /// Call sign, e.g. 排水 10.
    pub call_sign: String,
    /// Call sign in English.
    pub call_sign_en: String,
    /// Key of its fleet in the pack.
    pub fleet: String,
    /// Key of its department in the pack.
    pub department: String,
    /// What it can do.
    pub skills: Vec<String>,
}

/// What the pack says and what this server's configuration adds.
fn both(of_pack: &str, configured: &str) -> String {
    match (of_pack.is_empty(), configured.is_empty()) {
        (_, true) => of_pack.to_owned(),
        (true, false) => configured.to_owned(),
        (false, false) => format!("{of_pack} · {configured}"),
    }
}

/// Positions farther from a road than this get no address by that road, metres.
const ADDRESS_M_MAX: f64 = 300.0;

impl City {
    /// From a pack; the notices say what of the city is simulated or recorded.
    pub fn new(pack: Pack, notice: &str, notice_en: &str) -> Self {
        let Continued { rules, gone } = pack.continued();
        let ground = Arc::new(Ground::new(&pack));
        let b = pack.city.bounds;
        let info = CityInfo {
            bounds: (b.west, b.south, b.east, b.north),
            centre: (pack.city.centre.lon, pack.city.centre.lat),
            notice: match pack.city.language() {
                Language::Zh => both(&pack.city.notice, notice),
                Language::En => both(&pack.city.notice_en, notice_en),
            },
            notice_en: both(&pack.city.notice_en, notice_en),
            attribution: pack.city.attribution.clone(),
            ..CityInfo::of(&rules)
        };
        let pack_language = pack.city.language();
        let mut units = Vec::new();
        for f in &pack.city.fleets {
            for n in 1..=f.count {
                units.push(UnitSeed {
                    call_sign: format!("{} {n}", f.call_sign),
                    call_sign_en: format!("{} {n}", f.call_sign_en),
                    fleet: f.key.clone(),
                    department: f.department.clone(),
                    skills: f.skills.clone(),
                });
            }
        }
        let cells = pack.grid.cells.into_iter().map(|c| Cell {
            code: c.code,
            bounds: c.bounds,
        });
        let cells = Cells::new(cells.collect());
        let places = pack
            .places
            .into_iter()
            .filter_map(|p| {
                let at = chengtu_engine::geo::LonLat::new(p.lon, p.lat);
                Some((at.position().ok()?, p.name))
            })
            .collect();
        Self {
            language: pack_language,
            rules,
            info,
            roads: pack.roads,
            ground,
            units,
            gone,
            places,
            cells: Arc::new(cells),
            policy: Arc::default(),
        }
    }

    /// The same with classes of cases that are about one person.
    ///
    /// # Errors
    /// The key of the configuration and a code that no class has.
    pub fn with_privacy(self, privacy: &PrivacyConfig) -> Result<Self, UnknownClass> {
        let class_of = |key: &'static str, code: &String| {
            let found = self.rules.classes.iter().position(|c| c.code == *code);
            let id = found.and_then(|n| u16::try_from(n).ok()).map(ClassId);
            id.ok_or_else(|| UnknownClass(key, code.clone()))
        };
        let personal = privacy.personal_classes.iter();
        let personal = personal.map(|c| class_of("privacy.personal_classes", c));
        let sensitive = privacy.sensitive_classes.iter();
        let sensitive = sensitive.map(|c| class_of("privacy.sensitive_classes", c));
        let policy = Policy {
            personal: personal.collect::<Result<_, _>>()?,
            sensitive: sensitive.collect::<Result<_, _>>()?,
        };
        let policy = Arc::new(policy);
        Ok(Self { policy, ..self })
    }

    /// The department of a key; `None` for an empty one and one that there is not.
    pub fn department(&self, key: &str) -> Option<DepartmentId> {
        let departments = self.rules.departments.iter();
        let found = departments.into_iter().position(|d| d.key == key)?;
        u16::try_from(found).ok().map(DepartmentId)
    }

    /// Seconds east of UTC.
    pub fn utc_offset_s(&self, t: chengtu_engine::time::Timestamp) -> i32 {
        self.rules.calendar.offset_s(t)
    }

    /// A position in the words people use: its road and the nearest crossing; else the nearest named place.
    pub fn address(&self, p: Position) -> String {
        if let Some(on_road) = self.roads.snap(p, ADDRESS_M_MAX) {
            let place = self.roads.describe(on_road);
            match (place.road, place.crossing) {
                (Some(road), Some(crossing)) => return format!("{road} · {crossing}"),
                (Some(name), None) | (None, Some(name)) => return name.to_owned(),
                (None, None) => {}
            }
        }
        self.places
            .iter()
            .map(|(at, name)| (chengtu_engine::geo::distance_m(*at, p), name))
            .min_by(|a, b| a.0.total_cmp(&b.0))
            .map(|(_, name)| name.clone())
            .unwrap_or_default()
    }
}
