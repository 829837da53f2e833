//! CSV with a header and a mapping of its columns.

use super::kinds::kind_named;
use super::row::{Item, RecordedFix, RecordingError};
use super::times::TimeReader;
use std::io::BufRead;
use std::path::Path;

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

/// How a table is to be read.
#[derive(Clone, Debug)]
pub struct TableOptions {
    /// Field and column, as given.
    pub map: Vec<(usize, String)>,
    /// Between columns.
    pub delimiter: u8,
    /// How times are written.
    pub times: TimeReader,
    /// What a speed is multiplied by to give metres a second.
    pub speed_factor: f32,
}

/// Reads `key=col,lon=col`.
///
/// # Errors
/// [`RecordingError::Map`] for what is no pair or no field.
pub fn parse_map(text: &str) -> Result<Vec<(usize, String)>, RecordingError> {
    let error = |detail: String| RecordingError::Map {
        given: text.to_owned(),
        detail,
    };
    let mut map = Vec::new();
    for pair in text.split(',').map(str::trim).filter(|p| !p.is_empty()) {
        let (field, column) = pair
            .split_once('=')
            .ok_or_else(|| error(format!("{pair:?} is no pair")))?;
        let field = FIELDS
            .iter()
            .position(|f| *f == field.trim())
            .ok_or_else(|| error(format!("there is no field {field:?}")))?;
        map.push((field, column.trim().to_owned()));
    }
    Ok(map)
}

/// Rows of a table as positions.
pub struct TableItems<R> {
    reader: csv::Reader<R>,
    record: csv::StringRecord,
    columns: [Option<usize>; 8],
    options: TableOptions,
}

impl<R: BufRead> TableItems<R> {
    /// Reads the header and finds the columns.
    ///
    /// # Errors
    /// [`RecordingError::NoColumn`] naming what is missing and what is there.
    pub fn new(path: &Path, input: R, options: TableOptions) -> Result<Self, RecordingError> {
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(options.delimiter)
            .flexible(true)
            .trim(csv::Trim::All)
            .from_reader(input);
        let header = reader
            .headers()
            .map_err(|e| RecordingError::Open {
                path: path.to_owned(),
                source: e.into(),
            })?
            .clone();
        let bare = |name: &str| name.trim_start_matches('\u{feff}').to_lowercase();
        let find = |name: &str| header.iter().position(|h| bare(h) == bare(name));
        let mut columns = [None; 8];
        for (field, name) in FIELDS.iter().enumerate() {
            let mapped = options.map.iter().rev().find(|(f, _)| *f == field);
            columns[field] = match mapped {
                Some((_, column)) => find(column),
                None => USUAL[field].iter().find_map(|n| find(n)),
            };
            let needed = field < 4 || mapped.is_some();
            if needed && columns[field].is_none() {
                let present: Vec<String> = header.iter().map(|h| format!("{h:?}")).collect();
                return Err(RecordingError::NoColumn {
                    path: path.to_owned(),
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
            options,
        })
    }

    fn fix(&self) -> Result<RecordedFix, String> {
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
        let optional = |field: usize| {
            text(field)
                .map(|t| number(field, t))
                .transpose()
                .map(|n| n.map(|n| n as f32))
        };
        Ok(RecordedFix {
            key: needed(0)?.to_owned(),
            lon: number(1, needed(1)?)?,
            lat: number(2, needed(2)?)?,
            time_us: self.options.times.read(needed(3)?)?,
            bearing_deg: optional(4)?,
            speed_mps: optional(5)?.map(|s| s * self.options.speed_factor),
            accuracy_m: optional(6)?,
            kind: text(7).and_then(kind_named),
        })
    }
}

impl<R: BufRead> Iterator for TableItems<R> {
    type Item = Item;

    fn next(&mut self) -> Option<Item> {
        match self.reader.read_record(&mut self.record) {
            Ok(false) => None,
            Ok(true) => {
                let line = self.record.position().map_or(0, csv::Position::line);
                Some(match self.fix() {
                    Ok(fix) => Item::Fix(fix),
                    Err(why) => Item::Bad { line, why },
                })
            }
            Err(e) => {
                let line = e.position().map_or(0, csv::Position::line);
                let why = e.to_string();
                Some(if e.is_io_error() {
                    Item::CutOff { line, why }
                } else {
                    Item::Bad { line, why }
                })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::times::TimeFormat;
    use super::*;

    fn options(map: &str, delimiter: u8) -> TableOptions {
        TableOptions {
            map: parse_map(map).unwrap(),
            delimiter,
            times: TimeReader::new(TimeFormat::Auto, "Asia/Shanghai").unwrap(),
            speed_factor: 1.0 / 3.6,
        }
    }

    #[test]
    fn columns_are_mapped_and_bad_rows_named_by_line() {
        let text = "车牌;经度;纬度;时间;速度;方向\n苏A1;118.79;32.04;2021-01-01 00:03:00;36;90\n\
                    苏A2;east;32.04;2021-01-01 00:03:00;36;90\n苏A3;118.79\n苏A4;118;32;1;;\n";
        let map = "key=车牌,lon=经度,lat=纬度,time=时间,speed=速度,bearing=方向";
        let items: Vec<Item> =
            TableItems::new(Path::new("t.csv"), text.as_bytes(), options(map, b';'))
                .unwrap()
                .collect();
        let Item::Fix(a) = &items[0] else {
            panic!("{items:?}")
        };
        assert_eq!((a.key.as_str(), a.speed_mps), ("苏A1", Some(10.0)));
        assert_eq!(a.time_us, 1_609_430_580_000_000);
        assert!(
            matches!(&items[1], Item::Bad { line: 3, why } if why.contains("east")),
            "{items:?}"
        );
        assert!(matches!(&items[2], Item::Bad { line: 4, .. }));
        assert!(matches!(&items[3], Item::Fix(f) if f.speed_mps.is_none()));
    }

    #[test]
    fn a_missing_column_is_named_with_those_there_are() {
        let text = "id,easting,lat,time\n";
        let error = TableItems::new(Path::new("t.csv"), text.as_bytes(), options("", b','))
            .err()
            .unwrap()
            .to_string();
        assert!(
            error.contains("\"lon\"") && error.contains("\"easting\""),
            "{error}"
        );
        let error = TableItems::new(
            Path::new("t.csv"),
            text.as_bytes(),
            options("lon=East", b','),
        )
        .err()
        .unwrap()
        .to_string();
        assert!(error.contains("\"East\""), "{error}");
        assert!(parse_map("longitude=x").is_err() && parse_map("lon").is_err());
    }
}
