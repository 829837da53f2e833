//! What keys do: turns the table's acts into changes of the panels and actions.

use super::mapchrome::is_offered;
use super::model::ranking;
use super::overview::alarms_in_order;
use super::state::{Action, PanelState, Scene};
use super::time::TimeAct;
use super::{director, dispatch, fork, queue};
use crate::input::{Act, Zone, pressed};
use crate::live::Selection;
use bevy_egui::egui::{Context, Memory};
use chengtu_engine::command::CommandRequest;
use chengtu_engine::record::World;

/// Handles the keys of this frame.
pub fn handle(ctx: &Context, s: &Scene<'_>, st: &mut PanelState, out: &mut Vec<Action>) {
    let typing = ctx.text_edit_focused() || st.search.open;
    let acts = ctx.input(|i| pressed(i, st.zone, typing));
    for act in acts {
        // A button that was reached with Tab takes Enter and Space for itself.
        let tabbed = !typing && ctx.memory(|m| m.focused().is_some());
        if tabbed && matches!(act, Act::Dispatch | Act::OpenCase | Act::Play) {
            continue;
        }
        one(ctx, act, s, st, out);
    }
}

fn one(ctx: &Context, act: Act, s: &Scene<'_>, st: &mut PanelState, out: &mut Vec<Action>) {
    if fork::key(act, st) {
        return;
    }
    match act {
        Act::Help => st.help = !st.help,
        Act::Search => {
            st.search.open = true;
            st.search.focus = true;
            st.help = false;
        }
        Act::Leave => leave(ctx, s, st, out),
        Act::NextCase => queue::step(st, s.selection.case(), 1),
        Act::PreviousCase => queue::step(st, s.selection.case(), -1),
        Act::OpenCase => {
            if let Some(case) = st.cursor {
                out.push(Action::SelectAndFly(Selection::Case(case)));
                st.zone = Zone::Dispatch;
            }
        }
        Act::FocusQueue => {
            st.zone = Zone::Queue;
            st.cursor = st.cursor.or(s.selection.case());
            if st.cursor.is_none() {
                queue::step(st, None, 0);
            }
            if !s.layout.wide {
                st.overview = false;
                out.push(Action::Select(Selection::None));
            }
        }
        Act::FocusDispatch => {
            if s.selection.case().is_some() {
                st.zone = Zone::Dispatch;
            }
        }
        Act::NextUnit => choose(s, st, 1),
        Act::PreviousUnit => choose(s, st, -1),
        Act::ChooseUnit(n) => {
            if let Some((_, rows)) = table(s, st)
                && let Some(row) = rows.get(usize::from(n).saturating_sub(1))
            {
                st.unit = Some(row.unit);
            }
        }
        Act::Dispatch => send(s, st, out),
        Act::Recall => {
            let of_case = s
                .selection
                .case()
                .and_then(|c| s.mirror.cases.get(&c)?.units.first().copied());
            let own = s.selection.unit().filter(|u| {
                s.mirror
                    .units
                    .get(u)
                    .is_some_and(|u| u.assignment.is_some())
            });
            if let Some(unit) = own.or(of_case).filter(|_| s.may_command()) {
                out.push(Action::Command(CommandRequest::RecallUnit { unit }));
            }
        }
        Act::AcknowledgeAlarm => {
            let first = alarms_in_order(s)
                .into_iter()
                .find(|a| a.acknowledged.is_none())
                .map(|a| a.id);
            if let Some(alarm) = first.filter(|a| s.may_command() && st.acknowledging != Some(*a)) {
                st.acknowledging = Some(alarm);
                out.push(Action::Command(CommandRequest::AcknowledgeAlarm { alarm }));
            }
        }
        Act::Overview => {
            st.overview = !st.overview || s.selection.is_some();
            out.push(Action::Select(Selection::None));
        }
        Act::Follow => {
            let unit = s.selection.unit();
            out.push(Action::Follow(if s.following.is_some() {
                None
            } else {
                unit
            }));
        }
        Act::Layers => {
            st.zone = if st.zone == Zone::Layers {
                Zone::Map
            } else {
                Zone::Layers
            }
        }
        Act::ToggleLayer(n) => {
            let i = usize::from(n).saturating_sub(1);
            if is_offered(i, s.world) {
                out.push(Action::Layer(i));
            }
        }
        Act::Language => out.push(Action::Language),
        Act::Tilt => out.push(Action::Tilt),
        // These come here only while a list has the keyboard; else the camera listens to them itself.
        Act::North => out.push(Action::North),
        Act::ZoomIn => out.push(Action::Zoom(0.5)),
        Act::ZoomOut => out.push(Action::Zoom(-0.5)),
        Act::MoveMap | Act::TurnMap => {}
        Act::Fork => fork::toggle(st, s.selection),
        Act::Worlds => st.worlds.toggle(out),
        // In a drill the clock is the director's.
        Act::Play if matches!(s.world, World::Drill(_)) => {
            director::key(Act::DrillRun, st, s.now, out);
        }
        Act::DrillRun
        | Act::DrillFire
        | Act::DrillPostpone
        | Act::DrillRewind
        | Act::DrillNotes
        | Act::DrillScore
        | Act::DrillGhost => director::key(act, st, s.now, out),
        other => out.extend(time(other).map(Action::Time)),
    }
}

