use super::state::UnitState;
use crate::live::Selection;
use crate::net::{City, CommandOutcome, Connection};
use crate::panels::console::{Pending, Refusal};
use bevy::prelude::*;
use chengtu_engine::command::CommandRequest;
use chengtu_engine::ids::UnitId;

/// What the panel of a unit asks for.
#[derive(Message, Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnitAct {
    /// Call it back from what it was sent to.
    Recall(UnitId),
}

pub(super) fn carry_out(
    mut acts: MessageReader<UnitAct>,
    city: Res<City>,
    mut connection: ResMut<Connection>,
    mut state: ResMut<UnitState>,
) {
    for UnitAct::Recall(unit) in acts.read() {
        let request = CommandRequest::RecallUnit { unit: *unit };
        state.sending = Some(Pending::give(request, &city, &mut connection));
    }
}

/// Takes the answer to a recall, and forgets what belonged to another unit or to a world that was left.
pub(super) fn hear(
    mut outcomes: MessageReader<CommandOutcome>,
    city: Res<City>,
    selection: Res<Selection>,
    mut state: ResMut<UnitState>,
) {
    let unit = selection.unit();
    if state.unit != unit {
        state.unit = unit;
        state.refusal = None;
    }
    if state
        .sending
        .as_ref()
        .is_some_and(|p| !p.is_of(city.world()))
    {
        state.sending = None;
    }
    for outcome in outcomes.read() {
        let mine = |p: &Pending| p.is_answered_by(outcome);
        if state.sending.as_ref().is_some_and(mine) {
            state.sending = None;
            state.refusal = Refusal::of(outcome);
        }
    }
}
