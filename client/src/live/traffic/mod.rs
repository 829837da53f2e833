//! The city's traffic: one draw from one storage buffer, moved between updates by the vertex shader.

mod gpu;
mod store;

pub use store::{MoverRecord, Traffic};

use super::style::LiveStyle;
use crate::camera::MapCamera;
use crate::net::{City, CityChanged};
use bevy::prelude::*;

/// Keeps [`Traffic`] equal to the mirror and draws it.
pub struct TrafficPlugin;

impl Plugin for TrafficPlugin {
    fn build(&self, app: &mut App) {
        app.init_resource::<Traffic>()
            .add_systems(Update, follow.in_set(super::LiveSystems::Select))
            .add_plugins(gpu::TrafficGpuPlugin);
    }
}

fn follow(
    city: Res<City>,
    camera: Res<MapCamera>,
    style: Res<LiveStyle>,
    mut changed: MessageReader<CityChanged>,
    mut traffic: ResMut<Traffic>,
) {
    traffic.begin_frame();
    let limits = style.glide_limits(city.blends());
    let now = city.now();
    let mut rebuild = traffic.is_cut(city.frozen_frame(), city.discontinuities());
    rebuild |= traffic.needs_rebuild(camera.anchor, now);
    for CityChanged(c) in changed.read() {
        rebuild |= c.reset;
        if !rebuild {
            for id in &c.movers_gone {
                traffic.remove(*id);
            }
            for m in c.movers.iter().filter_map(|id| city.mirror.mover(*id)) {
                traffic.put(m, now, limits);
            }
        }
    }
    if rebuild {
        traffic.rebuild(city.mirror.movers(), camera.anchor, now, limits);
    }
}
