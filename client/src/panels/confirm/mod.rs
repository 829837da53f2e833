//! What cannot be undone asks before it is done: what will happen, why, and a second act that is not the first one.
//!
//! A question belongs to what was on the screen when it was asked: where that no longer holds, it says so and can only
//! be put away.

mod draw;
mod state;

pub use state::{Ask, Choice, Question};

use super::console::{
    Acts, AddPanel, Claims, KeyLayer, KeyOwner, Keys, PanelActs, PanelClaims, View,
};
use crate::input::Act;
use bevy::prelude::*;

/// An open question has the keys alone.
const OWNER: KeyOwner = KeyOwner("confirm");

/// The question on the screen.
#[derive(Resource, Default)]
pub struct ConfirmState {
    pub(super) open: Option<Question>,
    /// The choice that was made, by its place in the list.
    pub(super) chosen: Option<usize>,
    /// Line under the keyboard.
    pub(super) cursor: usize,
    /// A reason in words.
    pub(super) written: String,
    /// The field of the reason wants the keyboard.
    pub(super) focus: bool,
}

/// Asks questions, and does what was confirmed.
pub struct ConfirmPlugin;

impl Plugin for ConfirmPlugin {
    fn build(&self, app: &mut App) {
        app.init_resource::<ConfirmState>()
            .add_message::<Ask>()
            .add_systems(PanelClaims, claim)
            .add_systems(PanelActs, ask)
            .add_owner_keys(OWNER, KeyLayer::Overlay, keys)
            .add_panel(draw_panel);
    }
}

fn claim(state: Res<ConfirmState>, mut claims: ResMut<Claims>) {
    claims.own_keys(OWNER, state.open.is_some());
}

/// A question replaces the one before it: there is one at a time.
fn ask(mut asks: MessageReader<Ask>, mut state: ResMut<ConfirmState>) {
    for Ask(question) in asks.read() {
        let Some(question) = question.take() else {
            continue;
        };
        *state = ConfirmState {
            // What is the only one, and needs no line of its own, needs no choosing either.
            chosen: (question.rows() == 0 && !question.choices.is_empty()).then_some(0),
            focus: false,
            open: Some(question),
            ..ConfirmState::default()
        };
    }
}

fn keys(
    view: View,
    mut keys: ResMut<Keys>,
    mut state: ResMut<ConfirmState>,
    mut acts: ResMut<Acts>,
) {
    let s = view.scene();
    keys.take(|act| {
        let mine = act == Act::Confirm && state.open.is_some();
        if mine {
            state.confirm(&s, &mut acts);
        }
        mine
    });
    keys.leave(|| state.open.take().is_some());
}

fn draw_panel(view: View, mut state: ResMut<ConfirmState>, mut acts: ResMut<Acts>) {
    let s = view.scene();
    draw::draw(&s.ctx, &s, &mut state, &mut acts);
}
