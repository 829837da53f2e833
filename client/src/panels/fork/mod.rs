//! The fork on the screen: where it is begun, both branches side by side, and what is taken over from it.

mod acts;
mod grid;
mod pane;
mod plots;
mod possible;
mod proposals;
mod rules;
mod start;
mod state;
mod table;
#[cfg(test)]
mod tests;
mod top;

use grid::Grid;
pub use rules::{can_begin, can_try};
pub use start::{Place, at_place};
#[cfg(test)]
pub use state::{About, Change, Start};
pub use state::{ForkAct, ForkState};

use super::PanelOptions;
use super::city_alarms;
use super::console::{
    Acts, AddPanel, Claims, Covered, KeyLayer, KeyOwner, Keys, PanelActs, PanelClaims, Scene, View,
};
use super::help::HelpState;
use super::time::TimeAct;
use super::widgets::area;
use super::worlds::WorldAct;
use crate::input::Act;
use crate::live::Selection;
use crate::net::{City, NetSystems, Rankings};
use crate::readiness::Readiness;
use bevy::prelude::*;
use bevy_egui::egui::{Context, CornerRadius, Order};
use chengtu_engine::record::World as CityWorld;
use chengtu_engine::replay::TimeControl;
use std::ops::Deref;

/// Both branches have the keys alone, and so has the list that a fork is begun from.
const BRANCHES: KeyOwner = KeyOwner("fork");
const START: KeyOwner = KeyOwner("fork-start");

/// Begins forks, shows both branches, proposes what a branch did.
pub struct ForkPanelPlugin;

impl Plugin for ForkPanelPlugin {
    fn build(&self, app: &mut App) {
        let begin = app.world().resource::<PanelOptions>().what_if;
        app.insert_resource(ForkState::new(begin))
            .add_message::<ForkAct>()
            .add_systems(
                PreUpdate,
                (acts::hear, acts::hear_commands).after(NetSystems::Receive),
            )
            .add_systems(Update, acts::carry)
            .add_systems(PanelClaims, claim)
            .add_systems(PanelActs, acts::carry_out)
            .add_systems(PanelActs, go_home)
            .add_owner_keys(BRANCHES, KeyLayer::WholeScreen, keys_of_branches)
            .add_owner_keys(START, KeyLayer::Window, keys)
            .add_overlay(draw_branches)
            .add_panel(draw_aside);
        if begin {
            let mut gates = app.world_mut().resource_mut::<Readiness>();
            gates.wait_for(acts::GATE);
        }
    }
}

/// What the list is made from that a fork is begun from, beside what every panel reads.
#[derive(Clone, Copy)]
struct ForkScene<'a> {
    scene: Scene<'a>,
    rankings: &'a Rankings,
}

impl<'a> Deref for ForkScene<'a> {
    type Target = Scene<'a>;

    fn deref(&self) -> &Scene<'a> {
        &self.scene
    }
}

fn claim(state: Res<ForkState>, mut claims: ResMut<Claims>) {
    claims.own_keys(START, state.start.is_some());
    claims.own_keys(BRANCHES, state.is_open());
    if state.is_open() {
        claims.whole_screen = true;
        claims.look = Some(CityWorld::Fork(0));
    }
}

fn keys_of_branches(
    mut keys: ResMut<Keys>,
    help: Res<HelpState>,
    mut state: ResMut<ForkState>,
    mut acts: ResMut<Acts>,
) {
    keys.take(|act| {
        let home = act == Act::BackToLive && state.is_open();
        if home {
            acts.push(TimeAct::Live);
        }
        home || key(act, &mut state, help.open)
    });
}

/// The way home is the same from everywhere: it closes the branches too.
fn go_home(mut acts: MessageReader<TimeAct>, mut state: ResMut<ForkState>) {
    if acts.read().any(|act| *act == TimeAct::Live) {
        state.view = None;
    }
}

fn keys(selection: Res<Selection>, mut keys: ResMut<Keys>, mut state: ResMut<ForkState>) {
    keys.take(|act| {
        let mine = act == Act::Fork;
        if mine {
            state.toggle(selection.case());
        }
        mine
    });
    keys.leave(|| state.start.take().is_some());
}

/// Both branches, over the whole screen.
fn draw_branches(
    view: View,
    city: Res<City>,
    mut state: ResMut<ForkState>,
    mut covered: ResMut<Covered>,
    mut acts: ResMut<Acts>,
) {
    if state.is_open() {
        let s = view.scene();
        let grid = Grid::new(
            s.layout.screen,
            s.look.frame,
            city_alarms::waits_over_all(&s, &city),
        );
        draw_both(&s.ctx, &s, &grid, &mut state, &mut acts);
        covered.0.push(s.layout.screen);
    }
}

/// What belongs to forks on the ordinary console: the list that a fork is begun from, and proposals to be confirmed.
fn draw_aside(
    view: View,
    rankings: Res<Rankings>,
    mut state: ResMut<ForkState>,
    mut covered: ResMut<Covered>,
    mut acts: ResMut<Acts>,
) {
    let scene = ForkScene {
        scene: view.scene(),
        rankings: &rankings,
    };
    let (s, state, out) = (&scene, &mut *state, &mut *acts);
    let list = start::draw(&s.ctx, s, state, &covered.0, out);
    covered.0.extend(list);
    covered.0.extend(proposals::draw(&s.ctx, s, state, out));
}

/// Draws both branches over the whole screen.
fn draw_both(ctx: &Context, s: &Scene<'_>, grid: &Grid, st: &mut ForkState, out: &mut Acts) {
    let Some(mut view) = st.view.take() else {
        return;
    };
    let world = &s.look;
    let mut keep = true;
    area(ctx, "fork", s.layout.screen, Order::Middle, |ui| {
        let ground = ui.painter().clone();
        ground.rect_filled(s.layout.screen, CornerRadius::ZERO, s.skin.base);
        keep = top::draw(ui, s, &mut view, world, grid.top, out);
        for i in 0..2 {
            pane::draw(ui, s, &mut view, i, grid.heads[i], grid.maps[i]);
        }
        plots::draw(ui, s, &view, world, grid.plots);
        if table::draw(ui, s, &view, world, grid.table) {
            // Taken over where the commands are real: each is confirmed there, one by one.
            st.proposals.clone_from(&view.report.plan);
            out.push(WorldAct::Enter(chengtu_engine::stream::WorldChoice::Live));
            keep = false;
        }
    });
    if keep {
        st.view = Some(view);
    }
}

/// What a key does while two branches fill the screen; true where it was for them.
fn key(act: Act, st: &mut ForkState, help: bool) -> bool {
    let Some(view) = &mut st.view else {
        return false;
    };
    match act {
        Act::Leave if !help => st.view = None,
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
        Act::Help
        | Act::Language
        | Act::LargerText
        | Act::SmallerText
        | Act::UsualText
        | Act::Leave => return false,
        // What acts on the console behind is not there while it cannot be seen.
        _ => {}
    }
    true
}
