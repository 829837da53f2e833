//! What is masked of a case: shown for a purpose, which is kept, and who has been shown it. It hangs from the panel of the
//! case.

mod acts;
mod draw;

pub use acts::PrivacyAct;

use super::console::{
    Acts, AddPanel, Claims, KeyLayer, KeyOwner, Keys, PanelActs, PanelClaims, Pending, Refusal,
    Scene, View,
};
use crate::live::Selection;
use crate::net::{City, NetSystems};
use bevy::prelude::*;
use chengtu_engine::audit::Look;
use chengtu_engine::ids::CaseId;
use chengtu_engine::permission::Permission;
use chengtu_engine::record::World as CityWorld;

/// Open, it has the keys alone.
const OWNER: KeyOwner = KeyOwner("privacy");

/// The question for a purpose.
#[derive(Resource, Debug, Default)]
pub struct PrivacyState {
    /// The case that it is about.
    open: Option<CaseId>,
    purpose: String,
    focus: bool,
    /// The number under which it was asked who has seen it.
    asked: Option<u32>,
    /// Who has, the newest last, and how many older ones are left out.
    looks: Option<(Vec<Look>, u32)>,
    sending: Option<Pending>,
    /// What became of it.
    outcome: Option<Result<(), Refusal>>,
}

/// Asks for a purpose, and says who has seen what.
pub struct PrivacyPlugin;

impl Plugin for PrivacyPlugin {
    fn build(&self, app: &mut App) {
        app.init_resource::<PrivacyState>()
            .add_message::<PrivacyAct>()
            .add_systems(PreUpdate, acts::hear.after(NetSystems::Receive))
            .add_systems(PanelClaims, claim)
            .add_systems(PanelActs, acts::carry_out)
            .add_owner_keys(OWNER, KeyLayer::Popup, keys)
            .add_panel(draw_panel);
    }
}

/// True where there is anything to ask: of the running city alone, by whoever may.
pub fn may_ask(s: &Scene<'_>) -> bool {
    s.world == CityWorld::Live && (s.may(Permission::Unmask) || s.may(Permission::WhoSaw))
}

/// It belongs to the case in the panel.
fn claim(
    (city, selection): (Res<City>, Res<Selection>),
    mut state: ResMut<PrivacyState>,
    mut claims: ResMut<Claims>,
) {
    let here = crate::facts::case_of(&city.mirror, *selection);
    if state.open.is_some() && (city.world() != CityWorld::Live || state.open != here) {
        *state = PrivacyState::default();
    }
    claims.own_keys(OWNER, state.open.is_some());
}

fn keys(mut keys: ResMut<Keys>, mut state: ResMut<PrivacyState>) {
    keys.leave(|| std::mem::take(&mut *state).open.is_some());
}

fn draw_panel(view: View, mut state: ResMut<PrivacyState>, mut acts: ResMut<Acts>) {
    if let Some(case) = state.open {
        draw::draw(&view.scene(), &mut state, case, &mut acts);
    }
}

#[cfg(test)]
mod tests;
