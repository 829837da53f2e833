//! CSV with a header and a mapping of its columns.

use super::format::{Format, FormatError, FormatOptions, Input, Rows};
use super::row::{Field, Found, Row, Scalar};
use crate::encoding::Decoded;
use std::borrow::Cow;

/// Comma-separated values, or separated by another character.
pub(super) struct Csv;

impl Format for Csv {
    fn suffixes(&self) -> &'static [&'static str] {
        &[".csv", ".tsv"]
    }

    fn rows<'r>(
        &self,
        input: Input<'r>,
        options: &FormatOptions,
    ) -> Result<Box<dyn Rows + 'r>, FormatError> {
        Ok(Box::new(Table::new(input, options)?))
    }
}

/// Fields that a column may be mapped to.
pub const FIELDS: [&str; 8] = [
    "key", "lon", "lat", "time", "bearing", "speed", "accuracy", "kind",
];

/// Names that a field goes by when no mapping says otherwise.
const USUAL: [&[&str]; 8] = [
    &["key", "id", "vehicle", "vehicle_id", "plate"],
    &["lon", "lng", "longitude", "x"],
    &["lat", "latitude", "y"],
    &["time", "timestamp", "datetime", "fix_time"],
    &["bearing", "bearing_deg", "heading", "angle", "direction"],
    &["speed", "speed_mps", "velocity"],
    &["accuracy", "accuracy_m"],
    &["kind", "type"],
];

/// Reads `key=col,lon=col`.
///
/// # Errors
/// What is no pair or no field, in words.
pub fn parse_columns(text: &str) -> Result<Vec<(usize, String)>, String> {
    let mut map = Vec::new();
    for pair in text.split(',').map(str::trim).filter(|p| !p.is_empty()) {
        let (field, column) = pair
            .split_once('=')
            .ok_or_else(|| format!("{pair:?} is no pair"))?;
        let field = FIELDS
            .iter()
            .position(|f| *f == field.trim())
            .ok_or_else(|| format!("there is no field {field:?}"))?;
        map.push((field, column.trim().to_owned()));
    }
    Ok(map)
}

/// Rows of a table as positions.
struct Table<'r> {
    reader: csv::Reader<Decoded<Input<'r>>>,
    record: csv::StringRecord,
    columns: [Option<usize>; 8],
    speed_factor: f32,
}

impl<'r> Table<'r> {
    /// Reads the header and finds the columns.
    fn new(input: Input<'r>, options: &FormatOptions) -> Result<Self, FormatError> {
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(options.delimiter)
            .flexible(true)
            .trim(csv::Trim::All)
            .from_reader(Decoded::new(input, options.encoding).0);
        let header = reader
            .headers()
            .map_err(|e| FormatError::Syntax(format!("the header cannot be read: {e}")))?;
        let bare = |name: &str| name.trim_start_matches('\u{feff}').to_lowercase();
        let find = |name: &str| header.iter().position(|h| bare(h) == bare(name));
        let mut columns = [None; 8];
        for (field, name) in FIELDS.iter().enumerate() {
            let mapped = options.columns.iter().rev().find(|(f, _)| *f == field);
            columns[field] = match mapped {
                Some((_, column)) => find(column),
                None => USUAL[field].iter().find_map(|n| find(n)),
            };
            let needed = field < 4 || mapped.is_some();
            if needed && columns[field].is_none() {
                let present: Vec<String> = header.iter().map(|h| format!("{h:?}")).collect();
                return Err(FormatError::NoColumn {
                    field: name,
                    wanted: mapped.map_or(*name, |(_, c)| c).to_owned(),
                    present: present.join(", "),
                });
            }
        }
        Ok(Self {
            reader,
            record: csv::StringRecord::new(),
            columns,
            speed_factor: options.speed_factor,
        })
    }

    fn row(&self) -> Result<Row<'_>, String> {
        let text = |field: usize| {
            self.columns[field]
                .and_then(|c| self.record.get(c))
                .filter(|t| !t.is_empty())
        };
        let needed =
            |field: usize| text(field).ok_or_else(|| format!("{} is empty", FIELDS[field]));
        let number = |field: usize, text: &str| {
            text.parse::<f64>()
                .ok()
                .filter(|n| n.is_finite())
                .ok_or_else(|| format!("{} {text:?} is no number", FIELDS[field]))
        };
        let optional = |field: usize| text(field).map(|t| number(field, t)).transpose();
        let words = |text| Scalar::Text(Cow::Borrowed(text));
        let mut row = Row::default();
        row.set(Field::Key, words(needed(0)?));
        row.set(Field::Lon, Scalar::Float(number(1, needed(1)?)?));
        row.set(Field::Lat, Scalar::Float(number(2, needed(2)?)?));
        row.set(Field::Time, words(needed(3)?));
        row.set_number(Field::BearingDeg, optional(4)?);
        let speed = optional(5)?.map(|s| f64::from(s as f32 * self.speed_factor));
        row.set_number(Field::SpeedMps, speed);
        row.set_number(Field::AccuracyM, optional(6)?);
        if let Some(kind) = text(7) {
            row.set(Field::Kind, words(kind));
        }
        Ok(row)
    }
}

