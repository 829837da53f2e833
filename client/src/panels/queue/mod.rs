//! The case queue.

mod draw;
mod header;
mod keys;
mod state;

pub use state::QueueState;

use super::bundling::Bundling;
use super::console::{Acts, AddPanel, Frame, KeepInCity, KeyLayer, View};
use super::model::queue;
use crate::camera::MapCamera;
use crate::net::City;
use crate::settings::Remembered;
use bevy::prelude::*;
use bevy_egui::egui::pos2;
use chengtu_engine::geo::LonLat;

/// Lists cases, narrows and sorts them.
pub struct QueuePlugin;

impl Plugin for QueuePlugin {
    fn build(&self, app: &mut App) {
        let sort = app
            .world()
            .get_resource::<Remembered>()
            .map(|r| r.settings.queue)
            .unwrap_or_default();
        app.insert_resource(QueueState {
            sort,
            ..QueueState::default()
        })
        .keep_in_city::<QueueState>()
        .add_keys(KeyLayer::Panel, keys::take)
        .add_panel((order, draw_panel).chain())
        .add_systems(super::console::PanelActs, remember);
    }
}

/// Puts cases in order.
fn order(
    frame: Res<Frame>,
    city: Res<City>,
    camera: Res<MapCamera>,
    mut state: ResMut<QueueState>,
) {
    let free = frame.layout.window;
    let in_view = |lon: f64, lat: f64| {
        let p = camera.screen_from_world(LonLat::new(lon, lat));
        p.is_some_and(|p| free.contains(pos2(p.pos.x, p.pos.y)))
    };
    let fresh = queue::build(&city.mirror, &state.filter, state.sort, frame.now, in_view);
    let held = state.over_list;
    state.order.update(fresh, held);
}

fn draw_panel(
    view: View,
    bundling: Res<Bundling>,
    mut state: ResMut<QueueState>,
    mut acts: ResMut<Acts>,
) {
    let scene = view.scene();
    draw::draw(&scene.ctx, &scene, &mut state, &bundling, &mut acts);
}

/// The order of the queue is found again at the next start.
fn remember(state: Res<QueueState>, remembered: Option<ResMut<Remembered>>) {
    if let Some(mut remembered) = remembered
        && remembered.settings.queue != state.sort
    {
        remembered.settings.queue = state.sort;
    }
}
