//! A stretch as one GeoJSON collection (RFC 7946): every feature says by `what` which kind of thing it is.

use super::ExportError;
use super::gather::{Gathered, actor_words};
use super::moment::moment;
use super::tables::{Cell, Table, mover_word, stage_word};
use super::tracks::{Tracks, pieces};
use crate::out::{Place, Written};
use serde_json::{Map, Value, json};

fn value(c: &Cell) -> Value {
    match c {
        Cell::None => Value::Null,
        Cell::Text(t) => json!(t),
        Cell::Int(i) => json!(i),
        Cell::Real(r) => json!(r),
        Cell::Time(t) => json!(moment(*t)),
        Cell::Bool(b) => json!(b),
    }
}

/// Writes what was gathered; with `names`, duty officers' names too. A track is a line for each stretch in which its
/// mover was heard of.
///
/// # Errors
/// [`ExportError`] when the file cannot be written.
pub fn write(place: &Place, g: &Gathered, tracks: &Tracks, names: bool) -> Result<(), ExportError> {
    let mut features: Vec<Value> = Vec::new();
    for (table, what) in [
        (Table::Cases, "case"),
        (Table::Sensors, "sensor"),
        (Table::Alarms, "alarm"),
        (Table::Dispatches, "dispatch"),
    ] {
        table.rows(g, names, |row| {
            features.push(point(what, table, &row, g, names));
            Ok(())
        })?;
    }
    let all = tracks.by_mover.values();
    for (name, fixes) in all.flat_map(|(name, all)| pieces(all).map(move |p| (name, p))) {
        let places: Vec<[f64; 2]> = fixes
            .iter()
            .map(|f| {
                let p = f.position.lon_lat();
                [p.lon_deg, p.lat_deg]
            })
            .collect();
        let geometry = match places.as_slice() {
            [one] => json!({"type": "Point", "coordinates": one}),
            all => json!({"type": "LineString", "coordinates": all}),
        };
        let times: Vec<String> = fixes.iter().map(|f| moment(f.fix_time)).collect();
        features.push(json!({"type": "Feature", "geometry": geometry, "properties": {
            "what": "track", "mover": name.id.0, "key": name.key, "kind": mover_word(name.kind),
            "call_sign": name.call_sign, "from": times.first(), "to": times.last(), "times": times,
        }}));
    }
    let written = Written::whole(place, |out| {
        // One feature a line, so that differences between two exports can be read.
        out.write_all(b"{\"type\":\"FeatureCollection\",\"features\":[\n")?;
        for (i, f) in features.iter().enumerate() {
            if i > 0 {
                out.write_all(b",\n")?;
            }
            serde_json::to_writer(&mut *out, f)?;
        }
        out.write_all(b"\n]}\n")
    });
    Ok(written?)
}

fn point(what: &str, table: Table, row: &[Cell], g: &Gathered, names: bool) -> Value {
    let mut properties = Map::new();
    properties.insert("what".into(), json!(what));
    let (mut lon, mut lat) = (Value::Null, Value::Null);
    for ((name, _), cell) in table.columns().iter().zip(row) {
        match *name {
            "lon" => lon = value(cell),
            "lat" => lat = value(cell),
            name => {
                properties.insert(name.to_owned(), value(cell));
            }
        }
    }
    let case = match (&row[0], table) {
        (Cell::Int(id), Table::Cases) => g.cases.get(&chengtu_engine::ids::CaseId(*id as u64)),
        _ => None,
    };
    if let Some(case) = case {
        let stages: Vec<Value> = case
            .history
            .iter()
            .map(|h| json!({"stage": stage_word(h.stage), "at": moment(h.at), "by": actor_words(&h.by, g, names)}))
            .collect();
        properties.insert("stages".into(), Value::Array(stages));
    }
    json!({
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [lon, lat]},
        "properties": properties,
    })
}
