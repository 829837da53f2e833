//! One tick of a world, ready to be sent: gathered once, shared by all viewers.

use super::{CoarseTile, EntityChange, Layer, Recent, SnapshotReason};
use super::{Place, Portion, PortionSize, layer_of, seen_of};
use super::{RATE_CLASSES, TILE_ZOOM, TileFrame, TileStream, View};
use crate::geo::TileId;
use crate::ids::ThingId;
use crate::sight::{Cover, Lens};
use crate::state::{Changes, State};
use crate::time::Timestamp;
use std::collections::BTreeMap;
use std::sync::Arc;

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

/// What is told beside the things themselves, to viewers that know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Beside {
    /// What has happened to cases.
    Histories,
    /// The persons behind cases.
    Persons,
    /// Units that are no longer seen.
    Goings,
}

impl Beside {
    /// All there is, in the order of a frame.
    pub const ALL: [Self; 3] = [Self::Histories, Self::Persons, Self::Goings];
}

/// Things that have gone without a word of their own.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Gone {
    /// Some sensors have retired, or left the ground that is seen.
    pub sensors: bool,
    /// Some units are no longer seen.
    pub units: bool,
}

/// One tick of a world, made by [`super::Broadcast::end_tick`]; as some see it, by [`super::Window::tick`].
#[derive(Debug)]
pub struct Tick<'a> {
    pub(super) number: u64,
    pub(super) state: &'a State,
    pub(super) now: Timestamp,
    pub(super) stream: &'a TileStream,
    pub(super) recent: &'a Recent,
    /// By what it is cut, and the number of the window that it is seen through; `None`: it is whole.
    pub(super) through: Option<(&'a Lens, u32)>,
    /// What the tick's records have touched.
    pub(super) touched: Changes,
    /// What has gone that no frame of older clients tells of.
    pub(super) gone: Gone,
    /// Entities of the layers of [`super::ENTITY_LAYERS`].
    pub(super) changes: BTreeMap<Layer, Vec<EntityChange>>,
    /// What is told beside them.
    pub(super) beside: BTreeMap<Beside, Vec<EntityChange>>,
    /// Tiles that moved, for each rate that is due.
    pub(super) moved: [Option<BTreeMap<TileId, Arc<TileFrame>>>; RATE_CLASSES.len()],
    /// Where the round of portions is.
    pub(super) round: Place,
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

    /// What is told beside what changed.
    pub fn beside(&self, beside: Beside) -> &[EntityChange] {
        self.beside.get(&beside).map_or(&[], Vec::as_slice)
    }

    /// What is told beside what changed in these layers, to a view that wants it.
    pub fn beside_changes(&self, view: &View, layers: &[Layer]) -> impl Iterator<Item = Beside> {
        let told = |b: &Beside| !self.beside(*b).is_empty() && view.wants_beside(*b, layers);
        Beside::ALL
            .into_iter()
            .filter(told)
            .collect::<Vec<_>>()
            .into_iter()
    }

    /// The window whose bytes those of a part of a tile are: 0 where all who see the tile see all of it.
    pub fn window_of(&self, tile: TileId) -> u32 {
        let whole = |l: &Lens| tile != super::WORLD_TILE && l.cover(tile) == Cover::Whole;
        let cut = self.through.filter(|(lens, _)| !whole(lens));
        cut.map_or(0, |(_, window)| window)
    }

    /// The number of the window that it is seen through; 0: it is whole.
    pub fn window(&self) -> u32 {
        self.through.map_or(0, |(_, window)| window)
    }

    /// By what it is cut; `None`: it is whole.
    pub fn lens(&self) -> Option<&'a Lens> {
        self.through.map(|(lens, _)| lens)
    }

    /// True where frames of a rate are due.
    pub fn is_due(&self, class: usize) -> bool {
        self.moved(class).is_some()
    }

    /// Tiles that moved, where frames of a rate are due.
    pub fn moved(&self, class: usize) -> Option<&BTreeMap<TileId, Arc<TileFrame>>> {
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
        self.round
    }

    /// Goes on with the round of portions; once a tick, where somebody is told them, and before it is cut for some
    /// ([`super::Window::tick`]). [`super::Broadcast::went_round`] keeps where it is.
    pub fn next_portion(&mut self, size: PortionSize) {
        self.portion = Portion::next(self.state, self.round, size);
        self.round = self.portion.to();
    }

    /// Things of a layer in this tick's portion, whole.
    pub fn portion_views(&self, layer: Layer) -> Vec<EntityChange> {
        let here = self.portion.things().filter(|t| layer_of(*t) == layer);
        here.filter_map(|t| seen_of(self.state, self.lens(), t))
            .collect()
    }

    /// What is told beside the cases in this tick's portion.
    pub fn portion_beside(&self, beside: Beside) -> Vec<EntityChange> {
        let things = self.portion.things();
        things.filter_map(|t| self.beside_of(beside, t)).collect()
    }

    /// A tile of a frame. Whole tiles are made here: keep what is shared.
    pub fn tile(&self, part: TilePart) -> Arc<TileFrame> {
        let moved = match part {
            TilePart::Moved(class, tile) => self.moved(class).and_then(|m| m.get(&tile)),
            TilePart::Whole(_) => None,
        };
        let (TilePart::Moved(_, tile) | TilePart::Whole(tile)) = part;
        moved.map_or_else(|| Arc::new(self.whole_tile_seen(tile)), Clone::clone)
    }

    /// Counts of movers in the 16 × 16 cells of a tile.
    pub(super) fn coarse_tile(&mut self, tile: TileId) -> CoarseTile {
        let zoom = (tile.z + 4).min(TILE_ZOOM);
        if !self.cells.contains_key(&zoom) {
            let seen = self.counts_seen(zoom);
            self.cells.insert(zoom, seen);
        }
        let cells = &self.cells[&zoom];
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
