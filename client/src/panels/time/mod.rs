//! The time bar: where one is in time, and how one moves there.
//!
//! Slim in the running city; tall, with everything, in a replay or when it is opened. Nothing here keeps a time of its
//! own: what is drawn is the world's clock ([`crate::net::City::now`]), and every act becomes words to the server.

pub mod acts;
pub mod asks;
pub mod axis;
pub mod chips;
mod counts;
pub mod desk;
mod lists;
pub mod moments;
mod plot;
mod slim;
pub mod state;
mod transport;
mod typed;

pub use state::{TimeAct, TimeBar};

use super::pen::Pen;
use super::state::{Action, PanelState, Scene};
use super::widgets::area;
use super::world::WorldLook;
use axis::Axis;
use bevy_egui::egui::{Context, CornerRadius, Order};
use chengtu_engine::record::World;
use std::time::Duration;

/// Height of the bar when it is tall.
pub const TALL_H: f32 = 188.0;
/// Height of the row of buttons.
const HEAD_H: f32 = 48.0;
/// The playhead stays where the hand let go no longer than this.
const LANDING_MAX: Duration = Duration::from_millis(1_500);
/// The stretch first shown, seconds.
const FIRST_S: f64 = 6.0 * 3_600.0;

/// Height of the bar of a world.
pub fn height(bar: &TimeBar, world: World) -> f32 {
    if bar.is_tall(world) {
        TALL_H
    } else {
        super::layout::TIME_H
    }
}

/// Draws the bar, slim or tall, and what is open above it.
pub fn show(
    ctx: &Context,
    s: &Scene<'_>,
    st: &mut PanelState,
    world: &WorldLook,
    out: &mut Vec<Action>,
) {
    lay_axis(&mut st.time, s);
    if st.time.is_tall(s.world) {
        tall(ctx, s, st, world, out);
    } else {
        slim::show(ctx, s, st, world, out);
    }
    lists::show(ctx, s, st, world, out);
}

fn tall(
    ctx: &Context,
    s: &Scene<'_>,
    st: &mut PanelState,
    world: &WorldLook,
    out: &mut Vec<Action>,
) {
    let bar = s.layout.time;
    area(ctx, "time-bar", bar, Order::Middle, |ui| {
        let painter = ui.painter().clone();
        let pen = Pen {
            painter: &painter,
            skin: s.skin,
        };
        painter.rect_filled(bar, CornerRadius::ZERO, world.time_bar);
        pen.hline(bar.min.x, bar.max.x, bar.min.y + 0.5, world.line);
        let lanes = plot::Lanes::new(bar, bar.min.y + HEAD_H);
        st.time.plot_px = lanes.plot.width();
        transport::show(ui, &pen, s, st, world, bar, bar.min.y + 25.0, out);
        plot::show(ui, &pen, s, st, world, &lanes, out);
    });
}

/// Keeps the line where the world's clock can be seen, without moving it under the hand.
fn lay_axis(bar: &mut TimeBar, s: &Scene<'_>) {
    if let Some((t, at)) = bar.landing
        && (at.elapsed() > LANDING_MAX || s.now.seconds_since(t).abs() < 1.5)
    {
        bar.landing = None;
    }
    if s.now.0 == 0 {
        return;
    }
    if s.picture && s.is_past() {
        // A picture shows the same stretch of a moment however it was come to.
        bar.axis = Axis::with(s.now, 0.5, FIRST_S);
        return;
    }
    let first = bar.laid_for.is_none();
    let another = bar.laid_for != Some(s.world);
    bar.laid_for = Some(s.world);
    if s.world == World::Live {
        // The end stays at the end while one looks at it.
        let near_end = (0.9..=1.0).contains(&bar.axis.share(s.now));
        if first || (another && !bar.axis.holds(s.now)) {
            bar.axis = Axis::with(s.now, 0.97, FIRST_S);
        } else if near_end && !bar.dragging_axis && bar.held.is_none() {
            bar.axis = Axis::with(s.now, 0.97, bar.axis.span_s);
        }
        return;
    }
    if first || (another && !bar.axis.holds(s.now)) {
        bar.axis = Axis::with(s.now, 0.5, FIRST_S);
    }
    let moves = s.clock.is_some_and(|c| c.playing);
    let forward = s.clock.is_none_or(|c| c.speed >= 0.0);
    let left = !bar.axis.holds(s.now);
    if bar.held.is_none()
        && bar.landing.is_none()
        && !bar.dragging_axis
        && (moves || (left && another))
    {
        bar.axis = bar.axis.following(s.now, forward);
    }
}
