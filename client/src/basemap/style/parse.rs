//! Reads expressions, legacy functions and filters, in the spellings the specification has had.

use super::StyleValue;
use super::expr::{Comparison, Expr};
use serde_json::Value as Json;

/// Why a part of the style is not understood; in words, its place is added by the caller.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ExprError(pub String);

impl Expr {
    /// Reads a property's value: a constant, an expression or a legacy function with `stops`.
    ///
    /// # Errors
    /// [`ExprError`] with what is not understood.
    pub fn parse(json: &Json) -> Result<Self, ExprError> {
        match json {
            Json::Array(items) => match items.first() {
                Some(Json::String(op)) => parse_operation(op, &items[1..]),
                // A plain list: dashes, offsets.
                _ => Ok(Self::Constant(json.into())),
            },
            Json::Object(map) if map.contains_key("stops") => parse_function(map),
            Json::Object(_) => Err(ExprError(
                "an object that is not a function with stops".into(),
            )),
            _ => Ok(Self::Constant(json.into())),
        }
    }

    /// Reads a filter, in either spelling.
    ///
    /// # Errors
    /// [`ExprError`] with what is not understood.
    pub fn parse_filter(json: &Json) -> Result<Self, ExprError> {
        if is_expression_filter(json) {
            Self::parse(json)
        } else {
            parse_legacy_filter(json)
        }
    }
}

/// The arguments of an operation.
#[derive(Clone, Copy)]
struct Arguments<'a> {
    op: &'a str,
    list: &'a [Json],
}

impl<'a> Arguments<'a> {
    fn few(self) -> ExprError {
        ExprError(format!("\"{}\" has too few arguments", self.op))
    }

    fn json(self, i: usize) -> Result<&'a Json, ExprError> {
        self.list.get(i).ok_or_else(|| self.few())
    }

    fn expr(self, i: usize) -> Result<Box<Expr>, ExprError> {
        Expr::parse(self.json(i)?).map(Box::new)
    }

    fn all(self) -> Result<Vec<Expr>, ExprError> {
        self.list.iter().map(Expr::parse).collect()
    }

    fn name(self) -> Result<String, ExprError> {
        let name = self.json(0)?.as_str().ok_or_else(|| self.few())?;
        Ok(name.to_owned())
    }

    /// Those from `first` on.
    fn from(self, first: usize) -> Result<&'a [Json], ExprError> {
        self.list.get(first..).ok_or_else(|| self.few())
    }

    /// Pairs from `first` on, and what holds otherwise, which comes last.
    fn arms(self, first: usize) -> Result<(Vec<[&'a Json; 2]>, Box<Expr>), ExprError> {
        let (otherwise, arms) = self.from(first)?.split_last().ok_or_else(|| self.few())?;
        let pair = |pair: &'a [Json]| match pair {
            [a, b] => Ok([a, b]),
            _ => Err(self.few()),
        };
        let arms = arms.chunks(2).map(pair).collect::<Result<_, _>>()?;
        Ok((arms, Box::new(Expr::parse(otherwise)?)))
    }
}

fn parse_operation(op: &str, list: &[Json]) -> Result<Expr, ExprError> {
    let args = Arguments { op, list };
    let comparison = |how| Ok(Expr::Compare(how, args.expr(0)?, args.expr(1)?));
    match op {
        "literal" => Ok(Expr::Constant(args.json(0)?.into())),
        "zoom" => Ok(Expr::Zoom),
        "get" => Ok(Expr::Get(args.name()?)),
        "has" => Ok(Expr::Has(args.name()?)),
        "geometry-type" => Ok(Expr::GeometryType),
        "!" => Ok(Expr::Not(args.expr(0)?)),
        "all" => Ok(Expr::All(args.all()?)),
        "any" => Ok(Expr::Any(args.all()?)),
        "==" => comparison(Comparison::Equal),
        "!=" => comparison(Comparison::NotEqual),
        "<" => comparison(Comparison::Less),
        "<=" => comparison(Comparison::LessOrEqual),
        ">" => comparison(Comparison::Greater),
        ">=" => comparison(Comparison::GreaterOrEqual),
        "in" => Ok(Expr::In(args.expr(0)?, args.expr(1)?)),
        "coalesce" => Ok(Expr::Coalesce(args.all()?)),
        "concat" => Ok(Expr::Concat(args.all()?)),
        "to-number" | "number" => Ok(Expr::ToNumber(args.expr(0)?)),
        "to-string" | "string" => Ok(Expr::ToText(args.expr(0)?)),
        "to-color" => Ok(*args.expr(0)?),
        "+" | "-" | "*" | "/" => Ok(Expr::Arithmetic(
            op.chars().next().unwrap_or('+'),
            args.all()?,
        )),
        "min" => Ok(Expr::Arithmetic('<', args.all()?)),
        "max" => Ok(Expr::Arithmetic('>', args.all()?)),
        "match" => parse_match(args),
        "case" => parse_case(args),
        "step" => Ok(Expr::Step(
            args.expr(0)?,
            args.expr(1)?,
            parse_stops(args.from(2)?, op)?,
        )),
        "interpolate" => parse_interpolation(args),
        _ => Err(ExprError(format!("the operator \"{op}\" is not supported"))),
    }
}

