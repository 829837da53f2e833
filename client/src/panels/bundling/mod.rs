//! Bundling by many: cases are marked in the queue or on the map, and become one by one act that names all of them.

mod acts;
mod bar;
mod keys;
mod marking;
mod question;
mod state;
#[cfg(test)]
mod tests;

pub use acts::BundlingAct;
pub use bar::{draw, height};
pub use state::Bundling;

use super::console::{AddPanel, KeepInCity, KeepSystems, KeyLayer, PanelActs};
use crate::live::{MarkCases, Marked};
use crate::net::NetSystems;
use bevy::prelude::*;

/// Marks cases and bundles them.
pub struct BundlingPlugin;

impl Plugin for BundlingPlugin {
    fn build(&self, app: &mut App) {
        app.init_resource::<Bundling>()
            .init_resource::<Marked>()
            .add_message::<BundlingAct>()
            .add_message::<MarkCases>()
            .keep_in_city::<Bundling>()
            .add_systems(
                PreUpdate,
                acts::hear.after(NetSystems::Receive).after(KeepSystems),
            )
            .add_systems(PanelActs, (acts::carry_out, acts::show, acts::tell).chain())
            .add_panel(marking::draw)
            .add_keys(KeyLayer::Panel, keys::take);
    }
}
