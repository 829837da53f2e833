use super::clip::P;
use super::feature::TileFeature;
use super::names::{self, Name, NameShape};
use crate::basemap::style::{Scope, StyleValue, Symbol, SymbolPlacement};
use chengtu_engine::geo::TileId;
use std::collections::BTreeMap;

/// The names that the style's layer `layer` writes for features of a tile: those at points, then those along lines,
/// with lines of the same name joined.
pub fn names(
    tile: TileId,
    layer: usize,
    symbol: &Symbol,
    features: &[TileFeature<'_>],
) -> Vec<Name> {
    let mut found = Vec::new();
    let mut by_name: BTreeMap<(String, String), NamedLines> = BTreeMap::new();
    for feature in features {
        let zh = symbol.field.eval(feature).text();
        if zh.trim().is_empty() {
            continue;
        }
        let en = feature.property("name_en");
        let en = en.map_or_else(|| zh.clone(), |v| v.text());
        let rank = rank(symbol, feature);
        let icon = symbol.icon.eval(feature).text();
        if symbol.placement == SymbolPlacement::Line {
            let named = by_name.entry((zh, en));
            let named = named.or_insert_with(|| NamedLines {
                rank,
                icon,
                lines: Vec::new(),
            });
            named.lines.extend(feature.lines());
            continue;
        }
        let at = feature.lines().into_iter().next().and_then(|l| middle(&l));
        if let Some(at) = at.filter(|p| names::belongs(*p)) {
            found.push(Name {
                layer,
                zh,
                en,
                rank,
                icon,
                shape: NameShape::Point(names::mercator(tile, at)),
            });
        }
    }
    for ((zh, en), named) in by_name {
        for line in names::joined(named.lines) {
            let line = line.into_iter().map(|p| names::mercator(tile, p)).collect();
            found.push(Name {
                layer,
                zh: zh.clone(),
                en: en.clone(),
                rank: named.rank,
                icon: named.icon.clone(),
                shape: NameShape::Line(line),
            });
        }
    }
    found
}

/// Lines of the same name; rank and icon are those of the first.
struct NamedLines {
    rank: f32,
    icon: String,
    lines: Vec<Vec<P>>,
}

/// The style's sort key first, then the feature's own rank.
fn rank(symbol: &Symbol, feature: &TileFeature<'_>) -> f32 {
    let number = |v: Option<StyleValue>| v.and_then(|v| v.number()).unwrap_or(0.0) as f32;
    number(Some(symbol.sort_key.eval(feature))) * 100.0 + number(feature.property("rank"))
}

fn middle(points: &[P]) -> Option<P> {
    let n = points.len() as f32;
    (n > 0.0).then(|| {
        points
            .iter()
            .fold([0.0, 0.0], |s, p| [s[0] + p[0] / n, s[1] + p[1] / n])
    })
}
