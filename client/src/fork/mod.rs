//! Two branches of one second, side by side in one window.
//!
//! Each branch is a world of its own on the server, so each has a line, a mirror and a map of its own here: a
//! [`child`], which is the same map program without a window, running on its own thread over the window's own
//! graphics device. It draws into an image that the window shows; nothing is copied. The main map keeps its world and
//! its view meanwhile and is afterwards as it was left. `docs/adr/0007-a-map-for-each-branch.md` says why.

mod child;
mod panes;
mod screens;
mod shared;

pub use child::ForkOptions;
pub use panes::{Pane, Panes, Want};
pub use shared::PaneStatus;

use bevy::prelude::*;
use bevy::render::{Render, RenderApp, RenderSystems};

/// Opens and closes the maps of a fork as [`Want`] says.
pub struct ForkPlugin {
    /// What every map of a branch has from the window's.
    pub options: ForkOptions,
}

impl Plugin for ForkPlugin {
    fn build(&self, app: &mut App) {
        let screens = screens::Screens::default();
        app.insert_resource(self.options.clone())
            .init_resource::<Want>()
            .init_resource::<Panes>()
            .insert_resource(screens.clone())
            .add_systems(PostUpdate, panes::follow);
        if let Some(render_app) = app.get_sub_app_mut(RenderApp) {
            render_app.insert_resource(screens).add_systems(
                Render,
                screens::hand_out.after(RenderSystems::PrepareAssets),
            );
        }
    }
}
