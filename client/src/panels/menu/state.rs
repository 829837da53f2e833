use crate::live::Selection;
use crate::panels::console::{Kept, Pending};
use bevy::prelude::{Message, Resource};
use bevy_egui::egui::Pos2;
use chengtu_engine::command::CommandRequest;
use chengtu_engine::geo::LonLat;
use chengtu_engine::ids::{ClassId, UnitId};
use chengtu_engine::record::World;

/// What the menu asks for.
#[derive(Message, Clone, Debug, PartialEq)]
pub enum MenuAct {
    /// Give a command.
    Give(CommandRequest),
    /// Ask for the way of a unit to a place.
    Route(UnitId, LonLat),
}

/// The menu of a place, and commands given from it.
#[derive(Resource, Debug, Default)]
pub struct MenuState {
    /// The open menu; `None` while there is none.
    pub open: Option<PlaceMenu>,
    /// Commands that are not answered yet: the menu is closed by then.
    pub sending: Vec<Given>,
}

/// A command that was given from the menu.
#[derive(Clone, Debug)]
pub struct Given {
    /// The command.
    pub pending: Pending,
    /// What was chosen when it was given: what has been chosen since then stays chosen.
    pub selection: Selection,
}

impl Kept for MenuState {
    type Part = ();

    fn put_away(&self) {}

    fn put_back(&mut self, (): ()) {}

    fn enter(&mut self, _world: World) {
        self.open = None;
        self.sending.clear();
    }
}

/// The menu of a place on the map.
#[derive(Clone, Debug, PartialEq)]
pub struct PlaceMenu {
    /// Where on the ground.
    pub at: LonLat,
    /// Where on the screen.
    pub screen: Pos2,
    /// What was under the pointer.
    pub on: Selection,
    /// Address, to be put right by hand.
    pub address: String,
    /// Which part is open.
    pub page: MenuPage,
    /// Typed to find a class.
    pub query: String,
    /// Place of the class under the keyboard, from the top.
    pub cursor: usize,
    /// Class picked from the list; `None` until then, and again whenever `query` changes.
    pub class: Option<ClassId>,
    /// What was seen, in words.
    pub note: String,
    /// The line of actions or units under the keyboard; none before an arrow was pressed.
    pub row: Option<usize>,
    /// The report has been read through: Enter files it.
    pub review: bool,
    /// The field of the class wants the keyboard.
    pub focus_text: bool,
    /// The field of the note wants the keyboard.
    pub focus_note: bool,
    /// Units that could be sent here; their ways by road have been asked for.
    pub candidates: Vec<UnitId>,
}

impl PlaceMenu {
    /// The form of a report at a place, to be filled in.
    pub fn report(at: LonLat, screen: Pos2, on: Selection) -> Self {
        Self {
            at,
            screen,
            on,
            address: String::new(),
            page: MenuPage::Report,
            query: String::new(),
            cursor: 0,
            class: None,
            note: String::new(),
            row: None,
            review: false,
            focus_text: false,
            focus_note: false,
            candidates: Vec::new(),
        }
    }
}

/// Parts of the menu of a place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MenuPage {
    /// What can be done here.
    #[default]
    Actions,
    /// Report a case.
    Report,
    /// Send a unit.
    Send,
}
