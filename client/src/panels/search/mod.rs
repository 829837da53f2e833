//! The search: a field over the map with what it finds below, and the places that it knows.

mod draw;
mod places;
mod state;

pub use places::Places;
pub use state::{SearchAct, SearchState};

use super::console::{
    Acts, AddPanel, Claims, KeyLayer, KeyOwner, Keys, PanelActs, PanelClaims, Scene, View,
};
use super::model::search::{Index, Sources};
use crate::input::Act;
use crate::live::Grid;
use bevy::prelude::*;
use std::ops::Deref;

/// It has the keys alone.
const OWNER: KeyOwner = KeyOwner("search");

/// Finds places, cases, units, sensors, cells of the unit grid and coordinates.
pub struct SearchPlugin;

impl Plugin for SearchPlugin {
    fn build(&self, app: &mut App) {
        app.init_resource::<SearchState>()
            .init_resource::<Places>()
            .add_message::<SearchAct>()
            .add_systems(Startup, places::ask)
            .add_systems(Update, places::keep)
            .add_systems(PanelClaims, claim)
            .add_systems(PanelActs, state::carry_out)
            .add_owner_keys(OWNER, KeyLayer::Overlay, keys)
            .add_panel(draw_panel);
    }
}

/// What is searched, beside what every panel reads.
#[derive(Clone, Copy)]
struct SearchScene<'a> {
    scene: Scene<'a>,
    index: &'a Index,
    grid: &'a Grid,
}

impl<'a> SearchScene<'a> {
    fn sources(&self) -> Sources<'a> {
        Sources {
            index: self.index,
            grid: self.grid,
            mirror: self.scene.mirror,
            words: self.scene.words,
        }
    }
}

impl<'a> Deref for SearchScene<'a> {
    type Target = Scene<'a>;

    fn deref(&self) -> &Scene<'a> {
        &self.scene
    }
}

fn claim(state: Res<SearchState>, mut claims: ResMut<Claims>) {
    claims.typing |= state.open;
    claims.own_keys(OWNER, state.open);
}

fn keys(mut keys: ResMut<Keys>, mut state: ResMut<SearchState>) {
    keys.take(|act| {
        let mine = act == Act::Search;
        if mine {
            state.begin();
        }
        mine
    });
    keys.leave(|| std::mem::take(&mut *state).open);
}

fn draw_panel(
    view: View,
    places: Res<Places>,
    grid: Res<Grid>,
    mut state: ResMut<SearchState>,
    mut acts: ResMut<Acts>,
) {
    if !state.open {
        return;
    }
    let scene = SearchScene {
        scene: view.scene(),
        index: &places.0,
        grid: &grid,
    };
    draw::draw(&scene.ctx, &scene, &mut state, &mut acts);
}
