//! Whose units drive along as ghosts: an earlier attempt's, an earlier drill's, or what really happened.

use super::DRAWER;
use super::DrillAct;
use super::state::DrillState;
use crate::i18n::Words;
use crate::panels::console::{Acts, Scene};
use crate::panels::pen::Pen;
use crate::panels::widgets::{button, field};
use bevy_egui::egui::{Id, Rect, Ui, pos2, vec2};
use chengtu_engine::drill::{DrillView, GhostOf};

/// What can be chosen without naming a drill: none, the attempts before this one, the last of them first, and what
/// really happened; and what is `chosen`, whatever it is.
pub(super) fn choices(view: &DrillView, chosen: Option<GhostOf>) -> Vec<Option<GhostOf>> {
    let attempts = (1..view.attempt).rev().map(GhostOf::Attempt);
    let mut all = vec![None];
    all.extend(attempts.chain([GhostOf::Real]).map(Some));
    if !all.contains(&chosen) {
        all.push(chosen);
    }
    all
}

/// A ghost in words.
pub(super) fn title(of: Option<GhostOf>, w: &Words) -> String {
    match of {
        None => w.t("ghost.none").into(),
        Some(GhostOf::Attempt(n)) => w.n("ghost.attempt", n),
        Some(GhostOf::Drill(n)) => w.n("ghost.drill", n),
        Some(GhostOf::Real) => w.t("ghost.real").into(),
    }
}

/// Words of the button that opens the list: with whose ghost it is, where there is one.
pub fn ghost_label(of: Option<GhostOf>, w: &Words) -> String {
    match of {
        None => w.t("ghost.button").into(),
        Some(_) => w.f("ghost.button_of", &[("whose", &title(of, w))]),
    }
}

/// The drill that was typed, where it is the number of one.
fn typed(text: &str) -> Option<GhostOf> {
    let number = text.trim().trim_start_matches('#').parse::<u32>().ok();
    number.filter(|n| *n > 0).map(GhostOf::Drill)
}

/// Room for the number of an earlier drill, below the list.
pub(super) fn foot(
    ui: &mut Ui,
    pen: &Pen<'_>,
    s: &Scene<'_>,
    state: &mut DrillState,
    foot: Rect,
    out: &mut Acts,
) {
    let r = foot.shrink2(vec2(16.0, 10.0));
    let (left, right) = r.split_left_right_at_x(r.max.x - 72.0);
    let enter = ui.ctx().text_edit_focused() && s.list_keys(DRAWER).enter;
    let hint = s.words.t("ghost.drill_hint");
    field(ui, pen, left, "ghost-drill", &mut state.ghost, hint, false);
    let of = typed(&state.ghost);
    let put = Rect::from_min_max(pos2(right.min.x + 8.0, right.min.y), right.max);
    let label = s.words.t("ghost.show");
    let pressed = button(ui, pen, put, Id::new("ghost-show"), label, of.is_some());
    if of.is_some() && (pressed || enter) {
        out.push(DrillAct::Ghost(of));
        state.ghost.clear();
        state.drawer = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Lang;
    use crate::panels::model::sample_drill::view;
    use chengtu_engine::drill::Seat;

    #[test]
    fn the_attempts_before_this_one_can_be_chosen_and_not_this_one() {
        let mut v = view(Seat::Participant);
        let (none, real) = (None, Some(GhostOf::Real));
        assert_eq!(choices(&v, none), [none, real]);
        v.attempt = 3;
        let [second, first] = [2, 1].map(|n| Some(GhostOf::Attempt(n)));
        assert_eq!(choices(&v, second), [none, second, first, real]);
        let other = Some(GhostOf::Drill(7));
        assert_eq!(choices(&v, other).last(), Some(&other));
    }

    #[test]
    fn a_drill_is_named_by_its_number_and_by_nothing_else() {
        assert_eq!(typed(" #12 "), Some(GhostOf::Drill(12)));
        for bad in ["", "0", "-1", "x", "3.5", "99999999999"] {
            assert_eq!(typed(bad), None, "{bad}");
        }
    }

    #[test]
    fn the_button_says_whose_ghost_it_is() {
        let w = Words::shipped(Lang::En).unwrap();
        assert_eq!(ghost_label(None, &w), "Ghost");
        assert!(ghost_label(Some(GhostOf::Attempt(2)), &w).contains('2'));
        assert_ne!(ghost_label(Some(GhostOf::Real), &w), "Ghost");
    }
}
