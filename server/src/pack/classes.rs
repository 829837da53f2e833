//! The table of case classes (立结案标准): who must act, how soon, with what skill.

use super::CityConfig;
use chengtu_engine::city::{CaseKind, ClockKind, Limit, Severity};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// A condition under which a case of a class is opened, and its time limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// Its number within the class, from 1.
    pub number: u32,
    /// From filing to handled.
    pub limit: Limit,
    /// The limit as the standard writes it, e.g. `2紧急工作时`.
    pub text: String,
}

/// A class of cases.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseClassEntry {
    /// `C` (部件 component) or `E` (事件 event) and four digits.
    pub code: String,
    /// Component or event.
    pub kind: CaseKind,
    /// Name of the class above it, as the standard groups them.
    pub group: String,
    /// Name of the class.
    pub name: String,
    /// Name in English; may be empty.
    pub name_en: String,
    /// Severity that a report of this class starts with.
    pub severity: Severity,
    /// Key of the department that must act.
    pub department: String,
    /// Skill that a unit needs; empty where any will do.
    pub skill: String,
    /// Its conditions, at least one.
    pub conditions: Vec<Condition>,
}

impl CaseClassEntry {
    /// The limit that ends first, working time counted as it would run from a Monday morning.
    pub fn shortest_limit(&self) -> Limit {
        let shortest = self
            .conditions
            .iter()
            .map(|c| c.limit)
            .min_by_key(|l| (running_hours(*l), l.clock as u8));
        shortest.unwrap_or(Limit {
            amount: 1,
            clock: ClockKind::WorkingDays,
        })
    }

    /// 1 特急 … 4 轻微 by the limits: any in 紧急工作时 → 1, else any of up to 4 working hours → 2, else any of up to
    /// 3 days → 3, else 4.
    pub fn severity_by_limit(&self) -> Severity {
        let any = |test: fn(&Limit) -> bool| self.conditions.iter().any(|c| test(&c.limit));
        if any(|l| l.clock == ClockKind::RunningHours) {
            Severity::Severe
        } else if any(|l| l.clock == ClockKind::WorkingHours && l.amount <= 4) {
            Severity::Urgent
        } else if any(|l| running_hours(*l) <= 3 * 24) {
            Severity::Normal
        } else {
            Severity::Slight
        }
    }
}

/// Hours that pass, nights and days, while a limit runs within one working week.
fn running_hours(limit: Limit) -> u32 {
    match limit.clock {
        ClockKind::RunningHours | ClockKind::WorkingHours => limit.amount,
        ClockKind::RunningDays | ClockKind::WorkingDays => limit.amount.saturating_mul(24),
    }
}

/// What is wrong with a table of case classes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}, row {row}: {detail}", path.display())]
pub struct ClassTableError {
    /// Path of the table.
    pub path: PathBuf,
    /// Line of the file, from 1; the header is line 1.
    pub row: u64,
    /// What is wrong and what to write instead.
    pub detail: String,
}

/// The case classes of a city.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClassTable {
    /// In the order of the file.
    pub classes: Vec<CaseClassEntry>,
}

/// A row of a standard's table, as `--case-classes` takes it: one row a condition.
#[derive(Clone, Debug, Deserialize)]
pub struct RawClassRow {
    /// 部件 or 事件 (also `component`, `event`).
    pub kind: String,
    /// Code of the top class, two digits.
    pub big_code: String,
    /// Name of the top class.
    pub big_name: String,
    /// Code of the class within its top class, two digits.
    pub small_code: String,
    /// Name of the class.
    pub small_name: String,
    /// Number of the condition, from 1.
    pub condition_no: u32,
    /// Time limit as text.
    pub time_limit: String,
}

/// A row of a pack's table: a raw row with what the importer or the city has decided about the class.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PackRow {
    code: String,
    kind: String,
    group: String,
    name: String,
    name_en: String,
    severity: u8,
    department: String,
    skill: String,
    condition: u32,
    time_limit: String,
}

