//! Areas of the base map: land, green, water and buildings.

use super::areas::{Area, AreaKind};
use super::buildings;
use super::rings::Polygon;
use super::tiles::{Feature, Layer, Shape, Value, world_line};

/// What became of the buildings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BuildingCounts {
    /// Drawn, parts included.
    pub drawn: u64,
    /// Of these, with a mapped height or number of storeys.
    pub known: u64,
    /// Left out because they lie under the ground.
    pub underground: u64,
}

/// The area features, in the order of the areas.
pub fn features(areas: &[Area<'_>], counts: &mut BuildingCounts) -> Vec<Feature> {
    let by_parts = buildings::drawn_by_parts(areas);
    let mut features = Vec::new();
    for (area, by_parts) in areas.iter().zip(by_parts) {
        let (layer, values) = match area.kind {
            AreaKind::Water(class) => (Layer::Water, vec![("class", Value::Word(class))]),
            AreaKind::Green(class) => (Layer::Green, vec![("class", Value::Word(class))]),
            AreaKind::Landuse(class) => (Layer::Landuse, vec![("class", Value::Word(class))]),
            AreaKind::Building | AreaKind::BuildingPart => {
                if buildings::is_underground(area.tags) {
                    counts.underground += 1;
                    continue;
                }
                counts.drawn += 1;
                if by_parts {
                    continue;
                }
                (Layer::Building, building_values(area, counts))
            }
            AreaKind::Other => continue,
        };
        features.push(Feature {
            layer,
            id: if layer == Layer::Building { area.id } else { 0 },
            min_zoom: layer.min_zoom(),
            values: values.into(),
            shape: shape(&area.polygons),
        });
    }
    features
}

/// The sea, if there is one.
pub fn sea(polygons: &[Polygon]) -> Option<Feature> {
    (!polygons.is_empty()).then(|| Feature {
        layer: Layer::Water,
        id: 0,
        min_zoom: Layer::Water.min_zoom(),
        values: Box::new([("class", Value::Word("sea"))]),
        shape: shape(polygons),
    })
}

fn building_values(area: &Area<'_>, counts: &mut BuildingCounts) -> Vec<(&'static str, Value)> {
    let h = buildings::height(area.id, area.tags, buildings::footprint_m2(&area.polygons));
    counts.known += u64::from(h.known);
    let tenths = |m: f64| Value::Tenths(libm::round(m * 10.0) as i32);
    let mut values = vec![
        ("height", tenths(h.top_m)),
        ("levels_known", Value::Bool(h.known)),
    ];
    if h.bottom_m > 0.0 {
        values.push(("min_height", tenths(h.bottom_m)));
    }
    values
}

/// Polygons in world units.
pub fn shape(polygons: &[Polygon]) -> Shape {
    let rings = |p: &Polygon| {
        std::iter::once(&p.outer)
            .chain(&p.holes)
            .map(|r| world_line(r))
            .collect()
    };
    Shape::Areas(polygons.iter().map(rings).collect())
}
