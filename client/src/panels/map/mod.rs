//! What lies on the map itself, and what any panel asks of the map.

mod acts;
mod draw;
mod follow;
mod keys;
mod layers;

pub use acts::MapAct;
pub use draw::attribution_of;
pub use follow::Following;

use super::console::{AddPanel, Covered, KeepInCity, Kept, KeyLayer, PanelActs, Scene, View};
use crate::camera::{CameraSystems, Flight, MapCamera};
use crate::live::{DensityScale, LayerVisibility, LiveSystems, Selection};
use bevy::prelude::*;
use std::ops::Deref;

/// Layer chips, compass, zoom, legend, scale and attribution; choosing, flying and following.
pub struct MapPanelPlugin;

impl Plugin for MapPanelPlugin {
    fn build(&self, app: &mut App) {
        app.init_resource::<Following>()
            .add_message::<MapAct>()
            .keep_in_city::<MapCamera>()
            .keep_in_city::<Flight>()
            .keep_in_city::<Selection>()
            .keep_in_city::<LayerVisibility>()
            .keep_in_city::<Following>()
            .add_systems(
                Update,
                follow::follow_unit
                    .after(CameraSystems::Move)
                    .before(LiveSystems::Select),
            )
            .add_systems(PanelActs, acts::carry_out)
            .add_keys(KeyLayer::Map, keys::take)
            .add_panel(draw_panel);
    }
}

/// What is drawn on the map, beside what every panel reads.
#[derive(Clone, Copy)]
struct MapScene<'a> {
    scene: Scene<'a>,
    layers: &'a LayerVisibility,
    camera: &'a MapCamera,
    /// Open cases per km² at the end of the density's ramp.
    density_per_km2: f64,
}

impl<'a> Deref for MapScene<'a> {
    type Target = Scene<'a>;

    fn deref(&self) -> &Scene<'a> {
        &self.scene
    }
}

fn draw_panel(
    view: View,
    layers: Res<LayerVisibility>,
    camera: Res<MapCamera>,
    density: Res<DensityScale>,
    mut covered: ResMut<Covered>,
    mut acts: ResMut<super::console::Acts>,
) {
    let scene = MapScene {
        scene: view.scene(),
        layers: &layers,
        camera: &camera,
        density_per_km2: density.top_per_km2,
    };
    let rects = draw::draw(&scene.ctx, &scene, &mut acts);
    covered.0.extend(rects);
}

impl Kept for MapCamera {
    type Part = Self;

    fn put_away(&self) -> Self {
        self.clone()
    }

    fn put_back(&mut self, part: Self) {
        // The window may have another size by now: where the map looks is kept, not how large it is.
        let (viewport, scale_factor) = (self.viewport, self.scale_factor);
        *self = Self {
            viewport,
            scale_factor,
            ..part
        };
    }
}

impl Kept for Flight {
    type Part = ();

    fn put_away(&self) {}

    fn put_back(&mut self, (): ()) {
        self.stop();
    }
}

impl Kept for Selection {
    type Part = Self;

    fn put_away(&self) -> Self {
        *self
    }

    fn put_back(&mut self, part: Self) {
        *self = part;
    }
}

impl Kept for LayerVisibility {
    type Part = Self;

    fn put_away(&self) -> Self {
        self.clone()
    }

    fn put_back(&mut self, part: Self) {
        *self = part;
    }
}

impl Kept for Following {
    type Part = Self;

    fn put_away(&self) -> Self {
        *self
    }

    fn put_back(&mut self, part: Self) {
        *self = part;
    }
}