/// Parses a time limit as standards write it.
///
/// `2紧急工作时` and `2紧急工作日` run day and night; `4小时` and `4工作时` are working hours, `5天` and `5工作日` working
/// days; `3自然日` are running days. A trailing 制止 ("stopped within") and spaces are allowed.
///
/// # Errors
/// What was expected, where the text is none of these.
pub fn parse_limit(text: &str) -> Result<Limit, String> {
    let bad = || {
        format!(
            "time limit {text:?} cannot be read; write a number and one of \"running hours\", \"running days\", \"working \
             hours\", \"working days\", or the standard's own words"
        )
    };
    let plain = text.trim().trim_end_matches("制止");
    let digits = plain.find(|c: char| !c.is_ascii_digit()).ok_or_else(bad)?;
    let amount: u32 = plain[..digits].parse().map_err(|_| bad())?;
    let clock = match plain[digits..].trim() {
        "running hours" | "running hour" | "紧急工作时" | "紧急小时" => {
            ClockKind::RunningHours
        }
        "running days" | "running day" | "紧急工作日" | "自然日" | "日" => {
            ClockKind::RunningDays
        }
        "working hours" | "working hour" | "小时" | "工作时" | "工作小时" => {
            ClockKind::WorkingHours
        }
        "working days" | "working day" | "天" | "工作日" | "个工作日" => {
            ClockKind::WorkingDays
        }
        _ => return Err(bad()),
    };
    if amount == 0 {
        return Err(format!(
            "time limit {text:?} leaves no time at all; give at least 1"
        ));
    }
    Ok(Limit { amount, clock })
}

/// A limit as [`parse_limit`] reads it, in English.
fn limit_in_english(limit: Limit) -> String {
    let clock = match limit.clock {
        ClockKind::RunningHours => "running hour",
        ClockKind::RunningDays => "running day",
        ClockKind::WorkingHours => "working hour",
        ClockKind::WorkingDays => "working day",
    };
    let many = if limit.amount == 1 { "" } else { "s" };
    format!("{} {clock}{many}", limit.amount)
}

fn rows<T: serde::de::DeserializeOwned>(
    path: &Path,
    bytes: &[u8],
) -> Result<Vec<(u64, T)>, ClassTableError> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .from_reader(bytes);
    let error = |row, detail| ClassTableError {
        path: path.to_owned(),
        row,
        detail,
    };
    let headers = reader
        .headers()
        .map_err(|e| error(1, e.to_string()))?
        .clone();
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record
            .map_err(|e| error(e.position().map_or(0, csv::Position::line), csv_detail(&e)))?;
        let line = record.position().map_or(0, csv::Position::line);
        rows.push((
            line,
            record
                .deserialize(Some(&headers))
                .map_err(|e| error(line, csv_detail(&e)))?,
        ));
    }
    if rows.is_empty() {
        return Err(error(
            1,
            "no rows below the header; a city needs at least one case class".into(),
        ));
    }
    Ok(rows)
}

fn csv_detail(error: &csv::Error) -> String {
    match error.kind() {
        csv::ErrorKind::Deserialize { err, .. } => err.to_string(),
        csv::ErrorKind::UnequalLengths {
            expected_len, len, ..
        } => format!("{len} fields; {expected_len} are expected"),
        csv::ErrorKind::Utf8 { .. } => "not UTF-8; save the table as UTF-8".into(),
        _ => error.to_string(),
    }
}

fn kind_of(word: &str) -> Option<CaseKind> {
    match word {
        "部件" | "component" => Some(CaseKind::Component),
        "事件" | "event" => Some(CaseKind::Event),
        _ => None,
    }
}

impl ClassTable {
    /// Reads a standard's table. `decide` says name in English, department and skill of a class from its kind, four
    /// digits, top class and name.
    ///
    /// # Errors
    /// [`ClassTableError`] with the row.
    pub fn read_standard(
        path: &Path,
        bytes: &[u8],
        decide: impl Fn(&RawClassRow, &str) -> (String, String, String),
    ) -> Result<Self, ClassTableError> {
        let mut table = Self::default();
        let mut place: BTreeMap<String, usize> = BTreeMap::new();
        for (row, raw) in rows::<RawClassRow>(path, bytes)? {
            let error = |detail| ClassTableError {
                path: path.to_owned(),
                row,
                detail,
            };
            let kind = kind_of(&raw.kind).ok_or_else(|| {
                error(format!(
                    "kind {:?}; write component or event (部件, 事件)",
                    raw.kind
                ))
            })?;
            for digits in [&raw.big_code, &raw.small_code] {
                if digits.len() != 2 || !digits.bytes().all(|b| b.is_ascii_digit()) {
                    return Err(error(format!("code {digits:?}; two digits are expected")));
                }
            }
            let limit = parse_limit(&raw.time_limit).map_err(error)?;
            let letter = if kind == CaseKind::Component {
                'C'
            } else {
                'E'
            };
            let code = format!("{letter}{}{}", raw.big_code, raw.small_code);
            let condition = Condition {
                number: raw.condition_no,
                limit,
                text: raw.time_limit.clone(),
            };
            if let Some(at) = place.get(&code) {
                let class = &mut table.classes[*at];
                if class.name != raw.small_name {
                    return Err(error(format!(
                        "{code} is both {} and {}",
                        class.name, raw.small_name
                    )));
                }
                if class
                    .conditions
                    .iter()
                    .any(|c| c.number == condition.number)
                {
                    return Err(error(format!(
                        "condition {} of {code} stands twice",
                        condition.number
                    )));
                }
                class.conditions.push(condition);
                continue;
            }
            let (name_en, department, skill) = decide(&raw, &code);
            place.insert(code.clone(), table.classes.len());
            table.classes.push(CaseClassEntry {
                code,
                kind,
                group: raw.big_name,
                name: raw.small_name,
                name_en,
                severity: Severity::Normal,
                department,
                skill,
                conditions: vec![condition],
            });
        }
        for class in &mut table.classes {
            class.severity = class.severity_by_limit();
        }
        Ok(table)
    }

