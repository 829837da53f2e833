//! The right panel when nothing is chosen: alarms that wait, hotspots by where and since when.

mod draw;

use super::alarms::AlarmState;
use super::console::{Acts, AddPanel, Scene, View};
use super::detail::{Subject, show_inside, subject};
use super::topbar::Strip;
use bevy::prelude::*;
use std::ops::Deref;

/// Lists alarms and hotspots.
pub struct OverviewPlugin;

impl Plugin for OverviewPlugin {
    fn build(&self, app: &mut App) {
        app.add_panel(draw_panel);
    }
}

/// What is listed, beside what every panel reads.
#[derive(Clone, Copy)]
struct OverviewScene<'a> {
    scene: Scene<'a>,
    strip: &'a Strip,
}

impl<'a> Deref for OverviewScene<'a> {
    type Target = Scene<'a>;

    fn deref(&self) -> &Scene<'a> {
        &self.scene
    }
}

fn draw_panel(
    view: View,
    strip: Res<Strip>,
    mut alarms: ResMut<AlarmState>,
    mut acts: ResMut<Acts>,
) {
    let scene = OverviewScene {
        scene: view.scene(),
        strip: &strip,
    };
    if let Subject::Nothing = subject(&scene) {
        show_inside(&scene, |ui, pen, rect| {
            draw::draw(ui, pen, &scene, &mut alarms, rect, &mut acts);
        });
    }
}