fn parse_match(args: Arguments<'_>) -> Result<Expr, ExprError> {
    let (pairs, otherwise) = args.arms(1)?;
    let arm = |[labels, result]: [&Json; 2]| {
        let labels = match labels {
            Json::Array(items) => items.iter().map(StyleValue::from).collect(),
            label => vec![label.into()],
        };
        Ok((labels, Expr::parse(result)?))
    };
    let arms = pairs.into_iter().map(arm).collect::<Result<_, _>>()?;
    Ok(Expr::Match(args.expr(0)?, arms, otherwise))
}

fn parse_case(args: Arguments<'_>) -> Result<Expr, ExprError> {
    let (pairs, otherwise) = args.arms(0)?;
    let arm = |[condition, result]: [&Json; 2]| Ok((Expr::parse(condition)?, Expr::parse(result)?));
    let arms = pairs.into_iter().map(arm).collect::<Result<_, _>>()?;
    Ok(Expr::Case(arms, otherwise))
}

fn parse_interpolation(args: Arguments<'_>) -> Result<Expr, ExprError> {
    let curve = args.json(0)?.as_array().ok_or_else(|| args.few())?;
    let base = match curve.first().and_then(Json::as_str) {
        Some("linear") => 1.0,
        Some("exponential") => curve.get(1).and_then(Json::as_f64).unwrap_or(1.0),
        _ => {
            let text = format!("interpolation {curve:?} is not supported");
            return Err(ExprError(text));
        }
    };
    let stops = parse_stops(args.from(2)?, args.op)?;
    Ok(Expr::Interpolate(base, args.expr(1)?, stops))
}

fn parse_stops(list: &[Json], op: &str) -> Result<Vec<(f64, Expr)>, ExprError> {
    let broken = || {
        ExprError(format!(
            "the stops of \"{op}\" are not rising numbers with values"
        ))
    };
    let stops = list
        .chunks(2)
        .map(|pair| match pair {
            [at, value] => Ok((at.as_f64().ok_or_else(broken)?, Expr::parse(value)?)),
            _ => Err(broken()),
        })
        .collect::<Result<Vec<_>, _>>()?;
    if stops.is_empty() || !stops.windows(2).all(|w| w[0].0 < w[1].0) {
        return Err(broken());
    }
    Ok(stops)
}

/// `{"stops": [[zoom, value] …], "base": b}`, or by `"property"`.
fn parse_function(map: &serde_json::Map<String, Json>) -> Result<Expr, ExprError> {
    let stops = map
        .get("stops")
        .and_then(Json::as_array)
        .ok_or_else(|| ExprError("stops must be a list".into()))?;
    let flat: Vec<Json> = stops
        .iter()
        .filter_map(Json::as_array)
        .flatten()
        .cloned()
        .collect();
    let input = map
        .get("property")
        .and_then(Json::as_str)
        .map_or(Expr::Zoom, |p| Expr::Get(p.into()));
    if map.get("type").and_then(Json::as_str) == Some("categorical") {
        let arms = flat.chunks(2).filter_map(|pair| match pair {
            [label, value] => Some(Expr::parse(value).map(|v| (vec![label.into()], v))),
            _ => None,
        });
        let otherwise = map
            .get("default")
            .map_or(Ok(Expr::Constant(StyleValue::Null)), Expr::parse)?;
        return Ok(Expr::Match(
            Box::new(input),
            arms.collect::<Result<_, _>>()?,
            Box::new(otherwise),
        ));
    }
    let parsed = parse_stops(&flat, "stops")?;
    let mixes = parsed.iter().all(|(_, v)| match v {
        Expr::Constant(v) => v.number().is_some() || v.color().is_some(),
        _ => true,
    });
    if map.get("type").and_then(Json::as_str) == Some("interval") || !mixes {
        let first = parsed
            .first()
            .map_or(Expr::Constant(StyleValue::Null), |s| s.1.clone());
        return Ok(Expr::Step(Box::new(input), Box::new(first), parsed));
    }
    let base = map.get("base").and_then(Json::as_f64).unwrap_or(1.0);
    Ok(Expr::Interpolate(base, Box::new(input), parsed))
}

