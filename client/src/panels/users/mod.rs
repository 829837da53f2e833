//! Accounts for administrators: who there is, what they may, who is logged in; made, changed and ended here as on the
//! command line.

mod ask;
mod draw;
mod form;
mod once;
mod sessions;
mod state;

pub use state::UsersAct;

use super::console::{
    Acts, AddPanel, Claims, KeyLayer, KeyOwner, Keys, PanelActs, PanelClaims, View,
};
use crate::account::{Account, Api};
use bevy::prelude::*;
use chengtu_engine::permission::Permission;
use state::UsersState;

/// Open, it has the keys alone.
const OWNER: KeyOwner = KeyOwner("users");

/// Shows accounts and sessions, and changes them.
pub struct UsersPlugin;

impl Plugin for UsersPlugin {
    fn build(&self, app: &mut App) {
        app.init_resource::<UsersState>()
            .init_resource::<Api>()
            .add_message::<UsersAct>()
            .add_systems(PreUpdate, ask::follow)
            .add_systems(PanelClaims, claim)
            .add_systems(PanelActs, carry_out)
            .add_owner_keys(OWNER, KeyLayer::Overlay, keys)
            .add_panel(draw_panel);
    }
}

/// Whoever is not an administrator any more sees no account any more.
fn claim(account: Res<Account>, mut state: ResMut<UsersState>, mut claims: ResMut<Claims>) {
    let may = |me: &crate::account::Me| me.rights.has(Permission::ManageAccounts);
    if state.open && !account.me().is_some_and(may) {
        *state = UsersState::default();
    }
    claims.own_keys(OWNER, state.open);
}

fn keys(mut keys: ResMut<Keys>, mut state: ResMut<UsersState>) {
    keys.leave(|| state.leave());
}

fn draw_panel(view: View, mut state: ResMut<UsersState>, mut acts: ResMut<Acts>) {
    if state.open {
        draw::draw(&view.scene(), &mut state, &mut acts);
    }
}

fn carry_out(mut acts: MessageReader<UsersAct>, api: Res<Api>, mut state: ResMut<UsersState>) {
    for act in acts.read() {
        match act {
            UsersAct::Open => {
                *state = UsersState {
                    open: true,
                    ..UsersState::default()
                };
            }
            UsersAct::Do(ask) => state.doing = Some(api.ask(ask.clone())),
        }
    }
}

#[cfg(test)]
mod tests;
