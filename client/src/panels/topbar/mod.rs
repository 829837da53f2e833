//! The top bar: whose city, which world, what time, how it goes; and the figures that it counts.

mod draw;
mod strip;

pub use strip::Strip;

use super::console::{Acts, AddPanel, Scene, View};
use super::director::DrillState;
use super::log_in::LogInState;
use crate::live::Grid;
use crate::net::NetSystems;
use bevy::prelude::*;
use std::ops::Deref;

/// Draws the bar and counts its figures a few times a second.
pub struct TopbarPlugin;

impl Plugin for TopbarPlugin {
    fn build(&self, app: &mut App) {
        app.init_resource::<Strip>()
            .add_systems(PreUpdate, strip::measure_delays.after(NetSystems::Receive))
            .add_panel((strip::count, draw_panel).chain());
    }
}

/// What the bar shows, beside what every panel reads.
#[derive(Clone, Copy)]
struct BarScene<'a> {
    scene: Scene<'a>,
    strip: &'a Strip,
    drill: &'a DrillState,
    grid: &'a Grid,
    /// Somebody is asked to log in.
    logged_out: bool,
}

impl<'a> Deref for BarScene<'a> {
    type Target = Scene<'a>;

    fn deref(&self) -> &Scene<'a> {
        &self.scene
    }
}

fn draw_panel(
    view: View,
    (strip, drill, grid): (Res<Strip>, Res<DrillState>, Res<Grid>),
    log_in: Res<LogInState>,
    mut acts: ResMut<Acts>,
) {
    let scene = BarScene {
        scene: view.scene(),
        strip: &strip,
        drill: &drill,
        grid: &grid,
        logged_out: log_in.is_open(),
    };
    draw::draw(&scene.ctx, &scene, &scene.look, &mut acts);
}
