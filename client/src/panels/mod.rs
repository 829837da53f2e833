//! The panels: everything that is read and pressed around the map.
//!
//! What is shown is calculated from the mirror by plain functions ([`model`]); drawing reads a [`state::Scene`] and
//! says what is asked for as [`state::Action`]s, which are carried out in one place ([`acts`]). Everything is
//! placed by [`layout::Layout`], the design's grid, and drawn with [`skin::Skin`], the design's values.

mod acts;
mod alarm_plate;
mod banner;
mod bell;
mod browser;
mod detail;
pub mod director;
mod dispatch;
pub mod fork;
mod help;
mod history;
mod icons;
mod keys;
pub mod layout;
mod mapchrome;
mod marks;
mod menu;
pub mod model;
mod notice;
#[cfg(test)]
mod overlaps;
mod overview;
mod pen;
#[cfg(test)]
mod pictures;
mod plugin;
mod queue;
mod refusal;
mod search;
mod sensor;
pub mod skin;
pub mod state;
pub mod time;
mod topbar;
mod unit;
mod widgets;
pub mod world;
mod worlds;

pub use icons::Icons;
pub use mapchrome::attribution_of;
pub use pen::{Pen, Span, span};
pub use plugin::{PanelOptions, PanelsPlugin, PanelsSystems};

use crate::i18n::Words;
use bevy_egui::egui::{Context, Rect};
use chengtu_engine::record::World;
use state::{Action, PanelState, Scene};
use world::WorldLook;

/// A skill in words; one that has none is shown by its key.
fn skill_word<'a>(skill: &'a str, words: &'a Words) -> &'a str {
    match skill {
        "sanitation" => words.t("skill.sanitation"),
        "drainage" => words.t("skill.drainage"),
        "manhole" => words.t("skill.manhole"),
        "repair" => words.t("skill.repair"),
        "lighting" => words.t("skill.lighting"),
        "greening" => words.t("skill.greening"),
        "enforcement" => words.t("skill.enforcement"),
        "patrol" => words.t("skill.patrol"),
        "traffic" => words.t("skill.traffic"),
        other => other,
    }
}

/// Draws every panel of the console; returns the rectangles that cover the map.
fn draw(
    ctx: &Context,
    s: &Scene<'_>,
    st: &mut PanelState,
    world: &WorldLook,
    out: &mut Vec<Action>,
) -> Vec<Rect> {
    s.skin.warm(ctx);
    if fork::is_open(st) {
        let covered = fork::show(ctx, s, st, world, out);
        banner::show(ctx, s, st);
        help::show(ctx, s, st);
        world.draw(ctx, s.skin, s.layout.screen, world.frame);
        return covered;
    }
    let mut covered = s.layout.covering();
    covered.extend(mapchrome::show(ctx, s, st, out));
    topbar::show(ctx, s, st, world, out);
    if !director::is_director(st) {
        time::show(ctx, s, st, world, out);
    }
    covered.extend(director::show(ctx, s, st, world, out));
    queue::show(ctx, s, st, out);
    detail::show(ctx, s, st, out);
    menu::show(ctx, s, st, out);
    covered.extend(alarm_plate::show(ctx, s, st, out));
    covered.extend(fork::show_aside(ctx, s, st, out));
    banner::show(ctx, s, st);
    search::show(ctx, s, st, out);
    let here = s.mirror.hello.as_ref().map_or(World::Live, |h| h.world);
    worlds::show(ctx, s, st, here, out);
    help::show(ctx, s, st);
    world.draw(ctx, s.skin, s.layout.screen, world.frame);
    covered
}
