use super::state::{Given, MenuAct, MenuPage, MenuState, PlaceMenu};
use crate::i18n::Words;
use crate::live::{ContextAt, Selection};
use crate::net::{City, CommandOutcome, Connection};
use crate::panels::console::{Pending, Refusal};
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
    selection: Res<Selection>,
    mut connection: ResMut<Connection>,
    mut state: ResMut<MenuState>,
) {
    for act in acts.read() {
        match act {
            MenuAct::Give(request) => {
                let pending = Pending::give(request.clone(), &city, &mut connection);
                state.sending.push(Given {
                    pending,
                    selection: *selection,
                });
            }
            MenuAct::Route(unit, place) => connection.route(*unit, *place),
        }
    }
}

/// Takes the answers. A case that was reported is chosen where nothing else has been chosen since; the keyboard stays
/// where it is. A refusal is said where the map is looked at.
pub(super) fn hear(
    mut outcomes: MessageReader<CommandOutcome>,
    words: Res<Words>,
    mut state: ResMut<MenuState>,
    mut selection: ResMut<Selection>,
    mut notices: MessageWriter<Notice>,
) {
    for outcome in outcomes.read() {
        let mine = |g: &Given| g.pending.is_answered_by(outcome);
        let Some(i) = state.sending.iter().position(mine) else {
            continue;
        };
        let given = state.sending.remove(i);
        if let Some(refusal) = Refusal::of(outcome) {
            let text = refusal::code_words(&words, refusal.code, &refusal.text);
            notices.write(Notice::new(text));
        } else if let (CommandRequest::ReportCase { .. }, Ok(done)) =
            (&outcome.request, &outcome.result)
            && let Some(case) = done.case
        {
            if *selection == given.selection {
                *selection = Selection::Case(case);
            } else {
                let number = case.to_string();
                notices.write(Notice::new(words.f("menu.reported", &[("case", &number)])));
            }
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
            row: None,
            review: false,
            focus_text: false,
            focus_note: false,
            candidates: Vec::new(),
        });
    }
}
