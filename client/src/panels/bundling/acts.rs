use super::state::Bundling;
use crate::live::{MarkCases, Marked};
use crate::net::{City, CommandOutcome, Connection};
use crate::panels::console::{Pending, Refusal, Scene, View};
use crate::panels::notice::Notice;
use crate::panels::refusal;
use bevy::prelude::*;
use chengtu_engine::command::CommandRequest;
use chengtu_engine::ids::CaseId;
use chengtu_engine::permission::Permission;

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
            BundlingAct::Toggle(case) if s.may(Permission::DecideCases) => {
                state.toggle(s.mirror, *case);
            }
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
        if s.may(Permission::DecideCases) {
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

/// What was refused is said at the foot of the queue; where there is no room for a queue, over the map.
pub(super) fn tell(
    view: View,
    state: Res<Bundling>,
    mut told: Local<usize>,
    mut notices: MessageWriter<Notice>,
) {
    let s = view.scene();
    let all = &state.refusals;
    *told = all.len().min(*told);
    if s.layout.queue.is_none() {
        let fresh = all[*told..].iter();
        notices.write_batch(fresh.map(|r| Notice::new(refused(&s, r))));
    }
    *told = all.len();
}

/// That a case was not bundled, and why.
pub(super) fn refused(s: &Scene<'_>, refusal: &Refusal) -> String {
    let why = refusal::words(s, refusal);
    let case = bundled(&refusal.request).map_or(String::new(), |c| c.to_string());
    let values = [("case", &*case), ("why", &*why)];
    s.words.f("bundling.refused", &values)
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
