//! The overlay with every key.

mod draw;

use super::console::{AddPanel, Claims, KeyLayer, Keys, PanelClaims, View};
use crate::input::Act;
use bevy::prelude::*;

/// Whether the overlay is open.
#[derive(Resource, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HelpState {
    /// While true the overlay is drawn and the map's camera ignores the keyboard.
    pub open: bool,
}

/// Shows every key.
pub struct HelpPlugin;

impl Plugin for HelpPlugin {
    fn build(&self, app: &mut App) {
        app.init_resource::<HelpState>()
            .add_systems(PanelClaims, claim)
            .add_keys(KeyLayer::Overlay, keys)
            .add_overlay(draw_panel);
    }
}

fn claim(state: Res<HelpState>, mut claims: ResMut<Claims>) {
    claims.keyboard |= state.open;
}

fn keys(mut keys: ResMut<Keys>, mut state: ResMut<HelpState>) {
    keys.take(|act| {
        match act {
            Act::Help => state.open = !state.open,
            // The search takes its place.
            Act::Search => {
                state.open = false;
                return false;
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
