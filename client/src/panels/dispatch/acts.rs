use super::state::DispatchState;
use crate::i18n::Words;
use crate::live::Offer;
use crate::net::{City, CommandOutcome, Connection};
use crate::panels::console::{Pending, Refusal, sent_unit};
use crate::panels::notice::Notice;
use crate::panels::refusal;
use bevy::prelude::*;
use chengtu_engine::command::CommandRequest;

/// What the panel of a case asks for.
#[derive(Message, Clone, Debug, PartialEq)]
pub enum DispatchAct {
    /// Give a command.
    Give(CommandRequest),
}

/// Sends the commands asked for; the latest is kept in `sending` until its outcome comes.
pub(super) fn carry_out(
    mut acts: MessageReader<DispatchAct>,
    city: Res<City>,
    mut connection: ResMut<Connection>,
    mut state: ResMut<DispatchState>,
) {
    for DispatchAct::Give(request) in acts.read() {
        let pending = Pending::give(request.clone(), &city, &mut connection);
        state.sending = Some(pending);
    }
}

/// The way of the unit that is chosen is drawn.
pub(super) fn offer_chosen(state: Res<DispatchState>, mut offer: ResMut<Offer>) {
    let chosen = state
        .unit
        .filter(|_| state.case.is_some() && state.case == offer.case);
    if offer.chosen != chosen && offer.case.is_some() {
        offer.chosen = chosen;
    }
}

/// Takes the answers to the commands that were given here.
pub(super) fn hear(
    mut outcomes: MessageReader<CommandOutcome>,
    words: Res<Words>,
    connection: Res<Connection>,
    mut state: ResMut<DispatchState>,
    mut notices: MessageWriter<Notice>,
) {
    for outcome in outcomes.read() {
        let mine = state
            .sending
            .as_ref()
            .is_some_and(|p| p.is_answered_by(outcome));
        if !mine {
            continue;
        }
        state.sending = None;
        let Some(refusal) = Refusal::of(outcome) else {
            accept(&mut state, &outcome.request);
            continue;
        };
        let case = state.case;
        let shown = case.is_some_and(|c| refusal::concerns_case(&refusal.request, c))
            || matches!(refusal.request, CommandRequest::RecallUnit { .. });
        if shown {
            state.refusals.push(refusal);
            if let Some(case) = case {
                connection.rank(case);
            }
        } else {
            // The case is no longer on show: said where the map is looked at.
            let text = refusal::code_words(&words, refusal.code, &refusal.text);
            notices.write(Notice::new(text));
        }
    }
}

fn accept(state: &mut DispatchState, request: &CommandRequest) {
    state.refusals.retain(|r| sent_unit(&r.request).is_none());
    if sent_unit(request).is_some() {
        state.reassign = false;
        state.unit = None;
        state.refusals.clear();
    }
}
