use super::acts::DispatchAct;
use super::draw::{command, rows};
use super::scene::CaseScene;
use super::state::DispatchState;
use crate::facts::case::takes_units;
use crate::input::{Act, Zone};
use crate::live::Grid;
use crate::net::Rankings;
use crate::panels::console::{Acts, FocusZone, Keys, View};
use crate::panels::model::ranking::{self, RankRow};
use bevy::prelude::{Res, ResMut};
use chengtu_engine::command::CommandRequest;
use chengtu_engine::stream::CaseView;

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
    keys.take(|act| {
        match act {
            Act::NextUnit => choose(s, st, 1),
            Act::PreviousUnit => choose(s, st, -1),
            Act::ChooseUnit(n) => {
                let n = usize::from(n).saturating_sub(1);
                if let Some(row) = table(s, st).and_then(|(_, rows)| rows.into_iter().nth(n)) {
                    st.unit = Some(row.unit);
                }
            }
            Act::Dispatch => send(s, st, out),
            Act::FocusDispatch => {
                if s.selection.case().is_some() {
                    out.push(FocusZone(Zone::Dispatch));
                }
            }
            Act::Recall => return recall(s, out),
            _ => return false,
        }
        true
    });
    keys.leave(|| std::mem::take(&mut st.reassign));
}

/// The rows to choose from, where units can be sent.
fn table<'a>(s: &CaseScene<'a>, st: &DispatchState) -> Option<(&'a CaseView, Vec<RankRow>)> {
    let case = s.mirror.cases.get(&s.selection.case()?)?;
    if !takes_units(case) || (!case.units.is_empty() && !st.reassign) {
        return None;
    }
    Some((case, rows(s, st, case)?))
}

fn choose(s: &CaseScene<'_>, st: &mut DispatchState, by: isize) {
    let Some((_, rows)) = table(s, st) else {
        return;
    };
    let here = ranking::offer(&rows, st.unit, &[]).unwrap_or(0);
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

fn send(s: &CaseScene<'_>, st: &DispatchState, out: &mut Acts) {
    if st.sending.is_some() || !s.may_command() || !s.is_live() {
        return;
    }
    let Some((case, rows)) = table(s, st) else {
        return;
    };
    if let Some(i) = ranking::offer(&rows, st.unit, &st.refused_units()) {
        out.push(DispatchAct::Give(command(case, st.reassign, &rows[i])));
    }
}

/// Recalls the first unit of a chosen case; false if no case is chosen.
fn recall(s: &CaseScene<'_>, out: &mut Acts) -> bool {
    let Some(case) = s.selection.case().and_then(|c| s.mirror.cases.get(&c)) else {
        return false;
    };
    if let Some(unit) = case.units.first().copied().filter(|_| s.may_command()) {
        out.push(DispatchAct::Give(CommandRequest::RecallUnit { unit }));
    }
    true
}
