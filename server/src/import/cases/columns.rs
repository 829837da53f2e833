//! Which column of a table is what of a case.

use super::CasesError;
use crate::feeds::formats::says_nothing;
use std::path::Path;

/// What a case is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Field {
    /// The table's own name of the case.
    Key,
    /// When it was opened; the columns of the day and of the time of day may be joined with `+`.
    Opened,
    /// When it was closed; as when it was opened.
    Closed,
    /// What it is about.
    Class,
    /// Severity, 1 (severe) … 4 (slight).
    Severity,
    /// Longitude or easting.
    Lon,
    /// Latitude or northing.
    Lat,
    /// Code of the area it lies in.
    Area,
    /// The place in words; several columns may be joined with `+`.
    Address,
    /// What was reported; several columns may be joined with `+`.
    Note,
}

impl Field {
    /// Every field with its word on the command line.
    pub const ALL: [(Self, &'static str); 10] = [
        (Self::Key, "key"),
        (Self::Opened, "opened"),
        (Self::Closed, "closed"),
        (Self::Class, "class"),
        (Self::Severity, "severity"),
        (Self::Lon, "lon"),
        (Self::Lat, "lat"),
        (Self::Area, "area"),
        (Self::Address, "address"),
        (Self::Note, "note"),
    ];

    /// True where several columns may be joined: words, or a day and a time of day.
    fn joins(self) -> bool {
        matches!(
            self,
            Self::Address | Self::Note | Self::Opened | Self::Closed
        )
    }

    /// The word for it after `--map`.
    pub fn word(self) -> &'static str {
        Self::ALL
            .iter()
            .find(|(f, _)| *f == self)
            .map_or("", |(_, w)| w)
    }
}

/// A mapping as given: field and name of its column, or names of several, joined by `+`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mapping {
    columns: Vec<(Field, String)>,
}

impl Mapping {
    /// Reads `opened=created,class=type,address=road+number`.
    ///
    /// # Errors
    /// The text that is no pair, the unknown field, or the field that is mapped twice.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut mapping = Self::default();
        for pair in text.split(',').map(str::trim).filter(|p| !p.is_empty()) {
            let (field, columns) = pair
                .split_once('=')
                .ok_or_else(|| format!("--map: {pair:?} is no pair; write field=column"))?;
            let word = field.trim();
            let Some((field, _)) = Field::ALL.iter().find(|(_, w)| *w == word) else {
                let known: Vec<_> = Field::ALL.iter().map(|(_, w)| *w).collect();
                return Err(format!(
                    "--map: there is no field {word:?}; the fields are: {}",
                    known.join(", ")
                ));
            };
            mapping.set(*field, columns.trim().to_owned())?;
        }
        Ok(mapping)
    }

    /// Maps one field.
    ///
    /// # Errors
    /// When it is mapped already.
    pub fn set(&mut self, field: Field, column: String) -> Result<(), String> {
        if self.has(field) {
            return Err(format!("{} is mapped twice", field.word()));
        }
        self.columns.push((field, column));
        Ok(())
    }

    /// True where a field is mapped.
    pub fn has(&self, field: Field) -> bool {
        self.columns.iter().any(|(f, _)| *f == field)
    }

    /// The columns of the fields in a table with this header. A name with a `+` in it is first taken as it stands.
    ///
    /// # Errors
    /// [`CasesError::Column`] for one that is not there, and for several of a field that is one column.
    pub fn places(&self, path: &Path, header: &csv::StringRecord) -> Result<Places, CasesError> {
        let mut places = Places::default();
        for (field, named) in &self.columns {
            let find = |column: &str| header.iter().position(|h| h == column);
            let missing = |column: &str| CasesError::Column {
                path: path.to_owned(),
                column: column.to_owned(),
                field: field.word(),
                columns: header.iter().collect::<Vec<_>>().join(", "),
            };
            let at = match find(named) {
                Some(at) => vec![at],
                None if field.joins() => {
                    let columns = named.split('+').map(str::trim);
                    let found = columns.map(|c| find(c).ok_or_else(|| missing(c)));
                    found.collect::<Result<_, _>>()?
                }
                None => return Err(missing(named)),
            };
            places.0.push((*field, at));
        }
        Ok(places)
    }
}

