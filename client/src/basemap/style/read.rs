//! Reads a style document; what is not understood is a warning with the layer's name.

use super::layer::{LineCap, LineJoin, Paint, Style, StyleLayer, Symbol, SymbolPlacement};
use super::{Expr, StyleValue};
use crate::look::Tokens;
use crate::render::MapPhase;
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeSet;

/// Why a style cannot be used at all. Parts that are merely not understood are warnings.
#[derive(Debug, thiserror::Error)]
pub enum StyleError {
    /// The file cannot be read.
    #[error("{file}: cannot read the map style: {source}")]
    Read {
        /// The file as named by the caller.
        file: String,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The file is not JSON.
    #[error("{file}: not a valid JSON file: {source}")]
    Parse {
        /// The file as named by the caller.
        file: String,
        /// Where and what.
        #[source]
        source: serde_json::Error,
    },
    /// JSON, but not a style.
    #[error("{file}: not a map style: there is no list of layers")]
    NoLayers {
        /// The file as named by the caller.
        file: String,
    },
}

impl Style {
    /// The style the program ships with.
    ///
    /// # Errors
    /// [`StyleError`] when the file built into the program is broken.
    pub fn shipped(tokens: &Tokens) -> Result<Self, StyleError> {
        Self::parse(
            include_str!("../../../../assets/style.json"),
            "assets/style.json",
            tokens,
        )
    }

    /// Reads a style from a file.
    ///
    /// # Errors
    /// [`StyleError`] naming the file.
    pub fn read(path: &std::path::Path, tokens: &Tokens) -> Result<Self, StyleError> {
        let file = path.display().to_string();
        let text = std::fs::read_to_string(path).map_err(|source| StyleError::Read {
            file: file.clone(),
            source,
        })?;
        Self::parse(&text, &file, tokens)
    }

    /// Reads a style; what is not understood becomes a warning and the layer is drawn without it, or not at all.
    ///
    /// # Errors
    /// [`StyleError`] naming `file`.
    pub fn parse(text: &str, file: &str, tokens: &Tokens) -> Result<Self, StyleError> {
        let json: Json = serde_json::from_str(text).map_err(|source| StyleError::Parse {
            file: file.into(),
            source,
        })?;
        let layers = json.get("layers").and_then(Json::as_array);
        let layers = layers.ok_or_else(|| StyleError::NoLayers { file: file.into() })?;
        let mut style = Self::default();
        for (i, layer) in layers.iter().enumerate() {
            let id = layer
                .get("id")
                .and_then(Json::as_str)
                .map_or_else(|| format!("number {i}"), String::from);
            let mut reader = Reader {
                id: &id,
                layer,
                tokens,
                warnings: &mut style.warnings,
            };
            if let Some(layer) = reader.layer() {
                style.layers.push(layer);
            }
        }
        Ok(style)
    }
}

struct Reader<'a> {
    id: &'a str,
    layer: &'a Json,
    tokens: &'a Tokens,
    warnings: &'a mut Vec<String>,
}

const UNDERSTOOD: &[&str] = &[
    "background-color",
    "fill-color",
    "fill-opacity",
    "fill-antialias",
    "line-color",
    "line-opacity",
    "line-width",
    "line-gap-width",
    "line-dasharray",
    "line-cap",
    "line-join",
    "line-miter-limit",
    "line-round-limit",
    "fill-extrusion-color",
    "fill-extrusion-height",
    "fill-extrusion-base",
    "fill-extrusion-opacity",
    "fill-extrusion-vertical-gradient",
    "text-field",
    "text-size",
    "text-color",
    "text-halo-color",
    "text-halo-width",
    "text-letter-spacing",
    "text-font",
    "symbol-placement",
    "symbol-spacing",
    "symbol-sort-key",
    "text-max-angle",
    "text-padding",
    "text-rotation-alignment",
    "text-pitch-alignment",
    "icon-image",
    "text-anchor",
    "text-optional",
    "text-offset",
    "text-max-width",
    "icon-size",
    "visibility",
    "text-writing-mode",
    "icon-color",
    "text-radial-offset",
    "text-variable-anchor",
    "text-justify",
];

