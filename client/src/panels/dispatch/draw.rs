//! Dispatch: the ranked units and why each has its rank, the button, and what happens after it.

use super::history;
use super::scene::CaseScene;
use super::state::DispatchState;
use super::{progress, table};
use crate::facts::case;
use crate::panels::console::Acts;
use crate::panels::model::ranking::{self, RankRow};
use crate::panels::pen::Pen;
use bevy_egui::egui::{Rect, Ui, pos2};
use chengtu_engine::command::{CommandRequest, Target};
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
        st.reassign = false;
        return if c.units.is_empty() || !case::takes_units(c) {
            history::draw(ui, pen, s, rect, c, out);
        } else {
            progress::progress(ui, pen, s, st, rect, c, out);
        };
    }
    if !case::takes_units(c) {
        let foot = if case::awaits_check(c) {
            progress::check(ui, pen, s, st, rect, c, out)
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
    if c.units.is_empty() || st.reassign {
        table::table(ui, pen, s, st, rect, c, out);
    } else {
        progress::progress(ui, pen, s, st, rect, c, out);
    }
}

/// The command that sends a unit to a case: in place of the first unit where another is wanted.
pub fn command(c: &CaseView, reassign: bool, row: &RankRow) -> CommandRequest {
    let expected_s = row.seconds.map(|s| s.round() as u32);
    match (reassign, c.units.first()) {
        (true, Some(from)) => CommandRequest::ReassignCase {
            case: c.id,
            from: *from,
            to: row.unit,
            expected_s,
        },
        _ => CommandRequest::DispatchUnit {
            unit: row.unit,
            target: Target::Case(c.id),
            expected_s,
        },
    }
}

/// Rows of the table as shown: those with the skill only, where that is asked for.
pub fn rows(s: &CaseScene<'_>, st: &DispatchState, c: &CaseView) -> Option<Vec<RankRow>> {
    let ranking = s.rankings.get(c.id)?;
    let mut rows = ranking::rows(s.mirror, c, &ranking.rows, s.words);
    if st.only_skilled {
        rows.retain(|r| r.skilled);
    }
    Some(rows)
}
