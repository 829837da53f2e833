use crate::panels::model::search::Hit;
use bevy::prelude::{Message, MessageReader, ResMut, Resource};

/// What the search remembers.
#[derive(Resource, Clone, Debug, Default)]
pub struct SearchState {
    /// The field is open.
    pub open: bool,
    /// What was typed.
    pub query: String,
    /// What it found.
    pub hits: Vec<Hit>,
    /// The query that `hits` answer.
    pub answered: String,
    /// Place of the hit under the keyboard, from the top.
    pub cursor: usize,
    /// The field wants the keyboard.
    pub focus: bool,
}

impl SearchState {
    /// Opens the field and gives it the keyboard.
    pub fn begin(&mut self) {
        self.open = true;
        self.focus = true;
    }
}

/// What panels ask of the search.
#[derive(Message, Clone, Copy, Debug, PartialEq, Eq)]
pub enum SearchAct {
    /// Open its field.
    Begin,
}

pub(super) fn carry_out(mut acts: MessageReader<SearchAct>, mut state: ResMut<SearchState>) {
    for SearchAct::Begin in acts.read() {
        state.begin();
    }
}
