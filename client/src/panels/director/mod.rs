//! A drill on the screen: the director's console with what is still to come, and what a participant sees.
//!
//! The server sends what the seat may know and nothing else; here nothing is hidden, because nothing that must be
//! hidden is there.

mod acts;
mod bar;
mod card;
mod confirm;
mod drawer;
mod ghosts;
mod lanes;
mod pages;
mod rows;
mod rules;
mod state;

pub use acts::DrillAct;
pub use ghosts::ghost_label;
pub use state::{Drawer, DrillState};

use super::console::{
    Acts, AddPanel, Claims, Covered, KeyLayer, KeyOwner, Keys, PanelActs, PanelClaims, Scene, View,
};
use super::model::drill;
use crate::input::Act;
use crate::net::NetSystems;
use bevy::prelude::*;
use bevy_egui::egui::{Context, Rect, pos2};
use chengtu_engine::drill::DrillPhase;
use chengtu_engine::record::World as CityWorld;
use chengtu_engine::time::Timestamp;
use rules::BAR_H;

/// An open drawer has the keys alone.
const DRAWER: KeyOwner = KeyOwner("director-drawer");

/// Shows the current drill, and what its director does.
pub struct DirectorPlugin;

impl Plugin for DirectorPlugin {
    fn build(&self, app: &mut App) {
        app.init_resource::<DrillState>()
            .add_message::<DrillAct>()
            .add_systems(PreUpdate, state::hear.after(NetSystems::Receive))
            .add_systems(PanelClaims, claim)
            .add_systems(PanelActs, acts::carry_out)
            .add_owner_keys(DRAWER, KeyLayer::Window, keys)
            .add_panel(draw_panel)
            .add_overlay(draw_card);
    }
}

/// The director's time bar takes the place of the ordinary one.
fn claim(state: Res<DrillState>, mut claims: ResMut<Claims>) {
    claims.own_keys(DRAWER, state.view.is_some() && state.drawer.is_some());
    if state.is_director() {
        claims.time_h = claims.time_h.max(BAR_H);
    }
}

fn keys(view: View, mut keys: ResMut<Keys>, mut state: ResMut<DrillState>, mut acts: ResMut<Acts>) {
    let s = &view.scene();
    let in_drill = matches!(s.world, CityWorld::Drill(_));
    keys.take(|act| {
        match act {
            // In a drill the clock is the director's.
            Act::Play if in_drill => {
                key(Act::DrillRun, &mut state, s.now, &mut acts);
            }
            Act::DrillRun
            | Act::DrillFire
            | Act::DrillPostpone
            | Act::DrillRewind
            | Act::DrillNotes
            | Act::DrillScore
            | Act::DrillGhost => {
                if key(act, &mut state, s.now, &mut acts) == Asks::Postpone {
                    confirm::postpone_all(s, &mut acts);
                }
            }
            _ => return false,
        }
        true
    });
    keys.leave(|| state.drawer.take().is_some());
}

fn draw_panel(
    view: View,
    mut state: ResMut<DrillState>,
    mut covered: ResMut<Covered>,
    mut acts: ResMut<Acts>,
) {
    let s = view.scene();
    covered
        .0
        .extend(draw_all(&s.ctx, &s, &mut state, &mut acts));
}

/// The brief and the end, below whatever else lies over the map.
fn draw_card(
    view: View,
    mut state: ResMut<DrillState>,
    mut covered: ResMut<Covered>,
    mut acts: ResMut<Acts>,
) {
    let Some(drill) = state.view.take() else {
        return;
    };
    let s = view.scene();
    let card = card::draw(&s.ctx, &s, &mut state, &drill, &covered, &mut acts);
    covered.0.extend(card);
    state.view = Some(drill);
}

/// What is asked before a key is obeyed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asks {
    Nothing,
    /// Whether everything that is still to come is to be put off.
    Postpone,
}

