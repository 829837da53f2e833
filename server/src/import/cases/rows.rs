//! Rows of tables as cases, and what is wrong with the others.

use super::CasesError;
use super::areas::{Areas, Spread, fingerprint};
use super::columns::{Field, Mapping, Places};
use super::times::{ClockCounts, Times};
use crate::crs::Crs;
use crate::encoding::Decoded;
use crate::lines::open as open_packed;
use crate::table::TableReader;
use chengtu_engine::city::Severity;
use chengtu_engine::geo::Position;
use chengtu_engine::time::Timestamp;
use encoding_rs::Encoding;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// A row that can be used.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Path of its table.
    pub file: std::sync::Arc<Path>,
    /// Its line in its file, from 1.
    pub line: u64,
    /// The same for the same row.
    pub key: String,
    /// When it was opened.
    pub opened: Timestamp,
    /// When it was closed; `None` if the table does not say.
    pub closed: Option<Timestamp>,
    /// Its class, a place in [`Read::classes`].
    pub class: usize,
    /// Severity; `None`: the class's own.
    pub severity: Option<Severity>,
    /// Place, in the table's columns or inside the area that it names.
    pub position: Position,
    /// The two numbers of its place as they are written, where the table has them.
    pub written: Option<(f64, f64)>,
    /// The place in words.
    pub address: String,
    /// What was reported.
    pub note: String,
}

/// A row that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadRow {
    /// Path of its table.
    pub file: PathBuf,
    /// Its line, from 1.
    pub line: u64,
    /// Why it cannot be used, in words.
    pub reason: String,
    /// The row's text as it is in the table.
    pub row: String,
}

/// How rows are read.
#[derive(Clone, Debug)]
pub struct Reading<'a> {
    /// What is in which column.
    pub mapping: &'a Mapping,
    /// Character between columns, one byte.
    pub delimiter: u8,
    /// Encoding of the tables; told by their bytes unless given.
    pub encoding: Option<&'static Encoding>,
    /// How times are written.
    pub times: &'a Times,
    /// Reference system of `lon` and `lat`.
    pub crs: &'a Crs,
    /// Areas to place cases in.
    pub areas: Option<&'a Areas>,
    /// How cases are put into the areas that they name.
    pub spread: Spread,
    /// Opened after this is in the future.
    pub now: Timestamp,
}

/// What tables hold.
#[derive(Clone, Debug, Default)]
pub struct Read {
    /// Rows that can be used, oldest first.
    pub rows: Vec<Row>,
    /// Rows that cannot be used.
    pub bad: Vec<BadRow>,
    /// Classes as the tables call them, with the number of rows, in the order of first appearance.
    pub classes: Vec<(String, u64)>,
    /// Times at which clocks were put forward or back.
    pub clock: ClockCounts,
    /// Encodings of the tables that are not UTF-8.
    pub encodings: BTreeSet<&'static str>,
}

impl Read {
    /// Reads tables in the given order; a row that cannot be used goes to `bad`, with the reason.
    ///
    /// # Errors
    /// When a file or its header cannot be read; a row never is an error.
    pub fn tables(files: &[PathBuf], reading: &Reading<'_>) -> Result<Self, CasesError> {
        let mut read = Self::default();
        let mut seen = Seen::default();
        for file in files {
            read.table(file, reading, &mut seen)?;
        }
        read.rows
            .sort_by(|a, b| (a.opened, &a.key).cmp(&(b.opened, &b.key)));
        Ok(read)
    }

