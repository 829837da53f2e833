//! The panel of a case: what it is, the ranked units and why each is where it is, and what happens after one was sent.

mod acts;
mod bundle;
mod confirm;
mod draw;
mod head;
mod history;
mod keys;
mod open;
mod order;
mod progress;
mod room;
mod rows;
mod scene;
mod shown;
mod state;
mod table;
mod told;

pub use acts::DispatchAct;
pub use progress::steps;
#[cfg(test)]
pub use shown::Another;
pub use state::DispatchState;

use scene::CaseScene;

use super::alarms::AlarmState;
use super::bundling::Bundling;
use super::console::{Acts, AddPanel, KeepInCity, KeepSystems, KeyLayer, PanelActs, View};
use super::detail::{PAD, Subject, show_inside, subject};
use super::fork::ForkState;
use crate::live::Grid;
use crate::net::{NetSystems, Rankings};
use bevy::prelude::*;
use bevy_egui::egui::{Rect, pos2, vec2};

/// Shows a case and sends units to it.
pub struct DispatchPlugin;

impl Plugin for DispatchPlugin {
    fn build(&self, app: &mut App) {
        app.init_resource::<DispatchState>()
            .add_message::<DispatchAct>()
            .keep_in_city::<DispatchState>()
            .add_systems(
                PreUpdate,
                (acts::hear, state::follow_selection)
                    .chain()
                    .after(NetSystems::Receive)
                    .after(KeepSystems),
            )
            .add_systems(
                PanelActs,
                (acts::carry_out, acts::offer_chosen, open::tell).chain(),
            )
            .add_keys(KeyLayer::Panel, keys::take)
            .add_panel(draw_panel);
    }
}

fn draw_panel(
    view: View,
    rankings: Res<Rankings>,
    grid: Res<Grid>,
    fork: Res<ForkState>,
    alarms: Res<AlarmState>,
    bundling: Res<Bundling>,
    mut state: ResMut<DispatchState>,
    mut acts: ResMut<Acts>,
) {
    let scene = CaseScene {
        scene: view.scene(),
        rankings: &rankings,
        grid: &grid,
        choosing_fork: fork.start.is_some(),
    };
    let (s, state, out) = (&scene, &mut *state, &mut *acts);
    match subject(s) {
        Subject::Case(c) => show_inside(s, |ui, pen, rect| {
            let y = room::head(ui, pen, s, &alarms, rect, c, out);
            if bundling.is_marked(c.id) {
                let at = rect.min + vec2(PAD + 1.0, 18.0);
                pen.tick(at, 5.5, s.skin.action, s.skin.t1);
            }
            let below = Rect::from_min_max(pos2(rect.min.x, y), rect.max);
            draw::draw(ui, pen, s, state, below, c, out);
        }),
        Subject::Gone(id) => show_inside(s, |ui, pen, rect| {
            head::gone(ui, pen, s, rect, id, out);
        }),
        Subject::Unit(_) | Subject::Sensor(_) | Subject::Nothing => {}
    }
}
