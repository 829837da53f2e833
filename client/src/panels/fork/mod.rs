//! The fork on the screen: where one is begun, both branches side by side, and what is taken over from it.

mod desk;
mod grid;
mod pane;
mod plots;
mod proposals;
mod start;
mod table;
mod top;

pub use desk::{About, Change, Desk, View, carry, hear};
pub use start::{Place, Start, at_place, toggle};

use super::state::{Action, PanelState, Scene};
use super::widgets::area;
use super::world::WorldLook;
use crate::input::Act;
use bevy_egui::egui::{Context, CornerRadius, Order, Rect};
use chengtu_engine::record::World;
use chengtu_engine::replay::TimeControl;

/// True where a fork can be begun: a drill's future is nobody's to look at.
pub fn can_begin(s: &Scene<'_>) -> bool {
    matches!(s.world, World::Live | World::Replay(_)) && s.is_live()
}

/// How far both branches run ahead, seconds.
pub const AHEAD_S: u32 = 7_200;
/// Speeds that are offered.
pub const SPEEDS: [f32; 3] = [1.0, 60.0, 600.0];

/// True while two branches fill the screen.
pub fn is_open(st: &PanelState) -> bool {
    st.fork.view.is_some()
}

/// Draws both branches over the whole screen.
pub fn show(
    ctx: &Context,
    s: &Scene<'_>,
    st: &mut PanelState,
    world: &WorldLook,
    out: &mut Vec<Action>,
) -> Vec<Rect> {
    let Some(mut view) = st.fork.view.take() else {
        return Vec::new();
    };
    let grid = grid::Grid::new(s.layout.screen, world.frame);
    let mut keep = true;
    area(ctx, "fork", s.layout.screen, Order::Middle, |ui| {
        let ground = ui.painter().clone();
        ground.rect_filled(s.layout.screen, CornerRadius::ZERO, s.skin.base);
        keep = top::show(ui, s, &mut view, world, grid.top, out);
        for i in 0..2 {
            pane::show(ui, s, &mut view, i, grid.heads[i], grid.maps[i]);
        }
        plots::show(ui, s, &view, world, grid.plots);
        if table::show(ui, s, &view, world, grid.table) {
            // Taken over where the commands are real: each is confirmed there, one by one.
            st.fork.proposals.clone_from(&view.report.plan);
            out.push(Action::Enter(chengtu_engine::stream::WorldChoice::Live));
            keep = false;
        }
    });
    if keep {
        st.fork.view = Some(view);
    }
    vec![s.layout.screen]
}

/// Draws what belongs to forks on the ordinary console: where one can be begun, and proposals to be confirmed.
pub fn show_aside(
    ctx: &Context,
    s: &Scene<'_>,
    st: &mut PanelState,
    out: &mut Vec<Action>,
) -> Vec<Rect> {
    let mut covered = Vec::new();
    covered.extend(start::show(ctx, s, st, out));
    covered.extend(proposals::show(ctx, s, st, out));
    covered
}

/// What a key does while two branches fill the screen; true where it was for them.
pub fn key(act: Act, st: &mut PanelState) -> bool {
    let Some(view) = &mut st.fork.view else {
        return false;
    };
    match act {
        Act::Leave if !st.help => st.fork.view = None,
        Act::Play | Act::DrillRun => {
            let playing = view.clock.is_some_and(|c| c.playing);
            view.say.push(if playing {
                TimeControl::Pause
            } else {
                TimeControl::Play
            });
        }
        Act::Tilt => view.tilt(),
        Act::North => view.north(),
        Act::Help | Act::Language | Act::Leave => return false,
        // What acts on the console behind is not there while it cannot be seen.
        _ => {}
    }
    true
}
