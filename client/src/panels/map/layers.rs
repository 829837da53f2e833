use crate::live::LayerVisibility;
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
    ("layer.hotspots", |l| &mut l.hotspots),
    ("layer.sensors", |l| &mut l.sensors),
    ("layer.grid", |l| &mut l.grid),
    (VIEWS, |l| &mut l.views),
];

/// The layer of where officers were looking.
const VIEWS: &str = "layer.views";

/// True if a layer can hold anything: where officers looked is sent in replays only.
pub fn is_offered(layer: usize, world: World) -> bool {
    LAYERS
        .get(layer)
        .is_some_and(|(words, _)| *words != VIEWS || matches!(world, World::Replay(_)))
}

#[cfg(test)]
mod tests {
    use super::*;

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
