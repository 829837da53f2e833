use super::state::Bundling;
use crate::live::{MarkCases, Marked};
use crate::net::{City, CommandOutcome, Connection};
use crate::panels::console::{Pending, Refusal, View};
use bevy::prelude::*;
use chengtu_engine::command::CommandRequest;
use chengtu_engine::ids::CaseId;

/// What is asked of marks.
#[derive(Message, Clone, Debug, PartialEq)]
pub enum BundlingAct {
    /// Marks a case, or takes its mark away.
    Toggle(CaseId),
    /// Takes all marks away.
    Clear,
    /// Bundles: a command for each case that goes into another, each answered by itself.
    Give(Vec<CommandRequest>),
}

/// The case that a command bundles into another.
pub(super) fn bundled(request: &CommandRequest) -> Option<CaseId> {
    match request {
        CommandRequest::BundleCase { case, .. } => Some(*case),
        _ => None,
    }
}

/// Marks cases, and gives the commands.
pub(super) fn carry_out(
    view: View,
    city: Res<City>,
    mut acts: MessageReader<BundlingAct>,
    mut from_map: MessageReader<MarkCases>,
    mut connection: ResMut<Connection>,
    mut state: ResMut<Bundling>,
) {
    if acts.is_empty() && from_map.is_empty() {
        return;
    }
    let s = view.scene();
    for act in acts.read() {
        match act {
            BundlingAct::Toggle(case) if s.may_command() => state.toggle(s.mirror, *case),
            BundlingAct::Toggle(_) => {}
            BundlingAct::Clear => _ = state.clear(),
            BundlingAct::Give(requests) => {
                for request in requests {
                    let pending = Pending::give(request.clone(), &city, &mut connection);
                    state.sending.push(pending);
                }
            }
        }
    }
    for MarkCases(cases) in from_map.read() {
        if s.may_command() {
            state.toggle_all(s.mirror, cases);
        }
    }
}

/// What is marked has a ring on the map.
pub(super) fn show(state: Res<Bundling>, mut marked: ResMut<Marked>) {
    if state.is_changed() {
        let cases = state.cases().collect();
        marked.set_if_neq(Marked(cases));
    }
}

/// Takes the answers: what was bundled is no longer marked, what was refused stays and is said.
pub(super) fn hear(mut outcomes: MessageReader<CommandOutcome>, mut state: ResMut<Bundling>) {
    for outcome in outcomes.read() {
        let Some(i) = state.sending.iter().position(|p| p.is_answered_by(outcome)) else {
            continue;
        };
        let given = state.sending.remove(i);
        match (Refusal::of(outcome), bundled(&given.request)) {
            (Some(refusal), _) => state.refusals.push(refusal),
            (None, Some(case)) => state.unmark(case),
            (None, None) => {}
        }
        // The one that took the others in stands alone.
        if state.sending.is_empty() && state.refusals.is_empty() {
            state.clear();
        }
    }
}
