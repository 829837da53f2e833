//! The time bar: which time is looked at, and how to go to another.
//!
//! Slim in the running city; tall, with everything, in a replay or when it is opened. Nothing here keeps a time of its
//! own: what is drawn is the world's clock ([`crate::net::City::now`]), and every act becomes words to the server.

mod acts;
mod asks;
pub mod axis;
mod chips;
mod counts;
mod keys;
mod lanes;
mod lay;
mod leave;
mod lists;
mod moments;
mod plot;
mod scene;
mod slim;
pub mod state;
mod step;
mod transport;
mod typed;

pub use state::{TimeAct, TimeBar};

use lay::Shows;
use scene::TimeScene;

use super::console::{
    Acts, AddPanel, Claims, Frame, KeepInCity, KeyLayer, KeyOwner, PanelActs, PanelClaims, View,
};
use super::director::DrillState;
use super::layout::TIME_H;
use super::pen::Pen;
use super::topbar::Strip;
use super::widgets::area;
use super::world::WorldLook;
use crate::live::Selection;
use crate::net::{Chronicle, City};
use crate::output::Output;
use crate::readiness::Readiness;
use bevy::prelude::*;
use bevy_egui::egui::{Context, CornerRadius, Order};
use chengtu_engine::record::World as CityWorld;

/// Height of the bar when it is tall.
pub const TALL_H: f32 = 188.0;
/// Height of the row of buttons.
const HEAD_H: f32 = 48.0;
/// What a picture waits for while the bar is tall.
const GATE: &str = "the time line";

/// What is open above the bar has the keys alone, and so has a moment that is being typed.
const LIST: KeyOwner = KeyOwner("time-list");
const NOTE: KeyOwner = KeyOwner("time-note");
const TYPED: KeyOwner = KeyOwner("time-bar");

/// Shows time, and moves in it.
pub struct TimePlugin;

impl Plugin for TimePlugin {
    fn build(&self, app: &mut App) {
        app.init_resource::<TimeBar>()
            .add_message::<TimeAct>()
            .keep_in_city::<TimeBar>()
            .add_systems(PanelClaims, claim)
            .add_systems(PanelActs, (acts::carry_out, wait_for_answers).chain())
            .add_owner_keys(LIST, KeyLayer::Popup, keys::leave)
            .add_owner_keys(NOTE, KeyLayer::Popup, keys::leave_note)
            .add_owner_keys(TYPED, KeyLayer::Popup, keys::leave_typed)
            .add_keys(KeyLayer::Map, keys::take)
            .add_panel(draw_panel);
    }
}

fn claim(city: Res<City>, bar: Res<TimeBar>, mut claims: ResMut<Claims>) {
    claims.own_keys(LIST, bar.list.is_some());
    claims.own_keys(NOTE, bar.note.is_some());
    claims.own_keys(TYPED, bar.typed.is_some());
    claims.time_h = claims.time_h.max(height(&bar, city.world()));
}

fn draw_panel(
    view: View,
    chronicle: Res<Chronicle>,
    strip: Res<Strip>,
    drill: Res<DrillState>,
    mut bar: ResMut<TimeBar>,
    mut acts: ResMut<Acts>,
) {
    // The director has a bar of his own.
    if drill.is_director() {
        return;
    }
    let scene = TimeScene {
        scene: view.scene(),
        chronicle: &chronicle,
        timeline: bar.asked.answered(&chronicle),
        histogram: &strip.histogram,
        drill: &drill,
    };
    draw_bar(&scene.ctx, &scene, &mut bar, &mut acts);
}

/// A picture waits for what the tall bar shows of its stretch.
fn wait_for_answers(
    frame: Res<Frame>,
    bar: Res<TimeBar>,
    selection: Res<Selection>,
    chronicle: Res<Chronicle>,
    output: Res<Output>,
    mut readiness: ResMut<Readiness>,
) {
    if !output.is_still() {
        return;
    }
    let past = matches!(frame.world, CityWorld::Replay(_) | CityWorld::Fork(_));
    let answered = !past
        || !bar.is_tall(frame.world)
        || bar.plot_px < 1.0
        || asks::is_answered(&bar, *selection, bar.plot_px, &chronicle);
    readiness.set(GATE, answered);
}

/// Height of the bar of a world.
fn height(bar: &TimeBar, world: CityWorld) -> f32 {
    if bar.is_tall(world) { TALL_H } else { TIME_H }
}

/// Draws the bar, slim or tall, and what is open above it.
fn draw_bar(ctx: &Context, s: &TimeScene<'_>, st: &mut TimeBar, out: &mut Acts) {
    let world = &s.look;
    let shows = Shows::of(s, st);
    lay::lay(st, &shows);
    if st.is_tall(s.world) {
        tall(ctx, s, st, world, out);
    } else {
        slim::draw(ctx, s, st, world, out);
    }
    lists::draw(ctx, s, st, world, out);
    step::draw(ctx, s, st);
}

fn tall(ctx: &Context, s: &TimeScene<'_>, st: &mut TimeBar, world: &WorldLook, out: &mut Acts) {
    let bar = s.layout.time;
    area(ctx, "time-bar", bar, Order::Middle, |ui| {
        let painter = ui.painter().clone();
        let pen = Pen {
            painter: &painter,
            skin: s.skin,
        };
        painter.rect_filled(bar, CornerRadius::ZERO, world.time_bar);
        pen.hline(bar.min.x, bar.max.x, bar.min.y + 0.5, world.line);
        let lanes = lanes::Lanes::new(bar, bar.min.y + HEAD_H);
        st.plot_px = lanes.plot.width();
        transport::draw(ui, &pen, s, st, world, bar, bar.min.y + 25.0, out);
        plot::draw(ui, &pen, s, st, world, &lanes, out);
    });
}