/// The specification's own test for which spelling a filter is in.
fn is_expression_filter(json: &Json) -> bool {
    let Json::Array(items) = json else {
        return json.is_boolean();
    };
    match items.first().and_then(Json::as_str) {
        Some("has") => items.get(1).is_some_and(|v| v != "$type" && v != "$id"),
        Some("in") => items.len() >= 3 && (!items[1].is_string() || items[2].is_array()),
        Some("!in" | "!has" | "none") | None => false,
        Some("==" | "!=" | "<" | "<=" | ">" | ">=") => {
            items.len() != 3 || items[1].is_array() || items[2].is_array()
        }
        Some("any" | "all") => items
            .iter()
            .skip(1)
            .all(|f| f.is_boolean() || is_expression_filter(f)),
        Some(_) => true,
    }
}

fn parse_legacy_filter(json: &Json) -> Result<Expr, ExprError> {
    let broken = || ExprError(format!("the filter {json} is not understood"));
    let items = json.as_array().ok_or_else(broken)?;
    let op = items.first().and_then(Json::as_str).ok_or_else(broken)?;
    let key = || {
        let key = items.get(1).and_then(Json::as_str).ok_or_else(broken)?;
        Ok(if key == "$type" {
            Expr::GeometryType
        } else {
            Expr::Get(key.into())
        })
    };
    let parts = || {
        items
            .iter()
            .skip(1)
            .map(Expr::parse_filter)
            .collect::<Result<Vec<_>, _>>()
    };
    let value = || {
        items
            .get(2)
            .map(|v| Box::new(Expr::Constant(v.into())))
            .ok_or_else(broken)
    };
    let among = || {
        let list = items.iter().skip(2).map(StyleValue::from).collect();
        Ok(Expr::In(
            Box::new(key()?),
            Box::new(Expr::Constant(StyleValue::List(list))),
        ))
    };
    let has = || {
        items
            .get(1)
            .and_then(Json::as_str)
            .map(|k| Expr::Has(k.into()))
            .ok_or_else(broken)
    };
    let compare = |how| Ok(Expr::Compare(how, Box::new(key()?), value()?));
    match op {
        "all" => Ok(Expr::All(parts()?)),
        "any" => Ok(Expr::Any(parts()?)),
        "none" => Ok(Expr::Not(Box::new(Expr::Any(parts()?)))),
        "has" => has(),
        "!has" => Ok(Expr::Not(Box::new(has()?))),
        "in" => among(),
        "!in" => Ok(Expr::Not(Box::new(among()?))),
        "==" => compare(Comparison::Equal),
        "!=" => compare(Comparison::NotEqual),
        "<" => compare(Comparison::Less),
        "<=" => compare(Comparison::LessOrEqual),
        ">" => compare(Comparison::Greater),
        ">=" => compare(Comparison::GreaterOrEqual),
        _ => Err(broken()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::basemap::style::Scope;
    use serde_json::json;

    struct Road(f64);
    impl Scope for Road {
        fn zoom(&self) -> f64 {
            self.0
        }
        fn property(&self, name: &str) -> Option<StyleValue> {
            match name {
                "class" => Some(StyleValue::Text("primary".into())),
                "bridge" => Some(StyleValue::Bool(true)),
                "layer" => Some(StyleValue::Number(2.0)),
                _ => None,
            }
        }
        fn geometry_type(&self) -> &'static str {
            "LineString"
        }
    }

    fn check(expression: Json, zoom: f64, expected: impl Into<Json>) {
        let value = Expr::parse(&expression).unwrap().eval(&Road(zoom));
        assert_eq!(value, StyleValue::from(&expected.into()), "{expression}");
    }

    fn filter(expression: Json, expected: bool) {
        let value = Expr::parse_filter(&expression)
            .unwrap()
            .eval(&Road(14.0))
            .truth();
        assert_eq!(value, expected, "{expression}");
    }

    #[test]
    fn values() {
        check(json!(3.5), 0.0, 3.5);
        check(json!(["get", "class"]), 0.0, "primary");
        check(
            json!(["interpolate", ["linear"], ["zoom"], 10, 1, 14, 5]),
            12.0,
            3.0,
        );
        check(
            json!(["interpolate", ["exponential", 2], ["zoom"], 10, 0, 12, 3]),
            11.0,
            1.0,
        );
        check(
            json!(["interpolate", ["linear"], ["zoom"], 10, 1, 14, 5]),
            20.0,
            5.0,
        );
        check(json!(["step", ["zoom"], 0, 10, 1, 12, 2]), 11.9, 1.0);
        check(
            json!([
                "match",
                ["get", "class"],
                ["trunk", "primary"],
                1,
                "service",
                2,
                0
            ]),
            0.0,
            1.0,
        );
        check(
            json!(["case", ["has", "tunnel"], "t", ["get", "bridge"], "b", "g"]),
            0.0,
            "b",
        );
        check(
            json!(["coalesce", ["get", "name_en"], ["get", "class"]]),
            0.0,
            "primary",
        );
        check(
            json!([
                "concat",
                ["get", "class"],
                "-",
                ["to-string", ["get", "layer"]]
            ]),
            0.0,
            "primary-2",
        );
        check(json!(["*", ["get", "layer"], 3, ["-", 1]]), 0.0, -6.0);
        check(json!({"stops": [[10, 1], [14, 5]]}), 12.0, 3.0);
        check(json!({"stops": [[10, "a"], [14, "b"]]}), 13.0, "a");
        check(
            json!({"property": "class", "type": "categorical", "stops": [["primary", 7]], "default": 1}),
            0.0,
            7.0,
        );
        check(json!([2, 3]), 0.0, json!([2, 3]));
    }

    #[test]
    fn colours_mix() {
        let e = Expr::parse(&json!([
            "interpolate",
            ["linear"],
            ["zoom"],
            10,
            "#000000",
            12,
            "#ffffff"
        ]))
        .unwrap();
        assert_eq!(e.eval(&Road(11.0)), StyleValue::Color([0.5, 0.5, 0.5, 1.0]));
    }

    #[test]
    fn filters_in_both_spellings() {
        filter(json!(["==", "class", "primary"]), true);
        filter(json!(["==", ["get", "class"], "primary"]), true);
        filter(json!(["in", "class", "trunk", "primary"]), true);
        filter(
            json!(["in", ["get", "class"], ["literal", ["trunk", "service"]]]),
            false,
        );
        filter(json!(["!in", "class", "trunk"]), true);
        filter(
            json!([
                "all",
                ["==", "$type", "LineString"],
                ["has", "class"],
                ["!has", "tunnel"]
            ]),
            true,
        );
        filter(
            json!(["any", ["==", "class", "x"], [">=", "layer", 2]]),
            true,
        );
        filter(json!(["none", ["==", "class", "x"]]), true);
        filter(json!(["!=", ["get", "tunnel"], true]), true);
        filter(json!(["==", ["geometry-type"], "Polygon"]), false);
    }

    #[test]
    fn what_is_not_understood_is_said() {
        for bad in [
            json!(["heatmap-density"]),
            json!(["interpolate", ["cubic-bezier", 0, 0, 1, 1], ["zoom"], 1, 2]),
            json!(["step", ["zoom"], 1, 5, 1, 4, 2]),
            json!({"a": 1}),
            json!(["get"]),
        ] {
            assert!(Expr::parse(&bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_properties_a_value_depends_on() {
        let e = Expr::parse(&json!([
            "match",
            ["get", "class"],
            "a",
            ["get", "height"],
            ["case", ["has", "x"], 1, 2]
        ]))
        .unwrap();
        let mut names = Vec::new();
        e.properties(&mut |n| names.push(n.to_string()));
        assert_eq!(names, ["class", "height", "x"]);
    }
}
