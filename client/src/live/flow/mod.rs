//! Traffic of a far map: where it flows and how fast, drawn along the streets that it is on. Where the map is near,
//! every vehicle is drawn instead.

mod gpu;
mod raster;

use super::traffic::Traffic;
use super::{LayerVisibility, LiveSystems};
use crate::camera::{EARTH_CIRCUMFERENCE_M, MapCamera};
use crate::live::style::LiveStyle;
use crate::net::City;
use crate::output::Output;
use bevy::math::DVec2;
use bevy::prelude::*;
use bevy::tasks::{AsyncComputeTaskPool, Task, futures::check_ready};
use raster::{Raster, Region, Streak};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// From the first of these zooms on vehicles come in, and at the second the flow has gone.
const ZOOMS: [f64; 2] = [12.6, 13.2];
/// Shortest time between two pictures of the flow.
const EVERY: Duration = Duration::from_millis(400);
/// What a vehicle has driven in this time is drawn of it, seconds.
const STREAK_S: f64 = 12.0;

/// Share of the flow at a zoom, 0 … 1; vehicles have the rest.
pub fn share(zoom: f64) -> f32 {
    let t = ((zoom - ZOOMS[0]) / (ZOOMS[1] - ZOOMS[0])).clamp(0.0, 1.0);
    (1.0 - t * t * (3.0 - 2.0 * t)) as f32
}

/// The flow as it was reckoned last.
#[derive(Resource, Debug, Default)]
pub struct Flow {
    raster: Arc<Raster>,
    version: u64,
    region: Option<Region>,
    made_at: Option<Instant>,
    /// Breaks of time, the paused frame, and the traffic of that one.
    of: (u64, Option<u64>, u64),
    making: Option<Task<Raster>>,
}

/// Reckons and draws the flow.
pub(super) struct FlowPlugin;

impl Plugin for FlowPlugin {
    fn build(&self, app: &mut App) {
        app.init_resource::<Flow>()
            .add_systems(Update, follow.in_set(LiveSystems::Layout))
            .add_plugins(gpu::FlowGpuPlugin);
    }
}

fn follow(
    (city, traffic): (Res<City>, Res<Traffic>),
    (camera, layers): (Res<MapCamera>, Res<LayerVisibility>),
    (style, output): (Res<LiveStyle>, Option<Res<Output>>),
    mut flow: ResMut<Flow>,
) {
    if !layers.traffic || share(camera.zoom) <= 0.0 {
        flow.making = None;
        flow.region = None;
        return;
    }
    let flow = &mut *flow;
    flow.forget_other(city.discontinuities());
    if let Some(made) = flow.making.as_mut().and_then(check_ready) {
        flow.making = None;
        flow.show(made);
    }
    // A paused moment and a picture are made whole before they are shown, so that they are the same each time; and so is
    // what a pane of a fork shows, which nobody waits for.
    let frozen = city.frozen_frame();
    let standing = if frozen.is_some() {
        traffic.version()
    } else {
        0
    };
    let of = (city.discontinuities(), frozen, standing);
    let whole = frozen.is_some() || output.is_none_or(|o| o.is_headless());
    let region = Region::of(&camera);
    let kept = flow.region.is_some_and(|r| r.is_enough(&region)) && flow.of == of;
    let fresh = flow.made_at.is_some_and(|at| at.elapsed() < EVERY);
    if kept && (fresh || frozen.is_some()) || flow.making.is_some() && !whole {
        return;
    }
    let streaks = streaks(&traffic, &city, &style, &region);
    flow.region = Some(region);
    flow.made_at = Some(Instant::now());
    flow.of = of;
    if whole {
        flow.making = None;
        flow.show(raster::draw(&streaks, region));
    } else {
        let make = async move { raster::draw(&streaks, region) };
        flow.making = Some(AsyncComputeTaskPool::get().spawn(make));
    }
}

/// Every vehicle in a region that was heard lately.
fn streaks(traffic: &Traffic, city: &City, style: &LiveStyle, region: &Region) -> Vec<Streak> {
    let limits = style.glide_limits(city.blends());
    let now_s = city.now().seconds_since(traffic.base());
    let heard = |age_s: f64| age_s <= style.offline_s;
    let all = traffic.glides().filter(|g| heard(now_s - g.fix_s));
    let all = all.map(|g| (g.shown(now_s, limits), g.velocity));
    let near = all.filter(|(at, _)| region.holds(*at));
    near.map(|(at, velocity)| region.streak(at, velocity * STREAK_S))
        .collect()
}

impl Flow {
    /// Drops what was reckoned, and what is being reckoned, before a break of time: another world's traffic is not shown
    /// for an instant.
    fn forget_other(&mut self, breaks: u64) {
        if self.of.0 != breaks {
            self.of.0 = breaks;
            self.making = None;
            self.region = None;
            self.show(Raster::default());
        }
    }

    fn show(&mut self, made: Raster) {
        self.raster = Arc::new(made);
        self.version += 1;
    }
}

impl Region {
    /// What a camera sees, with a margin: the map may be moved a little before another is needed.
    fn of(camera: &MapCamera) -> Self {
        let seen = camera.visible();
        let corner = |p: chengtu_engine::geo::Position| {
            DVec2::from(chengtu_engine::geo::mercator_from_lon_lat(p.lon_lat()))
        };
        let (a, b) = (corner(seen.min), corner(seen.max));
        Self::around(a.min(b), a.max(b), camera.zoom)
    }

    /// A streak of a vehicle at a place that drove so far, both mercator.
    fn streak(&self, at: DVec2, driven: DVec2) -> Streak {
        let metres = driven.length() * EARTH_CIRCUMFERENCE_M * self.shrink();
        Streak {
            at: self.cells(at).as_vec2(),
            back: (-driven / self.cell()).as_vec2(),
            speed_mps: (metres / STREAK_S) as f32,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a task had begun to draw of the live city came up in a replay, and the flow of live stood there until then.
    #[test]
    fn nothing_of_another_world_is_shown() {
        AsyncComputeTaskPool::get_or_init(Default::default);
        let raster = || Raster {
            size: bevy::math::UVec2::ONE,
            bytes: vec![1, 2],
            ..Raster::default()
        };
        let mut flow = Flow::default();
        flow.forget_other(3);
        flow.show(raster());
        flow.making = Some(AsyncComputeTaskPool::get().spawn(async move { raster() }));
        let version = flow.version;
        flow.forget_other(3);
        assert!(flow.making.is_some() && !flow.raster.bytes.is_empty());
        flow.forget_other(4);
        assert!(flow.making.is_none() && flow.raster.bytes.is_empty());
        assert!(flow.version > version, "the card is told");
    }

    #[test]
    fn a_near_map_shows_vehicles_and_a_far_one_their_flow() {
        assert_eq!([11.0, 12.5, 13.2, 16.0].map(share), [1.0, 1.0, 0.0, 0.0]);
        let between: Vec<f32> = (0..=6).map(|i| share(12.6 + f64::from(i) * 0.1)).collect();
        assert!(between.is_sorted_by(|a, b| a > b), "{between:?}");
    }
}
