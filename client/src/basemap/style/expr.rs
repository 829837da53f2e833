//! Expressions, legacy functions and filters of the MapLibre style specification, the part maps like ours use.

use super::StyleValue;

/// A property's value as the style gives it.
#[derive(Clone, Debug, PartialEq)]
pub enum Expr {
    /// The same everywhere.
    Constant(StyleValue),
    /// The zoom for which it is evaluated.
    Zoom,
    /// A feature's property.
    Get(String),
    /// Whether a feature has a property.
    Has(String),
    /// `Point`, `LineString` or `Polygon`.
    GeometryType,
    /// `!`
    Not(Box<Expr>),
    /// All are true.
    All(Vec<Expr>),
    /// One is true.
    Any(Vec<Expr>),
    /// Compares two values.
    Compare(Comparison, Box<Expr>, Box<Expr>),
    /// The first is among the second's items (or inside its text).
    In(Box<Expr>, Box<Expr>),
    /// Input, (labels, result) …, otherwise.
    Match(Box<Expr>, Vec<(Vec<StyleValue>, Expr)>, Box<Expr>),
    /// (condition, result) …, otherwise.
    Case(Vec<(Expr, Expr)>, Box<Expr>),
    /// The first that is something.
    Coalesce(Vec<Expr>),
    /// The result of the last stop not above the input.
    Step(Box<Expr>, Box<Expr>, Vec<(f64, Expr)>),
    /// Between stops; the base of the curve (1 is linear).
    Interpolate(f64, Box<Expr>, Vec<(f64, Expr)>),
    /// Texts one after the other.
    Concat(Vec<Expr>),
    /// Arithmetic: `+ - * / min max`.
    Arithmetic(char, Vec<Expr>),
    /// `to-number`
    ToNumber(Box<Expr>),
    /// `to-string`
    ToText(Box<Expr>),
}

/// How two values are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

/// What an expression may look at.
pub trait Scope {
    /// Zoom of 512-pixel tiles.
    fn zoom(&self) -> f64;
    /// A feature's property.
    fn property(&self, name: &str) -> Option<StyleValue>;
    /// `Point`, `LineString` or `Polygon`.
    fn geometry_type(&self) -> &'static str;
}

impl Expr {
    /// The value in a scope.
    pub fn eval(&self, scope: &dyn Scope) -> StyleValue {
        let boolean = |b: bool| StyleValue::Bool(b);
        match self {
            Self::Constant(v) => v.clone(),
            Self::Zoom => StyleValue::Number(scope.zoom()),
            Self::Get(name) => scope.property(name).unwrap_or(StyleValue::Null),
            Self::Has(name) => boolean(scope.property(name).is_some()),
            Self::GeometryType => StyleValue::Text(scope.geometry_type().into()),
            Self::Not(e) => boolean(!e.eval(scope).truth()),
            Self::All(list) => boolean(list.iter().all(|e| e.eval(scope).truth())),
            Self::Any(list) => boolean(list.iter().any(|e| e.eval(scope).truth())),
            Self::Compare(how, a, b) => boolean(compare(*how, &a.eval(scope), &b.eval(scope))),
            Self::In(item, list) => {
                let item = item.eval(scope);
                boolean(match list.eval(scope) {
                    StyleValue::List(items) => items.contains(&item),
                    StyleValue::Text(text) => text.contains(&item.text()),
                    _ => false,
                })
            }
            Self::Match(input, arms, otherwise) => {
                let input = input.eval(scope);
                let arm = arms.iter().find(|(labels, _)| labels.contains(&input));
                arm.map_or(&**otherwise, |(_, result)| result).eval(scope)
            }
            Self::Case(arms, otherwise) => {
                let arm = arms
                    .iter()
                    .find(|(condition, _)| condition.eval(scope).truth());
                arm.map_or(&**otherwise, |(_, result)| result).eval(scope)
            }
            Self::Coalesce(list) => {
                let mut values = list.iter().map(|e| e.eval(scope));
                values
                    .find(|v| *v != StyleValue::Null)
                    .unwrap_or(StyleValue::Null)
            }
            Self::Step(input, first, stops) => {
                let at = input.eval(scope).number().unwrap_or(0.0);
                let stop = stops.iter().rev().find(|(from, _)| at >= *from);
                stop.map_or(&**first, |(_, result)| result).eval(scope)
            }
            Self::Interpolate(base, input, stops) => interpolate(*base, input, stops, scope),
            Self::Concat(list) => {
                StyleValue::Text(list.iter().map(|e| e.eval(scope).text()).collect())
            }
            Self::Arithmetic(op, list) => {
                arithmetic(*op, list.iter().map(|e| e.eval(scope).number()))
            }
            Self::ToNumber(e) => match e.eval(scope) {
                StyleValue::Text(t) => t
                    .trim()
                    .parse()
                    .map_or(StyleValue::Null, StyleValue::Number),
                StyleValue::Bool(b) => StyleValue::Number(f64::from(u8::from(b))),
                other => other,
            },
            Self::ToText(e) => StyleValue::Text(e.eval(scope).text()),
        }
    }