impl Reader<'_> {
    fn warn(&mut self, what: &str) {
        self.warnings
            .push(format!("map style, layer \"{}\": {what}", self.id));
    }

    fn layer(&mut self) -> Option<StyleLayer> {
        let text = |name: &str| {
            self.layer
                .get(name)
                .and_then(Json::as_str)
                .unwrap_or_default()
                .to_string()
        };
        let number =
            |name: &str, other: f64| self.layer.get(name).and_then(Json::as_f64).unwrap_or(other);
        let (kind, source_layer) = (text("type"), text("source-layer"));
        let (minzoom, maxzoom) = (number("minzoom", 0.0), number("maxzoom", 99.0));
        if self.property("visibility").is_some_and(|v| v == "none") {
            return None;
        }
        let filter = match self.layer.get("filter").map(Expr::parse_filter) {
            None => None,
            Some(Ok(filter)) => Some(filter),
            Some(Err(error)) => {
                self.warn(&format!("{error}; the layer is not drawn"));
                return None;
            }
        };
        for part in ["paint", "layout"] {
            let names: Vec<String> = self
                .layer
                .get(part)
                .and_then(Json::as_object)
                .into_iter()
                .flat_map(Map::keys)
                .cloned()
                .collect();
            for name in names.iter().filter(|n| !UNDERSTOOD.contains(&n.as_str())) {
                self.warn(&format!("\"{name}\" is not supported and left out"));
            }
        }
        let paint = match kind.as_str() {
            "background" => Paint::Background {
                color: self.expr("background-color", json!("#000000")),
            },
            "fill" => Paint::Fill {
                color: self.expr("fill-color", json!("#000000")),
                opacity: self.expr("fill-opacity", json!(1)),
            },
            "line" => self.line(),
            "fill-extrusion" => Paint::Extrusion {
                color: self.expr("fill-extrusion-color", json!("#000000")),
                height: self.expr("fill-extrusion-height", json!(0)),
                base: self.expr("fill-extrusion-base", json!(0)),
            },
            "symbol" => Paint::Symbol(Box::new(self.symbol())),
            _ => {
                self.warn(&format!(
                    "layers of type \"{kind}\" are not supported; it is not drawn"
                ));
                return None;
            }
        };
        let phase = self.phase(&kind, &source_layer);
        let depends_on = depends_on(&paint);
        Some(StyleLayer {
            id: self.id.into(),
            source_layer,
            minzoom,
            maxzoom,
            filter,
            paint,
            phase,
            depends_on,
        })
    }

    fn line(&mut self) -> Paint {
        let cap = if self.property("line-cap").is_some_and(|v| v == "round") {
            LineCap::Round
        } else {
            LineCap::Butt
        };
        let join = if self.property("line-join").is_some_and(|v| v == "round") {
            LineJoin::Round
        } else {
            LineJoin::Miter
        };
        Paint::Line {
            color: self.expr("line-color", json!("#000000")),
            opacity: self.expr("line-opacity", json!(1)),
            width: self.expr("line-width", json!(1)),
            gap_width: self.expr("line-gap-width", json!(0)),
            dashes: self.expr("line-dasharray", json!([])),
            cap,
            join,
        }
    }

    fn symbol(&mut self) -> Symbol {
        let bold = self
            .property("text-font")
            .is_some_and(|v| v.to_string().contains("Bold"));
        let along = self
            .property("symbol-placement")
            .is_some_and(|v| v == "line" || v == "line-center");
        Symbol {
            field: self.expr("text-field", json!("")),
            size: self.expr("text-size", json!(16)),
            color: self.expr("text-color", json!("#000000")),
            halo: self.expr("text-halo-color", json!("#00000000")),
            spacing: self.expr("text-letter-spacing", json!(0)),
            bold,
            placement: if along {
                SymbolPlacement::Line
            } else {
                SymbolPlacement::Point
            },
            sort_key: self.expr("symbol-sort-key", json!(0)),
            icon: self.expr("icon-image", json!("")),
        }
    }

    fn property(&self, name: &str) -> Option<Json> {
        ["paint", "layout"]
            .iter()
            .find_map(|part| self.layer.get(part)?.get(name).cloned())
    }

    /// A property: from the tokens where the layer says so, else from the style, else the default.
    fn expr(&mut self, name: &str, default: Json) -> Expr {
        let token = self
            .layer
            .pointer("/metadata/chengtu:tokens")
            .and_then(|t| t.get(name))
            .cloned();
        if let Some(key) = token.as_ref().and_then(Json::as_str) {
            match from_token(self.tokens, key, self.property(name).as_ref()) {
                Ok(value) => return value,
                Err(error) => self.warn(&format!("\"{name}\": {error}")),
            }
        }
        let json = self.property(name).unwrap_or_else(|| default.clone());
        Expr::parse(&json).unwrap_or_else(|error| {
            self.warn(&format!("\"{name}\": {error}; its default is used"));
            Expr::Constant((&default).into())
        })
    }

    fn phase(&mut self, kind: &str, source_layer: &str) -> MapPhase {
        let named = self
            .layer
            .pointer("/metadata/chengtu:phase")
            .and_then(Json::as_str)
            .map(String::from);
        match (named.as_deref(), kind, source_layer) {
            (Some("ground"), ..) | (None, "background", _) => MapPhase::Ground,
            (Some("water"), ..) | (None, _, "water" | "waterway") => MapPhase::Water,
            (Some("roads"), ..) | (None, "line", _) => MapPhase::Roads,
            (Some("buildings"), ..) | (None, "fill-extrusion", _) => MapPhase::Buildings,
            (Some("labels"), ..) | (None, "symbol", _) => MapPhase::Labels,
            (None, ..) => MapPhase::Ground,
            (Some(other), ..) => {
                self.warn(&format!(
                    "the phase \"{other}\" does not exist; it is drawn on the ground"
                ));
                MapPhase::Ground
            }
        }
    }
}

