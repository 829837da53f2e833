//! GeoJSON features as rows: the point is the place, the properties are the row, the id is the key.

use super::faults;
use super::row::{Field, Row, Scalar};
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::borrow::Cow;
use std::fmt;

/// The row of a feature. `surely`: its members are a feature's, whatever its type is.
///
/// # Errors
/// Why it is none, in words.
pub(super) fn feature(text: &[u8], surely: bool) -> Result<Row<'_>, String> {
    let feature: Feature<'_> =
        serde_json::from_slice(text).map_err(|e| faults::of_json(&e, text))?;
    if !surely && feature.kind != "Feature" {
        return Err(format!(
            "an object of type {:?} is no row; send rows with a key, a FeatureCollection or Features",
            feature.kind
        ));
    }
    let mut row = feature.row;
    if matches!(row.get(Field::Key), Scalar::Missing | Scalar::Null) {
        let id = feature.id;
        if matches!(id, Scalar::Text(_) | Scalar::Integer(_) | Scalar::Float(_)) {
            row.set(Field::Key, id);
        }
    }
    // A reading of a known sensor needs no place.
    let Some(geometry) = feature.geometry else {
        return Ok(row);
    };
    let Geometry { kind, at } = geometry;
    if kind != "Point" {
        return Err(format!(
            "its geometry is of type {kind:?}; a row's is a Point"
        ));
    }
    let [Some(lon), Some(lat)] = at else {
        return Err("its Point has no two numbers as coordinates".to_owned());
    };
    // The feature's own place, whatever its properties say of others.
    for field in [Field::X, Field::Y] {
        row.set(field, Scalar::Missing);
    }
    row.set(Field::Lon, Scalar::Float(lon));
    row.set(Field::Lat, Scalar::Float(lat));
    Ok(row)
}

#[derive(Default)]
struct Feature<'a> {
    row: Row<'a>,
    id: Scalar<'a>,
    kind: String,
    geometry: Option<Geometry>,
}

struct Geometry {
    kind: String,
    /// The first two coordinates, where they are numbers.
    at: [Option<f64>; 2],
}

fn kind_of(said: &Scalar<'_>) -> String {
    match said {
        Scalar::Text(text) => text.chars().take(40).collect(),
        _ => "none".to_owned(),
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Feature<'a> {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct Object;
        impl<'de> Visitor<'de> for Object {
            type Value = Feature<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a feature")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut feature = Feature::default();
                while let Some(name) = map.next_key::<Cow<'de, str>>()? {
                    match &*name {
                        "id" => feature.id = map.next_value()?,
                        "type" => feature.kind = kind_of(&map.next_value()?),
                        "geometry" => feature.geometry = map.next_value()?,
                        "properties" => {
                            let said: Option<Row<'de>> = map.next_value()?;
                            feature.row = said.unwrap_or_default();
                        }
                        _ => {
                            map.next_value::<IgnoredAny>()?;
                        }
                    }
                }
                Ok(feature)
            }
        }
        d.deserialize_map(Object)
    }
}

impl<'de> Deserialize<'de> for Geometry {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct Object;
        impl<'de> Visitor<'de> for Object {
            type Value = Geometry;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a geometry")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Geometry, A::Error> {
                let mut geometry = Geometry {
                    kind: "none".to_owned(),
                    at: [None; 2],
                };
                while let Some(name) = map.next_key::<Cow<'de, str>>()? {
                    match &*name {
                        "type" => geometry.kind = kind_of(&map.next_value()?),
                        "coordinates" => geometry.at = map.next_value::<Coordinates>()?.0,
                        _ => {
                            map.next_value::<IgnoredAny>()?;
                        }
                    }
                }
                Ok(geometry)
            }
        }
        d.deserialize_map(Object)
    }
}

/// The first two of a list, where they are numbers.
struct Coordinates([Option<f64>; 2]);

impl<'de> Deserialize<'de> for Coordinates {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct List;
        impl<'de> Visitor<'de> for List {
            type Value = Coordinates;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of numbers")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Coordinates, A::Error> {
                let mut at = [None; 2];
                let mut count = 0;
                while let Some(said) = seq.next_element::<Scalar<'de>>()? {
                    let number = match said {
                        Scalar::Integer(n) => Some(n as f64),
                        Scalar::Float(n) => Some(n),
                        _ => None,
                    };
                    if let Some(place) = at.get_mut(count) {
                        *place = number;
                    }
                    count += 1;
                }
                Ok(Coordinates(at))
            }
        }
        d.deserialize_seq(List)
    }
}

