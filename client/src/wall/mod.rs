//! The wall: no chrome; figures, ranking, ticker and the one alarm that may shout, sized for five metres.

mod layout;
mod model;
mod show;

pub use layout::WallLayout;
pub(crate) use model::shouting;

use bevy::prelude::*;
use bevy_egui::EguiPrimaryContextPass;

/// Draws the wall in place of the console's panels.
pub struct WallPlugin;

impl Plugin for WallPlugin {
    fn build(&self, app: &mut App) {
        app.init_resource::<show::WallState>()
            .add_systems(Update, show::fit.before(crate::camera::CameraSystems::Move))
            .add_systems(
                EguiPrimaryContextPass,
                show::show.in_set(crate::panels::PanelsSystems),
            );
    }
}