/// A token as a property's value: a colour, a number, or widths at zoom 13 … 17 continued below and above.
fn from_token(
    tokens: &Tokens,
    key: &str,
    styled: Option<&Json>,
) -> Result<Expr, crate::look::TokenError> {
    if let Ok(color) = tokens.try_color(key) {
        return Ok(Expr::Constant(StyleValue::Color(color.srgb())));
    }
    if let Ok(widths) = tokens.try_numbers(key) {
        // The style's own value says what is added to the token's widths: `["+", …, 2.6]` for a casing.
        let added = match styled.and_then(Json::as_array).map(Vec::as_slice) {
            Some([Json::String(op), rest @ ..]) if op == "interpolate" => casing_px(rest, &widths),
            _ => 0.0,
        };
        let stops = width_stops(&widths).into_iter().map(|(z, w)| {
            let width = if w > 0.0 { w + added } else { 0.0 };
            (z, Expr::Constant(StyleValue::Number(width)))
        });
        return Ok(Expr::Interpolate(
            2.0,
            Box::new(Expr::Zoom),
            stops.collect(),
        ));
    }
    tokens
        .try_number(key)
        .map(|v| Expr::Constant(StyleValue::Number(f64::from(v))))
}

/// What the style adds to the token's widths, read off at zoom 17.
fn casing_px(interpolate_args: &[Json], widths: &[f32]) -> f64 {
    let at17 = interpolate_args
        .chunks(2)
        .find(|p| p.first().and_then(Json::as_f64) == Some(17.0));
    let styled = at17.and_then(|p| p.get(1)).and_then(Json::as_f64);
    styled
        .zip(widths.last())
        .map_or(0.0, |(s, w)| s - f64::from(*w))
}

/// Widths at zoom 13 … 17, half as wide each zoom below, twice as wide each above.
fn width_stops(widths: &[f32]) -> Vec<(f64, f64)> {
    let first = widths.first().copied().unwrap_or(1.0);
    let last = widths.last().copied().unwrap_or(1.0);
    let top = 13.0 + widths.len().saturating_sub(1) as f64;
    let mut stops: Vec<(f64, f64)> = (0..4)
        .map(|i| (9.0 + f64::from(i), f64::from(first) * 0.55f64.powi(4 - i)))
        .collect();
    stops.extend(
        widths
            .iter()
            .enumerate()
            .map(|(i, w)| (13.0 + i as f64, f64::from(*w))),
    );
    stops.extend((1..=4).map(|i| (top + f64::from(i), f64::from(last) * f64::from(1u32 << i))));
    stops
}

