//! CSV with a header and a mapping of its columns.

use super::format::{Format, FormatError, FormatOptions, Input, Rows};
use super::row::{Field, Found, Row, Scalar};
use super::sentinels::says_nothing;
use crate::encoding::Decoded;
use crate::table::TableReader;
use csv::{ByteRecord, StringRecord};
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

/// Names of columns that hold the day, where the column of the time holds the time of day alone.
const DAYS: [&str; 3] = ["date", "day", "日期"];

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

/// The place of [`FIELDS`] that holds the time.
const TIME: usize = 3;
/// Fields that no row can do without.
const NEEDED: usize = 4;

/// Rows of a table as positions.
struct Table<'r> {
    reader: TableReader<Decoded<Input<'r>>>,
    bytes: ByteRecord,
    record: StringRecord,
    columns: [Option<usize>; 8],
    /// The column of the day, where it is apart from the time's.
    day: Option<usize>,
    /// Columns of the header.
    width: usize,
    /// Columns that nobody reads; told with the first row.
    unread: Vec<String>,
    speed_factor: f32,
    /// Whether a row was given out that says which columns nobody reads.
    told: bool,
    ended: bool,
}

/// The column of a name, whatever its case.
fn find(header: &StringRecord, name: &str) -> Option<usize> {
    let name = name.to_lowercase();
    header.iter().position(|h| h.to_lowercase() == name)
}

/// The columns of a field: one, or for a time two joined by `+`.
fn mapped(header: &StringRecord, field: usize, name: &str) -> Option<(usize, Option<usize>)> {
    if let Some(column) = find(header, name) {
        return Some((column, None));
    }
    let (day, time) = name.split_once('+').filter(|_| field == TIME)?;
    Some((find(header, time.trim())?, Some(find(header, day.trim())?)))
}

impl<'r> Table<'r> {
    /// Reads the header and finds the columns.
    fn new(input: Input<'r>, options: &FormatOptions) -> Result<Self, FormatError> {
        let cannot =
            |e: std::io::Error| FormatError::Syntax(format!("the header cannot be read: {e}"));
        let input = Decoded::new(input, options.encoding).0;
        let mut reader = TableReader::new(input, options.delimiter).map_err(cannot)?;
        let header = StringRecord::from_byte_record_lossy(reader.header().map_err(cannot)?);
        let header: StringRecord = header.iter().map(str::trim).collect();
        let mut columns = [None; 8];
        let mut day = None;
        for (field, name) in FIELDS.iter().enumerate() {
            let given = options.columns.iter().rev().find(|(f, _)| *f == field);
            let usual = || USUAL[field].iter().find_map(|n| find(&header, n));
            let found = match given {
                Some((_, column)) => mapped(&header, field, column),
                None => usual().map(|c| (c, None)),
            };
            if (field < NEEDED || given.is_some()) && found.is_none() {
                let present: Vec<String> = header.iter().map(|h| format!("{h:?}")).collect();
                return Err(FormatError::NoColumn {
                    field: name,
                    wanted: given.map_or(*name, |(_, c)| c).to_owned(),
                    present: present.join(", "),
                });
            }
            columns[field] = found.map(|(column, _)| column);
            day = day.or(found.and_then(|(_, day)| day));
        }
        let day = day.or_else(|| DAYS.iter().find_map(|n| find(&header, n)));
        let read = |i: usize| columns.contains(&Some(i)) || day == Some(i);
        let names = header.iter().enumerate();
        let unread = names.filter(|(i, name)| !read(*i) && !name.is_empty());
        Ok(Self {
            reader,
            bytes: ByteRecord::new(),
            record: StringRecord::new(),
            columns,
            day: day.filter(|d| columns[TIME] != Some(*d)),
            width: header.len(),
            unread: unread.map(|(_, name)| name.to_owned()).collect(),
            speed_factor: options.speed_factor,
            told: false,
            ended: false,
        })
    }

    /// Why a row has no fields; `None` where it has.
    fn fault(&mut self) -> Option<String> {
        match StringRecord::from_byte_record(std::mem::take(&mut self.bytes)) {
            Ok(mut record) => {
                record.trim();
                self.record = record;
            }
            Err(e) => {
                self.bytes = e.into_byte_record();
                return Some(
                    "is not UTF-8; name the table's encoding with --encoding, e.g. gbk, big5 or windows-1252"
                        .to_owned(),
                );
            }
        }
        let mut beyond = self.record.iter().skip(self.width);
        beyond.any(|field| !field.is_empty()).then(|| {
            let (has, width) = (self.record.len(), self.width);
            format!("{has} columns; the header has {width}")
        })
    }

    fn text(&self, column: Option<usize>) -> Option<&str> {
        column
            .and_then(|c| self.record.get(c))
            .filter(|t| !t.is_empty() && !says_nothing(t))
    }

