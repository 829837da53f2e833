use super::PrivacyState;
use crate::net::{City, CommandOutcome, Connection, WorldWord};
use crate::panels::console::{Pending, Refusal};
use bevy::prelude::*;
use chengtu_engine::command::CommandRequest;
use chengtu_engine::ids::CaseId;
use chengtu_engine::stream::ServerMessage;

/// What panels ask about what is masked.
#[derive(Message, Clone, Debug, PartialEq)]
pub enum PrivacyAct {
    /// Open the question; and ask who has seen it, where that may be known.
    Open {
        /// Of which case.
        case: CaseId,
        /// Whoever asks may know who has seen it.
        who_saw: bool,
    },
    /// Give the command.
    Give(CommandRequest),
}

pub(super) fn carry_out(
    mut acts: MessageReader<PrivacyAct>,
    city: Res<City>,
    mut connection: ResMut<Connection>,
    mut state: ResMut<PrivacyState>,
) {
    for act in acts.read() {
        match act {
            PrivacyAct::Open { case, who_saw } => {
                *state = PrivacyState {
                    open: Some(*case),
                    focus: true,
                    asked: who_saw.then(|| connection.who_saw(*case)),
                    ..PrivacyState::default()
                };
            }
            PrivacyAct::Give(request) => {
                let pending = Pending::give(request.clone(), &city, &mut connection);
                (state.sending, state.outcome) = (Some(pending), None);
            }
        }
    }
}

/// Takes answers in. Whoever has been shown something is among those who have seen it: it is asked anew.
pub(super) fn hear(
    mut outcomes: MessageReader<CommandOutcome>,
    mut words: MessageReader<WorldWord>,
    connection: Res<Connection>,
    mut state: ResMut<PrivacyState>,
) {
    for outcome in outcomes.read() {
        let mine = |p: &Pending| p.is_answered_by(outcome);
        if !state.sending.as_ref().is_some_and(mine) {
            continue;
        }
        state.sending = None;
        state.outcome = Some(Refusal::of(outcome).map_or(Ok(()), Err));
        if outcome.result.is_ok() {
            state.purpose.clear();
            let case = state.open.filter(|_| state.asked.is_some());
            state.asked = case.map(|case| connection.who_saw(case));
        }
    }
    for WorldWord(word) in words.read() {
        if let ServerMessage::Saw {
            request,
            looks,
            more,
            ..
        } = word
            && state.asked == Some(*request)
        {
            state.looks = Some((looks.clone(), *more));
        }
    }
}