/// What a key asks of time.
fn time(act: Act) -> Option<TimeAct> {
    let event = |forward, chosen| TimeAct::StepEvent { forward, chosen };
    Some(match act {
        Act::TimeBar => TimeAct::Unfold,
        Act::TypeTime => TimeAct::Type,
        Act::Play => TimeAct::PlayOrPause,
        Act::SecondBack => TimeAct::StepSeconds(-1),
        Act::SecondOn => TimeAct::StepSeconds(1),
        Act::PreviousEvent => event(false, false),
        Act::NextEvent => event(true, false),
        Act::PreviousOfChosen => event(false, true),
        Act::NextOfChosen => event(true, true),
        Act::Slower => TimeAct::Faster(false),
        Act::Faster => TimeAct::Faster(true),
        Act::Bookmark => TimeAct::Note,
        Act::Basis => TimeAct::OtherBasis,
        Act::LookBack => TimeAct::LookBack,
        Act::BackToLive => TimeAct::Live,
        _ => return None,
    })
}

/// Escape goes one step out: menu, search, help, text field, reassigning, keyboard, choice.
fn leave(ctx: &Context, s: &Scene<'_>, st: &mut PanelState, out: &mut Vec<Action>) {
    if st.help {
        st.help = false;
    } else if st.worlds.open {
        st.worlds.open = false;
    } else if st.search.open {
        st.search = super::state::SearchState::default();
    } else if st.menu.is_some() {
        st.menu = None;
    } else if st.time.list.is_some() {
        st.time.list = None;
    } else if ctx.text_edit_focused() {
        ctx.memory_mut(Memory::stop_text_input);
    } else if st.fork.start.is_some() {
        st.fork.start = None;
    } else if st.drill.drawer.is_some() {
        st.drill.drawer = None;
    } else if st.reassign {
        st.reassign = false;
    } else if st.zone != Zone::Map {
        st.zone = Zone::Map;
    } else if s.following.is_some() {
        out.push(Action::Follow(None));
    } else if s.selection.is_some() {
        out.push(Action::Select(Selection::None));
    } else {
        st.overview = false;
    }
}

fn table<'a>(
    s: &Scene<'a>,
    st: &PanelState,
) -> Option<(&'a chengtu_engine::stream::CaseView, Vec<ranking::RankRow>)> {
    let case = s.mirror.cases.get(&s.selection.case()?)?;
    if !dispatch::takes_units(case) || (!case.units.is_empty() && !st.reassign) {
        return None;
    }
    Some((case, dispatch::rows(s, st, case)?))
}

fn choose(s: &Scene<'_>, st: &mut PanelState, by: isize) {
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

fn send(s: &Scene<'_>, st: &PanelState, out: &mut Vec<Action>) {
    if st.sending.is_some() || !s.may_command() || !s.is_live() {
        return;
    }
    let Some((case, rows)) = table(s, st) else {
        return;
    };
    if let Some(i) = ranking::offer(&rows, st.unit, &st.refused_units()) {
        out.push(Action::Command(dispatch::command(
            case,
            st.reassign,
            &rows[i],
        )));
    }
}
