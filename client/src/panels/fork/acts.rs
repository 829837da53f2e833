use super::rules::AHEAD_S;
use super::state::{About, ForkAct, ForkState};
use crate::camera::MapCamera;
use crate::facts::place_of;
use crate::fork::{Panes, Want};
use crate::i18n::Words;
use crate::net::{City, CommandOutcome, Connection, ServerNotice, WorldWord};
use crate::panels::console::{Pending, Refusal};
use crate::panels::notice::Notice;
use crate::panels::refusal;
use crate::readiness::Readiness;
use bevy::prelude::*;
use chengtu_engine::stream::{ClientMessage, ServerMessage};
use std::time::{Duration, Instant};

/// A fork that has not come after so long is given up.
const PATIENCE: Duration = Duration::from_secs(30);
/// What pictures of branches wait for.
pub(super) const GATE: &str = "fork";

pub(super) fn carry_out(
    mut acts: MessageReader<ForkAct>,
    city: Res<City>,
    mut connection: ResMut<Connection>,
    mut state: ResMut<ForkState>,
) {
    for act in acts.read() {
        match act {
            ForkAct::ToggleStart(case) => state.toggle(Some(*case)),
            ForkAct::Begin(at, intervention, about) => {
                let request = connection.fork(*at, vec![intervention.clone()], AHEAD_S);
                state.asked = Some((request, (**about).clone(), Instant::now()));
            }
            ForkAct::Give(request) => {
                let pending = Pending::give(request.clone(), &city, &mut connection);
                state.sending.push(pending);
            }
        }
    }
}

/// Takes what is said of forks in.
pub(super) fn hear(
    mut said: MessageReader<WorldWord>,
    mut refusals: MessageReader<ServerNotice>,
    mut state: ResMut<ForkState>,
) {
    for WorldWord(message) in said.read() {
        state.apply(message);
    }
    let asked = state.asked.as_ref().map(|(request, ..)| *request);
    let refused = refusals
        .read()
        .filter(|r| r.request.is_some() && r.request == asked)
        .count()
        > 0;
    let late = |(_, _, since): &(u32, About, Instant)| since.elapsed() > PATIENCE;
    if state.asked.as_ref().is_some_and(|a| refused || late(a)) {
        state.asked = None;
    }
}

/// Takes the answers to commands that were confirmed; a refusal is said where the map is looked at.
pub(super) fn hear_commands(
    mut outcomes: MessageReader<CommandOutcome>,
    city: Res<City>,
    words: Res<Words>,
    mut state: ResMut<ForkState>,
    mut notices: MessageWriter<Notice>,
) {
    let world = city.world();
    if state.sending.iter().any(|p| !p.is_of(world)) {
        state.sending.retain(|p| p.is_of(world));
    }
    for outcome in outcomes.read() {
        let mine = state.sending.iter().position(|p| p.is_answered_by(outcome));
        let Some(i) = mine else { continue };
        state.sending.remove(i);
        if let Some(refusal) = Refusal::of(outcome) {
            let text = refusal::code_words(&words, refusal.code, &refusal.text);
            notices.write(Notice::new(text));
        }
    }
}

/// Carries what the panels ask for to the maps, and what the maps report to the panels.
pub(super) fn carry(
    mut panes: ResMut<Panes>,
    mut want: ResMut<Want>,
    mut state: ResMut<ForkState>,
    mut readiness: ResMut<Readiness>,
    camera: Res<MapCamera>,
    city: Res<City>,
    mut notices: MessageWriter<Notice>,
) {
    let Some(view) = &mut state.view else {
        if want.branches.is_some() {
            *want = Want::default();
        }
        return;
    };
    let branches = Some([view.forked.actual, view.forked.other]);
    if want.branches != branches {
        // The case itself, where it is known here: the place may have been put right since.
        if let Some(place) = place_of(&city.mirror, view.selection) {
            view.about.place = place;
        }
        view.look_like(&camera);
        want.branches = branches;
        readiness.wait_for(GATE);
    }
    want.selection = view.selection;
    for control in view.say.drain(..) {
        // Both branches have one clock: a control sent to either drives both.
        want.say[0].push(ClientMessage::Time { control });
    }
    for (i, pane) in panes.list.iter_mut().enumerate().take(2) {
        let shown = &mut view.panes[i];
        want.cameras[i] = shown.camera.clone();
        want.click[i] = shown.click.take();
        shown.texture = pane.texture;
        shown.link.clone_from(&pane.status.link);
        if let Some(name) = pane.status.closed.first() {
            view.closed = Some(name.clone());
        }
        if let Some(thing) = pane.status.clicked.take() {
            view.selection = thing;
        }
        for word in std::mem::take(&mut pane.status.words) {
            if let ServerMessage::ForkReport(report) = word {
                // Both lines get the same reports; the one with the later time is kept.
                if report.time >= view.report.time {
                    view.report = *report;
                }
            }
        }
        if pane.status.clock.is_some() && (i == 0 || view.clock.is_none()) {
            view.clock = pane.status.clock;
        }
    }
    let notice = panes
        .list
        .iter_mut()
        .flat_map(|p| std::mem::take(&mut p.status.notices));
    if let Some(text) = notice.last() {
        notices.write(Notice::new(text));
    }
    let compared = !view.report.differences.is_empty();
    readiness.set(GATE, compared && panes.are_ready() && panes.list.len() == 2);
}
