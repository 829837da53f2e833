//! The panel of a unit.

mod acts;
mod confirm;
mod draw;
mod scene;
mod state;

pub use acts::UnitAct;

use chengtu_engine::permission::Permission;
use scene::UnitScene;
use state::UnitState;

use super::console::{Acts, AddPanel, KeyLayer, Keys, PanelActs, View};
use super::detail::{Subject, show_inside, subject};
use super::map::Following;
use crate::input::Act;
use crate::net::{NetSystems, Routes};
use bevy::prelude::*;

/// Shows a unit, follows it, recalls it.
pub struct UnitPlugin;

impl Plugin for UnitPlugin {
    fn build(&self, app: &mut App) {
        app.init_resource::<UnitState>()
            .add_message::<UnitAct>()
            .add_systems(PreUpdate, acts::hear.after(NetSystems::Receive))
            .add_systems(PanelActs, acts::carry_out)
            .add_keys(KeyLayer::Panel, keys)
            .add_panel(draw_panel);
    }
}

fn draw_panel(
    view: View,
    routes: Res<Routes>,
    following: Res<Following>,
    state: Res<UnitState>,
    mut acts: ResMut<Acts>,
) {
    let scene = UnitScene {
        scene: view.scene(),
        routes: &routes,
        following: following.0,
    };
    if let Subject::Unit(unit) = subject(&scene) {
        show_inside(&scene, |ui, pen, rect| {
            draw::draw(ui, pen, &scene, &state, rect, unit, &mut acts);
        });
    }
}

fn keys(view: View, mut keys: ResMut<Keys>, mut acts: ResMut<Acts>) {
    let s = view.scene();
    let Some(unit) = s.selection.unit().and_then(|id| s.mirror.units.get(&id)) else {
        return;
    };
    keys.take(|act| {
        let mine = act == Act::Recall;
        if mine && unit.assignment.is_some() && s.may(Permission::SendUnits) {
            confirm::recall(&s, unit, &mut acts);
        }
        mine
    });
}
