//! One JSON object a line: `{"key":…,"lon":…,"lat":…,"time":…,"bearing_deg":…,"speed_mps":…,"kind":…}`.

use super::format::{Format, FormatError, FormatOptions, Input, Rows};
use super::row::{Field, Found, Row, Scalar};
use serde::de::{self, Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use std::borrow::Cow;
use std::fmt;
use std::io::BufRead;

/// Newline-delimited JSON.
pub(super) struct Ndjson;

impl Format for Ndjson {
    fn suffixes(&self) -> &'static [&'static str] {
        &[".ndjson", ".jsonl"]
    }

    fn media_types(&self) -> &'static [&'static str] {
        &[
            "application/x-ndjson",
            "application/ndjson",
            "application/jsonl",
            "application/json-seq",
        ]
    }

    fn rows<'r>(
        &self,
        input: Input<'r>,
        _options: &FormatOptions,
    ) -> Result<Box<dyn Rows + 'r>, FormatError> {
        Ok(Box::new(Lines {
            input,
            number: 0,
            text: Vec::new(),
            ended: false,
        }))
    }
}

struct Lines<'r> {
    input: Input<'r>,
    number: u64,
    text: Vec<u8>,
    ended: bool,
}

impl Rows for Lines<'_> {
    fn next(&mut self) -> Option<Found<'_>> {
        loop {
            if self.ended {
                return None;
            }
            self.text.clear();
            self.number += 1;
            match self.input.read_until(b'\n', &mut self.text) {
                Ok(0) => self.ended = true,
                Ok(_) if self.text.trim_ascii().is_empty() => {}
                Ok(_) => break,
                Err(e) => {
                    self.ended = true;
                    let (number, why) = (self.number, e.to_string());
                    return Some(Found::CutOff { number, why });
                }
            }
        }
        let number = self.number;
        let whole = self.text.ends_with(b"\n");
        Some(match serde_json::from_slice(&self.text) {
            Ok(row) => Found::Row { number, row },
            Err(e) if whole => Found::Bad {
                number,
                why: e.to_string(),
            },
            Err(e) => Found::CutOff {
                number,
                why: e.to_string(),
            },
        })
    }
}

/// A member's name, or one that means nothing.
struct Name(Option<Field>);

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct Named;
        impl Visitor<'_> for Named {
            type Value = Name;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a member's name")
            }
            fn visit_str<E>(self, name: &str) -> Result<Name, E> {
                Ok(Name(Field::named(name)))
            }
        }
        d.deserialize_identifier(Named)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Row<'a> {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct Object;
        impl<'de> Visitor<'de> for Object {
            type Value = Row<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Row<'de>, A::Error> {
                let mut row = Row::default();
                while let Some(Name(name)) = map.next_key()? {
                    let Some(field) = name else {
                        map.next_value::<IgnoredAny>()?;
                        continue;
                    };
                    if !row.lacks(field) {
                        return Err(de::Error::duplicate_field(field.word()));
                    }
                    row.set(field, map.next_value()?);
                }
                Ok(row)
            }
        }
        d.deserialize_map(Object)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Scalar<'a> {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = Scalar<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value")
            }
            fn visit_unit<E>(self) -> Result<Scalar<'de>, E> {
                Ok(Scalar::Null)
            }
            fn visit_bool<E>(self, _: bool) -> Result<Scalar<'de>, E> {
                Ok(Scalar::Other)
            }
            fn visit_i64<E>(self, n: i64) -> Result<Scalar<'de>, E> {
                Ok(Scalar::Integer(n))
            }
            fn visit_u64<E>(self, n: u64) -> Result<Scalar<'de>, E> {
                Ok(i64::try_from(n).map_or(Scalar::Float(n as f64), Scalar::Integer))
            }
            fn visit_f64<E>(self, n: f64) -> Result<Scalar<'de>, E> {
                Ok(Scalar::Float(n))
            }
            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Scalar<'de>, E> {
                Ok(Scalar::Text(Cow::Borrowed(text)))
            }
            fn visit_str<E>(self, text: &str) -> Result<Scalar<'de>, E> {
                Ok(Scalar::Text(Cow::Owned(text.to_owned())))
            }
            fn visit_seq<A: de::SeqAccess<'de>>(self, seq: A) -> Result<Scalar<'de>, A::Error> {
                IgnoredAny.visit_seq(seq)?;
                Ok(Scalar::Other)
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Scalar<'de>, A::Error> {
                IgnoredAny.visit_map(map)?;
                Ok(Scalar::Other)
            }
        }
        d.deserialize_any(Any)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_bad_ones_named_and_a_cut_one_told() {
        let text = "{\"key\":\"a\",\"lon\":118.1,\"time\":12,\"more\":{\"lon\":[1]}}\n\n{\"id\":7,\"y\":32.1,\
                    \"time\":null,\"kind\":\"ta\\u0078i\",\"value\":true}\n{\"lon\":1,\"x\":2}\n[1]\n{\"key\":\"b\",\"lon\":11";
        let input: Input<'_> = Box::new(text.as_bytes());
        let mut rows = Ndjson.rows(input, &FormatOptions::default()).unwrap();
        let Some(Found::Row { number: 1, row }) = rows.next() else {
            panic!("a row")
        };
        assert_eq!(row.number(Field::Lon), Ok(Some(118.1)));
        assert_eq!(row.name(Field::Time).as_deref(), Some("12"));
        assert!(row.lacks(Field::Lat) && row.integer(Field::Lon).is_err());
        let Some(Found::Row { number: 3, row }) = rows.next() else {
            panic!("a row")
        };
        assert_eq!(row.name(Field::Id).as_deref(), Some("7"));
        assert_eq!(
            (row.get(Field::Time), row.number(Field::Lat)),
            (&Scalar::Null, Ok(Some(32.1)))
        );
        assert_eq!(row.text(Field::Kind), Ok(Some("taxi")));
        let wrong = row.number(Field::Value).unwrap_err();
        assert_eq!(wrong.to_string(), "value is no number");
        assert!(matches!(rows.next(), Some(Found::Bad { number: 4, why }) if why.contains("lon")));
        assert!(matches!(rows.next(), Some(Found::Bad { number: 5, .. })));
        assert!(matches!(rows.next(), Some(Found::CutOff { number: 6, .. })));
        assert!(rows.next().is_none());
    }
}
