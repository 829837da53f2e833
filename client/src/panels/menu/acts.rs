use super::state::{MenuAct, MenuPage, MenuState, PlaceMenu};
use crate::i18n::Words;
use crate::input::Zone;
use crate::live::{ContextAt, Selection};
use crate::net::{City, CommandOutcome, Connection};
use crate::panels::console::{Focus, Pending, Refusal};
use crate::panels::model::places::address_near;
use crate::panels::notice::Notice;
use crate::panels::refusal;
use crate::panels::search::Places;
use bevy::prelude::*;
use bevy_egui::egui::pos2;
use chengtu_engine::command::CommandRequest;

pub(super) fn carry_out(
    mut acts: MessageReader<MenuAct>,
    city: Res<City>,
    mut connection: ResMut<Connection>,
    mut state: ResMut<MenuState>,
) {
    for act in acts.read() {
        match act {
            MenuAct::Give(request) => {
                let pending = Pending::give(request.clone(), &city, &mut connection);
                state.sending.push(pending);
            }
            MenuAct::Route(unit, place) => connection.route(*unit, *place),
        }
    }
}

/// Takes the answers: a case that was reported is chosen, a refusal is said where the map is looked at.
pub(super) fn hear(
    mut outcomes: MessageReader<CommandOutcome>,
    words: Res<Words>,
    mut state: ResMut<MenuState>,
    mut selection: ResMut<Selection>,
    mut focus: ResMut<Focus>,
    mut notices: MessageWriter<Notice>,
) {
    for outcome in outcomes.read() {
        let mine = state.sending.iter().position(|p| p.is_answered_by(outcome));
        let Some(i) = mine else { continue };
        state.sending.remove(i);
        if let Some(refusal) = Refusal::of(outcome) {
            let text = refusal::code_words(&words, refusal.code, &refusal.text);
            notices.write(Notice::new(text));
        } else if let (CommandRequest::ReportCase { .. }, Ok(done)) =
            (&outcome.request, &outcome.result)
            && let Some(case) = done.case
        {
            *selection = Selection::Case(case);
            focus.zone = Zone::Dispatch;
        }
    }
}

/// Opens the menu of the place that was clicked at.
pub(super) fn open(
    mut contexts: MessageReader<ContextAt>,
    places: Res<Places>,
    words: Res<Words>,
    mut state: ResMut<MenuState>,
) {
    for at in contexts.read() {
        let address = address_near(places.0.places(), at.lonlat, &words);
        state.open = Some(PlaceMenu {
            at: at.lonlat,
            screen: pos2(at.screen.x, at.screen.y),
            on: at.on,
            address,
            page: MenuPage::Actions,
            query: String::new(),
            cursor: 0,
            class: None,
            note: String::new(),
            focus_text: false,
            candidates: Vec::new(),
        });
    }
}
