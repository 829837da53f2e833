//! Who I am, as what, for which area; and the way out. It hangs from the right end of the top bar.

mod draw;

use super::console::{
    Acts, AddPanel, Claims, KeyLayer, KeyOwner, Keys, PanelActs, PanelClaims, View,
};
use crate::account::Account;
use crate::live::Grid;
use bevy::prelude::*;

/// Open, it has the keys alone.
const OWNER: KeyOwner = KeyOwner("me");

/// Whether it is open.
#[derive(Resource, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MeState {
    /// It is on the screen.
    pub open: bool,
    /// The line under the keyboard.
    cursor: usize,
}

/// What panels ask of it.
#[derive(Message, Clone, Copy, Debug, PartialEq, Eq)]
pub enum MeAct {
    /// Open it, or close it.
    Toggle,
}

/// Shows who is at this console.
pub struct MePlugin;

impl Plugin for MePlugin {
    fn build(&self, app: &mut App) {
        app.init_resource::<MeState>()
            .add_message::<MeAct>()
            .add_systems(PanelClaims, claim)
            .add_systems(PanelActs, carry_out)
            .add_owner_keys(OWNER, KeyLayer::Popup, keys)
            .add_panel(draw_panel);
    }
}

fn claim(account: Res<Account>, mut state: ResMut<MeState>, mut claims: ResMut<Claims>) {
    // Of whoever has left nothing is shown.
    state.open &= account.me().is_some();
    claims.own_keys(OWNER, state.open);
}

fn keys(mut keys: ResMut<Keys>, mut state: ResMut<MeState>) {
    keys.leave(|| std::mem::take(&mut state.open));
}

fn draw_panel(view: View, grid: Res<Grid>, mut state: ResMut<MeState>, mut acts: ResMut<Acts>) {
    let s = view.scene();
    if state.open
        && let Some(me) = s.me
    {
        draw::draw(&s, &grid, me, &mut state, &mut acts);
    }
}

fn carry_out(mut acts: MessageReader<MeAct>, mut state: ResMut<MeState>) {
    for MeAct::Toggle in acts.read() {
        *state = MeState {
            open: !state.open,
            cursor: 0,
        };
    }
}

#[cfg(test)]
mod tests;
