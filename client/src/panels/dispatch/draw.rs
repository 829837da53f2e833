//! Dispatch: the ranked units and why each has its rank, the button, and what happens after it.

use super::history;
use super::scene::CaseScene;
use super::state::DispatchState;
use super::{progress, table};
use crate::facts::case;
use crate::panels::console::Acts;
use crate::panels::pen::Pen;
use bevy_egui::egui::{Rect, Ui, pos2};
use chengtu_engine::permission::Permission;
use chengtu_engine::stream::CaseView;

/// Draws the lower part of a case's panel.
pub fn draw(
    ui: &mut Ui,
    pen: &Pen<'_>,
    s: &CaseScene<'_>,
    st: &mut DispatchState,
    rect: Rect,
    c: &CaseView,
    out: &mut Acts,
) {
    if s.is_past() {
        // What was done is shown; what could be done now is not there to be pressed.
        st.another = None;
        return if c.units.is_empty() || !case::takes_units(c) {
            history::draw(ui, pen, s, rect, c, out);
        } else {
            progress::progress(ui, pen, s, st, rect, c, out);
        };
    }
    if !case::takes_units(c) {
        let foot = if case::awaits_check(c) {
            progress::check(ui, pen, s, st, rect, c, out)
        } else if case::can_be_restored(c, s.now) && s.may(Permission::DecideCases) {
            progress::restore(ui, pen, s, st, rect, c, out)
        } else {
            rect.max.y
        };
        return history::draw(
            ui,
            pen,
            s,
            Rect::from_min_max(rect.min, pos2(rect.max.x, foot)),
            c,
            out,
        );
    }
    if c.units.is_empty() || st.another.is_some() {
        table::table(ui, pen, s, st, rect, c, out);
    } else {
        progress::progress(ui, pen, s, st, rect, c, out);
    }
}
