//! What a viewer is sent of a tick: a snapshot, a frame, or counts.

use super::all_things;
use super::tick::{Beside, FrameChanges, Tick, TilePart, Update};
use super::{CoarseTile, Frame, ServerMessage, SnapshotReason, TileFrame, View};
use crate::geo::TileId;

impl Tick<'_> {
    /// Everything in a view, whole; `whole` gives the tiles, see [`Tick::tile`].
    pub fn snapshot(
        &self,
        view: &View,
        reason: SnapshotReason,
        whole: impl FnMut(TileId) -> TileFrame,
    ) -> ServerMessage {
        let changes = all_things(self.state).flat_map(|t| view.whole(self, t));
        ServerMessage::Snapshot {
            seq: self.seq(),
            time: self.now,
            reason,
            changes: changes.collect(),
            tiles: view.tiles().iter().copied().map(whole).collect(),
        }
    }

    /// A snapshot of nothing, behind which everything comes in frames: whoever has not had them all has seen nothing.
    pub fn beginning(&self, reason: SnapshotReason) -> ServerMessage {
        ServerMessage::Snapshot {
            seq: 0,
            time: self.now,
            reason,
            changes: Vec::new(),
            tiles: Vec::new(),
        }
    }

    /// What a single viewer is sent, whole.
    pub fn message(&self, view: &View, update: Update) -> ServerMessage {
        let whole = |tile| (*self.tile(TilePart::Whole(tile))).clone();
        let parts = match update {
            Update::Snapshot(reason) => return self.snapshot(view, reason, whole),
            Update::Begin(reason) => return self.beginning(reason),
            Update::Frame(parts) => parts,
        };
        let mut changes = match parts.changes {
            FrameChanges::Own(own) => own,
            FrameChanges::Shared(layers) => {
                let all = layers.iter().flat_map(|l| self.changes(*l));
                let beside = self.beside_changes(view, &layers);
                let beside = beside.flat_map(|b| self.beside(b));
                all.chain(beside).cloned().collect()
            }
        };
        if let Some(portion) = &parts.portion {
            changes.extend(portion.layers.iter().flat_map(|l| self.portion_views(*l)));
            let wanted = Beside::ALL.into_iter();
            for beside in wanted.filter(|b| view.wants_beside(*b, &portion.layers)) {
                changes.extend(self.portion_beside(beside));
            }
        }
        let tiles = parts.tiles.iter().map(|t| (*self.tile(*t)).clone());
        ServerMessage::Frame(Frame {
            seq: parts.seq,
            prev_seq: parts.prev_seq,
            time: self.now,
            changes,
            tiles: tiles.collect(),
        })
    }

    /// Counts for a view too wide for movers; `None` for any other view.
    pub fn coarse(&mut self, view: &View) -> Option<ServerMessage> {
        let tiles: Vec<CoarseTile> = view
            .coarse_tiles()
            .iter()
            .map(|t| self.coarse_tile(*t))
            .collect();
        let time = self.now;
        (!tiles.is_empty()).then_some(ServerMessage::Coarse { time, tiles })
    }
}
