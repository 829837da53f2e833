//! What lives on the map: traffic, units, cases, sensors, density, significant areas, routes and alarms.
//!
//! Everything here is a picture of [`crate::net::City`] and can be rebuilt from it at any moment. Traffic is one draw
//! from one storage buffer, moved by the vertex shader; all other markers are a few thousand primitives (discs, rings,
//! glyphs) laid out anew each frame in screen pixels, so that what is drawn and what can be picked are the same list.

mod callout;
mod callouts;
mod cases;
mod closed_roads;
mod cluster;
mod density;
mod dimming;
mod fleet;
mod follow;
mod ghosts;
mod grid;
mod hotspots;
mod layers;
mod lines;
mod marks;
mod memory;
mod motion;
mod options;
mod outlines;
mod paint;
mod parting;
mod pickable;
mod plates;
#[cfg(test)]
mod readable;
mod scale;
mod selection;
mod sensors;
mod stage;
mod style;
mod systems;
mod traffic;
mod units;
mod views;
mod watermark;
mod words;

pub use density::DensityScale;
pub use fleet::fleet_icon;
pub use grid::{Cell, GRID_ZOOM, Grid};
pub use layers::LayerVisibility;
pub use lines::{Line, LineLayer, LineStyle, Lines};
pub use options::LiveOptions;
pub use pickable::{PICK_MARGIN_PX, PickShape, PickTarget, Pickable, Pickables};
pub use scale::MarkerScale;
pub use selection::{ContextAt, Hover, MarkCases, Marked, Offer, Selection};
pub use sensors::DOT_ZOOM as SENSORS_ZOOM;
pub use systems::LiveSystems;

use crate::camera::CameraSystems;
use crate::look::Tokens;
use crate::readiness::Readiness;
use bevy::prelude::*;

/// Draws what lives.
#[derive(Default)]
pub struct LivePlugin {
    /// What is shown at first, and how.
    pub options: LiveOptions,
}

impl Plugin for LivePlugin {
    fn build(&self, app: &mut App) {
        let style = app
            .world()
            .get_resource::<Tokens>()
            .map(style::LiveStyle::new);
        app.insert_resource(
            style.unwrap_or_else(|| unreachable!("tokens are inserted before the live layers")),
        )
        .insert_resource(self.options.clone())
        .insert_resource(MarkerScale(1.0))
        .init_resource::<Selection>()
        .init_resource::<Hover>()
        .init_resource::<Marked>()
        .init_resource::<Offer>()
        .init_resource::<LayerVisibility>()
        .init_resource::<Pickables>()
        .init_resource::<memory::ClusterMemory>()
        .init_resource::<outlines::Outlines>()
        .init_resource::<plates::PlateMemory>()
        .init_resource::<units::UnitTracks>()
        .init_resource::<ghosts::GhostTracks>()
        .init_resource::<lines::RouteMemory>()
        .init_resource::<grid::Grid>()
        .add_message::<ContextAt>()
        .add_message::<MarkCases>()
        .configure_sets(
            Update,
            (LiveSystems::Select, LiveSystems::Layout)
                .chain()
                .after(CameraSystems::Move),
        )
        .add_plugins((
            paint::PaintPlugin,
            traffic::TrafficPlugin,
            lines::LinesPlugin,
            density::DensityPlugin,
        ))
        .add_systems(
            Update,
            (follow::follow, stage::track).in_set(LiveSystems::Select),
        )
        .add_systems(
            Update,
            (
                stage::stage,
                closed_roads::lay,
                lines::lay,
                hotspots::lay,
                views::lay,
                grid::lay,
                dimming::dim,
            )
                .chain()
                .in_set(LiveSystems::Layout),
        )
        .add_systems(Update, stream_traffic.in_set(LiveSystems::Layout))
        .add_systems(Startup, first_layers);
        if !self.options.map_only {
            app.add_systems(Startup, grid::load);
        }
        if self.options.select.is_some() {
            app.add_systems(
                Update,
                follow::preselect
                    .in_set(LiveSystems::Select)
                    .after(follow::follow),
            );
            if let Some(mut readiness) = app.world_mut().get_resource_mut::<Readiness>() {
                readiness.wait_for("selection");
            }
        }
    }
}

/// Traffic that nobody looks at is not streamed.
fn stream_traffic(layers: Res<LayerVisibility>, mut options: ResMut<crate::net::StreamOptions>) {
    if options.movers != layers.traffic {
        options.movers = layers.traffic;
    }
}

/// Layers as the command line says; on a wall, where nobody switches them, significant areas without chips.
fn first_layers(options: Res<LiveOptions>, mut layers: ResMut<LayerVisibility>) {
    if let Some(asked) = &options.layers {
        *layers = asked.clone();
    } else if options.wall {
        *layers = LayerVisibility {
            hotspots: true,
            sensors: false,
            ..LayerVisibility::default()
        };
    }
}