fn depends_on(paint: &Paint) -> Vec<String> {
    let mut names = BTreeSet::new();
    let mut add = |e: &Expr| {
        e.properties(&mut |n| {
            names.insert(n.to_string());
        });
    };
    match paint {
        Paint::Background { color } | Paint::Extrusion { color, .. } => add(color),
        Paint::Fill { color, opacity } => [color, opacity].into_iter().for_each(add),
        Paint::Line {
            color,
            opacity,
            width,
            gap_width,
            dashes,
            ..
        } => {
            [color, opacity, width, gap_width, dashes]
                .into_iter()
                .for_each(add);
        }
        Paint::Symbol(_) => {}
    }
    names.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::basemap::style::Scope;

    struct At(f64);
    impl Scope for At {
        fn zoom(&self) -> f64 {
            self.0
        }
        fn property(&self, _: &str) -> Option<StyleValue> {
            None
        }
        fn geometry_type(&self) -> &'static str {
            "LineString"
        }
    }

    fn style(layers: Json) -> Style {
        let text = json!({"version": 8, "sources": {}, "layers": layers}).to_string();
        Style::parse(&text, "test.json", &Tokens::shipped().unwrap()).unwrap()
    }

    #[test]
    fn the_shipped_style_is_understood_and_agrees_with_the_tokens() {
        let tokens = Tokens::shipped().unwrap();
        let shipped = Style::shipped(&tokens).unwrap();
        assert_eq!(shipped.warnings, Vec::<String>::new());
        // What a web page reads must be what the program draws.
        let json: Json =
            serde_json::from_str(include_str!("../../../../assets/style.json")).unwrap();
        let mut plain = json.clone();
        for layer in plain["layers"].as_array_mut().unwrap() {
            if let Some(metadata) = layer.get_mut("metadata").and_then(Json::as_object_mut) {
                metadata.remove("chengtu:tokens");
            }
        }
        let plain = Style::parse(&plain.to_string(), "plain", &tokens).unwrap();
        for (a, b) in shipped.layers.iter().zip(&plain.layers) {
            for zoom in [13.0, 14.0, 15.0, 16.0, 17.0] {
                let (a_values, b_values) = (a.paint.values(&At(zoom)), b.paint.values(&At(zoom)));
                assert_eq!(a_values.color, b_values.color, "{} at {zoom}", a.id);
                assert!(
                    (a_values.width_px - b_values.width_px).abs() < 0.01,
                    "{} at {zoom}: {a_values:?} {b_values:?}",
                    a.id
                );
            }
        }
    }

    #[test]
    fn unknown_parts_are_named_and_the_rest_is_drawn() {
        let s = style(json!([
            {"id": "a", "type": "line", "source-layer": "road", "paint": {"line-blur": 3, "line-width": 2}},
            {"id": "b", "type": "heatmap", "source-layer": "road"},
            {"id": "c", "type": "fill", "source-layer": "green", "filter": ["within", 1]},
            {"id": "d", "type": "line", "source-layer": "road", "paint": {"line-width": ["sqrt", 4]}},
        ]));
        let ids: Vec<_> = s.layers.iter().map(|l| l.id.as_str()).collect();
        assert_eq!(ids, ["a", "d"]);
        for (id, what) in [
            ("a", "line-blur"),
            ("b", "heatmap"),
            ("c", "within"),
            ("d", "sqrt"),
        ] {
            assert!(
                s.warnings
                    .iter()
                    .any(|w| w.contains(&format!("\"{id}\"")) && w.contains(what)),
                "{:?}",
                s.warnings
            );
        }
    }

    #[test]
    fn tokens_give_colour_and_width() {
        let s = style(json!([{
            "id": "trunk", "type": "line", "source-layer": "road",
            "metadata": {"chengtu:tokens": {"line-color": "road.trunk.fill", "line-width": "road.trunk.width_px"}},
            "paint": {"line-color": "#ff0000", "line-width": 1}
        }]));
        let values = s.layers[0].paint.values(&At(16.0));
        assert!((values.width_px - 23.7).abs() < 1e-3);
        assert_eq!(
            values.color,
            Tokens::shipped().unwrap().color("road.trunk.fill").srgb()
        );
        assert!((s.layers[0].paint.values(&At(18.0)).width_px - 94.8).abs() < 1e-2);
    }

    #[test]
    fn dashes_are_in_widths() {
        let s = style(
            json!([{"id": "t", "type": "line", "paint": {"line-width": 2, "line-dasharray": [3, 1]}}]),
        );
        assert_eq!(
            s.layers[0].paint.values(&At(14.0)).dash_px,
            [6.0, 2.0, 6.0, 2.0]
        );
    }

    #[test]
    fn broken_documents_are_refused_with_their_name() {
        let tokens = Tokens::shipped().unwrap();
        for text in ["", "[]", "{\"layers\": 3}", "{"] {
            let error = Style::parse(text, "my.json", &tokens)
                .unwrap_err()
                .to_string();
            assert!(error.contains("my.json"), "{error}");
        }
    }
}
