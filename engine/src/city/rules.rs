use super::{Calendar, Language};
use crate::geo::GeoBox;
use crate::ids::{CaseId, ClassId, DepartmentId};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// How grave a case is. 特急, 紧急, 一般, 轻微.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// 特急: life or traffic in danger; raises an alarm.
    Severe,
    /// 紧急: to be dealt with before anything normal.
    Urgent,
    /// 一般: in the order of limits.
    Normal,
    /// 轻微: may wait for everything else.
    Slight,
}

/// 部件 or 事件.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CaseKind {
    /// 部件: a fixed object of the city.
    Component,
    /// 事件: something that happens.
    Event,
}

/// Which hours count towards a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClockKind {
    /// 紧急工作时: running hours, day and night.
    RunningHours,
    /// 自然日: running days.
    RunningDays,
    /// 工作时: hours between 08–12 and 14–18 on working days.
    WorkingHours,
    /// 工作日: working days of eight working hours.
    WorkingDays,
}

/// A time limit: an amount on a clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limit {
    /// Hours or days, as the clock says; > 0.
    pub amount: u32,
    /// Which hours of the day and week use the limit up.
    pub clock: ClockKind,
}

/// A class of cases, with what follows from it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseClass {
    /// Kind letter and four digits, e.g. `C0102`; unique in a city.
    pub code: String,
    /// Component or event.
    pub kind: CaseKind,
    /// Top class, e.g. 公用设施.
    pub group: String,
    /// Name, e.g. 污水井盖.
    pub name: String,
    /// Name in English; empty where there is none.
    pub name_en: String,
    /// Severity that a report of this class starts with.
    pub severity: Severity,
    /// From filing to handled.
    pub limit: Limit,
    /// The department that must act on cases of the class.
    pub department: DepartmentId,
    /// Skill that a unit needs; empty where any unit will do.
    pub skill: String,
}

/// A body that must act.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Department {
    /// Short key, e.g. `drainage`.
    pub key: String,
    /// Name, e.g. 排水.
    pub name: String,
    /// Name in English.
    pub name_en: String,
}

/// What decisions read about a city. Folded into the state, so that replay needs nothing else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rules {
    /// The city's name.
    pub city: String,
    /// The city's name in English.
    pub city_en: String,
    /// The rectangle that cases and targets must lie in, WGS 84.
    pub bounds: GeoBox,
    /// Classes; [`ClassId`] is the place in this list.
    pub classes: Vec<CaseClass>,
    /// Departments; [`DepartmentId`] is the place in this list.
    pub departments: Vec<Department>,
    /// Working days and hours.
    pub calendar: Calendar,
    /// A report this near to an open case of its class is proposed as its duplicate, metres.
    pub duplicate_radius_m: u32,
    /// … if that case is younger than this, seconds.
    pub duplicate_age_s: u32,
    /// A fix or observation further than this in the future is quarantined, seconds.
    pub future_tolerance_s: u32,
    /// Closed cases leave the live state after this, seconds.
    pub keep_closed_s: u32,
}

/// What is wrong with a city's rules.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RulesError {
    /// A class names a department that is not there.
    #[error("case class {code}: department number {department} does not exist; there are {count}")]
    NoSuchDepartment {
        /// Code of the class that names it.
        code: String,
        /// The department number that the class names.
        department: u16,
        /// How many departments there are; numbers run from 0.
        count: usize,
    },
    /// Two classes share a code.
    #[error("case class {code} stands twice")]
    TwiceTheCode {
        /// The code that two classes share.
        code: String,
    },
    /// A limit of nothing.
    #[error("case class {code}: a time limit of 0 cannot be kept; give at least 1")]
    EmptyLimit {
        /// Code of the class whose limit is 0.
        code: String,
    },
    /// A class has another place than cases of it say.
    #[error(
        "case class {code} has another place in the list of classes, and case {case} is of it; a class in use keeps its place"
    )]
    ClassMoved {
        /// Code of the class that the case is of.
        code: String,
        /// One of its cases.
        case: CaseId,
    },
    /// A department has another place than units of it say.
    #[error(
        "department {key} has another place in the list of departments, and {call_sign} belongs to it; a department in use keeps its place"
    )]
    DepartmentMoved {
        /// Key of the department that the unit belongs to.
        key: String,
        /// One of its units.
        call_sign: String,
    },
    /// More than 65,535 classes.
    #[error("{count} case classes; at most 65535 can be told apart")]
    TooManyClasses {
        /// How many classes were given.
        count: usize,
    },
}

impl Rules {
    /// Refuses what decisions could not work with.
    ///
    /// # Errors
    /// The first [`RulesError`] found.
    pub fn check(&self) -> Result<(), RulesError> {
        if self.classes.len() > usize::from(u16::MAX) {
            return Err(RulesError::TooManyClasses {
                count: self.classes.len(),
            });
        }
        let mut seen = std::collections::BTreeSet::new();
        for class in &self.classes {
            let code = class.code.clone();
            if usize::from(class.department.0) >= self.departments.len() {
                let (department, count) = (class.department.0, self.departments.len());
                return Err(RulesError::NoSuchDepartment {
                    code,
                    department,
                    count,
                });
            }
            if class.limit.amount == 0 {
                return Err(RulesError::EmptyLimit { code });
            }
            if !seen.insert(&class.code) {
                return Err(RulesError::TwiceTheCode { code });
            }
        }
        Ok(())
    }

    /// The language that the city's bodies are named in: that of its data.
    pub fn language(&self) -> Language {
        let han = |c: char| ('\u{3400}'..='\u{9fff}').contains(&c);
        let mut names = self.departments.iter().map(|d| d.name.as_str());
        if self.departments.is_empty() || names.any(|n| n.chars().any(han)) {
            Language::Zh
        } else {
            Language::En
        }
    }

    /// The class of a code.
    pub fn class_by_code(&self, code: &str) -> Option<ClassId> {
        let at = self.classes.iter().position(|c| c.code == code)?;
        Some(ClassId(at as u16))
    }

    /// The class of an id, if it exists.
    pub fn class(&self, id: ClassId) -> Option<&CaseClass> {
        self.classes.get(usize::from(id.0))
    }

    /// The department of an id, if it exists.
    pub fn department(&self, id: DepartmentId) -> Option<&Department> {
        self.departments.get(usize::from(id.0))
    }

    /// When a limit that starts at `from` is used up.
    pub fn due(&self, from: Timestamp, limit: Limit) -> Timestamp {
        let amount = i64::from(limit.amount);
        match limit.clock {
            ClockKind::RunningHours => from.plus_seconds(amount * 3_600),
            ClockKind::RunningDays => from.plus_seconds(amount * 86_400),
            ClockKind::WorkingHours => self.calendar.after_working_seconds(from, amount * 3_600),
            ClockKind::WorkingDays => self
                .calendar
                .after_working_seconds(from, amount * 8 * 3_600),
        }
    }
}
