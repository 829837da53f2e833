use crate::city::{
    Calendar, CaseClass, CaseKind, CivilDay, DayKind, Department, Limit, Rules, Severity,
};
use crate::geo::GeoBox;
use crate::ids::DepartmentId;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// A city's rules, version 1.
#[derive(Serialize, Deserialize)]
pub(super) struct RulesV1<'a> {
    city: Cow<'a, str>,
    city_en: Cow<'a, str>,
    bounds: GeoBox,
    classes: Vec<CaseClassV1<'a>>,
    departments: Vec<DepartmentV1<'a>>,
    calendar: CalendarV1<'a>,
    duplicate_radius_m: u32,
    duplicate_age_s: u32,
    future_tolerance_s: u32,
    keep_closed_s: u32,
}

#[derive(Serialize, Deserialize)]
struct CaseClassV1<'a> {
    code: Cow<'a, str>,
    kind: CaseKind,
    group: Cow<'a, str>,
    name: Cow<'a, str>,
    name_en: Cow<'a, str>,
    severity: Severity,
    limit: LimitV1,
    department: DepartmentId,
    skill: Cow<'a, str>,
}

#[derive(Serialize, Deserialize)]
struct LimitV1 {
    amount: u32,
    clock: crate::city::ClockKind,
}

#[derive(Serialize, Deserialize)]
struct DepartmentV1<'a> {
    key: Cow<'a, str>,
    name: Cow<'a, str>,
    name_en: Cow<'a, str>,
}

#[derive(Serialize, Deserialize)]
struct CalendarV1<'a> {
    offsets: Cow<'a, [(Timestamp, i32)]>,
    days: Cow<'a, BTreeMap<CivilDay, DayKind>>,
}

impl<'a> From<&'a Rules> for RulesV1<'a> {
    fn from(r: &'a Rules) -> Self {
        // Every field by its name: one that is added has to be given a version here.
        let Rules {
            city,
            city_en,
            bounds,
            classes,
            departments,
            calendar,
            duplicate_radius_m,
            duplicate_age_s,
            future_tolerance_s,
            keep_closed_s,
        } = r;
        Self {
            city: city.into(),
            city_en: city_en.into(),
            bounds: *bounds,
            classes: classes.iter().map(CaseClassV1::from).collect(),
            departments: departments.iter().map(DepartmentV1::from).collect(),
            calendar: CalendarV1::from(calendar),
            duplicate_radius_m: *duplicate_radius_m,
            duplicate_age_s: *duplicate_age_s,
            future_tolerance_s: *future_tolerance_s,
            keep_closed_s: *keep_closed_s,
        }
    }
}

impl From<RulesV1<'_>> for Rules {
    fn from(r: RulesV1<'_>) -> Self {
        Self {
            city: r.city.into_owned(),
            city_en: r.city_en.into_owned(),
            bounds: r.bounds,
            classes: r.classes.into_iter().map(CaseClass::from).collect(),
            departments: r.departments.into_iter().map(Department::from).collect(),
            calendar: Calendar {
                offsets: r.calendar.offsets.into_owned(),
                days: r.calendar.days.into_owned(),
            },
            duplicate_radius_m: r.duplicate_radius_m,
            duplicate_age_s: r.duplicate_age_s,
            future_tolerance_s: r.future_tolerance_s,
            keep_closed_s: r.keep_closed_s,
        }
    }
}

impl<'a> From<&'a CaseClass> for CaseClassV1<'a> {
    fn from(c: &'a CaseClass) -> Self {
        let CaseClass {
            code,
            kind,
            group,
            name,
            name_en,
            severity,
            limit: Limit { amount, clock },
            department,
            skill,
        } = c;
        Self {
            code: code.into(),
            kind: *kind,
            group: group.into(),
            name: name.into(),
            name_en: name_en.into(),
            severity: *severity,
            limit: LimitV1 {
                amount: *amount,
                clock: *clock,
            },
            department: *department,
            skill: skill.into(),
        }
    }
}

impl From<CaseClassV1<'_>> for CaseClass {
    fn from(c: CaseClassV1<'_>) -> Self {
        Self {
            code: c.code.into_owned(),
            kind: c.kind,
            group: c.group.into_owned(),
            name: c.name.into_owned(),
            name_en: c.name_en.into_owned(),
            severity: c.severity,
            limit: Limit {
                amount: c.limit.amount,
                clock: c.limit.clock,
            },
            department: c.department,
            skill: c.skill.into_owned(),
        }
    }
}

impl<'a> From<&'a Department> for DepartmentV1<'a> {
    fn from(d: &'a Department) -> Self {
        let Department { key, name, name_en } = d;
        Self {
            key: key.into(),
            name: name.into(),
            name_en: name_en.into(),
        }
    }
}

impl From<DepartmentV1<'_>> for Department {
    fn from(d: DepartmentV1<'_>) -> Self {
        Self {
            key: d.key.into_owned(),
            name: d.name.into_owned(),
            name_en: d.name_en.into_owned(),
        }
    }
}

impl<'a> From<&'a Calendar> for CalendarV1<'a> {
    fn from(c: &'a Calendar) -> Self {
        let Calendar { offsets, days } = c;
        Self {
            offsets: Cow::Borrowed(offsets),
            days: Cow::Borrowed(days),
        }
    }
}