impl Rows for Table<'_> {
    fn next(&mut self) -> Option<Found<'_>> {
        match self.reader.read_record(&mut self.record) {
            Ok(false) => None,
            Ok(true) => {
                let number = self.record.position().map_or(0, csv::Position::line);
                Some(match self.row() {
                    Ok(row) => Found::Row { number, row },
                    Err(why) => Found::Bad { number, why },
                })
            }
            Err(e) => {
                let number = e.position().map_or(0, csv::Position::line);
                let why = e.to_string();
                Some(if e.is_io_error() {
                    Found::CutOff { number, why }
                } else {
                    Found::Bad { number, why }
                })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::recorded::RecordedFix;
    use super::*;
    use crate::times::{TimeFormat, TimeReader};

    fn table<'t>(text: &'t str, map: &str, delimiter: u8) -> Result<Table<'t>, FormatError> {
        let options = FormatOptions {
            columns: parse_columns(map).unwrap(),
            delimiter,
            speed_factor: 1.0 / 3.6,
            encoding: None,
        };
        Table::new(Box::new(text.as_bytes()), &options)
    }

    #[test]
    fn columns_are_mapped_and_bad_rows_named_by_line() {
        let text = "车牌;经度;纬度;时间;速度;方向\n苏A1;118.79;32.04;2021-01-01 00:03:00;36;90\n\
                    苏A2;east;32.04;2021-01-01 00:03:00;36;90\n苏A3;118.79\n苏A4;118;32;1;;\n";
        let map = "key=车牌,lon=经度,lat=纬度,time=时间,speed=速度,bearing=方向";
        let mut rows = table(text, map, b';').unwrap();
        let times = TimeReader::new(TimeFormat::Auto, "Asia/Shanghai").unwrap();
        let Some(Found::Row { row, .. }) = rows.next() else {
            panic!("a row")
        };
        let a = RecordedFix::of(&row, &times).unwrap();
        assert_eq!((a.key.as_str(), a.speed_mps), ("苏A1", Some(10.0)));
        assert_eq!(a.time_us, 1_609_430_580_000_000);
        assert!(matches!(rows.next(), Some(Found::Bad { number: 3, why }) if why.contains("east")));
        assert!(matches!(rows.next(), Some(Found::Bad { number: 4, .. })));
        assert!(matches!(rows.next(), Some(Found::Row { row, .. }) if row.lacks(Field::SpeedMps)));
    }

    #[test]
    fn a_table_of_another_encoding_is_read_as_its_people_wrote_it() {
        let text = "车牌,经度,纬度,时间\n苏A1,118.79,32.04,2021/1/1 0:03\n";
        let gbk = encoding_rs::GBK.encode(text).0;
        let options = FormatOptions {
            columns: parse_columns("key=车牌,lon=经度,lat=纬度,time=时间").unwrap(),
            ..FormatOptions::default()
        };
        let mut rows = Table::new(Box::new(&*gbk), &options).unwrap();
        let times = TimeReader::new(TimeFormat::Auto, "Asia/Shanghai").unwrap();
        let Some(Found::Row { row, .. }) = rows.next() else {
            panic!("a row")
        };
        let fix = RecordedFix::of(&row, &times).unwrap();
        assert_eq!(
            (fix.key.as_str(), fix.time_us),
            ("苏A1", 1_609_430_580_000_000)
        );
    }

    #[test]
    fn a_missing_column_is_named_with_those_there_are() {
        let text = "id,easting,lat,time\n";
        let error = |map: &str| table(text, map, b',').err().unwrap().to_string();
        let missing = error("");
        assert!(
            missing.contains("\"lon\"") && missing.contains("\"easting\""),
            "{missing}"
        );
        assert!(error("lon=East").contains("\"East\""));
        assert!(parse_columns("longitude=x").is_err() && parse_columns("lon").is_err());
    }
}
