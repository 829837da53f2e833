use crate::live::{GRID_ZOOM, LayerVisibility, SENSORS_ZOOM};
use chengtu_engine::record::World;

/// Reaches the switch of a layer.
pub type Switch = fn(&mut LayerVisibility) -> &mut bool;

/// The layers in the order of their chips: words, and how to reach the switch.
pub const LAYERS: [(&str, Switch); 9] = [
    ("layer.buildings", |l| &mut l.buildings),
    ("layer.cases", |l| &mut l.cases),
    ("layer.units", |l| &mut l.units),
    ("layer.traffic", |l| &mut l.traffic),
    ("layer.density", |l| &mut l.density),
    (HOTSPOTS, |l| &mut l.hotspots),
    ("layer.sensors", |l| &mut l.sensors),
    ("layer.grid", |l| &mut l.grid),
    (VIEWS, |l| &mut l.views),
];

/// The layer of significant areas.
pub const HOTSPOTS: &str = "layer.hotspots";
/// The layer of where officers were looking.
const VIEWS: &str = "layer.views";

/// True if a layer can hold anything: where officers looked is sent in replays only.
pub fn is_offered(layer: usize, world: World) -> bool {
    LAYERS
        .get(layer)
        .is_some_and(|(words, _)| *words != VIEWS || matches!(world, World::Replay(_)))
}

/// Zoom from which the shipped style has buildings.
const BUILDINGS_ZOOM: f64 = 13.0;

/// Zoom from which a layer draws anything; none where it does at any.
pub fn drawn_from(layer: usize) -> Option<f64> {
    match LAYERS.get(layer)?.0 {
        "layer.buildings" => Some(BUILDINGS_ZOOM),
        "layer.sensors" => Some(SENSORS_ZOOM),
        "layer.grid" => Some(GRID_ZOOM),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buildings_begin_where_the_shipped_style_begins_them() {
        let style = include_str!("../../../../assets/style.json");
        let style: serde_json::Value = serde_json::from_str(style).unwrap();
        let layers = style["layers"].as_array().unwrap();
        let building = layers.iter().find(|l| l["id"] == "building").unwrap();
        assert_eq!(building["minzoom"].as_f64(), Some(BUILDINGS_ZOOM));
    }

    #[test]
    fn where_officers_looked_is_offered_in_replays_only() {
        let offered = |world| (0..LAYERS.len()).filter(|i| is_offered(*i, world)).count();
        assert_eq!(offered(World::Replay(1)), LAYERS.len());
        for world in [World::Live, World::Drill(1), World::Fork(1)] {
            assert_eq!(offered(world), LAYERS.len() - 1, "{world:?}");
        }
    }

    #[test]
    fn every_layer_has_one_chip() {
        let mut all = LayerVisibility::default();
        for (_, of) in LAYERS {
            *of(&mut all) = false;
        }
        let text = toml::to_string(&all).unwrap();
        assert!(!text.contains("true"), "a layer without a chip: {text}");
    }
}
