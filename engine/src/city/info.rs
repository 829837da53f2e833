use super::{CaseClass, CaseKind, Department, Limit, Rules, Severity};
use crate::ids::DepartmentId;
use crate::time::Timestamp;

/// A city, for people.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CityInfo {
    /// The city's name in Chinese.
    pub name: String,
    /// Name in English.
    pub name_en: String,
    /// West, south, east, north, degrees.
    pub bounds: (f64, f64, f64, f64),
    /// Longitude, latitude of its centre.
    pub centre: (f64, f64),
    /// Seconds to add to UTC from each moment on.
    pub utc_offsets: Vec<(Timestamp, i32)>,
    /// Classes by id.
    pub classes: Vec<ClassInfo>,
    /// Departments by id.
    pub departments: Vec<DepartmentInfo>,
    /// What of it is simulated or recorded, in words; empty for a real city.
    pub notice: String,
    /// The same in English.
    pub notice_en: String,
    /// Whom the base map is from; empty: OpenStreetMap's contributors.
    pub attribution: String,
}

impl CityInfo {
    /// What a city's rules say of it; notices, centre and attribution are not in them.
    pub fn of(rules: &Rules) -> Self {
        let (sw, ne) = (rules.bounds.min.lon_lat(), rules.bounds.max.lon_lat());
        let class = |c: &CaseClass| ClassInfo {
            code: c.code.clone(),
            kind: c.kind,
            group: c.group.clone(),
            name: c.name.clone(),
            name_en: c.name_en.clone(),
            severity: c.severity,
            limit: c.limit,
            department: c.department,
            skill: c.skill.clone(),
        };
        let department = |d: &Department| DepartmentInfo {
            key: d.key.clone(),
            name: d.name.clone(),
            name_en: d.name_en.clone(),
        };
        Self {
            name: rules.city.clone(),
            name_en: rules.city_en.clone(),
            bounds: (sw.lon_deg, sw.lat_deg, ne.lon_deg, ne.lat_deg),
            centre: (
                f64::midpoint(sw.lon_deg, ne.lon_deg),
                f64::midpoint(sw.lat_deg, ne.lat_deg),
            ),
            utc_offsets: rules.calendar.offsets.clone(),
            classes: rules.classes.iter().map(class).collect(),
            departments: rules.departments.iter().map(department).collect(),
            notice: String::new(),
            notice_en: String::new(),
            attribution: String::new(),
        }
    }
}

/// A case class, for people.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)] // Field by field the same as `crate::city::CaseClass`.
pub struct ClassInfo {
    pub code: String,
    pub kind: CaseKind,
    pub group: String,
    pub name: String,
    pub name_en: String,
    pub severity: Severity,
    pub limit: Limit,
    pub department: DepartmentId,
    pub skill: String,
}

/// A department, for people.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)] // Field by field the same as `crate::city::Department`.
pub struct DepartmentInfo {
    pub key: String,
    pub name: String,
    pub name_en: String,
}
