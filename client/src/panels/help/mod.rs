//! The overlay with every key.

mod draw;

use super::console::{
    Acts, AddPanel, Claims, KeyLayer, KeyOwner, Keys, PanelActs, PanelClaims, View,
};
use super::search::SearchAct;
use crate::input::Act;
use bevy::prelude::*;

/// Whether the overlay is open.
#[derive(Resource, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HelpState {
    /// While true the overlay is drawn and the map's camera ignores the keyboard.
    pub open: bool,
}

/// It has the keys alone.
const OWNER: KeyOwner = KeyOwner("help");

/// What panels ask of the help.
#[derive(Message, Clone, Copy, Debug, PartialEq, Eq)]
pub enum HelpAct {
    /// Open it, or close it.
    Toggle,
}

/// Shows every key.
pub struct HelpPlugin;

impl Plugin for HelpPlugin {
    fn build(&self, app: &mut App) {
        app.init_resource::<HelpState>()
            .add_message::<HelpAct>()
            .add_systems(PanelClaims, claim)
            .add_systems(PanelActs, carry_out)
            .add_owner_keys(OWNER, KeyLayer::Overlay, keys)
            .add_overlay(draw_panel);
    }
}

fn claim(state: Res<HelpState>, mut claims: ResMut<Claims>) {
    claims.own_keys(OWNER, state.open);
}

fn keys(mut keys: ResMut<Keys>, mut state: ResMut<HelpState>, mut acts: ResMut<Acts>) {
    keys.take(|act| {
        match act {
            Act::Help => state.open = !state.open,
            // The search takes its place.
            Act::Search if state.open => {
                state.open = false;
                acts.push(SearchAct::Begin);
            }
            _ => return false,
        }
        true
    });
    keys.leave(|| std::mem::take(&mut state.open));
}

fn draw_panel(view: View, state: Res<HelpState>) {
    if state.open {
        let s = view.scene();
        draw::draw(&s.ctx, &s);
    }
}

fn carry_out(mut acts: MessageReader<HelpAct>, mut state: ResMut<HelpState>) {
    for HelpAct::Toggle in acts.read() {
        state.open = !state.open;
    }
}
