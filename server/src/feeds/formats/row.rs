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
            pub const COUNT: usize = [$(Self::$variant),*].len();

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
    Lon "lon" | "x": "Longitude or easting, in the source's reference system.",
    Lat "lat" | "y": "Latitude or northing.",
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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WrongType {
    field: Field,
    wanted: &'static str,
}

impl fmt::Display for WrongType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is no {}", self.field.word(), self.wanted)
    }
}

/// One row of a format: nothing converted, nothing checked, everything optional.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Row<'a> {
    values: [Scalar<'a>; Field::COUNT],
}

impl<'a> Row<'a> {
    /// Sets a field.
    pub fn set(&mut self, field: Field, value: Scalar<'a>) {
        self.values[field as usize] = value;
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

    /// A number; `None` if the field is missing or null.
    ///
    /// # Errors
    /// [`WrongType`] for what is none.
    pub fn number(&self, field: Field) -> Result<Option<f64>, WrongType> {
        match self.get(field) {
            Scalar::Missing | Scalar::Null => Ok(None),
            Scalar::Integer(n) => Ok(Some(*n as f64)),
            Scalar::Float(n) => Ok(Some(*n)),
            Scalar::Text(_) | Scalar::Other => Err(WrongType {
                field,
                wanted: "number",
            }),
        }
    }

    /// A whole number; `None` if the field is missing or null.
    ///
    /// # Errors
    /// [`WrongType`] for what is none, or does not fit 64 bits.
    pub fn integer(&self, field: Field) -> Result<Option<i64>, WrongType> {
        match self.get(field) {
            Scalar::Missing | Scalar::Null => Ok(None),
            Scalar::Integer(n) => Ok(Some(*n)),
            Scalar::Text(_) | Scalar::Float(_) | Scalar::Other => Err(WrongType {
                field,
                wanted: "whole number",
            }),
        }
    }

    /// Text; `None` if the field is missing or null.
    ///
    /// # Errors
    /// [`WrongType`] for anything but text.
    pub fn text(&self, field: Field) -> Result<Option<&str>, WrongType> {
        match self.get(field) {
            Scalar::Missing | Scalar::Null => Ok(None),
            Scalar::Text(t) => Ok(Some(t)),
            Scalar::Integer(_) | Scalar::Float(_) | Scalar::Other => Err(WrongType {
                field,
                wanted: "text",
            }),
        }
    }

    /// A name: text that is not empty, or a number as text; `None` for anything else.
    pub fn name(&self, field: Field) -> Option<Cow<'_, str>> {
        match self.get(field) {
            Scalar::Text(t) => Some(Cow::Borrowed(&**t)).filter(|t| !t.is_empty()),
            Scalar::Integer(n) => Some(Cow::Owned(n.to_string())),
            Scalar::Float(n) => Some(Cow::Owned(n.to_string())),
            Scalar::Missing | Scalar::Null | Scalar::Other => None,
        }
    }
}
