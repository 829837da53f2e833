//! The panel of a sensor.

mod chart;
mod draw;

use super::alarms::AlarmState;
use super::console::{Acts, AddPanel, View};
use super::detail::{Subject, show_inside, subject};
use bevy::prelude::*;

/// Shows a sensor and its last hour.
pub struct SensorPlugin;

impl Plugin for SensorPlugin {
    fn build(&self, app: &mut App) {
        app.add_panel(draw_panel);
    }
}

fn draw_panel(view: View, alarms: Res<AlarmState>, mut acts: ResMut<Acts>) {
    let s = view.scene();
    if let Subject::Sensor(sensor) = subject(&s) {
        show_inside(&s, |ui, pen, rect| {
            draw::draw(ui, pen, &s, &alarms, rect, sensor, &mut acts);
        });
    }
}