/// Numbers of the columns of each field.
#[derive(Clone, Debug, Default)]
pub struct Places(Vec<(Field, Vec<usize>)>);

impl Places {
    /// A field of a row, trimmed; `None` if it is not mapped, empty, or a word that stands for nothing.
    pub fn get(&self, row: &csv::StringRecord, field: Field) -> Option<String> {
        let (_, at) = self.0.iter().find(|(f, _)| *f == field)?;
        let mut text = String::new();
        let parts = at.iter().filter_map(|i| row.get(*i)).map(str::trim);
        for part in parts.filter(|part| !says_nothing(part)) {
            // Words of Latin letters are kept apart, others are written together.
            let apart = matches!(field, Field::Opened | Field::Closed);
            if !text.is_empty() && apart
                || text.ends_with(|c: char| c.is_ascii_alphanumeric())
                    && part.starts_with(|c: char| c.is_ascii_alphanumeric())
            {
                text.push(' ');
            }
            text.push_str(part);
        }
        (!text.is_empty()).then_some(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_for_nothing_are_nothing() {
        for word in [
            "NULL", "null", "NA", "n/a", "#N/A", "NaN", "\\N", "None", "",
        ] {
            let m = Mapping::parse("closed=a,address=b+a").unwrap();
            let header = csv::StringRecord::from(vec!["a", "b"]);
            let places = m.places(Path::new("t.csv"), &header).unwrap();
            let row = csv::StringRecord::from(vec![word, "Nan Street"]);
            assert_eq!(places.get(&row, Field::Closed), None, "{word}");
            assert_eq!(
                places.get(&row, Field::Address).as_deref(),
                Some("Nan Street")
            );
        }
    }

    #[test]
    fn a_plus_in_a_name_is_a_name_first_and_a_day_and_a_time_are_one() {
        let header = csv::StringRecord::from(vec!["开始时间(UTC+8)", "date", "time", "a+b"]);
        let row = csv::StringRecord::from(vec!["x", "2026-03-01", "08:00:00", "y"]);
        let said = |map: &str, field| {
            let places = Mapping::parse(map).unwrap();
            places
                .places(Path::new("t.csv"), &header)
                .unwrap()
                .get(&row, field)
        };
        for (map, field, expected) in [
            ("opened=开始时间(UTC+8)", Field::Opened, "x"),
            ("closed=date+time", Field::Closed, "2026-03-01 08:00:00"),
            ("address=a+b", Field::Address, "y"),
            ("class=a+b", Field::Class, "y"),
        ] {
            assert_eq!(said(map, field).as_deref(), Some(expected), "{map}");
        }
    }

    #[test]
    fn mappings_are_read_and_their_mistakes_named() {
        let m = Mapping::parse("opened=a, class=b,address=c+d").unwrap();
        let header = csv::StringRecord::from(vec!["d", "c", "b", "a"]);
        let places = m.places(Path::new("t.csv"), &header).unwrap();
        let row = csv::StringRecord::from(vec![" 街 ", "区", "噪音", ""]);
        assert_eq!(places.get(&row, Field::Address).as_deref(), Some("区街"));
        assert_eq!(places.get(&row, Field::Opened), None);
        for (bad, word) in [
            ("opened", "no pair"),
            ("colour=x", "no field"),
            ("opened=a,opened=b", "twice"),
        ] {
            let e = Mapping::parse(bad).unwrap_err();
            assert!(e.contains(word), "{e}");
        }
        let e = Mapping::parse("class=a+b").unwrap();
        let e = e.places(Path::new("t.csv"), &header).unwrap_err();
        assert!(e.to_string().contains("\"a+b\" for class"), "{e}");
        let e = Mapping::parse("opened=when").unwrap();
        let e = e.places(Path::new("t.csv"), &header).unwrap_err();
        assert!(e.to_string().contains("\"when\" for opened"), "{e}");
    }
}