    fn table(
        &mut self,
        file: &Path,
        reading: &Reading<'_>,
        seen: &mut Seen,
    ) -> Result<(), CasesError> {
        let failed = |source| CasesError::Read {
            path: file.to_owned(),
            source,
        };
        let input = open_packed(file).map_err(failed)?;
        let (input, encoding) = Decoded::new(input, reading.encoding);
        let mut table = TableReader::new(input, reading.delimiter).map_err(failed)?;
        let header = table.header().map_err(failed)?;
        let header = csv::StringRecord::from_byte_record_lossy(header);
        let header: csv::StringRecord = header.iter().map(str::trim).collect();
        let places = reading.mapping.places(file, &header)?;
        let mut bytes = csv::ByteRecord::new();
        let name: std::sync::Arc<Path> = file.into();
        loop {
            let Some(found) = table.read(&mut bytes).map_err(failed)? else {
                let other = encoding.get().filter(|e| **e != encoding_rs::UTF_8);
                self.encodings.extend(other.map(|e| e.name()));
                return Ok(());
            };
            let line = found.line;
            let row = csv::StringRecord::from_byte_record_lossy(bytes.clone());
            let outcome = if let Some(fault) = found.fault {
                Err(fault)
            } else if row.len() != header.len() {
                Err(format!(
                    "{} columns; the header has {}",
                    row.len(),
                    header.len()
                ))
            } else if let Some(reason) = letters(&bytes, encoding.get().copied()) {
                Err(reason)
            } else {
                self.row(&name, line, &row, &places, reading, seen)
            };
            match outcome {
                Ok(row) => self.rows.push(row),
                Err(reason) => self.bad.push(BadRow {
                    file: file.to_owned(),
                    line,
                    reason,
                    row: row.iter().collect::<Vec<_>>().join(","),
                }),
            }
        }
    }

    fn row(
        &mut self,
        file: &std::sync::Arc<Path>,
        line: u64,
        row: &csv::StringRecord,
        places: &Places,
        reading: &Reading<'_>,
        seen: &mut Seen,
    ) -> Result<Row, String> {
        let get = |field| places.get(row, field);
        let opened = get(Field::Opened)
            .filter(|t| !is_open_end(t))
            .ok_or("no time of opening")?;
        let opened = reading.times.read(&opened, &mut self.clock)?;
        if opened > reading.now {
            return Err("was opened in the future".into());
        }
        let closed = get(Field::Closed)
            .filter(|t| !is_open_end(t))
            .map(|t| reading.times.read(&t, &mut self.clock))
            .transpose()?;
        if closed.is_some_and(|c| c < opened) {
            return Err("was closed before it was opened".into());
        }
        let severity = get(Field::Severity).map(|s| severity_of(&s)).transpose()?;
        let key = seen.key(get(Field::Key), row)?;
        let (position, written) = position(&key, &get, reading)?;
        let class = get(Field::Class).unwrap_or_default();
        if class.is_empty() && reading.mapping.has(Field::Class) {
            return Err("no class".into());
        }
        let class = if let Some(at) = seen.classes.get(&class) {
            *at
        } else {
            self.classes.push((class.clone(), 0));
            let at = self.classes.len() - 1;
            seen.classes.insert(class, at);
            at
        };
        self.classes[class].1 += 1;
        Ok(Row {
            file: file.clone(),
            line,
            key,
            opened,
            closed,
            class,
            severity,
            position,
            written,
            address: get(Field::Address).unwrap_or_default(),
            note: get(Field::Note).unwrap_or_default(),
        })
    }
}

/// Why a row's letters cannot be read; `None` where they can.
fn letters(row: &csv::ByteRecord, encoding: Option<&'static Encoding>) -> Option<String> {
    let other = encoding.filter(|e| *e != encoding_rs::UTF_8);
    let Some(other) = other else {
        let broken = row.iter().any(|f| std::str::from_utf8(f).is_err());
        return broken.then(|| {
            "is not UTF-8; name the table's encoding with --encoding, e.g. gbk, big5 or windows-1252"
                .to_owned()
        });
    };
    let replaced = char::REPLACEMENT_CHARACTER.to_string();
    let broken = |f: &[u8]| f.windows(replaced.len()).any(|w| w == replaced.as_bytes());
    row.iter().any(broken).then(|| {
        let name = other.name();
        format!("has letters that are none of {name}; name the table's encoding with --encoding")
    })
}

/// What rows before have had.
#[derive(Debug, Default)]
struct Seen {
    keys: BTreeSet<String>,
    /// Rows without a key of their own that are the same in every column.
    alike: BTreeMap<u64, u32>,
    classes: BTreeMap<String, usize>,
}

