//! Whether a message of the document has the shape that was read.

use super::{Content, Field, Item, Shape, Shapes};
use serde_json::Value;

/// Says where a value differs from a named shape.
pub fn fits(shapes: &Shapes, name: &str, value: &Value) -> Result<(), String> {
    let item = shapes
        .get(name)
        .ok_or_else(|| format!("no shape of {name}"))?;
    match item {
        Item::Struct(fields) => object(shapes, fields, value),
        Item::Enum(variants) => {
            let (word, content) = match value {
                Value::String(word) => (word.as_str(), None),
                Value::Object(members) if members.len() == 1 => {
                    let (word, content) = members.iter().next().ok_or("empty")?;
                    (word.as_str(), Some(content))
                }
                other => return Err(format!("{other} is no {name}")),
            };
            let variant = variants.iter().find(|v| v.name == word);
            let variant = variant.ok_or_else(|| format!("{name} has no {word}"))?;
            match (&variant.content, content) {
                (Content::Nothing, None) => Ok(()),
                (Content::Fields(fields), Some(v)) => object(shapes, fields, v),
                (Content::Things(things), Some(v)) if things.len() == 1 => {
                    of(shapes, &things[0], v)
                }
                (Content::Things(things), Some(v)) => of(shapes, &Shape::Tuple(things.clone()), v),
                _ => Err(format!("{word} of {name} holds something else")),
            }
        }
    }
}

fn object(shapes: &Shapes, fields: &[Field], value: &Value) -> Result<(), String> {
    let members = value
        .as_object()
        .ok_or_else(|| format!("{value} is no object"))?;
    for field in fields {
        match members.get(&field.name) {
            Some(v) => of(shapes, &field.shape, v).map_err(|e| format!("{}: {e}", field.name))?,
            None if field.optional => {}
            None => return Err(format!("{} is missing", field.name)),
        }
    }
    let strange = members
        .keys()
        .find(|k| fields.iter().all(|f| f.name != **k));
    strange.map_or(Ok(()), |k| Err(format!("{k} is no member")))
}

fn of(shapes: &Shapes, shape: &Shape, value: &Value) -> Result<(), String> {
    let right = match (shape, value) {
        (Shape::OrNull(_), Value::Null) => true,
        (Shape::OrNull(inner), v) => return of(shapes, inner, v),
        (Shape::List(inner), Value::Array(all)) => {
            return all.iter().try_for_each(|v| of(shapes, inner, v));
        }
        (Shape::Tuple(inner), Value::Array(all)) => {
            if inner.len() != all.len() {
                return Err(format!("{value} has another length"));
            }
            return inner
                .iter()
                .zip(all)
                .try_for_each(|(s, v)| of(shapes, s, v));
        }
        (Shape::Named(name), v) => return fits(shapes, name, v),
        (Shape::Word("true or false"), v) => v.is_boolean(),
        (Shape::Word("text" | "word"), v) => v.is_string(),
        (Shape::Word("number"), v) => v.is_number(),
        (Shape::Word("[integer, integer]"), v) => v.as_array().is_some_and(|a| a.len() == 2),
        (Shape::Word(_), v) => v.is_i64() || v.is_u64(),
        _ => false,
    };
    right
        .then_some(())
        .ok_or_else(|| format!("{value} is no {shape:?}"))
}
