use super::acts::DispatchAct;
use super::order::Table;
use super::rows::command;
use super::scene::CaseScene;
use super::shown::{Another, Does, Shown};
use super::state::{DispatchState, Warning};
use super::{bundle, confirm};
use crate::facts::case::takes_units;
use crate::facts::case_of;
use crate::input::{Act, Zone};
use crate::live::Grid;
use crate::net::Rankings;
use crate::panels::console::{Acts, FocusZone, Keys, View};
use bevy::prelude::{Res, ResMut};
use chengtu_engine::ids::CaseId;
use chengtu_engine::permission::Permission;
use chengtu_engine::stream::CaseView;
use std::time::Instant;

pub(super) fn take(
    view: View,
    rankings: Res<Rankings>,
    grid: Res<Grid>,
    mut keys: ResMut<Keys>,
    mut state: ResMut<DispatchState>,
    mut acts: ResMut<Acts>,
) {
    let scene = CaseScene {
        scene: view.scene(),
        rankings: &rankings,
        grid: &grid,
        choosing_fork: false,
    };
    let (s, st, out) = (&scene, &mut *state, &mut *acts);
    let seen = keys.seen();
    keys.take(|act| {
        match act {
            Act::NextUnit => choose(s, st, 1),
            Act::PreviousUnit => choose(s, st, -1),
            Act::ChooseUnit(n) => {
                let n = usize::from(n).saturating_sub(1);
                // Where no rows are drawn, a digit chooses none of those that were drawn before.
                if table(s, st).is_some()
                    && let Some(shown) = pressed_for(s, st, seen)
                {
                    let unit = shown.rows.get(n).copied();
                    st.unit = unit.or(st.unit);
                }
            }
            Act::Dispatch => send(s, st, seen, out),
            Act::FocusDispatch => focus(s, st, out),
            Act::SecondUnit => second(s, st, out),
            Act::Recall => {
                return with_case(s, Permission::SendUnits, |c| confirm::recall(s, c, out));
            }
            Act::Bundle => {
                return with_case(s, Permission::DecideCases, |c| bundle::ask(s, c, out));
            }
            Act::Void => {
                return with_case(s, Permission::DecideCases, |c| confirm::void(s, c, out));
            }
            _ => return false,
        }
        true
    });
    keys.leave(|| st.another.take().is_some());
}

/// The case in the panel, however it was chosen.
fn case(s: &CaseScene<'_>) -> Option<CaseId> {
    case_of(s.mirror, s.selection)
}

/// Does something with the case in the panel, where it may be commanded; false where there is none.
fn with_case(s: &CaseScene<'_>, needs: Permission, act: impl FnOnce(&CaseView)) -> bool {
    let Some(c) = case(s).and_then(|id| s.mirror.cases.get(&id)) else {
        return false;
    };
    if s.may(needs) && s.is_live() {
        act(c);
    }
    true
}

/// What was on the screen when the key went down; where something else is there by now, that is said instead.
fn pressed_for(s: &CaseScene<'_>, st: &mut DispatchState, seen: u64) -> Option<Shown> {
    let last = st.shown.as_ref()?;
    let shown = last.when_pressed(seen, s.world, case(s)).cloned();
    if shown.is_none() {
        st.warning = Some((Warning::Changed, Instant::now()));
    }
    shown
}

/// Gives the table the keyboard; where it has it, the newest order is taken.
fn focus(s: &CaseScene<'_>, st: &mut DispatchState, out: &mut Acts) {
    if case(s).is_none() {
        return;
    }
    if s.zone == Zone::Dispatch {
        st.held = None;
    }
    out.push(FocusZone(Zone::Dispatch));
}

/// Looks for one more unit.
fn second(s: &CaseScene<'_>, st: &mut DispatchState, out: &mut Acts) {
    let open = case(s).and_then(|id| s.mirror.cases.get(&id));
    if open.is_some_and(takes_units) && s.may(Permission::SendUnits) {
        st.another = open
            .filter(|c| !c.units.is_empty())
            .map(|_| Another::Besides);
        st.unit = None;
        out.push(FocusZone(Zone::Dispatch));
    }
}

/// The table, where units can be sent.
fn table<'a>(s: &CaseScene<'a>, st: &DispatchState) -> Option<(&'a CaseView, Table)> {
    let case = s.mirror.cases.get(&case(s)?)?;
    if !takes_units(case) || (!case.units.is_empty() && st.another.is_none()) {
        return None;
    }
    Some((case, Table::of(s, st, case)?))
}

fn choose(s: &CaseScene<'_>, st: &mut DispatchState, by: isize) {
    let Some((_, table)) = table(s, st) else {
        return;
    };
    let rows = &table.rows;
    let here = table.offered().unwrap_or(0);
    let free: Vec<usize> = (0..rows.len()).filter(|i| rows[*i].free).collect();
    let at = free
        .iter()
        .position(|i| *i == here)
        .unwrap_or(0)
        .saturating_add_signed(by);
    if let Some(i) = free.get(at.min(free.len().saturating_sub(1))) {
        st.unit = Some(rows[*i].unit);
    }
}

fn send(s: &CaseScene<'_>, st: &mut DispatchState, seen: u64, out: &mut Acts) {
    if !s.may(Permission::SendUnits) || !s.is_live() {
        return;
    }
    let Some((case, table)) = table(s, st) else {
        return;
    };
    if st.sending_for(case.id).is_some() {
        return;
    }
    let Some(shown) = pressed_for(s, st, seen) else {
        return;
    };
    // What is drawn next, and what was drawn, are the same; or nothing is sent.
    if shown.does != table.does || shown.another != st.another {
        st.warning = Some((Warning::Changed, Instant::now()));
        return;
    }
    match (shown.does, table.offered()) {
        (Does::Send(_), Some(i)) => {
            out.push(DispatchAct::Give(command(case, st.another, &table.rows[i])));
        }
        (Does::Choose(unit), _) => st.unit = Some(unit),
        (Does::Send(_) | Does::Nothing, _) => {}
    }
}