    /// Calls `visit` with the name of every property the value depends on.
    pub fn properties(&self, visit: &mut dyn FnMut(&str)) {
        match self {
            Self::Constant(_) | Self::Zoom => {}
            Self::Get(name) | Self::Has(name) => visit(name),
            Self::GeometryType => visit("$type"),
            Self::Not(e) | Self::ToNumber(e) | Self::ToText(e) => e.properties(visit),
            Self::All(l)
            | Self::Any(l)
            | Self::Coalesce(l)
            | Self::Concat(l)
            | Self::Arithmetic(_, l) => {
                for e in l {
                    e.properties(visit);
                }
            }
            Self::Compare(_, a, b) | Self::In(a, b) => {
                a.properties(visit);
                b.properties(visit);
            }
            Self::Match(input, arms, otherwise) => {
                input.properties(visit);
                for (_, e) in arms {
                    e.properties(visit);
                }
                otherwise.properties(visit);
            }
            Self::Case(arms, otherwise) => {
                for (condition, result) in arms {
                    condition.properties(visit);
                    result.properties(visit);
                }
                otherwise.properties(visit);
            }
            Self::Step(input, first, stops) => {
                input.properties(visit);
                first.properties(visit);
                for (_, e) in stops {
                    e.properties(visit);
                }
            }
            Self::Interpolate(_, input, stops) => {
                input.properties(visit);
                for (_, e) in stops {
                    e.properties(visit);
                }
            }
        }
    }
}

fn compare(how: Comparison, a: &StyleValue, b: &StyleValue) -> bool {
    let order = match (a, b) {
        (StyleValue::Number(a), StyleValue::Number(b)) => a.partial_cmp(b),
        (StyleValue::Text(a), StyleValue::Text(b)) => Some(a.cmp(b)),
        _ => None,
    };
    match how {
        Comparison::Equal => a == b,
        Comparison::NotEqual => a != b,
        Comparison::Less => order.is_some_and(std::cmp::Ordering::is_lt),
        Comparison::LessOrEqual => order.is_some_and(std::cmp::Ordering::is_le),
        Comparison::Greater => order.is_some_and(std::cmp::Ordering::is_gt),
        Comparison::GreaterOrEqual => order.is_some_and(std::cmp::Ordering::is_ge),
    }
}

fn interpolate(base: f64, input: &Expr, stops: &[(f64, Expr)], scope: &dyn Scope) -> StyleValue {
    let at = input.eval(scope).number().unwrap_or(0.0);
    let after = stops.partition_point(|(from, _)| *from <= at);
    match (
        after.checked_sub(1).and_then(|i| stops.get(i)),
        stops.get(after),
    ) {
        (Some((_, low)), None) => low.eval(scope),
        (None, Some((_, high))) => high.eval(scope),
        (Some((from, low)), Some((to, high))) => {
            let share = if (base - 1.0).abs() < 1e-9 {
                (at - from) / (to - from)
            } else {
                (base.powf(at - from) - 1.0) / (base.powf(to - from) - 1.0)
            };
            low.eval(scope).mix(&high.eval(scope), share)
        }
        (None, None) => StyleValue::Null,
    }
}

fn arithmetic(op: char, values: impl Iterator<Item = Option<f64>>) -> StyleValue {
    let Some(values) = values.collect::<Option<Vec<f64>>>() else {
        return StyleValue::Null;
    };
    let all = values.iter().copied();
    let result = match (op, values.as_slice()) {
        ('-', [only]) => Some(-only),
        ('+', _) => Some(all.sum()),
        ('*', _) => Some(all.product()),
        ('-', _) => all.reduce(|a, b| a - b),
        ('/', _) => all.reduce(|a, b| a / b),
        ('<', _) => all.reduce(f64::min),
        ('>', _) => all.reduce(f64::max),
        _ => None,
    };
    result.map_or(StyleValue::Null, StyleValue::Number)
}