    /// Reads a pack's own table.
    ///
    /// # Errors
    /// [`ClassTableError`] with the row.
    pub fn read_pack(path: &Path, bytes: &[u8]) -> Result<Self, ClassTableError> {
        let mut table = Self::default();
        for (row, r) in rows::<PackRow>(path, bytes)? {
            let error = |detail| ClassTableError {
                path: path.to_owned(),
                row,
                detail,
            };
            let kind = kind_of(&r.kind)
                .ok_or_else(|| error(format!("kind {:?}; write component or event", r.kind)))?;
            let limit = parse_limit(&r.time_limit).map_err(error)?;
            let severity = match r.severity {
                1 => Severity::Severe,
                2 => Severity::Urgent,
                3 => Severity::Normal,
                4 => Severity::Slight,
                other => {
                    return Err(error(format!(
                        "severity {other}; write 1 (the gravest) … 4 (the slightest)"
                    )));
                }
            };
            let condition = Condition {
                number: r.condition,
                limit,
                text: r.time_limit,
            };
            let mut class = CaseClassEntry {
                code: r.code,
                kind,
                group: r.group,
                name: r.name,
                name_en: r.name_en,
                severity,
                department: r.department,
                skill: r.skill,
                conditions: Vec::new(),
            };
            let elsewhere = table
                .classes
                .iter()
                .rev()
                .skip(1)
                .any(|c| c.code == class.code);
            match table.classes.last_mut().filter(|c| c.code == class.code) {
                Some(same) => {
                    class.conditions.clone_from(&same.conditions);
                    if class != *same {
                        return Err(error(format!(
                            "{} says something else about itself than in the row above",
                            class.code
                        )));
                    }
                    same.conditions.push(condition);
                }
                None if elsewhere => {
                    return Err(error(format!(
                        "{} stands in two places; keep its rows together",
                        class.code
                    )));
                }
                None => {
                    class.conditions.push(condition);
                    table.classes.push(class);
                }
            }
        }
        Ok(table)
    }

    /// The table for a city whose data is English: names, groups and limits that have an English form are written in it.
    #[must_use]
    pub fn in_english(mut self, group: impl Fn(&str) -> Option<&'static str>) -> Self {
        for class in &mut self.classes {
            if !class.name_en.is_empty() {
                class.name.clone_from(&class.name_en);
            }
            if let Some(group) = group(&class.group) {
                group.clone_into(&mut class.group);
            }
            for condition in &mut class.conditions {
                condition.text = limit_in_english(condition.limit);
            }
        }
        self
    }

    /// The table as a pack holds it, with a header.
    pub fn to_pack_csv(&self) -> Vec<u8> {
        let mut writer = csv::Writer::from_writer(Vec::new());
        for c in &self.classes {
            for condition in &c.conditions {
                let row = PackRow {
                    code: c.code.clone(),
                    kind: if c.kind == CaseKind::Component {
                        "component"
                    } else {
                        "event"
                    }
                    .into(),
                    group: c.group.clone(),
                    name: c.name.clone(),
                    name_en: c.name_en.clone(),
                    severity: c.severity as u8 + 1,
                    department: c.department.clone(),
                    skill: c.skill.clone(),
                    condition: condition.number,
                    time_limit: condition.text.clone(),
                };
                writer
                    .serialize(row)
                    .expect("a row of text and numbers can be written to memory");
            }
        }
        writer.into_inner().expect("writing to memory cannot fail")
    }

