//! What the tables call a class, and the city's class that is meant.

use super::rows::whole_code;
use super::{CasesError, Language};
use crate::pack::{CaseClassEntry, ClassTable, Condition, parse_limit};
use chengtu_engine::city::{CaseKind, Severity};
use serde::Deserialize;
use std::path::Path;

/// Classes made from data have no standard; this limit is long, so that nothing is called overdue by a rule nobody set.
const NO_LIMIT: (&str, &str) = ("90自然日", "90 running days");

/// A list that says what words of the data mean.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClassList {
    /// One entry for each class of the data.
    #[serde(default, rename = "class")]
    pub classes: Vec<ListedClass>,
}

/// The meaning of one class name of the data.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListedClass {
    /// As the data has it.
    pub value: String,
    /// Code of a class of the city; for a city that is being made, the code that it gets.
    #[serde(default)]
    pub code: Option<String>,
    /// Name; the data's own word where none is given. For a city that is being made.
    #[serde(default)]
    pub name: Option<String>,
    /// Name in English. For a city that is being made.
    #[serde(default)]
    pub name_en: String,
    /// Top class. For a city that is being made.
    #[serde(default)]
    pub group: Option<String>,
}

impl ClassList {
    /// Reads a TOML file of `[[class]]` tables.
    ///
    /// # Errors
    /// [`CasesError::Classes`] with the line.
    pub fn read(path: &Path) -> Result<Self, CasesError> {
        let text = std::fs::read_to_string(path).map_err(|source| CasesError::Read {
            path: path.to_owned(),
            source,
        })?;
        toml::from_str(&text).map_err(|e: toml::de::Error| CasesError::Classes {
            path: path.to_owned(),
            detail: e.to_string(),
        })
    }

    fn of(&self, value: &str) -> Option<&ListedClass> {
        self.classes.iter().find(|c| c.value == value)
    }

    /// The code of the city's class that a word means: as listed, else by the class's code, else by its name.
    pub fn code_of(&self, value: &str, city: &ClassTable) -> Option<String> {
        let listed = self.of(value).and_then(|c| c.code.as_deref());
        let wanted = listed.unwrap_or(value);
        let by_code = city.classes.iter().find(|c| c.code == wanted);
        let whole = whole_code(wanted);
        let by_code = by_code.or_else(|| city.classes.iter().find(|c| c.code == whole));
        let named = self
            .of(value)
            .and_then(|c| c.name.as_deref())
            .unwrap_or(value);
        by_code
            .or_else(|| city.classes.iter().find(|c| c.name == named))
            .map(|c| c.code.clone())
    }

    /// Classes for a city that is made from the data: the most frequent word first.
    pub fn table(
        &self,
        found: &[(String, u64)],
        department: &str,
        language: Language,
    ) -> ClassTable {
        let of = |(zh, en): (&'static str, &'static str)| match language {
            Language::Zh => zh,
            Language::En => en,
        };
        let no_limit = of(NO_LIMIT);
        let mut order: Vec<&(String, u64)> = found.iter().collect();
        order.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
        let mut table = ClassTable::default();
        let mut next = 9_001;
        for (value, _) in order {
            let listed = self.of(value).cloned().unwrap_or_default();
            let name = listed.name.unwrap_or_else(|| {
                if value.is_empty() {
                    of(("案件", "Case")).to_owned()
                } else {
                    value.clone()
                }
            });
            // Two words of the data may mean one class.
            if table.classes.iter().any(|c| c.name == name) {
                continue;
            }
            let code = listed.code.unwrap_or_else(|| {
                let code = format!("E{next}");
                next += 1;
                code
            });
            let limit = parse_limit(no_limit).unwrap_or(chengtu_engine::city::Limit {
                amount: 90,
                clock: chengtu_engine::city::ClockKind::RunningDays,
            });
            table.classes.push(CaseClassEntry {
                code,
                kind: CaseKind::Event,
                group: listed
                    .group
                    .unwrap_or_else(|| of(("历史记录", "Records")).into()),
                name,
                name_en: listed.name_en,
                severity: Severity::Normal,
                department: department.to_owned(),
                skill: String::new(),
                conditions: vec![Condition {
                    number: 1,
                    limit,
                    text: no_limit.to_owned(),
                }],
            });
        }
        table
    }
}
