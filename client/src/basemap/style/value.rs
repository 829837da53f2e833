use crate::look::Rgba8;

/// What an expression gives.
#[derive(Clone, Debug, PartialEq)]
pub enum StyleValue {
    /// Nothing: a property that the feature does not have.
    Null,
    /// True or false.
    Bool(bool),
    /// Any number; the style has no whole numbers.
    Number(f64),
    /// Text, also of a colour that is not read yet.
    Text(String),
    /// A colour, sRGB 0 … 1 with straight alpha.
    Color([f32; 4]),
    /// A list: dashes, offsets, the labels of a `match`.
    List(Vec<StyleValue>),
}

impl StyleValue {
    /// As a number, where it is one.
    pub fn number(&self) -> Option<f64> {
        match self {
            Self::Number(v) => Some(*v),
            _ => None,
        }
    }

    /// As a colour: a colour, or text that names one.
    pub fn color(&self) -> Option<[f32; 4]> {
        match self {
            Self::Color(c) => Some(*c),
            Self::Text(t) => parse_color(t),
            _ => None,
        }
    }

    /// As text, as `to-string` would write it.
    pub fn text(&self) -> String {
        match self {
            Self::Null => String::new(),
            Self::Bool(b) => b.to_string(),
            Self::Number(n) => n.to_string(),
            Self::Text(t) => t.clone(),
            Self::Color(c) => format!("{c:?}"),
            Self::List(items) => items.iter().map(Self::text).collect::<Vec<_>>().join(","),
        }
    }

    /// As a condition: everything but nothing, false, 0 and empty text.
    pub fn truth(&self) -> bool {
        match self {
            Self::Null => false,
            Self::Bool(b) => *b,
            Self::Number(n) => *n != 0.0,
            Self::Text(t) => !t.is_empty(),
            Self::Color(_) | Self::List(_) => true,
        }
    }

    /// The value a share `t` of the way to `other`; numbers, colours and lists of numbers mix, others step.
    #[must_use]
    pub fn mix(&self, other: &Self, t: f64) -> Self {
        match (self, other) {
            (Self::Number(a), Self::Number(b)) => Self::Number(a + (b - a) * t),
            (Self::List(a), Self::List(b)) if a.len() == b.len() => {
                Self::List(a.iter().zip(b).map(|(a, b)| a.mix(b, t)).collect())
            }
            _ => match (self.color(), other.color()) {
                (Some(a), Some(b)) => {
                    Self::Color(std::array::from_fn(|i| a[i] + (b[i] - a[i]) * t as f32))
                }
                _ => self.clone(),
            },
        }
    }
}

impl From<&serde_json::Value> for StyleValue {
    fn from(json: &serde_json::Value) -> Self {
        match json {
            serde_json::Value::Null | serde_json::Value::Object(_) => Self::Null,
            serde_json::Value::Bool(b) => Self::Bool(*b),
            serde_json::Value::Number(n) => Self::Number(n.as_f64().unwrap_or(0.0)),
            serde_json::Value::String(s) => Self::Text(s.clone()),
            serde_json::Value::Array(items) => Self::List(items.iter().map(Self::from).collect()),
        }
    }
}

/// Reads a CSS colour: `#rgb`, `#rrggbb`, `#rrggbbaa`, `rgb()`, `rgba()`, `hsl()`, `hsla()` and a few names.
pub fn parse_color(text: &str) -> Option<[f32; 4]> {
    let text = text.trim();
    if let Some(c) = Rgba8::from_hex(text) {
        return Some(c.srgb());
    }
    match text {
        "black" => return Some([0.0, 0.0, 0.0, 1.0]),
        "white" => return Some([1.0; 4]),
        "transparent" => return Some([0.0; 4]),
        _ => {}
    }
    let (name, rest) = text.split_once('(')?;
    let parts: Vec<f32> = rest
        .strip_suffix(')')?
        .split([',', '/'])
        .map(|p| {
            let p = p.trim();
            p.strip_suffix('%').map_or_else(
                || p.parse().ok(),
                |v| v.parse::<f32>().ok().map(|v| v / 100.0),
            )
        })
        .collect::<Option<_>>()?;
    let alpha = parts.get(3).copied().unwrap_or(1.0);
    match (name, &parts[..]) {
        ("rgb" | "rgba", [r, g, b, ..]) => Some([r / 255.0, g / 255.0, b / 255.0, alpha]),
        ("hsl" | "hsla", [h, s, l, ..]) => {
            let channel = |n: f32| {
                let k = (n + h / 30.0).rem_euclid(12.0);
                l - s * l.min(1.0 - l) * (k - 3.0).min(9.0 - k).clamp(-1.0, 1.0)
            };
            Some([channel(0.0), channel(8.0), channel(4.0), alpha])
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_in_every_spelling() {
        let near = |text: &str, expected: [u8; 4]| {
            let c = parse_color(text)
                .unwrap()
                .map(|v| (v * 255.0).round() as u8);
            assert_eq!(c, expected, "{text}");
        };
        near("#3E7EFD", [62, 126, 253, 255]);
        near("rgb(62, 126, 253)", [62, 126, 253, 255]);
        near("rgba(0,0,0,0.5)", [0, 0, 0, 128]);
        near("hsl(120, 100%, 25%)", [0, 128, 0, 255]);
        for bad in ["", "blueish", "rgb(", "rgb(1,2)", "#12"] {
            assert_eq!(parse_color(bad), None, "{bad}");
        }
    }
}
