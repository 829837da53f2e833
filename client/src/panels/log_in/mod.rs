//! Logging in: a card over the map where the server opens to nobody yet, or no longer. What is on the screen stays as it
//! is behind it, and goes on when somebody has logged in.

mod ask;
mod draw;
mod ends;
mod hear;
mod parts;
mod state;

pub use state::{LogInAct, LogInState};

use super::browser::OpenPage;
use super::console::{
    Acts, AddPanel, Claims, Covered, KeyLayer, KeyOwner, Keys, PanelActs, PanelClaims, View,
};
use crate::account::{Account, Api};
use crate::door::Door;
use crate::i18n::Lang;
use crate::net::{Connection, NetSystems};
use crate::settings::Remembered;
use bevy::prelude::*;
use state::{Pressed, Why};

/// An open card has the keys alone.
const OWNER: KeyOwner = KeyOwner("log-in");

/// Asks for name and password, and says when a session ends.
pub struct LogInPlugin;

impl Plugin for LogInPlugin {
    fn build(&self, app: &mut App) {
        app.init_resource::<LogInState>()
            .init_resource::<Account>()
            .init_resource::<Door>()
            .init_resource::<Api>()
            .add_message::<LogInAct>()
            .add_systems(
                PreUpdate,
                (hear::watch, hear::answers)
                    .chain()
                    .after(NetSystems::Receive),
            )
            .add_systems(PanelClaims, claim)
            .add_systems(PanelActs, carry_out)
            .add_owner_keys(OWNER, KeyLayer::Overlay, keys)
            .add_overlay((draw_ends, draw_card).chain());
    }
}

fn claim(state: Res<LogInState>, mut claims: ResMut<Claims>) {
    claims.own_keys(OWNER, state.is_open());
    // Whoever has logged out leaves nothing to be read.
    claims.whole_screen |= state.open == Some(Why::LoggedOut);
}

/// Escape puts away what was asked for; where nobody is logged in there is nothing to go back to.
fn keys(mut keys: ResMut<Keys>, mut state: ResMut<LogInState>) {
    keys.leave(|| {
        if state.open == Some(Why::Again) {
            return state.close();
        }
        // It takes the keyboard from a field: there is nobody else here to have it.
        state.focus = true;
        state.is_open()
    });
}

fn draw_ends(view: View, covered: ResMut<Covered>, state: Res<LogInState>, acts: ResMut<Acts>) {
    if !state.is_open() {
        ends::draw(&view.scene(), covered, acts);
    }
}

fn draw_card(
    view: View,
    (connection, door, api): (ResMut<Connection>, Res<Door>, Res<Api>),
    remembered: Option<Res<Remembered>>,
    mut state: ResMut<LogInState>,
    (mut lang, covered): (ResMut<Lang>, Res<Covered>),
    mut acts: ResMut<Acts>,
) {
    if !state.is_open() {
        return;
    }
    let s = view.scene();
    let line = state::Line::of(&connection, &door);
    match draw::draw(&s, &mut state, &line, &covered) {
        Some(Pressed::LogIn) => ask::log_in(&mut state, &line, &door, &api),
        Some(Pressed::Server) => ask::go_to(&mut state, &door, remembered.as_deref()),
        Some(Pressed::Trust(shown)) => connection.confirm(shown),
        Some(Pressed::SingleSignOn(path)) => {
            if let Some(page) = ask::elsewhere(&mut state, &path, &api) {
                acts.push(OpenPage(page));
            }
        }
        Some(Pressed::Later) => drop(state.close()),
        Some(Pressed::Language) => {
            *lang = if *lang == Lang::Zh {
                Lang::En
            } else {
                Lang::Zh
            };
        }
        None => {}
    }
}

fn carry_out(
    mut acts: MessageReader<LogInAct>,
    (door, api): (Res<Door>, Res<Api>),
    mut connection: ResMut<Connection>,
    mut account: ResMut<Account>,
    mut state: ResMut<LogInState>,
) {
    for act in acts.read() {
        match act {
            LogInAct::Again => {
                let name = account.me().map(|m| m.name.clone());
                state.open(Why::Again, &door.server(), name);
            }
            LogInAct::LogOut => {
                ask::log_out(&mut state, &door, &api);
                connection.left();
                account.forget();
            }
        }
    }
}

#[cfg(test)]
mod tests;
