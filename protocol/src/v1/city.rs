//! A city as the greeting describes it.

use super::model::{CaseKind, Limit, Severity};
use chengtu_engine::city;
use chengtu_engine::ids::DepartmentId;
use chengtu_engine::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_with::As;

#[derive(Serialize, Deserialize)]
#[serde(remote = "city::CityInfo")]
pub(super) struct CityInfo {
    name: String,
    name_en: String,
    bounds: (f64, f64, f64, f64),
    centre: (f64, f64),
    utc_offsets: Vec<(Timestamp, i32)>,
    #[serde(with = "As::<Vec<ClassInfo>>")]
    classes: Vec<city::ClassInfo>,
    #[serde(with = "As::<Vec<DepartmentInfo>>")]
    departments: Vec<city::DepartmentInfo>,
    notice: String,
    notice_en: String,
    #[serde(default)]
    attribution: String,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "city::ClassInfo")]
pub(super) struct ClassInfo {
    code: String,
    #[serde(with = "CaseKind")]
    kind: city::CaseKind,
    group: String,
    name: String,
    name_en: String,
    #[serde(with = "Severity")]
    severity: city::Severity,
    #[serde(with = "Limit")]
    limit: city::Limit,
    department: DepartmentId,
    skill: String,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "city::DepartmentInfo")]
pub(super) struct DepartmentInfo {
    key: String,
    name: String,
    name_en: String,
}
