//! What is fixed about a city: its classes of cases, departments, fleets, calendar and limits.

mod calendar;
mod continued;
mod info;
mod language;
mod rules;

pub use calendar::{Calendar, CivilDay, DayKind};
pub use continued::Continued;
pub use info::{CityInfo, ClassInfo, DepartmentInfo};
pub use language::Language;
pub use rules::{CaseClass, CaseKind, ClockKind, Department, Limit, Rules, RulesError, Severity};
