//! GeoJSON features as rows: the point is the place, the properties are the row, the id is the key.

use super::rows::{Row, Taker};
use serde::Deserialize;
use serde_json::Value;

/// Takes every feature of a collection, or the one feature that a body is.
///
/// # Errors
/// In words, when the body is no GeoJSON of features.
pub(super) fn take(body: &[u8], taker: &mut Taker<'_>) -> Result<u32, String> {
    let value: Value = serde_json::from_slice(body).map_err(|e| e.to_string())?;
    let features = match value.get("type").and_then(Value::as_str) {
        Some("FeatureCollection") => match value.get("features") {
            Some(Value::Array(features)) => features.as_slice(),
            _ => return Err("a FeatureCollection without a list of features".to_owned()),
        },
        Some("Feature") => core::slice::from_ref(&value),
        kind => {
            return Err(format!(
                "GeoJSON of type {kind:?}; send a FeatureCollection or a Feature"
            ));
        }
    };
    let count = features.len() as u32;
    for (i, feature) in features.iter().enumerate() {
        taker.take(i as u32 + 1, row(feature));
    }
    Ok(count)
}

fn row(feature: &Value) -> Result<Row<'_>, String> {
    let mut row = match feature.get("properties") {
        Some(Value::Null) | None => serde_json::from_str("{}").map_err(|e| e.to_string())?,
        Some(properties) => Row::deserialize(properties).map_err(|e| e.to_string())?,
    };
    let id = match feature.get("id") {
        Some(Value::String(s)) => Some(s.clone()),
        Some(Value::Number(n)) => Some(n.to_string()),
        _ => None,
    };
    row.name(id);
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
    row.place(at(0)?, at(1)?);
    Ok(row)
}