/// What a key of the director does; nothing in any other seat, but for choosing a ghost.
fn key(act: Act, state: &mut DrillState, now: Timestamp, out: &mut Acts) -> Asks {
    if act == Act::DrillGhost && state.view.is_some() {
        // From every seat: what an earlier team did is no secret.
        state.toggle(Drawer::Ghost);
        return Asks::Nothing;
    }
    let Some(view) = state.view.as_deref().filter(|v| drill::directs(v)) else {
        return Asks::Nothing;
    };
    let ended = view.phase == DrillPhase::Ended;
    match act {
        Act::DrillNotes => state.toggle(Drawer::Notes),
        Act::DrillScore => state.toggle(Drawer::Score),
        _ if ended => {}
        Act::DrillRun => out.push(DrillAct::Direct(bar::run_or_pause(view))),
        Act::DrillPostpone => return Asks::Postpone,
        Act::DrillFire => state.toggle(Drawer::Fire),
        Act::DrillRewind if drill::back(view, now).is_some() => state.toggle(Drawer::Rewind),
        _ => {}
    }
    Asks::Nothing
}

/// Draws what belongs to a drill; returns what covers the map. The director's time bar takes the place of the
/// ordinary one.
fn draw_all(ctx: &Context, s: &Scene<'_>, state: &mut DrillState, out: &mut Acts) -> Vec<Rect> {
    let Some(view) = state.view.take() else {
        return Vec::new();
    };
    let mut covered = Vec::new();
    let world = &s.look;
    let anchors = if drill::directs(&view) {
        bar::draw(ctx, s, state, &view, world, out)
    } else {
        // Above the button at the end of the slim bar.
        let bar = s.layout.time;
        vec![(Drawer::Ghost, pos2(bar.max.x, bar.min.y))]
    };
    covered.extend(drawer::draw(ctx, s, state, &view, anchors, out));
    state.view = Some(view);
    covered
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::panels::model::sample_drill::{AT, view};
    use chengtu_engine::drill::{DirectorAct, Seat};

    fn pressed(act: Act, seat: Seat, phase: DrillPhase) -> (Vec<DrillAct>, Option<Drawer>) {
        let mut st = DrillState::default();
        let drill = chengtu_engine::drill::DrillView {
            phase,
            ..view(seat)
        };
        st.view = Some(Box::new(drill));
        let mut out = Acts::default();
        key(act, &mut st, AT, &mut out);
        (out.of().into_iter().cloned().collect(), st.drawer)
    }

    #[test]
    fn the_directors_keys_do_what_they_say() {
        use DrillPhase::{Ended, Paused, Running};
        let ask = |act, phase| pressed(act, Seat::Director, phase).0;
        assert_eq!(
            ask(Act::DrillRun, Running),
            [DrillAct::Direct(DirectorAct::Pause)]
        );
        assert_eq!(
            ask(Act::DrillRun, Paused),
            [DrillAct::Direct(DirectorAct::Start)]
        );
        assert_eq!(ask(Act::DrillRun, Ended), []);
        // Everybody's course is changed only when that has been confirmed.
        assert_eq!(ask(Act::DrillPostpone, Running), []);
        let mut st = DrillState {
            view: Some(Box::new(view(Seat::Director))),
            ..DrillState::default()
        };
        let mut out = Acts::default();
        let asks = key(Act::DrillPostpone, &mut st, AT, &mut out);
        assert_eq!((asks, out.is_empty()), (Asks::Postpone, true));
        let opened = |act| pressed(act, Seat::Director, Running).1;
        assert_eq!(opened(Act::DrillFire), Some(Drawer::Fire));
        assert_eq!(opened(Act::DrillRewind), Some(Drawer::Rewind));
    }

    #[test]
    fn a_participant_has_none_of_the_directors_keys() {
        for act in [
            Act::DrillRun,
            Act::DrillFire,
            Act::DrillPostpone,
            Act::DrillRewind,
            Act::DrillNotes,
            Act::DrillScore,
        ] {
            let (asked, drawer) = pressed(act, Seat::Participant, DrillPhase::Running);
            assert!(asked.is_empty() && drawer.is_none(), "{act:?}");
        }
    }

    #[test]
    fn a_ghost_can_be_chosen_from_every_seat() {
        for seat in [Seat::Director, Seat::Participant, Seat::Viewer] {
            let (asked, drawer) = pressed(Act::DrillGhost, seat, DrillPhase::Running);
            assert_eq!((asked.len(), drawer), (0, Some(Drawer::Ghost)), "{seat:?}");
        }
        let mut nowhere = DrillState::default();
        key(Act::DrillGhost, &mut nowhere, AT, &mut Acts::default());
        assert_eq!(nowhere.drawer, None);
    }
}
