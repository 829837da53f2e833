//! When cases come and what they are about: mean numbers by hour of the week and class.

use chengtu_engine::city::Rules;
use chengtu_engine::ids::ClassId;
use chengtu_engine::sim::{CaseRates, HOURS};
use jiff::civil::DateTime;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::io::BufRead;
use std::path::{Path, PathBuf};

/// Mean numbers of cases an hour, by hour of the week and class.
#[derive(Clone, Debug, PartialEq)]
pub struct Rhythm {
    /// Codes of the classes.
    pub classes: Vec<String>,
    /// Row by row: an hour of the week, a number for each class.
    pub rates: Vec<Vec<f64>>,
}

/// Why a table of rates cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum RhythmError {
    /// The file cannot be read.
    #[error("{}: {source}", path.display())]
    Read {
        /// Path of the records.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: std::io::Error,
    },
    /// A row that makes no sense.
    #[error("{}, line {line}: {detail}", path.display())]
    Row {
        /// Path of the records.
        path: PathBuf,
        /// Line of the file, from 1.
        line: u64,
        /// What is wrong and what is expected.
        detail: String,
    },
}

impl Rhythm {
    /// The table that ships: Taipei, 2021.
    ///
    /// # Errors
    /// [`RhythmError`] if the file was damaged before the build.
    pub fn shipped() -> Result<Self, RhythmError> {
        let text = include_str!("../../../../data/rhythm/taipei_2021.csv");
        Self::parse(Path::new("data/rhythm/taipei_2021.csv"), text)
    }

    /// Reads a table: header `hour_of_week,CODE,CODE…`, then 168 rows.
    ///
    /// # Errors
    /// [`RhythmError::Row`].
    pub fn parse(path: &Path, text: &str) -> Result<Self, RhythmError> {
        let error = |line: u64, detail: &str| RhythmError::Row {
            path: path.to_owned(),
            line,
            detail: detail.to_owned(),
        };
        let lines = text.lines().enumerate();
        let mut lines = lines
            .map(|(i, l)| (i as u64 + 1, l.trim()))
            .filter(|(_, l)| !l.is_empty() && !l.starts_with('#'));
        let (_, header) = lines.next().ok_or_else(|| error(1, "the table is empty"))?;
        let mut columns = header.split(',');
        if columns.next() != Some("hour_of_week") {
            return Err(error(1, "the first column must be hour_of_week"));
        }
        let classes: Vec<String> = columns.map(str::to_owned).collect();
        let mut rates = Vec::with_capacity(HOURS);
        for (line, text) in lines {
            let numbers: Option<Vec<f64>> = text
                .split(',')
                .map(|n| n.parse::<f64>().ok().filter(|n| n.is_finite() && *n >= 0.0))
                .collect();
            let numbers = numbers.ok_or_else(|| error(line, "numbers from 0 on are expected"))?;
            if numbers.len() != classes.len() + 1 || numbers[0] != rates.len() as f64 {
                return Err(error(
                    line,
                    "an hour of the week and one number a class are expected, in order",
                ));
            }
            rates.push(numbers[1..].to_vec());
        }
        if rates.len() != HOURS || classes.is_empty() {
            return Err(error(
                0,
                "168 hours of the week and at least one class are expected",
            ));
        }
        Ok(Self { classes, rates })
    }

    /// The table as text, with what it is above it.
    pub fn to_csv(&self, remarks: &str) -> String {
        let mut text = String::new();
        for line in remarks.lines() {
            let _ = writeln!(text, "# {line}");
        }
        let _ = writeln!(text, "hour_of_week,{}", self.classes.join(","));
        for (hour, rates) in self.rates.iter().enumerate() {
            let _ = write!(text, "{hour}");
            for rate in rates {
                let _ = write!(text, ",{rate:.4}");
            }
            text.push('\n');
        }
        text
    }

    /// The rates of a city, `scale` times as many; classes that the city does not have are left out.
    pub fn rates(&self, rules: &Rules, scale: f64) -> CaseRates {
        let known: Vec<(usize, ClassId)> = self
            .classes
            .iter()
            .enumerate()
            .filter_map(|(at, code)| Some((at, rules.class_by_code(code)?)))
            .collect();
        let row = |rates: &Vec<f64>| known.iter().map(|(at, _)| rates[*at]).collect();
        let rows = self.rates.iter().map(row).collect();
        let classes = known.iter().map(|(_, class)| *class).collect();
        CaseRates::new(classes, rows).scaled(scale)
    }
}

/// The hour of the week of a local time.
pub fn hour_of_week(local: DateTime) -> usize {
    let day = local.weekday().to_monday_zero_offset();
    day as usize * 24 + local.hour() as usize
}

