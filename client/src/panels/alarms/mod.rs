//! Alarms: the gravest on a plate over the map, the bell, and their acknowledgement from wherever it is given.

mod acts;
mod bell;
mod plate;
mod state;

pub use acts::AlarmAct;
pub use bell::{BellPlugin, can_ring, ring_for};
pub use state::AlarmState;

use super::console::{Acts, AddPanel, Covered, KeyLayer, Keys, PanelActs, View};
use crate::facts::alarm::alarms_in_order;
use crate::input::Act;
use crate::net::NetSystems;
use bevy::prelude::*;

/// Shows the gravest alarm and acknowledges alarms.
pub struct AlarmsPlugin;

impl Plugin for AlarmsPlugin {
    fn build(&self, app: &mut App) {
        app.init_resource::<AlarmState>()
            .add_message::<AlarmAct>()
            .add_systems(PreUpdate, acts::hear.after(NetSystems::Receive))
            .add_systems(PanelActs, acts::carry_out)
            .add_keys(KeyLayer::Panel, keys)
            .add_panel(draw_panel);
    }
}

fn draw_panel(
    view: View,
    state: Res<AlarmState>,
    mut covered: ResMut<Covered>,
    mut acts: ResMut<Acts>,
) {
    let s = view.scene();
    covered.0.extend(plate::draw(&s.ctx, &s, &state, &mut acts));
}

/// The first alarm of the list that waits is acknowledged.
fn keys(view: View, state: Res<AlarmState>, mut keys: ResMut<Keys>, mut acts: ResMut<Acts>) {
    let s = view.scene();
    keys.take(|act| {
        let mine = act == Act::AcknowledgeAlarm;
        if mine && s.may_command() {
            let list = alarms_in_order(s.mirror);
            let first = list.into_iter().find(|a| a.acknowledged.is_none());
            let first = first.filter(|a| !state.is_acknowledging(a.id));
            acts.extend(first.map(|a| AlarmAct::Acknowledge(a.id)));
        }
        mine
    });
}
