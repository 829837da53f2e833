use super::question;
use super::state::Bundling;
use crate::input::Act;
use crate::panels::console::{Acts, Keys, View};
use bevy::prelude::ResMut;

/// The key that bundles is for the marked cases where there are several.
pub(super) fn take(
    view: View,
    mut keys: ResMut<Keys>,
    mut state: ResMut<Bundling>,
    mut acts: ResMut<Acts>,
) {
    let s = view.scene();
    keys.take(|act| {
        let mine = act == Act::Bundle && state.cases().count() > 1;
        if mine && question::may_ask(&s, &state) {
            question::ask(&s, &state, &mut acts);
        }
        mine
    });
    keys.leave(|| state.clear());
}