#[cfg(test)]
mod tests {
    use super::super::format::{Format, FormatOptions, Input};
    use super::super::ndjson::Ndjson;
    use super::super::row::Found;
    use super::*;

    /// Keys of the rows, and what is wrong with the others.
    fn found(text: &str) -> Vec<Result<(String, Option<f64>), String>> {
        let input: Input<'_> = Box::new(text.as_bytes());
        let mut rows = Ndjson.rows(input, &FormatOptions::default()).unwrap();
        let mut all = Vec::new();
        while let Some(found) = rows.next() {
            all.push(match found {
                Found::Row { row, .. } => {
                    let key = row.name(Field::Key).map(Cow::into_owned);
                    Ok((key.unwrap_or_default(), row.number(Field::Lat).unwrap()))
                }
                Found::Bad { why, .. } | Found::CutOff { why, .. } => Err(why),
            });
        }
        all
    }

    const POINT: &str = r#"{"type":"Feature","id":"g1","properties":{"speed_mps":3,"x":385700.0,"y":3548000.0,"lon":1},
        "geometry":{"type":"Point","coordinates":[118.79,32.05,7]}}"#;

    #[test]
    fn points_are_rows_and_other_features_are_named() {
        let text = format!(
            r#"{{"type": "FeatureCollection", "features": [{POINT},
            {{"type": "Feature", "id": "g2", "geometry": {{"type": "LineString", "coordinates": [[1,2],[3,4]]}}, "properties": null}},
            {{"type": "Feature", "id": 9, "properties": {{"key": "g3", "value": null}}}},
            {{"type": "Feature", "id": "g4", "properties": {{"speed_mps": NaN}}, "geometry": null}},
            {{"type": "Feature", "id": "g5", "properties": {{}}, "geometry": {{"type": "Point", "coordinates": []}}}},
            {{"type": "Feature", "id": 12.0, "properties": {{}}, "geometry": {{"type": "Point", "coordinates": [1, 2]}}}},
            {{"type": "Feature", "id": "g6", "properties": "南京", "geometry": null}},
            {{"type": "Feature", "id": "g7", "properties": {{}}, "geometry": [1, 2]}},
            {{"type": "Feature", "id": "g8", "properties": {{}}, "geometry": {{"type": "Point", "coordinates": 7}}}}]}}"#
        );
        let found = found(&text);
        assert_eq!(found.len(), 9, "{found:?}");
        assert_eq!(found[0], Ok(("g1".into(), Some(32.05))));
        assert_eq!(found[2], Ok(("g3".into(), None)));
        assert_eq!(found[5], Ok(("12".into(), Some(2.0))));
        for (at, words) in [
            (1, "LineString"),
            (3, "NaN"),
            (4, "two numbers"),
            (6, "where an object belongs"),
            (7, "where a geometry belongs"),
            (8, "where a list of numbers belongs"),
        ] {
            let why = found[at].as_ref().unwrap_err();
            assert!(why.contains(words) && !why.contains("type:"), "{why}");
        }
    }

    #[test]
    fn collections_are_known_wherever_they_say_what_they_are() {
        let point = POINT.replace('\n', "");
        let expected = [Ok(("g1".to_owned(), Some(32.05)))];
        let pretty = POINT.replace(',', ",\n  ");
        for text in [
            format!("{{\"bbox\":[1,2,3,4],\"features\":[{point}],\"type\":\"FeatureCollection\"}}"),
            format!("{{\n\"features\": [\n{pretty}\n],\n\"type\": \"FeatureCollection\"\n}}"),
            format!(
                "{{\"type\":\"FeatureCollection\",\"features\":[\n{point}\n],\"bbox\":[1,2,3,4]}}\n"
            ),
            format!("{{\"type\":\"FeatureCollection\",\"features\":[\n{point}\n]}}\n"),
            point.clone(),
            format!("\u{1e}{point}\n"),
            format!("[{point}]"),
            pretty.clone(),
        ] {
            assert_eq!(found(&text), expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_feature_is_named() {
        for text in [
            r#"{"type":"Polygon","coordinates":[[[1,2]]]}"#,
            r#"{"type":"FeatureCollection"}"#,
            r#"{"type":"FeatureCollection","features":null}"#,
        ] {
            let found = found(text);
            let why = found[0].as_ref().unwrap_err();
            assert!(why.contains("FeatureCollection"), "{why}");
        }
    }
}