impl Seen {
    /// A row's own key; without one, a fingerprint of the whole row and how many equal rows came before.
    fn key(&mut self, own: Option<String>, row: &csv::StringRecord) -> Result<String, String> {
        let Some(key) = own else {
            let text = row.iter().collect::<Vec<_>>().join("\u{1f}");
            let print = fingerprint(text.as_bytes());
            let before = self.alike.entry(print).or_insert(0);
            *before += 1;
            return Ok(format!("{print:016x}.{before}"));
        };
        if self.keys.insert(key.clone()) {
            Ok(key)
        } else {
            Err(format!("key {key:?} stands twice"))
        }
    }
}

fn position(
    key: &str,
    get: &impl Fn(Field) -> Option<String>,
    reading: &Reading<'_>,
) -> Result<(Position, Option<(f64, f64)>), String> {
    if let (Some(x), Some(y)) = (get(Field::Lon), get(Field::Lat)) {
        let number = |t: &str| {
            t.parse::<f64>()
                .map_err(|_| format!("coordinate {t:?} is no number"))
        };
        let (x, y) = (number(&x)?, number(&y)?);
        let place = reading.crs.lon_lat(x, y).map_err(|e| e.to_string())?;
        let position = place.position().map_err(|e| e.to_string())?;
        return Ok((position, Some((x, y))));
    }
    let Some(areas) = reading.areas else {
        return Err("no coordinates".into());
    };
    let code = get(Field::Area).ok_or("neither coordinates nor the code of an area")?;
    let area = areas
        .get(&code)
        .ok_or_else(|| format!("there is no area {code:?} in the layer"))?;
    Ok((area.place(key, reading.spread), None))
}

/// True for a date that stands for none: what databases write for "not yet" and "never".
fn is_open_end(text: &str) -> bool {
    const DATES: [[&str; 3]; 8] = [
        ["9999", "12", "31"],
        ["9999", "1", "1"],
        ["2999", "12", "31"],
        ["0", "0", "0"],
        ["1", "1", "1"],
        ["1753", "1", "1"],
        ["1899", "12", "30"],
        ["1900", "1", "1"],
    ];
    // The same as numbers: none, and the last day that a spreadsheet knows.
    if matches!(text, "0" | "0.0" | "2958465") {
        return true;
    }
    let date = text.split(['T', ' ']).next().unwrap_or_default();
    let parts: Vec<&str> = date
        .split(['-', '/', '.'])
        .map(|p| match p.trim_start_matches('0') {
            "" => "0",
            digits => digits,
        })
        .collect();
    let [a, b, c] = parts[..] else {
        return false;
    };
    // The year stands first, or last: then day and month may stand either way around.
    DATES.iter().any(|[y, m, d]| {
        [a, b, c] == [*y, *m, *d] || c == *y && ([a, b] == [*m, *d] || [a, b] == [*d, *m])
    })
}

/// A code as programs that know no whole numbers do not write it: `101` for `101.0`.
pub fn whole_code(text: &str) -> &str {
    let whole = text.strip_suffix(".0");
    let digits = |t: &&str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit());
    whole.filter(digits).unwrap_or(text)
}

fn severity_of(text: &str) -> Result<Severity, String> {
    match text {
        "1" | "1.0" | "特急" | "severe" => Ok(Severity::Severe),
        "2" | "2.0" | "紧急" | "urgent" => Ok(Severity::Urgent),
        "3" | "3.0" | "一般" | "normal" => Ok(Severity::Normal),
        "4" | "4.0" | "轻微" | "slight" => Ok(Severity::Slight),
        other => Err(format!(
            "severity {other:?}; 1 (severe) … 4 (slight) is expected"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_that_stand_for_none_are_told_from_dates() {
        for text in [
            "9999-12-31",
            "9999-12-31 23:59:59",
            "9999/12/31",
            "31.12.9999",
            "12/31/9999 00:00",
            "0000-00-00 00:00:00",
            "0001-01-01T00:00:00",
            "1900-01-01",
            "1899-12-30",
            "0",
            "2958465",
        ] {
            assert!(is_open_end(text), "{text}");
        }
        for text in [
            "2026-03-01 08:00:00",
            "1900-01-02",
            "1609430580",
            "1.1.2026",
            "",
        ] {
            assert!(!is_open_end(text), "{text}");
        }
    }
}
