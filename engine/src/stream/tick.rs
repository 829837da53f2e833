//! One tick of a world, ready to be sent: gathered once, shared by all viewers.

use super::{CoarseTile, EntityChange, Layer, Recent, SnapshotReason};
use super::{Place, Portion, PortionSize, history_of, layer_of, view_of};
use super::{RATE_CLASSES, TILE_ZOOM, TileFrame, TileStream, View};
use crate::geo::TileId;
use crate::ids::ThingId;
use crate::state::State;
use crate::time::Timestamp;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// What a viewer is sent at the end of a tick.
#[derive(Clone, Debug, PartialEq)]
pub enum Update {
    /// Everything in its view, see [`Tick::snapshot`].
    Snapshot(SnapshotReason),
    /// An empty snapshot, behind which everything comes in portions, see [`View::portion`].
    Begin(SnapshotReason),
    /// Changes since what was sent to it before.
    Frame(FrameParts),
}

/// A frame by its parts, so that what several viewers share is made once.
#[derive(Clone, Debug, PartialEq)]
pub struct FrameParts {
    /// Last record included in the frame.
    pub seq: u64,
    /// Last record included in what this viewer was sent before.
    pub prev_seq: u64,
    /// Changed cases, units, sensors and alarms: shared with other viewers, or this viewer's own.
    pub changes: FrameChanges,
    /// What it is told beside the changes while it begins; comes behind them.
    pub portion: Option<PortionPart>,
    /// Tiles in the view whose movers changed, or that are new in the view.
    pub tiles: Vec<TilePart>,
}

/// Entities of a frame.
#[derive(Clone, Debug, PartialEq)]
pub enum FrameChanges {
    /// The tick's changes of these layers.
    Shared(Vec<Layer>),
    /// Changes that only this viewer has missed.
    Own(Vec<EntityChange>),
}

/// A portion of what is told to somebody who begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PortionPart {
    /// The layers of which its things are told.
    pub layers: Vec<Layer>,
    /// Nothing is missing behind this one: only now the frame's records have been seen.
    pub last: bool,
}

/// A tile of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TilePart {
    /// What moved in it, at a rate (index into [`RATE_CLASSES`]).
    Moved(usize, TileId),
    /// All of it.
    Whole(TileId),
}

/// One tick of a world, made by [`super::Broadcast::end_tick`].
#[derive(Debug)]
pub struct Tick<'a> {
    pub(super) number: u64,
    pub(super) state: &'a State,
    pub(super) now: Timestamp,
    pub(super) stream: &'a TileStream,
    pub(super) recent: &'a Recent,
    /// Some sensors have retired.
    pub(super) sensors_retired: bool,
    /// Entities of the layers of [`super::ENTITY_LAYERS`].
    pub(super) changes: BTreeMap<Layer, Vec<EntityChange>>,
    /// Histories of the cases that changed.
    pub(super) histories: Vec<EntityChange>,
    /// Tiles that moved, for each rate that is due.
    pub(super) moved: [Option<BTreeMap<TileId, TileFrame>>; RATE_CLASSES.len()],
    /// Where the round of portions is.
    pub(super) round: &'a mut Place,
    /// What is told of it in this tick.
    pub(super) portion: Portion,
    /// Cells of a zoom with their counts, made when first asked for.
    pub(super) cells: BTreeMap<u8, BTreeMap<TileId, u32>>,
    /// Coarse tiles, made when first asked for.
    pub(super) coarse: BTreeMap<TileId, CoarseTile>,
}

impl<'a> Tick<'a> {
    /// Counts the ticks.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// The world's state.
    pub fn state(&self) -> &'a State {
        self.state
    }

    /// The record that the tick ends at.
    pub fn seq(&self) -> u64 {
        self.state.seq()
    }

    /// The world's time.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// What changed in a layer.
    pub fn changes(&self, layer: Layer) -> &[EntityChange] {
        self.changes.get(&layer).map_or(&[], Vec::as_slice)
    }

    /// Histories of the cases that changed, for a view that wants them.
    pub fn histories(&self, view: &View) -> &[EntityChange] {
        if view.wants_histories() {
            &self.histories
        } else {
            &[]
        }
    }

    /// True where frames of a rate are due.
    pub fn is_due(&self, class: usize) -> bool {
        self.moved(class).is_some()
    }

    /// Tiles that moved, where frames of a rate are due.
    pub fn moved(&self, class: usize) -> Option<&BTreeMap<TileId, TileFrame>> {
        self.moved[class].as_ref()
    }

    /// True where all that changed after a record is known.
    pub fn reaches(&self, seq: u64) -> bool {
        self.recent.reaches(seq)
    }

    /// What changed after a record; nothing where that is no longer known.
    pub fn since(&self, seq: u64) -> Vec<ThingId> {
        self.recent.since(seq).unwrap_or_default()
    }

    /// Where the round of portions is, before this tick's or behind it.
    pub fn round(&self) -> Place {
        *self.round
    }

    /// Goes on with the round of portions; once a tick, where somebody is told them.
    pub fn next_portion(&mut self, size: PortionSize) {
        self.portion = Portion::next(self.state, *self.round, size);
        *self.round = self.portion.to();
    }

    /// Things of a layer in this tick's portion, whole.
    pub fn portion_views(&self, layer: Layer) -> Vec<EntityChange> {
        let here = self.portion.things().filter(|t| layer_of(*t) == layer);
        here.filter_map(|t| view_of(self.state, t)).collect()
    }

    /// What has happened to the cases in this tick's portion.
    pub fn portion_histories(&self) -> Vec<EntityChange> {
        let things = self.portion.things();
        things.filter_map(|t| history_of(self.state, t)).collect()
    }

    /// A tile of a frame. Whole tiles are made here: keep what is shared.
    pub fn tile(&self, part: TilePart) -> Cow<'_, TileFrame> {
        let moved = match part {
            TilePart::Moved(class, tile) => self.moved(class).and_then(|m| m.get(&tile)),
            TilePart::Whole(_) => None,
        };
        let (TilePart::Moved(_, tile) | TilePart::Whole(tile)) = part;
        moved.map_or_else(
            || Cow::Owned(self.stream.whole_tile(self.state, tile, self.now)),
            Cow::Borrowed,
        )
    }

    /// Counts of movers in the 16 × 16 cells of a tile.
    pub(super) fn coarse_tile(&mut self, tile: TileId) -> CoarseTile {
        let zoom = (tile.z + 4).min(TILE_ZOOM);
        let stream = self.stream;
        let cells = self
            .cells
            .entry(zoom)
            .or_insert_with(|| stream.counts(zoom));
        let made = self.coarse.entry(tile).or_insert_with(|| CoarseTile {
            tile: (tile.z, tile.x, tile.y),
            counts: cells
                .iter()
                .filter(|(cell, _)| cell.parent(tile.z) == tile)
                .map(|(cell, n)| (((cell.y & 15) << 4 | (cell.x & 15)) as u8, *n))
                .collect(),
        });
        made.clone()
    }
}
