use super::state::{Drawer, DrillState};
use crate::net::Connection;
use bevy::prelude::{Message, MessageReader, ResMut};
use chengtu_engine::drill::{DirectorAct, GhostOf};

/// What is asked of a drill.
#[derive(Message, Clone, Debug, PartialEq)]
pub enum DrillAct {
    /// What its director does.
    Direct(DirectorAct),
    /// Let somebody else's units drive along, or none any more.
    Ghost(Option<GhostOf>),
    /// Open or close the list of ghosts.
    ToggleGhosts,
}

pub(super) fn carry_out(
    mut acts: MessageReader<DrillAct>,
    mut connection: ResMut<Connection>,
    mut state: ResMut<DrillState>,
) {
    for act in acts.read() {
        match act {
            DrillAct::Direct(act) => {
                connection.direct(act.clone());
            }
            DrillAct::Ghost(of) => {
                connection.ghost(*of);
            }
            DrillAct::ToggleGhosts => state.toggle(Drawer::Ghost),
        }
    }
}
