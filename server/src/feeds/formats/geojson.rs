//! GeoJSON features as rows: the point is the place, the properties are the row, the id is the key.

use super::format::{Format, FormatError, FormatOptions, Input, Rows};
use super::row::{Field, Found, Row, Scalar};
use serde_json::Value;
use std::borrow::Cow;

/// A feature collection, or one feature.
pub(super) struct GeoJson;

impl Format for GeoJson {
    fn media_types(&self) -> &'static [&'static str] {
        &["application/geo+json", "application/vnd.geo+json"]
    }

    fn looks_like(&self, head: &str) -> bool {
        head.contains("\"type\":\"FeatureCollection\"")
            || head.contains("\"type\":\"Feature\"")
            || head.starts_with("{\"features\":")
    }

    fn rows<'r>(
        &self,
        input: Input<'r>,
        _options: &FormatOptions,
    ) -> Result<Box<dyn Rows + 'r>, FormatError> {
        let syntax = |text: String| FormatError::Syntax(text);
        let value: Value = serde_json::from_reader(input).map_err(|e| syntax(e.to_string()))?;
        let features = match value.get("type").and_then(Value::as_str) {
            Some("FeatureCollection") => features_of(value)?,
            Some("Feature") => vec![value],
            kind => {
                return Err(syntax(format!(
                    "GeoJSON of type {kind:?}; send a FeatureCollection or a Feature"
                )));
            }
        };
        Ok(Box::new(Features { features, next: 0 }))
    }
}

/// The features of a collection.
fn features_of(collection: Value) -> Result<Vec<Value>, FormatError> {
    if let Value::Object(mut members) = collection
        && let Some(Value::Array(features)) = members.remove("features")
    {
        return Ok(features);
    }
    let text = "a FeatureCollection without a list of features";
    Err(FormatError::Syntax(text.to_owned()))
}

struct Features {
    features: Vec<Value>,
    next: usize,
}

impl Rows for Features {
    fn next(&mut self) -> Option<Found<'_>> {
        let feature = self.features.get(self.next)?;
        self.next += 1;
        let number = self.next as u64;
        Some(match row(feature) {
            Ok(row) => Found::Row { number, row },
            Err(why) => Found::Bad { number, why },
        })
    }
}

fn scalar(value: &Value) -> Scalar<'_> {
    match value {
        Value::Null => Scalar::Null,
        Value::String(s) => Scalar::Text(Cow::Borrowed(s)),
        Value::Number(n) => n.as_i64().map_or_else(
            || Scalar::Float(n.as_f64().unwrap_or(f64::NAN)),
            Scalar::Integer,
        ),
        Value::Bool(_) | Value::Array(_) | Value::Object(_) => Scalar::Other,
    }
}

fn row(feature: &Value) -> Result<Row<'_>, String> {
    let mut row = Row::default();
    match feature.get("properties") {
        Some(Value::Null) | None => {}
        Some(Value::Object(properties)) => {
            let known = properties.iter();
            for (field, value) in known.filter_map(|(k, v)| Some((Field::named(k)?, v))) {
                if !row.lacks(field) {
                    return Err(format!("duplicate field `{}`", field.word()));
                }
                row.set(field, scalar(value));
            }
        }
        Some(_) => return Err("the properties must be an object".to_owned()),
    }
    if matches!(row.get(Field::Key), Scalar::Missing | Scalar::Null)
        && let Some(id @ (Value::String(_) | Value::Number(_))) = feature.get("id")
    {
        row.set(Field::Key, scalar(id));
    }
    let geometry = match feature.get("geometry") {
        // A reading of a known sensor needs no place.
        None | Some(Value::Null) => return Ok(row),
        Some(g) => g,
    };
    if geometry.get("type").and_then(Value::as_str) != Some("Point") {
        return Err("the geometry must be a Point".to_owned());
    }
    let at = |i: usize| {
        geometry
            .get("coordinates")
            .and_then(|c| c.get(i))
            .and_then(Value::as_f64)
            .ok_or("the Point's coordinates must be two numbers")
    };
    row.set(Field::Lon, Scalar::Float(at(0)?));
    row.set(Field::Lat, Scalar::Float(at(1)?));
    Ok(row)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_are_rows_and_other_features_are_named() {
        let text = r#"{"type": "FeatureCollection", "features": [
            {"type": "Feature", "id": "g1", "geometry": {"type": "Point", "coordinates": [118.79, 32.05]}, "properties": {"speed_mps": 3}},
            {"type": "Feature", "id": "g2", "geometry": {"type": "LineString", "coordinates": []}, "properties": null},
            {"type": "Feature", "id": 9, "properties": {"key": "g3", "value": null}}]}"#;
        let mut rows = GeoJson
            .rows(Box::new(text.as_bytes()), &FormatOptions::default())
            .unwrap();
        let Some(Found::Row { number: 1, row }) = rows.next() else {
            panic!("a row")
        };
        assert_eq!(row.name(Field::Key).as_deref(), Some("g1"));
        assert_eq!(
            (row.number(Field::Lat), row.number(Field::SpeedMps)),
            (Ok(Some(32.05)), Ok(Some(3.0)))
        );
        assert!(
            matches!(rows.next(), Some(Found::Bad { number: 2, why }) if why.contains("Point"))
        );
        let Some(Found::Row { number: 3, row }) = rows.next() else {
            panic!("a row")
        };
        assert_eq!(row.name(Field::Key).as_deref(), Some("g3"));
        assert_eq!(row.get(Field::Value), &Scalar::Null);
        assert!(rows.next().is_none());
        let polygon: Input<'_> = Box::new(&br#"{"type":"Polygon"}"#[..]);
        let error = GeoJson
            .rows(polygon, &FormatOptions::default())
            .err()
            .unwrap();
        assert!(error.to_string().contains("FeatureCollection"), "{error}");
    }
}
