use bevy::asset::{Assets, Handle};
use bevy::prelude::*;
use bevy::render::RenderApp;
use bevy::render::render_phase::TrackedRenderPass;
use bevy::shader::Shader;

/// What is drawn when, from the ground up. See [`MapPhase::pass`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MapPhase {
    /// Land, green, land use.
    Ground,
    /// The density surface, under water and roads.
    Density,
    /// Rivers and ponds.
    Water,
    /// Roads, rails, boundaries.
    Roads,
    /// Lines on the ground, above roads and below shadows: the unit grid.
    Closures,
    /// Shadows of buildings.
    Shadows,
    /// Route and trail on the ground.
    Route,
    /// Buildings, or their footprints in flat view.
    Buildings,
    /// The route once more at 34 %, above buildings.
    RouteAbove,
    /// Where traffic flows, seen from afar.
    Flow,
    /// The world's watermark.
    Watermark,
    /// Vehicles: under the names, so that letters stay whole in dense traffic.
    Traffic,
    /// Names of streets and places.
    Labels,
    /// Units far away.
    Dots,
    /// Units shown with a glyph instead of a dot.
    Icons,
    /// Sensors without an open alarm, and stems of case markers.
    Sensors,
    /// Clusters of cases.
    Clusters,
    /// Single cases, and sensors with an open alarm.
    Cases,
    /// Whatever is selected.
    Selection,
    /// Callouts beside the selection.
    Callouts,
}

/// The passes that phases belong to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MapPass {
    /// Multisampled, with depth, kept until something changes.
    Scene,
    /// One sample, no depth, over the scene; kept until that or itself changes.
    Kept,
    /// One sample, no depth, every frame.
    Overlay,
}

impl MapPhase {
    /// The pass it is drawn in.
    pub fn pass(self) -> MapPass {
        match self {
            Self::Flow => MapPass::Kept,
            phase if phase <= Self::RouteAbove => MapPass::Scene,
            _ => MapPass::Overlay,
        }
    }
}

/// Draws one layer: finds its pipeline, bind groups and buffers in the render world. Group 0, the view, is bound.
pub type MapDrawFn = for<'w> fn(&'w World, &mut TrackedRenderPass<'w>);

/// The registered layers in drawing order; of one phase, in the order of registration.
#[derive(Resource, Default)]
pub(super) struct MapDraws(pub(super) Vec<(MapPhase, &'static str, MapDrawFn)>);

impl MapDraws {
    pub(super) fn of(&self, pass: MapPass) -> impl Iterator<Item = MapDrawFn> {
        self.0
            .iter()
            .filter(move |(phase, ..)| phase.pass() == pass)
            .map(|&(_, _, draw)| draw)
    }
}

/// Counts changes of what scene phases draw (render world). Mark it whenever a layer below the overlay changed;
/// otherwise the kept picture of the scene is shown.
#[derive(Resource, Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct SceneChanges(u64);

impl SceneChanges {
    /// The scene must be drawn again.
    pub fn mark(&mut self) {
        self.0 += 1;
    }

    /// How often it has been marked.
    pub fn count(self) -> u64 {
        self.0
    }
}

/// What changes a few times a second and lies over the scene: whether there is any, and how often it changed (render world).
#[derive(Resource, Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct KeptChanges {
    count: u64,
    is_shown: bool,
}

impl KeptChanges {
    /// It must be drawn again.
    pub fn mark(&mut self) {
        self.count += 1;
    }

    /// There is something to be drawn, and all that it is drawn by; said every frame.
    pub fn show(&mut self, is_shown: bool) {
        self.is_shown = is_shown;
    }

    /// True where there is anything.
    pub fn is_shown(self) -> bool {
        self.is_shown
    }
}

/// Registers layers and shaders with the map.
pub trait AddMapDraw {
    /// Calls `draw` in `phase`, every time its pass is drawn.
    fn add_map_draw(&mut self, phase: MapPhase, name: &'static str, draw: MapDrawFn) -> &mut Self;
    /// Makes WGSL text available under a fixed handle; it may import `chengtu::view`.
    fn add_map_shader(
        &mut self,
        handle: Handle<Shader>,
        wgsl: &'static str,
        name: &'static str,
    ) -> &mut Self;
}

impl AddMapDraw for App {
    fn add_map_draw(&mut self, phase: MapPhase, name: &'static str, draw: MapDrawFn) -> &mut Self {
        if let Some(render_app) = self.get_sub_app_mut(RenderApp) {
            let mut draws = render_app.world_mut().get_resource_or_init::<MapDraws>();
            draws.0.push((phase, name, draw));
            draws.0.sort_by_key(|&(phase, ..)| phase);
        }
        self
    }

    fn add_map_shader(
        &mut self,
        handle: Handle<Shader>,
        wgsl: &'static str,
        name: &'static str,
    ) -> &mut Self {
        let mut shaders = self.world_mut().resource_mut::<Assets<Shader>>();
        if let Err(error) = shaders.insert(&handle, Shader::from_wgsl(wgsl, name)) {
            error!("shader {name} cannot be registered: {error}");
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layers_are_drawn_from_the_ground_up_in_whatever_order_they_came() {
        fn nothing(_: &World, _: &mut TrackedRenderPass<'_>) {}
        let mut draws = MapDraws::default();
        for phase in [
            MapPhase::Cases,
            MapPhase::Ground,
            MapPhase::Dots,
            MapPhase::Water,
        ] {
            draws.0.push((phase, "", nothing));
        }
        draws.0.sort_by_key(|&(phase, ..)| phase);
        let order: Vec<_> = draws.0.iter().map(|d| d.0).collect();
        assert_eq!(
            order,
            [
                MapPhase::Ground,
                MapPhase::Water,
                MapPhase::Dots,
                MapPhase::Cases
            ]
        );
        assert_eq!(draws.of(MapPass::Scene).count(), 2);
        assert_eq!(MapPhase::RouteAbove.pass(), MapPass::Scene);
        assert_eq!(MapPhase::Flow.pass(), MapPass::Kept);
        assert_eq!(MapPhase::Labels.pass(), MapPass::Overlay);
    }
}
