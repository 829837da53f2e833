use super::QueueState;
use crate::input::{Act, Zone};
use crate::live::Selection;
use crate::panels::bundling::BundlingAct;
use crate::panels::console::{Acts, Focus, Frame, Keys};
use crate::panels::detail::DetailAct;
use crate::panels::map::MapAct;
use bevy::prelude::{Res, ResMut};

pub(super) fn take(
    frame: Res<Frame>,
    selection: Res<Selection>,
    mut keys: ResMut<Keys>,
    mut focus: ResMut<Focus>,
    mut state: ResMut<QueueState>,
    mut acts: ResMut<Acts>,
) {
    let chosen = selection.case();
    let step = |state: &mut QueueState, focus: &mut Focus, by| {
        // From elsewhere, with nothing chosen, one begins at the most urgent.
        if focus.zone != Zone::Queue && chosen.is_none() {
            state.cursor = None;
        }
        if state.step(chosen, by) {
            focus.zone = Zone::Queue;
        }
    };
    keys.take(|act| {
        match act {
            Act::NextCase => step(&mut state, &mut focus, 1),
            Act::PreviousCase => step(&mut state, &mut focus, -1),
            Act::OpenCase => {
                if let Some(case) = state.cursor {
                    acts.push(MapAct::SelectAndFly(Selection::Case(case)));
                    focus.zone = Zone::Dispatch;
                }
            }
            Act::FocusQueue => {
                focus.zone = Zone::Queue;
                state.cursor = state.cursor.or(chosen);
                if state.cursor.is_none() {
                    step(&mut state, &mut focus, 0);
                }
                if !frame.layout.wide {
                    acts.push(DetailAct::Close);
                    acts.push(MapAct::Select(Selection::None));
                }
            }
            Act::MarkCase => {
                let cursor = state.cursor.filter(|_| focus.zone == Zone::Queue);
                let case = cursor.or(chosen);
                acts.extend(case.map(BundlingAct::Toggle));
            }
            // What is hidden is shown, wherever the keyboard is.
            Act::ShowAllCases => state.filter.clear(),
            _ => return false,
        }
        true
    });
}
