//! The right panel: whoever has something to say of what is chosen draws in it, and alarms and hotspots are there when
//! nothing is.

mod inside;
mod subject;

pub use inside::{PAD, close, show_inside};
pub use subject::{Subject, subject};

use super::console::{
    Acts, AddPanel, Claims, Focus, FocusZone, KeepInCity, Kept, KeyLayer, Keys, PanelActs,
    PanelClaims,
};
use super::map::{Following, MapAct};
use crate::input::{Act, Zone};
use crate::live::Selection;
use bevy::prelude::*;

/// Whether the right panel is open where only one fits beside the map.
#[derive(Resource, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DetailState {
    /// Alarms and hotspots were asked for.
    pub overview: bool,
}

impl DetailState {
    /// True where what is chosen has a panel, or the overview is asked for.
    pub fn is_open(self, selection: Selection) -> bool {
        self.overview || !matches!(selection, Selection::None | Selection::Place(_))
    }
}

/// What panels ask of the right panel.
#[derive(Message, Clone, Copy, Debug, PartialEq, Eq)]
pub enum DetailAct {
    /// Alarms and hotspots are shown no more.
    Close,
    /// They are shown.
    ShowOverview,
    /// They are shown, or no more where they were.
    ToggleOverview {
        /// Something was chosen and hid them: then they are shown.
        chosen: bool,
    },
}

/// Gives the right panel its room.
pub struct DetailPlugin;

impl Plugin for DetailPlugin {
    fn build(&self, app: &mut App) {
        app.init_resource::<DetailState>()
            .add_message::<DetailAct>()
            .keep_in_city::<DetailState>()
            .add_systems(PanelClaims, claim)
            .add_systems(PanelActs, carry_out)
            .add_keys(KeyLayer::Map, keys);
    }
}

fn claim(state: Res<DetailState>, selection: Res<Selection>, mut claims: ResMut<Claims>) {
    claims.detail = state.is_open(*selection);
}

fn keys(
    selection: Res<Selection>,
    following: Res<Following>,
    focus: Res<Focus>,
    mut keys: ResMut<Keys>,
    mut state: ResMut<DetailState>,
    mut acts: ResMut<Acts>,
) {
    let chosen = selection.is_some();
    keys.take(|act| {
        let mine = act == Act::Overview;
        if mine {
            // On a wide screen they are there anyway: the key gives them the keyboard.
            let there = focus.zone == Zone::Alarms && state.overview && !chosen;
            state.overview = !there;
            acts.push(MapAct::Select(Selection::None));
            acts.push(FocusZone(if there { Zone::Map } else { Zone::Alarms }));
        }
        mine
    });
    // Escape lets go of what is followed and chosen first.
    if !chosen && following.0.is_none() {
        keys.leave(|| std::mem::take(&mut state.overview));
    }
}

fn carry_out(
    mut acts: MessageReader<DetailAct>,
    mut of_map: MessageReader<MapAct>,
    mut state: ResMut<DetailState>,
) {
    for act in acts.read() {
        state.overview = match act {
            DetailAct::Close => false,
            DetailAct::ShowOverview => true,
            DetailAct::ToggleOverview { chosen } => !state.overview || *chosen,
        };
    }
    for act in of_map.read() {
        if let MapAct::Select(to) | MapAct::SelectAndFly(to) = act
            && to.is_some()
        {
            state.overview = false;
        }
    }
}

impl Kept for DetailState {
    type Part = Self;

    fn put_away(&self) -> Self {
        *self
    }

    fn put_back(&mut self, part: Self) {
        *self = part;
    }
}
