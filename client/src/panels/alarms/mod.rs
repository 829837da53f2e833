//! Alarms: the most urgent on a plate over the map, all of them in a list, the bell, and their acknowledgement from
//! wherever it is given.

mod acts;
mod bell;
mod keys;
mod line;
mod list;
mod past;
mod plate;
mod state;

pub use acts::AlarmAct;
pub use bell::{BellPlugin, can_ring, ring_for};
pub use line::{HEIGHT as LINE_HEIGHT, line, of_source};
pub use list::draw as list;
pub use state::AlarmState;

use super::console::{Acts, AddPanel, Covered, KeepInCity, KeepSystems, KeyLayer, PanelActs, View};
use crate::net::NetSystems;
use bevy::prelude::*;

/// Shows the most urgent alarm, keeps the list and acknowledges alarms.
pub struct AlarmsPlugin;

impl Plugin for AlarmsPlugin {
    fn build(&self, app: &mut App) {
        app.init_resource::<AlarmState>()
            .add_message::<AlarmAct>()
            .add_message::<crate::net::CityChanged>()
            .keep_in_city::<AlarmState>()
            .add_systems(
                PreUpdate,
                (acts::hear, past::remember)
                    .after(NetSystems::Receive)
                    .after(KeepSystems),
            )
            .add_systems(PanelActs, (acts::carry_out, acts::open_report))
            .add_keys(KeyLayer::Panel, keys::take)
            .add_panel(draw_panel);
    }
}

fn draw_panel(
    view: View,
    mut state: ResMut<AlarmState>,
    mut covered: ResMut<Covered>,
    mut acts: ResMut<Acts>,
) {
    let s = view.scene();
    let plate = plate::draw(&s, &mut state, &covered.0, &mut acts);
    covered.0.extend(plate);
}
