use super::sentinels::{self, says_nothing};
use super::told::Told;
use std::borrow::Cow;
use std::fmt;

/// What a reader finds next.
#[derive(Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "one is there at a time, a hundred thousand a second"
)]
pub enum Found<'a> {
    /// A row that was read; its values are not yet checked.
    Row {
        /// Line, feature or block, from 1.
        number: u64,
        /// What it says.
        row: Row<'a>,
    },
    /// A row that cannot be read.
    Bad {
        /// Line, feature or block, from 1.
        number: u64,
        /// What is wrong with it.
        why: String,
    },
    /// What is read breaks off here; nothing follows.
    CutOff {
        /// Line, feature or block, from 1.
        number: u64,
        /// How the break shows.
        why: String,
    },
}

macro_rules! fields {
    ($($variant:ident $name:literal $(| $other:literal)* : $doc:literal,)*) => {
        /// What a row may say.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Field {
            $(#[doc = $doc] $variant,)*
        }

        impl Field {
            /// How many there are.
            pub const COUNT: usize = Self::ALL.len();
            /// All of them, in their order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The field of a name; `None` for a name that means nothing here.
            pub fn named(name: &str) -> Option<Self> {
                match name {
                    $($name $(| $other)* => Some(Self::$variant),)*
                    _ => None,
                }
            }

            /// Its name in JSON, for messages too.
            pub fn word(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }
        }
    };
}

fields! {
    Key "key": "Name of the thing that the row is about.",
    Id "id": "Another name for `key`, in recordings.",
    Lon "lon": "Longitude; or easting, where a row says that alone.",
    Lat "lat": "Latitude; or northing, where a row says that alone.",
    X "x": "Easting in the source's reference system; or longitude, where a row says that alone.",
    Y "y": "Northing in the source's reference system; or latitude, where a row says that alone.",
    Time "time": "When, as written.",
    TimeMs "time_ms": "When, milliseconds since 1970.",
    TimeUs "time_us": "When, microseconds since 1970, or since a recording began.",
    BearingDeg "bearing_deg": "Degrees clockwise from north.",
    Bearing "bearing": "Another name for `bearing_deg`, in recordings.",
    SpeedMps "speed_mps": "Metres a second.",
    Speed "speed": "Another name for `speed_mps`, in recordings.",
    AccuracyM "accuracy_m": "Metres.",
    Kind "kind": "What moves.",
    Value "value": "A sensor's reading; null says that the sensor is broken.",
    Name "name": "A sensor's name for people.",
    Phenomenon "phenomenon": "What a sensor measures.",
    Unit "unit": "Unit of a sensor's values.",
    Warning "warning": "From this value on a sensor warns.",
    Alarm "alarm": "From this value on a sensor raises an alarm.",
    Class "class": "Code of a case's class.",
    Severity "severity": "How grave a case is.",
    Address "address": "A case's place in words.",
    Note "note": "What was reported of a case.",
    OccurredAt "occurred_at": "When a case happened, as written.",
    FiledAt "filed_at": "When another system filed a case, as written.",
}

/// What a field says.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Scalar<'a> {
    /// The row does not name the field.
    #[default]
    Missing,
    /// That there is nothing.
    Null,
    /// Text as it was written.
    Text(Cow<'a, str>),
    /// A whole number.
    Integer(i64),
    /// Any other number.
    Float(f64),
    /// Something that no field takes: true, a list, an object.
    Other,
}

/// A field whose type is another than the one that is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrongType {
    field: Field,
    wanted: &'static str,
    /// The value, where it can be shown.
    said: Option<String>,
}

impl fmt::Display for WrongType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.field.word())?;
        if let Some(said) = &self.said {
            write!(f, " {said:?}")?;
        }
        write!(f, " is no {}", self.wanted)
    }
}

/// One row of a format: nothing converted, nothing checked, everything optional.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Row<'a> {
    values: [Scalar<'a>; Field::COUNT],
    /// Names that mean nothing here, as they were written.
    unknown: Vec<Cow<'a, str>>,
}

impl<'a> Row<'a> {
    /// Sets a field. Words that stand for nothing, as `NULL` and `N/A`, are null; a sensor's value alone is left as it is
    /// written, since null says there that the sensor is broken.
    pub fn set(&mut self, field: Field, value: Scalar<'a>) {
        let nothing = field != Field::Value
            && matches!(&value, Scalar::Text(text) if says_nothing(text.trim()));
        self.values[field as usize] = if nothing { Scalar::Null } else { value };
    }

    /// Notes a name that means nothing here, where there are not very many of them already.
    pub fn push_unknown(&mut self, name: Cow<'a, str>) {
        if self.unknown.len() < UNKNOWN_MAX {
            self.unknown.push(name);
        }
    }

    /// Names that mean nothing here.
    pub fn unknown(&self) -> &[Cow<'a, str>] {
        &self.unknown
    }

