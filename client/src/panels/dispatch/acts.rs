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
    /// Give several commands, each answered by itself.
    GiveAll(Vec<CommandRequest>),
}

/// Sends the commands asked for; the latest is kept in `sending` until its outcome comes.
pub(super) fn carry_out(
    mut acts: MessageReader<DispatchAct>,
    city: Res<City>,
    mut connection: ResMut<Connection>,
    mut state: ResMut<DispatchState>,
) {
    let all = acts.read().flat_map(|act| match act {
        DispatchAct::Give(request) => std::slice::from_ref(request),
        DispatchAct::GiveAll(requests) => requests,
    });
    for request in all {
        let pending = Pending::give(request.clone(), &city, &mut connection);
        state.sending.push(pending);
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
        let mine = state.sending.iter().position(|p| p.is_answered_by(outcome));
        let Some(i) = mine else {
            continue;
        };
        let given = state.sending.remove(i);
        // What was given on the panel of another case changes nothing on this one.
        let shown = state.case.filter(|c| {
            refusal::concerns_case(&given.request, *c)
                || matches!(given.request, CommandRequest::RecallUnit { .. })
        });
        match (Refusal::of(outcome), shown) {
            (None, Some(_)) => accept(&mut state, &outcome.request),
            (None, None) => {}
            (Some(refusal), Some(case)) => {
                state.refusals.push(refusal);
                connection.rank(case);
            }
            (Some(refusal), None) => {
                // The case is no longer on show: said where the map is looked at.
                let text = refusal::code_words(&words, refusal.code, &refusal.text);
                notices.write(Notice::new(text));
            }
        }
    }
}

fn accept(state: &mut DispatchState, request: &CommandRequest) {
    state.refusals.retain(|r| sent_unit(&r.request).is_none());
    if sent_unit(request).is_some() {
        state.another = None;
        state.unit = None;
        state.held = None;
        state.refusals.clear();
    }
}
