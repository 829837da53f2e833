use super::state::AlarmState;
use crate::i18n::Words;
use crate::net::{City, CommandOutcome, Connection};
use crate::panels::console::{Pending, Refusal};
use crate::panels::notice::Notice;
use crate::panels::refusal;
use bevy::prelude::*;
use chengtu_engine::command::CommandRequest;
use chengtu_engine::ids::AlarmId;

/// What is asked about alarms.
#[derive(Message, Clone, Copy, Debug, PartialEq, Eq)]
pub enum AlarmAct {
    /// Somebody has seen it.
    Acknowledge(AlarmId),
}

pub(super) fn carry_out(
    mut acts: MessageReader<AlarmAct>,
    city: Res<City>,
    mut connection: ResMut<Connection>,
    mut state: ResMut<AlarmState>,
) {
    for AlarmAct::Acknowledge(alarm) in acts.read().copied() {
        // The plate and the list may both have been pressed.
        if !state.is_acknowledging(alarm) {
            let request = CommandRequest::AcknowledgeAlarm { alarm };
            let pending = Pending::give(request, &city, &mut connection);
            state.sending.push(pending);
        }
    }
}

/// Takes the answers; a refusal is said where the map is looked at.
pub(super) fn hear(
    mut outcomes: MessageReader<CommandOutcome>,
    city: Res<City>,
    words: Res<Words>,
    mut state: ResMut<AlarmState>,
    mut notices: MessageWriter<Notice>,
) {
    let world = city.world();
    if state.sending.iter().any(|p| !p.is_of(world)) {
        state.sending.retain(|p| p.is_of(world));
    }
    for outcome in outcomes.read() {
        let Some(i) = state.sending.iter().position(|p| p.is_answered_by(outcome)) else {
            continue;
        };
        state.sending.remove(i);
        if let Some(refusal) = Refusal::of(outcome) {
            let text = refusal::code_words(&words, refusal.code, &refusal.text);
            notices.write(Notice::new(text));
        }
    }
}