    /// Refuses classes whose department is not in the city, or whose skill no fleet has.
    ///
    /// # Errors
    /// [`ClassTableError`] naming the class.
    pub fn check_against(&self, path: &Path, city: &CityConfig) -> Result<(), ClassTableError> {
        let mut row = 2;
        for c in &self.classes {
            let error = |detail| {
                Err(ClassTableError {
                    path: path.to_owned(),
                    row,
                    detail,
                })
            };
            if !city.departments.iter().any(|d| d.key == c.department) {
                return error(format!(
                    "{}: there is no department {:?} in city.toml",
                    c.code, c.department
                ));
            }
            if !c.skill.is_empty()
                && !city.fleets.is_empty()
                && !city.fleets.iter().any(|f| f.skills.contains(&c.skill))
            {
                return error(format!(
                    "{}: no fleet in city.toml has the skill {:?}",
                    c.code, c.skill
                ));
            }
            row += c.conditions.len() as u64;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ClockKind::{RunningDays, RunningHours, WorkingDays, WorkingHours};

    fn check(text: &str, expected: Option<(u32, ClockKind)>) {
        let limit = parse_limit(text).ok().map(|l| (l.amount, l.clock));
        assert_eq!(limit, expected, "{text}");
    }

    #[test]
    fn limits_are_read_as_standards_write_them() {
        check("2紧急工作时", Some((2, RunningHours)));
        check("3紧急工作日", Some((3, RunningDays)));
        check("4小时", Some((4, WorkingHours)));
        check("15天", Some((15, WorkingDays)));
        check("7自然日", Some((7, RunningDays)));
        check("1紧急工作时制止", Some((1, RunningHours)));
        for bad in ["", "5", "天", "0天", "-1天", "5周", "随时", "99999999999天"] {
            check(bad, None);
        }
    }

    fn standard(rows: &str) -> Result<ClassTable, ClassTableError> {
        let text =
            format!("kind,big_code,big_name,small_code,small_name,condition_no,time_limit\n{rows}");
        let decide = |_: &RawClassRow, _: &str| (String::new(), "d".to_owned(), String::new());
        ClassTable::read_standard(Path::new("t.csv"), text.as_bytes(), decide)
    }

    #[test]
    fn severity_follows_the_shortest_limit() {
        let severity = |limits: &[&str]| {
            let rows = limits
                .iter()
                .enumerate()
                .map(|(i, l)| format!("事件,01,a,01,b,{},{l}\n", i + 1));
            standard(&rows.collect::<String>()).unwrap().classes[0].severity
        };
        assert_eq!(severity(&["5天", "2紧急工作时"]), Severity::Severe);
        assert_eq!(severity(&["4小时", "5天"]), Severity::Urgent);
        assert_eq!(severity(&["3天"]), Severity::Normal);
        assert_eq!(severity(&["5天"]), Severity::Slight);
    }

    #[test]
    fn what_does_not_parse_is_named_with_its_row() {
        for (rows, word) in [
            (
                "部件,01,a,01,b,1,2天\n部件,01,a,01,b,2,2周\n",
                "row 3: time limit \"2周\"",
            ),
            ("东西,01,a,01,b,1,2天\n", "row 2: kind"),
            ("部件,1,a,01,b,1,2天\n", "row 2: code"),
            (
                "部件,01,a,01,b,1,2天\n部件,01,a,01,c,2,2天\n",
                "row 3: C0101 is both",
            ),
            ("部件,01,a,01,b,1\n", "row 2"),
            ("部件,01,a,01,b,x,1天\n", "row 2"),
            ("", "no rows"),
        ] {
            let error = standard(rows).unwrap_err().to_string();
            assert!(error.contains(word), "{error}");
        }
    }

    #[test]
    fn a_table_survives_the_pack() {
        let table = standard("部件,01,公用设施,01,上水井盖,1,2紧急工作时\n部件,01,公用设施,01,上水井盖,2,4小时\n事件,05,突发,06,积水,1,1天\n").unwrap();
        let again = ClassTable::read_pack(Path::new("p.csv"), &table.to_pack_csv()).unwrap();
        assert_eq!(table, again);
        assert_eq!(
            table.classes[0].shortest_limit(),
            Limit {
                amount: 2,
                clock: RunningHours
            }
        );
    }
}