    /// The time as one text, the day before it where that is apart.
    fn time(&self) -> Option<Cow<'_, str>> {
        let time = self.text(self.columns[TIME])?;
        let of_day = |t: &str| t.find(':').is_some_and(|at| at <= 2) && t.len() <= 16;
        match self.text(self.day) {
            Some(day) if of_day(time) => Some(Cow::Owned(format!("{day} {time}"))),
            _ => Some(Cow::Borrowed(time)),
        }
    }

    fn row(&self) -> Result<Row<'_>, String> {
        let text = |field: usize| self.text(self.columns[field]);
        let empty = |field: usize| format!("{} is empty", FIELDS[field]);
        let number = |field: usize| {
            let text = text(field).ok_or_else(|| empty(field))?;
            let read = text.parse::<f64>().ok().filter(|n| n.is_finite());
            read.ok_or_else(|| {
                let comma =
                    text.matches(',').count() == 1 && text.replace(',', ".").parse::<f64>().is_ok();
                let why = if comma { "; write it with a point" } else { "" };
                format!("{} {text:?} is no number{why}", FIELDS[field])
            })
        };
        let words = |text| Scalar::Text(Cow::Borrowed(text));
        let mut row = Row::default();
        row.set(Field::Key, words(text(0).ok_or_else(|| empty(0))?));
        row.set(Field::Lon, Scalar::Float(number(1)?));
        row.set(Field::Lat, Scalar::Float(number(2)?));
        row.set(
            Field::Time,
            Scalar::Text(self.time().ok_or_else(|| empty(TIME))?),
        );
        // What a row can do without is judged where it is read.
        for (field, to) in [
            (4, Field::BearingDeg),
            (6, Field::AccuracyM),
            (7, Field::Kind),
        ] {
            if let Some(text) = text(field) {
                row.set(to, words(text));
            }
        }
        if let Some(said) = text(5) {
            row.set(
                Field::SpeedMps,
                match said.parse::<f32>() {
                    Ok(n) => Scalar::Float(f64::from(n * self.speed_factor)),
                    Err(_) => words(said),
                },
            );
        }
        for name in &self.unread {
            row.push_unknown(Cow::Owned(name.clone()));
        }
        Ok(row)
    }
}

impl Rows for Table<'_> {
    fn next(&mut self) -> Option<Found<'_>> {
        if self.ended {
            return None;
        }
        let found = match self.reader.read(&mut self.bytes) {
            Ok(found) => found?,
            Err(e) => {
                self.ended = true;
                let number = self.reader.line() + 1;
                let why = e.to_string();
                return Some(Found::CutOff { number, why });
            }
        };
        let number = found.line;
        if let Some(why) = found.fault.or_else(|| self.fault()) {
            return Some(Found::Bad { number, why });
        }
        if self.told {
            self.unread.clear();
        }
        self.told = true;
        Some(match self.row() {
            Ok(row) => Found::Row { number, row },
            Err(why) => Found::Bad { number, why },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::recorded::RecordedFix;
    use super::super::told::Told;
    use super::*;
    use crate::times::{TimeFormat, TimeReader};

    fn table<'t>(text: &'t str, map: &str, delimiter: u8) -> Result<Table<'t>, FormatError> {
        let options = FormatOptions {
            columns: parse_columns(map).unwrap(),
            delimiter,
            speed_factor: 1.0 / 3.6,
            ..FormatOptions::default()
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
        let a = RecordedFix::of(&row, &times, |_| None, &mut Told::default()).unwrap();
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
        let fix = RecordedFix::of(&row, &times, |_| None, &mut Told::default()).unwrap();
        assert_eq!(
            (fix.key.as_str(), fix.time_us),
            ("苏A1", 1_609_430_580_000_000)
        );
    }

    /// Times of the rows as written, and what is wrong with the others.
    fn times(text: &str, map: &str) -> Vec<Result<String, String>> {
        let mut rows = table(text, map, b',').unwrap();
        let mut all = Vec::new();
        while let Some(found) = rows.next() {
            all.push(match found {
                Found::Row { row, .. } => Ok(row.name(Field::Time).unwrap().into_owned()),
                Found::Bad { why, .. } | Found::CutOff { why, .. } => Err(why),
            });
        }
        all
    }

    #[test]
    fn a_date_and_a_time_of_day_in_two_columns_are_one_time() {
        let joined = [Ok("2026-03-01 08:00:00".to_owned())];
        let text = "INDEX,ID,DATE,TIME,LATITUDE,LONGITUDE\n0,a,2026-03-01,08:00:00,32.04,118.78\n";
        assert_eq!(times(text, ""), joined);
        let text = "id,d,t,lat,lon\na,2026-03-01,08:00:00,32.04,118.78\n";
        assert_eq!(times(text, "time=d+t"), joined);
        // A name with a plus in it is a name first.
        let text = "id,时间(UTC+8),lat,lon\na,2026-03-01 08:00:00,32.04,118.78\n";
        assert_eq!(times(text, "time=时间(UTC+8)"), joined);
        // A whole time needs no other column.
        let text = "id,date,time,lat,lon\na,2026-03-02,2026-03-01 08:00:00,32.04,118.78\n";
        assert_eq!(times(text, ""), joined);
    }

    #[test]
    fn words_for_nothing_shifted_columns_and_open_quotes_spoil_no_other_row() {
        let text = "key,lon,lat,time,speed\na,118.78,32.04,1,NULL\na,118.78,32.04,2,-\na,118.78,32.04,3,fast\n\
                    a,118.78,32.04,4,5,6\na,118.78,32.04,5,5,,\n\"a,118.78,32.04,6,5\na,118.78,32.04,7,5\n\
                    a,\"118,78\",32.04,8,5\nNULL,118.78,32.04,9,5\n";
        let found = times(text, "");
        let read: Vec<&str> = found.iter().flatten().map(String::as_str).collect();
        assert_eq!(read, ["1", "2", "3", "5", "7"], "{found:?}");
        for (at, words) in [
            (3, "header has 5"),
            (5, "quote"),
            (7, "point"),
            (8, "key is empty"),
        ] {
            let why = found[at].as_ref().unwrap_err();
            assert!(why.contains(words), "{why}");
        }
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
