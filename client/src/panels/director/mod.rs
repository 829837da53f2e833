//! A drill on the screen: the director's console with what is still to come, and what a participant is told.
//!
//! The server sends what the seat may know and nothing else; here nothing is hidden, because nothing that must be
//! hidden is there.

mod bar;
mod card;
mod desk;
mod drawer;
mod ghosts;
mod lanes;
mod pages;
mod rows;

pub use bar::phase_key;
pub use card::seat_key;
pub use desk::{Desk, Drawer, hear};
pub use ghosts::ghost_label;

use super::model::drill;
use super::state::{Action, PanelState, Scene};
use super::world::WorldLook;
use crate::input::Act;
use bevy_egui::egui::{Context, Rect, pos2};
use chengtu_engine::drill::{DirectorAct, DrillPhase};
use chengtu_engine::time::Timestamp;

/// Speeds that are offered, seconds of the drill a second.
pub const SPEEDS: [f32; 5] = [0.5, 1.0, 10.0, 60.0, 600.0];
/// By how much everything to come is put off with one press, seconds.
pub const POSTPONE_S: i32 = 300;
/// Height of the director's time bar, logical pixels: that of the tall bar, and room for goals that run beside one
/// another.
pub const BAR_H: f32 = 208.0;

/// True while one sits in the director's seat: the time bar is tall then.
pub fn is_director(st: &PanelState) -> bool {
    st.drill.view.as_deref().is_some_and(drill::directs)
}

/// What a key of the director does; nothing in any other seat, but for choosing a ghost.
pub fn key(act: Act, st: &mut PanelState, now: Timestamp, out: &mut Vec<Action>) {
    let desk = &mut st.drill;
    if act == Act::DrillGhost && desk.view.is_some() {
        // From every seat: what an earlier team did is no secret.
        return desk.toggle(Drawer::Ghost);
    }
    let Some(view) = desk.view.as_deref().filter(|v| drill::directs(v)) else {
        return;
    };
    let ended = view.phase == DrillPhase::Ended;
    match act {
        Act::DrillNotes => desk.toggle(Drawer::Notes),
        Act::DrillScore => desk.toggle(Drawer::Score),
        _ if ended => {}
        Act::DrillRun => out.push(Action::Direct(bar::run_or_pause(view))),
        Act::DrillPostpone => out.push(Action::Direct(DirectorAct::Postpone {
            inject: None,
            seconds: POSTPONE_S,
        })),
        Act::DrillFire => desk.toggle(Drawer::Fire),
        Act::DrillRewind if drill::back(view, now).is_some() => desk.toggle(Drawer::Rewind),
        _ => {}
    }
}

/// Draws what belongs to a drill; returns what covers the map. The director's time bar takes the place of the
/// ordinary one.
pub fn show(
    ctx: &Context,
    s: &Scene<'_>,
    st: &mut PanelState,
    world: &WorldLook,
    out: &mut Vec<Action>,
) -> Vec<Rect> {
    let Some(view) = st.drill.view.take() else {
        return Vec::new();
    };
    let mut covered = Vec::new();
    let desk = &mut st.drill;
    let anchors = if drill::directs(&view) {
        bar::show(ctx, s, desk, &view, world, out)
    } else {
        // Above the button at the end of the slim bar.
        let bar = s.layout.time;
        vec![(Drawer::Ghost, pos2(bar.max.x, bar.min.y))]
    };
    covered.extend(drawer::show(ctx, s, desk, &view, world, anchors, out));
    covered.extend(card::show(ctx, s, &mut st.drill, &view, world, out));
    st.drill.view = Some(view);
    covered
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::panels::model::sample_drill::{AT, view};
    use chengtu_engine::drill::Seat;

    fn pressed(act: Act, seat: Seat, phase: DrillPhase) -> (Vec<Action>, Option<Drawer>) {
        let mut st = PanelState::default();
        let drill = chengtu_engine::drill::DrillView {
            phase,
            ..view(seat)
        };
        st.drill.view = Some(Box::new(drill));
        let mut out = Vec::new();
        key(act, &mut st, AT, &mut out);
        (out, st.drill.drawer)
    }

    #[test]
    fn the_directors_keys_do_what_they_say() {
        use DrillPhase::{Ended, Paused, Running};
        let ask = |act, phase| pressed(act, Seat::Director, phase).0;
        assert_eq!(
            ask(Act::DrillRun, Running),
            [Action::Direct(DirectorAct::Pause)]
        );
        assert_eq!(
            ask(Act::DrillRun, Paused),
            [Action::Direct(DirectorAct::Start)]
        );
        assert_eq!(ask(Act::DrillRun, Ended), []);
        let later = DirectorAct::Postpone {
            inject: None,
            seconds: 300,
        };
        assert_eq!(ask(Act::DrillPostpone, Running), [Action::Direct(later)]);
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
        let mut nowhere = PanelState::default();
        key(Act::DrillGhost, &mut nowhere, AT, &mut Vec::new());
        assert_eq!(nowhere.drill.drawer, None);
    }
}
