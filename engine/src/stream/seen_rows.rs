//! What is seen of a tick as a whole: tiles, counts, layers.

use super::cut::{history_seen, person_seen, seen_of};
use super::tick::{Beside, Tick};
use super::{EntityChange, Layer, TILE_ZOOM, TileFrame, WORLD_TILE, all_things, layer_of};
use crate::geo::{Position, TileId};
use crate::ids::{MoverId, ThingId, UnitId};
use crate::model::{Mover, MoverKind};
use crate::sight::Cover;
use crate::state::State;
use crate::time::Timestamp;
use std::collections::BTreeMap;

type Row = (
    MoverId,
    Position,
    u16,
    u16,
    Timestamp,
    Option<(MoverKind, Option<UnitId>)>,
);

/// Rows of a frame in which every mover is new.
pub(super) fn rows<'s>(
    state: &'s State,
    ids: impl Iterator<Item = MoverId> + 's,
) -> impl Iterator<Item = Row> + 's {
    let row = |id, m: &Mover| {
        Some((
            id,
            m.position?,
            m.bearing_cdeg,
            m.speed_cmps,
            m.fix_time,
            Some((m.kind, m.unit)),
        ))
    };
    ids.filter_map(move |id| row(id, state.mover(id)?))
}

impl Tick<'_> {
    /// A whole tile as it is seen.
    pub(super) fn whole_tile_seen(&self, tile: TileId) -> TileFrame {
        let whole = || self.stream.whole_tile(self.state, tile, self.now);
        let Some(lens) = self.lens() else {
            return whole();
        };
        let sees = |id: MoverId, at: Position| {
            let unit = self.state.mover(id).and_then(|m| m.unit);
            match unit.and_then(|u| self.state.unit(u)) {
                Some(unit) => lens.unit(self.state, unit),
                None => lens.mover(at),
            }
        };
        match lens.cover(tile) {
            Cover::Whole if tile != WORLD_TILE => whole(),
            Cover::None if tile != WORLD_TILE => TileFrame::new(tile, self.now),
            _ => {
                let all = whole();
                let seen = all.rows().filter(|r| sees(r.id, r.position)).map(|r| r.id);
                let seen: Vec<MoverId> = seen.collect();
                let mut cut = TileFrame::new(tile, self.now);
                cut.push_rows(rows(self.state, seen.into_iter()));
                cut
            }
        }
    }

    /// How many vehicles are seen in each cell of a zoom.
    pub(super) fn counts_seen(&self, zoom: u8) -> BTreeMap<TileId, u32> {
        let Some(lens) = self.lens() else {
            return self.stream.counts(zoom);
        };
        let mut seen = BTreeMap::new();
        for (tile, all) in self.stream.counts(TILE_ZOOM) {
            let count = match lens.cover(tile) {
                Cover::None => 0,
                Cover::Whole => all,
                Cover::Part => {
                    let here = self.stream.whole_tile(self.state, tile, self.now);
                    here.rows().filter(|r| lens.mover(r.position)).count() as u32
                }
            };
            if count > 0 {
                *seen.entry(tile.parent(zoom)).or_default() += count;
            }
        }
        seen
    }

    /// Things of a layer as they are seen.
    pub fn layer(&self, layer: Layer) -> Vec<EntityChange> {
        let here = all_things(self.state).filter(|t| layer_of(*t) == layer);
        here.filter_map(|t| seen_of(self.state, self.lens(), t))
            .collect()
    }

    /// What is told beside a thing, as it is seen.
    pub fn beside_of(&self, beside: Beside, thing: ThingId) -> Option<EntityChange> {
        match beside {
            Beside::Histories => history_seen(self.state, self.lens(), thing),
            Beside::Persons => person_seen(self.state, self.lens(), thing),
            Beside::Goings => None,
        }
    }

    /// What is told beside every case, as it is seen.
    pub fn all_beside(&self, beside: Beside) -> Vec<EntityChange> {
        let cases = self.state.cases().keys().copied().map(ThingId::Case);
        cases.filter_map(|c| self.beside_of(beside, c)).collect()
    }
}