/// A category: its name, its share, and the shares of its classes.
type Category = (&'static str, f64, &'static [(&'static str, f64)]);

/// Taipei's categories of the 1999 hotline, the case classes nearest to each with their shares, and what the
/// category counts for. Bulky waste is fetched by appointment there: a service, not a complaint, so it counts for a
/// tenth, or two of three cases would be old sofas.
const CATEGORIES: [Category; 20] = [
    ("大型廢棄物清運聯繫", 0.1, &[("E0135", 1.0)]),
    ("場所與設施噪音舉發", 1.0, &[("E0128", 0.7), ("E0301", 0.3)]),
    (
        "污染舉發",
        1.0,
        &[
            ("E0130", 0.3),
            ("E0304", 0.3),
            ("E0129", 0.2),
            ("E0112", 0.2),
        ],
    ),
    (
        "鄰里無主垃圾清運",
        1.0,
        &[("E0110", 0.5), ("E0111", 0.3), ("E0136", 0.2)],
    ),
    ("用戶無水、漏水報修", 1.0, &[("E0501", 1.0)]),
    ("道路散落物或油漬處理", 1.0, &[("E0114", 1.0)]),
    ("路燈故障或設施損壞", 1.0, &[("C0137", 1.0)]),
    ("雨水下水道側溝清淤", 1.0, &[("E0503", 0.6), ("C0104", 0.4)]),
    ("市區道路坑洞處理", 1.0, &[("E0113", 1.0)]),
    ("路樹處理", 1.0, &[("C0402", 1.0)]),
    ("交通號誌異常", 1.0, &[("C0283", 1.0)]),
    (
        "交通標誌及設施物損壞(含汙損)、傾斜",
        1.0,
        &[("C0283", 0.5), ("C0217", 0.5)],
    ),
    ("道路側溝溝蓋(含周邊)損壞遺失", 1.0, &[("C0126", 1.0)]),
    ("交通號誌電纜線垂落及設施損壞", 1.0, &[("E0508", 1.0)]),
    (
        "人孔蓋(含周邊)破損、遺失處理",
        1.0,
        &[("C0102", 0.5), ("C0103", 0.5)],
    ),
    ("路面積淹水", 1.0, &[("E0506", 1.0)]),
    ("道路側溝內溝牆(底)破損", 1.0, &[("C0126", 1.0)]),
    ("道路掏空", 1.0, &[("E0505", 1.0)]),
    (
        "橋梁、隧道、車(人)行地下道及涵洞積淹水",
        1.0,
        &[("E0506", 1.0)],
    ),
    ("道路邊坡坍方", 1.0, &[("C0188", 1.0)]),
];

/// What was made of a hotline's records.
#[derive(Debug)]
pub struct Reduced {
    /// Rates that the records come to.
    pub rhythm: Rhythm,
    /// Records that the rates were computed from.
    pub used: u64,
    /// Records of categories that have no class, by category.
    pub unknown: BTreeMap<String, u64>,
    /// First and last day.
    pub days: (jiff::civil::Date, jiff::civil::Date),
}

/// Reduces a hotline's records (`opened_at` local time, `category`, …) to mean numbers by hour of the week.
///
/// # Errors
/// [`RhythmError`] naming file and line.
pub fn reduce(path: &Path, input: impl BufRead) -> Result<Reduced, RhythmError> {
    let row_error = |line: u64, detail: String| RhythmError::Row {
        path: path.to_owned(),
        line,
        detail,
    };
    let mut reader = csv::Reader::from_reader(input);
    let header = reader
        .headers()
        .map_err(|e| row_error(1, e.to_string()))?
        .clone();
    let column = |name: &str| {
        let at = header.iter().position(|h| h == name);
        at.ok_or_else(|| {
            row_error(
                1,
                format!(
                    "no column {name:?}; there are: {}",
                    header.iter().collect::<Vec<_>>().join(", ")
                ),
            )
        })
    };
    let (opened, category) = (column("opened_at")?, column("category")?);
    let mut classes: Vec<String> = CATEGORIES
        .iter()
        .flat_map(|c| c.2.iter().map(|(code, _)| (*code).to_owned()))
        .collect();
    classes.sort_unstable();
    classes.dedup();
    let mut counts = vec![vec![0.0; classes.len()]; HOURS];
    let mut unknown: BTreeMap<String, u64> = BTreeMap::new();
    let mut used = 0;
    let mut days: Option<(jiff::civil::Date, jiff::civil::Date)> = None;
    for record in reader.records() {
        let record = record
            .map_err(|e| row_error(e.position().map_or(0, csv::Position::line), e.to_string()))?;
        let line = record.position().map_or(0, csv::Position::line);
        let text = record.get(opened).unwrap_or("");
        let local: DateTime = text
            .parse()
            .map_err(|_| row_error(line, format!("opened_at {text:?} is no local time")))?;
        let day = local.date();
        days = Some(days.map_or((day, day), |(a, b)| (a.min(day), b.max(day))));
        let name = record.get(category).unwrap_or("");
        let Some((_, counts_for, shares)) = CATEGORIES.iter().find(|c| c.0 == name) else {
            *unknown.entry(name.to_owned()).or_default() += 1;
            continue;
        };
        used += 1;
        for (code, share) in *shares {
            let at = classes.iter().position(|c| c == code).unwrap_or(0);
            counts[hour_of_week(local)][at] += counts_for * share;
        }
    }
    let days = days.ok_or_else(|| row_error(1, "no records".to_owned()))?;
    let mut of_weekday = [0.0f64; 7];
    for day in days
        .0
        .series(jiff::Span::new().days(1))
        .take_while(|d| *d <= days.1)
    {
        of_weekday[day.weekday().to_monday_zero_offset() as usize] += 1.0;
    }
    for (hour, row) in counts.iter_mut().enumerate() {
        for n in row {
            *n /= of_weekday[hour / 24].max(1.0);
        }
    }
    let rhythm = Rhythm {
        classes,
        rates: counts,
    };
    Ok(Reduced {
        rhythm,
        used,
        unknown,
        days,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_counted_by_hour_of_week_and_class() {
        let text = "opened_at,category,road\n2021-01-04T00:10:00,路面積淹水,a\n2021-01-04T00:50:00,路面積淹水,a\n\
                    2021-01-11T00:10:00,大型廢棄物清運聯繫,a\n2021-01-12T23:59:59,人孔蓋(含周邊)破損、遺失處理,b\n\
                    2021-01-12T23:59:59,飛碟,b\n";
        let r = reduce(Path::new("t.csv"), text.as_bytes()).unwrap();
        assert_eq!((r.used, r.unknown["飛碟"]), (4, 1));
        let rate = |hour: usize, code: &str| {
            let at = r.rhythm.classes.iter().position(|c| c == code).unwrap();
            r.rhythm.rates[hour][at]
        };
        assert!((rate(0, "E0506") - 1.0).abs() < 1e-9, "two on two Mondays");
        assert!(
            (rate(0, "E0135") - 0.05).abs() < 1e-9,
            "a tenth of one on two"
        );
        assert!(
            (rate(47, "C0102") - 0.25).abs() < 1e-9,
            "half of one on two Tuesdays"
        );
        let again = Rhythm::parse(Path::new("t"), &r.rhythm.to_csv("a\nb")).unwrap();
        assert_eq!(again.classes, r.rhythm.classes);
        assert!((again.rates[0].iter().sum::<f64>() - 1.05).abs() < 1e-3);
    }

    #[test]
    fn the_shipped_table_is_whole_and_sleeps_at_night() {
        let r = Rhythm::shipped().unwrap();
        assert_eq!(r.rates.len(), HOURS);
        let of_hour = |h: usize| {
            (0..7)
                .map(|d| r.rates[d * 24 + h].iter().sum::<f64>())
                .sum::<f64>()
        };
        let (night, morning) = (of_hour(4), of_hour(10));
        assert!(night < morning * 0.6, "{night} {morning}");
    }

    #[test]
    fn rates_are_by_the_citys_own_classes_and_what_it_does_not_have_is_left_out() {
        let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../data/nanjing");
        let rules = crate::pack::Pack::open(&dir).unwrap().rules();
        let mut r = Rhythm::shipped().unwrap();
        let all = r.rates(&rules, 2.0);
        let expected = 2.0 * r.rates[10].iter().sum::<f64>();
        assert!((all.rate(10) - expected).abs() < 1e-9);
        let gone = 2.0 * r.rates[10][0];
        r.classes[0] = "E9999".to_owned();
        assert!((r.rates(&rules, 2.0).rate(10) - (expected - gone)).abs() < 1e-9);
    }

    #[test]
    fn damaged_tables_are_named_by_line() {
        for (text, word) in [
            ("", "empty"),
            ("hour,E1\n", "hour_of_week"),
            ("hour_of_week,E1\n0,x\n", "line 2"),
            ("hour_of_week,E1\n1,1\n", "in order"),
            ("hour_of_week,E1\n0,1\n", "168"),
        ] {
            let e = Rhythm::parse(Path::new("t.csv"), text)
                .unwrap_err()
                .to_string();
            assert!(e.contains(word), "{e}");
        }
    }
}