    /// Sets a field to a number, where there is one.
    pub fn set_number(&mut self, field: Field, value: Option<f64>) {
        if let Some(v) = value {
            self.set(field, Scalar::Float(v));
        }
    }

    /// What a field says.
    pub fn get(&self, field: Field) -> &Scalar<'a> {
        &self.values[field as usize]
    }

    /// True where the row says nothing of a field.
    pub fn lacks(&self, field: Field) -> bool {
        *self.get(field) == Scalar::Missing
    }

    /// The place's two numbers: longitude and latitude, or easting and northing. Of a row that says both, the pair that
    /// the reference system speaks of. `degrees`: whether that is in degrees.
    ///
    /// # Errors
    /// [`WrongType`] for what is no number.
    pub fn place(&self, degrees: bool) -> Result<(Option<f64>, Option<f64>), WrongType> {
        let says = |field: Field| !matches!(self.get(field), Scalar::Missing | Scalar::Null);
        let (ground, plane) = ((Field::Lon, Field::Lat), (Field::X, Field::Y));
        let (first, second) = if degrees {
            (ground, plane)
        } else {
            (plane, ground)
        };
        let whole = |(a, b): (Field, Field)| says(a) && says(b);
        let (first, second) = if whole(second) && !whole(first) {
            (second, first)
        } else {
            (first, second)
        };
        let or = |a: Field, b: Field| self.number(if says(a) { a } else { b });
        Ok((or(first.0, second.0)?, or(first.1, second.1)?))
    }

    /// A number, also one that is written as text; `None` if the field is missing or null.
    ///
    /// # Errors
    /// [`WrongType`] for what is none.
    pub fn number(&self, field: Field) -> Result<Option<f64>, WrongType> {
        match self.get(field) {
            Scalar::Missing | Scalar::Null => Ok(None),
            Scalar::Integer(n) => Ok(Some(*n as f64)),
            Scalar::Float(n) => Ok(Some(*n)),
            Scalar::Text(text) => match text.trim().parse::<f64>() {
                Ok(n) if n.is_finite() => Ok(Some(n)),
                _ => Err(self.wrong(field, "number")),
            },
            Scalar::Other => Err(self.wrong(field, "number")),
        }
    }

    /// A number that a row can do without: what is none, or stands for none by `sense`, is left out and told.
    fn spare(&self, field: Field, sense: fn(f64) -> Option<f64>, told: &mut Told) -> Option<f64> {
        let word = field.word();
        let Ok(said) = self.number(field) else {
            told.add(&format!("{word} that is no number: left out"));
            return None;
        };
        let meant = said.and_then(sense);
        if said.is_some() && meant.is_none() {
            told.add(&format!(
                "{word} with a number that stands for none: left out"
            ));
        }
        meant
    }

    /// The bearing, degrees from 0 to 360, by whichever of the fields says it; what is none is left out and told.
    pub fn bearing_deg(&self, fields: &[Field], told: &mut Told) -> Option<f64> {
        let mut said = fields.iter();
        said.find_map(|f| self.spare(*f, sentinels::bearing_deg, told))
    }

    /// Of some fields the first that says a number from 0 on; what is none is left out and told.
    pub fn not_negative(&self, fields: &[Field], told: &mut Told) -> Option<f64> {
        let mut said = fields.iter();
        said.find_map(|f| self.spare(*f, sentinels::not_negative, told))
    }

    /// A whole number, also one that is written as `17.0` or as text; `None` if the field is missing or null.
    ///
    /// # Errors
    /// [`WrongType`] for what is none, or does not fit 64 bits.
    pub fn integer(&self, field: Field) -> Result<Option<i64>, WrongType> {
        /// From here on not every whole number is one of 64 bits with a fraction.
        const EXACT: f64 = 9_007_199_254_740_992.0;
        let wrong = || self.wrong(field, "whole number");
        match self.get(field) {
            Scalar::Missing | Scalar::Null => Ok(None),
            Scalar::Integer(n) => Ok(Some(*n)),
            Scalar::Float(n) if n.fract() == 0.0 && n.abs() < EXACT => Ok(Some(*n as i64)),
            Scalar::Text(text) => text.trim().parse().map(Some).map_err(|_| wrong()),
            Scalar::Float(_) | Scalar::Other => Err(wrong()),
        }
    }

    /// Text, numbers as text; `None` if the field is missing or null.
    ///
    /// # Errors
    /// [`WrongType`] for anything else.
    pub fn text(&self, field: Field) -> Result<Option<Cow<'_, str>>, WrongType> {
        match self.get(field) {
            Scalar::Missing | Scalar::Null => Ok(None),
            Scalar::Text(t) => Ok(Some(Cow::Borrowed(t))),
            Scalar::Integer(n) => Ok(Some(Cow::Owned(n.to_string()))),
            Scalar::Float(n) => Ok(Some(Cow::Owned(n.to_string()))),
            Scalar::Other => Err(self.wrong(field, "text")),
        }
    }

    /// Text that a row can do without: what is none is left out and told.
    pub fn spare_text(&self, field: Field, told: &mut Told) -> Option<Cow<'_, str>> {
        self.text(field).unwrap_or_else(|_| {
            told.add(&format!("{} that is no text: left out", field.word()));
            None
        })
    }

    fn wrong(&self, field: Field, wanted: &'static str) -> WrongType {
        let said = match self.get(field) {
            Scalar::Text(t) => Some(t.chars().take(SHOWN_CHARS).collect()),
            Scalar::Float(n) => Some(n.to_string()),
            _ => None,
        };
        WrongType {
            field,
            wanted,
            said,
        }
    }

    /// A name: text that is not empty, or a number as text; `None` for anything else.
    pub fn name(&self, field: Field) -> Option<Cow<'_, str>> {
        let text = self.text(field).ok().flatten();
        text.filter(|t| !t.is_empty())
    }
}

