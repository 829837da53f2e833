//! The wall: no chrome; figures, ranking, ticker and the one alarm that may shout, sized for five metres.

mod alarm;
mod draw;
mod layout;
mod model;
#[cfg(test)]
mod tests;
mod view;

pub use layout::WallLayout;

use bevy::prelude::*;
use bevy_egui::EguiPrimaryContextPass;

/// Draws the wall in place of the console's panels.
#[derive(Clone, Copy, Debug, Default)]
pub struct WallPlugin {
    /// How it begins.
    pub options: WallOptions,
}

/// How the wall begins.
#[derive(Resource, Clone, Copy, Debug, Default)]
pub struct WallOptions {
    /// The command line says where to look; else the whole city is shown.
    pub look_given: bool,
}

impl Plugin for WallPlugin {
    fn build(&self, app: &mut App) {
        app.insert_resource(self.options)
            .init_resource::<draw::WallState>()
            .init_resource::<view::WallView>()
            .add_systems(
                Update,
                view::follow.before(crate::camera::CameraSystems::Move),
            )
            .add_systems(Update, forget_cut)
            .add_systems(
                EguiPrimaryContextPass,
                draw::draw.in_set(crate::panels::PanelsSystems),
            );
    }
}

/// Nobody reads on a wall what was missed: what was known before a cut is let go.
fn forget_cut(connection: Res<crate::net::Connection>, mut city: ResMut<crate::net::City>) {
    if connection.is_live() && city.before_cut().is_some() {
        city.forget_cut();
    }
}
