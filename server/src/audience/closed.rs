//! Roads that are closed in a world: its rankings and routes know of them, and everybody who looks is told.

use super::{Audience, Viewer};
use chengtu_engine::roads::Closings;
use chengtu_engine::stream::{ServerMessage, closed_roads};

/// What is closed, as it was told last.
#[derive(Default)]
pub(super) struct ClosedRoads {
    closings: Closings,
    told: Option<ServerMessage>,
}

impl ClosedRoads {
    /// What somebody is told who comes: nothing where every road has been open so far.
    pub(super) fn tell_on_coming(&self, viewer: &Viewer) {
        if let Some(m) = &self.told
            && knows(viewer)
        {
            viewer.tell(m);
        }
    }
}

fn knows(viewer: &Viewer) -> bool {
    viewer.outbox.subprotocol.has_closed_roads()
}

impl Audience {
    /// Closes and opens roads for rankings and routes of this world; where that changes anything, everybody is told.
    pub fn close_roads(&mut self, closings: Closings) {
        if closings == self.closed.closings {
            return;
        }
        for edge in self.closed.closings.keys() {
            self.search.set_closed(*edge, false);
        }
        for edge in closings.keys() {
            self.search.set_closed(*edge, true);
        }
        let roads = closed_roads(&self.city.roads, &closings);
        let m = ServerMessage::ClosedRoads { roads };
        self.closed.closings = closings;
        self.tell_those(&m, knows);
        self.closed.told = Some(m);
    }
}