/// Names that mean nothing are noted up to so many in a row.
const UNKNOWN_MAX: usize = 256;

/// So much of a value is shown to people, characters.
const SHOWN_CHARS: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;

    fn row(values: &[(Field, Scalar<'static>)]) -> Row<'static> {
        let mut row = Row::default();
        for (field, value) in values {
            row.set(*field, value.clone());
        }
        row
    }

    #[test]
    fn of_degrees_and_metres_in_one_row_the_systems_own_are_taken() {
        use Field::{Lat, Lon, X, Y};
        let n = |n: f64| Scalar::Float(n);
        let both = row(&[(Lon, n(118.0)), (Lat, n(32.0)), (X, n(4e5)), (Y, n(3e6))]);
        assert_eq!(both.place(true), Ok((Some(118.0), Some(32.0))));
        assert_eq!(both.place(false), Ok((Some(4e5), Some(3e6))));
        // Of one pair, whatever it is called.
        let plane = row(&[(X, n(4e5)), (Y, n(3e6))]);
        assert_eq!(plane.place(true), plane.place(false));
        let mixed = row(&[(Lon, n(118.0)), (Y, n(32.0))]);
        assert_eq!(mixed.place(true), Ok((Some(118.0), Some(32.0))));
        // Half a pair does not stand against a whole one.
        let half = row(&[(Lon, n(118.0)), (X, n(4e5)), (Y, n(3e6))]);
        assert_eq!(half.place(true), Ok((Some(4e5), Some(3e6))));
        assert_eq!(row(&[(Lon, n(1.0))]).place(false), Ok((Some(1.0), None)));
    }

    #[test]
    fn numbers_as_text_are_numbers_and_words_for_nothing_are_nothing() {
        let text = |t: &'static str| Scalar::Text(Cow::Borrowed(t));
        let r = row(&[
            (Field::Lon, text(" 118.78")),
            (Field::Lat, text("NULL")),
            (Field::TimeMs, Scalar::Float(1_772_323_200_000.0)),
            (Field::TimeUs, Scalar::Float(1.5)),
            (Field::Key, Scalar::Float(12.0)),
            (Field::Value, text("NaN")),
            (Field::SpeedMps, text("fast")),
        ]);
        assert_eq!(r.number(Field::Lon), Ok(Some(118.78)));
        assert_eq!(r.number(Field::Lat), Ok(None));
        assert_eq!(r.integer(Field::TimeMs), Ok(Some(1_772_323_200_000)));
        assert!(r.integer(Field::TimeUs).is_err());
        assert_eq!(r.name(Field::Key).as_deref(), Some("12"));
        assert!(r.number(Field::Value).is_err());
        let wrong = r.number(Field::SpeedMps).unwrap_err().to_string();
        assert_eq!(wrong, "speed_mps \"fast\" is no number");
    }

    #[test]
    fn what_a_position_can_do_without_is_left_out_and_told() {
        let r = row(&[
            (Field::BearingDeg, Scalar::Integer(-1)),
            (Field::Bearing, Scalar::Integer(90)),
            (Field::SpeedMps, Scalar::Text(Cow::Borrowed("fast"))),
            (Field::AccuracyM, Scalar::Float(-1.0)),
            (Field::Kind, Scalar::Other),
        ]);
        let mut told = Told::default();
        let fields = [Field::BearingDeg, Field::Bearing];
        assert_eq!(r.bearing_deg(&fields, &mut told), Some(90.0));
        assert_eq!(r.not_negative(&[Field::SpeedMps], &mut told), None);
        assert_eq!(r.not_negative(&[Field::AccuracyM], &mut told), None);
        assert_eq!(r.spare_text(Field::Kind, &mut told), None);
        let lines: Vec<&str> = told.lines().map(|(words, _)| words).collect();
        assert_eq!(lines.len(), 4, "{lines:?}");
        assert!(lines[1].starts_with("bearing_deg"), "{lines:?}");
    }
}
