//! The menu of a place on the map: report a case here, send a unit here, begin a fork here.

mod acts;
mod draw;
mod state;

#[cfg(test)]
pub use state::MenuPage;
pub use state::{MenuState, PlaceMenu};

use state::MenuAct;

use super::console::{
    Acts, AddPanel, Claims, KeepInCity, KeepSystems, KeyLayer, KeyOwner, Keys, PanelActs,
    PanelClaims, Scene, View,
};
use crate::camera::MapCamera;
use crate::net::{NetSystems, Routes};
use bevy::prelude::*;
use std::ops::Deref;

/// An open menu has the keys alone.
const OWNER: KeyOwner = KeyOwner("place-menu");

/// Opens a menu where the map is clicked at.
pub struct MenuPlugin;

impl Plugin for MenuPlugin {
    fn build(&self, app: &mut App) {
        app.init_resource::<MenuState>()
            .add_message::<MenuAct>()
            .keep_in_city::<MenuState>()
            .add_systems(
                PreUpdate,
                (acts::hear, acts::open)
                    .chain()
                    .after(NetSystems::Receive)
                    .after(KeepSystems),
            )
            .add_systems(PanelActs, acts::carry_out)
            .add_systems(PanelClaims, claim)
            .add_owner_keys(OWNER, KeyLayer::Popup, keys)
            .add_panel(draw_panel);
    }
}

/// What the menu shows, beside what every panel reads.
#[derive(Clone, Copy)]
struct MenuScene<'a> {
    scene: Scene<'a>,
    /// Ways by road.
    routes: &'a Routes,
    camera: &'a MapCamera,
}

impl<'a> Deref for MenuScene<'a> {
    type Target = Scene<'a>;

    fn deref(&self) -> &Scene<'a> {
        &self.scene
    }
}

fn claim(state: Res<MenuState>, mut claims: ResMut<Claims>) {
    claims.own_keys(OWNER, state.open.is_some());
}

fn keys(mut keys: ResMut<Keys>, mut state: ResMut<MenuState>) {
    keys.leave(|| state.open.take().is_some());
}

fn draw_panel(
    view: View,
    routes: Res<Routes>,
    camera: Res<MapCamera>,
    mut state: ResMut<MenuState>,
    mut acts: ResMut<Acts>,
) {
    if state.open.is_none() {
        return;
    }
    let scene = MenuScene {
        scene: view.scene(),
        routes: &routes,
        camera: &camera,
    };
    if let Some(mut menu) = state.open.take()
        && draw::draw(&scene.ctx, &scene, &mut menu, &mut acts)
    {
        state.open = Some(menu);
    }
}
